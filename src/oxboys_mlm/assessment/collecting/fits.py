"""Describe fitted models of statsmodels."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Sequence
from types import MethodType
from typing import TYPE_CHECKING, Any

from oxboys_mlm.assessment.collecting.objects import describe_type
from oxboys_mlm.assessment.evidence import MAX_COLUMNS, MAX_TERMS, Column, Fit, RandomTerm, Unusable, base_column

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


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
    fixed = _fixed(design, model.exog_names, results.fe_params, columns)
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
        **fixed,
    )


def _collect_regression(results: Any, data: pd.DataFrame) -> Fit | Unusable:
    import numpy as np

    columns = _Columns(data, np.asarray(results.model.endog, float).reshape(-1), results.model.endog_names)
    fixed = _fixed(results.model.exog, results.model.exog_names, results.params, columns)
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
        **fixed,
    )


_TOO_MANY = Unusable("too_large", "a model with very many effects")


def _fixed(design: Any, names: Any, estimates: Any, columns: _Columns) -> dict[str, Any] | None:
    """Describe the fixed effects; None if there are too many."""
    import numpy as np

    design = np.asarray(design, float)
    width = design.size // len(design)
    design = design.reshape(len(design), width)
    if width > MAX_COLUMNS:
        return None
    return {
        "fixed": tuple(
            Column(str(name)[:200], columns.role(design[:, j], name)) for j, name in enumerate(list(names)[:width])
        ),
        "estimates": tuple(_finite(number) for number in np.asarray(estimates, float)),
    }


def _component(matrices: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return what a variance component varies with, row by row, and which rows share one effect."""
    import numpy as np

    dense = [np.asarray(matrix.todense() if hasattr(matrix, "todense") else matrix, float) for matrix in matrices]
    starts = np.cumsum([0, *(matrix.shape[1] for matrix in dense)])
    size = np.concatenate([np.sqrt((matrix**2).sum(axis=1)) for matrix in dense])
    member = np.concatenate(
        [start + np.abs(matrix).argmax(axis=1) for start, matrix in zip(starts, dense, strict=False)]
    )
    return size, member


def _quantity(look: Callable[[], Any]) -> Any:
    """Return what statsmodels computes on demand; None if it cannot, as after `remove_data`."""
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
        self.known = {str(name): data[name].to_numpy(float) for name in data.select_dtypes("number").columns}
        #: What moves with the outcome belongs to the same rows. Standardised, so that its unit does not matter.
        self.outcome = _standardised(outcome)
        self.outcome_known: np.ndarray | None = None
        self.outcome_role = self.role(outcome, outcome_name)
        name = base_column(self.outcome_role)
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
        """Return whether a column moves with the outcome as it does in the data."""
        import numpy as np

        if self.outcome_known is None:
            return True
        got = abs(float(np.mean(_standardised(column) * self.outcome)))
        return abs(got - abs(float(np.mean(_standardised(expected) * self.outcome_known)))) < 1e-4

    def _indicator(self, column: np.ndarray) -> str:
        import numpy as np

        everywhere = np.ones(len(column), bool)
        # Fewest labels first: the first occasion may also be the only one with the smallest value of another column.
        columns = [(name, self.data[name].to_numpy()) for name in self.data.columns]
        for name, values in sorted(columns, key=lambda item: len(np.unique(item[1]))):
            labels, sizes = np.unique(values, return_counts=True)
            for label in labels[sizes == column.sum()]:
                if self._same_groups(column, values == label, everywhere, np.ones(len(values), bool)):
                    return f"{name} indicator"
        return "indicator"

    def grouping(self, groups: Any, weight: np.ndarray | None = None, role: str = "1") -> str:
        """Name the column that groups the rows in the same way; "all" if they are one group.

        An effect with a `weight` of zero, such as that of a dose of 0, leaves open whose it is: only the other
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
        """Return whether two groupings, each of some rows, make groups of the same sizes and mean outcomes."""
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


def _standardised(column: np.ndarray) -> np.ndarray:
    import numpy as np

    spread = float(np.std(column))
    return np.asarray((column - np.mean(column)) / (spread if spread > 0 else 1.0))
