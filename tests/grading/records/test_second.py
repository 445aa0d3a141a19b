"""Second marks: kept apart, blind to the first ones, up to date with texts and rubrics."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from free_texts import KEY, RUBRIC, Class
from nbgrader.api import Gradebook
from sqlalchemy import inspect, text

from oxboys_mlm.cli import main
from oxboys_mlm.grading.desk import server
from oxboys_mlm.grading.desk.desk import Desk, Save
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.marking.free_texts import free_texts
from oxboys_mlm.grading.records import by_hand, second
from oxboys_mlm.grading.records.by_hand import Clash
from oxboys_mlm.grading.records.second import Pair, SecondMarks

STUDENTS = [f"s{number:02}" for number in range(12)]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """Make a class of twelve who wrote something, and of one who did not."""
    tiny = Class(tmp_path_factory.mktemp("second") / "course")
    tiny.assignment.register()
    with tiny.assignment.course.gradebook() as book:
        for student in STUDENTS:
            tiny.hand_in(book, student, f"Because of {student}.")
        tiny.hand_in(book, "zoe", " ")
    return tiny


@pytest.fixture
def tiny(template: Class, tmp_path: Path) -> Class:
    """Copy the class, whose recording takes seconds."""
    shutil.copytree(template.root, tmp_path / "course")
    return template.at(tmp_path / "course")


@pytest.fixture
def book(tiny: Class) -> Iterator[Gradebook]:
    """Open the gradebook."""
    with tiny.assignment.course.gradebook() as book:
        yield book


def _desk(tiny: Class, book: Gradebook, share: float = 0.2, marker: str = "second") -> Desk:
    assignment = tiny.assignment
    return Desk(assignment, book, free_texts(assignment), marker, SecondMarks(assignment, share))


def _mark(
    desk: Desk, student: str, *ticks: str, comment: str = "", done: bool = True, stamp: str = ""
) -> dict[str, Any]:
    owners = desk.owners(KEY)
    (grade,) = [grade for grade, name in owners.items() if name == student]
    answer = desk.answers(KEY, {grade: student})[grade]
    stamp = stamp or desk.states(KEY)[grade]["stamp"]
    save = Save(grade, stamp, answer["seen"], ticks, comment=comment, done=done)
    return desk.save(KEY, [save])


def _all_shown(desk: Desk) -> str:
    """Return all that the desk ever sends to a page."""
    owners = desk.owners(KEY)
    shown = [desk.overview(), desk.question(KEY), desk.states(KEY), desk.students(KEY), desk.answers(KEY, owners)]
    return json.dumps([*shown, *(desk.checks(KEY, grade) for grade in owners)])


def _gradebook(book: Gradebook) -> dict[str, list[Any]]:
    """Return all rows of all tables but that of second marks."""
    book.db.rollback()
    connection = book.db.connection()
    names = [name for name in inspect(connection).get_table_names() if name != "oxboys_second_mark"]
    return {name: sorted(map(str, connection.execute(text(f'SELECT * FROM "{name}"')))) for name in names}


def _pairs(tiny: Class, book: Gradebook) -> dict[str, Pair]:
    book.db.rollback()
    return {pair.student: pair for pair in second.read_pairs(book, "tiny")}


def test_blind(tiny: Class, book: Gradebook) -> None:
    """Not a letter of what a second person is shown depends on the first marks, wherever they were given."""
    before = _all_shown(_desk(tiny, book))
    for student in (*STUDENTS[:9], "zoe"):
        tiny.mark(book, "a", "b", standing=tiny.standing(book, student), comment="First's remark.")
    for student in STUDENTS[9:]:
        tiny.in_formgrader(book, 1.25, student)

    assert _all_shown(_desk(tiny, book)) == before
    assert "First's remark." not in before


def test_share(tiny: Class, book: Gradebook) -> None:
    """Ten of twelve are drawn, the same ones again, none that is empty; answers marked twice already stay in."""
    drawn = set(_desk(tiny, book).owners(KEY).values())
    assert len(drawn) == 10
    assert drawn < set(STUDENTS)
    assert set(_desk(tiny, book).owners(KEY).values()) == drawn

    everybody = _desk(tiny, book, 1.0)
    assert set(everybody.owners(KEY).values()) == set(STUDENTS)
    other = min(set(STUDENTS) - drawn)
    _mark(everybody, other, "a")

    assert set(_desk(tiny, book).owners(KEY).values()) == drawn | {other}


def test_answers_that_were_not_drawn(tiny: Class, book: Gradebook) -> None:
    """What was not drawn cannot be marked a second time."""
    desk, everybody = _desk(tiny, book), _desk(tiny, book, 1.0)
    (grade, student), *_ = everybody.owners(KEY).items() - desk.owners(KEY).items()
    seen = everybody.answers(KEY, {grade: student})[grade]["seen"]

    with pytest.raises(Clash):
        desk.save(KEY, [Save(grade, everybody.states(KEY)[grade]["stamp"], seen, ("a",), done=True)])


def test_kept_apart(tiny: Class, book: Gradebook) -> None:
    """Second marks, notes and taking them back change nothing else in the gradebook, and the first desk shows none."""
    desk = _desk(tiny, book)
    one, other, *_ = sorted(desk.owners(KEY).values())
    tiny.mark(book, "a", standing=tiny.standing(book, one), comment="First's remark.")
    before = _gradebook(book)
    _mark(desk, one, "b", comment="Second's note.")
    step = _mark(desk, other, "a", "b", "c")["step"]
    _mark(desk, other, "a", comment="Only begun.", done=False)

    assert _gradebook(book) == before
    shown = _all_shown(Desk(tiny.assignment, book, [tiny.text], "first"))
    assert "Second's note." not in shown
    assert _pairs(tiny, book)[one] == Pair("t", KEY, one, 2.0, 1.0, 0.5, ("a",), ("b",), "Second's note.")
    assert _pairs(tiny, book)[other].second is None, "what is begun is no mark yet"
    with pytest.raises(Clash):
        desk.undo(step)


def test_taken_back(tiny: Class, book: Gradebook) -> None:
    """A second mark that is taken back is gone."""
    desk = _desk(tiny, book)
    student = min(desk.owners(KEY).values())
    desk.undo(_mark(desk, student, "a", comment="Hm.")["step"])

    assert _pairs(tiny, book) == {}


def test_clash(tiny: Class, book: Gradebook) -> None:
    """Of two second persons at once, none overwrites the other unseen; nor does a page of the first desk."""
    desk, other = _desk(tiny, book), _desk(tiny, book, marker="third")
    (grade, student), *_ = desk.owners(KEY).items()
    stamp = desk.states(KEY)[grade]["stamp"]
    _mark(other, student, "a")
    with pytest.raises(Clash):
        _mark(desk, student, "b", stamp=stamp)
    (grade, student), *_ = list(desk.owners(KEY).items())[1:]
    with pytest.raises(Clash):
        _mark(desk, student, "b", stamp=tiny.standing(book, student).stamp)

    assert [pair.second for pair in _pairs(tiny, book).values()] == [1.0]


def test_up_to_date(tiny: Class, book: Gradebook) -> None:
    """Points follow a rubric's; a mark of a text that was handed in anew waits, and is not compared."""
    desk = _desk(tiny, book)
    one, other, *_ = sorted(desk.owners(KEY).values())
    for student in (one, other):
        tiny.mark(book, "a", standing=tiny.standing(book, student))
        _mark(desk, student, "a")
    tiny.set_rubric({**RUBRIC, "a": (0.5, RUBRIC["a"][1]), "b": (1.0, RUBRIC["b"][1])})
    tiny.hand_in(book, other, "Something else.")
    tiny.remark(book)
    second.follow(tiny.assignment, book, [tiny.text])

    pairs = _pairs(tiny, book)
    assert (pairs[one].first, pairs[one].second) == (0.5, 0.5)
    assert (pairs[other].first, pairs[other].second) == (None, None)
    states = _desk(tiny, book).states(KEY).values()
    assert [state["changed"] for state in states if state["changed"]] == [["answer"]]


def test_points_from_formgrader(tiny: Class, book: Gradebook) -> None:
    """Points that a person gave in formgrader are compared; ticks that they do not come from are not."""
    desk = _desk(tiny, book)
    one, other, *_ = sorted(desk.owners(KEY).values())
    tiny.in_formgrader(book, 1.25, one)
    tiny.mark(book, "a", standing=tiny.standing(book, other))
    tiny.in_formgrader(book, 1.75, other)
    for student in (one, other):
        _mark(desk, student, "b")

    pairs = _pairs(tiny, book)
    assert [(pairs[name].first, pairs[name].ticks) for name in (one, other)] == [(1.25, None), (1.75, None)]
    assert pairs[one].second_ticks == ("b",)


def test_forgotten(tiny: Class, book: Gradebook) -> None:
    """Who is forgotten has no second mark either."""
    desk = _desk(tiny, book)
    student = min(desk.owners(KEY).values())
    _mark(desk, student, "a")
    book.db.commit()

    assert main(["forget", student, "--yes", "--course", str(tiny.root)]) == 0
    assert second.read_pairs(book, "tiny") == []
    assert book.db.execute(text("SELECT count(*) FROM oxboys_second_mark")).scalar() == 0


# ---- the command -----------------------------------------------------------------------------------


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Desk, Path]]:
    """Note the desks that commands start, which then stop at once."""
    found: list[tuple[Desk, Path]] = []

    async def run(desk: Desk, noted: Path, *_: Any, **__: Any) -> None:
        await asyncio.sleep(0)
        found.append((desk, noted))

    monkeypatch.setattr(server, "_run", run)
    return found


def test_command(tiny: Class, started: list[tuple[Desk, Path]], capsys: pytest.CaptureFixture[str]) -> None:
    """It says how many answers are marked, and is another desk at another port than that of first marks."""
    for options in ([], ["--second"], ["--second", "--share", "1"]):
        assert main(["mark", "tiny", "--course", str(tiny.root), "--no-browser", *options]) == 0
    (_, first_port), (_, second_port), _ = started
    said = capsys.readouterr().out

    assert "Second marks: 10 of 13 answers, drawn at random" in said
    assert "Second marks: 12 of 13 answers" in said
    assert "logged in" not in said
    assert first_port != second_port


def test_the_same_person(
    tiny: Class,
    book: Gradebook,
    started: list[tuple[Desk, Path]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who gave first marks under the same name is told that this says nothing."""
    monkeypatch.setattr("getpass.getuser", lambda: "marker")
    by_hand.prepare(book)
    for student in STUDENTS:
        tiny.mark(book, "a", standing=tiny.standing(book, student))
    main(["mark", "tiny", "--course", str(tiny.root), "--no-browser", "--second"])

    assert "marker, under whose name you are logged in, gave first marks" in capsys.readouterr().out


def test_nothing_to_mark(tiny: Class, book: Gradebook, started: list[tuple[Desk, Path]]) -> None:
    """If all texts are empty it says so."""
    for student in STUDENTS:
        tiny.hand_in(book, student, "")
    with pytest.raises(GradingError, match="every free text of 'tiny' was left empty"):
        server.serve(tiny.assignment, lambda _: None, lambda _: None, browser=False, share=0.2)


def test_share_alone(tiny: Class, capsys: pytest.CaptureFixture[str]) -> None:
    """A share without second marks is refused; nobody's first marks would be a share of the class."""
    assert main(["mark", "tiny", "--course", str(tiny.root), "--no-browser", "--share", "0.5"]) == 1
    assert "use it with --second" in capsys.readouterr().err


@pytest.mark.parametrize("share", ["0", "-1", "20", "nan", "half"])
def test_no_share(share: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no share is refused with an example of one."""
    with pytest.raises(SystemExit):
        main(["mark", "tiny", "--second", f"--share={share}"])
    assert "such as 0.5" in capsys.readouterr().err


@pytest.mark.parametrize("way", ["--to", "--from"])
def test_no_spreadsheet_of_first_marks(way: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A table of the first marks is nothing for a second person."""
    with pytest.raises(SystemExit):
        main(["mark", "tiny", "--second", way, "marks.csv"])
    assert "not allowed with argument" in capsys.readouterr().err
