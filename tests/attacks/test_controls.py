"""Positive controls: every attack works against a stock nbgrader course of the same machinery.

Some always show it, one for each kind of thing that an attack is after; all of them do with -m control.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from attacks.arena import HONEST, Arena
from attacks.catalogue import ATTACKS, CANARY, DONE, Attack

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux"),
]

#: Longest time of a class of which every other student is graded in a few seconds.
_PATIENCE = 45

TOGETHER = [attack for attack in ATTACKS if attack.shows not in ("stopped", "ungraded")]
ALONE = [attack for attack in ATTACKS if attack.shows in ("stopped", "ungraded")]

#: After points, what is secret, what lies outside, and whoever opens the page.
SAMPLE = ("equal-to-all", "read-gradebook", "edit-gradebook", "page-script-html")


def _chosen(request: pytest.FixtureRequest, attacks: list[Attack]) -> list[Attack]:
    """Leave out the attacks whose tests do not run, as with -k: a few of them then take seconds."""
    here = [item for item in request.session.items if item.path == Path(__file__) and hasattr(item, "callspec")]
    wanted = [item.callspec.params["attack"] for item in here]
    return [attack for attack in attacks if attack in wanted]


def _grade(arena: Arena, timeout: float) -> str:
    status, printed = arena.run("nbgrader", "generate_assignment", "a")
    assert status == 0, printed
    return arena.run("nbgrader", "autograde", "a", timeout=timeout)[1]


@pytest.fixture(scope="session")
def together(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Arena]]:
    """Return arenas by attack: two classes of attackers, graded at the same time."""
    chosen = _chosen(request, TOGETHER)
    halves = [chosen[::2], chosen[1::2]]
    arenas = [Arena(tmp_path_factory.mktemp("s"), half, stock=True) for half in halves]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda arena: _grade(arena, 400), arenas))
        list(pool.map(lambda arena: arena.run("nbgrader", "generate_feedback", "a", "--student=page-*"), arenas))
    time.sleep(1)
    yield {attack.name: arena for half, arena in zip(halves, arenas, strict=True) for attack in half}
    for arena in arenas:
        arena.close()


@pytest.fixture(scope="session")
def alone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Arena]]:
    """Return arenas by attack, with one attacker each."""
    arenas = {
        attack.name: Arena(tmp_path_factory.mktemp("s"), [attack], stock=True) for attack in _chosen(request, ALONE)
    }
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda arena: _grade(arena, _PATIENCE), arenas.values()))
    yield arenas
    for arena in arenas.values():
        arena.close()


def _as_control(attack: Attack) -> Any:
    return pytest.param(attack, id=str(attack), marks=[] if attack.name in SAMPLE else pytest.mark.control)


@pytest.mark.parametrize("attack", [_as_control(attack) for attack in TOGETHER])
def test_attack_works_on_stock(attack: Attack, together: dict[str, Arena]) -> None:
    """The attack reaches its goal where nothing stands in its way."""
    arena = together[attack.name]
    if attack.shows == "points":
        assert (arena.points()[attack.name] or 0) > 0
    elif attack.shows == "output":
        assert re.search(f"{CANARY}|{DONE}", arena.outputs(attack.name))
    elif attack.shows == "outside":
        assert arena.left(attack)
    else:
        assert arena.page(attack.name)


@pytest.mark.control
@pytest.mark.parametrize("attack", ALONE, ids=str)
def test_attack_stops_stock(attack: Attack, alone: dict[str, Arena]) -> None:
    """The attack stops the class, or at least leaves its own submission without marks."""
    points = alone[attack.name].points()
    stopped = [name for name in HONEST if points.get(name) is None]
    assert stopped or (attack.shows == "ungraded" and points.get(attack.name) is None)
