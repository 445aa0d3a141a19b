"""Where a student stands: `progress`."""

from __future__ import annotations

import contextlib
import html
import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

from oxboys_mlm import questions
from oxboys_mlm.assessment.evidence import EvidenceError, decode
from oxboys_mlm.assessment.verdict import Status, Verdict, format_points
from oxboys_mlm.checking import checks
from oxboys_mlm.checking.notebook_file import NotebookFile, notebooks_beside_kernel, texts_beside_kernel
from oxboys_mlm.checking.terminal import say, width, writable

_WORDS: dict[Status, str] = {
    "right": "✔ right",
    "partly": "◐ partly right",
    "wrong": "✘ not yet",
    "missing": "○ no answer yet",
    "recorded": "● recorded, marked later",
    "stale": "↻ run its cell again",
}

_WRITTEN = {
    True: "✎ written, marked by hand",
    False: "○ nothing written when last saved",
    None: "✎ in your own words, marked by hand",
}

_HAND_IN = (
    "run everything once from the top, if you have not just done so (in JupyterLab: Kernel > Restart Kernel and Run "
    "All Cells). Look at the checks once more, save, and hand in."
)

_NOTHING_YET = "No answer to any question yet: answer one, run its check, then run this again."
_RESTARTED = (
    "Python was restarted since your answers ran, and has forgotten them: run them again (Run > Run All Cells), then "
    "run this cell again."
)


def _is_done(verdict: Verdict) -> bool:
    return verdict.judgement.status in ("right", "recorded")


@dataclass(frozen=True)
class _Row:
    """One task of a notebook, or one notebook of a folder."""

    name: str
    title: str
    state: str
    points: str = ""


class Progress:
    """Where a student stands in a notebook: a table in a notebook, lines in a terminal.

    Parameters
    ----------
    notebook
        The notebook's name.
    verdicts
        What the checks say.
    texts
        For each answer in words, whether it is written; None where nobody knows.
    restarted
        Whether the file holds answers that this Python has not run.
    """

    def __init__(
        self, notebook: str, verdicts: list[Verdict], texts: Mapping[str, bool | None], *, restarted: bool = False
    ) -> None:
        self.notebook = notebook
        self.verdicts = verdicts
        self.texts = texts
        self.restarted = restarted

    def _rows(self) -> list[_Row]:
        rows = []
        for number, verdict in enumerate(self.verdicts, 1):
            status = verdict.judgement.status
            share = "–" if status in ("recorded", "stale") else format_points(verdict.score)
            key = verdict.record.question
            points = f"{share} / {format_points(verdict.points)}"
            rows.append(_Row(key, f"{number} · {questions.find(key).title}", _WORDS[status], points))
        first = len(self.verdicts) + 1
        for number, (key, written) in enumerate(self.texts.items(), first):
            rows.append(_Row(key, f"{number} · In your own words", _WRITTEN[written]))
        return rows

    def __repr__(self) -> str:
        return _lines(self._summary(), self._rows(), self._after())

    def _summary(self) -> str:
        done = sum(map(_is_done, self.verdicts))
        known = [written for written in self.texts.values() if written is not None]
        if len(known) == len(self.texts):
            return f"{self.notebook}: {done + sum(known)} of {len(self.verdicts) + len(known)} answers done"
        return f"{self.notebook}: {done} of {len(self.verdicts)} checked answers done, and {len(self.texts)} to write"

    def _after(self) -> list[str]:
        """Say how many points there are, and what to do next."""
        checked = [verdict for verdict in self.verdicts if verdict.judgement.status != "recorded"]
        later = sum(verdict.points for verdict in self.verdicts if verdict.judgement.status == "recorded")
        score, most = (format_points(sum(getattr(v, name) for v in checked)) for name in ("score", "points"))
        recorded = f"; {format_points(later)} more for choices, marked after you hand in" if later else ""
        lines = [f"Points by checks: {score} of {most}{recorded}."]
        if self.restarted:
            return [*lines, _RESTARTED]
        for row, verdict in zip(self._rows(), self.verdicts, strict=False):
            if not _is_done(verdict):
                what = "write its answer, and run" if verdict.judgement.status == "missing" else "look again at"
                return [*lines, f"Next: Task {row.title}: {what} its check."]
        if any(written is False for written in self.texts.values()):
            return [*lines, f"Next: Task {self._rows()[-1].title}: write it, and save."]
        return [*lines, f"Next: {_HAND_IN}"]

    def _repr_html_(self) -> str:
        rows = [(f"{html.escape(row.title)} <code>{html.escape(row.name)}</code>", row) for row in self._rows()]
        return _table(self._summary(), ("task", "state", "points"), rows, self._after())


class Overview:
    """Where a student stands in all notebooks of a folder, as last saved.

    Parameters
    ----------
    notebooks
        For each notebook, the checks' verdicts and, for each answer in words, whether it is written.
    """

    def __init__(self, notebooks: Mapping[str, tuple[Sequence[Verdict], Mapping[str, bool]]]) -> None:
        self.notebooks = notebooks

    def _rows(self) -> list[_Row]:
        rows = []
        for name, (verdicts, texts) in self.notebooks.items():
            done = sum(map(_is_done, verdicts)) + sum(texts.values())
            score, most = (sum(getattr(verdict, part) for verdict in verdicts) for part in ("score", "points"))
            state = f"{done} of {len(verdicts) + len(texts)} answers done"
            rows.append(_Row(name, name, state, f"{format_points(score)} / {format_points(most)}"))
        return rows

    def __repr__(self) -> str:
        return _lines(_SAVED, self._rows(), [_LATER])

    def _repr_html_(self) -> str:
        rows = [(html.escape(row.title), row) for row in self._rows()]
        return _table(_SAVED, ("notebook", "state", "points by checks"), rows, [_LATER])


_SAVED = "All notebooks in this folder, as last saved"
_LATER = "Recorded choices and answers in your own words get their points after you hand in."


def _lines(caption: str, rows: Sequence[_Row], after: Sequence[str]) -> str:
    """Lay out a table for a terminal; where it is too narrow, what stands under a row's title is said below it."""
    titles = max((len(row.title) for row in rows), default=0) + 2
    states = max((len(row.state) for row in rows), default=0) + 2
    columns = width() or 200
    narrow = titles + states + 10 > columns
    wide = [f"{row.title:{titles}}{row.state:{states}}{row.points}" for row in rows]
    lines = [f"{row.title}\n    {row.state}  {row.points}" for row in rows] if narrow else wide
    wrapped = [textwrap.fill(line, columns - 1) for line in (caption, *after)]
    return writable("\n".join([wrapped[0], *(line.rstrip() for line in lines), *wrapped[1:]]))


def _table(caption: str, heads: Sequence[str], rows: Sequence[tuple[str, _Row]], after: Sequence[str]) -> str:
    cell = 'style="text-align:left;padding:.2em 1.2em .2em 0"'
    body = "".join(f"<tr><td {cell}>{t}</td><td {cell}>{r.state}</td><td {cell}>{r.points}</td></tr>" for t, r in rows)
    head = "".join(f"<th {cell}>{name}</th>" for name in heads)
    return (
        f"<table><caption style='text-align:left;padding:.3em 0'><strong>{html.escape(caption)}</strong></caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        + "".join(f'<div style="padding:.1em 0">{html.escape(line)}</div>' for line in after)
    )


def progress(*, all: bool = False) -> Progress | Overview | None:  # noqa: A002 - the word that people type
    """Show where you stand in this notebook: every task, its state, its points, and what to do next.

    Parameters
    ----------
    all
        Whether to show all notebooks in this folder instead, as they were last saved.

    Returns
    -------
    Progress, Overview or None
        Shown by a notebook and at a prompt. Where nothing shows it, as in a script, it is printed, and None is
        returned. So it is while no answer of a notebook is there to tell which one it is: a line says so.
    """
    caller = sys._getframe(1)
    found = _overview() if all else _progress(caller)
    if isinstance(found, str) or not checks.shows_value(caller):
        say(found if isinstance(found, str) else repr(found))
        return None
    return found


def _progress(caller: FrameType) -> Progress | str:
    """Look where a student stands in the notebook, or say why that is not known."""
    names = checks.names_seen_by(caller)
    notebook = _this_notebook(names)
    if notebook is None:
        return _RESTARTED if _answers_beside() else _NOTHING_YET
    verdicts = [checks.verdict_for(question.key, caller) for question in notebook.questions]
    written = texts_beside_kernel()
    file = notebooks_beside_kernel().get(f"{notebook.name}.ipynb", NotebookFile())
    restarted = bool(file.answered) and not any(question.key in names for question in notebook.questions)
    return Progress(notebook.name, verdicts, {key: written.get(key) for key in notebook.free_text}, restarted=restarted)


def _answers_beside() -> bool:
    return any(file.answered for file in notebooks_beside_kernel().values())


def _overview() -> Overview:
    found = {}
    files = notebooks_beside_kernel()
    for notebook in questions.NOTEBOOKS:
        file = files.get(f"{notebook.name}.ipynb")
        if file is not None:
            verdicts = [_saved(question.key, file) for question in notebook.questions]
            found[notebook.name] = (verdicts, {key: file.written.get(key, False) for key in notebook.free_text})
    return Overview(found)


def _saved(key: str, file: NotebookFile) -> Verdict:
    """Judge what a check showed when its notebook was saved."""
    missing = checks.verdict_on(key, {})
    verdict = replace(missing, points=file.points.get(key, missing.points))
    with contextlib.suppress(EvidenceError):
        record = decode(file.records.get(key, ""))
        if record.question == key:
            return replace(verdict, record=record, judgement=questions.find(key).judge(record.evidence))
    return verdict


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
