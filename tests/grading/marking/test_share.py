"""Which answers a second person marks."""

from __future__ import annotations

import pytest

from oxboys_mlm.grading.marking.share import draw

CLASS = [f"s{number:03}" for number in range(100)]


@pytest.mark.parametrize(
    ("students", "share", "many"),
    [
        *((0, 0.2, 0), (1, 0.2, 1), (9, 0.2, 9), (10, 0.2, 10), (40, 0.2, 10), (51, 0.2, 11), (100, 0.2, 20)),
        *((100, 0.07, 10), (100, 0.29, 29), (100, 0.5, 50), (100, 1.0, 100), (3, 1.0, 3)),
    ],
)
def test_how_many(students: int, share: float, many: int) -> None:
    """It is the share that was asked for, and at least ten answers where there are so many."""
    assert len(draw("tiny/why", CLASS[:students], share)) == many


def test_the_same_again() -> None:
    """The same answers are drawn again, in whatever order the class is listed; a larger share holds a smaller one."""
    drawn = draw("tiny/why", CLASS)

    assert draw("tiny/why", CLASS[::-1]) == drawn
    assert drawn < draw("tiny/why", CLASS, 0.5) < set(CLASS)


def test_late_answers() -> None:
    """An answer that comes later puts at most one other out."""
    assert len(draw("tiny/why", CLASS[:99], 0.2) - draw("tiny/why", CLASS, 0.2)) <= 1


def test_other_questions() -> None:
    """Each question has other students, so that nobody is always or never among them."""
    often = [sum(student in draw(f"tiny/{number}", CLASS) for number in range(200)) for student in CLASS]

    assert sum(often) == 200 * 20
    assert min(often) > 15
    assert max(often) < 70
