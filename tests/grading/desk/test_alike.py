"""Answers that say the same are found, and those that say another thing are not."""

from __future__ import annotations

import pytest

from oxboys_mlm.grading.desk.alike import normal_form


@pytest.mark.parametrize(
    "other",
    [
        "the boys differ so one line is not enough",
        "  The  boys\ndiffer; so one line is not enough!",
        "The boys *differ*, so **one line** is not enough.",
        "“The boys differ, so one line is not enough …”",
        "THE BOYS DIFFER – SO ONE LINE IS NOT ENOUGH",
    ],
)
def test_alike(other: str) -> None:
    """White space, case and punctuation make no difference."""
    assert normal_form(other) == normal_form("The boys differ, so one line is not enough.")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It is 0.5.", "It is 05."),
        ("It is 0.5.", "It is .5"),
        ("It is -0.5.", "It is 0.5."),
        ("a < b", "a > b"),
        ("a != b", "a = b"),
        ("74 %", "74"),
        ("They differ.", "They do not differ."),
        ("$\\sigma^2$", "$\\sigma 2$"),
        ("1/2", "12"),
        ("~~yes~~ no", "yes no"),
    ],
)
def test_not_alike(one: str, other: str) -> None:
    """Words, numbers and signs of formulas make a difference."""
    assert normal_form(one) != normal_form(other)
