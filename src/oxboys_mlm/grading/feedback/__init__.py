"""Feedback pages for students, safe to open."""

from typing import Any

from oxboys_mlm.grading import renamed


def __getattr__(name: str) -> Any:
    return renamed.find("feedback", name)
