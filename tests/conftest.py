"""Fixtures that several test modules use."""

from __future__ import annotations

from pathlib import Path

import classroom
import pytest

#: Groups of tests that take longest: they begin first, so that no worker is left with one of them at the end.
LONGEST = ("bank", "attacks", "faults", "bank-nbgrader", "browser", "demo", "costly", "site", "installs")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest groups in front; xdist hands out work in this order (--no-loadscope-reorder)."""

    def place(item: pytest.Item) -> int:
        marker = item.get_closest_marker("xdist_group")
        return LONGEST.index(marker.args[0]) if marker and marker.args[0] in LONGEST else len(LONGEST)

    items.sort(key=place)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Make a course folder with one small assignment, "tiny"."""
    return classroom.make_tiny_course(tmp_path / "course")
