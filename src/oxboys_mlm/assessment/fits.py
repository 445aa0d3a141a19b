"""Answers that are a fitted model."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from oxboys_mlm.assessment.evidence import Evidence, Fit, Helper, Unusable, base_column
from oxboys_mlm.assessment.fit_mistakes import MISTAKES, Vocabulary
from oxboys_mlm.assessment.question import Mistake, Question
from oxboys_mlm.assessment.verdict import Finding, Judgement

if TYPE_CHECKING:
    import pandas as pd

#: Tolerances that separate right fits from near ones: fixed effects in their units, variances as a share.
FIXED_TOLERANCE = 0.002
VARIANCE_TOLERANCE = 0.005

#: Fixed effects this close are those of a known fit, by whatever method and optimiser.
KNOWN_TOLERANCE = 0.02

#: Log-likelihoods this close are the same optimum.
LIKELIHOOD_TOLERANCE = 0.003


@dataclass(frozen=True)
class KnownFit:
    """A mistake in a specification that is known by the fixed effects of the fit that it leads to."""

    mistake: Mistake
    fit: Callable[[], Fit]


@dataclass(frozen=True, kw_only=True)
class FitQuestion(Question):
    """A question answered by a fitted mixed model.

    Attributes
    ----------
    data
        Returns the data; columns are named after its columns.
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
    vocabulary
        What the course calls what the data hold.
    texts, shares
        This question's own words for mistakes, and own shares of the points, by the course's name of the mistake.
    known
        Mistakes that the specification alone does not tell apart, such as where a predictor was shifted to.
    """

    answer: ClassVar = Fit

    data: Callable[[], pd.DataFrame]
    outcome: str
    fixed: tuple[str, ...]
    random: tuple[str, ...]
    by: str
    reference: Callable[[], Fit]
    praise: str
    vocabulary: Vocabulary
    helpers: Mapping[str, Callable[[], Fit]] = field(default_factory=dict)
    at_boundary: bool = False
    method: Literal["REML", "ML"] = "REML"
    texts: Mapping[str, str] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    known: tuple[KnownFit, ...] = ()

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
        """Return what is wrong with something that is not a fit."""
        match evidence.problem:
            case "unfitted_model":
                text = f"`{self.key}` is a model that has not been fitted yet. Call `.fit()` and keep what it returns."
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

    def judge_answer(self, evidence: Fit) -> Judgement:
        """Judge the fit: by its numbers where they decide, else by its specification."""
        mistake = self._specification(evidence)
        if mistake:
            known = self._known(evidence, mistake)
            return known.judgement() if known else self._found(mistake)
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

    def _known(self, fit: Fit, general: str) -> Mistake | None:
        """Return the mistake of a known fit with the same fixed effects, where the specification has the same flaw."""
        for other in self.known:
            same = _near(_estimates(fit), _estimates(other.fit()), lambda wanted: KNOWN_TOLERANCE)
            if same and self._specification(other.fit()) == general:
                return other.mistake
        return None

    def _right(self, fit: Fit) -> Judgement:
        if not fit.held_by:
            return Judgement.right(self.praise)
        note = (
            f"It is in {fit.held_by}, though: take out the comma or the brackets, so that `{self.key}.summary()` works."
        )
        return Judgement.right(f"{self.praise}\n{note}")

    def _found(self, general: str) -> Judgement:
        return self.mistake(general).judgement()

    def mistake(self, general: str) -> Mistake:
        """Return a mistake of `MISTAKES` in the words of this question and its course."""
        usual, words = MISTAKES[general], self.vocabulary
        name = words.names.get(general, general)
        text = self.texts.get(name) or words.texts.get(name) or usual.text
        return Mistake(name, text.format_map(self._words()), self.shares.get(name, usual.share))

    def _words(self) -> dict[str, Any]:
        data = self.data()
        return {
            "rows": len(data),
            "groups": data[self.by].nunique(),
            "by": self.by,
            "outcome": self.outcome,
            "predictor": next(iter(self._predictors()), ""),
            "occasion": self.vocabulary.occasion,
            "unit": self.vocabulary.unit,
            "units": self.vocabulary.units,
        }

    def _predictors(self) -> list[str]:
        return [role for role in self.fixed if role != "1"]

    def _agrees(self, fit: Fit) -> bool:
        """Return whether a fit of the right specification agrees with the reference fit.

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
        return min(found, key=lambda name: self.mistake(name).share, default="")

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
        return "outcome_rescaled" if base_column(fit.outcome) == self.outcome else "other_outcome"

    def _is_occasion(self, columns: Collection[str], suffix: str = "") -> bool:
        """Return whether the number of the occasion is among some columns, where it is not asked for."""
        occasion = self.vocabulary.occasion
        return bool(occasion) and occasion not in self.fixed and f"{occasion}{suffix}" in columns

    def _wrong_groups(self, fit: Fit) -> str | None:
        groupings = {term.by for term in fit.random}
        if self.by in groupings:
            return None if groupings == {self.by} else "other_random_effects"
        return "grouped_by_occasion" if self._is_occasion(groupings) else "other_groups"

    def _wrong_fixed(self, fit: Fit) -> str | None:
        given = [column.role for column in fit.fixed]
        roles = [base_column(role) for role in given]
        if any("|" in column.name for column in fit.fixed):
            return "lme4_syntax"
        if f"{self.by} indicator" in roles:
            return "subject_dummies"
        if self.by in roles:
            return "subject_as_number"
        predictors = self._predictors()
        missing = [role for role in predictors if role not in roles]
        if missing and missing[0] == predictors[0]:
            if self._is_occasion(roles, " indicator"):
                return "occasion_dummies"
            if f"{missing[0]} transformed" in roles:
                return "predictor_transformed"
            if self._is_occasion(roles):
                return "occasion_instead_of_predictor"
        if missing:
            return "no_predictor" if missing == predictors else "predictor_missing"
        if set(roles) - set(self.fixed):
            return "extra_predictor" if predictors else "predictor_in_null_model"
        if "1" in self.fixed and "1" not in roles:
            return "no_fixed_intercept"
        if len(roles) > len(self.fixed):
            return "extra_predictor"
        return _moved(given)

    def _wrong_random(self, fit: Fit) -> str | None:
        given = [term.role for term in fit.random]
        roles = sorted(base_column(role) for role in given)
        if self._is_occasion(roles):
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
        return "predictor_rescaled"
    return "predictor_shifted" if any(role.endswith(" shifted") for role in roles) else None


def _number(value: float | None) -> float:
    """Return a number; NaN, which is near nothing, for one that was not finite."""
    return math.nan if value is None else value


def _near(got: Mapping[Any, float], wanted: Mapping[Any, float], tolerance: Callable[[float], float]) -> bool:
    """Return whether two tables have the same entries, and each lies within its tolerance."""
    return got.keys() == wanted.keys() and all(
        abs(got[name] - number) <= tolerance(number) for name, number in wanted.items()
    )


def _estimates(fit: Fit) -> dict[str, float]:
    """Return the fixed effects by role."""
    return {column.role: _number(estimate) for column, estimate in zip(fit.fixed, fit.estimates, strict=True)}


def _variances(fit: Fit) -> dict[tuple[str, str], float]:
    """Return variances and covariances by the roles of their terms, and the residual variance."""
    found = {(term.role, term.role): _number(term.variance) for term in fit.random}
    for i, row in enumerate(fit.covariance):
        for j, number in enumerate(row[:i]):
            first, second = sorted((fit.random[i].role, fit.random[j].role))
            found[first, second] = _number(number)
    found["residual", "residual"] = _number(fit.residual_variance)
    return found
