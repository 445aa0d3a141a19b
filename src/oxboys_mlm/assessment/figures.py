"""Answers that are a figure: a scatterplot with regression lines, judged by what a reader sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from oxboys_mlm.assessment.evidence import Figure, Line, Panel, Unusable
from oxboys_mlm.assessment.figure_geometry import (
    Array,
    Mask,
    Reference,
    covers,
    distances,
    is_rescaled,
    is_shrunken,
    matched,
    reference_of,
)
from oxboys_mlm.assessment.figure_texts import texts
from oxboys_mlm.assessment.question import Question
from oxboys_mlm.assessment.verdict import Finding, Judgement

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class _Lines:
    """The lines of a figure that may be regression lines, those on one straight line taken together."""

    straight: Array  # rows (slope, intercept)
    spans: Array  # rows (left, right)
    times: Array  # how often each was drawn
    bent: tuple[Line, ...]

    def any(self) -> bool:
        """Return whether there is a line at all, level ones aside."""
        return bool(self.bent or self.straight[:, 0].any())


@dataclass(frozen=True, kw_only=True)
class FigureQuestion(Question):
    """A question answered by a scatterplot with one regression line, or one for each group.

    Half of the points are for the scatterplot, half for the lines. A figure of other variables, or
    one that answers the sister question (one line for all, instead of one for each), earns nothing.
    What else is drawn is context, such as means, confidence limits or level lines, unless it contradicts
    the answer: other regression lines do.

    Attributes
    ----------
    data
        Returns the data: a row per point.
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

    answer: ClassVar = Figure

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

    def judge_missing(self) -> Judgement:
        """Say how a figure is handed in."""
        return Judgement.missing(
            f"There is no figure in `{self.key}` yet. Assign what the plotting call itself returns, as in `{self.key} "
            "= sns.…(…)`, run the cell, then run this check again. `plt.show()` returns nothing: a figure cannot be "
            "assigned from it."
        )

    def judge_unusable(self, evidence: Unusable) -> Judgement:
        """Return what is wrong with something that is not a figure."""
        if evidence.problem == "too_large":
            text = (
                f"`{self.key}` shows far more points or lines than the data have. Draw each row once; look for a "
                "plotting call inside a loop that belongs outside it."
            )
            return Judgement.found(Finding("figure_too_large", text))
        text = (
            f"`{self.key}` should hold a figure, but holds {evidence.description or 'something else'}. Assign what the "
            f"plotting call returns, as in `{self.key} = sns.…(…)`, or the figure or axes that you drew on."
        )
        return Judgement.found(Finding("not_a_figure", text))

    def judge_answer(self, evidence: Figure) -> Judgement:
        """Judge what the figure shows, all its panels together."""
        with np.errstate(all="ignore"):  # a record may hold any numbers
            judgement = self._judge_panels(evidence.panels)
            if len(evidence.panels) > 1:
                alone = [panel for panel in evidence.panels if self._judge_panels((panel,)).share == 1]
                if judgement.share < 1 and alone:
                    others = [panel for panel in evidence.panels if panel not in alone]
                    if any(self._arrange(panel.lines).any() for panel in others):
                        return self._found("several_plots", 0.5)
                    return Judgement.right(self.praise)  # points without a line are context
                if judgement.share == 1 and not alone and evidence.figures > 1:
                    return self._found("several_figures", 0.5)
        return judgement

    def _judge_panels(self, panels: tuple[Panel, ...]) -> Judgement:
        reference = _reference(self)
        lines = self._arrange([line for panel in panels for line in panel.lines])
        points = np.unique(np.array([*_points_of(panels)], dtype=float).reshape(-1, 2), axis=0)
        hidden = any(panel.hidden for panel in panels)
        about_points = self._fault_of_points(points[:, 0], points[:, 1], hidden, lines, reference)
        about_lines = self._fault_of_lines(lines, reference)
        if not about_lines and len(panels) > 1 and any(self._is_mixed_up(panel, reference) for panel in panels):
            about_lines = "line_in_other_panel"
        if about_lines.endswith("elsewhere") and any(panel.overlaid for panel in panels):
            about_lines = "second_axis"
        if not about_points and not about_lines:
            return Judgement.right(self.praise)
        if about_points == "points_hidden":
            # What the limits hide of the lines is the same mistake.
            cut = about_lines in ("", "line_too_short") or (
                about_lines == f"{self.unit}s_incomplete" and 2 * len(points) >= len(reference.places)
            )
            return self._found("points_hidden", 0.5 if cut else 0.0)
        if about_points == "points_missing" and about_lines == "line_missing":
            return self._found("empty_figure")
        if about_points in ("axes_swapped", "rescaled") or about_points.endswith("_on_x"):
            return self._found(about_points)
        answers_sister = about_lines in ("one_line_for_all", f"line_per_{self.unit}")
        if answers_sister and about_points in ("", "points_missing"):
            return self._found(about_lines)
        if not about_points:
            return self._found(about_lines, 0.5, "The points are right. ", self._note(about_lines, lines, reference))
        if not about_lines:
            before = "The lines are right. " if self.lines == "each" else "The line is right. "
            return self._found(about_points, 0.5, before)
        return self._found(about_lines if about_points == "points_missing" else about_points)

    def _found(self, name: str, share: float = 0.0, before: str = "", after: str = "") -> Judgement:
        return Judgement.found(Finding(name, before + self._text(name) + after), share)

    def _note(self, name: str, lines: _Lines, reference: Reference) -> str:
        """Say what else is noticed about lines."""
        if name == f"{self.unit}s_incomplete" and self._on_pooled(lines, reference).any():
            return f" One of the lines is the one for all {self.unit}s together: it stands for none of them."
        return ""

    def _fault_of_points(self, x: Array, y: Array, hidden: bool, lines: _Lines, reference: Reference) -> str:
        """Name what is wrong with the points; empty if every row of the data is seen, and nothing contradicts them."""
        if not len(x):
            return "points_hidden" if hidden else "points_missing"
        close = self._close(x, y, reference.places)
        # Markers along a drawn line are the line's, not points of their own.
        marks = np.zeros(len(x), dtype=bool)
        for slope, intercept in lines.straight:
            marks |= np.abs(slope * x + intercept - y) <= self.y_jitter
        strangers = ~close.any(axis=1) & ~marks
        # Points may be drawn again elsewhere within the jitter, but not be a cloud of anything.
        crowded = int((~marks).sum()) > 3 * len(reference.x)
        shown = int(matched(close).sum())
        if shown == len(reference.places) and not crowded:
            others = strangers & ~(np.abs(y[:, None] - reference.summaries[:, 1]) <= self.y_jitter).any(axis=1)
            if others.sum() <= len(x) // 20:
                return ""
        if self._shows(y, x, reference.x, reference.y):
            return "axes_swapped"
        for name, values in reference.others.items():
            if self._shows(x, y, values, reference.y) or self._shows_categories(x, y, values, reference.y):
                return f"{name.lower()}_on_x"
        if self._shows_categories(x, y, reference.x, reference.y):
            return "categories"
        if shown and not crowded and strangers.sum() <= len(x) // 20:
            if hidden:
                return "points_hidden"
            # A group is left out if those that are there in full make up all that is shown.
            seen = np.asarray(close.any(axis=0))[reference.place_of]
            complete = [reference.place_of[rows] for rows in reference.rows if seen[rows].all()]
            all_shown = bool(complete) and len(np.unique(np.concatenate(complete))) >= shown
            return f"{self.unit}s_incomplete" if all_shown else "points_incomplete"
        places = reference.places
        if len(x) == len(places) and (is_rescaled(x, places[:, 0]) or is_rescaled(y, places[:, 1])):
            return "rescaled"
        return "other_points"

    def _close(self, x: Array, y: Array, places: Array, x_jitter: float = 0.0) -> Mask:
        """Return which points (rows) stand where which rows of the data (columns) belong."""
        near = np.abs(x[:, None] - places[:, 0]) <= (x_jitter or self.x_jitter)
        return near & (np.abs(y[:, None] - places[:, 1]) <= self.y_jitter)

    def _shows(self, x: Array, y: Array, to_x: Array, to_y: Array, x_jitter: float = 0.0) -> bool:
        """Return whether there is a point for each row of other data."""
        places = np.unique(np.column_stack([to_x, to_y]), axis=0)
        return bool(matched(self._close(x, y, places, x_jitter)).all())

    def _shows_categories(self, x: Array, y: Array, to_x: Array, to_y: Array) -> bool:
        """Return whether x has a place for each of the values, one beside the other, as in a strip plot."""
        ranks = np.unique(to_x, return_inverse=True)[1].astype(float)
        # Points of a category are spread over its place.
        return any(self._shows(x, y, ranks + first, to_y, 0.45) for first in (0, 1))

    def _arrange(self, lines: Iterable[Line]) -> _Lines:
        """Leave out what is no regression line (error bars, caps, limits), and take together what is one line."""
        reference = _reference(self)
        lines = tuple(lines)
        x_range = np.ptp(reference.x)
        wide = [line for line in lines if line.x1 - line.x0 > 0.1 * x_range]
        wide = wide or [line for line in lines if line.x1 > line.x0]
        wide = self._without_limits(wide, reference)
        merged = np.empty((len(wide), 5))
        count = 0
        for line in wide:
            if line.bend > self.straight:
                continue
            slope = (line.y1 - line.y0) / (line.x1 - line.x0)
            intercept = line.y0 - slope * line.x0
            before = merged[:count]
            apart = np.maximum(np.abs(slope - before[:, 0]) * x_range, np.abs(intercept - before[:, 1]))
            same = np.flatnonzero(apart <= 0.1 * self.near)
            if len(same):
                other = merged[same[0]]
                other[2:] = min(line.x0, other[2]), max(line.x1, other[3]), other[4] + line.times
            else:
                merged[count] = slope, intercept, line.x0, line.x1, line.times
                count += 1
        table = merged[:count]
        # A level line is a reference, say at the mean, unless a regression line lies there or it is alone.
        far = distances(table[:, :2], *reference.targets).min(axis=1) > self.near
        kept = ~(far & (table[:, 0] == 0))
        table = table[kept] if kept.any() else table
        bent = tuple(line for line in wide if line.bend > self.straight)
        return _Lines(table[:, :2], table[:, 2:4], table[:, 4], bent)

    def _without_limits(self, lines: list[Line], reference: Reference) -> list[Line]:
        """Leave out pairs of lines equally far above and below a regression line: limits of its confidence."""
        if not lines:
            return lines
        # A limit may be as curved as it likes: what counts are its ends, its bend and its partner.
        table = np.array([(line.x0, line.y0, line.x1, line.y1, line.bend) for line in lines])
        slopes = (table[:, 3] - table[:, 1]) / (table[:, 2] - table[:, 0])
        chords = np.column_stack([slopes, table[:, 1] - slopes * table[:, 0]])
        apart = distances(chords, *reference.targets)
        straight = table[:, 4] <= self.straight
        is_limit = np.zeros(len(lines), dtype=bool)
        middles = [target for target in range(apart.shape[1]) if (straight & (apart[:, target] <= self.near)).any()]
        free = np.flatnonzero(~(straight & (apart <= self.near).any(axis=1)))
        if len(free) * len(middles) > 20_000:  # so many lines are no limits
            return lines
        for target in middles:
            slope, intercept = reference.targets[0][target]
            above = table[free][:, [1, 3]] - (slope * table[free][:, [0, 2]] + intercept)
            for place, line in enumerate(free):
                # Its partner, seen in the mirror: the same ends and the same bend.
                size = np.abs(above[place]).min()
                tolerance = self.y_jitter + 0.1 * size
                even = abs(above[place, 0] - above[place, 1]) <= tolerance + 0.2 * size and size > tolerance
                partner = (
                    (np.abs(above + above[place]) <= tolerance).all(axis=1)
                    & (np.abs(table[free][:, [0, 2]] - table[line, [0, 2]]) <= self.x_jitter).all(axis=1)
                    & (np.abs(table[free, 4] - table[line, 4]) <= tolerance)
                )
                is_limit[line] |= even and bool(partner.any())
        return [line for line, limit in zip(lines, is_limit, strict=True) if not limit]

    def _fault_of_lines(self, lines: _Lines, reference: Reference) -> str:
        """Name what is wrong with the lines; empty if they are the regression lines asked for."""
        fault = self._fault_of_straight(lines, reference)
        if not lines.bent:
            return fault
        if not fault:
            return "" if all(self._tells_the_data(line, reference) for line in lines.bent) else "extra_lines"
        # Some curves begin and end at measurements by chance.
        joining = sum(self._joins(line, reference) for line in lines.bent)
        return "points_joined" if 2 * joining > len(lines.bent) else "curved_line"

    def _fault_of_straight(self, lines: _Lines, reference: Reference) -> str:
        count, groups = len(lines.straight), len(reference.own)
        if not count:
            return "line_missing"
        on_pooled = self._on_pooled(lines, reference)
        near_own = distances(lines.straight, reference.own, reference.spans) <= self.near
        line_of, ok = self._match(lines, reference)
        each = len(ok) == groups and bool(ok.all())
        if self.lines == "one":
            if on_pooled.all():
                whole = reference.targets[1][-1]
                drawn = np.array([lines.spans[:, 0].min(), lines.spans[:, 1].max()])
                return "" if covers(drawn, whole) else "line_too_short"
            if on_pooled.any():
                return "extra_lines"
            if count == 1:
                return "line_elsewhere"
            return f"line_per_{self.unit}" if each or count == groups else "several_lines"
        if each:
            drawn = lines.spans[line_of]
            if not all(covers(*pair) for pair in zip(drawn, reference.spans, strict=True)):
                return "line_too_short"
            if is_shrunken(lines.straight[line_of], reference):
                return "shrunken_lines"
            # A second line so near a regression line that nobody sees two does not contradict it.
            return "" if near_own.any(axis=1).all() else "extra_lines"
        if count == 1 and near_own.any() and 2 * lines.times[0] >= groups:
            return "same_line_repeated"
        if count == 1 and (on_pooled[0] or not ok.all()):
            return "one_line_for_all"
        if count >= groups // 2 and np.std(lines.straight[:, 0]) < 0.25 * np.std(reference.own[:, 0]):
            return "parallel_lines"
        if count - int(on_pooled.sum()) < groups and (near_own.any(axis=1) | on_pooled).all():
            return f"{self.unit}s_incomplete"
        return "lines_elsewhere"

    def _on_pooled(self, lines: _Lines, reference: Reference) -> Mask:
        """Return which lines are the one for all."""
        targets, spans = reference.targets
        on_pooled: Mask = distances(lines.straight, targets[-1:], spans[-1:])[:, 0] <= self.near
        return on_pooled

    def _match(self, lines: _Lines, reference: Reference) -> tuple[npt.NDArray[np.intp], Mask]:
        """Return the line that suits each group best, one to one, and whether it is near enough."""
        from scipy.optimize import linear_sum_assignment

        apart = distances(lines.straight, reference.own, reference.spans)
        # A line that is far off is as good as one that is farther: it must not push others about.
        cost = np.minimum(np.nan_to_num(apart, nan=np.inf), 10 * self.near)
        group, line = linear_sum_assignment(cost.T)
        return np.asarray(line, dtype=np.intp), apart[line, group] <= self.near

    def _is_mixed_up(self, panel: Panel, reference: Reference) -> bool:
        """Return whether a panel shows a group's line without its points."""
        if self.lines == "one" or panel.hidden:
            return False
        lines = self._arrange(panel.lines)
        near = distances(lines.straight, reference.own, reference.spans) <= self.near
        close = self._close(np.array(panel.x), np.array(panel.y), reference.places)
        seen = np.asarray(close.any(axis=0))[reference.place_of]
        present = np.array([2 * seen[rows].sum() >= rows.sum() for rows in reference.rows])
        return bool((near.any(axis=1) & ~(near & present).any(axis=1)).any())

    def _joins(self, line: Line, reference: Reference) -> bool:
        """Return whether a line begins and ends at measurements, or at their mean at that place."""

        def at_data(x: float, y: float) -> bool:
            there = reference.y[np.abs(reference.x - x) <= 1e-3]
            places = [*there, there.mean()] if len(there) else []
            return any(abs(place - y) <= self.y_jitter for place in places)

        return at_data(line.x0, line.y0) and at_data(line.x1, line.y1)

    def _tells_the_data(self, line: Line, reference: Reference) -> bool:
        """Return whether a bent line joins one group's points, or means: it shows data, and claims no regression."""

        def at(places: Array, x: float, y: float) -> bool:
            return bool((np.abs(places - (x, y)) <= (1e-3, self.y_jitter)).all(axis=1).any())

        ends = ((line.x0, line.y0), (line.x1, line.y1))
        if all(at(reference.summaries, *end) for end in ends):
            return True
        table = np.column_stack([reference.x, reference.y])
        return any(all(at(table[rows], *end) for end in ends) for rows in reference.rows)

    def _text(self, name: str) -> str:
        """Say what was done, and where to look."""
        if name.endswith("_on_x"):
            column = next(column for column in _reference(self).others if f"{column.lower()}_on_x" == name)
            return f"`{column}` is on the horizontal axis. The task is about `{self.x}`: check what you gave as `x`."
        return texts(self.key, self.x, self.y, self.unit, self.lines)[name]


@cache
def _reference(question: FigureQuestion) -> Reference:
    return reference_of(question.data(), question.x, question.y, question.group)


def _points_of(panels: tuple[Panel, ...]) -> Iterable[tuple[float, float]]:
    for panel in panels:
        yield from zip(panel.x, panel.y, strict=True)
