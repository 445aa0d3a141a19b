"""Answers that are a figure: a scatterplot with regression lines, judged by what a reader sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from oxboys_mlm.assessment.evidence import Figure, Line, Panel, Unusable
from oxboys_mlm.assessment.question import Question
from oxboys_mlm.assessment.verdict import Finding, Judgement

if TYPE_CHECKING:
    import pandas as pd

Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Reference:
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


@dataclass(frozen=True)
class _Lines:
    """The lines of a figure that may be regression lines, those on one straight line taken together."""

    straight: Array  # rows (slope, intercept)
    spans: Array  # rows (left, right)
    times: Array  # how often each was drawn
    bent: tuple[Line, ...]

    def any(self) -> bool:
        """Tell whether there is a line at all, level ones aside."""
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

    def _note(self, name: str, lines: _Lines, reference: _Reference) -> str:
        """Say what else is noticed about lines."""
        if name == f"{self.unit}s_incomplete" and self._on_pooled(lines, reference).any():
            return f" One of the lines is the one for all {self.unit}s together: it stands for none of them."
        return ""

    def _fault_of_points(self, x: Array, y: Array, hidden: bool, lines: _Lines, reference: _Reference) -> str:
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
        shown = int(_matched(close).sum())
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
        if len(x) == len(places) and (_rescaled(x, places[:, 0]) or _rescaled(y, places[:, 1])):
            return "rescaled"
        return "other_points"

    def _close(self, x: Array, y: Array, places: Array, x_jitter: float = 0.0) -> Mask:
        """Tell which points (rows) stand where which rows of the data (columns) belong."""
        near = np.abs(x[:, None] - places[:, 0]) <= (x_jitter or self.x_jitter)
        return near & (np.abs(y[:, None] - places[:, 1]) <= self.y_jitter)

    def _shows(self, x: Array, y: Array, to_x: Array, to_y: Array, x_jitter: float = 0.0) -> bool:
        """Tell whether there is a point for each row of other data."""
        places = np.unique(np.column_stack([to_x, to_y]), axis=0)
        return bool(_matched(self._close(x, y, places, x_jitter)).all())

    def _shows_categories(self, x: Array, y: Array, to_x: Array, to_y: Array) -> bool:
        """Tell whether x has a place for each of the values, one beside the other, as in a strip plot."""
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
        far = _distances(table[:, :2], *reference.targets).min(axis=1) > self.near
        kept = ~(far & (table[:, 0] == 0))
        table = table[kept] if kept.any() else table
        bent = tuple(line for line in wide if line.bend > self.straight)
        return _Lines(table[:, :2], table[:, 2:4], table[:, 4], bent)

    def _without_limits(self, lines: list[Line], reference: _Reference) -> list[Line]:
        """Leave out pairs of lines equally far above and below a regression line: limits of its confidence."""
        if not lines:
            return lines
        # A limit may be as curved as it likes: what counts are its ends, its bend and its partner.
        table = np.array([(line.x0, line.y0, line.x1, line.y1, line.bend) for line in lines])
        slopes = (table[:, 3] - table[:, 1]) / (table[:, 2] - table[:, 0])
        chords = np.column_stack([slopes, table[:, 1] - slopes * table[:, 0]])
        apart = _distances(chords, *reference.targets)
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

    def _fault_of_lines(self, lines: _Lines, reference: _Reference) -> str:
        """Name what is wrong with the lines; empty if they are the regression lines asked for."""
        fault = self._fault_of_straight(lines, reference)
        if not lines.bent:
            return fault
        if not fault:
            return "" if all(self._tells_the_data(line, reference) for line in lines.bent) else "extra_lines"
        # Some curves begin and end at measurements by chance.
        joining = sum(self._joins(line, reference) for line in lines.bent)
        return "points_joined" if 2 * joining > len(lines.bent) else "curved_line"

    def _fault_of_straight(self, lines: _Lines, reference: _Reference) -> str:
        count, groups = len(lines.straight), len(reference.own)
        if not count:
            return "line_missing"
        on_pooled = self._on_pooled(lines, reference)
        near_own = _distances(lines.straight, reference.own, reference.spans) <= self.near
        line_of, ok = self._match(lines, reference)
        each = len(ok) == groups and bool(ok.all())
        if self.lines == "one":
            if on_pooled.all():
                whole = reference.targets[1][-1]
                drawn = np.array([lines.spans[:, 0].min(), lines.spans[:, 1].max()])
                return "" if _spans(drawn, whole) else "line_too_short"
            if on_pooled.any():
                return "extra_lines"
            if count == 1:
                return "line_elsewhere"
            return f"line_per_{self.unit}" if each or count == groups else "several_lines"
        if each:
            drawn = lines.spans[line_of]
            if not all(_spans(*pair) for pair in zip(drawn, reference.spans, strict=True)):
                return "line_too_short"
            if _shrunken(lines.straight[line_of], reference):
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

    def _on_pooled(self, lines: _Lines, reference: _Reference) -> Mask:
        """Tell which lines are the one for all."""
        targets, spans = reference.targets
        on_pooled: Mask = _distances(lines.straight, targets[-1:], spans[-1:])[:, 0] <= self.near
        return on_pooled

    def _match(self, lines: _Lines, reference: _Reference) -> tuple[npt.NDArray[np.intp], Mask]:
        """Give each group the line that suits it best, one to one, and tell which are near enough."""
        from scipy.optimize import linear_sum_assignment

        distances = _distances(lines.straight, reference.own, reference.spans)
        # A line that is far off is as good as one that is farther: it must not push others about.
        cost = np.minimum(np.nan_to_num(distances, nan=np.inf), 10 * self.near)
        group, line = linear_sum_assignment(cost.T)
        return np.asarray(line, dtype=np.intp), distances[line, group] <= self.near

    def _is_mixed_up(self, panel: Panel, reference: _Reference) -> bool:
        """Tell whether a panel shows a group's line without its points."""
        if self.lines == "one" or panel.hidden:
            return False
        lines = self._arrange(panel.lines)
        near = _distances(lines.straight, reference.own, reference.spans) <= self.near
        close = self._close(np.array(panel.x), np.array(panel.y), reference.places)
        seen = np.asarray(close.any(axis=0))[reference.place_of]
        present = np.array([2 * seen[rows].sum() >= rows.sum() for rows in reference.rows])
        return bool((near.any(axis=1) & ~(near & present).any(axis=1)).any())

    def _joins(self, line: Line, reference: _Reference) -> bool:
        """Tell whether a line begins and ends at measurements, or at their mean at that place."""

        def at_data(x: float, y: float) -> bool:
            there = reference.y[np.abs(reference.x - x) <= 1e-3]
            places = [*there, there.mean()] if len(there) else []
            return any(abs(place - y) <= self.y_jitter for place in places)

        return at_data(line.x0, line.y0) and at_data(line.x1, line.y1)

    def _tells_the_data(self, line: Line, reference: _Reference) -> bool:
        """Tell whether a bent line joins one group's points, or means: it shows the data, and claims no regression."""

        def at(places: Array, x: float, y: float) -> bool:
            return bool((np.abs(places - (x, y)) <= (1e-3, self.y_jitter)).all(axis=1).any())

        ends = ((line.x0, line.y0), (line.x1, line.y1))
        if all(at(reference.summaries, *end) for end in ends):
            return True
        table = np.column_stack([reference.x, reference.y])
        return any(all(at(table[rows], *end) for end in ends) for rows in reference.rows)

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
            "points_hidden": (
                "Some measurements cannot be seen: they lie outside the limits of an axis, or under something "
                "that was drawn over them. Look for limits that were set by hand (`xlim`, `ylim`), and let the "
                "axes show every row of the data."
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
            "categories": (
                f"The horizontal axis treats {x} as a set of categories, all equally far apart. {x} is a number: "
                "use a scatterplot, which keeps the distances."
            ),
            "several_figures": (
                f"Every {unit} is there, but each in a figure apart. Put all into one figure, in the same axes or "
                "in small panels, so that they can be compared."
            ),
            "second_axis": (
                "The line and the points stand on two axes with different limits, so the line does not pass "
                "through the points that it was fitted to. Draw both on the same axes."
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
            "shrunken_lines": (
                f"Every {unit} has a line, but not the regression line of that {unit} alone: each line is pulled "
                f"towards the average of all {unit}s. This is what a mixed model predicts (`fittedvalues`). What is "
                f"asked here is a regression fitted to one {unit}'s rows, without the others."
            ),
            "same_line_repeated": (
                f"The same line is drawn again and again: it is that of one {unit}. In a loop, check that every "
                f"turn fits and draws the rows of another {unit}. A function that is made in a loop sees only the "
                "last value of the loop's variable."
            ),
            "line_in_other_panel": (
                f"A line stands in a panel that shows the points of another {unit}. Check that points and line "
                f"of a panel come from the same {unit}."
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
    others = {name: data[name].to_numpy(float) for name in numeric}
    sets = [*rows, *(values == value for values in (x, *others.values()) for value in np.unique(values))]
    places, place_of = np.unique(np.column_stack([x, y]), axis=0, return_inverse=True)
    own = np.array([np.polyfit(x[mask], y[mask], 1) for mask in rows])
    spans = np.array([[x[mask].min(), x[mask].max()] for mask in rows])
    pooled = np.polyfit(x, y, 1)
    return _Reference(
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


def _points_of(panels: tuple[Panel, ...]) -> Iterable[tuple[float, float]]:
    for panel in panels:
        yield from zip(panel.x, panel.y, strict=True)


def _shrunken(drawn: Array, reference: _Reference) -> bool:
    """Tell whether lines are the groups' own, each pulled towards the average, as a mixed model predicts them.

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


def _matched(close: Mask) -> Mask:
    """Tell which columns get a row of their own."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    matched: Mask = maximum_bipartite_matching(csr_array(close), perm_type="row") >= 0
    return matched


def _rescaled(shown: Array, data: Array) -> bool:
    """Tell whether values are those of the data on another scale."""
    shown, data = np.sort(shown), np.sort(data)
    return not np.allclose(shown, data) and bool(np.corrcoef(shown, data)[0, 1] > 0.9999)
