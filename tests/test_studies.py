"""The average slope of simulated studies, in closed form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from oxboys_mlm import fit_random_intercept, fit_random_slope, load_oxboys
from oxboys_mlm.assessment.evidence import Number
from oxboys_mlm.questions.how_sure import COVERAGE_PARALLEL
from oxboys_mlm.studies import fan_of_lines, parallel_lines

_FAN = fit_random_slope(load_oxboys())


def _study(rng: np.random.Generator, ages: np.ndarray, boys: int = 26) -> np.ndarray:
    """Draw a study from the random-slope model of the data."""
    lines = rng.multivariate_normal(_FAN.fe_params.to_numpy(), _FAN.cov_re.to_numpy(), size=boys)
    return lines[:, [0]] + lines[:, [1]] * ages + rng.normal(scale=_FAN.scale**0.5, size=(boys, len(ages)))


@pytest.mark.parametrize(("formula", "fit"), [(parallel_lines, fit_random_intercept), (fan_of_lines, fit_random_slope)])
@pytest.mark.parametrize("ages", [np.linspace(-1, 1, 9), np.array([-1.0, 0.2, 0.5, 2.0])], ids=["even", "uneven"])
def test_formulas_are_those_of_the_models(
    formula: Callable[..., tuple[float, float]], fit: Callable[[pd.DataFrame], Any], ages: np.ndarray
) -> None:
    """Slope and standard error are those of the fitted model."""
    heights = _study(np.random.default_rng(4), ages, boys=14)
    table = {"Subject": np.repeat(range(14), len(ages)), "age": np.tile(ages, 14), "height": heights.ravel()}
    results = fit(pd.DataFrame(table))

    expected = (results.fe_params["age"], results.bse_fe["age"])
    assert formula(ages, heights) == pytest.approx(expected, rel=1e-5)


def test_coverage_is_that_of_simulated_studies() -> None:
    """The share that the course takes for right is what simulation gives."""
    rng, ages = np.random.default_rng(5), np.linspace(-1, 1, 9)
    slopes, errors = np.transpose([parallel_lines(ages, _study(rng, ages)) for _ in range(4000)])
    share = np.mean(np.abs(slopes - _FAN.fe_params["age"]) <= 1.96 * errors)

    assert share == pytest.approx(COVERAGE_PARALLEL.target(), abs=0.03)


@pytest.mark.parametrize("share", [0.5, 0.51, 0.55, 0.6, 0.61, 0.62])
def test_any_share_that_chance_may_give_is_right(share: float) -> None:
    """With 500 studies or more, no seed leads out of what is accepted."""
    assert COVERAGE_PARALLEL.judge(Number(share)).share == 1.0
