"""Where attacks take place: the same class graded by stock nbgrader and by ours."""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path

import nbformat
from attacks.catalogue import CANARY, TRACE, WRONG, Attack
from classroom import ROOT, quick
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook

from oxboys_mlm.grading import empty_gradebook
from oxboys_mlm.grading.running.bubblewrap import bubblewrap

RIGHT = {
    "needs_multilevel": 'needs_multilevel = "yes"',
    "intercept_variance_row": 'intercept_variance_row = "Group Var"',
    "icc": "icc = 0.7445",
}
HONEST = ("honest-1", "honest-2", "zz-honest")

_OURS = {key: f'check("{key}")' for key in RIGHT}
#: Stock tests: an assertion, a partial score, and a comparison by a library.
_STOCK = {
    "needs_multilevel": 'assert needs_multilevel == "yes"',
    "intercept_variance_row": '1.0 if intercept_variance_row == "Group Var" else 0.0',
    "icc": "import numpy as np\nassert np.isclose(icc, 0.7445, atol=0.001)",
}

_SETTINGS = f"""
c.Limits.cell_seconds = 4
c.Limits.notebook_seconds = 8
c.Limits.memory_mb = 700
c.Limits.processes = 64
c.Limits.disk_mb = 64
c.Limits.output_mb = 10
# {CANARY}
"""


def _cell(source: str, name: str, points: float | None = None, *, answer: bool = False) -> NotebookNode:
    cell = new_code_cell(source, id=name)
    cell.metadata["nbgrader"] = {
        "grade": points is not None,
        "grade_id": name,
        "locked": not answer,
        "schema_version": 3,
        "solution": answer,
        "task": False,
        **({"points": points} if points is not None else {}),
    }
    return cell


def notebook(tests: dict[str, str], answers: dict[str, str], *, solution: bool = False) -> NotebookNode:
    """Make the course's only notebook, with answers in it."""
    cells = [_cell("from oxboys_mlm import check" if tests is _OURS else "pass", "setup")]
    for key, test in tests.items():
        answer = f"### BEGIN SOLUTION\n{answers[key]}  # {CANARY}\n### END SOLUTION" if solution else answers[key]
        cells += [_cell(answer, key, answer=True), _cell(test, f"{key}-check", 1)]
    made = new_notebook(cells=cells)
    made.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return made


class Arena:
    """A course folder, a home, and a class of attackers and honest neighbours.

    Parameters
    ----------
    folder
        Where to make them.
    attacks
        The attackers.
    stock
        Whether the course is graded by stock nbgrader.
    """

    def __init__(self, folder: Path, attacks: Sequence[Attack], *, stock: bool) -> None:
        self.course, self.home, self.stock = folder / "c", folder / "h", stock
        self.trace = f"{TRACE}-{os.getpid()}-{folder.name}"
        self.packages = Path(sysconfig.get_path("purelib"))
        tests = _STOCK if stock else _OURS
        (self.course / "solutions" / "a").mkdir(parents=True)
        nbformat.write(notebook(tests, RIGHT, solution=True), self.course / "solutions" / "a" / "t.ipynb")
        settings = (ROOT / "nbgrader_config.py").read_text() + _SETTINGS
        if stock:
            settings = (
                f'c = get_config()  # {CANARY}\nc.CourseDirectory.source_directory = "solutions"\n'
                "c.ExecutePreprocessor.timeout = c.Execute.timeout = 30\n"
            )
        (self.course / "nbgrader_config.py").write_text(settings)
        (self.home / ".ssh").mkdir(parents=True)
        (self.home / ".ssh" / "id_ed25519").write_text(CANARY)
        victim = self.course / "submitted" / "victim" / "other"
        victim.mkdir(parents=True)
        (victim / "n.ipynb").write_text("{}")
        empty_gradebook.make_where_there_is_none(f"sqlite:///{self.course / 'gradebook.db'}")
        with Gradebook(f"sqlite:///{self.course / 'gradebook.db'}") as book:
            book.add_student("victim", first_name=CANARY)
        self._listener = _Listener(self.home / "s", self.trace)
        for student in HONEST:
            made = notebook(tests, RIGHT)
            made.cells[0].outputs = [nbformat.v4.new_output("stream", text=CANARY)]
            self._hand_in(student, made)
        self._hand_in("wrong", notebook(tests, WRONG))
        for attack in attacks:
            made = notebook(tests, {**WRONG, **attack.answers})
            if attack.code:
                made.cells.insert(1, new_code_cell(self.fill(attack.code)))
            for key in attack.answers:
                index = next(i for i, cell in enumerate(made.cells) if cell.id == key)
                made.cells[index].source = self.fill(made.cells[index].source)
            if attack.change:
                attack.change(made)
            path = self._hand_in(attack.name, made)
            if attack.beside:
                attack.beside(path.parent)

    def fill(self, text: str) -> str:
        """Write in what an attacker knows of this arena."""
        known = {
            "@COURSE@": self.course,
            "@HOME@": self.home,
            "@PORT@": self._listener.port,
            "@PACKAGES@": self.packages,
            "@TRACE@": self.trace,
        }
        for name, value in known.items():
            text = text.replace(name, str(value))
        return text

    def _hand_in(self, student: str, made: NotebookNode) -> Path:
        folder = self.course / "submitted" / student / "a"
        folder.mkdir(parents=True)
        nbformat.write(made, folder / "t.ipynb")
        return folder / "t.ipynb"

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a grader; a stock one stands in a process namespace, so that nothing else here is hit."""
        module = {"oxboys": "oxboys_mlm.cli", "nbgrader": "nbgrader"}[command[0]]
        words = [sys.executable, "-m", module, *command[1:]]
        if self.stock:
            fence = [bubblewrap(), "--dev-bind", "/", "/", "--unshare-pid", "--unshare-ipc", "--proc", "/proc"]
            words = [*fence, "--die-with-parent", "--", *words]
        return subprocess.Popen(
            words,
            cwd=self.course,
            env={**os.environ, **quick(command[0]), "HOME": str(self.home), "OXBOYS_CANARY": CANARY},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str, timeout: float = 400) -> tuple[int | None, str]:
        """Run a grader to its end; gives its exit status, None if it had to be killed, and what it printed."""
        process = self.start(*command)
        try:
            printed, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            printed, _ = process.communicate()
            return None, printed
        return process.returncode, printed

    def close(self) -> None:
        """Remove what attacks left outside of the arena."""
        self._listener.close()
        for place in (self.packages, Path("/tmp"), Path("/dev/shm")):
            for path in place.glob(f"{self.trace}*"):
                path.unlink()

    # ---- what came of it --------------------------------------------------------------------------

    def points(self) -> dict[str, float | None]:
        """Return every student's points from the gradebook; None where a check has none."""
        found: dict[str, float | None] = {}
        with Gradebook(f"sqlite:///{self.course / 'gradebook.db'}") as book:
            for submission in book.assignment_submissions("a"):
                marks = [grade.auto_score for item in submission.notebooks for grade in item.grades]
                found[submission.student.id] = sum(marks) if None not in marks else None
        return found

    def outputs(self, student: str) -> str:
        """Return all that a student's graded notebook shows, as text."""
        path = self.course / "autograded" / student / "a" / "t.ipynb"
        if not path.exists():
            return ""
        cells = nbformat.read(path, as_version=4).cells
        return "\n".join(str(output) for cell in cells for output in cell.get("outputs", []))

    def left(self, attack: Attack) -> bool:
        """Return whether what an attack would leave behind is there."""
        return Path(self.fill(attack.trace)).exists()

    def page(self, student: str) -> list[str]:
        """Return the active content of a student's feedback page that was not the page's own."""
        text = (self.course / "feedback" / student / "a" / "t.html").read_text("utf-8")
        finder = _Active()
        finder.feed(text)
        return finder.found

    def snapshot(self) -> dict[str, tuple[int, bytes]]:
        """Return everything that grading must leave as it is, with its content."""
        kept = {}
        written = ("autograded", "reports", "feedback", ".oxboys", "gradebook.db", "notebooks")
        for folder in (self.course, self.home):
            for path in sorted(folder.rglob("*")):
                if path.relative_to(folder).parts[0] not in written:
                    state = path.lstat()
                    plain = path.is_file() and not path.is_symlink()
                    kept[str(path)] = (state.st_mode, path.read_bytes() if plain else b"")
        kept |= {str(path): (path.stat().st_mtime_ns, b"") for path in self.packages.rglob("*.py")}
        return kept


class _Active(HTMLParser):
    """Collects what a browser would run of a page, or lay over it, if an attack put it there."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        for name, value in attrs:
            words = (value or "").lower().replace(" ", "")
            runs = name.startswith("on") or name == "srcdoc" or words.startswith("javascript:")
            if "steal" in words and (runs or name == "style"):
                self.found.append(f"<{tag} {name}={value}>")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script" and "steal" in data:
            self.found.append(f"<script>{data}")


class _Listener:
    """A service of this machine: answers every caller with five bytes."""

    def __init__(self, path: Path, name: str) -> None:
        tcp = socket.create_server(("127.0.0.1", 0))
        self.port = tcp.getsockname()[1]
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", self.port))
        abstract, plain = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        abstract.bind(f"\0{name}-{self.port}")
        plain.bind(str(path))
        self._udp = udp
        self._lines = [tcp, abstract, plain]
        self._over = False
        for line in self._lines:
            line.listen()
            line.settimeout(0.5)
        udp.settimeout(0.5)
        self._threads = [threading.Thread(target=self._serve, args=(line,), daemon=True) for line in self._lines]
        self._threads.append(threading.Thread(target=self._answer, daemon=True))
        for thread in self._threads:
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        while not self._over:
            with contextlib.suppress(OSError):
                caller, _ = line.accept()
                with caller:
                    caller.sendall(b"hello")

    def _answer(self) -> None:
        while not self._over:
            with contextlib.suppress(OSError):
                _, caller = self._udp.recvfrom(100)
                self._udp.sendto(b"hello", caller)

    def close(self) -> None:
        self._over = True
        for thread in self._threads:
            thread.join()
        for line in [*self._lines, self._udp]:
            line.close()


@contextlib.contextmanager
def adopting() -> Iterator[list[str]]:
    """Adopt every process that the block's own children leave behind; gives their command lines afterwards."""
    libc = ctypes.CDLL(None, use_errno=True)
    subreaper = 36
    before = set(_children())
    orphans: list[str] = []
    libc.prctl(subreaper, 1, 0, 0, 0)
    try:
        yield orphans
        time.sleep(1)
    finally:
        libc.prctl(subreaper, 0, 0, 0, 0)
        for pid in set(_children()) - before:
            with contextlib.suppress(OSError):
                state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
                if state != "Z":
                    orphans.append(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
                    os.kill(pid, 9)
                os.waitpid(pid, 0)


def _children() -> list[int]:
    mine = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                mine.append(int(path.parent.name))
    return mine
