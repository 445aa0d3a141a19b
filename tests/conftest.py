"""Fixtures that several test modules use, and which tests run on one worker."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import classroom
import pytest
from xdist.scheduler import LoadScopeScheduling

#: Modules and folders whose tests share what is expensive to make, those that take longest first. All tests of one line
#: run on the same worker, so that it is made once.
TOGETHER = (
    ("tests/attacks/test_attacks.py",),
    ("tests/grading/test_both_graders.py",),
    ("tests/faults/",),
    ("tests/test_site.py", "tests/browser/test_site.py"),
    ("tests/browser/",),
    ("tests/test_installs.py",),
    ("tests/attacks/",),
    ("tests/grading/test_demo.py",),
)

#: What grades the bank in the sandbox and reads what the checks there show, and what checks the same answers in this
#: process: quicker for one question, and possible on every system.
BOTH = "tests/grading/test_both_graders.py::test_check"
IN_PROCESS = ("tests/questions/test_bank.py::test_answer[", "tests/questions/test_bank.py::test_choice[")

#: Tests of what students use, which needs no Linux: -m students reads these alone, and CI runs them on other systems.
STUDENTS = (
    "assessment/",
    "checking/",
    "questions/",
    "test_data.py",
    "test_elsewhere.py",
    "test_models.py",
    "test_plots.py",
    "test_pooling.py",
    "test_variance.py",
)


def _is_students(path: Path) -> bool:
    return path.relative_to(Path(__file__).parent).as_posix().startswith(STUDENTS)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Read no module that imports what other systems do not have."""
    alone = config.option.markexpr == "students" and collection_path.suffix == ".py"
    return True if alone and not _is_students(collection_path) else None


def _scope(nodeid: str) -> str:
    """Return what a test runs together with: one of the above, its module, or, in a large bank, nothing."""
    for places in TOGETHER:
        if nodeid.startswith(places):
            return places[0]
    return nodeid if nodeid.startswith("tests/questions/") else nodeid.partition("::")[0]


class _Together(LoadScopeScheduling):
    """Hands out tests by `_scope`. xdist's own groups do nothing with pytest 9.2, which changed what they write to."""

    def _split_scope(self, nodeid: str) -> str:
        return _scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Together:
    """Let xdist hand out tests by what they share."""
    return _Together(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Mark what students use. Of what -m and -k leave, run no answer of the bank twice, and the longest first.

    xdist hands out work in this order (--no-loadscope-reorder).
    """
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and _is_students(item.path):
            item.add_marker("students")
    yield
    if any(item.nodeid.startswith(BOTH) for item in items):
        twice = [item for item in items if item.nodeid.startswith(IN_PROCESS)]
        items[:] = [item for item in items if not item.nodeid.startswith(IN_PROCESS)]
        config.hook.pytest_deselected(items=twice)
    order = {places[0]: number for number, places in enumerate(TOGETHER)}
    items.sort(key=lambda item: order.get(_scope(item.nodeid), len(order)))


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Make a course folder with one small assignment, "tiny"."""
    return classroom.make_tiny_course(tmp_path / "course")
