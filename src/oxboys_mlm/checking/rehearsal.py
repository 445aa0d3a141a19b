"""Make, before anything is checked, what the checks of questions compare answers with."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

from oxboys_mlm import questions
from oxboys_mlm.assessment.fits import FitQuestion
from oxboys_mlm.assessment.functions import FunctionQuestion
from oxboys_mlm.assessment.numbers import NumberQuestion
from oxboys_mlm.assessment.question import Question
from oxboys_mlm.assessment.texts import NamesQuestion
from oxboys_mlm.checking.checks import verdict_on
from oxboys_mlm.questions import reference

#: A number that no question asks for, with too many digits to be one that was rounded.
_NUMBER = 0.0123456789


def _constant(*arguments: Any) -> float:
    return _NUMBER


_constant.__module__ = "__main__"  # else it would be one of the course's helpers, which are not called


def rehearse(keys: Iterable[str]) -> None:
    """Check a wrong answer to each question, so that later checks find the reference fits and known mistakes made.

    Parameters
    ----------
    keys
        The questions' keys; those of no question are passed over.
    """
    for key in keys:
        with contextlib.suppress(ValueError):
            for answer in _wrong_answers(questions.find(key)):
                verdict_on(key, {key: answer})


def _wrong_answers(question: Question) -> list[Any]:
    """Return answers of the right kind that are compared with everything the question knows."""
    match question:
        case NumberQuestion():
            return [_NUMBER]
        case FunctionQuestion():
            return [_constant]
        case FitQuestion():  # one of them is wrong
            return [reference.fit("fit_null"), reference.fit("fit_random_slope")]
        case NamesQuestion():
            return [["none"]]
        case _:
            return ["none"]
