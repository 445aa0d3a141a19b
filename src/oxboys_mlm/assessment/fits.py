"""Answers that are a fitted model."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MethodType
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from oxboys_mlm.assessment.evidence import (
    MAX_COLUMNS,
    MAX_TERMS,
    Column,
    Evidence,
    Fit,
    Helper,
    RandomTerm,
    Unusable,
)
from oxboys_mlm.assessment.question import Mistake, Question, course_helper, describe_type
from oxboys_mlm.assessment.verdict import Finding, Judgement

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Tolerances that separate right fits from near ones: fixed effects in their units, variances as a share.
FIXED_TOLERANCE = 0.002
VARIANCE_TOLERANCE = 0.005

#: Log-likelihoods this close are the same optimum.
LIKELIHOOD_TOLERANCE = 0.003


# ---- describing ----------------------------------------------------------------------------------


def collect_fit(value: Any, data: pd.DataFrame) -> Fit | Unusable:
    """Describe a fitted model of statsmodels.

    Parameters
    ----------
    value
        A mixed model's results, from a formula or from arrays, or those of a regression.
    data
        The course's data. Columns of the model are recognised by holding the values of one of its
        columns, in any order of rows, so their names do not matter.
    """
    mixed = sys.modules.get("statsmodels.regression.mixed_linear_model")
    linear = sys.modules.get("statsmodels.regression.linear_model")
    base = sys.modules.get("statsmodels.base.model")
    kind = type(value)
    if mixed and kind in (mixed.MixedLMResults, mixed.MixedLMResultsWrapper):
        results = value._results if kind is mixed.MixedLMResultsWrapper else value
        if type(results) is not mixed.MixedLMResults or not isinstance(results.model, mixed.MixedLM):
            return Unusable("wrong_type", "an imitation of a fit")
        return _collect_mixed(results, data)
    if linear and kind in (linear.OLSResults, linear.RegressionResults, linear.RegressionResultsWrapper):
        return _collect_regression(value, data)
    if base and issubclass(kind, base.Model):
        return Unusable("unfitted_model", "a model that has not been fitted")
    if kind.__name__ in ("Summary", "SimpleTable"):
        return Unusable("summary", "the printed summary of a fit")
    if str(kind.__module__).startswith("statsmodels.") and hasattr(kind, "summary"):
        return Unusable("wrong_type", "a fit of another kind of model")
    if kind is MethodType and value.__func__.__name__ in ("fit", "summary"):
        return Unusable("wrong_type", f"the method `{value.__func__.__name__}` itself (are its parentheses missing?)")
    return Unusable("wrong_type", describe_type(value))


def _collect_mixed(results: Any, data: pd.DataFrame) -> Fit | Unusable:
    import numpy as np

    model = results.model
    # Group by group: this copy of the data stays even when `remove_data` has thrown the other away.
    order = np.concatenate([np.asarray(model.row_indices[label]) for label in model.group_labels])
    outcome = np.concatenate([np.ravel(part) for part in model.endog_li]).astype(float)
    design = np.concatenate([np.reshape(part, (len(part), -1)) for part in model.exog_li])
    groups = np.asarray(model.groups)[order]
    columns = _Columns(data, outcome, model.endog_names)
    terms: list[RandomTerm] = []
    covariance = np.asarray(results.cov_re, float)
    covariance = covariance.reshape(len(covariance), -1) if covariance.size else np.zeros((0, 0))
    if len(covariance):
        random = np.asarray(model.exog_re, float).reshape(len(outcome), -1)[order]
        by = columns.grouping(groups)
        names = list(getattr(model.data, "exog_re_names", None) or [])[: len(covariance)]
        names += [""] * (len(covariance) - len(names))
        terms += [
            RandomTerm(columns.role(random[:, j], names[j]), by, _finite(covariance[j, j]))
            for j in range(len(covariance))
        ]
    for matrices, variance in zip(model.exog_vc.mats if model.k_vc else [], results.vcomp, strict=False):
        what, members = _component(matrices)
        role = columns.role(what, sign=False)
        terms.append(RandomTerm(role, columns.grouping(members, what, role), _finite(variance)))
    fixed = _fixed(design, model.exog_names, results.fe_params, _quantity(lambda: results.bse_fe), columns)
    if fixed is None or len(terms) > MAX_TERMS:
        return _TOO_MANY
    return Fit(
        model="mixed",
        method="REML" if results.method == "REML" else "ML",
        outcome=columns.outcome_role,
        random=tuple(terms),
        covariance=tuple(tuple(_finite(number) for number in row) for row in covariance),
        residual_variance=_finite(results.scale),
        log_likelihood=_finite(_quantity(lambda: results.llf)),
        n=len(outcome),
        converged=bool(results.converged),
        **fixed,
    )


def _collect_regression(results: Any, data: pd.DataFrame) -> Fit | Unusable:
    import numpy as np

    columns = _Columns(data, np.asarray(results.model.endog, float).reshape(-1), results.model.endog_names)
    fixed = _fixed(results.model.exog, results.model.exog_names, results.params, results.bse, columns)
    if fixed is None:
        return _TOO_MANY
    return Fit(
        model="ols",
        method="",
        outcome=columns.outcome_role,
        random=(),
        covariance=(),
        residual_variance=_finite(results.scale),
        log_likelihood=_finite(results.llf),
        n=len(results.model.endog),
        converged=True,
        **fixed,
    )


_TOO_MANY = Unusable("too_large", "a model with very many effects")


def _fixed(design: Any, names: Any, estimates: Any, errors: Any, columns: _Columns) -> dict[str, Any] | None:
    """Describe the fixed effects; None if there are too many."""
    import numpy as np

    design = np.asarray(design, float)
    width = design.size // len(design)
    design = design.reshape(len(design), width)
    if width > MAX_COLUMNS:
        return None
    errors = [None] * width if errors is None else np.asarray(errors, float)
    return {
        "fixed": tuple(
            Column(str(name)[:200], columns.role(design[:, j], name)) for j, name in enumerate(list(names)[:width])
        ),
        "estimates": tuple(_finite(number) for number in np.asarray(estimates, float)),
        "errors": tuple(_finite(number) for number in errors),
    }


def _component(matrices: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Give what a variance component varies with, row by row, and which rows share one effect."""
    import numpy as np

    dense = [np.asarray(matrix.todense() if hasattr(matrix, "todense") else matrix, float) for matrix in matrices]
    starts = np.cumsum([0, *(matrix.shape[1] for matrix in dense)])
    size = np.concatenate([np.sqrt((matrix**2).sum(axis=1)) for matrix in dense])
    member = np.concatenate(
        [start + np.abs(matrix).argmax(axis=1) for start, matrix in zip(starts, dense, strict=False)]
    )
    return size, member


def _quantity(look: Callable[[], Any]) -> Any:
    """Give what statsmodels computes on demand; None if it cannot, as after `remove_data`."""
    try:
        return look()
    except (AttributeError, TypeError, ValueError, ArithmeticError):
        return None


def _finite(number: Any) -> float | None:
    if number is None:
        return None
    number = float(number)
    return number if math.isfinite(number) and abs(number) < 1e300 else None


class _Columns:
    """Recognises the columns of a model by their values, whatever their names and the order of rows."""

    def __init__(self, data: pd.DataFrame, outcome: np.ndarray, outcome_name: Any) -> None:
        self.data = data
        self.known = {str(name): data[name].to_numpy(float) for name in data.columns}
        #: What moves with the outcome belongs to the same rows. Standardised, so that its unit does not matter.
        self.outcome = _standardised(outcome)
        self.outcome_known: np.ndarray | None = None
        self.outcome_role = self.role(outcome, outcome_name)
        name = _base(self.outcome_role)
        if name in self.known:
            self.outcome_known = _standardised(self.known[name])

    def role(self, column: Any, name: Any = "", *, sign: bool = True) -> str:
        """Name what a column holds, as in `evidence.Column`; without `sign`, sizes are compared.

        Only where the values are none of the data's does the column's own name count: it says what they were made of.
        """
        role = self._role_by_values(column, sign=sign)
        if role not in ("", "indicator"):
            return role
        if str(name) in self.known:
            return f"{name} changed"
        made_of = [known for known in self.known if re.search(rf"\b{re.escape(known)}\b", str(name))]
        return f"{made_of[0]} transformed" if len(made_of) == 1 and "|" not in str(name) else role

    def _role_by_values(self, column: Any, *, sign: bool) -> str:
        import numpy as np

        column = np.asarray(column, float).reshape(-1)
        if not np.isfinite(column).all() or not len(column):
            return ""
        if np.ptp(column) <= 1e-9 * abs(column[0]):
            return "1" if column[0] else ""
        if set(np.unique(column)) == {0.0, 1.0}:
            return self._indicator(column)
        name, suffix = self._name(column, sign=sign)
        if name and not self._in_place(column, self.known[name] if sign else np.abs(self.known[name])):
            return f"{name} shuffled"
        return name + suffix

    def _name(self, column: np.ndarray, *, sign: bool) -> tuple[str, str]:
        import numpy as np

        ordered = np.sort(column)
        for name, values in self.known.items():
            expected = np.sort(values if sign else np.abs(values))
            if len(expected) == len(ordered) and np.allclose(ordered, expected, rtol=1e-5, atol=1e-6):
                return name, ""
        for name, values in self.known.items():
            if len(values) != len(ordered):
                continue
            expected = _standardised(np.sort(values))
            if any(np.allclose(_standardised(turned), expected, atol=1e-5) for turned in (ordered, -ordered[::-1])):
                shifted = np.allclose(ordered - ordered[0], np.sort(values) - values.min(), rtol=1e-5, atol=1e-5)
                return name, " shifted" if shifted else " rescaled"
        return "", ""

    def _in_place(self, column: np.ndarray, expected: np.ndarray) -> bool:
        """Tell whether a column moves with the outcome as it does in the data."""
        import numpy as np

        if self.outcome_known is None:
            return True
        got = abs(float(np.mean(_standardised(column) * self.outcome)))
        return abs(got - abs(float(np.mean(_standardised(expected) * self.outcome_known)))) < 1e-4

    def _indicator(self, column: np.ndarray) -> str:
        import numpy as np

        everywhere = np.ones(len(column), bool)
        # Fewest labels first: the first visit is also the only one at age -1.
        for name, values in sorted(self.known.items(), key=lambda item: len(np.unique(item[1]))):
            labels, sizes = np.unique(values, return_counts=True)
            for label in labels[sizes == column.sum()]:
                if self._same_groups(column, values == label, everywhere, np.ones(len(values), bool)):
                    return f"{name} indicator"
        return "indicator"

    def grouping(self, groups: Any, weight: np.ndarray | None = None, role: str = "1") -> str:
        """Name the column that groups the rows in the same way; "all" if they are one group.

        An effect with a `weight` of zero, such as that of age at age 0, leaves open whose it is: only the other
        rows are compared.
        """
        import numpy as np

        if len(set(groups)) == 1:
            return "all"
        acts = np.ones(len(groups), bool) if weight is None else weight != 0
        known_acts = self.known[role] != 0 if role in self.known else np.ones(len(self.data), bool)
        for name in self.data.columns:
            if self._same_groups(groups, self.data[name].to_numpy(), acts, known_acts):
                return str(name)
        return ""

    def _same_groups(self, groups: Any, labels: np.ndarray, rows: np.ndarray, known_rows: np.ndarray) -> bool:
        """Tell whether two groupings, each of some rows, make groups of the same sizes and mean outcomes."""
        import numpy as np

        members = np.unique([str(label) for label in groups], return_inverse=True)[1][rows]
        expected = np.unique(labels, return_inverse=True)[1][known_rows]
        if not np.array_equal(np.sort(np.bincount(members)), np.sort(np.bincount(expected))):
            return False
        if self.outcome_known is None:
            return True
        sums = np.bincount(members, weights=self.outcome[rows])
        totals = np.sort(np.bincount(expected, weights=self.outcome_known[known_rows]))
        # An outcome that was rescaled by a negative factor has its sums turned round.
        return any(np.allclose(np.sort(turned), totals, atol=1e-4) for turned in (sums, -sums))


def _base(role: str) -> str:
    """Give the column that a role is a linear function of."""
    return role.removesuffix(" rescaled").removesuffix(" shifted")


def _standardised(column: np.ndarray) -> np.ndarray:
    import numpy as np

    spread = float(np.std(column))
    return np.asarray((column - np.mean(column)) / (spread if spread > 0 else 1.0))


# ---- judging -------------------------------------------------------------------------------------

_LOOK_AT_SPECIFICATION = "Compare your call with the model's equation, term by term."

#: What can be wrong with a fit, and what to say of it. A question may put its own words to a name.
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
            "This model was not fitted to all {rows} measurements of {groups} boys. Fit it to `data` as it was loaded; "
            "if you changed `data`, run the first cell again.",
        ),
        Mistake(
            "data_changed",
            "Your `data` is no longer as it was loaded: values of a column that this model uses were changed or "
            "overwritten. Run the first cell again (`data = load_oxboys()`), then this one. Your formula is not the "
            "problem.",
        ),
        Mistake(
            "shuffled_data",
            "The columns of this model come from different rows: heights no longer stand beside the ages that belong "
            "to them. Fit it to `data` as it was loaded; if you changed `data`, run the first cell again.",
        ),
        Mistake(
            "outcome_and_predictor_swapped",
            "Outcome and predictor have changed places. In a formula the outcome stands left of the `~`: here, what is "
            "predicted is height.",
        ),
        Mistake("other_outcome", "The outcome, left of the `~`, should be `height` as it stands in `data`."),
        Mistake(
            "outcome_rescaled",
            "The outcome has been rescaled. Use `height` in centimetres, so that the estimates keep their meaning.",
            0.5,
        ),
        Mistake(
            "grouped_by_occasion",
            "The model groups by `Occasion`: it lets the nine visits differ, not the boys. Which column says who was "
            "measured?",
        ),
        Mistake(
            "other_groups",
            "The groups of this model are not the {groups} boys. `groups` takes the column that says who was measured.",
        ),
        Mistake(
            "lme4_syntax",
            "The formula has a `|` in it. That is R's way to write random effects; statsmodels takes the bar as a "
            "calculation and makes an extra predictor of it. Here random effects go into `groups` and `re_formula`.",
        ),
        Mistake(
            "subject_dummies",
            "The boys stand in the formula as fixed effects, one coefficient each. In a multilevel model they are "
            "a random sample: leave them out of the formula and name them in `groups`.",
        ),
        Mistake(
            "subject_as_number",
            "`Subject` stands in the formula as if a boy's number were a quantity. It is only a label: name it in "
            "`groups` instead.",
        ),
        Mistake(
            "occasion_dummies",
            "The visits stand in the formula as categories, with a coefficient for each. The task asks for `age`, one "
            "slope over all visits.",
        ),
        Mistake(
            "too_many_effects",
            "This model has far more coefficients than the task asks for. Do the boys stand in the formula? Leave them "
            "out of it and name them in `groups`.",
        ),
        Mistake(
            "occasion_instead_of_age",
            "The predictor is `Occasion`, the number of the visit. The task asks for `age`, which says when the visit "
            "really was.",
        ),
        Mistake(
            "age_rescaled",
            "The model has the right form, but its predictor is a rescaled `age`. Use the column as it is, so that "
            "the slope is per year and age 0 stays in the middle of the study.",
            0.5,
        ),
        Mistake(
            "age_shifted",
            "The model has the right form, but its predictor is a shifted `age`: its 0 is no longer in the middle of "
            "the study, so that the intercept means something else. Use the column as it is.",
            0.5,
        ),
        Mistake(
            "age_transformed",
            "The formula has something made of `age` (a power, a spline, categories, a step), not `age` itself. The "
            "task asks for one straight slope: put `age` there as it stands in `data`.",
        ),
        Mistake(
            "no_fixed_intercept",
            "The formula removes the fixed intercept (`- 1` or `0 +`), so the average line must pass through a height "
            "of 0 cm at age 0. Leave the fixed intercept in.",
        ),
        Mistake(
            "age_missing",
            "The formula does not have `age` as its predictor. Put it right of the `~`, as it stands in `data`.",
        ),
        Mistake(
            "predictor_in_null_model",
            "There is a predictor in the formula. A null model has none: right of the `~` stands only `1`.",
        ),
        Mistake(
            "predictor_missing",
            "A predictor that the model asks for is missing in the formula. A power counts only inside `I(…)`: without "
            f"it, a formula takes `age ** 2` for `age`. {_LOOK_AT_SPECIFICATION}",
        ),
        Mistake(
            "extra_predictor", f"The formula has more fixed effects than the model asks for. {_LOOK_AT_SPECIFICATION}"
        ),
        Mistake(
            "random_slope_missing",
            "Every boy has his own intercept here, but all share one slope. Let the slope of `age` vary between boys "
            "too: look at `re_formula`.",
        ),
        Mistake(
            "random_intercept_missing",
            "Slopes vary between boys here, but all boys share one intercept. Let the intercept vary too: an "
            "`re_formula` includes it unless `- 1` or `0 +` takes it out.",
        ),
        Mistake(
            "random_slope_added",
            "Slopes vary between boys here. This model comes later: for now only the intercept varies.",
        ),
        Mistake(
            "random_intercept_kept",
            "The intercept still varies between boys. In this model it is fixed: remove the random intercept in "
            "`re_formula`.",
        ),
        Mistake(
            "random_effect_missing",
            "Some effects vary between the boys, but not all that the model asks for: look at `re_formula`. "
            f"{_LOOK_AT_SPECIFICATION}",
        ),
        Mistake(
            "random_effect_added",
            "More varies between the boys than the model asks for. An effect may stand in the formula and still be the "
            f"same for all: look at `re_formula`. {_LOOK_AT_SPECIFICATION}",
        ),
        Mistake(
            "random_slope_of_occasion",
            "The slopes that vary are those of `Occasion`. Let the slopes of `age` vary.",
        ),
        Mistake(
            "random_slope_transformed",
            "What varies between the boys is something made of `age` (a power, categories, a step), not the slope of "
            "`age` itself. Put `age` into `re_formula` as it stands in `data`.",
        ),
        Mistake(
            "uncorrelated_effects",
            "Intercepts and slopes both vary, but the model forces their covariance to zero. Let `re_formula` estimate "
            "both together, then it estimates their covariance too.",
            0.5,
        ),
        Mistake(
            "other_random_effects", f"What varies between the boys is not what was asked for. {_LOOK_AT_SPECIFICATION}"
        ),
        Mistake(
            "ml_instead_of_reml",
            "The model is specified correctly, but fitted by maximum likelihood (`reml=False`), which makes variances "
            "between boys too small. Fit it by REML, statsmodels' default.",
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
            "are not yet those of the optimum. `converged` alone does not tell. Let it run longer (no small `maxiter`) "
            'or try another optimiser, such as `method="bfgs"` or `"powell"`: two that agree in variances and '
            "log-likelihood have found it.",
            0.5,
        ),
        Mistake(
            "no_likelihood",
            "The model is specified correctly, but what came out is no fit: look at its log-likelihood and its slope. "
            'Try another optimiser, such as `method="bfgs"` or `"powell"`.',
            0.5,
        ),
    )
}


@dataclass(frozen=True, kw_only=True)
class FitQuestion(Question):
    """A question answered by a fitted mixed model.

    Attributes
    ----------
    data
        Gives the data; columns are named after its columns.
    outcome, fixed, random, by
        The specification: roles as in `evidence.Column`, and the column that groups the rows.
    reference
        Returns the reference fit, made by `method`.
    praise
        What to say when it is right.
    method
        "REML" or "ML": how the model should be fitted.
    helpers
        Return the fits of the course's own helpers, by name, as described by `data`.
    at_boundary
        The optimum lies on the boundary, where optimisers stop anywhere: the specification decides.
    texts
        This question's own words for names in `MISTAKES`. In every text, `{rows}` and `{groups}` stand for the
        numbers of rows and of groups in the data.
    shares
        This question's own shares of the points for names in `MISTAKES`.
    """

    data: Callable[[], pd.DataFrame]
    outcome: str
    fixed: tuple[str, ...]
    random: tuple[str, ...]
    by: str
    reference: Callable[[], Fit]
    praise: str
    helpers: Mapping[str, Callable[[], Fit]] = field(default_factory=dict)
    at_boundary: bool = False
    method: Literal["REML", "ML"] = "REML"
    texts: Mapping[str, str] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)

    def collect(self, value: Any, seed: int) -> Evidence:
        """Describe the fit, or the only one in a list or tuple."""
        if type(value) in (list, tuple) and len(value) == 1:
            if helper := course_helper(value[0]):
                return Helper(helper)
            inner = collect_fit(value[0], self.data())
            return msgspec.structs.replace(inner, held_by=describe_type(value)) if isinstance(inner, Fit) else inner
        return collect_fit(value, self.data())

    def judge(self, evidence: Evidence, key: Evidence | None = None, seed: int | None = None) -> Judgement:
        """Judge evidence; of a helper's fit, say first what is wrong with the model itself."""
        judgement = super().judge(evidence, key, seed)
        if isinstance(evidence, Helper) and evidence.name in self.helpers:
            mistake = self._specification(self.helpers[evidence.name]())
            if mistake:
                first = self._found(mistake)
                text = f"{first.feedback}\n{judgement.feedback}"
                return Judgement("wrong", 0.0, text, (*first.findings, *judgement.findings))
        return judgement

    def judge_unusable(self, evidence: Unusable) -> Judgement:
        """Say why this is no fit."""
        match evidence.problem:
            case "unfitted_model":
                text = f"`{self.key}` is a model that waits to be fitted. Call its `.fit()` and keep what that returns."
                return Judgement.found(Finding("not_fitted", text))
            case "summary":
                text = (
                    f"`{self.key}` is the printed summary. Keep the fit itself, `… .fit()`, under this name; you can "
                    "print its summary in a line of its own."
                )
                return Judgement.found(Finding("summary_instead_of_fit", text))
            case "too_large":
                return self._found("too_many_effects")
            case _:
                text = (
                    f"`{self.key}` should hold a fitted model, what `smf.mixedlm(…).fit()` returns, but holds "
                    f"{evidence.description or 'something else'}."
                )
                return Judgement.found(Finding("not_a_fit", text))

    def judge_answer(self, evidence: Evidence, key: Evidence | None, seed: int | None) -> Judgement:
        """Judge the fit: by its numbers where they decide, else by its specification."""
        if not isinstance(evidence, Fit):
            return self.wrong_type("something else")
        mistake = self._specification(evidence)
        if mistake:
            return self._found(mistake)
        if evidence.method != self.method:
            return self._found("ml_instead_of_reml" if self.method == "REML" else "reml_instead_of_ml")
        if not self.at_boundary:
            if self._agrees(evidence):
                return self._right(evidence)
            return self._found("not_at_optimum" if evidence.log_likelihood is not None else "no_likelihood")
        reference = _estimates(self.reference())
        sane = _near(_estimates(evidence), reference, lambda wanted: 0.05)
        if evidence.log_likelihood is None or not sane:
            return self._found("no_likelihood")
        return self._right(evidence)

    def _right(self, fit: Fit) -> Judgement:
        if not fit.held_by:
            return Judgement.right(self.praise)
        note = (
            f"It is in {fit.held_by}, though: take out the comma or the brackets, so that `{self.key}.summary()` works."
        )
        return Judgement.right(f"{self.praise}\n{note}")

    def _found(self, name: str) -> Judgement:
        return self._mistake(name).judgement()

    def _mistake(self, name: str) -> Mistake:
        """Return a mistake in this question's words."""
        usual, data = MISTAKES[name], self.data()
        text = self.texts.get(name, usual.text).format(rows=len(data), groups=data[self.by].nunique())
        return Mistake(name, text, self.shares.get(name, usual.share))

    def _agrees(self, fit: Fit) -> bool:
        """Tell whether a fit of the right specification agrees with the reference fit.

        Its estimates decide: where the likelihood is flat, a search that stopped early is near the best log-likelihood
        and not yet near the best estimates. Estimates a little further off need a log-likelihood that is hardly lower.
        """
        reference = self.reference()
        if not _near(_estimates(fit), _estimates(reference), lambda wanted: FIXED_TOLERANCE):
            return False
        if _near(_variances(fit), _variances(reference), lambda wanted: VARIANCE_TOLERANCE * abs(wanted)):
            return True
        loose = _near(_variances(fit), _variances(reference), lambda wanted: 5 * VARIANCE_TOLERANCE * abs(wanted))
        return loose and abs(_number(fit.log_likelihood) - _number(reference.log_likelihood)) <= LIKELIHOOD_TOLERANCE

    def _specification(self, fit: Fit) -> str:
        """Name what is wrong with the model's specification; empty if nothing is.

        A mistake that costs everything goes before one that leaves a share of the points.
        """
        looks = (self._wrong_data, self._wrong_groups, self._wrong_fixed, self._wrong_random)
        found = [name for look in looks if (name := look(fit))]
        return min(found, key=lambda name: self.shares.get(name, MISTAKES[name].share), default="")

    def _wrong_data(self, fit: Fit) -> str | None:
        roles = {column.role for column in fit.fixed}
        if fit.model != "mixed":
            return "no_random_effects"
        if fit.n != len(self.data()):
            return "other_data"
        if any(role.endswith(" shuffled") for role in roles):
            return "shuffled_data"
        used = {fit.outcome, *roles, *(term.role for term in fit.random)}
        if any(role.endswith(" changed") for role in used):
            return "data_changed"
        if fit.outcome == self.outcome:
            return None
        if self.outcome in roles:
            return "outcome_and_predictor_swapped"
        return "outcome_rescaled" if _base(fit.outcome) == self.outcome else "other_outcome"

    def _wrong_groups(self, fit: Fit) -> str | None:
        groupings = {term.by for term in fit.random}
        if self.by in groupings:
            return None if groupings == {self.by} else "other_random_effects"
        return "grouped_by_occasion" if "Occasion" in groupings else "other_groups"

    def _wrong_fixed(self, fit: Fit) -> str | None:
        given = [column.role for column in fit.fixed]
        roles = [_base(role) for role in given]
        if any("|" in column.name for column in fit.fixed):
            return "lme4_syntax"
        if f"{self.by} indicator" in roles:
            return "subject_dummies"
        if self.by in roles:
            return "subject_as_number"
        predictors = [role for role in self.fixed if role != "1"]
        missing = [role for role in predictors if role not in roles]
        if missing and missing[0] == predictors[0]:
            if "Occasion indicator" in roles:
                return "occasion_dummies"
            if f"{missing[0]} transformed" in roles:
                return "age_transformed"
            if "Occasion" in roles:
                return "occasion_instead_of_age"
        if missing:
            return "age_missing" if missing == predictors else "predictor_missing"
        if set(roles) - set(self.fixed):
            return "extra_predictor" if predictors else "predictor_in_null_model"
        if "1" in self.fixed and "1" not in roles:
            return "no_fixed_intercept"
        if len(roles) > len(self.fixed):
            return "extra_predictor"
        return _moved(given)

    def _wrong_random(self, fit: Fit) -> str | None:
        given = [term.role for term in fit.random]
        roles = sorted(_base(role) for role in given)
        if "Occasion" in roles:
            return "random_slope_of_occasion"
        if roles != sorted(self.random):
            return self._other_effects(set(roles))
        if moved := _moved(given):
            return moved
        if len(self.random) > 1:
            wanted, got = _variances(self.reference()), _variances(fit)
            pairs = [pair for pair in wanted if pair[0] != pair[1]]
            if any(not got.get(pair) for pair in pairs):
                return "uncorrelated_effects"
        return None

    def _other_effects(self, roles: set[str]) -> str:
        """Name how other effects than those asked for vary between the groups."""
        wanted = set(self.random)
        missing, extra, slopes = wanted - roles, roles - wanted, wanted - {"1"}
        if missing == {"1"}:
            return "random_intercept_missing"
        if any(f"{role} transformed" in extra for role in missing):
            return "random_slope_transformed"
        if missing:
            if missing == slopes:
                return "random_slope_missing"
            return "random_effect_missing" if extra <= set(self.fixed) else "other_random_effects"
        if extra == {"1"}:
            return "random_intercept_kept"
        if extra and not slopes and extra <= set(self.data().columns):
            return "random_slope_added"
        return "random_effect_added" if extra and extra <= set(self.fixed) else "other_random_effects"


def _moved(roles: Sequence[str]) -> str | None:
    """Name what was done to a predictor, if it was something linear."""
    if any(role.endswith(" rescaled") for role in roles):
        return "age_rescaled"
    return "age_shifted" if any(role.endswith(" shifted") for role in roles) else None


def _number(value: float | None) -> float:
    """Give a number; NaN, which is near nothing, for one that was not finite."""
    return math.nan if value is None else value


def _near(got: Mapping[Any, float], wanted: Mapping[Any, float], tolerance: Callable[[float], float]) -> bool:
    """Tell whether two tables have the same entries, and each lies within its tolerance."""
    return got.keys() == wanted.keys() and all(
        abs(got[name] - number) <= tolerance(number) for name, number in wanted.items()
    )


def _estimates(fit: Fit) -> dict[str, float]:
    """Give the fixed effects by role."""
    return {column.role: _number(estimate) for column, estimate in zip(fit.fixed, fit.estimates, strict=True)}


def _variances(fit: Fit) -> dict[tuple[str, str], float]:
    """Give variances and covariances by the roles of their terms, and the residual variance."""
    found = {(term.role, term.role): _number(term.variance) for term in fit.random}
    for i, row in enumerate(fit.covariance):
        for j, number in enumerate(row[:i]):
            first, second = sorted((fit.random[i].role, fit.random[j].role))
            found[first, second] = _number(number)
    found["residual", "residual"] = _number(fit.residual_variance)
    return found
