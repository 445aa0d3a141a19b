"""The share of answers that a second person marks: drawn at random, and the same whenever it is drawn again."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection

#: Share that is drawn where nobody says how large.
SHARE = 0.2

#: Fewest answers to a question that are drawn, where there are so many: less says little of how far two people agree.
FEWEST = 10


def draw(question: str, students: Collection[str], share: float = SHARE) -> frozenset[str]:
    """Draw the students whose answers to a question are marked twice.

    Nobody chooses: the order follows from a digest. An answer handed in later takes its place in it, so that a draw
    from a class that has grown holds most of the earlier one.

    Parameters
    ----------
    question
        Name of the question; each has other students.
    students
        Those who answered it.
    share
        How large the share is, from 0 to 1.
    """
    # What a product of floats is above a whole number draws nobody.
    many = max(FEWEST, math.ceil(share * len(students) - 1e-9))
    return frozenset(sorted(students, key=lambda student: _place(question, student))[:many])


def _place(question: str, student: str) -> bytes:
    return hashlib.sha256(f"{question}\0{student}".encode()).digest()
