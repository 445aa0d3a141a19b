"""Feedback pages for students, safe to open."""

from typing import Any

from oxboys_mlm.grading import old_names


def __getattr__(name: str) -> Any:
    return old_names.find("feedback", name)
