"""Another course's data: nothing in assessment depends on what the data are about."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from classroom import ROOT

from oxboys_mlm.assessment.collecting import describe
from oxboys_mlm.assessment.collecting.fits import collect_fit
from oxboys_mlm.assessment.evidence import Fit
from oxboys_mlm.assessment.figures import FigureQuestion
from oxboys_mlm.assessment.fit_mistakes import MISTAKES, Vocabulary
from oxboys_mlm.assessment.fits import FitQuestion
from oxboys_mlm.assessment.functions import FunctionQuestion, Probe
from oxboys_mlm.assessment.numbers import NumberQuestion, Slip
from oxboys_mlm.assessment.question import Mistake, Question
from oxboys_mlm.assessment.texts import NamesQuestion, Rows

pytestmark = pytest.mark.filterwarnings("ignore")


@cache
def _data() -> pd.DataFrame:
    """Make marks in mathematics: 20 schools, 12 pupils each, hours of homework, and the row of the classroom."""
    rng = np.random.default_rng(1)
    hours = rng.uniform(0, 6, (20, 12)).round(2)
    level, slope = rng.normal(0, 3, (20, 1)), rng.normal(1.5, 0.5, (20, 1))
    marks = 40 + level + slope * hours + rng.normal(0, 2, (20, 12))
    return pd.DataFrame(
        {
            "school": np.repeat([f"s{number}" for number in range(20)], 12),
            "place": np.tile(np.arange(12), 20),
            "hours": hours.reshape(-1),
            "marks": marks.reshape(-1).round(2),
        }
    )


@cache
def _results(formula: str = "marks ~ hours", re_formula: str = "1", groups: str = "school", reml: bool = True) -> Any:
    return smf.mixedlm(formula, _data(), groups=groups, re_formula=re_formula).fit(method="powell", reml=reml)


def _reference() -> Fit:
    described = collect_fit(_results(), _data())
    assert isinstance(described, Fit)
    return described


FIT = FitQuestion(
    key="model",
    title="",
    where="",
    data=_data,
    outcome="marks",
    fixed=("1", "hours"),
    random=("1",),
    by="school",
    reference=_reference,
    praise="Yes.",
    vocabulary=Vocabulary(unit="school", units="schools", occasion="place"),
)
SLOPE = NumberQuestion(
    key="slope",
    title="",
    where="",
    target=lambda: float(_results().fe_params["hours"]),
    exact=0.001,
    typed=0.005,
    praise="Yes.",
    slips=(Slip(Mistake("intercept", "The intercept."), lambda: float(_results().fe_params["Intercept"])),),
)
FIGURE = FigureQuestion(
    key="figure",
    title="",
    where="",
    data=_data,
    x="hours",
    y="marks",
    group="school",
    lines="one",
    unit="school",
    praise="Yes.",
    near=0.2,
    straight=0.1,
    x_jitter=0.05,
    y_jitter=0.05,
)
FUNCTION = FunctionQuestion(
    key="double",
    title="",
    where="",
    probes=lambda seed: (Probe((lambda: _results(),)), Probe((lambda: _results("marks ~ 1"),))),
    values=lambda seed: tuple({"target": 2 * float(fit.scale)} for fit in (_results(), _results("marks ~ 1"))),
    helper_calls=Counter(),
    tolerance=0.001,
    praise="Yes.",
)
NAMES = NamesQuestion(
    key="terms",
    title="",
    where="",
    rows=lambda summaries: Rows(("school var", "hours")),
    praise="Yes.",
    incomplete=Mistake("one_forgotten", "One.", 0.5),
)


def _figure(y: str) -> Any:
    figure, axes = plt.subplots()
    x, values = _data()["hours"], _data()[y]
    axes.scatter(x, values)
    slope, intercept = np.polyfit(x, values, 1)
    ends = np.array([x.min(), x.max()])
    axes.plot(ends, intercept + slope * ends)
    plt.close(figure)
    return figure


@pytest.mark.parametrize(
    ("question", "answer", "share", "finding"),
    [
        (FIT, lambda: _results(), 1.0, None),
        (FIT, lambda: _results("marks ~ 1"), 0.0, "no_predictor"),
        (FIT, lambda: _results("marks ~ place"), 0.0, "occasion_instead_of_predictor"),
        (FIT, lambda: _results("marks ~ C(place)"), 0.0, "occasion_dummies"),
        (FIT, lambda: _results("marks ~ I(hours**2)"), 0.0, "predictor_transformed"),
        (FIT, lambda: _results("marks ~ I(hours - 3)"), 0.5, "predictor_shifted"),
        (FIT, lambda: _results("marks ~ I(hours * 60)"), 0.5, "predictor_rescaled"),
        (FIT, lambda: _results("marks ~ hours + place"), 0.0, "extra_predictor"),
        (FIT, lambda: _results("marks ~ hours", "~hours"), 0.0, "random_slope_added"),
        (FIT, lambda: _results("marks ~ hours", groups="place"), 0.0, "grouped_by_occasion"),
        (FIT, lambda: _results("marks ~ hours + C(school)", groups="school"), 0.0, "subject_dummies"),
        (FIT, lambda: _results("hours ~ marks"), 0.0, "outcome_and_predictor_swapped"),
        (FIT, lambda: _results(reml=False), 0.5, "ml_instead_of_reml"),
        (FIT, lambda: smf.ols("marks ~ hours", _data()).fit(), 0.0, "no_random_effects"),
        (SLOPE, lambda: _results().fe_params["hours"], 1.0, None),
        (SLOPE, lambda: _results().fe_params["Intercept"], 0.0, "intercept"),
        (FIGURE, lambda: _figure("marks"), 1.0, None),
        (FIGURE, lambda: _figure("place"), 0.0, "other_points"),
        (FUNCTION, lambda: lambda results: 2 * results.scale, 1.0, None),
        (FUNCTION, lambda: lambda results: 3, 0.0, "ignores_its_argument"),
        (NAMES, lambda: {"school Var", "hours"}, 1.0, None),
        (NAMES, lambda: ["hours"], 0.5, "one_forgotten"),
    ],
)
def test_other_data(question: Question, answer: Any, share: float, finding: str | None) -> None:
    """Every kind of question works for data with other columns, groups and words."""
    judgement = question.judge(describe(question, answer()))
    assert (judgement.share, next((found.name for found in judgement.findings), None)) == (share, finding)
    assert not re.search(r"boy|height|visit|\bage\b|Oxboys", judgement.feedback)


def test_general_texts_name_the_questions_own_columns() -> None:
    """Each general text can be filled in, and speaks of this course's columns alone."""
    for name in MISTAKES:
        text = FIT.mistake(name).text
        assert "{" not in text
        assert not re.search(r"boy|height|visit|\bage\b|Occasion|Subject", text), text


def test_assessment_names_nothing_of_this_course() -> None:
    """No module of assessment has a word for what this course's data hold."""
    for path in sorted((ROOT / "src" / "oxboys_mlm" / "assessment").rglob("*.py")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if "oxboys" not in line:
                assert not re.search(r"\b(boys?|Oxboys|Occasion|Subject|234)\b", line), f"{path}:{number}"
