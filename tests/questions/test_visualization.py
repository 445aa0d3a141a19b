"""Notebook 1: lines are told apart as a reader tells them apart."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from oxboys_mlm.assessment.evidence import Figure, Line, Panel
from oxboys_mlm.assessment.figures import FigureQuestion
from oxboys_mlm.data import load_oxboys
from oxboys_mlm.models import fit_random_slope
from oxboys_mlm.questions import visualization

DATA = load_oxboys()
BOYS = [boy for _, boy in DATA.groupby("Subject")]
OWN = np.array([np.polyfit(boy.age, boy.height, 1) for boy in BOYS])


def finding_for(question: FigureQuestion, lines: np.ndarray) -> str:
    """Judge a figure with all measurements and lines (slope, intercept) over all ages; name what is found."""
    drawn = tuple(Line(-1.0, a - b, 1.0, a + b, 0.0) for b, a in lines.tolist())
    figure = Figure((Panel(tuple(DATA.age), tuple(DATA.height), drawn),))
    return ";".join(finding.name for finding in question.judge(figure).findings)


def ends_rounded(lines: np.ndarray, decimals: int) -> np.ndarray:
    """Return the lines (slope, intercept) through ends that were rounded."""
    low, high = (np.round(lines @ (age, 1), decimals) for age in (-1, 1))
    return np.column_stack([(high - low) / 2, (high + low) / 2])


def predicted_lines() -> np.ndarray:
    """Return the lines (slope, intercept) that a random-slope model predicts."""
    fit = fit_random_slope(DATA)
    return np.array([np.polyfit(boy.age, fit.fittedvalues[boy.index], 1) for boy in BOYS])


@pytest.mark.parametrize("decimals", [1, 2])
def test_rounded_lines_of_single_boys(decimals: int) -> None:
    """Rounding the ends moves lines anywhere, which makes no other answer of them."""
    assert finding_for(visualization.SUBJECT_PLOT, ends_rounded(OWN, decimals)) == ""


def test_robust_lines() -> None:
    """Robust regression puts no line where a reader sees another one."""
    own = [sm.RLM(boy.height, sm.add_constant(boy.age)).fit().params.to_numpy()[::-1] for boy in BOYS]
    pooled = sm.RLM(DATA.height, sm.add_constant(DATA.age)).fit().params.to_numpy()[::-1]

    assert finding_for(visualization.SUBJECT_PLOT, np.array(own)) == ""
    assert finding_for(visualization.POOLED_PLOT, pooled[None]) == ""


@pytest.mark.parametrize("seed", range(5))
def test_jittered_lines(seed: int) -> None:
    """Lines that stray at random, as much as those of a mixed model, are not called its predictions."""
    strayed = OWN + np.random.default_rng(seed).normal(0, 0.09, OWN.shape)

    assert finding_for(visualization.SUBJECT_PLOT, strayed) == ""


@pytest.mark.parametrize("decimals", [1, 2, 9])
def test_shrunken_lines(decimals: int) -> None:
    """What a random-slope model predicts lies near each boy's own line, and is told from it, rounded or not."""
    predicted = predicted_lines()

    assert 0.2 < np.abs((predicted - OWN) @ np.array([[-1, 1], [1, 1]])).max() < 0.25
    assert finding_for(visualization.SUBJECT_PLOT, ends_rounded(predicted, decimals)) == "shrunken_lines"


def test_steeper_lines() -> None:
    """Lines pulled away from the average are not called shrunken."""
    assert "shrunken_lines" not in finding_for(visualization.SUBJECT_PLOT, 2 * OWN - predicted_lines())


@pytest.mark.parametrize(
    ("line", "finding"),
    [((6.52, 149.37), ""), ((6.5, 149.4), ""), ((6.62, 149.72), "line_elsewhere"), ((7.0, 149.0), "line_elsewhere")],
    ids=["two decimals", "one decimal", "means of the first and last visit", "whole numbers"],
)
def test_nearly_the_pooled_line(line: tuple[float, float], finding: str) -> None:
    """Rounded to a decimal the single line is where it belongs; a line by other means is not."""
    assert finding_for(visualization.POOLED_PLOT, np.array([line])) == finding
