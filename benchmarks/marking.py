"""Time the marking of a class's free texts by keyboard alone, at the desk and in formgrader, in the same browser.

Nobody reads here: a program presses the keys at once, so that what is timed is what the two pages cost a marker.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from playwright.sync_api import Error, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser.lab import jupyter_lab  # noqa: E402 - the tests are no package
from classroom import answers_of, filled, hand_in, make_course, read, release, run  # noqa: E402

from oxboys_mlm.grading.course import Assignment, Course  # noqa: E402
from oxboys_mlm.grading.marking.free_texts import FreeText, free_texts  # noqa: E402
from oxboys_mlm.grading.records.by_hand import Standing, read_standings  # noqa: E402

ASSIGNMENT = "core"

COMMENTS = ("Which number do you mean?", "Say it of the boys, not of the lines.", "Well put.")

OPENERS = ("I think that", "As one sees,", "So,", "In my words:", "First of all,", "Put simply,", "To begin with,")

#: What would be seen, or would take long, if an answer were more than text.
HOSTILE = (
    '<script>window.owned = 1</script><img src=x onerror="window.owned = 2"><svg onload="window.owned = 3"></svg>',
    '<div id="mark" style="position:fixed;inset:0;z-index:9">2 of 2 points</div><input id="comment" autofocus>'
    '<button id="done" accesskey="1">done</button><form name="desk"></form><style>* {display: none}</style>',
    "$\\def\\a{\\a\\a}\\a$ $$\\href{javascript:window.owned=4}{x}$$ $" + "\\frac{1}{" * 60 + "x" + "}" * 60 + "$",
    "very long " * 20_000,
    "W" * 60_000 + "\n\n" + "> " * 400 + "deep",
    "\u202eright to left\u202c \u2066isolated \U0001f469\u200d\U0001f52c\U0001f3f4 e"
    + "\u0301" * 500
    + " \u0627\u0644",
    "control \x1b[31m \x07 \x08 \x0c \u2028 \ufeff \ufffe and &#0; &lt;b&gt; [x](javascript:window.owned=5)",
    "| a |\n|---|\n"
    + "| x |\n" * 500
    + '\n<a href="#sum" id="sum">2 of 2 points</a> <iframe src="/overview"></iframe>',
)


@dataclass(frozen=True)
class Text:
    """A free text, and what a marker would make of it."""

    source: str
    ticks: tuple[str, ...] = ()
    comment: str = ""


@dataclass
class Cost:
    """What marking took."""

    answers: int = 0
    keys: int = 0
    seconds: float = 0.0
    slowest: float = 0.0

    @property
    def row(self) -> str:
        """Return it as a line of the table."""
        each = self.seconds / self.answers
        return f"{self.answers:8}{each:14.2f}{self.slowest:10.2f}{self.keys / self.answers:14.1f}"


# ---- the class -------------------------------------------------------------------------------------


def texts_of(question: FreeText, students: Sequence[str], rng: random.Random) -> dict[str, Text]:
    """Write an answer for each student: most are their own, some say the same, some are empty, some hostile."""
    statements = question.rubric.statements

    def own(number: int) -> Text:
        said = [each for each in statements if rng.random() < 0.55]
        wrong = [each for each in statements if each not in said and each.refused and rng.random() < 0.3]
        words = [rng.choice(each.accepted) for each in said] + [rng.choice(each.refused) for each in wrong]
        rng.shuffle(words)
        opener = f"{rng.choice(OPENERS)} of {number + 3} lines I looked at most."
        comment = rng.choice(COMMENTS) if rng.random() < 0.2 else ""
        return Text(" ".join((opener, *words)), tuple(each.name for each in said), comment)

    found = [own(number) for number in range(len(students))]
    for place in range(0, 8, 4):  # two groups of four
        first = found[place]
        for number, form in enumerate(
            (str.upper, lambda text: text.replace(" ", "  "), lambda text: f"*{text[:-1]}*\n")
        ):
            found[place + 1 + number] = Text(form(first.source), first.ticks, first.comment)
    found[8:11] = [Text(""), Text(" \n\t\n"), Text(question.untouched)]
    for place, hostile in enumerate(HOSTILE, 11):
        found[place] = Text(f"{found[place].source}\n\n{hostile}", found[place].ticks, found[place].comment)
    mixed = list(students)
    rng.shuffle(mixed)
    return dict(zip(mixed, found, strict=True))


Class = dict[str, dict[str, Text]]


def make_texts(assignment: Assignment, students: int, seed: int) -> Class:
    """Write the free texts of a class, by question and student."""
    rng = random.Random(seed)
    names = [f"student-{number:02}" for number in range(1, students + 1)]
    return {question.key: texts_of(question, names, rng) for question in free_texts(assignment)}


def make_class(folder: Path, students: int, seed: int) -> None:
    """Hand in solutions with the class's free texts, and grade them."""
    make_course(folder, ASSIGNMENT)
    assignment = Course(folder).assignment(ASSIGNMENT)
    texts = make_texts(assignment, students, seed)
    for exercise in assignment.exercises:
        blank = release(ASSIGNMENT, exercise.name)
        answers = answers_of(read(ROOT / "solutions" / ASSIGNMENT / f"{exercise.name}.ipynb"))
        for student in next(iter(texts.values())):
            own = {key: by_student[student].source for key, by_student in texts.items() if key in answers}
            notebook = filled(blank, answers | own)
            hand_in(folder, student, ASSIGNMENT, exercise.name, nbformat.writes(notebook))
    done = run("oxboys", "grade", ASSIGNMENT, cwd=folder)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


def standings(course: Path) -> dict[str, dict[str, Standing]]:
    """Read where answers stand, by question and nbgrader's id of the mark."""
    assignment = Course(course).assignment(ASSIGNMENT)
    with assignment.course.gradebook() as book:
        return {text.key: read_standings(book, ASSIGNMENT, text) for text in free_texts(assignment)}


# ---- the keyboard ----------------------------------------------------------------------------------


@dataclass
class Keyboard:
    """A page's keyboard that counts."""

    page: Page
    presses: int = field(default=0)

    def press(self, *keys: str) -> None:
        """Press keys."""
        for key in keys:
            self.page.keyboard.press(key)
        self.presses += len(keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self.page.keyboard.type(text)
        self.presses += len(text)


def wait(page: Page, condition: str) -> None:
    """Wait until a condition holds. Playwright's own way needs eval, which the desk's page forbids."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(Error):  # one page goes and the next one comes
            if page.evaluate(condition):
                return
        time.sleep(0.005)
    sys.exit(f"this did not come true: {condition}")


# ---- the desk --------------------------------------------------------------------------------------


@contextlib.contextmanager
def desk(course: Path) -> Iterator[str]:
    """Run oxboys mark, and return the address that it prints."""
    command = [sys.executable, "-m", "oxboys_mlm.cli", "mark", ASSIGNMENT, "--course", str(course), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
        finally:
            process.terminate()


_CURRENT = "document.querySelector('article.current .text') && document.querySelector('article.current').dataset.id"
_OVER = "!ids().some(waits)"


def at_desk(page: Page, address: str, wanted: Mapping[str, Mapping[str, Text]]) -> Cost:
    """Mark all that waits at the desk; `wanted` is by question and id."""
    keys, cost = Keyboard(page), Cost()
    page.goto(address)
    wait(page, _CURRENT)
    start = time.perf_counter()
    for number in range(len(wanted)):
        key = page.evaluate("question.key")
        while not page.evaluate(_OVER):
            begun = time.perf_counter()
            cost.answers += _mark(page, keys, wanted[key])
            cost.slowest = max(cost.slowest, time.perf_counter() - begun)
        if number < len(wanted) - 1:
            keys.press("w")
            wait(page, f"question.key !== '{key}' && ({_CURRENT})")
    wait(page, "!jobs.length && !sending")
    cost.seconds, cost.keys = time.perf_counter() - start, keys.presses
    return cost


def _mark(page: Page, keys: Keyboard, wanted: Mapping[str, Text]) -> int:
    """Mark the answer that is shown, and those that say the same; return how many these were."""
    before = page.evaluate(_CURRENT)
    text = wanted[before]
    names = page.evaluate("question.statements.map((each) => each.name)")
    keys.press(*(str(names.index(name) + 1) for name in text.ticks))
    if text.comment:
        offered = page.evaluate("[...document.querySelectorAll('#before button')].map((each) => each.firstChild.data)")
        keys.press("c")
        if text.comment in offered:
            keys.press(*["ArrowDown"] * (offered.index(text.comment) + 1), "Enter")
        else:
            keys.type(text.comment)
    alike = page.evaluate("document.getElementById('alike').hidden ? 0 : others(current).length")
    if alike:
        keys.press(*["Escape"] * bool(text.comment), "a")
    else:
        keys.press("Control+Enter" if text.comment else "Enter")
    wait(page, f"{_OVER} || ({_CURRENT}) && current !== '{before}'")
    return int(alike) + 1


# ---- formgrader ------------------------------------------------------------------------------------

#: As much of MathJax as formgrader's own script needs; nbgrader fetches it from the network.
MATHJAX = "window.MathJax = {Hub: {Config() {}, Configured() {}, Queue() {}, Startup: {signal: {Interest() {}}}}};"
_READY = "formgrader.loaded && formgrader.grades.loaded && formgrader.comments.loaded"


def in_formgrader(page: Page, address: str, course: Path, texts: Class, most: int) -> tuple[Cost, dict[str, list[str]]]:
    """Mark the first answers to each question in formgrader, and say whose these were.

    The way is the shortest that it has: its own key for the same field of the next student's notebook.
    """
    keys, cost, marked = Keyboard(page), Cost(), {}
    page.route(
        "https://cdnjs.cloudflare.com/**", lambda route: route.fulfill(body=MATHJAX, content_type="text/javascript")
    )
    assignment = Course(course).assignment(ASSIGNMENT)
    with assignment.course.gradebook() as book:
        owners = {
            notebook.id: (notebook.name, notebook.student.id)
            for submission in book.assignment_submissions(ASSIGNMENT)
            for notebook in submission.notebooks
        }
    for question in free_texts(assignment):
        marked[question.key] = []
        first = min(notebook for notebook, (name, _) in owners.items() if name == question.notebook)
        page.goto(f"{address}formgrader/submissions/{first}/")
        wait(page, _READY)
        for _ in range(most):
            begun = time.perf_counter()
            notebook = page.evaluate("formgrader.submission_id")
            student = owners[notebook][1]
            text = texts[question.key][student]
            if not question.is_empty(text.source):
                _fill(keys, question, text)
                cost.answers += 1
            marked[question.key].append(student)
            keys.press("Control+.")
            other = f"typeof formgrader !== 'undefined' && formgrader.submission_id !== '{notebook}' && {_READY}"
            wait(page, f"!location.pathname.includes('/submissions/') || {other}")  # after the last: the class
            spent = time.perf_counter() - begun
            cost.slowest, cost.seconds = max(cost.slowest, spent), cost.seconds + spent
            if len(marked[question.key]) == len(texts[question.key]):
                break
    cost.keys = keys.presses
    return cost, marked


def _fill(keys: Keyboard, question: FreeText, text: Text) -> None:
    """Type points and comment of the notebook that is shown."""
    if keys.page.evaluate(f"formgrader.last_selected[0]?.id === '{question.key}'"):
        keys.press("Enter")
    while not keys.page.evaluate(f"document.activeElement.id === '{question.key}'"):
        keys.press("Tab")
    keys.type(f"{points(question, text):g}")
    if text.comment:
        keys.press("Tab", "Tab")  # past the field for extra credit
        keys.type(text.comment)


# ---- the table -------------------------------------------------------------------------------------


def check(course: Path, texts: Class, marked: Mapping[str, Collection[str]] | None = None) -> None:
    """Stop where the gradebook has not what the marker meant; with `marked`, only for these students of a question."""
    questions = {text.key: text for text in free_texts(Course(course).assignment(ASSIGNMENT))}
    wrong = []
    for key, by_grade in standings(course).items():
        for standing in by_grade.values():
            if marked is not None and standing.student not in marked[key]:
                continue
            text = texts[key][standing.student]
            meant: tuple[float | None, bool, str] = (points(questions[key], text), False, text.comment)
            if questions[key].is_empty(text.source):
                meant = (None, False, "")
            has = standing.entry.score, standing.entry.waits, standing.comment
            if has != meant:
                wrong.append(f"{key}, {standing.student}: {has} and not {meant}")
    if wrong:
        sys.exit("\n".join(["wrong marks:", *wrong]))


def points(question: FreeText, text: Text) -> float:
    """Return the points that the marker means to give."""
    return sum(each.points for each in question.rubric.statements if each.name in text.ticks)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--students", type=int, default=40)
    options.add_argument("--most", type=int, default=10, help="students of each notebook to mark in formgrader")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", type=Path, metavar="DIR", help="keep the graded class there, or use the one there")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="class-") as name, sync_playwright() as playwright:
        folder = Path(name)
        graded = chosen.keep or folder / "graded"
        if not (graded / "gradebook.db").exists():
            make_class(graded, chosen.students, chosen.seed)
        texts = make_texts(Course(graded).assignment(ASSIGNMENT), chosen.students, chosen.seed)
        for copied in ("desk", "formgrader"):
            shutil.copytree(graded, folder / copied)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        by_grade = {
            key: {grade: texts[key][each.student] for grade, each in found.items()}
            for key, found in standings(folder / "desk").items()
        }
        with desk(folder / "desk") as address:
            here = at_desk(browser.new_page(), address, by_grade)
        check(folder / "desk", texts)
        print(f"{'':14}{'answers':>8}{'seconds each':>14}{'slowest':>10}{'keys each':>14}")
        print(f"{'desk':14}{here.row}", flush=True)
        with jupyter_lab(folder / "formgrader", folder / "home") as lab:
            page = browser.new_page()
            page.goto(f"{lab.address}?token={lab.token}")
            there, marked = in_formgrader(page, lab.address, folder / "formgrader", texts, chosen.most)
        check(folder / "formgrader", texts, marked)
        browser.close()
    print(f"{'formgrader':14}{there.row}")


if __name__ == "__main__":
    main()
