"""Fixtures that several test modules use."""

from __future__ import annotations

from pathlib import Path

import classroom
import pytest


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Make a course folder with one small assignment, "tiny"."""
    return classroom.make_tiny_course(tmp_path / "course")
