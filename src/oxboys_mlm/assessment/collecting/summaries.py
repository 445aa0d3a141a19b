"""Describe the fitted models that stand in the notebook beside an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from oxboys_mlm.assessment.collecting.fits import collect_fit
from oxboys_mlm.assessment.evidence import Fit, Summary
from oxboys_mlm.assessment.guard import attempt

if TYPE_CHECKING:
    import pandas as pd

#: How long describing one fit may take (seconds).
_SECONDS = 3.0


def collect_summaries(
    namespace: Mapping[str, Any], names: Sequence[str], data: Callable[[], pd.DataFrame]
) -> tuple[Summary, ...]:
    """Describe those of the named variables that hold a fitted mixed model."""
    found = []
    for name in names:
        if name in namespace:
            summary = attempt(partial(_collect, name, namespace[name], data), _SECONDS)
            if isinstance(summary, Summary):
                found.append(summary)
    return tuple(found)


def _collect(name: str, value: Any, data: Callable[[], pd.DataFrame]) -> Summary | None:
    fit = collect_fit(value, data())
    if not isinstance(fit, Fit) or fit.model != "mixed":
        return None
    rows = [str.__str__(row)[:200].encode(errors="replace").decode() for row in value.model.data.param_names]
    size = len(fit.covariance)
    expected = len(fit.fixed) + size * (size + 1) // 2 + len(fit.random) - size
    return Summary(name, fit, tuple(rows)) if len(rows) == expected else None
