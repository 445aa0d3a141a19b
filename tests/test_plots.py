"""The course's own figures: what they show, never how they are drawn."""

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from oxboys_mlm import plots
from oxboys_mlm.data import load_oxboys
from oxboys_mlm.models import fit_random_slope


@pytest.fixture
def data():
    """Return the data of the course."""
    return load_oxboys()


@pytest.fixture(autouse=True)
def _close_figures():
    """Leave no figure behind for the next test."""
    yield
    plt.close("all")


def boy_lines(ax, n_points=9):
    """Return the (age, y) points of each line that has a point per measurement of a boy."""
    return [np.asarray(line.get_xydata()) for line in ax.lines if len(line.get_xdata()) == n_points]


def scattered(ax):
    """Return all scattered points of an Axes as one array of shape (n, 2)."""
    return np.concatenate([np.asarray(c.get_offsets()) for c in ax.collections if len(c.get_offsets()) > 1])


def axes_of(figure):
    """Return the Axes of what a plotting function returned."""
    return [figure] if isinstance(figure, Axes) else list(figure)


#: All but the figure of studies that somebody has simulated.
OF_DATA = [name for name in plots.__all__ if name != "plot_coverage"]


@pytest.mark.parametrize("name", OF_DATA)
def test_every_figure_has_labelled_axes_on_a_figure_of_its_own(data, name):
    """Both axes of every panel row are labelled, and the figure drawn before stays untouched."""
    _, before = plt.subplots()
    axes = axes_of(getattr(plots, name)(data))
    assert not before.has_data()
    assert all(ax.get_xlabel() for ax in axes)
    assert axes[0].get_ylabel()


@pytest.mark.parametrize("name", OF_DATA)
def test_no_figure_changes_the_data(data, name):
    """Drawing leaves the student's data as they were."""
    before = data.copy(deep=True)
    getattr(plots, name)(data)
    pd.testing.assert_frame_equal(data, before)


@pytest.mark.parametrize("name", OF_DATA)
def test_the_order_of_the_rows_does_not_matter(data, name):
    """Shuffled rows give lines at the same places."""

    def lines(rows):
        axes = axes_of(getattr(plots, name)(rows))
        return sorted(tuple(np.round(line.get_xydata().ravel(), 3)) for ax in axes for line in ax.lines)

    assert lines(data.sample(frac=1, random_state=1)) == lines(data)


def test_between_within_shows_every_measurement_and_every_mean(data):
    """There are 234 dots and 26 bars, and the bars climb from left to right."""
    ax = plots.plot_between_within(data)
    dots, bars = ax.collections
    assert isinstance(bars, LineCollection)
    assert sorted(np.asarray(dots.get_offsets())[:, 1]) == sorted(data["height"])
    heights = [segment[0, 1] for segment in bars.get_segments()]
    assert heights == sorted(data.groupby("Subject")["height"].mean())


def test_dots_stand_above_the_name_of_their_boy(data):
    """The dots over a tick are the measurements of the boy whose name the tick bears."""
    ax = plots.plot_between_within(data)
    dots = np.asarray(ax.collections[0].get_offsets())
    for place, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True):
        own = data.loc[data["Subject"].astype(str) == label.get_text(), "height"]
        assert sorted(dots[dots[:, 0] == place, 1]) == sorted(own)


def test_parallel_lines_are_straight_and_equally_steep(data):
    """A random-intercept model draws 26 straight lines that share the slope of the average boy."""
    ax = plots.plot_parallel_lines(data)
    slopes = [np.diff(line[:, 1]) / np.diff(line[:, 0]) for line in boy_lines(ax)]
    (first_age, first), (last_age, last) = np.asarray(ax.lines[-1].get_xydata())
    assert len(slopes) == data["Subject"].nunique()
    np.testing.assert_allclose(slopes, (last - first) / (last_age - first_age), rtol=1e-6)


def test_parallel_lines_run_through_the_middle_of_each_boy(data):
    """Each line's mean height lies within 1 cm of the boy's own (a little nearer the average: shrinkage)."""
    lines = boy_lines(plots.plot_parallel_lines(data))
    predicted = np.sort([line[:, 1].mean() for line in lines])
    own = np.sort(data.groupby("Subject")["height"].mean())
    np.testing.assert_allclose(predicted, own, atol=1)
    assert predicted.std() < own.std()


def test_leftover_growth_keeps_the_tilt_and_loses_the_level(data):
    """The residuals of each boy average about zero, yet those of the coloured boys rise or fall clearly."""
    ax = plots.plot_leftover_growth(data)
    lines = boy_lines(ax)
    np.testing.assert_allclose([line[:, 1].mean() for line in lines], 0, atol=0.7)
    coloured = [np.asarray(line.get_xydata()) for line in ax.lines if line.get_marker() in ("o", "s")]
    tilts = [np.polyfit(line[:, 0], line[:, 1], deg=1)[0] for line in coloured]
    assert len(coloured) == 6
    assert sum(tilt > 1 for tilt in tilts) == 3
    assert sum(tilt < -1 for tilt in tilts) == 3


def test_slopes_against_intercepts_are_the_boys_own_regressions(data):
    """Each dot is one boy's least-squares line."""
    dots = scattered(plots.plot_slopes_against_intercepts(data))
    own = [np.polyfit(boy["age"], boy["height"], deg=1)[::-1] for _, boy in data.groupby("Subject")]
    np.testing.assert_allclose(dots[np.lexsort(dots.T)], np.array(own)[np.lexsort(np.array(own).T)])


def test_a_shared_intercept_sends_all_lines_through_one_point(data):
    """At age 0 the lines differ by decimetres on the left and not at all on the right."""
    left, right = axes_of(plots.plot_shared_intercept(data))

    def heights_at_zero(ax):
        return [np.polyval(np.polyfit(line[:, 0], line[:, 1], deg=1), 0) for line in boy_lines(ax)]

    assert np.ptp(heights_at_zero(left)) > 30
    assert len(heights_at_zero(right)) == 3
    np.testing.assert_allclose(np.ptp(heights_at_zero(right)), 0, atol=1e-9)


def test_a_shared_intercept_leaves_the_measurements_where_they_are(data):
    """Both panels show the same measurements of the same three boys."""
    left, right = (scattered(ax) for ax in axes_of(plots.plot_shared_intercept(data)))
    assert len(left) == 27
    np.testing.assert_array_equal(left, right)


def test_intervals_are_nested_as_the_models_variances_are(data):
    """At age 0 the band of boys reaches 1.96 times the root of their variance, that of the average much less."""
    results = fit_random_slope(data)
    reach = {}
    for band in plots.plot_intervals(data).collections[:3]:
        points = np.asarray(band.get_paths()[0].vertices)
        reach[band.get_label()] = np.ptp(points[np.isclose(points[:, 0], 0), 1]) / 2
    assert reach["95 % of boys"] == pytest.approx(1.96 * np.sqrt(results.cov_re.iloc[0, 0]), abs=1e-6)
    assert reach["the average boy"] == pytest.approx(1.96 * results.bse_fe["Intercept"], abs=1e-6)
    assert 1.96 * np.sqrt(results.scale) < reach["next measurement of boy 2"] < 1.4


def test_coverage_tells_the_intervals_that_miss():
    """What holds the true slope and what misses it differ in place, colour and marker, and the title counts them."""
    ax = plots.plot_coverage([6.4, 7.6, 6.5], [0.3, 0.3, 0.1], true_slope=6.5)
    held, held_middle, missed, missed_middle = ax.collections
    assert isinstance(held, LineCollection)
    assert isinstance(missed, LineCollection)
    assert np.asarray(held_middle.get_offsets())[:, 1].tolist() == [6.4, 6.5]
    assert np.asarray(missed_middle.get_offsets())[:, 1].tolist() == [7.6]
    assert np.asarray(held.get_color()).tolist() != np.asarray(missed.get_color()).tolist()
    assert ax.get_title() == "2 of 3 intervals hold the true slope"
