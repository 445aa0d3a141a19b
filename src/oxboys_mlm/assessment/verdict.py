"""Judgements, and how a verdict looks to the person it is for."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any, Literal

from oxboys_mlm.assessment.evidence import MIME_TYPE, Record, encode

Status = Literal["right", "partly", "wrong", "missing", "recorded", "stale"]


@dataclass(frozen=True)
class Finding:
    """A recognised mistake.

    Attributes
    ----------
    name
        Its name in reports, in snake_case.
    text
        What was done and where to look. `Code` stands in backticks. Never gives the answer away.
    """

    name: str
    text: str


@dataclass(frozen=True)
class Judgement:
    """What a question says of an answer.

    Attributes
    ----------
    status
        How the answer stands. "stale" is never a mark: a student's kernel holds what an earlier run gave.
    share
        Share of the points it earns, from 0 to 1.
    feedback
        What its author should read.
    findings
        Recognised mistakes, most important first.
    """

    status: Status
    share: float
    feedback: str
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        if not 0.0 <= self.share <= 1.0:
            raise ValueError(f"a share lies between 0 and 1, not at {self.share}")

    @classmethod
    def right(cls, feedback: str) -> Judgement:
        """Return full points."""
        return cls("right", 1.0, feedback)

    @classmethod
    def missing(cls, feedback: str) -> Judgement:
        """Return no points: there is no answer yet."""
        return cls("missing", 0.0, feedback)

    @classmethod
    def found(cls, finding: Finding, share: float = 0.0) -> Judgement:
        """Return what a recognised mistake leaves of the points."""
        return cls("partly" if share else "wrong", share, finding.text, (finding,))

    @classmethod
    def wrong(cls, feedback: str) -> Judgement:
        """Return no points, for a mistake without a name."""
        return cls("wrong", 0.0, feedback)


_LOOKS: dict[Status, tuple[str, str]] = {
    # Colours of medium lightness, for a bar that stands out on white and on dark grey alike. Text has the page's own
    # colour: none is readable on both. The symbol and the word carry the meaning.
    "right": ("✔ Right", "#2a9d6e"),
    "partly": ("◐ Partly right", "#c98a00"),
    "wrong": ("✘ Not yet", "#d55e00"),
    "missing": ("○ No answer yet", "#808890"),
    "recorded": ("● Recorded", "#3b82c4"),
    "stale": ("↻ Not judged: this is an earlier answer", "#8a63b8"),
}


def format_points(points: float) -> str:
    """Write points without needless decimals.

    >>> format_points(2.0), format_points(1.5), format_points(2 / 3)
    ('2', '1.5', '0.67')
    """
    return f"{round(points, 2):g}"


def _count(points: float) -> str:
    """Write points with their word.

    >>> _count(1.0), _count(2.0)
    ('1 point', '2 points')
    """
    return f"{format_points(points)} point{'' if points == 1 else 's'}"


def inline_html(text: str) -> str:
    """Escape a text for HTML; what stands in backticks becomes code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(text, quote=False))


@dataclass(frozen=True, repr=False)
class Verdict:
    """A judgement in points, with the evidence that it rests on.

    The value of ``check("key")``. Notebooks show `_repr_html_`; nbgrader reads the plain text,
    which is the number of points; a grader reads the record.
    """

    record: Record
    judgement: Judgement
    points: float

    @property
    def score(self) -> float:
        """Points earned."""
        return round(self.judgement.share * self.points, 4)

    @property
    def feedback(self) -> str:
        """The feedback as plain text."""
        return self.judgement.feedback

    @property
    def findings(self) -> tuple[str, ...]:
        """Names of the recognised mistakes."""
        return tuple(finding.name for finding in self.judgement.findings)

    def __repr__(self) -> str:
        return f"{self.score:g}"

    def text(self) -> str:
        """Return the feedback for a terminal."""
        return f"{self._headline()}: {self.feedback}"

    def _headline(self) -> str:
        word, _ = _LOOKS[self.judgement.status]
        if self.judgement.status == "recorded":
            return f"{word}, not yet marked (worth {_count(self.points)})"
        if self.judgement.status == "stale":
            return word
        return f"{word} · {format_points(self.score)} of {_count(self.points)}"

    def _repr_html_(self) -> str:
        _, colour = _LOOKS[self.judgement.status]
        paragraphs = "".join(
            f'<div style="margin-top:.25em">{inline_html(part)}</div>' for part in self.feedback.split("\n") if part
        )
        # Inline styles only: notebooks drop style sheets from outputs that they do not trust.
        return (
            f'<div role="status" style="border-left:.4em solid {colour};padding:.35em .9em;margin:.3em 0;'
            'max-width:46em;line-height:1.45">'
            f"<div><strong>{self._headline()}</strong> "
            f'<code style="opacity:.75">{html.escape(self.record.question)}</code></div>{paragraphs}</div>'
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {
            "text/plain": repr(self),
            "text/html": self._repr_html_(),
            # As text: a front end that reformats JSON would otherwise change what was recorded.
            MIME_TYPE: encode(self.record).decode(),
        }
