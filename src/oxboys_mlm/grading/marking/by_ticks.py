"""How a mark by hand follows from what was ticked, and when an answer waits again. Nothing here reads or writes.

What waits is kept in one place, the gradebook, where formgrader has it too. A mark remembers what its marker had seen;
where that has changed, the answer is made to wait once, and whoever then looks at it, here or in formgrader, ends that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

import msgspec

from oxboys_mlm.grading.marking.free_texts import FreeText
from oxboys_mlm.grading.marking.rubric import Rubric

# Smaller than any difference between points.
_TINY = 1e-6


class Seen(msgspec.Struct, frozen=True):
    """What a marker had before them: digests of the answer, the question and the rubric's words (not its points)."""

    answer: str
    question: str
    rubric: str


class HandMark(msgspec.Struct, frozen=True):
    """What a person decided about an answer.

    Attributes
    ----------
    ticks
        Names of the statements that the answer makes. Those that the rubric no longer has give nothing.
    difference
        Points above (or below, if negative) what the statements give.
    reason
        Why.
    seen
        What the marker had seen.
    score
        The points that were written to the gradebook.
    changed
        What has changed since then: "answer", "question", "rubric".
    """

    ticks: tuple[str, ...]
    difference: float
    reason: str
    seen: Seen
    score: float
    changed: tuple[str, ...] = ()


class Entry(msgspec.Struct, frozen=True):
    """What the gradebook has for an answer.

    Attributes
    ----------
    score
        Points given by hand; None if there are none.
    waits
        Whether a person has to look at it.
    """

    score: float | None
    waits: bool


def points(rubric: Rubric, most: float, ticks: Collection[str], difference: float = 0.0) -> float:
    """Return the points that ticks give; none below 0, and none above what the question gives.

    Parameters
    ----------
    rubric
        The rubric.
    most
        The question's points.
    ticks
        Names of the statements that were ticked.
    difference
        Points above what they give.
    """
    return round(min(max(ticked(rubric, ticks) + difference, 0.0), most), 4)


def ticked(rubric: Rubric, ticks: Collection[str]) -> float:
    """Return the points of the statements that were ticked, by their names."""
    return sum(statement.points for statement in rubric.statements if statement.name in ticks)


def disagree(mark: HandMark, entry: Entry) -> bool:
    """Return whether the gradebook has other points than the mark gave: somebody has changed them in formgrader."""
    return entry.score is None or abs(entry.score - mark.score) > _TINY


def follow(mark: HandMark, entry: Entry, text: FreeText, now: Seen) -> tuple[HandMark, Entry]:
    """Return what mark and gradebook should be, as answer, question and rubric are now.

    Points follow from the ticks. Where somebody has changed them in formgrader, they stay, for a person to decide.
    """
    changed = tuple(what for what in Seen.__struct_fields__ if getattr(mark.seen, what) != getattr(now, what))
    waits = entry.waits or bool(changed)
    # What nobody has looked at since it changed has changed still.
    changed = tuple(
        what for what in Seen.__struct_fields__ if what in changed or (entry.waits and what in mark.changed)
    )
    if disagree(mark, entry):
        return msgspec.structs.replace(mark, seen=now, changed=changed), Entry(entry.score, waits)
    score = points(text.rubric, text.points, mark.ticks, mark.difference)
    return msgspec.structs.replace(mark, seen=now, changed=changed, score=score), Entry(score, waits)


def seen(text: FreeText, answer: str, attachments: Any = None) -> Seen:
    """Return what somebody sees who marks an answer now.

    Parameters
    ----------
    text
        The question.
    answer
        What the student wrote.
    attachments
        Pictures of the answer's cell, as the notebook has them.
    """
    statements = sorted(
        [_words(line) for line in (each.name, each.text, *each.accepted, "/", *each.refused, "/", each.note)]
        for each in text.rubric.statements
    )
    return Seen(
        digest_of_answer(answer, attachments),
        _digest(_words(text.question)),
        _digest(statements),
    )


def digest_of_answer(answer: str, attachments: Any = None) -> str:
    """Return a digest of what a student wrote, with its pictures."""
    return _digest([answer, attachments or {}])


def _words(text: str) -> str:
    """Return a text in which line ends and further blanks make no difference."""
    return " ".join(text.split())


def _digest(content: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
