"""Dotted names of the last release, which an instructor's ``nbgrader_config.py`` may still use.

They work for one release, with a warning that says what to write.
"""

from __future__ import annotations

import sys
import warnings
from types import ModuleType
from typing import Any

#: The name in `oxboys_mlm.nbgrader` of what a module of `oxboys_mlm.grading` held.
_RENAMED = {
    "autograde": {name: name for name in ("RunAndJudge", "SaveMarks", "SubmissionExporter")},
    "collecting": {"PlatformCollector": "PlatformCollector"},
    "exporters": {name: name for name in ("CanvasExporter", "MoodleExporter")},
    "feedback": {"SafeOutputs": "SafeOutputs", "code": "highlight_code", "markdown": "markdown2html"},
    "feedback_page": {name: name for name in ("AddMarks", "FeedbackExporter")},
}


def find(module: str, name: str) -> Any:
    """Return what a name of the last release stands for.

    Raises
    ------
    AttributeError
        If there was no such name.
    """
    old = f"oxboys_mlm.grading.{module}"
    if name not in _RENAMED[module]:
        raise AttributeError(f"module {old!r} has no attribute {name!r}")
    from oxboys_mlm import nbgrader

    new = _RENAMED[module][name]
    message = f"{old}.{name} is now oxboys_mlm.nbgrader.{new}; write that in nbgrader_config.py"
    warnings.warn(message, DeprecationWarning, stacklevel=3)
    return getattr(nbgrader, new)


class _Renamed(ModuleType):
    """A module that is not there any more."""

    def __getattr__(self, name: str) -> Any:
        return find(self.__name__.rpartition(".")[2], name)


def provide() -> None:
    """Let the modules that are not there any more be imported."""
    for module in _RENAMED.keys() - {"feedback"}:  # which is a package today
        name = f"oxboys_mlm.grading.{module}"
        sys.modules.setdefault(name, _Renamed(name))
