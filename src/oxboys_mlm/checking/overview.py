"""How far a notebook is done: `progress`."""

from __future__ import annotations

import html
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oxboys_mlm import questions
from oxboys_mlm.assessment.verdict import Verdict, format_points
from oxboys_mlm.checking import checks
from oxboys_mlm.checking.notebook_file import texts_beside_kernel


class Progress:
    """How far a notebook is done: a table in a notebook, lines in a terminal.

    Parameters
    ----------
    notebook
        The notebook's name.
    verdicts
        What the checks say.
    texts
        For each answer in words, whether it is written; None where nobody knows.
    """

    def __init__(self, notebook: str, verdicts: list[Verdict], texts: Mapping[str, bool | None]) -> None:
        self.notebook = notebook
        self.verdicts = verdicts
        self.texts = texts

    def _rows(self) -> list[tuple[str, str, str]]:
        words = {
            "right": "✔ right",
            "partly": "◐ partly right",
            "wrong": "✘ not yet",
            "missing": "○ no answer yet",
            "recorded": "● recorded",
            "stale": "↻ run its cell again",
        }
        rows = []
        for verdict in self.verdicts:
            status = verdict.judgement.status
            share = "–" if status in ("recorded", "stale") else format_points(verdict.score)
            points = f"{share} / {format_points(verdict.points)}"
            rows.append((verdict.record.question, words[status], points))
        states = {
            True: "✎ written, marked by hand",
            False: "○ nothing written when last saved",
            None: "✎ in your own words, marked by hand",
        }
        return rows + [(key, states[written], "") for key, written in self.texts.items()]

    def __repr__(self) -> str:
        return "\n".join(
            [self._summary(), *(f"{key:28}{status:38}{points}".rstrip() for key, status, points in self._rows())]
        )

    def _summary(self) -> str:
        done = sum(verdict.judgement.status in ("right", "recorded") for verdict in self.verdicts)
        known = [written for written in self.texts.values() if written is not None]
        if len(known) == len(self.texts):
            return f"{self.notebook}: {done + sum(known)} of {len(self.verdicts) + len(known)} answers done"
        return f"{self.notebook}: {done} of {len(self.verdicts)} checked answers done, and {len(self.texts)} to write"

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
    caller = sys._getframe(1)
    notebook = _this_notebook(checks.names_seen_by(caller))
    if notebook is None:
        print("No answer to any question yet: answer one, run its check, then run this again.")
        return None
    verdicts = [checks.verdict_for(question.key, caller) for question in notebook.questions]
    written = texts_beside_kernel()
    return Progress(notebook.name, verdicts, {key: written.get(key) for key in notebook.free_text})


def _this_notebook(namespace: Mapping[str, Any]) -> questions.Notebook | None:
    """Find the notebook: the one last checked, the one the server names, or that of most answers."""
    if checks.checked:
        return questions.notebook_of(checks.checked[-1])
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
