"""What each notebook asks: one module per notebook."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from oxboys_mlm.assessment.question import Question
from oxboys_mlm.questions import (
    borrowing_strength,
    how_sure,
    null_model,
    random_intercept,
    random_slope,
    slope_only,
    straight_line,
    visualization,
    where_is_zero,
    which_model,
)
from oxboys_mlm.questions.notebook import Notebook

__all__ = ["NOTEBOOKS", "Notebook", "find", "notebook_of"]

#: The notebooks of the course, in order.
NOTEBOOKS: tuple[Notebook, ...] = (
    visualization.NOTEBOOK,
    null_model.NOTEBOOK,
    random_intercept.NOTEBOOK,
    random_slope.NOTEBOOK,
    slope_only.NOTEBOOK,
    borrowing_strength.NOTEBOOK,
    where_is_zero.NOTEBOOK,
    which_model.NOTEBOOK,
    straight_line.NOTEBOOK,
    how_sure.NOTEBOOK,
)


@cache
def _by_key() -> dict[str, tuple[Question, Notebook]]:
    return {question.key: (question, notebook) for notebook in NOTEBOOKS for question in notebook.questions}


def find(key: str) -> Question:
    """Return the question of a key.

    Raises
    ------
    ValueError
        If there is none, with the nearest key.
    """
    return _lookup(key)[0]


def notebook_of(key: str) -> Notebook:
    """Return the notebook that asks a question."""
    return _lookup(key)[1]


def _lookup(key: str) -> tuple[Question, Notebook]:
    known = _by_key()
    if isinstance(key, str) and key in known:
        return known[key]
    raise no_question(key, known, "check")


def no_question(key: object, known: Collection[str], function: str) -> ValueError:
    """Return the error for a key that is none of those known to a function, with the nearest one."""
    import difflib

    near = difflib.get_close_matches(str(key), known, n=1, cutoff=0.5)
    advice = f'Did you mean {function}("{near[0]}")?' if near else f"There are: {', '.join(known)}."
    return ValueError(f"There is no question called {key!r}. {advice}")
