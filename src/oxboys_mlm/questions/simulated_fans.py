"""Random-slope models that a function is called with, of the course's data and of data that nobody has seen."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from oxboys_mlm.assessment.functions import Probe
from oxboys_mlm.questions import estimates, reference

if TYPE_CHECKING:
    import pandas as pd

#: How many data sets are simulated. Height and growth go together in the first and against each other in the second.
_SIMULATED = 2


class Variances(NamedTuple):
    """What a random-slope model estimates: variance of intercepts, covariance, variance of slopes, residual."""

    intercepts: float
    covariance: float
    slopes: float
    residual: float


def _simulated(seed: int, number: int) -> pd.DataFrame:
    """Make a data set of other children, with other variances, all measured at the same ages."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng([seed, number])
    children, visits = int(rng.integers(12, 20)), int(rng.integers(5, 9))
    sds, residual = np.array([rng.uniform(4, 8), rng.uniform(2, 3)]), rng.uniform(0.7, 1.2)
    r = rng.uniform(0.3, 0.7) * (1 if number == 1 else -1)
    design = np.column_stack([np.ones(visits), np.linspace(-1, 1, visits)])
    # The lines get exactly the spread that makes REML estimate these variances, see `_variances`.
    spread = sds[:, None] * np.array([[1, r], [r, 1]]) * sds + residual**2 * np.linalg.inv(design.T @ design)
    lines = rng.normal(size=(children, 2))
    lines -= lines.mean(axis=0)
    lines = np.linalg.solve(np.linalg.cholesky(np.cov(lines.T)), lines.T).T @ np.linalg.cholesky(spread).T
    noise = rng.normal(size=(children, visits))
    noise -= noise @ design @ np.linalg.solve(design.T @ design, design.T)
    noise *= residual / np.sqrt((noise**2).sum() / (children * (visits - 2)))
    height = (np.array([rng.uniform(110, 170), rng.uniform(4, 9)]) + lines) @ design.T + noise
    return pd.DataFrame(
        {
            "Subject": np.repeat(np.arange(1, children + 1), visits),
            "age": np.tile(design[:, 1], children),
            "height": height.reshape(-1).round(2),
            "Occasion": np.tile(np.arange(1, visits + 1), children),
        }
    )


def _data(seed: int, number: int) -> pd.DataFrame:
    """Return the data of a model: those of the course for 0, simulated ones for the others."""
    return _simulated(seed, number) if number else reference.data()


def _variances(seed: int, number: int) -> Variances:
    """Compute the REML estimates of a random-slope model.

    Where all children are measured at the same ages they have a closed form: the covariance matrix of the separate
    lines, less what noise alone puts into it. No fit is needed, which would take most of the time of judging a class.
    """
    import numpy as np

    if not number:
        return Variances(*estimates.covariance(), estimates.residual_variance())
    data = _data(seed, number)
    visits = int(data["Occasion"].nunique())
    design = np.column_stack([np.ones(visits), data["age"].to_numpy()[:visits]])
    heights = data["height"].to_numpy().reshape(-1, visits)
    lines = np.linalg.solve(design.T @ design, design.T @ heights.T).T
    residual = float(((heights - lines @ design.T) ** 2).sum() / (len(heights) * (visits - 2)))
    between = np.cov(lines.T) - residual * np.linalg.inv(design.T @ design)
    return Variances(float(between[0, 0]), float(between[0, 1]), float(between[1, 1]), residual)


_WAYS = ("series", "name", "arrays")


@lru_cache(maxsize=64)
def _fit(seed: int, number: int, way: str) -> bytes:
    """Fit a model in one of the ways that name its parts differently; the fit is pickled."""
    import numpy as np
    from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams

    data = _data(seed, number)
    match way:
        case "series":
            model = MixedLM.from_formula("height ~ age", data, groups=data["Subject"], re_formula="~age")
        case "name":
            model = MixedLM.from_formula("height ~ age", data, groups="Subject", re_formula="~age")
        case _:
            design = np.column_stack([np.ones(len(data)), data["age"].to_numpy()])
            model = MixedLM(data["height"].to_numpy(), design, groups=data["Subject"].to_numpy(), exog_re=design)
    # It starts where it ends, which is known.
    known = _variances(seed, number)
    effects = np.array([[known.intercepts, known.covariance], [known.covariance, known.slopes]]) / known.residual
    start = MixedLMParams.from_components(fe_params=np.zeros(2), cov_re=effects)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pickle.dumps(model.fit(start_params=start, method="bfgs"))


def _new_fit(seed: int, number: int, way: str) -> Any:
    """Return a copy of a fit, so that no call of a function can spoil the next."""
    return pickle.loads(_fit(seed, number, way))


def probes(seed: int, further: Sequence[float]) -> tuple[Probe, ...]:
    """Return random-slope models in several ways each, one of the Oxboys data, each with every further argument."""
    models = [tuple(partial(_new_fit, seed, number, way) for way in _WAYS) for number in range(1 + _SIMULATED)]
    return tuple(Probe(variants, (number,)) for variants in models for number in further)


def variances(seed: int) -> tuple[Variances, ...]:
    """Return what each of the models estimates."""
    return tuple(_variances(seed, number) for number in range(1 + _SIMULATED))
