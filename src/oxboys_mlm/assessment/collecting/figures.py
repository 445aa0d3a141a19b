"""What a figure shows, read from the objects of matplotlib and seaborn."""

from __future__ import annotations

import sys
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from oxboys_mlm.assessment.collecting.axes import TooLargeError, axes_of, class_of, describe_stored
from oxboys_mlm.assessment.evidence import MAX_LINES, MAX_POINTS, Figure, Line, Panel, Unusable

#: Work is refused beyond these, before anything is converted.
MAX_ARTISTS = 4000
MAX_VERTICES = 200_000

#: Nobody sees a colour that differs from its background by less (of 1), nor a mark below these sizes (points²,
#: points).
_CONTRAST = 0.02
_SMALLEST_AREA = 0.1
_THINNEST = 0.1

#: How far outside the axes (as a share of their range) a point may lie and still be half seen.
_MARGIN = 0.01

Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]


def collect_figure(value: Any) -> Figure | Unusable:
    """Describe what a reader of a figure sees, from whatever a plotting call returned.

    Nothing is drawn, shown or closed, and neither matplotlib nor seaborn is imported: where they are
    not loaded, no object can be a figure.

    Parameters
    ----------
    value
        A figure, axes, a grid or plot of seaborn, an artist (which stands for its axes), or a
        collection of these. A title, label or legend stands for nothing.

    Returns
    -------
    Figure or Unusable
        One panel per place in the figure: axes on the same place, such as those of ``twinx``, are seen
        as one. Panels without points are left out if others have some.

    Examples
    --------
    >>> collect_figure("plot.png")
    Unusable(problem='wrong_type', description='a text')
    """
    if type(value) is type(sys) and value is sys.modules.get("matplotlib.pyplot"):
        return Unusable("wrong_type", "the module `plt` itself, which draws figures but is not a figure")
    try:
        axes = axes_of(value)
        if axes is None:
            return Unusable("wrong_type", describe_stored(value))
        panels = _panels_of(axes)
    except TooLargeError:
        return Unusable("too_large", "a figure with far more in it than the data have")
    figures = len({id(ax.figure and ax.figure.figure) for ax in axes}) or 1
    pointed = [panel for panel in panels if panel.x or panel.hidden]
    return Figure(tuple(pointed or [panel for panel in panels if panel.lines]), figures)


def _panels_of(axes: list[Any]) -> list[Panel]:
    stacks = {tuple(map(id, stack)): stack for stack in map(_stack, axes)}
    panels = [_sketch(stack) for stack in stacks.values()]
    points, lines = sum(len(panel.x) for panel in panels), sum(len(panel.lines) for panel in panels)
    if points > MAX_POINTS or lines > MAX_LINES:
        raise TooLargeError
    return panels


def _stack(ax: Any) -> list[Any]:
    """Return the axes on the same place that a reader sees together with these, from the lowest up."""
    neighbours = [] if ax.figure is None else [other for other in ax.figure.axes if other.get_visible()]
    if ax not in neighbours:
        return [ax]
    place = ax.get_position().bounds
    same = [other for other in neighbours if np.allclose(other.get_position().bounds, place, atol=1e-6)]
    same.sort(key=lambda other: other.get_zorder())
    covers = [rank for rank, other in enumerate(same) if (paper := _paper(other)) is not None and paper[3] >= 0.99]
    return same[covers[-1] :] if covers else same


def _paper(ax: Any) -> Array | None:
    """Return the colour of the axes' background; None if it has none."""
    if not (ax.axison and ax.get_frame_on() and ax.patch.get_visible()):
        return None
    return np.asarray(ax.patch.get_facecolor(), dtype=float)


def _background(ax: Any) -> Array:
    """Return the colour on which axes are seen."""
    colour = np.ones(3)
    for sheet in (np.asarray(ax.figure.figure.get_facecolor(), dtype=float) if ax.figure else None, _paper(ax)):
        if sheet is not None:
            colour = colour + sheet[3] * (sheet[:3] - colour)
    return colour


def _sketch(stack: list[Any]) -> Panel:
    """Describe axes that lie on each other, in the coordinates of those with the points."""
    sketches = [_Sketch(ax, [ax]) for ax in stack]
    base = max(sketches, key=lambda sketch: len(sketch.points) + sketch.hidden)
    return (base if len(stack) == 1 else _Sketch(base.base, stack)).panel()


class _Sketch:
    """What is seen of axes, in data coordinates of one of them (`base`)."""

    def __init__(self, base: Any, stack: list[Any]) -> None:
        self.base = base
        self.stack = stack
        # Keys, so that what a loop drew again and again on the same place counts once.
        self.points: dict[tuple[float, float], None] = {}
        self.lines: dict[Line, int] = {}
        self.out_of_sight: dict[tuple[float, float], None] = {}
        self.overlaid = False
        self.vertices = 0
        self.window = (
            np.sort([base.get_xlim(), base.get_ylim()], axis=1).astype(float).T
        )  # rows: lower left, upper right
        self.background = _background(stack[0])
        for ax in stack:
            if ax.name == "rectilinear":  # a point's place means something else on a globe, a disc or in a box
                self._add(ax)

    @property
    def hidden(self) -> int:
        """Number of points that were drawn where nobody sees them."""
        return sum(point not in self.points for point in self.out_of_sight)

    def panel(self) -> Panel:
        """Describe the axes."""
        points = np.array(list(self.points), dtype=float).reshape(-1, 2)
        return Panel(
            x=tuple(points[:, 0].tolist()),
            y=tuple(points[:, 1].tolist()),
            lines=tuple(
                Line(line.x0, line.y0, line.x1, line.y1, line.bend, times) for line, times in self.lines.items()
            ),
            hidden=self.hidden,
            overlaid=self.overlaid,
        )

    def _add(self, ax: Any) -> None:
        lines, collections = ax.lines, ax.collections
        if len(lines) + len(collections) > MAX_ARTISTS:
            raise TooLargeError
        passed_over = _bars_and_caps(ax)
        covers = _Covers(ax)
        for artist in lines:
            if artist.get_visible() and id(artist) not in passed_over:
                self._line2d(ax, artist, covers)
        for artist in collections:
            if artist.get_visible() and id(artist) not in passed_over:
                self._collection(ax, artist, covers)

    def _line2d(self, ax: Any, artist: Any, covers: _Covers) -> None:
        """Read a line, its markers, or both."""
        alpha = artist.get_alpha()
        drawn = (
            artist.get_linestyle() not in ("None", "none", " ", "")
            and artist.get_linewidth() >= _THINNEST
            and self._stands_out(artist.get_color(), alpha)
        )
        marker = artist.get_marker()
        marked = (
            not (marker is None or (isinstance(marker, str) and marker in ("None", "none", " ", "")))
            and artist.get_markersize() ** 2 >= _SMALLEST_AREA
            and (
                self._stands_out(artist.get_markerfacecolor(), alpha)
                or (artist.get_markeredgewidth() > 0 and self._stands_out(artist.get_markeredgecolor(), alpha))
            )
        )
        if not (drawn or marked):
            return
        if issubclass(type(artist), class_of("matplotlib.lines", "AxLine")):
            vertices = self._ends_of_axline(ax, artist)
        else:
            self._count(len(artist.get_xdata(orig=True)))
            vertices = self._in_data(ax, artist.get_transform(), artist.get_xydata())
        if vertices is None:
            return
        if drawn:
            self._add_lines(vertices, artist.get_clip_on())
            self.overlaid |= ax is not self.base
        if marked:
            self._add_points(_marked(vertices, artist.get_markevery()), artist, covers)

    def _collection(self, ax: Any, artist: Any, covers: _Covers) -> None:
        """Read the points of a scatterplot, or a collection of lines; areas such as bands say nothing."""
        kind = type(artist)
        if issubclass(kind, class_of("matplotlib.collections", "PathCollection")):
            offsets = artist.get_offsets()
            self._count(len(offsets))
            if _faded(artist.get_alpha()) or not any(len(path.vertices) for path in artist.get_paths()):
                return
            points = self._in_data(ax, artist.get_offset_transform(), np.ma.filled(offsets.astype(float), np.nan))
            if points is not None:
                self._add_points(points[self._seen(artist, len(points))], artist, covers)
        elif issubclass(kind, class_of("matplotlib.collections", "LineCollection")):
            if _faded(artist.get_alpha()) or not np.any(np.asarray(artist.get_linewidth()) >= _THINNEST):
                return
            self._count(sum(len(path.vertices) for path in artist.get_paths()))
            segments = artist.get_segments()
            mapped = artist.get_array() is not None
            shown = (
                np.ones(len(segments), bool)
                if mapped
                else _each(self._contrasts(artist.get_edgecolor()), len(segments))
            )
            for segment in (segment for segment, seen in zip(segments, shown, strict=True) if seen):
                vertices = self._in_data(ax, artist.get_transform(), np.asarray(segment, dtype=float))
                if vertices is not None:
                    self._add_lines(vertices, artist.get_clip_on())
                    self.overlaid |= ax is not self.base

    def _seen(self, artist: Any, count: int) -> Mask:
        """Return which points of a scatterplot have a size and a colour."""
        large = _each(np.asarray(artist.get_sizes()) >= _SMALLEST_AREA, count)
        if artist.get_array() is not None:  # values that a colour map turns into colours
            return large
        edged = _each(np.asarray(artist.get_linewidth()) > 0, count)
        filled = _each(self._contrasts(artist.get_facecolor()), count)
        return large & (filled | (edged & _each(self._contrasts(artist.get_edgecolor()), count)))

    def _contrasts(self, colours: Any) -> Mask:
        """Return which colours stand out from the background."""
        table = np.asarray(colours, dtype=float).reshape(-1, 4)
        contrasts: Mask = table[:, 3] * np.abs(table[:, :3] - self.background).max(axis=1, initial=0) >= _CONTRAST
        return contrasts

    def _stands_out(self, colour: Any, alpha: Any) -> bool:
        rgba = sys.modules["matplotlib.colors"].to_rgba(colour)
        return bool(self._contrasts([*rgba[:3], rgba[3] if alpha is None else float(np.max(alpha))])[0])

    def _in_data(self, ax: Any, transform: Any, vertices: Any) -> Array | None:
        """Return vertices in data coordinates; None if they stand on something else, such as the frame."""
        data = ax.transData
        if transform != data and not transform.contains_branch(data):
            return None
        if ax is not self.base:
            vertices = self.base.transData.inverted().transform(transform.transform(vertices))
        elif transform != data:
            vertices = (transform - data).transform(vertices)
        array: Array = np.array(vertices, dtype=np.float64).reshape(-1, 2)
        array[~(np.abs(array) <= 1e300)] = np.nan
        # Six decimals are more than any judge looks at, and keep the record small.
        return array.round(6)

    def _ends_of_axline(self, ax: Any, artist: Any) -> Array | None:
        """Cut an endless line where the axes end."""
        artist_class = sys.modules["matplotlib.artist"].Artist
        # The line's own get_transform says where it is drawn, not in which coordinates it was given.
        if artist_class.get_transform(artist) != ax.transData:
            return None
        (x, y), slope = artist.get_xy1(), artist.get_slope()
        if slope is None:
            x2, y2 = artist.get_xy2()
            slope = (y2 - y) / (x2 - x) if x2 != x else np.inf
        if not np.isfinite(slope):
            return None
        ends = np.sort(np.asarray(ax.get_xlim(), dtype=float))
        return self._in_data(ax, ax.transData, np.column_stack([ends, y + slope * (ends - x)]))

    def _add_points(self, points: Array, artist: Any, covers: _Covers) -> None:
        points = points[np.isfinite(points).all(axis=1)]
        seen = ~covers.over(artist, self.base.transData, points)
        if artist.get_clip_on():
            margin = _MARGIN * np.ptp(self.window, axis=0)
            seen &= ((points >= self.window[0] - margin) & (points <= self.window[1] + margin)).all(axis=1)
        self.points |= dict.fromkeys(map(tuple, points[seen].tolist()))
        self.out_of_sight |= dict.fromkeys(map(tuple, points[~seen].tolist()))
        if len(self.points) > MAX_POINTS:
            raise TooLargeError

    def _add_lines(self, vertices: Array, clipped: bool) -> None:
        """Add a line, or several where NaN interrupts it, as far as the axes show it."""
        gaps = np.flatnonzero(~np.isfinite(vertices).all(axis=1))
        if len(gaps) > MAX_ARTISTS:
            raise TooLargeError
        for piece in np.split(vertices, gaps):
            finite = piece[np.isfinite(piece).all(axis=1)]
            if clipped:
                finite = _clip(finite, *self.window)
            if len(finite) > 1 and np.ptp(finite, axis=0).any():
                line = _summarise(finite)
                self.lines[line] = self.lines.get(line, 0) + 1
        if len(self.lines) > MAX_LINES:
            raise TooLargeError

    def _count(self, vertices: int) -> None:
        self.vertices += vertices
        if self.vertices > MAX_VERTICES:
            raise TooLargeError


class _Covers:
    """The opaque areas of axes, which hide what was drawn before them."""

    def __init__(self, ax: Any) -> None:
        drawn = sorted(ax.get_children(), key=lambda artist: artist.get_zorder())
        self.rank = {id(artist): rank for rank, artist in enumerate(drawn)}
        self.areas = [
            patch
            for patch in ax.patches[:100]
            if patch.get_visible() and patch.get_fill() and patch.get_facecolor()[3] >= 0.99
        ]

    def over(self, artist: Any, data: Any, points: Array) -> Mask:
        """Return which points of an artist lie under an area."""
        hidden = np.zeros(len(points), bool)
        rank = self.rank.get(id(artist), -1)
        for area in self.areas:
            if len(points) and self.rank.get(id(area), -1) > rank:
                outline = area.get_path().transformed(area.get_transform())
                hidden |= outline.contains_points(data.transform(points))
        return hidden


def _bars_and_caps(ax: Any) -> set[int]:
    """Return the ids of what belongs to error bars: they say how sure a point is, and are none themselves."""
    found: set[int] = set()
    for container in ax.containers[:MAX_ARTISTS]:
        if issubclass(type(container), class_of("matplotlib.container", "ErrorbarContainer")):
            _, caps, bars = container.lines
            found.update(id(artist) for artist in (*caps, *bars))
    return found


def _marked(vertices: Array, every: Any) -> Array:
    """Return the vertices that have a marker (``markevery``)."""
    if isinstance(every, int):
        every = slice(None, None, every)
    elif isinstance(every, tuple) and all(isinstance(part, int) for part in every):
        every = slice(every[0], None, every[1])
    if isinstance(every, slice | list | np.ndarray):
        return np.asarray(vertices[every]).reshape(-1, 2)
    return vertices


def _each(values: Any, count: int) -> Mask:
    """Repeat values in turn, as matplotlib does for the parts of a collection; none stands for False."""
    array = np.asarray(values, dtype=bool).reshape(-1)
    return array[np.arange(count) % len(array)] if len(array) else np.zeros(count, bool)


def _clip(vertices: Array, lower: Array, upper: Array) -> Array:
    """Cut off what lies outside a box.

    >>> _clip(np.array([[0.0, 0], [4, 4]]), np.array([1, 0]), np.array([9, 3]))
    array([[1., 1.],
           [3., 3.]])
    """
    inside = (vertices >= lower) & (vertices <= upper)
    if inside.all():
        return vertices
    start, step = vertices[:-1], np.diff(vertices, axis=0)
    with np.errstate(all="ignore"):
        bounds = np.stack([(lower - start) / step, (upper - start) / step])
    # Parallel to a side: anywhere between the bounds, or nowhere.
    between = (start >= lower) & (start <= upper)
    enter = np.where(step == 0, np.where(between, 0, 2), bounds.min(axis=0)).max(axis=1).clip(min=0)
    leave = np.where(step == 0, 1, bounds.max(axis=0)).min(axis=1).clip(max=1)
    shown = enter < leave
    start, step = start[shown], step[shown]
    ends = np.stack([start + enter[shown, None] * step, start + leave[shown, None] * step], axis=1)
    clipped: Array = ends.reshape(-1, 2).round(6)
    return clipped


def _summarise(vertices: Array) -> Line:
    """Reduce a line to its ends and its largest vertical distance from the chord between them.

    >>> _summarise(np.array([[0, 0], [2, 4], [1, 3]]))
    Line(x0=0.0, y0=0.0, x1=2.0, y1=4.0, bend=1.0, times=1)
    """
    x, y = vertices[:, 0], vertices[:, 1]
    left, right = int(x.argmin()), int(x.argmax())
    if x[left] == x[right]:
        return Line(float(x[left]), float(y.min()), float(x[left]), float(y.max()), 0.0)
    share = (x - x[left]) / (x[right] - x[left])
    bend = np.abs(y - (y[left] + share * (y[right] - y[left]))).max()
    return Line(float(x[left]), float(y[left]), float(x[right]), float(y[right]), float(np.round(bend, 6)))


def _faded(alpha: Any) -> bool:
    return alpha is not None and not np.any(np.asarray(alpha, dtype=float) > 0)
