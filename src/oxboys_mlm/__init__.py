"""Multilevel models with the Oxboys data: an auto-graded course.

Names are imported when they are first used, so that ``import oxboys_mlm`` costs next to nothing and a
command that only prints its help does not wait for statsmodels.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oxboys_mlm.checking import check, hint, progress
    from oxboys_mlm.data import load_oxboys
    from oxboys_mlm.models import (
        fit_curve,
        fit_null,
        fit_random_bend,
        fit_random_intercept,
        fit_random_slope,
        fit_slope_only,
    )
    from oxboys_mlm.variance import (
        icc,
        icc_confidence_interval,
        intercept_slope_correlation,
        is_singular,
        likelihood_ratio,
        slope_range,
    )

__version__ = "0.1.0"

__all__ = [
    "check",
    "fit_curve",
    "fit_null",
    "fit_random_bend",
    "fit_random_intercept",
    "fit_random_slope",
    "fit_slope_only",
    "hint",
    "icc",
    "icc_confidence_interval",
    "intercept_slope_correlation",
    "is_singular",
    "likelihood_ratio",
    "load_oxboys",
    "progress",
    "slope_range",
]

_HOMES = {
    **dict.fromkeys(("check", "hint", "progress"), "checking"),
    "load_oxboys": "data",
    **dict.fromkeys((name for name in __all__ if name.startswith("fit_")), "models"),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'variance')}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
