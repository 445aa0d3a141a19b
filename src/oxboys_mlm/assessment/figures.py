"""Answers that are a figure: a scatterplot with regression lines, judged by what it shows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from oxboys_mlm.assessment.evidence import (
    MAX_LINES,
    MAX_PANELS,
    MAX_POINTS,
    Evidence,
    Figure,
    Line,
    Panel,
    Unusable,
)
from oxboys_mlm.assessment.question import Question, describe_type
from oxboys_mlm.assessment.verdict import Finding, Judgement

if TYPE_CHECKING:
    import pandas as pd

#: Work is refused beyond these, before anything is converted.
MAX_ARTISTS = 4000
MAX_VERTICES = 200_000

Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]


class _TooLargeError(Exception):
    """A figure that shows more than evidence can hold."""


def collect_figure(value: Any) -> Figure | Unusable:
    """Describe what a figure shows, from whatever a plotting call returned.

    Nothing is drawn, shown or closed, and neither matplotlib nor seaborn is imported: where they are
    not loaded, no object can be a figure.

    Parameters
    ----------
    value
        A figure, axes, a grid or plot of seaborn, an artist (which stands for its axes), or a
        collection of these.

    Returns
    -------
    Figure or Unusable
        One panel per pair of axes. Axes without points are left out if others have some.

    Examples
    --------
    >>> collect_figure("plot.png")
    Unusable(problem='wrong_type', description='a text')
    """
    if type(value) is type(sys) and value is sys.modules.get("matplotlib.pyplot"):
        return Unusable("wrong_type", "the module `plt` itself, which draws figures but is none")
    try:
        axes = _axes_of(value)
        if axes is None:
            return Unusable("wrong_type", describe_type(value))
        panels = _panels_of(axes)
    except _TooLargeError:
        return Unusable("too_large", "a figure with far more in it than the data have")
    pointed = [panel for panel in panels if panel.x]
    return Figure(tuple(pointed or [panel for panel in panels if panel.lines]))


def _panels_of(axes: list[Any]) -> list[Panel]:
    panels = [_Sketch(ax).panel() for ax in axes]
    points, lines = sum(len(panel.x) for panel in panels), sum(len(panel.lines) for panel in panels)
    if points > MAX_POINTS or lines > MAX_LINES:
        raise _TooLargeError
    return panels


def _class(module: str, name: str) -> tuple[type, ...]:
    """Give a class for `issubclass`, if its module is loaded."""
    found = getattr(sys.modules.get(module), name, None)
    return (found,) if isinstance(found, type) else ()


def _axes_of(value: Any) -> list[Any] | None:
    """Find the axes that a value stands for, by its true type; None if it is no figure."""
    found = list(islice(_each_axes(value, 0), 50 * MAX_PANELS))
    if not found:
        return None
    axes = list({id(ax): ax for ax in found if ax is not None and ax.get_visible()}.values())
    if len(axes) > MAX_PANELS:
        raise _TooLargeError
    return axes


def _each_axes(value: Any, depth: int) -> Iterator[Any]:
    """Walk the axes that a value stands for; a figure also gives None, so that an empty one is found too."""
    kind = type(value)
    if issubclass(kind, _class("matplotlib.axes", "Axes")):
        yield value
    elif issubclass(kind, _class("matplotlib.figure", "FigureBase")):
        yield None
        yield from value.axes
    elif issubclass(kind, _class("seaborn.axisgrid", "JointGrid")):
        yield value.ax_joint  # the margins show distributions
    elif issubclass(kind, _class("seaborn.axisgrid", "Grid")):
        yield from _each_axes(value.figure, depth)
    elif issubclass(kind, _class("seaborn._core.plot", "Plot")):
        target = sys.modules["matplotlib.figure"].Figure()
        value.on(target).plot()
        yield from _each_axes(target, depth)
    elif issubclass(kind, _class("seaborn._core.plot", "Plotter")):
        yield from _each_axes(vars(value).get("_figure"), depth)
    elif issubclass(kind, _class("matplotlib.artist", "Artist")):
        yield value.axes
        if value.axes is None:
            yield from _each_axes(value.get_figure(), depth)
    elif depth < 3:
        for element in _elements(value):
            yield from _each_axes(element, depth + 1)


def _elements(value: Any) -> Iterable[Any]:
    """Give the elements of a collection of artists, as plotting calls return them."""
    kind = type(value)
    if issubclass(kind, list):
        return islice(list.__iter__(value), 500)
    if issubclass(kind, tuple):
        return islice(tuple.__iter__(value), 500)
    if issubclass(kind, dict):
        return islice(dict.values(value), 500)
    if kind is np.ndarray and value.dtype == object:
        return list(value.reshape(-1)[:500])
    if issubclass(kind, _class("pandas", "Series")) and value.dtype == object:
        return list(value.array[:500])  # pandas' own groupby(…).plot() returns these
    return ()


class _Sketch:
    """What one pair of axes shows, in data coordinates."""

    def __init__(self, ax: Any) -> None:
        self.ax = ax
        # Keys, so that what a loop drew again and again on the same place counts once.
        self.clouds: dict[bytes, Array] = {}
        self.lines: dict[Line, None] = {}
        self.vertices = 0

    def panel(self) -> Panel:
        """Describe the axes."""
        lines, collections = self.ax.lines, self.ax.collections
        if len(lines) + len(collections) > MAX_ARTISTS:
            raise _TooLargeError
        for artist in lines:
            if artist.get_visible():
                self._line2d(artist)
        for artist in collections:
            if artist.get_visible():
                self._collection(artist)
        points = np.concatenate([*self.clouds.values(), np.empty((0, 2))])
        return Panel(
            x=tuple(points[:, 0].tolist()),
            y=tuple(points[:, 1].tolist()),
            lines=tuple(self.lines),
            xlabel=str(self.ax.get_xlabel())[:200],
            ylabel=str(self.ax.get_ylabel())[:200],
        )

    def _line2d(self, artist: Any) -> None:
        """Read a line, its markers, or both."""
        alpha = artist.get_alpha()
        drawn = (
            artist.get_linestyle() not in ("None", "none", " ", "")
            and artist.get_linewidth() > 0
            and _opaque(artist.get_color(), alpha)
        )
        marker = artist.get_marker()
        marked = (
            not (marker is None or (isinstance(marker, str) and marker in ("None", "none", " ", "")))
            and artist.get_markersize() > 0
            and (_opaque(artist.get_markerfacecolor(), alpha) or _opaque(artist.get_markeredgecolor(), alpha))
        )
        if not (drawn or marked):
            return
        if issubclass(type(artist), _class("matplotlib.lines", "AxLine")):
            vertices = _ends_of_axline(artist)
        else:
            self._count(len(artist.get_xdata(orig=True)))
            vertices = self._in_data(artist.get_transform(), artist.get_xydata())
        if vertices is None:
            return
        if drawn:
            self._add_lines(vertices)
        if marked:
            self._add_points(vertices)

    def _collection(self, artist: Any) -> None:
        """Read the points of a scatterplot, or a collection of lines; areas such as bands say nothing."""
        kind = type(artist)
        if issubclass(kind, _class("matplotlib.collections", "PathCollection")):
            offsets = artist.get_offsets()
            self._count(len(offsets))
            filled = _any_opaque(artist.get_facecolor())
            edged = _any_opaque(artist.get_edgecolor()) and np.any(np.asarray(artist.get_linewidth()) > 0)
            if _faded(artist.get_alpha()) or not np.any(artist.get_sizes() > 0) or not (filled or edged):
                return
            points = self._in_data(artist.get_offset_transform(), np.ma.filled(offsets.astype(float), np.nan))
            if points is not None:
                self._add_points(points)
        elif issubclass(kind, _class("matplotlib.collections", "LineCollection")):
            if _faded(artist.get_alpha()) or not np.any(np.asarray(artist.get_linewidth()) > 0):
                return
            self._count(sum(len(path.vertices) for path in artist.get_paths()))
            for segment in artist.get_segments():
                vertices = self._in_data(artist.get_transform(), np.asarray(segment, dtype=float))
                if vertices is not None:
                    self._add_lines(vertices)

    def _in_data(self, transform: Any, vertices: Any) -> Array | None:
        """Give vertices in data coordinates; None if they stand on something else, such as the frame."""
        data = self.ax.transData
        if transform != data:
            if not transform.contains_branch(data):
                return None
            vertices = (transform - data).transform(vertices)
        array: Array = np.array(vertices, dtype=np.float64).reshape(-1, 2)
        array[~(np.abs(array) <= 1e300)] = np.nan
        # Six decimals are more than any judge looks at, and keep the record small.
        return array.round(6)

    def _add_points(self, points: Array) -> None:
        points = points[np.isfinite(points).all(axis=1)]
        self.clouds[points.tobytes()] = points
        if sum(map(len, self.clouds.values())) > MAX_POINTS:
            raise _TooLargeError

    def _add_lines(self, vertices: Array) -> None:
        """Add a line, or several where NaN interrupts it."""
        gaps = np.flatnonzero(~np.isfinite(vertices).all(axis=1))
        if len(gaps) > MAX_ARTISTS:
            raise _TooLargeError
        for piece in np.split(vertices, gaps):
            finite = piece[np.isfinite(piece).all(axis=1)]
            if len(finite) > 1 and np.ptp(finite, axis=0).any():
                self.lines[_summarise(finite)] = None
        if len(self.lines) > MAX_LINES:
            raise _TooLargeError

    def _count(self, vertices: int) -> None:
        self.vertices += vertices
        if self.vertices > MAX_VERTICES:
            raise _TooLargeError


def _summarise(vertices: Array) -> Line:
    """Reduce a line to its ends and its largest vertical distance from the chord between them.

    >>> _summarise(np.array([[0, 0], [2, 4], [1, 3]]))
    Line(x0=0.0, y0=0.0, x1=2.0, y1=4.0, bend=1.0)
    """
    x, y = vertices[:, 0], vertices[:, 1]
    left, right = int(x.argmin()), int(x.argmax())
    if x[left] == x[right]:
        return Line(float(x[left]), float(y.min()), float(x[left]), float(y.max()), 0.0)
    share = (x - x[left]) / (x[right] - x[left])
    bend = np.abs(y - (y[left] + share * (y[right] - y[left]))).max()
    return Line(float(x[left]), float(y[left]), float(x[right]), float(y[right]), float(np.round(bend, 6)))


def _ends_of_axline(artist: Any) -> Array | None:
    """Cut an endless line where the axes end."""
    artist_class = sys.modules["matplotlib.artist"].Artist
    # The line's own get_transform says where it is drawn, not in which coordinates it was given.
    if artist_class.get_transform(artist) != artist.axes.transData:
        return None
    (x, y), slope = artist.get_xy1(), artist.get_slope()
    if slope is None:
        x2, y2 = artist.get_xy2()
        slope = (y2 - y) / (x2 - x) if x2 != x else np.inf
    if not np.isfinite(slope):
        return None
    ends = np.sort(np.asarray(artist.axes.get_xlim(), dtype=float))
    return np.column_stack([ends, y + slope * (ends - x)])


def _faded(alpha: Any) -> bool:
    return alpha is not None and not np.any(np.asarray(alpha, dtype=float) > 0)


def _opaque(colour: Any, alpha: Any) -> bool:
    return not _faded(alpha) and bool(sys.modules["matplotlib.colors"].to_rgba(colour)[3] > 0)


def _any_opaque(colours: Any) -> bool:
    return bool(len(colours) and np.any(np.asarray(colours)[:, 3] > 0))


@dataclass(frozen=True)
class _Reference:
    """What the data say: the points, and the least-squares line of all and of each group.

    A line is a row (slope, intercept).
    """

    x: Array
    y: Array
    rows: tuple[Mask, ...]  # one per group
    others: dict[str, Array]
    pooled: Array
    own: Array
    spans: Array


@dataclass(frozen=True)
class _Lines:
    """The lines of a figure that may be regression lines, those on one straight line taken together."""

    straight: Array  # rows (slope, intercept)
    spans: Array  # rows (left, right)
    bent: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class FigureQuestion(Question):
    """A question answered by a scatterplot with one regression line, or one for each group.

    Half of the points are for the scatterplot, half for the lines. A figure of other variables, or
    one that answers the sister question (one line for all, instead of one for each), earns nothing.

    Attributes
    ----------
    data
        Gives the data: a row per point.
    x, y, group
        Names of its columns: horizontal axis, vertical axis, and who a row belongs to.
    lines
        Which lines are wanted: one through all points, or one for each group.
    unit
        What a group is called, in the singular.
    praise
        What to say when it is right.
    near
        Largest vertical distance of a line from the regression line, within the range of its points.
    straight
        Largest bend of a line that counts as straight.
    x_jitter, y_jitter
        How far from its place a point may stand.
    """

    data: Callable[[], pd.DataFrame]
    x: str
    y: str
    group: str
    lines: Literal["one", "each"]
    unit: str
    praise: str
    near: float
    straight: float
    x_jitter: float
    y_jitter: float

    def collect(self, value: Any, seed: int) -> Evidence:
        """Describe what the figure shows."""
        return collect_figure(value)

    def judge_missing(self) -> Judgement:
        """Say how a figure is handed in."""
        return Judgement.missing(
            f"There is no figure in `{self.key}` yet. Assign what the plotting call itself returns, as in "
            f"`{self.key} = sns.…(…)`, run the cell, then run this check again. `plt.show()` returns "
            "nothing: a figure cannot be assigned from it."
        )

    def judge_unusable(self, evidence: Unusable) -> Judgement:
        """Say why this is no figure."""
        if evidence.problem == "too_large":
            text = (
                f"`{self.key}` shows far more points or lines than the data have. Draw each row once; look "
                "for a plotting call inside a loop that belongs outside it."
            )
            return Judgement.found(Finding("figure_too_large", text))
        text = (
            f"`{self.key}` should hold a figure, but holds {evidence.description or 'something else'}. "
            f"Assign what the plotting call returns, as in `{self.key} = sns.…(…)`, or the figure or axes "
            "that you drew on."
        )
        return Judgement.found(Finding("not_a_figure", text))

    def judge_answer(self, evidence: Evidence, key: Evidence | None, seed: int | None) -> Judgement:
        """Judge what the figure shows, all its panels together."""
        if not isinstance(evidence, Figure):
            return self.wrong_type("something else")
        with np.errstate(all="ignore"):  # a record may hold any numbers
            judgement = self._judge_panels(evidence.panels)
            if judgement.share < 1 and len(evidence.panels) > 1:
                alone = (self._judge_panels((panel,)) for panel in evidence.panels)
                if any(other.share == 1 for other in alone):
                    return self._found("several_plots", 0.5)
        return judgement

    def _judge_panels(self, panels: tuple[Panel, ...]) -> Judgement:
        reference = _reference(self)
        lines = self._arrange([line for panel in panels for line in panel.lines])
        x = np.array([value for panel in panels for value in panel.x], dtype=float)
        y = np.array([value for panel in panels for value in panel.y], dtype=float)
        about_points = self._fault_of_points(x, y, lines, reference)
        about_lines = self._fault_of_lines(lines, reference)
        if not about_points and not about_lines:
            return Judgement.right(self.praise)
        if about_points == "points_missing" and about_lines == "line_missing":
            return self._found("empty_figure")
        if about_points in ("axes_swapped", "rescaled") or about_points.endswith("_on_x"):
            return self._found(about_points)
        answers_sister = about_lines in ("one_line_for_all", f"line_per_{self.unit}")
        if answers_sister and about_points in ("", "points_missing"):
            return self._found(about_lines)
        if not about_points:
            return self._found(about_lines, 0.5, "The points are right. ")
        if not about_lines:
            before = "The lines are right. " if self.lines == "each" else "The line is right. "
            return self._found(about_points, 0.5, before)
        return self._found(about_lines if about_points == "points_missing" else about_points)

    def _found(self, name: str, share: float = 0.0, before: str = "") -> Judgement:
        return Judgement.found(Finding(name, before + self._text(name)), share)

    def _fault_of_points(self, x: Array, y: Array, lines: _Lines, reference: _Reference) -> str:
        """Name what is wrong with the points; empty if every row of the data is shown, and little else."""
        if not len(x):
            return "points_missing"
        close = self._close(x, y, reference.x, reference.y)
        if len(lines.straight):
            # Markers along a drawn line are the line's, not points of their own.
            height = x[:, None] * lines.straight[:, 0] + lines.straight[:, 1]
            marks = (np.abs(height - y[:, None]) <= self.y_jitter).any(axis=1)
        else:
            marks = np.zeros(len(x), dtype=bool)
        strangers = int((~close.any(axis=1) & ~marks).sum())
        # Points may be drawn twice, say for all boys and again boy by boy, but not be a cloud of anything.
        few = strangers <= len(x) // 20 and int((~marks).sum()) <= 3 * len(reference.x)
        shown = _matched(close)
        if shown == len(reference.x) and few:
            return ""
        if _matched(self._close(y, x, reference.x, reference.y)) == len(reference.x):
            return "axes_swapped"
        for name, values in reference.others.items():
            if _matched(self._close(x, y, values, reference.y)) == len(values):
                return f"{name.lower()}_on_x"
        if shown and few:
            # A group is left out if those that are there in full make up all that is shown.
            seen = np.asarray(close.any(axis=0))
            complete = sum(int(rows.sum()) for rows in reference.rows if seen[rows].all())
            return f"{self.unit}s_incomplete" if complete >= shown else "points_incomplete"
        if len(x) == len(reference.x) and (_rescaled(x, reference.x) or _rescaled(y, reference.y)):
            return "rescaled"
        return "other_points"

    def _close(self, x: Array, y: Array, to_x: Array, to_y: Array) -> Mask:
        """Tell which points (rows) stand where which rows of the data (columns) belong."""
        return (np.abs(x[:, None] - to_x) <= self.x_jitter) & (np.abs(y[:, None] - to_y) <= self.y_jitter)

    def _arrange(self, lines: list[Line]) -> _Lines:
        """Leave out what is no regression line (error bars, caps), and take together what is one line."""
        reference = _reference(self)
        x_range = np.ptp(reference.x)
        wide = [line for line in lines if line.x1 - line.x0 > 0.1 * x_range]
        wide = wide or [line for line in lines if line.x1 > line.x0]
        merged: list[list[float]] = []
        for line in wide:
            if line.bend > self.straight:
                continue
            slope = (line.y1 - line.y0) / (line.x1 - line.x0)
            intercept = line.y0 - slope * line.x0
            for other in merged:
                if max(abs(slope - other[0]) * x_range, abs(intercept - other[1])) <= 0.1 * self.near:
                    other[2:] = min(line.x0, other[2]), max(line.x1, other[3])
                    break
            else:
                merged.append([slope, intercept, line.x0, line.x1])
        table = np.array(merged, dtype=float).reshape(-1, 4)
        # A level line is a reference, say at the mean, unless a regression line lies there or it is alone.
        targets = np.vstack([reference.own, reference.pooled])
        spans = np.vstack([reference.spans, [reference.x.min(), reference.x.max()]])
        far = _distances(table[:, :2], targets, spans).min(axis=1) > self.near
        kept = ~(far & (table[:, 0] == 0))
        table = table[kept] if kept.any() else table
        return _Lines(table[:, :2], table[:, 2:], tuple(line for line in wide if line.bend > self.straight))

    def _fault_of_lines(self, lines: _Lines, reference: _Reference) -> str:
        """Name what is wrong with the lines; empty if they are the regression lines asked for."""
        fault = self._fault_of_straight(lines, reference)
        if not lines.bent:
            return fault
        if not fault:
            return "extra_lines"
        # Some curves begin and end at measurements by chance.
        joining = sum(self._joins(line, reference) for line in lines.bent)
        return "points_joined" if 2 * joining > len(lines.bent) else "curved_line"

    def _fault_of_straight(self, lines: _Lines, reference: _Reference) -> str:
        count, groups = len(lines.straight), len(reference.own)
        if not count:
            return "line_missing"
        whole = np.array([[reference.x.min(), reference.x.max()]])
        on_pooled = _distances(lines.straight, reference.pooled[None], whole)[:, 0] <= self.near
        line_of, ok = self._match(lines, reference)
        each = len(ok) == groups and bool(ok.all())
        if self.lines == "one":
            if count == 1:
                if not on_pooled[0]:
                    return "line_elsewhere"
                return "" if _spans(lines.spans[0], whole[0]) else "line_too_short"
            if each or count == groups:
                return f"line_per_{self.unit}"
            return "extra_lines" if on_pooled.any() else "several_lines"
        if each:
            drawn = lines.spans[line_of]
            if not all(_spans(*pair) for pair in zip(drawn, reference.spans, strict=True)):
                return "line_too_short"
            return "" if count == groups else "extra_lines"
        if count == 1 and (on_pooled[0] or not ok.all()):
            return "one_line_for_all"
        if count >= groups // 2 and np.std(lines.straight[:, 0]) < 0.25 * np.std(reference.own[:, 0]):
            return "parallel_lines"
        if count < groups and ok.all():
            return f"{self.unit}s_incomplete"
        return "lines_elsewhere"

    def _match(self, lines: _Lines, reference: _Reference) -> tuple[npt.NDArray[np.intp], Mask]:
        """Give each group the line that suits it best, one to one, and tell which are near enough."""
        from scipy.optimize import linear_sum_assignment

        distances = _distances(lines.straight, reference.own, reference.spans)
        # A line that is far off is as good as one that is farther: it must not push others about.
        cost = np.minimum(np.nan_to_num(distances, nan=np.inf), 10 * self.near)
        group, line = linear_sum_assignment(cost.T)
        return np.asarray(line, dtype=np.intp), distances[line, group] <= self.near

    def _joins(self, line: Line, reference: _Reference) -> bool:
        """Tell whether a line begins and ends at measurements, or at their mean at that place."""

        def at_data(x: float, y: float) -> bool:
            there = reference.y[np.abs(reference.x - x) <= 1e-3]
            places = [*there, there.mean()] if len(there) else []
            return any(abs(place - y) <= self.y_jitter for place in places)

        return at_data(line.x0, line.y0) and at_data(line.x1, line.y1)

    def _text(self, name: str) -> str:
        """Say what was done, and where to look."""
        x, y, unit = f"`{self.x}`", f"`{self.y}`", self.unit
        task = "one straight regression line" if self.lines == "one" else f"one straight regression line per {unit}"
        if name.endswith("_on_x"):
            column = next(column for column in _reference(self).others if f"{column.lower()}_on_x" == name)
            return f"`{column}` is on the horizontal axis. The task is about {x}: check what you gave as `x`."
        return {
            "empty_figure": (
                f"The figure in `{self.key}` shows neither points nor a line: it is empty, or another kind "
                f"of chart. What is asked is a scatterplot of {y} against {x} with {task}."
            ),
            "several_plots": (
                "One of the plots in this figure is what is asked, but it stands beside others. Hand in "
                "that one alone: its axes, for example, instead of the whole figure."
            ),
            "points_missing": (
                "What is missing are the measurements themselves: add a point for every row of the data."
            ),
            "points_incomplete": (
                "Some measurements are not shown. Use every row of the data; look for a filter, or for "
                "axes that belong to a part of it."
            ),
            f"{unit}s_incomplete": (
                f"Some {unit}s are missing. Use the data of every {unit}; look for a filter, a loop that "
                "ends early, or axes that show only one of several panels."
            ),
            "other_points": (
                "The points are not the single measurements. Every row of the data should be one point, "
                f"at its own {x} and {y}; look for means, bins or changed values."
            ),
            "axes_swapped": (
                f"The axes have changed places. What you predict from ({x}) belongs on the horizontal "
                f"axis, what you predict ({y}) on the vertical one."
            ),
            "rescaled": (
                f"The points form the right pattern, but the axes do not show {x} and {y} as they stand in "
                "the data. Look for something that centred or standardised them."
            ),
            "line_missing": (
                f"What is missing is {task}. Look at what seaborn offers for regression: it can draw "
                "points and line in one call."
            ),
            "line_elsewhere": (
                "There is a straight line, but not where linear regression puts it. Fit it to all rows, "
                f"with {y} as the outcome and {x} as the predictor."
            ),
            "lines_elsewhere": (
                f"The lines are not the {unit}s' own regression lines. Fit each to the rows of one {unit}, "
                f"with {y} as the outcome and {x} as the predictor, and check by what the rows are "
                "grouped."
            ),
            "several_lines": (
                "There are several lines. What is asked is a single one through all measurements: look "
                "for the argument that splits the data."
            ),
            "extra_lines": (f"The figure has what is asked, and more lines besides. Leave only {task}."),
            "line_too_short": (f"A line covers only a part of {x}. Draw it over the whole range of its points."),
            "one_line_for_all": (
                f"One line runs through the measurements of all {unit}s. What is asked is a line for each: "
                f"which argument of the plotting call tells the {unit}s apart, say by colour?"
            ),
            f"line_per_{unit}": (
                f"There is a line for every {unit}. What is asked here is a single one through all "
                f"measurements, no matter whose they are: leave out what tells the {unit}s apart."
            ),
            "points_joined": (
                "A line here joins measurements, one to the next. A regression line is straight and "
                "passes among the points: look for a plotting function that fits a line, or fit it first "
                "and draw the prediction."
            ),
            "curved_line": (
                "The line is curved. Linear regression gives a straight one: look at the arguments that "
                "set the form of the line, such as `order` or `lowess`."
            ),
            "parallel_lines": (
                f"The lines are all equally steep. Each should be fitted to one {unit}'s measurements "
                "alone, so that its height and its steepness are both that one's own."
            ),
        }[name]


@cache
def _reference(question: FigureQuestion) -> _Reference:
    data = question.data()
    x, y = data[question.x].to_numpy(float), data[question.y].to_numpy(float)
    group = data[question.group].to_numpy()
    rows = tuple(np.asarray(group == label, dtype=np.bool_) for label in np.unique(group))
    numeric = data.select_dtypes("number").columns.drop([question.x, question.y], errors="ignore")
    return _Reference(
        x=x,
        y=y,
        rows=rows,
        others={name: data[name].to_numpy(float) for name in numeric},
        pooled=np.polyfit(x, y, 1),
        own=np.array([np.polyfit(x[mask], y[mask], 1) for mask in rows]),
        spans=np.array([[x[mask].min(), x[mask].max()] for mask in rows]),
    )


def _distances(lines: Array, targets: Array, spans: Array) -> Array:
    """Largest vertical distance of lines (rows) from target lines (columns), within the target's span."""
    difference = lines[:, None, :] - targets
    at_ends = difference[:, :, :1] * spans + difference[:, :, 1:]
    distances: Array = np.abs(at_ends).max(axis=2)
    return distances


def _spans(drawn: Array, wanted: Array) -> bool:
    """Tell whether a line covers the better part of the range of its points."""
    covered = min(drawn[1], wanted[1]) - max(drawn[0], wanted[0])
    return bool(covered >= 0.6 * (wanted[1] - wanted[0]))


def _matched(close: Mask) -> int:
    """Count the columns that get a row of their own."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    return int((maximum_bipartite_matching(csr_array(close), perm_type="row") >= 0).sum())


def _rescaled(shown: Array, data: Array) -> bool:
    """Tell whether values are those of the data on another scale."""
    shown, data = np.sort(shown), np.sort(data)
    return not np.allclose(shown, data) and bool(np.corrcoef(shown, data)[0, 1] > 0.9999)
