"""What a notebook calls: `check` and `progress`."""

from __future__ import annotations

import html
import json
import math
import os
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from oxboys_mlm import questions
from oxboys_mlm.assessment.evidence import SEED_VARIABLE, Evidence, EvidenceError, Missing, Record, Unusable, encode
from oxboys_mlm.assessment.guard import attempt, name_problem
from oxboys_mlm.assessment.question import Question
from oxboys_mlm.assessment.verdict import Judgement, Verdict, format_points

#: How long describing one answer may take altogether (seconds).
COLLECT_SECONDS = 15.0

#: Seed of a function's probes while a student works. A grader sets another, see `probe_seed`.
STUDENT_SEED = 1987

_checked: list[str] = []


def check(key: str) -> Verdict:
    """Check the answer that stands in the notebook under a name.

    Parameters
    ----------
    key
        The question's key, which is the name of the variable or function that answers it.

    Returns
    -------
    Verdict
        Shown by the notebook as feedback; printed, it is the number of points. Never raises for a
        wrong or missing answer.

    Raises
    ------
    ValueError
        If there is no question of this name.
    """
    verdict = verdict_on(key, _namespace())
    _checked.append(key)
    if not _shows_html():
        print(verdict.text())
    return verdict


def verdict_on(key: str, namespace: Mapping[str, Any]) -> Verdict:
    """Describe and judge the answer that a namespace holds under a key."""
    question = questions.find(key)
    record = Record(key, describe(question, namespace, probe_seed()))
    judgement = question.judge(record.evidence)
    points = points_beside_kernel().get(key, question.points)
    if judgement.status == "recorded" and os.environ.get("NBGRADER_VALIDATING"):
        # nbgrader's Validate asks whether the notebook is ready to hand in, and a choice is, once made.
        judgement = Judgement("recorded", 1.0, judgement.feedback)
    return Verdict(record, judgement, points)


def describe(question: Question, namespace: Mapping[str, Any], seed: int) -> Evidence:
    """Describe an answer as evidence; whatever it does, this neither raises nor prints nor hangs."""
    evidence = attempt(
        lambda: question.describe(namespace[question.key], seed, namespace) if question.key in namespace else Missing(),
        COLLECT_SECONDS,
    )
    if isinstance(evidence, BaseException):
        return Unusable("misbehaved", f"an object that cannot be looked at ({name_problem(evidence)})")
    try:
        encode(Record(question.key, evidence))
    except EvidenceError:
        return Unusable("too_large", "more than an answer can hold")
    return evidence


def probe_seed() -> int:
    """Seed of the models that a function is called with: the grader's own if it set one."""
    text = os.environ.get(SEED_VARIABLE, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else STUDENT_SEED


def points_beside_kernel() -> dict[str, float]:
    """Read the points of check cells from the notebooks in the kernel's folder.

    Points live in the notebook, and a kernel is not told which notebook it serves. Where none can
    be read, a question's usual points are shown. Marks never depend on this.
    """
    points: dict[str, float] = {}
    for path in sorted(Path().glob("*.ipynb"))[:20]:
        try:
            state = path.stat()
            if path.is_file() and state.st_size <= 5_000_000:
                points |= _points_in(path.absolute(), state.st_mtime_ns, state.st_size)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue
    return points


@lru_cache(maxsize=64)
def _points_in(path: Path, changed: int, size: int) -> dict[str, float]:
    """Read the points of a notebook's check cells; it is read again only when it has changed."""
    points = {}
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        settings = cell["metadata"].get("nbgrader", {})
        if settings.get("grade") and settings.get("grade_id", "").endswith("-check"):
            worth = float(settings["points"])
            if 0 <= worth < math.inf:
                points[settings["grade_id"].removesuffix("-check")] = worth
    return points


def _namespace() -> Mapping[str, Any]:
    """Names defined in the notebook, or by whoever calls `check` outside one."""
    if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()):
        names: Mapping[str, Any] = shell.user_ns
        return names
    return sys._getframe(2).f_globals


def _shows_html() -> bool:
    """Tell whether a front end shows the HTML of a cell's value; a terminal would only show the points."""
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and hasattr(shell, "kernel")


class Progress:
    """How far a notebook is done: a table in a notebook, lines in a terminal."""

    def __init__(self, notebook: str, verdicts: list[Verdict], by_hand: tuple[str, ...]) -> None:
        self.notebook = notebook
        self.verdicts = verdicts
        self.by_hand = by_hand

    def _rows(self) -> list[tuple[str, str, str]]:
        words = {
            "right": "✔ right",
            "partly": "◐ partly right",
            "wrong": "✘ not yet",
            "missing": "○ no answer yet",
            "recorded": "● recorded",
        }
        rows = []
        for verdict in self.verdicts:
            status = verdict.judgement.status
            share = "–" if status == "recorded" else format_points(verdict.score)
            points = f"{share} / {format_points(verdict.points)}"
            rows.append((verdict.record.question, words[status], points))
        return rows + [(key, "✎ in your own words, marked by hand", "") for key in self.by_hand]

    def __repr__(self) -> str:
        return "\n".join(
            [self._summary(), *(f"{key:28}{status:38}{points}".rstrip() for key, status, points in self._rows())]
        )

    def _summary(self) -> str:
        done = sum(verdict.judgement.status in ("right", "recorded") for verdict in self.verdicts)
        return f"{self.notebook}: {done} of {len(self.verdicts)} checked answers done"

    def _repr_html_(self) -> str:
        cell = 'style="text-align:left;padding:.2em 1.2em .2em 0"'
        rows = "".join(
            f"<tr><td {cell}><code>{html.escape(key)}</code></td><td {cell}>{status}</td><td {cell}>{points}</td></tr>"
            for key, status, points in self._rows()
        )
        return (
            f"<table><caption style='text-align:left;padding:.3em 0'><strong>{html.escape(self._summary())}</strong>"
            f"</caption><thead><tr><th {cell}>answer</th><th {cell}>state</th><th {cell}>points</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )


def progress() -> Progress | None:
    """Show where you stand in this notebook: every answer, its state and its points.

    Returns
    -------
    Progress or None
        None, with a line that says so, while no answer of a notebook is there to tell which one it is.
    """
    namespace = _namespace()
    notebook = _this_notebook(namespace)
    if notebook is None:
        print("No answer to any question yet: answer one, run its check, then run this again.")
        return None
    verdicts = [verdict_on(question.key, namespace) for question in notebook.questions]
    return Progress(notebook.name, verdicts, notebook.free_text)


def _this_notebook(namespace: Mapping[str, Any]) -> questions.Notebook | None:
    """Find the notebook: the one last checked, the one the server names, or that of most answers."""
    if _checked:
        return questions.notebook_of(_checked[-1])
    stem = Path(os.environ.get("JPY_SESSION_NAME", "")).stem
    for notebook in questions.NOTEBOOKS:
        if notebook.name == stem:
            return notebook
    counts = {
        notebook.name: sum(question.key in namespace for question in notebook.questions)
        for notebook in questions.NOTEBOOKS
    }
    best = max(questions.NOTEBOOKS, key=lambda notebook: counts[notebook.name])
    return best if counts[best.name] else None
