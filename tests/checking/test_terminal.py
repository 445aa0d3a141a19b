"""Where nothing shows HTML, feedback is text in letters that the output has."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest

from oxboys_mlm import questions
from oxboys_mlm.assessment.evidence import Record, Text
from oxboys_mlm.assessment.verdict import _LOOKS, Judgement, Verdict
from oxboys_mlm.checking import overview, terminal
from oxboys_mlm.questions.hints import HINTS

NOTEBOOK = questions.NOTEBOOKS[0]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _texts() -> list[str]:
    """List what checks, hints and `progress` may show."""
    shown = [
        Verdict(Record("icc", Text("x")), Judgement(status, 0.0, "Look at τ² and σ²."), 1.0).text() for status in _LOOKS
    ]
    shown += [question.title for notebook in questions.NOTEBOOKS for question in notebook.questions]
    shown += [text for texts in HINTS.values() for text in texts]
    return [*shown, *overview._WORDS.values(), *overview._WRITTEN.values()]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "cp437", "utf-8", "no-such"])
def test_every_text_can_be_written(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    """In any encoding all texts come out, and no sign of the course's own is lost."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii" if encoding == "no-such" else encoding)
    monkeypatch.setattr(sys, "stdout", out)
    for text in _texts():
        terminal.say(text)
        if encoding == "utf-8":
            assert terminal.writable(text) == text
        assert terminal.writable(text).count("?") == text.count("?")
    out.flush()
    assert out.buffer.tell() > 1000


def test_what_is_unknown_is_a_question_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign of the student's own that the output has not is shown as one that is missing."""
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="cp1252"))

    assert terminal.writable("‘身高’ é") == "‘??’ é"


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_lines_fit(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """In a terminal lines are broken between words; in a file they are not."""
    monkeypatch.setenv("COLUMNS", str(columns))
    text = "a-long-word " * 40
    out: Any = _Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    terminal.say(text)
    verdicts = [Verdict(Record(q.key, Text("x")), Judgement.missing(""), 1.0) for q in NOTEBOOK.questions]
    shown = repr(overview.Progress(NOTEBOOK.name, verdicts, dict.fromkeys(NOTEBOOK.free_text)))

    assert max(map(len, out.getvalue().splitlines())) < columns
    assert set(out.getvalue().split()) == {"a-long-word"}
    if columns >= 80:
        assert max(map(len, shown.splitlines())) < columns
    assert shown.count("no answer yet") == len(verdicts)

    said = io.StringIO()
    monkeypatch.setattr(sys, "stdout", said)
    terminal.say(text)
    assert said.getvalue() == f"{text}\n"
