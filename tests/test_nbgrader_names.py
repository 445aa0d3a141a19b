"""`oxboys_mlm.nbgrader` is what nbgrader's settings name; the names of the last release still work."""

from __future__ import annotations

from importlib import import_module

import pytest
from traitlets.utils.importstring import import_item

from oxboys_mlm import nbgrader

OLD = {
    "autograde.RunAndJudge": "RunAndJudge",
    "autograde.SaveMarks": "SaveMarks",
    "autograde.SubmissionExporter": "SubmissionExporter",
    "collecting.PlatformCollector": "PlatformCollector",
    "exporters.CanvasExporter": "CanvasExporter",
    "exporters.MoodleExporter": "MoodleExporter",
    "feedback.SafeOutputs": "SafeOutputs",
    "feedback.code": "highlight_code",
    "feedback.markdown": "markdown2html",
    "feedback_page.AddMarks": "AddMarks",
    "feedback_page.FeedbackExporter": "FeedbackExporter",
}


@pytest.mark.parametrize("name", nbgrader.__all__)
def test_name(name: str) -> None:
    """Every name can be imported as nbgrader imports it, and is called as it is called there."""
    assert import_item(f"oxboys_mlm.nbgrader.{name}").__name__ == name


@pytest.mark.parametrize(("old", "new"), OLD.items())
def test_name_of_the_last_release(old: str, new: str) -> None:
    """A name of the last release is the same object, and a warning says what to write."""
    with pytest.warns(DeprecationWarning, match=rf"is now oxboys_mlm\.nbgrader\.{new};"):
        found = import_item(f"oxboys_mlm.grading.{old}")

    assert found is getattr(nbgrader, new)


def test_no_name() -> None:
    """What was never there is not there now."""
    for module in ("oxboys_mlm.nbgrader", "oxboys_mlm.grading.exporters", "oxboys_mlm.grading.feedback"):
        with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
            import_module(module).Nothing  # noqa: B018
