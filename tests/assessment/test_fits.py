"""Fits are recognised by their numbers, whatever the names and the order of the rows."""

from __future__ import annotations

import dataclasses
import warnings
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from oxboys_mlm import load_oxboys
from oxboys_mlm.assessment.collecting.fits import collect_fit
from oxboys_mlm.assessment.evidence import Column, Fit, RandomTerm, Record, Unusable, decode, encode
from oxboys_mlm.assessment.fit_mistakes import MISTAKES
from oxboys_mlm.assessment.fits import FitQuestion
from oxboys_mlm.questions import NOTEBOOKS, reference
from oxboys_mlm.questions.random_intercept import RANDOM_INTERCEPT_FIT
from oxboys_mlm.questions.random_slope import RANDOM_SLOPE_FIT
from oxboys_mlm.questions.slope_only import SLOPE_ONLY_FIT

DATA = load_oxboys()
pytestmark = pytest.mark.filterwarnings("ignore")


def _roles(formula: str, data: pd.DataFrame = DATA) -> list[str]:
    described = collect_fit(smf.ols(formula, data).fit(), DATA)
    assert isinstance(described, Fit)
    return [described.outcome, *(column.role for column in described.fixed)]


@pytest.mark.parametrize(
    ("formula", "roles"),
    [
        ("height ~ age", ["height", "1", "age"]),
        ("height ~ 0 + I(1 * age)", ["height", "age"]),
        ("height ~ I(age + 12)", ["height", "1", "age shifted"]),
        ("height ~ I(2 * age)", ["height", "1", "age rescaled"]),
        ("I(-height) ~ age", ["height rescaled", "1", "age"]),
        ("age ~ height", ["age", "1", "height"]),
        ("height ~ Occasion + Subject", ["height", "1", "Occasion", "Subject"]),
        ("height ~ I(age**2)", ["height", "1", "age transformed"]),
        ("height ~ I(age * Occasion)", ["height", "1", ""]),
        ("np.log(height) ~ age", ["height transformed", "1", "age"]),
        ("height ~ 0 + C(Occasion)", ["height", *["Occasion indicator"] * 9]),
        ("height ~ C(Subject)", ["height", "1", *["Subject indicator"] * 25]),
    ],
)
def test_roles(formula: str, roles: list[str]) -> None:
    """A column is known by the values that it holds."""
    assert _roles(formula) == roles


def test_roles_do_not_depend_on_names_and_order() -> None:
    """Renamed columns and shuffled rows are the same data; columns shuffled apart are not."""
    renamed = DATA.rename(columns={"age": "height", "height": "age"}).sample(frac=1, random_state=1)
    torn = DATA.assign(age=np.random.default_rng(0).permutation(DATA["age"]))

    assert _roles("age ~ height", renamed) == ["height", "1", "age"]
    assert _roles("height ~ age", torn) == ["height", "1", "age shuffled"]


@pytest.mark.parametrize(
    ("groups", "by"),
    [
        (DATA["Subject"], "Subject"),
        (DATA["Subject"].astype(str).str.zfill(5), "Subject"),
        ((-DATA["Subject"]).tolist(), "Subject"),
        (DATA["Occasion"].to_numpy(), "Occasion"),
        (np.ones(len(DATA)), "all"),
        (np.arange(len(DATA)) // 6, ""),
        (np.random.default_rng(0).permutation(DATA["Subject"]), ""),
    ],
)
def test_groups(groups: Any, by: str) -> None:
    """Groups are known by which rows they hold together, whatever their labels."""
    described = collect_fit(smf.mixedlm("height ~ 1", DATA, groups=groups).fit(), DATA)

    assert isinstance(described, Fit)
    assert [term.by for term in described.random] == [by]


def test_components() -> None:
    """A variance component says what varies and between whom, also where a weight is zero."""
    model = smf.mixedlm(
        "height ~ age",
        DATA,
        groups=np.ones(len(DATA)),
        re_formula="0",
        vc_formula={"a": "0 + C(Subject):age", "b": "0 + C(Subject)", "c": "0 + C(Occasion)"},
    )
    described = collect_fit(model.fit(maxiter=1), DATA)

    assert isinstance(described, Fit)
    assert [(term.role, term.by) for term in described.random] == [
        ("age", "Subject"),
        ("1", "Subject"),
        ("1", "Occasion"),
    ]
    assert described.covariance == ()


def test_description_survives_encoding() -> None:
    """What is collected can be encoded and decoded, numbers that are none included."""
    fit = smf.mixedlm("height ~ age", DATA, groups="Subject", use_sqrt=False).fit(method="powell")
    described = collect_fit(fit, DATA)

    assert isinstance(described, Fit)
    assert described.random[0].variance is None
    assert decode(encode(Record("random_intercept_fit", described))).evidence == described


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (smf.mixedlm("height ~ 1", DATA, groups="Subject"), "unfitted_model"),
        (smf.ols("height ~ 1", DATA), "unfitted_model"),
        (smf.ols("height ~ 1", DATA).fit, "wrong_type"),
        (smf.ols("height ~ 1", DATA).fit().summary(), "summary"),
        (smf.ols("height ~ age * C(Subject)", DATA).fit(), "too_large"),
        (smf.gee("height ~ 1", "Subject", DATA).fit(), "wrong_type"),
        (sm.GLM(DATA["height"], np.ones(234)).fit(), "wrong_type"),
        (sm, "wrong_type"),
        (3, "wrong_type"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_fit(value: Any, problem: str) -> None:
    """What is no fit of a mixed model or a regression is refused with its problem."""
    described = collect_fit(value, DATA)

    assert isinstance(described, Unusable)
    assert described.problem == problem
    assert described.description


def _reference(**changes: Any) -> Fit:
    return msgspec.structs.replace(reference.evidence("fit_random_intercept"), **changes)


def _variances(fit: Fit, factor: float) -> tuple[RandomTerm, ...]:
    return tuple(RandomTerm(term.role, term.by, (term.variance or 0.0) * factor) for term in fit.random)


def test_tolerances() -> None:
    """Estimates may be off by little; by a little more if the log-likelihood is that of the optimum."""
    fit = _reference()

    assert RANDOM_INTERCEPT_FIT.judge(fit).share == 1.0
    assert RANDOM_INTERCEPT_FIT.judge(_reference(random=_variances(fit, 1.004), log_likelihood=None)).share == 1.0
    assert RANDOM_INTERCEPT_FIT.judge(_reference(random=_variances(fit, 1.01))).share == 1.0
    off = RANDOM_INTERCEPT_FIT.judge(_reference(random=_variances(fit, 1.01), log_likelihood=-470.0198))
    assert (off.share, off.findings[0].name) == (0.5, "not_at_optimum")
    assert RANDOM_INTERCEPT_FIT.judge(_reference(random=_variances(fit, 1.05))).share == 0.5
    assert RANDOM_INTERCEPT_FIT.judge(_reference(estimates=(149.3717, 6.5275))).share == 0.5


def test_a_costly_mistake_goes_before_a_cheap_one() -> None:
    """A fit with two mistakes earns what the worse of them leaves."""
    rescaled = (Column("Intercept", "1"), Column("a", "age rescaled"))

    assert RANDOM_INTERCEPT_FIT.judge(_reference(fixed=rescaled)).findings[0].name == "age_rescaled"
    assert RANDOM_SLOPE_FIT.judge(_reference(fixed=rescaled)).findings[0].name == "random_slope_missing"
    assert RANDOM_SLOPE_FIT.judge(_reference(fixed=rescaled)).share == 0.0


def test_at_the_boundary_the_specification_decides() -> None:
    """The slope-only fit may stop anywhere, as long as it is a fit."""
    fit = reference.evidence("fit_slope_only")
    early = msgspec.structs.replace(fit, random=(RandomTerm("age", "Subject", 0.2),), log_likelihood=-819.09)
    mad = msgspec.structs.replace(fit, estimates=(149.37, 0.0))
    endless = msgspec.structs.replace(fit, log_likelihood=None)

    assert SLOPE_ONLY_FIT.judge(fit).share == SLOPE_ONLY_FIT.judge(early).share == 1.0
    assert [SLOPE_ONLY_FIT.judge(f).findings[0].name for f in (mad, endless)] == ["no_likelihood"] * 2


def test_every_text_is_fit_to_read() -> None:
    """Texts of mistakes are whole sentences without numbers that would answer a task."""
    asked = [question for notebook in NOTEBOOKS for question in notebook.questions if isinstance(question, FitQuestion)]
    for mistake in (question.mistake(name) for question in asked for name in MISTAKES):
        assert mistake.text[0].isupper() or mistake.text[0] == "`"
        assert mistake.text.rstrip()[-1] in ".?"
        assert mistake.text.count("`") % 2 == 0
        assert "{" not in mistake.text
        assert not any(number in mistake.text for number in ("6.5", "0.7", "65", "63", "2.8"))


def test_collecting_does_not_change_the_fit() -> None:
    """A fit is the same after a look at it."""
    fit = smf.mixedlm("height ~ age", DATA, groups="Subject").fit()
    before = fit.params.copy(), fit.model.exog.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert collect_fit(fit, DATA) == collect_fit(fit, DATA)

    pd.testing.assert_series_equal(fit.params, before[0])
    assert np.array_equal(fit.model.exog, before[1])


# ---- questions with data, a method and texts of their own ------------------------------------------

CURVED = DATA[DATA["Subject"] != 4].assign(age=lambda data: data["age"] + 1, age2=lambda data: data["age"] ** 2)


def _fit(formula: str, re_formula: str = "~age", *, data: pd.DataFrame = CURVED, reml: bool = True) -> Fit:
    fit = smf.mixedlm(formula, data, groups="Subject", re_formula=re_formula).fit(reml=reml, method="powell")
    described = collect_fit(fit, CURVED)
    assert isinstance(described, Fit)
    return described


CURVE = dataclasses.replace(
    RANDOM_SLOPE_FIT,
    data=lambda: CURVED,
    fixed=("1", "age", "age2"),
    reference=lambda: _fit("height ~ age + age2"),
    helpers={},
)


@pytest.mark.parametrize(
    ("fit", "share", "finding"),
    [
        (_fit("height ~ age + I(age**2)"), 1.0, None),
        (_fit("height ~ age2 + age", data=CURVED.iloc[::-1]), 1.0, None),
        (_fit("height ~ age"), 0.0, "predictor_missing"),
        (_fit("height ~ age + age**2"), 0.0, "predictor_missing"),
        (_fit("height ~ I(age**2)"), 0.0, "predictor_missing"),
        (_fit("height ~ 1"), 0.0, "age_missing"),
        (_fit("height ~ age + age2 + Occasion"), 0.0, "extra_predictor"),
        (_fit("height ~ age + age2", "1"), 0.0, "random_slope_missing"),
        (_fit("height ~ age + age2", "~age + age2"), 0.0, "random_effect_added"),
        (_fit("height ~ age + age2", data=DATA.assign(age2=DATA["age"] ** 2)), 0.0, "other_data"),
        (_fit("height ~ I(age - 1) + age2"), 0.5, "age_shifted"),
        (_fit("height ~ age + age2", reml=False), 0.5, "ml_instead_of_reml"),
    ],
)
def test_a_question_with_data_of_its_own(fit: Fit, share: float, finding: str | None) -> None:
    """Other rows, a moved age and a column made of another are the question's data like any."""
    judgement = CURVE.judge(fit)
    assert (judgement.share, next((found.name for found in judgement.findings), None)) == (share, finding)


def test_random_effects_of_a_curve() -> None:
    """Of several random slopes, one that is forgotten is not called the only one."""
    bend = dataclasses.replace(CURVE, random=("1", "age", "age2"))

    assert bend.judge(_fit("height ~ age + age2")).findings[0].name == "random_effect_missing"
    assert bend.judge(_fit("height ~ age + age2", "1")).findings[0].name == "random_slope_missing"


def test_texts_count_the_questions_data() -> None:
    """A text says how many rows and groups this question's data have."""
    other = CURVE.judge(_fit("height ~ age + age2", data=DATA.assign(age2=DATA["age"] ** 2)))
    assert "all 225 measurements of 25 boys" in other.feedback


def test_maximum_likelihood_may_be_asked() -> None:
    """Where ML is asked, a fit by REML is the mistake."""
    asked = dataclasses.replace(RANDOM_INTERCEPT_FIT, method="ML", reference=lambda: _parallel(reml=False))

    assert asked.judge(_parallel(reml=False)).share == 1.0
    judgement = asked.judge(_parallel(reml=True))
    assert (judgement.share, judgement.findings[0].name) == (0.5, "reml_instead_of_ml")


def _parallel(*, reml: bool) -> Fit:
    described = collect_fit(smf.mixedlm("height ~ age", DATA, groups="Subject").fit(reml=reml), DATA)
    assert isinstance(described, Fit)
    return described


def test_texts_and_shares_of_a_question() -> None:
    """A question may put its own words and its own share to a mistake."""
    strict = dataclasses.replace(
        RANDOM_INTERCEPT_FIT, texts={"age_rescaled": "Not {groups} years."}, shares={"age_rescaled": 0.0}
    )
    rescaled = _reference(fixed=(Column("Intercept", "1"), Column("a", "age rescaled")))

    assert RANDOM_INTERCEPT_FIT.judge(rescaled).share == 0.5
    assert (strict.judge(rescaled).share, strict.judge(rescaled).feedback) == (0.0, "Not 26 years.")
