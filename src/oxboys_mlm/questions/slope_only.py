"""What notebook 5 asks: what if only the slopes vary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from oxboys_mlm.assessment.evidence import Summary
from oxboys_mlm.assessment.fits import FitQuestion
from oxboys_mlm.assessment.question import Mistake
from oxboys_mlm.assessment.summaries import plain
from oxboys_mlm.assessment.texts import ChoiceQuestion, NamesQuestion, Rows
from oxboys_mlm.questions import reference
from oxboys_mlm.questions.notebook import Notebook
from oxboys_mlm.questions.row_names import AGE, COV, GROUP, TIMES, VAR, own_name
from oxboys_mlm.questions.vocabulary import OXBOYS

SLOPE_ONLY_FIT = FitQuestion(
    key="slope_only_fit",
    title="Random slopes, one intercept",
    where="Start from the random slope model and remove the random intercept in `re_formula`.",
    data=reference.data,
    outcome="height",
    fixed=("1", "age"),
    random=("age",),
    by="Subject",
    reference=partial(reference.evidence, "fit_slope_only"),
    vocabulary=OXBOYS,
    helpers=reference.HELPERS,
    at_boundary=True,
    praise="That is the model asked for: slopes vary, the intercept is the same for all. "
    "What its warnings mean comes next.",
    texts={
        "no_fixed_intercept": "The intercept was removed from the fixed effects. It should stay there; it is the "
        "random intercept, in `re_formula`, that goes.",
        "random_slope_missing": "This is the random intercept model: intercepts vary, slopes do not. Here it is the "
        "other way round.",
        "random_intercept_kept": "This is the random slope model of notebook 4: intercepts still vary. Remove the "
        "random intercept in `re_formula`.",
    },
)


def vanished(summaries: Sequence[Summary]) -> Rows:
    """Return the rows that vanish, called as usual or as the summaries of the notebook's two models call them."""
    before = [re.escape(plain(own_name(summaries, "fan", role))) or "(?!)" for role in ("1", "age")]
    group, age = f"({GROUP}|{before[0]})", f"({AGE}|{before[1]})"
    still = own_name(summaries, "slope_only_fit", "age")
    # A component may have any name: then the row of `age` is not in the second table, though its variance is.
    renamed = bool(still) and plain(still) != plain(own_name(summaries, "fan", "age") or "age")
    return Rows((f"{group}{VAR}", f"({group}{TIMES}{age}|{age}{TIMES}{group}){COV}"), f"{age}{VAR}" if renamed else "")


VANISHED_ROWS = NamesQuestion(
    key="vanished_rows",
    title="Rows that vanished",
    where="Print both summaries, one below the other. Which rows of the random slope model have no counterpart here? "
    'Write their names as they are printed, in quotation marks: `{"…", "…"}`.',
    fits=("fan", "slope_only_fit"),
    data=reference.data,
    rows=vanished,
    praise="Yes: with the random intercept goes its variance, and with that its covariance with the slope.",
    incomplete=Mistake(
        "row_forgotten",
        "One row is right, but not the only one that has vanished. What else needs a random intercept to exist?",
        0.5,
    ),
    slips={
        f"{AGE}{VAR}": Mistake(
            "row_still_there",
            "The variance of the slopes is still there: it is the one variance that this model has, however small it "
            "comes out.",
        ),
        r"intercept|age|const": Mistake(
            "fixed_effects_still_there",
            "The fixed effects are still there, in both models. Look at the rows below them.",
        ),
        r"scale.*|residual.*": Mistake(
            "scale_still_there",
            "Scale, the residual variance, is still printed, with another value. Look at the lower table.",
        ),
    },
)

SLOPE_ONLY_TRUSTWORTHY = ChoiceQuestion(
    key="slope_only_trustworthy",
    title="Can this fit be trusted?",
    where='"Converged" alone proves nothing: look at the variance of the slopes, at the log-likelihood, and at what '
    "happened to the residual variance.",
    options=("yes", "no"),
)

WHY_SINGULAR = ChoiceQuestion(
    key="why_singular",
    title="Why the fit is singular",
    where="Compare the residual variances of the two models: where did the differences between the boys go?",
    options=("a", "b", "c", "d"),
)

NOTEBOOK = Notebook(
    name="5-slope-only",
    assignment="voluntary",
    questions=(SLOPE_ONLY_FIT, VANISHED_ROWS, SLOPE_ONLY_TRUSTWORTHY, WHY_SINGULAR),
    free_text=("slope_only_difference",),
)
