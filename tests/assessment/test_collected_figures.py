"""Figures are described by what a reader sees, from whatever a plotting call returned."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import seaborn as sns
import seaborn.objects as so
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure as MplFigure
from matplotlib.transforms import Affine2D

from oxboys_mlm.assessment.collecting.figures import collect_figure
from oxboys_mlm.assessment.evidence import MAX_POINTS, Figure, Line, Panel, Record, Unusable, encode

DATA = pd.DataFrame({"who": ["a"] * 3 + ["b"] * 3, "x": [0.0, 1, 2, 0, 1, 2], "y": [0.0, 1.1, 2, 5, 4.9, 5]})

# seaborn 0.13 calls pandas in a way that pandas 3 advises against; a check looks at plots quietly.
seaborn_objects = pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    plt.close("all")


def shown(value: object) -> Panel:
    """Describe a value that shows one panel."""
    figure = collect_figure(value)
    assert isinstance(figure, Figure)
    (panel,) = figure.panels
    return panel


def unusable(value: object) -> Unusable:
    """Describe a value that shows no figure which can be judged."""
    evidence = collect_figure(value)
    assert isinstance(evidence, Unusable)
    return evidence


def lines_of(*args: Any, **style: Any) -> tuple[Line, ...]:
    """Draw with plt.plot, and describe the lines."""
    return shown(plt.plot(*args, **style)).lines


def test_points_of_a_scatterplot() -> None:
    """The points of a scatterplot are described in data coordinates."""
    panel = shown(plt.scatter([1, 2], [30, 40]))

    assert (panel.x, panel.y, panel.lines) == ((1.0, 2.0), (30.0, 40.0), ())


def test_points_without_a_place() -> None:
    """Points that are masked, NaN or infinite are not shown."""
    y = np.ma.masked_equal([1.0, np.nan, np.inf, 9], 9)

    assert shown(plt.scatter([1, 2, 3, 4], y)).x == (1.0,)


@pytest.mark.parametrize(
    ("style", "points", "lines"),
    [("o", 2, 0), ("o-", 2, 1), ("--", 0, 1)],
)
def test_markers_and_lines(style: str, points: int, lines: int) -> None:
    """Markers are points, what joins them is a line."""
    panel = shown(plt.plot([0, 1], [0, 1], style))

    assert (len(panel.x), len(panel.lines)) == (points, lines)


@pytest.mark.parametrize(
    "style",
    [{"alpha": 0}, {"visible": False}, {"color": "none"}, {"linewidth": 0}, {"color": (0, 0, 0, 0)}],
)
def test_invisible_lines(style: dict[str, Any]) -> None:
    """What cannot be seen is not described."""
    plt.scatter([0], [0])

    assert lines_of([0, 1], [0, 1], **style) == ()


@pytest.mark.parametrize(
    "style", [{"alpha": 0}, {"s": 0}, {"facecolors": "none", "edgecolors": "none"}, {"visible": False}]
)
def test_invisible_points(style: dict[str, Any]) -> None:
    """Points without size or colour are not described."""
    plt.plot([0, 1], [0, 1])

    assert shown(plt.scatter([0, 1], [1, 0], **style)).x == ()


def test_ends_from_left_to_right() -> None:
    """A line is described from its left to its right end, whichever was drawn first."""
    assert lines_of([2, 0, 1], [4, 0, 2]) == (Line(0.0, 0.0, 2.0, 4.0, 0.0),)


def test_bend() -> None:
    """A curve is told from a straight line by how far it strays from it."""
    x = np.linspace(-1, 1, 21)

    assert lines_of(x, x**2)[0].bend == pytest.approx(1.0)


def test_vertical_line() -> None:
    """A vertical line is described from its lower to its upper end."""
    assert lines_of([1, 1], [5, 2]) == (Line(1.0, 2.0, 1.0, 5.0, 0.0),)


def test_gaps() -> None:
    """A line with gaps is several lines; a single vertex is none."""
    lines = lines_of([0, 1, np.nan, 0, 1, np.nan, 7], [0, 1, 0, 3, 4, 0, 7])

    assert [(line.y0, line.y1) for line in lines] == [(0.0, 1.0), (3.0, 4.0)]


def test_transformed_line() -> None:
    """A line that was moved before it was drawn is described where it stands."""
    ax = plt.gca()

    (line,) = lines_of([0, 1], [0, 1], transform=Affine2D().translate(5, 0) + ax.transData)

    assert (line.x0, line.x1) == pytest.approx((5.0, 6.0))


def test_reference_lines() -> None:
    """Lines across the whole frame, and lines that stand on the frame, do not count."""
    ax = plt.gca()
    ax.scatter([0, 1], [0, 1])
    ax.axhline(0.5)
    ax.axvline(0.5)
    ax.plot([0, 1], [0, 1], transform=ax.transAxes)
    ax.axline((0, 0), (1, 1), transform=ax.transAxes)

    assert shown(ax).lines == ()


@pytest.mark.parametrize("how", [{"xy2": (1, 3)}, {"slope": 2}])
def test_endless_line(how: dict[str, Any]) -> None:
    """An endless line is described as far as the axes show it."""
    ax = plt.gca()
    ax.set(xlim=(-1, 3), ylim=(-9, 9))
    ax.axline((0, 1), **how)

    assert shown(ax).lines == (Line(-1.0, -1.0, 3.0, 7.0, 0.0),)


def test_collection_of_lines() -> None:
    """Every segment of a collection is a line."""
    ax = plt.gca()
    ax.set(xlim=(0, 2), ylim=(0, 3))
    ax.add_collection(LineCollection([[(0, 0), (1, 1)], [(0, 2), (1, 2), (2, 3)]]))

    assert [line.bend for line in shown(ax).lines] == [0.0, 0.5]


def test_bands_and_bars() -> None:
    """Areas show neither points nor lines."""
    ax = plt.gca()
    ax.fill_between([0, 1], [0, 1], [1, 2])
    ax.bar([0, 1], [1, 2])

    assert collect_figure(ax) == Figure(())


def test_drawn_twice() -> None:
    """What is drawn again on the same place counts once."""
    for _ in range(30):
        sns.regplot(data=DATA, x="x", y="y", ci=None)
    panel = shown(plt.gcf())

    assert (len(panel.x), len(panel.lines)) == (6, 1)


def test_axes_without_points() -> None:
    """Axes without points, such as margins, are left out where others have some."""
    grid = sns.jointplot(data=DATA, x="x", y="y", kind="reg", ci=None)

    assert shown(grid.figure) == shown(grid) == shown(grid.ax_joint)


def test_hidden_axes() -> None:
    """Axes that were hidden show nothing."""
    _, (left, right) = plt.subplots(1, 2)
    left.scatter([0], [0])
    right.scatter([1], [1])
    right.set_visible(False)

    assert shown(plt.gcf()).x == (0.0,)


def test_collections_of_axes() -> None:
    """Arrays, lists, dicts and Series of axes stand for all of them, each once."""
    _, axes = plt.subplots(1, 2)
    for place, ax in enumerate(axes):
        ax.scatter([place], [0])
    figure = collect_figure(axes)

    assert isinstance(figure, Figure)
    assert len(figure.panels) == 2
    for value in (list(axes), tuple(axes), dict(enumerate(axes)), pd.Series(list(axes)), [axes, plt.gcf()]):
        assert collect_figure(value) == figure


def test_what_stands_in_axes() -> None:
    """Whatever a call draws stands for its axes."""
    for value in (plt.scatter([1], [2]), plt.errorbar([1], [2], [1]), plt.plot([1], [2], "o"), plt.axhline(2)):
        assert shown(value).x == (1.0,)


def test_what_is_written_in_axes() -> None:
    """A title, a label or a legend is not the figure in which it stands, alone or in a list."""
    ax = plt.gca()
    ax.scatter([1], [2], label="one")

    for value in (
        plt.title("t"),
        plt.suptitle("t"),
        plt.xlabel("x"),
        plt.legend(),
        ax.set(title="t"),
        ax.text(0, 0, "t"),
    ):
        assert "a title, a label or a legend" in unusable(value).description


def test_subfigure() -> None:
    """A part of a figure stands for its own axes."""
    left, right = plt.figure().subfigures(1, 2, squeeze=False)[0]
    left.subplots().scatter([1], [2])
    right.subplots().scatter([3], [4])

    assert shown(left).x == (1.0,)


@seaborn_objects
def test_seaborn_objects() -> None:
    """A plot of seaborn objects is drawn aside; one that is drawn already is described as it stands."""
    plot = so.Plot(DATA, "x", "y", color="who").add(so.Dots()).add(so.Line(), so.PolyFit(order=1))
    panel = shown(plot)

    assert (len(panel.x), len(panel.lines)) == (6, 2)
    assert shown(plot.plot()) == panel
    assert plt.get_fignums() == []


@seaborn_objects
def test_leaves_pyplot_alone() -> None:
    """Neither the current figure nor the settings change, and closed figures can be described."""
    described = plt.figure()
    described.subplots().scatter([0], [0])
    plt.close(described)
    current = plt.figure()
    settings = dict(plt.rcParams)

    shown(described)
    collect_figure(so.Plot(DATA, "x", "y").add(so.Dots()))

    assert plt.gcf() is current
    assert dict(plt.rcParams) == settings


@pytest.mark.parametrize("value", [1, "text", [], [1, 2], {}, DATA, np.arange(3), np.array([object()]), plt.plot])
def test_no_figure(value: object) -> None:
    """Anything else is told by its type."""
    evidence = collect_figure(value)

    assert isinstance(evidence, Unusable)
    assert evidence.problem == "wrong_type"


def test_pyplot_itself() -> None:
    """The module is no figure, although it has a current one."""
    assert "plt" in unusable(plt).description


@pytest.mark.parametrize("lie", [MplFigure, Axes, sns.FacetGrid, so.Plot, list])
def test_lies_about_type(lie: type) -> None:
    """The true type counts, whatever an object says of itself."""
    liar = type("Liar", (), {"__class__": property(lambda self: lie)})()

    assert isinstance(liar, lie)
    assert collect_figure(liar) == Unusable("wrong_type", "an object of type `Liar`")


def test_list_in_itself() -> None:
    """A list that contains itself has an end."""
    endless: list[object] = []
    endless.append(endless)

    assert isinstance(collect_figure(endless), Unusable)


@pytest.mark.parametrize("crowd", ["points", "lines", "gaps", "segments", "vertices", "axes"])
def test_too_large(crowd: str) -> None:
    """A figure that shows more than evidence can hold is refused."""
    ax = plt.gca()
    value: object = ax
    match crowd:
        case "points":
            ax.scatter(np.arange(9000), np.arange(9000))
        case "lines":
            ax.plot([0, 1], np.arange(2200).reshape(2, 1100))
        case "gaps":
            ax.plot(np.where(np.arange(30_000) % 3, np.arange(30_000), np.nan))
        case "segments":
            ax.add_collection(LineCollection([[(0, 0), (1, i)] for i in range(1100)]))
        case "vertices":
            ax.plot(np.arange(300_000))
        case "axes":
            value = [plt.figure().add_axes((0, 0, 1, 1)) for _ in range(1)] + [
                plt.gcf().add_axes((0, 0, 1, 1)) for _ in range(70)
            ]

    assert unusable(value).problem == "too_large"


def test_loads_no_plotting_library() -> None:
    """Looking at an answer imports neither matplotlib nor seaborn."""
    code = (
        "import sys; from oxboys_mlm.assessment.collecting.figures import collect_figure; collect_figure([1]); "
        "sys.exit(any(name in sys.modules for name in ('matplotlib', 'seaborn', 'pandas', 'scipy')))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("limits", [{"xlim": (0, 1)}, {"ylim": (9, 31)}, {"xlim": (1, 0)}, {"xscale": "log"}])
def test_outside_the_limits(limits: dict[str, object]) -> None:
    """Points that the axes do not show are counted, not described; lines are described as far as they are seen."""
    ax = plt.gca()
    ax.plot([-2, 1], [0, 30], "o-")
    ax.set(**limits)
    panel = shown(ax)

    assert (panel.x, panel.hidden) == ((1.0,), 1)
    assert (panel.lines[0].x0 > -2, panel.lines[0].y1) == (True, 30.0)


def test_on_the_edge() -> None:
    """A point on the edge of the axes is half seen, and one that is not clipped is seen outside them."""
    plt.scatter([-1, 1.005], [0, 1])
    plt.scatter([5], [0], clip_on=False)
    plt.xlim(-1, 1)
    panel = shown(plt.gca())

    assert (panel.x, panel.hidden) == ((-1.0, 1.005, 5.0), 0)


def test_line_outside_the_limits() -> None:
    """A line that the axes do not show is not described."""
    ax = plt.gca()
    ax.plot([0, 1, 2], [5, 6, 5])
    ax.set_ylim(0, 1)

    assert shown_lines(ax) == ()


def shown_lines(ax: Axes) -> tuple[Line, ...]:
    """Describe the lines of axes that also show a point."""
    ax.scatter([0], [0])
    return shown(ax).lines


@pytest.mark.parametrize(
    "style", [{"color": "white"}, {"alpha": 0.01}, {"s": 1e-4}, {"marker": ""}, {"color": [(1, 1, 1, 1)] * 2}]
)
def test_points_that_nobody_sees(style: dict[str, Any]) -> None:
    """Points in the colour of the background, all but transparent, tiny or without a shape are not described."""
    plt.plot([0, 1], [0, 1])

    assert shown(plt.scatter([0, 1], [1, 0], **style)).x == ()


def test_some_points_seen() -> None:
    """Each point is seen, or not, by its own size and colour."""
    plt.plot([0, 1], [0, 1])

    colours: Any = ["k", "k", (0, 0, 0, 0)]
    assert shown(plt.scatter([0, 1, 2], [1, 0, 2], s=[9, 0, 9], c=colours)).x == (0.0,)


def test_white_on_black() -> None:
    """What is white is seen on a dark background."""
    ax = plt.gca()
    ax.set_facecolor("black")

    assert shown(ax.scatter([1], [1], color="white")).x == (1.0,)


@pytest.mark.parametrize(("every", "count"), [(2, 3), ((1, 2), 2), ([0, 4], 2), (slice(3), 3), (None, 5)])
def test_markers_here_and_there(every: object, count: int) -> None:
    """Only vertices that have a marker are points."""
    assert len(shown(plt.plot(range(5), range(5), "o", markevery=every)).x) == count


def test_points_under_an_area() -> None:
    """An opaque area hides the points that were drawn before it, a transparent one does not."""
    ax = plt.gca()
    ax.scatter([0, 1], [0, 1])
    ax.axvspan(-1, 0.5, alpha=0.5, zorder=9)
    assert shown(ax).hidden == 0

    ax.axvspan(-1, 0.5, color="grey", zorder=9)
    assert (shown(ax).x, shown(ax).hidden) == ((1.0,), 1)


def test_error_bars() -> None:
    """Error bars and their caps are neither points nor lines."""
    panel = shown(plt.errorbar([0, 1], [0, 1], xerr=1, yerr=1, fmt="o", capsize=3))

    assert (panel.x, panel.lines) == ((0.0, 1.0), ())


@pytest.mark.parametrize(("limits", "top"), [((0, 2), 1.0), ((0, 4), 0.5)])
def test_axes_on_axes(limits: tuple[float, float], top: float) -> None:
    """Axes on one place are seen together: what stands on the upper ones is described where the lower ones show it."""
    lower = plt.gca()
    lower.scatter([0, 1], [0, 1])
    lower.set_ylim(0, 2)
    upper = lower.twinx()
    upper.plot([0, 1], [0, 1])
    upper.set_ylim(limits)

    for value in (lower, upper, plt.gcf()):
        assert (shown(value).x, shown(value).lines[0].y1, shown(value).overlaid) == ((0.0, 1.0), top, True)


def test_axes_behind_axes() -> None:
    """Axes with a background hide those on the same place."""
    figure = plt.figure()
    figure.add_axes((0, 0, 1, 1)).scatter([0], [0])
    figure.add_axes((0, 0, 1, 1)).scatter([1], [1])

    assert shown(figure).x == (1.0,)


@pytest.mark.parametrize("projection", ["polar", "3d", "mollweide"])
def test_other_projections(projection: str) -> None:
    """Points on a disc, in a box or on a globe are no scatterplot."""
    ax = plt.subplot(projection=projection)
    ax.scatter([0], [0])

    assert collect_figure(ax) == Figure(())


def test_how_often() -> None:
    """A line says how often it was drawn; figures are counted."""
    values = []
    for _ in range(3):
        ax = plt.figure().subplots()
        ax.plot([0, 1], [0, 1], [0, 1], [0, 1])
        values.append(ax)
    figure = collect_figure(values)

    assert isinstance(figure, Figure)
    assert (figure.figures, [panel.lines[0].times for panel in figure.panels]) == (3, [2, 2, 2])


def test_largest_honest_figure() -> None:
    """All measurements and all lines in grey in each of 26 panels fit into a record."""
    figure, axes = plt.subplots(2, 13)
    x, y = np.random.default_rng(1).normal(size=(2, 26, 9))
    for ax in axes.flat:
        ax.scatter(x, y)
        ax.plot(x.T, y.T)
    evidence = collect_figure(figure)

    assert isinstance(evidence, Figure)
    assert sum(len(panel.x) for panel in evidence.panels) == 26 * 234 < MAX_POINTS
    assert encode(Record("plot", evidence))
