"""The report's page: right in figures and words, whole in one file, safe whatever students hand in."""

from __future__ import annotations

import base64
import csv
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise

import msgspec
import pytest
from classroom import make_tiny_course

from oxboys_mlm.grading.course import Assignment, Course
from oxboys_mlm.grading.records.scores import Score
from oxboys_mlm.grading.records.second import Pair
from oxboys_mlm.grading.report import page

VOID = {"meta", "link", "br", "img", "input", "hr"}


class _Page(HTMLParser):
    """Reads a page: its elements with their attributes and text; complains of wrong nesting."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[tuple[str, list[str]]] = []
        self.feed(text)
        self.close()
        assert not self._open, f"not closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        texts: list[str] = []
        self.elements.append((tag, dict(attrs), texts))
        if tag not in VOID:
            self._open.append((tag, texts))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> without a start"
        opened, _ = self._open.pop()
        assert opened == tag, f"<{opened}> closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        for _, texts in self._open:
            texts.append(data)

    def all(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        """Return attributes and text of all elements of a kind."""
        return [
            (attributes, " ".join("".join(texts).split())) for name, attributes, texts in self.elements if name == tag
        ]

    @property
    def text(self) -> str:
        """All text outside script and style."""
        left_out = {id(texts) for name, _, texts in self.elements if name in ("script", "style")}
        return "".join(text for name, text in self.all("body") if id(text) not in left_out)

    def headline(self) -> dict[str, str]:
        """Return the headline numbers by what they are."""
        terms, numbers = ([text for _, text in self.all(tag)] for tag in ("dt", "dd"))
        return dict(zip(terms, numbers, strict=True))

    def rows(self) -> dict[str, list[str]]:
        """Return the cells of the tables' rows by the text of their header."""
        found: dict[str, list[str]] = {}
        header = ""
        for name, attributes, texts in self.elements:
            text = " ".join("".join(texts).split())
            if name == "th" and attributes.get("scope") == "row":
                header = text
                found.setdefault(header, [])
            elif name == "td":
                found[header].append(text)
        return found


def _row(
    student: str, question: str, score: float, of: float = 1, *, findings: tuple[str, ...] = (), feedback: str = "…"
) -> Score:
    return Score(student, "t", question, score, of, "scored", findings, feedback)


def _class(students: int) -> list[Score]:
    return [
        row
        for i in range(students)
        for row in (
            _row(f"s{i:03}", "needs_multilevel", i % 2),
            _row(f"s{i:03}", "intercept_variance_row", 3 * (i % 3 > 0), 3),
        )
    ]


@pytest.fixture(scope="module")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """Make an assignment "tiny" with checks of 1 and 3 points and a free text of 2, known to the gradebook."""
    course = Course(make_tiny_course(tmp_path_factory.mktemp("course"), points=(1, 3)))
    course.assignment("tiny").register()
    return course.assignment("tiny")


@pytest.fixture
def marked(assignment: Assignment) -> Iterator[Assignment]:
    """Return the assignment three submissions: a text marked by hand, one waiting, one left as it was; one absentee."""
    with assignment.course.gradebook() as book, book.db.no_autoflush:
        for name in ("ada", "bela", "carl"):
            book.add_student(name)
            submission = book.add_submission("tiny", name)
            for grade in submission.notebooks[0].grades:
                grade.needs_manual_grade = False
                grade.auto_score = 1.0
                if grade.name == "needs_multilevel_why":
                    grade.auto_score = 0.0 if name == "carl" else None
                    grade.manual_score = 1.5 if name == "ada" else None
                    grade.extra_credit = 0.25 if name == "ada" else None
                    grade.needs_manual_grade = name == "bela"
        book.find_submission_notebook("t", "tiny", "ada").late_submission_penalty = 0.5
        book.find_student("ada").first_name = "Ada"
        book.find_student("ada").last_name = "Grün & Söhne"
        book.add_student("dora")
        book.db.commit()
    yield assignment
    with assignment.course.gradebook() as book:
        for name in ("ada", "bela", "carl", "dora"):
            book.remove_student(name)


def _write(assignment: Assignment, rows: list[Score], seconds: float | None = None) -> tuple[_Page, str]:
    path = page.write_report(assignment, rows, seconds)
    assert path == assignment.course.root / "reports" / "tiny" / "index.html"
    text = path.read_text("utf-8")
    return _Page(text), text


@pytest.mark.parametrize("students", [0, 1, 2, 40, 400])
def test_any_class(assignment: Assignment, students: int) -> None:
    """A class of any size gives a page with a row per student and question, and no NaN or None in it."""
    found, _ = _write(assignment, _class(students))

    cells = [text for kind in ("td", "dd", "title", "desc") for _, text in found.all(kind)]
    assert not any(re.search(r"\bnan\b|\bNone\b|\binf\b", cell, re.I) for cell in cells)
    rows = found.rows()
    assert sum(re.fullmatch(r"s\d{3}", header) is not None for header in rows) == students
    assert {"needs_multilevel t", "intercept_variance_row t"} <= set(rows)
    assert ("Nobody has been graded yet." in found.text) == (students == 0)


def test_figures(assignment: Assignment) -> None:
    """The page shows the figures: three students with 4, 3 and 0 of 4 points."""
    scores = {"ada": (1, 3), "bela": (0, 3), "carl": (0, 0)}
    rows = [
        row
        for name, (first, second) in scores.items()
        for row in (_row(name, "needs_multilevel", first), _row(name, "intercept_variance_row", second, 3))
    ]
    found, _ = _write(assignment, rows, seconds=75)
    cells = found.rows()

    # Both items: 1, 0, 0 and 1, 1, 0; their correlation is (1/3) / (2/3).
    assert cells["needs_multilevel t"][0] == "1"
    assert cells["needs_multilevel t"][2:] == ["0.33", "0.50", "0 %", "0 %", "0 %", "0 %", "0 %"]
    assert cells["intercept_variance_row t"][2:4] == ["0.67", "0.50"]
    assert cells["bela"][1:5] == ["3 of 4", "75 %", "0", "0"]
    headline = found.headline()
    assert headline["students"] == "3"
    assert headline["mean points from checks"] == "2.33 of 4"
    assert headline["median"] == "3"
    # Variance: (16 + 9 + 0)/3 − (7/3)² = 26/9.
    assert headline["standard deviation"] == "1.7"
    assert headline["to grade"] == "1 min 15 s"


def test_time_unknown(assignment: Assignment) -> None:
    """Where it is not known how long grading took, nothing is said of it."""
    assert "to grade" not in _write(assignment, _class(2))[0].headline()


def test_faulty_first(assignment: Assignment) -> None:
    """Questions that look faulty are named with the reason before any other figures of questions."""
    rows = [_row(s, "needs_multilevel", 0, findings=("same_slip",)) for s in "abc"]
    text = _write(assignment, rows)[0].text

    assert text.index("Nobody is right: 3 students") < text.index("Distribution of points")
    assert "3 of 3 answers show same_slip" in text


def test_mistakes(assignment: Assignment) -> None:
    """The mistakes are named with the number of students and what they were told."""
    rows = [_row(s, "needs_multilevel", 0, findings=("same_slip",), feedback=f"See `x`, {s}.") for s in "abcd"]
    found, text = _write(assignment, [*rows, _row("e", "needs_multilevel", 1)])

    question, students, share, told = found.rows()["same_slip"]
    assert (question, students, share) == ("needs_multilevel t", "4", "80 %")
    assert told.startswith("See x, a. (1×) See x, b. (1×)")
    assert told.endswith("and 1 more wordings")
    assert "See <code>x</code>, a." in text


def test_by_hand(marked: Assignment) -> None:
    """Marks by hand, what waits for one, and what was left as it was are told by question and student."""
    rows = [_row(name, "needs_multilevel", 1) for name in ("ada", "bela", "carl")]
    found, _ = _write(marked, rows)
    cells = found.rows()

    assert found.headline()["answer waits for a mark by hand"] == "1"
    # Points, waiting, unanswered, marked, mean with extra credit.
    assert cells["needs_multilevel_why t"] == ["2", "1", "1", "1", "1.75"]
    # By hand, waiting, total: checks 1 + 1, by hand 1.75, less ½ for being late.
    assert cells["ada"][0] == "Ada Grün & Söhne"
    assert cells["ada"][5:8] == ["1.75", "0", "3.25"]
    assert cells["bela"][5:8] == ["–", "1", "2"]
    assert cells["carl"][5:8] == ["–", "0", "2"]
    assert "not in this table of scores: 1 student (dora)" in found.text


def test_marked_by_two(assignment: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a second person has marked, the page says how far the two agree, and lists what they see differently."""
    pairs = [Pair("t", "needs_multilevel_why", f"s{i:02}", 2.0, i % 3, min(i % 3 + i // 8, 2)) for i in range(10)]
    pairs.append(Pair("t", "needs_multilevel_why", "zoë", 2.0, 2.0, 0.5, ("a", "b"), ("b",), EVIL))
    monkeypatch.setattr("oxboys_mlm.grading.report.by_hand.read_pairs", lambda *_: pairs)
    found, _ = _write(assignment, _class(3))
    points, both, equal, kappa, interval = found.rows()["needs_multilevel_why t"][-5:]

    # Squared differences 1 (s09) and 2.25; s08 has 2 of 2 from both.
    assert (points, both, equal) == ("2", "11", "82 %")
    assert kappa == "0.77"
    assert re.fullmatch(r"−?0\.\d\d to 1\.00|0\.\d\d to 0\.\d\d", interval)
    *figures, differ = found.rows()["zoë"]
    assert figures == ["needs_multilevel_why t", "2", "0.5", "2"]
    assert differ == f"Only the first ticked: aThe second wrote: {EVIL}"
    assert list(found.rows()).index("zoë") < list(found.rows()).index("s09")
    assert len(found.all("script")) == 1


def test_marked_by_one(assignment: Assignment) -> None:
    """Where nobody has marked a second time, nothing is said of it."""
    assert "Marked by two" not in _write(assignment, _class(3))[0].text


def test_graded_again_after_a_mark_by_hand(marked: Assignment) -> None:
    """A check that a person overruled and that was then graded again waits to be looked at."""
    with marked.course.gradebook() as book:
        for grade in book.find_submission_notebook("t", "tiny", "carl").grades:
            if grade.name == "needs_multilevel-check":
                grade.manual_score, grade.needs_manual_grade = 0.5, True
        book.db.commit()
    found, _ = _write(marked, [_row("carl", "needs_multilevel", 1)])

    assert found.rows()["needs_multilevel-check t"][1] == "1"
    assert found.headline()["answers wait for a mark by hand"] == "2"


def test_links(assignment: Assignment) -> None:
    """Every student has links to the autograded notebook and to its feedback, from where the page lies."""
    found, _ = _write(assignment, [_row("zoë #1", "needs_multilevel", 1)])
    targets = [attributes["href"] for attributes, _ in found.all("a")]

    assert "../../autograded/zo%C3%AB%20%231/tiny/t.ipynb" in targets
    assert "../../feedback/zo%C3%AB%20%231/tiny/t.html" in targets


EVIL = "</td></table><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}'\"&"


def test_what_students_write(assignment: Assignment) -> None:
    """Names, findings and feedback are shown as they are, and never become part of the page."""
    row = _row(EVIL, "needs_multilevel", 0, findings=(EVIL.replace(";", ""),), feedback=f"{EVIL} `{EVIL}`")
    found, text = _write(assignment, [row, msgspec.structs.replace(row, question=EVIL, notebook=EVIL, outcome=EVIL)])

    assert len(found.all("script")) == 1
    assert found.all("img") == []
    assert not any(name.startswith("on") for _, attributes, _ in found.elements for name in attributes)
    assert EVIL in found.rows()
    assert "49" not in found.rows()[EVIL]
    assert "alert(2)&gt;" in text


def test_nothing_from_outside(assignment: Assignment) -> None:
    """The page loads nothing, and its policy lets no other script run than its own."""
    found, text = _write(assignment, _class(3))
    policy = next(a["content"] for a, _ in found.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    script = re.search(r"<script>(.*)</script>", text, re.S)

    assert script is not None
    assert f"sha256-{base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()}" in (policy or "")
    assert "default-src 'none'" in (policy or "")
    assert re.search(r"https?://|//[a-z]|url\(|@import|src=", text) is None


def test_readable_by_all(assignment: Assignment) -> None:
    """Pictures have a text, regions a name, headings no gaps, ids no twins; every table has headers with a scope."""
    found, _ = _write(assignment, _class(40))
    names = [attributes.get("id") for _, attributes, _ in found.elements if "id" in attributes]
    levels = [int(name[1]) for name, _, _ in found.elements if re.fullmatch(r"h\d", name)]

    assert len(names) == len(set(names))
    assert levels[0] == 1
    assert all(later - sooner <= 1 for sooner, later in pairwise(levels))
    for _, attributes, _ in found.elements:
        for name in (attributes.get("aria-labelledby") or "").split():
            assert name in names
    pictures = found.all("svg")
    assert pictures
    assert all(attributes.get("role") == "img" for attributes, _ in pictures)
    assert len(found.all("title")) == len(pictures) + 1
    assert all(text for _, text in found.all("title"))
    assert "50 to 60 per cent" not in found.all("title")[0][1]
    assert all(attributes.get("scope") in ("col", "row") for attributes, _ in found.all("th"))


def test_picture_in_words(assignment: Assignment) -> None:
    """The distribution is told in words to those who do not see it."""
    rows = [_row("a", "needs_multilevel", 1), _row("b", "needs_multilevel", 0), _row("c", "needs_multilevel", 0)]
    ((_, text),) = _write(assignment, rows)[0].all("desc")

    assert "0 to 10 per cent: 2;" in text
    assert "90 to 100 per cent: 1." in text


def test_tables(assignment: Assignment) -> None:
    """The same figures are there as CSV, empty where they are not defined, safe to open in a spreadsheet."""
    rows = [_row(s, "needs_multilevel", s == "a", findings=("=cmd()",) * (s != "a"), feedback="@x") for s in "abc"]
    folder = page.write_report(assignment, rows).parent
    with (folder / "questions.csv").open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    with (folder / "mistakes.csv").open(encoding="utf-8", newline="") as file:
        (mistake,) = csv.DictReader(file)

    assert tuple(first) == page.QUESTION_COLUMNS
    assert (first["question"], first["students"], first["difficulty"]) == ("needs_multilevel", "3", "0.3333")
    assert (second["question"], second["students"], second["difficulty"]) == ("intercept_variance_row", "0", "")
    assert first["discrimination"] == ""
    assert tuple(mistake) == page.MISTAKE_COLUMNS
    assert (mistake["mistake"], mistake["students"], mistake["share"]) == ("'=cmd()", "2", "0.6667")
    assert mistake["feedback"] == "'@x"
