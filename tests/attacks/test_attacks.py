"""Every attack against this course's graders: it earns nothing, learns nothing, changes nothing, stops nobody."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from attacks.arena import HONEST, Arena, adopting
from attacks.catalogue import ATTACKS, CANARY, DONE, Attack
from classroom import scores
from nbgrader.api import Gradebook

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux"),
]

GRADERS = {
    "oxboys grade": ("oxboys", "grade", "a", "--jobs", "2"),
    "nbgrader autograde": ("nbgrader", "autograde", "a"),
}


@dataclass(frozen=True)
class _Outcome:
    """What came of a class of attackers."""

    grader: str
    arena: Arena
    status: int | None
    printed: str
    orphans: list[str]
    changed: list[str]
    points: dict[str, float | None]


def _other_rows(arena: Arena) -> list[object]:
    """Read what the gradebook holds besides this class."""
    with Gradebook(f"sqlite:///{arena.course / 'gradebook.db'}") as book:
        students = [(item.id, item.first_name, item.last_name) for item in book.students if item.id == "victim"]
        return [*students, [item.name for item in book.assignments if item.name != "a"]]


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, _Outcome]]:
    """Grade the class by both graders at the same time."""
    arenas = {name: Arena(tmp_path_factory.mktemp("o"), ATTACKS, stock=False) for name in GRADERS}
    for arena in arenas.values():
        with Gradebook(f"sqlite:///{arena.course / 'gradebook.db'}") as book:
            book.add_assignment("earlier")
    # nbgrader autograde needs an assignment that is released.
    status, printed = arenas["nbgrader autograde"].run("nbgrader", "generate_assignment", "a")
    assert status == 0, printed
    before = {name: (arena.snapshot(), _other_rows(arena)) for name, arena in arenas.items()}
    with adopting() as orphans:
        processes = {name: arenas[name].start(*command) for name, command in GRADERS.items()}
        printed_by = {name: process.communicate(timeout=500)[0] for name, process in processes.items()}
    done = {}
    for name, arena in arenas.items():
        files, rows = arena.snapshot(), _other_rows(arena)
        changed = sorted(
            path for path in files.keys() | before[name][0] if files.get(path) != before[name][0].get(path)
        )
        if rows != before[name][1]:
            changed.append("gradebook.db")
        status = processes[name].returncode
        done[name] = _Outcome(name, arena, status, printed_by[name], orphans, changed, arena.points())
    status, printed = done["oxboys grade"].arena.run("nbgrader", "generate_feedback", "a", "--student=page-*")
    assert status == 0, printed[-3000:]
    yield done
    for arena in arenas.values():
        arena.close()


@pytest.fixture(params=list(GRADERS))
def outcome(request: pytest.FixtureRequest, outcomes: dict[str, _Outcome]) -> _Outcome:
    """Return the class as graded by one of the graders."""
    return outcomes[request.param]


def test_grader_ends_well(outcome: _Outcome) -> None:
    """No attack makes the grader fail."""
    assert outcome.status == 0, outcome.printed[-3000:]


def test_honest_keep_full_marks(outcome: _Outcome) -> None:
    """Neighbours of attackers have all their points, and an honest wrong answer has none."""
    assert {name: outcome.points.get(name) for name in HONEST} == dict.fromkeys(HONEST, 3.0)
    assert outcome.points["wrong"] == 0


def test_nothing_is_changed(outcome: _Outcome) -> None:
    """Course folder, other gradebook rows, home and installed packages are as they were."""
    assert outcome.changed == []


def test_no_process_is_left(outcome: _Outcome) -> None:
    """When the grader has ended, every process of every run has ended too."""
    assert outcome.orphans == []


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_attack_fails(attack: Attack, outcome: _Outcome) -> None:
    """The attack earns no more than the honest wrong answer, reads nothing, reaches nothing, leaves nothing."""
    # nbgrader does not look into a folder that is a link, and so records no mark at all.
    ungraded = (outcome.grader, attack.name) == ("nbgrader autograde", "folder-link")
    assert outcome.points.get(attack.name) == (None if ungraded else 0)
    shown = outcome.arena.outputs(attack.name)
    assert CANARY not in shown
    assert DONE not in shown
    assert not attack.trace or not outcome.arena.left(attack)


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if attack.shows == "page"], ids=str)
def test_page_is_inert(attack: Attack, outcomes: dict[str, _Outcome]) -> None:
    """Nothing of a student's runs in the page of their feedback, or leaves its place."""
    assert outcomes["oxboys grade"].arena.page(attack.name) == []


@pytest.mark.parametrize("attack", [attack for attack in ATTACKS if attack.group == "evidence forging"], ids=str)
def test_forged_record_is_no_evidence(attack: Attack, outcomes: dict[str, _Outcome]) -> None:
    """A record that is not strictly evidence is an error, and a well-formed one is judged as the claim that it is."""
    table = scores(outcomes["oxboys grade"].arena.course, "a")
    found = {row["outcome"] for (student, _), row in table.items() if student == attack.name}
    assert found <= {"error", "scored"}
    assert found == {"error"} or attack.name in ("claim-all-options", "change-later")


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("asleep", "timeout"),
        ("uninterruptible", "timeout"),
        ("exit", "killed"),
        ("crash", "killed"),
        ("kill-self", "killed"),
        ("output-string", "scored"),
        ("deep-json", "unreadable"),
        ("pipe", "unreadable"),
        ("link", "unreadable"),
    ],
)
def test_outcome_says_what_happened(name: str, outcome: str, outcomes: dict[str, _Outcome]) -> None:
    """The table says of every question what became of the run."""
    table = scores(outcomes["oxboys grade"].arena.course, "a")
    found = {row["outcome"] for (student, _), row in table.items() if student == name}
    assert found == {outcome}
