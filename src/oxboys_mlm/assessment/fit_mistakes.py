"""What can be wrong with a fit, and what to say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from oxboys_mlm.assessment.question import Mistake


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """What a course calls what its data hold.

    Attributes
    ----------
    unit, units
        What a group of rows is, in the singular and in the plural, such as "pupil" and "pupils".
    occasion
        The column that numbers the occasions of measurement; empty if there is none.
    names
        The course's own names of general mistakes, by the name in `MISTAKES`.
    texts
        The course's own words for mistakes, by the name that the course gives them.
    """

    unit: str
    units: str
    occasion: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


_COMPARE = "Compare your call with the model's equation, term by term."

#: What can be wrong with a fit. In a text, `{rows}`, `{groups}`, `{by}`, `{outcome}`, `{predictor}` (the first one),
#: `{occasion}`, `{unit}` and `{units}` stand for words of the question and of its course.
MISTAKES: dict[str, Mistake] = {
    mistake.name: mistake
    for mistake in (
        Mistake(
            "no_random_effects",
            "This is an ordinary regression: it treats all measurements as independent. Use `smf.mixedlm` and tell it "
            "with `groups` whose measurements belong together.",
        ),
        Mistake(
            "other_data",
            "This model was not fitted to all {rows} measurements of {groups} {units}. Fit it to the data that the "
            "task names, without leaving out rows.",
        ),
        Mistake(
            "data_changed",
            "The data are not as they were loaded: values of a column that this model uses were changed or "
            "overwritten. Load the data again, then fit again. Your formula is not the problem.",
        ),
        Mistake(
            "shuffled_data",
            "The columns of this model come from different rows: the values of `{outcome}` no longer stand beside the "
            "other values that belong to them. Load the data again, then fit again.",
        ),
        Mistake(
            "outcome_and_predictor_swapped",
            "Outcome and predictor have changed places. In a formula the outcome stands left of the `~`: here, what is "
            "predicted is `{outcome}`.",
        ),
        Mistake("other_outcome", "The outcome, left of the `~`, should be `{outcome}` as it stands in the data."),
        Mistake(
            "outcome_rescaled",
            "The outcome has been rescaled. Use `{outcome}` as it stands in the data, so that the estimates keep their "
            "meaning.",
            0.5,
        ),
        Mistake(
            "grouped_by_occasion",
            "The model groups by `{occasion}`: it lets the occasions differ, not the {units}. Which column says who "
            "was measured?",
        ),
        Mistake(
            "other_groups",
            "The groups of this model are not the {groups} {units}. `groups` takes the column that says who was "
            "measured.",
        ),
        Mistake(
            "lme4_syntax",
            "The formula has a `|` in it. That is R's way to write random effects; statsmodels takes the bar as a "
            "calculation and makes an extra predictor of it. Here random effects go into `groups` and `re_formula`.",
        ),
        Mistake(
            "subject_dummies",
            "The {units} stand in the formula as fixed effects, one coefficient each. In a multilevel model they are "
            "a random sample: leave them out of the formula and name them in `groups`.",
        ),
        Mistake(
            "subject_as_number",
            "`{by}` stands in the formula as if a {unit}'s number were a quantity. It is only a label: name it in "
            "`groups` instead.",
        ),
        Mistake(
            "occasion_dummies",
            "The occasions stand in the formula as categories, with a coefficient for each. The task asks for "
            "`{predictor}`, one slope over all occasions.",
        ),
        Mistake(
            "too_many_effects",
            "This model has far more coefficients than the task asks for. Do the {units} stand in the formula? Leave "
            "them out of it and name them in `groups`.",
        ),
        Mistake(
            "occasion_instead_of_predictor",
            "The predictor is `{occasion}`, the number of the occasion. The task asks for `{predictor}`.",
        ),
        Mistake(
            "predictor_rescaled",
            "The model has the right form, but a predictor in it is rescaled. Use the column as it stands in the data, "
            "so that the slope keeps its unit.",
            0.5,
        ),
        Mistake(
            "predictor_shifted",
            "The model has the right form, but a predictor in it is shifted: its 0 lies elsewhere, so that the "
            "intercept means something else. Use the column as it stands in the data.",
            0.5,
        ),
        Mistake(
            "predictor_transformed",
            "The formula has something made of `{predictor}` (a power, a spline, categories, a step), not "
            "`{predictor}` itself. The task asks for one straight slope: put `{predictor}` there as it stands in the "
            "data.",
        ),
        Mistake(
            "no_fixed_intercept",
            "The formula removes the fixed intercept (`- 1` or `0 +`), so the average line must pass through 0. Leave "
            "the fixed intercept in.",
        ),
        Mistake(
            "no_predictor",
            "The formula does not have `{predictor}` as its predictor. Put it right of the `~`, as it stands in the "
            "data.",
        ),
        Mistake(
            "predictor_in_null_model",
            "There is a predictor in the formula. A null model has none: right of the `~` stands only `1`.",
        ),
        Mistake(
            "predictor_missing",
            "A predictor that the model asks for is missing in the formula. A power counts only inside `I(…)`: without "
            f"it, a formula takes `x ** 2` for `x`. {_COMPARE}",
        ),
        Mistake("extra_predictor", f"The formula has more fixed effects than the model asks for. {_COMPARE}"),
        Mistake(
            "random_slope_missing",
            "Every {unit} has its own intercept here, but all share one slope. Let the slope of `{predictor}` vary "
            "between {units} too: look at `re_formula`.",
        ),
        Mistake(
            "random_intercept_missing",
            "Slopes vary between {units} here, but all {units} share one intercept. Let the intercept vary too: an "
            "`re_formula` includes it unless `- 1` or `0 +` takes it out.",
        ),
        Mistake(
            "random_slope_added",
            "Slopes vary between {units} here. In the model that the task asks for, only the intercept varies.",
        ),
        Mistake(
            "random_intercept_kept",
            "The intercept still varies between {units}. In this model it is fixed: remove the random intercept in "
            "`re_formula`.",
        ),
        Mistake(
            "random_effect_missing",
            "Some effects vary between the {units}, but not all that the model asks for: look at `re_formula`. "
            f"{_COMPARE}",
        ),
        Mistake(
            "random_effect_added",
            "More effects vary between the {units} than the model asks for. An effect may stand in the formula and "
            f"still be the same for all: look at `re_formula`. {_COMPARE}",
        ),
        Mistake(
            "random_slope_of_occasion",
            "The slopes that vary are those of `{occasion}`. Let the slopes of `{predictor}` vary.",
        ),
        Mistake(
            "random_slope_transformed",
            "What varies between the {units} is something made of `{predictor}` (a power, categories, a step), not the "
            "slope of `{predictor}` itself. Put it into `re_formula` as it stands in the data.",
        ),
        Mistake(
            "uncorrelated_effects",
            "Intercepts and slopes both vary, but the model forces their covariance to zero. Let `re_formula` estimate "
            "both together, then it estimates their covariance too.",
            0.5,
        ),
        Mistake("other_random_effects", f"What varies between the {{units}} is not what the task asks for. {_COMPARE}"),
        Mistake(
            "ml_instead_of_reml",
            "The model is specified correctly, but fitted by maximum likelihood (`reml=False`), which makes variances "
            "between {units} too small. Fit it by REML, statsmodels' default.",
            0.5,
        ),
        Mistake(
            "reml_instead_of_ml",
            "The model is specified correctly, but fitted by REML, statsmodels' default. The task asks for maximum "
            "likelihood: look at the argument `reml` of `fit`.",
            0.5,
        ),
        Mistake(
            "not_at_optimum",
            "The model is specified correctly, but the search stopped before it reached the best fit: its estimates "
            "are not yet those of the optimum. `converged` alone is no proof. Let it run longer (no small `maxiter`) "
            'or try another optimiser, such as `method="bfgs"` or `"powell"`: two that agree in variances and '
            "log-likelihood have found it.",
            0.5,
        ),
        Mistake(
            "no_likelihood",
            "The model is specified correctly, but the result cannot be used: look at its log-likelihood and its "
            'slope. Try another optimiser, such as `method="bfgs"` or `"powell"`.',
            0.5,
        ),
    )
}
