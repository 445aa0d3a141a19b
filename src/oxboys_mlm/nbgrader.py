"""What nbgrader calls of this package: the one name that an ``nbgrader_config.py`` needs.

Each is named as a string there, such as ``c.ZipCollectApp.collector_plugin = "oxboys_mlm.nbgrader.PlatformCollector"``,
or on the command line, such as ``nbgrader export --exporter oxboys_mlm.nbgrader.MoodleExporter``. They are imported
when they are first used.

========================  ==============================================================================
`InstallOnColab`          ``c.GenerateAssignment.preprocessors``: lets the set-up cell install the package on Colab
`SubmissionExporter`      ``c.Autograde.exporter_class``: reads a submission as data
`RunAndJudge`             ``c.Autograde.autograde_preprocessors``: runs the rebuilt notebook and judges it
`SaveMarks`               ``c.Autograde.autograde_preprocessors``: records the marks
`LatePolicy`              ``c.AssignLatePenalties.plugin_class``: what handing in late costs
`PlatformCollector`       ``c.ZipCollectApp.collector_plugin``: collects a download of Moodle or Canvas
`SafeOutputs`             ``c.HTMLExporter.preprocessors``: makes what a notebook shows safe to open
`markdown2html`           ``c.HTMLExporter.filters``: lays out Markdown, with formulas as MathML
`highlight_code`          ``c.HTMLExporter.filters``: lays out code
`FeedbackExporter`        ``c.GenerateFeedback.exporter_class``: a feedback page
`AddMarks`                ``c.GenerateFeedback.preprocessors``: the marks on that page
`MoodleExporter`          ``nbgrader export --exporter``: grades as Moodle imports them
`WorksheetExporter`       ``nbgrader export --exporter``: points and comments as Moodle's grading worksheet
`CanvasExporter`          ``nbgrader export --exporter``: grades as Canvas imports them
========================  ==============================================================================
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oxboys_mlm.grading.feedback.page import AddMarks, FeedbackExporter
    from oxboys_mlm.grading.feedback.safe_outputs import SafeOutputs, highlight_code, markdown2html
    from oxboys_mlm.grading.plugins.autograde import RunAndJudge, SaveMarks, SubmissionExporter
    from oxboys_mlm.grading.plugins.collector import PlatformCollector
    from oxboys_mlm.grading.plugins.exporters import (
        CanvasExporter,
        MoodleExporter,
        WorksheetExporter,
    )
    from oxboys_mlm.grading.plugins.release import InstallOnColab
    from oxboys_mlm.grading.records.lateness import LatePolicy

__all__ = [
    "AddMarks",
    "CanvasExporter",
    "FeedbackExporter",
    "InstallOnColab",
    "LatePolicy",
    "MoodleExporter",
    "PlatformCollector",
    "RunAndJudge",
    "SafeOutputs",
    "SaveMarks",
    "SubmissionExporter",
    "WorksheetExporter",
    "highlight_code",
    "markdown2html",
]

_HOMES = {
    **dict.fromkeys(("AddMarks", "FeedbackExporter"), "feedback.page"),
    **dict.fromkeys(("SafeOutputs", "highlight_code", "markdown2html"), "feedback.safe_outputs"),
    **dict.fromkeys(("RunAndJudge", "SaveMarks", "SubmissionExporter"), "plugins.autograde"),
    "PlatformCollector": "plugins.collector",
    "InstallOnColab": "plugins.release",
    "LatePolicy": "records.lateness",
    **dict.fromkeys(("CanvasExporter", "MoodleExporter", "WorksheetExporter"), "plugins.exporters"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"oxboys_mlm.grading.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
