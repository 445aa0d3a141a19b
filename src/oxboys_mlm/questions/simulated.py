"""Models that a function is called with, of the course's data and of data that nobody has seen."""

from __future__ import annotations

import pickle
import warnings
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from oxboys_mlm.assessment.functions import Probe
from oxboys_mlm.questions import reference

if TYPE_CHECKING:
    import pandas as pd

#: Between these lies the ICC of each simulated data set: once most of the variance is between children, once within.
#: What takes the larger or the smaller share shows, whatever the seed.
_RANGES = ((0.60, 0.90), (0.15, 0.40))


def _simulated(seed: int, number: int) -> pd.DataFrame:
    """Make a data set of another course of events: other children, other variances."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng([seed, number])
    children, visits = int(rng.integers(12, 20)), int(rng.integers(4, 8))
    icc, residual = rng.uniform(*_RANGES[number - 1]), rng.uniform(2, 5)
    # Means and residuals get exactly the spread that makes REML estimate this ICC. Left to chance, it could come out
    # where formulas give much the same.
    means, residuals = rng.normal(size=children), rng.normal(size=(children, visits))
    means = (means - means.mean()) / means.std(ddof=1) * residual * np.sqrt(icc / (1 - icc) + 1 / visits)
    residuals -= residuals.mean(axis=1, keepdims=True)
    residuals *= residual / np.sqrt((residuals**2).sum() / (children * (visits - 1)))
    height = rng.uniform(110, 170) + means[:, None] + residuals
    return pd.DataFrame(
        {
            "Subject": np.repeat(np.arange(1, children + 1), visits),
            "age": np.tile(np.linspace(-1, 1, visits), children),
            "height": height.reshape(-1).round(2),
            "Occasion": np.tile(np.arange(1, visits + 1), children),
        }
    )


def data_of(seed: int, number: int) -> pd.DataFrame:
    """Return the data of a model: those of the course for 0, simulated ones for 1 and 2."""
    return _simulated(seed, number) if number else reference.data()


_WAYS = ("series", "name", "components", "arrays")


@lru_cache(maxsize=64)
def _null_model(seed: int, number: int, way: str) -> bytes:
    """Fit a null model in one of the ways that name its parts differently; the fit is pickled."""
    import numpy as np
    from statsmodels.regression.mixed_linear_model import MixedLM

    data = data_of(seed, number)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        match way:
            case "series":
                model = MixedLM.from_formula("height ~ 1", data, groups=data["Subject"])
            case "name":
                model = MixedLM.from_formula("height ~ 1", data, groups="Subject")
            case "components":
                components = {"Subject": "0 + C(Subject)"}
                everyone = np.ones(len(data))
                model = MixedLM.from_formula("height ~ 1", data, groups=everyone, re_formula="0", vc_formula=components)
            case _:
                model = MixedLM(data["height"].to_numpy(), np.ones((len(data), 1)), groups=data["Subject"].to_numpy())
        return pickle.dumps(model.fit(method=["bfgs", "powell"]))


def _new_fit(seed: int, number: int, way: str) -> Any:
    """Return a copy of a fit, so that no call of a function can spoil the next."""
    return pickle.loads(_null_model(seed, number, way))


def probes(seed: int) -> tuple[Probe, ...]:
    """Return null models in several ways each: one of the Oxboys data, two of simulated data."""
    return tuple(
        Probe(tuple(partial(_new_fit, seed, number, way) for way in _WAYS)) for number in range(1 + len(_RANGES))
    )


def probe_variances(seed: int) -> tuple[tuple[float, float], ...]:
    """Return the variances between and within boys of each of the null models."""
    return tuple(_variances(data_of(seed, number)) for number in range(1 + len(_RANGES)))


def _variances(data: pd.DataFrame) -> tuple[float, float]:
    """Compute the REML estimates of a null model, between and within boys.

    With as many visits for every boy they have a closed form, from the mean squares of an analysis of variance
    (Searle, Casella & McCulloch 1992, *Variance Components*). No fit is needed, which would take most of the time of
    judging a class.
    """
    import numpy as np

    visits = int(data["Occasion"].nunique())
    heights = data["height"].to_numpy().reshape(-1, visits)
    within = float(np.mean(heights.var(axis=1, ddof=1)))
    return float(heights.mean(axis=1).var(ddof=1)) - within / visits, within
