"""Points and lines: what the data say, and how far drawn ones are from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Reference:
    """What the data say: the points, and the least-squares line of all and of each group.

    A line is a row (slope, intercept).
    """

    x: Array
    y: Array
    rows: tuple[Mask, ...]  # one per group
    places: Array  # rows (x, y), each once: nobody sees two points on one place
    place_of: npt.NDArray[np.intp]  # of each row of the data
    others: dict[str, Array]
    summaries: Array  # rows (x, y): means and medians of groups and of rows that share a value of another column
    own: Array
    spans: Array
    targets: tuple[Array, Array]  # the lines that one may ask for, and their spans: `own`, and last the one for all


def is_shrunken(drawn: Array, reference: Reference) -> bool:
    """Return whether lines are the groups' own, each pulled towards the average, as a mixed model predicts them.

    Rounding and jitter move a line anywhere; a mixed model moves it by a share of its distance from the average.
    So what moved the lines is explained by where they were, although they are hardly visibly elsewhere.
    """
    level = reference.own[:, :1] * reference.spans + reference.own[:, 1:]
    moved = drawn[:, :1] * reference.spans + drawn[:, 1:] - level
    level, moved = level - level.mean(axis=0), moved - moved.mean(axis=0)
    if len(drawn) < 8:  # so few could have moved like that by chance
        return False
    if np.sqrt((moved**2).mean()) <= 1e-3 * level.std() or (moved * level).sum() >= 0:
        return False
    explained = level @ np.linalg.lstsq(level, moved, rcond=None)[0]
    return bool((explained**2).sum() > 0.85 * (moved**2).sum())


def distances(lines: Array, targets: Array, spans: Array) -> Array:
    """Largest vertical distance of lines (rows) from target lines (columns), within the target's span."""
    difference = lines[:, None, :] - targets
    at_ends = difference[:, :, :1] * spans + difference[:, :, 1:]
    largest: Array = np.abs(at_ends).max(axis=2)
    return largest


def covers(drawn: Array, wanted: Array) -> bool:
    """Return whether a line covers the better part of the range of its points."""
    covered = min(drawn[1], wanted[1]) - max(drawn[0], wanted[0])
    return bool(covered >= 0.6 * (wanted[1] - wanted[0]))


def matched(close: Mask) -> Mask:
    """Return which columns get a row of their own."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    matched: Mask = maximum_bipartite_matching(csr_array(close), perm_type="row") >= 0
    return matched


def is_rescaled(shown: Array, data: Array) -> bool:
    """Return whether values are those of the data on another scale."""
    shown, data = np.sort(shown), np.sort(data)
    return not np.allclose(shown, data) and bool(np.corrcoef(shown, data)[0, 1] > 0.9999)


def reference_of(data: pd.DataFrame, x_name: str, y_name: str, group_name: str) -> Reference:
    """Compute what the data say of two columns and of groups of rows."""
    x, y = data[x_name].to_numpy(float), data[y_name].to_numpy(float)
    group = data[group_name].to_numpy()
    rows = tuple(np.asarray(group == label, dtype=np.bool_) for label in np.unique(group))
    numeric = data.select_dtypes("number").columns.drop([x_name, y_name], errors="ignore")
    others = {name: data[name].to_numpy(float) for name in numeric}
    sets = [*rows, *(values == value for values in (x, *others.values()) for value in np.unique(values))]
    places, place_of = np.unique(np.column_stack([x, y]), axis=0, return_inverse=True)
    own = np.array([np.polyfit(x[mask], y[mask], 1) for mask in rows])
    spans = np.array([[x[mask].min(), x[mask].max()] for mask in rows])
    pooled = np.polyfit(x, y, 1)
    return Reference(
        x=x,
        y=y,
        rows=rows,
        places=places,
        place_of=place_of.reshape(-1),
        others=others,
        summaries=np.array([[x[mask].mean(), middle(y[mask])] for mask in sets for middle in (np.mean, np.median)]),
        own=own,
        spans=spans,
        targets=(np.vstack([own, pooled]), np.vstack([spans, [x.min(), x.max()]])),
    )
