"""Marks at the desk: points follow from ticks, nothing is overwritten unseen, and formgrader says the same."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from classroom import RIGHT, filled, hand_in, tiny_release
from free_texts import KEY, RUBRIC, Class
from nbgrader.api import Gradebook

from oxboys_mlm.cli import main
from oxboys_mlm.grading.marking.by_ticks import Entry
from oxboys_mlm.grading.records import by_hand
from oxboys_mlm.grading.records.by_hand import Change, Clash


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a class of one, ada, who has handed in."""
    made = Class(tmp_path_factory.mktemp("class") / "course")
    made.assignment.register()
    with made.assignment.course.gradebook() as book:
        made.hand_in(book, "ada", "Because of the lines.")
        by_hand.prepare(book)
    return made.root


@pytest.fixture
def tiny_class(graded: Path, tmp_path: Path) -> Class:
    """Copy that class."""
    shutil.copytree(graded, tmp_path / "course")
    return Class(tmp_path / "course")


@pytest.fixture
def book(tiny_class: Class) -> Iterator[Gradebook]:
    """Open the gradebook."""
    with tiny_class.assignment.course.gradebook() as book:
        yield book


def test_points_follow_from_ticks(tiny_class: Class, book: Gradebook) -> None:
    """Ticks, points, comment and what waits are written together, where formgrader and export find them."""
    assert tiny_class.standing(book).entry == Entry(None, True)

    tiny_class.mark(book, "a", "c", comment="Well put.")

    standing = tiny_class.standing(book)
    assert (standing.entry, standing.comment) == (Entry(1.5, False), "Well put.")
    assert standing.kept is not None
    assert (standing.kept.mark.ticks, standing.kept.marker) == (("a", "c"), "marker")
    assert book.find_submission("tiny", "ada").score == 3.5


@pytest.mark.parametrize(
    ("answer", "empty"), [("", True), (" \n\t", True), ("stub", True), ("stub\n", True), ("No.", False)]
)
def test_empty_answers(tiny_class: Class, book: Gradebook, answer: str, empty: bool) -> None:
    """An answer that was never written, or deleted, has no points and waits for nobody."""
    tiny_class.hand_in(book, "ben", answer.replace("stub", tiny_class.text.untouched))
    standing = tiny_class.standing(book, "ben")

    assert (standing.empty, standing.entry.waits) == (empty, not empty)
    assert tiny_class.text.is_empty(answer.replace("stub", tiny_class.text.untouched)) == empty


def test_points_of_statements_change(tiny_class: Class, book: Gradebook) -> None:
    """Other points for a statement change the marks and nobody has to look; the number of them is said."""
    tiny_class.mark(book, "a", "c")
    tiny_class.set_rubric({"a": (0.5, "Says  a."), "b": (0.5, "Says b."), "c": (1.0, "Says c.")})
    assert tiny_class.remark(book) == by_hand.Followed(changed=0)  # 0.5 and 1 are 1.5 as well
    tiny_class.set_rubric({"a": (0.25, "Says a."), "b": (0.75, "Says b."), "c": (1.0, "Says c.")})

    assert tiny_class.remark(book) == by_hand.Followed(changed=1)
    assert tiny_class.standing(book).entry == Entry(1.25, False)
    assert tiny_class.remark(book) == by_hand.Followed()


@pytest.mark.parametrize("what", ["answer", "question", "rubric"])
def test_what_changed_waits_again(tiny_class: Class, book: Gradebook, what: str) -> None:
    """Another answer, question or statement makes a marked answer wait once; its points stay until then."""
    tiny_class.mark(book, "a")
    if what == "answer":
        tiny_class.hand_in(book, "ada", "Because of the boys.")
    elif what == "question":
        tiny_class.set_rubric(RUBRIC, question="# Why not?")
    else:
        tiny_class.set_rubric(RUBRIC | {"b": (0.5, "Says something else.")})

    tiny_class.remark(book)

    standing = tiny_class.standing(book)
    assert standing.entry == Entry(1.0, True)
    assert standing.kept is not None
    assert standing.kept.mark.changed == (what,)
    tiny_class.in_formgrader(book, 1.0)  # somebody looks at it there
    assert tiny_class.remark(book) == by_hand.Followed()
    assert tiny_class.standing(book).entry == Entry(1.0, False)


def test_same_file_again(tiny_class: Class, book: Gradebook) -> None:
    """A submission that is graded again with the same answer keeps its mark, also when the rubric's points changed."""
    tiny_class.mark(book, "a")
    (tiny_class.root / "autograded" / "ada" / "tiny" / "t.ipynb").unlink()
    tiny_class.hand_in(book, "ada", "Because of the lines.")
    tiny_class.remark(book)

    assert tiny_class.standing(book).entry == Entry(1.0, False)


def test_formgrader_is_not_overwritten(tiny_class: Class, book: Gradebook) -> None:
    """Points changed in formgrader stay through a changed rubric and a remark, and the conflict is counted."""
    tiny_class.mark(book, "a")
    tiny_class.in_formgrader(book, 0.25)
    tiny_class.set_rubric({"a": (0.5, "Says a."), "b": (1.0, "Says b."), "c": (0.5, "Says c.")})

    assert tiny_class.remark(book) == by_hand.Followed(conflicts=1)
    assert tiny_class.standing(book).conflict
    assert tiny_class.standing(book).entry == Entry(0.25, False)


@pytest.mark.parametrize("other", ["desk", "formgrader", "comment", "taken back"])
def test_two_markers(tiny_class: Class, book: Gradebook, other: str) -> None:
    """Who saves over something not seen is told so, and nothing is written."""
    tiny_class.mark(book, "b")
    seen = tiny_class.standing(book)
    with tiny_class.assignment.course.gradebook() as theirs:
        if other == "desk":
            tiny_class.mark(theirs, "c", comment="Theirs.")
        elif other == "formgrader":
            tiny_class.in_formgrader(theirs, 2.0)
        elif other == "comment":
            tiny_class.mark(theirs, "b", comment="Theirs.")
        else:
            change = Change(seen.grade, seen.stamp, None, Entry(None, True), "")
            by_hand.save(tiny_class.assignment.course, theirs, "tiny", tiny_class.text, [change], "other")
    before = tiny_class.standing(book)

    with pytest.raises(Clash) as clash:
        tiny_class.mark(book, "a", standing=seen)

    assert clash.value.grades == [seen.grade]
    assert tiny_class.standing(book) == before


def test_all_or_nothing(tiny_class: Class, book: Gradebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """If saving fails half way, ticks, points and comment are as before."""
    before = tiny_class.standing(book)
    monkeypatch.setattr(by_hand, "_charge", lambda *_: (_ for _ in ()).throw(OSError))

    with pytest.raises(OSError):  # noqa: PT011
        tiny_class.mark(book, "a", comment="Lost?")

    assert tiny_class.standing(book) == before
    tiny_class_file = sqlite3.connect(tiny_class.root / "gradebook.db")
    assert tiny_class_file.execute("select count(*) from oxboys_mark_by_hand").fetchone() == (0,)
    tiny_class_file.close()


def test_deleted_students_are_forgotten(tiny_class: Class, book: Gradebook) -> None:
    """What was ticked for a student whom nbgrader has deleted is deleted when marks are next looked at."""
    tiny_class.mark(book, "a")
    book.remove_student("ada")
    assert by_hand.read_kept(book)

    by_hand.prepare(book)

    assert by_hand.read_kept(book) == {}


# ---- many things in any order ----------------------------------------------------------------------


@dataclass
class Expected:
    """The rule in other words: what a person would expect of the gradebook."""

    rubric: dict[str, tuple[float, str]] = field(default_factory=lambda: dict(RUBRIC))
    question: str = "# Why?"
    answer: str = "Because of the lines."
    ticks: set[str] | None = None
    written: float | None = None
    score: float | None = None
    waits: bool = True
    seen: tuple[object, ...] = ()

    def now(self) -> tuple[object, ...]:
        """Return what a marker would see now."""
        return self.answer, self.question, {name: text for name, (_, text) in self.rubric.items()}

    def sum(self) -> float:
        """Return what the ticks give by the rubric of now."""
        return sum(points for name, (points, _) in self.rubric.items() if name in (self.ticks or ()))

    def follow(self) -> None:
        """Bring a mark up to date: what changed waits, and points follow unless formgrader gave others."""
        if self.ticks is not None:
            self.waits = self.waits or self.seen != self.now()
            self.seen = self.now()
            if self.score == self.written:
                self.written = self.score = self.sum()


def _step(dice: random.Random, tiny_class: Class, book: Gradebook, expected: Expected) -> str:
    """Do one thing, here and in the model."""
    what = dice.choice(["tick", "tick", "points", "words", "question", "formgrader", "answer", "remark", "remark"])
    if what == "tick":
        ticks = [name for name in expected.rubric if dice.random() < 0.5]
        waits = dice.random() < 0.2
        tiny_class.mark(book, *ticks, waits=waits)
        expected.ticks = set(ticks)
        expected.written = expected.score = expected.sum()
        expected.waits, expected.seen = waits, expected.now()
    elif what == "points":
        shares = dice.choice([(1.0, 0.5, 0.5), (0.5, 1.0, 0.5), (0.25, 0.75, 1.0)])
        names = zip(expected.rubric.items(), shares, strict=True)
        expected.rubric = {name: (points, text) for (name, (_, text)), points in names}
    elif what == "words":
        name = dice.choice(list(expected.rubric))
        expected.rubric[name] = (expected.rubric[name][0], f"Says {dice.randrange(3)}.")
    elif what == "question":
        expected.question = f"# Why {dice.randrange(3)}?"
    elif what == "formgrader":
        expected.score = dice.choice([None, 0.0, 0.25, 1.0, 1.5, 2.0])
        tiny_class.in_formgrader(book, expected.score)
        expected.waits = expected.score is None
    elif what == "answer":
        new = f"Because of {dice.randrange(3)}."
        changed, expected.answer = new != expected.answer, new
        tiny_class.hand_in(book, "ada", new)
        if expected.ticks is not None:
            changed = expected.seen[0] != new
        if expected.score is None or changed:
            expected.waits = True
    else:
        tiny_class.remark(book)
        expected.follow()
    if what in ("points", "words", "question"):
        tiny_class.set_rubric(expected.rubric, expected.question)
    return what


@pytest.mark.parametrize("seed", range(20))
def test_any_order(tiny_class: Class, book: Gradebook, seed: int) -> None:
    """Ticks, changed rubrics, formgrader, new answers and remarks in any order: the gradebook is as the rule says."""
    dice, expected, done = random.Random(seed), Expected(), []
    for _ in range(25):
        done.append(_step(dice, tiny_class, book, expected))
        standing = tiny_class.standing(book)
        assert standing.entry == Entry(expected.score, expected.waits), done
        assert (standing.kept is None) == (expected.ticks is None), done
        assert standing.conflict == (expected.ticks is not None and expected.score != expected.written), done
    tiny_class.remark(book)
    before = tiny_class.standing(book)
    assert tiny_class.remark(book) == by_hand.Followed(conflicts=int(before.conflict)), "a remark changes nothing twice"
    assert tiny_class.standing(book) == before


class Commanded(Class):
    """A class that is graded and judged anew by the commands themselves."""

    def hand_in(self, book: Gradebook, student: str, answer: str) -> None:
        """Hand in, and grade."""
        hand_in(self.root, student, "tiny", "t", filled(tiny_release(), {**RIGHT, KEY: answer}))
        self._command("grade", "--sandbox", "none")

    def remark(self, book: Gradebook) -> by_hand.Followed:
        """Judge anew; a second time nothing changes."""
        self._command("remark")
        before = self.standing(book)
        self._command("remark")
        assert self.standing(book) == before
        return by_hand.Followed()

    def _command(self, verb: str, *options: str) -> None:
        assert main([verb, "tiny", "--course", str(self.root), *options]) == 0


@pytest.fixture(scope="module")
def commanded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade a class of one by the command."""
    made = Commanded(tmp_path_factory.mktemp("commanded") / "course")
    with made.assignment.course.gradebook() as book:
        made.hand_in(book, "ada", "Because of the lines.")
    return made.root


@pytest.mark.parametrize("seed", range(100, 103))
def test_any_order_by_commands(commanded: Path, tmp_path: Path, seed: int) -> None:
    """The same holds where answers are graded, and marks follow, by ``oxboys grade`` and ``oxboys remark``."""
    shutil.copytree(commanded, tmp_path / "course")
    made = Commanded(tmp_path / "course")
    dice, expected, done = random.Random(seed), Expected(), []
    with made.assignment.course.gradebook() as book:
        for _ in range(12):
            done.append(_step(dice, made, book, expected))
            if done[-1] == "answer":  # grading brings marks up to date, too
                expected.follow()
            assert made.standing(book).entry == Entry(expected.score, expected.waits), done
