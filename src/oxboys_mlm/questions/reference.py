"""Reference fits: what the data say, computed once per process."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from oxboys_mlm.assessment.collecting.fits import collect_fit
from oxboys_mlm.assessment.evidence import Fit
from oxboys_mlm.data import load_oxboys

if TYPE_CHECKING:
    import pandas as pd


@cache
def data() -> pd.DataFrame:
    """Return the Oxboys data. Shared: do not change it."""
    return load_oxboys()


@cache
def fit(name: str) -> Any:
    """Return the reference fit that a helper of `oxboys_mlm.models` makes, such as "fit_null"."""
    from oxboys_mlm import models

    builder: Callable[[pd.DataFrame], Any] = getattr(models, name)
    return builder(data())


@cache
def evidence(name: str) -> Fit:
    """Describe a reference fit the way an answer is described."""
    described = collect_fit(fit(name), data())
    assert isinstance(described, Fit)
    return described


#: Descriptions of what the course's helpers fit, by name.
HELPERS: dict[str, Callable[[], Fit]] = {
    name: partial(evidence, name) for name in ("fit_null", "fit_random_intercept", "fit_random_slope", "fit_slope_only")
}


@cache
def variant(formula: str, *, re_formula: str = "1", groups: str = "Subject", reml: bool = True) -> Any:
    """Fit a model that a known mistake leads to; what it converges to is what a student would see."""
    import statsmodels.formula.api as smf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = smf.mixedlm(formula, data(), groups=data()[groups], re_formula=re_formula)
        return model.fit(method="bfgs", reml=reml)


@cache
def ols() -> Any:
    """Fit the regression of height on age that ignores the boys."""
    import statsmodels.formula.api as smf

    return smf.ols("height ~ age", data()).fit()
