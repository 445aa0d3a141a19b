"""What works on this machine and in this course folder: ``oxboys doctor``.

It needs nothing but the standard library to start, because what it looks for is what is missing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from oxboys_mlm.grading.course import Assignment
    from oxboys_mlm.grading.running.supervisor import Supervisor

#: Name of the package in its metadata.
_NAME = "oxboys-mlm"

#: A grading package that nobody has installed by chance.
_MARK_OF_GRADING = "nbgrader"

#: How long a kernel may take to start, and to answer (seconds).
_PATIENCE = 60

#: What to do, besides what the error's own message says.
_NO_SANDBOX = (
    "on Ubuntu, programs may have to be allowed to make namespaces: sudo sysctl -w "
    "kernel.apparmor_restrict_unprivileged_userns=0; docs/security.md says what else the sandbox is made of"
)

#: What a kernel is asked; a student's first cell does the same.
_QUESTION = "import sys\nfrom oxboys_mlm import check, load_oxboys\n_verdict = check('icc')"


@dataclass(frozen=True)
class Diagnosis:
    """What was found out about one thing.

    Attributes
    ----------
    state
        "ok", "failed", or "note" for what not everybody needs.
    what
        What was looked at.
    said
        What was found, in one line.
    remedy
        What to do, in one line; empty where nothing is to be done.
    """

    state: Literal["ok", "note", "failed"]
    what: str
    said: str
    remedy: str = ""

    def __str__(self) -> str:
        # In letters that every terminal has.
        first = f"{self.state:8}{self.what:20}{_one_line(self.said)}"
        return f"{first}\n{'':28}To do: {_one_line(self.remedy)}" if self.remedy else first


def run(folder: Path, *, named: bool) -> int:
    """Print what works; return the command's exit status.

    Parameters
    ----------
    folder
        The course folder.
    named
        Whether somebody said that it is one.
    """
    failed = 0
    for finding in examine(folder, named=named):
        print(finding, flush=True)
        failed += finding.state == "failed"
    print(f"\n{failed} of these failed." if failed else "\nEverything that was tried works.")
    return 1 if failed else 0


def examine(folder: Path, *, named: bool = False) -> Iterator[Diagnosis]:
    """Find out what works, one thing after the other, for everybody first and then for grading."""
    with ExitStack() as stack:
        no_grading = why_no_grading()
        supervisor: Supervisor | Diagnosis | None = None
        if no_grading is None:
            # It takes some seconds to get ready, in a process of its own.
            supervisor = _guarded("sandbox", lambda: _start_sandbox(folder, stack))
        yield _guarded("Python", about_python)
        yield from about_packages()
        yield _guarded("data", about_data)
        yield _guarded("notebooks", about_notebooks)
        if no_grading is not None:
            yield no_grading
            return
        if isinstance(supervisor, Diagnosis):
            yield supervisor
        elif supervisor is not None:
            yield from about_sandbox(supervisor, folder)
        yield from about_course(folder, named=named)


def _guarded(what: str, look: Callable[[], Any]) -> Any:
    """Return what a look gives, or what kept it from looking."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - an environment may be broken in any way, which is what is to be said
        return Diagnosis("failed", what, _named(error), _again())


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if not _is_ours(error) else str(error)


def _is_ours(error: BaseException) -> bool:
    return type(error).__module__.startswith("oxboys_mlm")


def _one_line(text: str) -> str:
    return " ".join(text.split())[:600]


def _install(extra: str = "") -> str:
    """Return the command that installs the package, for the shells of all systems."""
    wanted, here = (f"{name}[{extra}]" if extra else name for name in (_NAME, "."))
    return f'"{sys.executable}" -m pip install "{wanted}" (in a clone of the repository: "{here}")'


def _again() -> str:
    return f"install the package again, in this environment or a new one: {_install()}"


# ---- for everybody -----------------------------------------------------------------------------------------


def about_python() -> Diagnosis:
    """Compare Python with what the package asks for."""
    from packaging.specifiers import SpecifierSet

    version = ".".join(map(str, sys.version_info[:3]))
    wanted = metadata.metadata(_NAME)["Requires-Python"] or ""
    said = f"{version}, {sys.executable}"
    if SpecifierSet(wanted).contains(version, prereleases=True):
        return Diagnosis("ok", "Python", said)
    remedy = f"install Python {wanted.lstrip('>=')} or later, and make a new environment with it"
    return Diagnosis("failed", "Python", f"{said}; the course needs {wanted}", remedy)


def about_packages() -> Iterator[Diagnosis]:
    """Compare the installed packages with what the package's own metadata ask for, extra by extra."""
    try:
        version = metadata.version(_NAME)
        groups = {extra: _requirements(extra) for extra in ("", "lab", "grading")}
    except (ImportError, metadata.PackageNotFoundError) as error:
        yield Diagnosis("failed", "packages", _named(error), _again())
        return
    found = [name for name, problem in groups[""].items() if not problem]
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in found)
    yield _about_group("packages", groups[""], f"{_NAME} {version}, {versions}", _install())
    if problems := [problem for problem in groups["lab"].values() if problem]:
        said = f"{', '.join(problems)}; notebooks open in any program that uses this environment's kernel"
        yield Diagnosis("note", "JupyterLab", said, f"if you want JupyterLab: {_install('lab')}")
    else:
        yield Diagnosis("ok", "JupyterLab", metadata.version("jupyterlab"))
    if why_no_grading() is None:
        versions = f"nbgrader {metadata.version('nbgrader')}"
        yield _about_group("grading packages", groups["grading"], versions, _install("grading"))


def _about_group(what: str, group: dict[str, str], said: str, remedy: str) -> Diagnosis:
    if problems := [problem for problem in group.values() if problem]:
        return Diagnosis("failed", what, "; ".join(problems), remedy)
    return Diagnosis("ok", what, said)


def _requirements(extra: str) -> dict[str, str]:
    """Return the packages that an extra (none: the package itself) asks for, each with what is wrong with it."""
    from packaging.requirements import Requirement

    found = {}
    for requirement in map(Requirement, metadata.requires(_NAME) or ()):
        marker = requirement.marker
        always = marker is None or marker.evaluate({"extra": ""})
        wanted = always if not extra else not always and bool(marker and marker.evaluate({"extra": extra}))
        if not wanted:
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            found[requirement.name] = f"{requirement.name} is not installed"
        else:
            fits = requirement.specifier.contains(version, prereleases=True)
            wrong = f"{requirement.name} is {version}, which should be {requirement.specifier}"
            found[requirement.name] = "" if fits else wrong
    return found


def about_data() -> Diagnosis:
    """Load the data."""
    from oxboys_mlm.data import load_oxboys

    try:
        data = load_oxboys()
    except (OSError, ValueError) as error:
        return Diagnosis("failed", "data", str(error), _again())
    return Diagnosis("ok", "data", f"{len(data)} measurements of {data['Subject'].nunique()} boys")


def about_notebooks() -> Diagnosis:
    """Start the kernel that notebooks get, and run there what their first cells run."""
    from jupyter_client.manager import start_new_kernel

    what, hidden = "notebooks", subprocess.DEVNULL
    try:
        manager, client = start_new_kernel(startup_timeout=_PATIENCE, stdout=hidden, stderr=hidden)
    except (OSError, RuntimeError) as error:
        remedy = f'see why: "{sys.executable}" -m ipykernel_launcher; or {_again()}'
        return Diagnosis("failed", what, f"no kernel starts ({error})", remedy)
    try:
        reply = client.execute_interactive(
            _QUESTION,
            silent=True,
            user_expressions={"python": "sys.executable", "points": "_verdict"},
            allow_stdin=False,
            timeout=_PATIENCE,
            output_hook=lambda message: None,
        )["content"]
        if reply["status"] != "ok":
            return _other_kernel(client, f"{reply['ename']}: {reply['evalue']}")
        python = _value(reply, "python")
    except TimeoutError:
        return Diagnosis("failed", what, f"the kernel does not answer within {_PATIENCE} seconds", _again())
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    other = "" if _is_same(python, sys.executable) else f" (in another Python: {python})"
    return Diagnosis("ok", what, f"a kernel starts, loads the course and runs a check{other}")


def _other_kernel(client: Any, error: str) -> Diagnosis:
    """Say why the kernel cannot load the course: most often it is that of another Python."""
    question = {"python": "__import__('sys').executable"}
    reply = client.execute_interactive(
        "", silent=True, user_expressions=question, timeout=_PATIENCE, output_hook=lambda message: None
    )["content"]
    python = _value(reply, "python")
    if _is_same(python, sys.executable):
        return Diagnosis("failed", "notebooks", f"a kernel starts, but not the course in it ({error})", _again())
    remedy = (
        "choose this environment as the notebook's kernel; if Jupyter does not list it: "
        f'"{sys.executable}" -m ipykernel install --sys-prefix'
    )
    return Diagnosis("failed", "notebooks", f"the kernel is that of another Python, {python} ({error})", remedy)


def _value(reply: Any, name: str) -> str:
    data = reply.get("user_expressions", {}).get(name, {}).get("data", {})
    return str(data.get("text/plain", "")).strip("'\"").replace("\\\\", "\\")


def _is_same(one: str, other: str) -> bool:
    return os.path.normcase(Path(one).absolute()) == os.path.normcase(Path(other).absolute())


# ---- for those who grade -----------------------------------------------------------------------------------


def why_no_grading() -> Diagnosis | None:
    """Say why nothing is graded here; None where it can be."""
    if sys.platform != "linux":
        said = f"it needs Linux, and this is {sys.platform}; students do not need it"
        return Diagnosis("note", "grading", said, "to grade on Windows, install the package inside WSL")
    try:
        metadata.version(_MARK_OF_GRADING)
    except metadata.PackageNotFoundError:
        said = "its packages are not installed here; students do not need them"
        return Diagnosis("note", "grading", said, f"if you grade: {_install('grading')}")
    return None


def _start_sandbox(folder: Path, stack: ExitStack) -> Supervisor | Diagnosis:
    from oxboys_mlm.grading.errors import GradingError
    from oxboys_mlm.grading.running.supervisor import Supervisor

    try:
        supervisor = Supervisor(folder.resolve(), sandboxed=True)
    except GradingError as error:
        return Diagnosis("failed", "sandbox", str(error), _NO_SANDBOX)
    stack.callback(supervisor.close)
    return supervisor


def about_sandbox(supervisor: Supervisor, folder: Path) -> Iterator[Diagnosis]:
    """Run a notebook in the sandbox, and see what bounds a run."""
    from nbformat.v4 import new_code_cell, new_notebook

    from oxboys_mlm.grading.errors import GradingError
    from oxboys_mlm.grading.results import Limits
    from oxboys_mlm.grading.running.bubblewrap import bubblewrap
    from oxboys_mlm.grading.running.task import Task

    cell = new_code_cell('check("icc")', metadata={"nbgrader": {"grade_id": "icc-check"}})
    limits = Limits()
    task = Task(json.dumps(new_notebook(cells=[cell])), ("icc",), 1, limits.as_dict(), True, str(folder))
    try:
        answer = supervisor.run(task).answers["icc"]
        bounds = supervisor.runner(limits).bounds()
    except GradingError as error:
        yield Diagnosis("failed", "sandbox", str(error), _NO_SANDBOX)
        return
    if answer.outcome != "missing":
        yield Diagnosis("failed", "sandbox", f"a notebook does not run in it ({answer.reason})", _again())
        return
    yield Diagnosis("ok", "sandbox", f"a notebook runs in {bubblewrap()}")
    if bounds is not None and bounds.has_cgroup:
        yield Diagnosis("ok", "limits", "a memory cgroup for each run, beside limits for each process")
    else:
        said = "limits for each process, and a watch from outside; no memory cgroup can be made here"
        remedy = (
            "if you want one: systemd-run --user --scope oxboys grade ASSIGNMENT, or grade as root (docs/security.md)"
        )
        yield Diagnosis("note", "limits", said, remedy)


def about_course(folder: Path, *, named: bool) -> Iterator[Diagnosis]:
    """Read the course folder: its settings, its solutions, and whether students have what these make today."""
    what = "course folder"
    if not (folder / "nbgrader_config.py").is_file():
        there = [name for name in ("solutions", "notebooks", "submitted") if (folder / name).is_dir()]
        if there:
            remedy = "copy the one of the course's repository, which names the folders and the grader's parts"
            said = f"there {'is' if len(there) == 1 else 'are'} {', '.join(there)}, but no nbgrader_config.py"
            yield Diagnosis("failed", what, said, remedy)
        else:
            remedy = "go to the course folder (a clone of the repository is one), or name it with --course"
            yield Diagnosis("failed" if named else "note", what, f"{folder.absolute()} is not a course folder", remedy)
        return
    from oxboys_mlm.grading.course import Course
    from oxboys_mlm.grading.errors import GradingError

    try:
        course = Course(folder)
    except GradingError as error:
        yield Diagnosis("failed", what, str(error), "compare it with the one of the course's repository")
        return
    names = course.assignments()
    if not names:
        source = course.path("source", ".", "core").parent
        remedy = f"put notebooks into {source}{os.sep}ASSIGNMENT, or correct CourseDirectory.source_directory"
        yield Diagnosis("failed", what, f"there are no solutions in {source}", remedy)
        return
    read = []
    for name in names:
        try:
            read.append(course.assignment(name))
        except GradingError as error:
            remedy = "fix that notebook, or restore it from the repository"
            yield Diagnosis("failed", f"solutions {name}", str(error), remedy)
    if len(read) == len(names):
        notebooks = sum(len(assignment.exercises) for assignment in read)
        yield Diagnosis("ok", what, f"{notebooks} notebooks in {', '.join(names)}")
    for assignment in read:
        yield _about_release(assignment)


def _about_release(assignment: Assignment) -> Diagnosis:
    what, generate = f"release {assignment.name}", f"nbgrader generate_assignment {assignment.name} --force"
    if not assignment.course.path("release", ".", assignment.name).is_dir():
        return Diagnosis("note", what, "it has not been made yet", f"before you hand it out: {generate}")
    if outdated := assignment.outdated():
        return Diagnosis("failed", what, f"not what the solutions make today: {', '.join(outdated)}", generate)
    return Diagnosis("ok", what, "what the solutions make today")
