"""Figures are judged by what a reader sees."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pandas as pd

from oxboys_mlm.assessment.evidence import (
    MAX_LINES,
    MAX_POINTS,
    Figure,
    Line,
    Missing,
    Panel,
    Record,
    decode,
    encode,
)
from oxboys_mlm.assessment.figures import FigureQuestion

DATA = pd.DataFrame({"who": ["a"] * 3 + ["b"] * 3, "x": [0.0, 1, 2, 0, 1, 2], "y": [0.0, 1.1, 2, 5, 4.9, 5]})
QUESTION = FigureQuestion(
    key="plot",
    title="a line for each",
    where="Look again.",
    data=lambda: DATA,
    x="x",
    y="y",
    group="who",
    lines="each",
    unit="pupil",
    praise="Good.",
    near=0.2,
    straight=0.05,
    x_jitter=0.1,
    y_jitter=0.05,
)


def figure_of(*lines: tuple[float, float], points: bool = True) -> Figure:
    """Describe a figure with lines (intercept, slope) from 0 to 2, and perhaps the points."""
    return Figure(
        (
            Panel(
                x=tuple(DATA.x) if points else (),
                y=tuple(DATA.y) if points else (),
                lines=tuple(Line(0.0, a, 2.0, a + 2 * b, 0.0) for a, b in lines),
            ),
        )
    )


def test_judges_both_halves() -> None:
    """Half is for the points, half for the lines."""
    own = ((0.03, 1.0), (4.97, 0.0))

    assert QUESTION.judge(figure_of(*own)).status == "right"
    assert QUESTION.judge(figure_of(*own, points=False)).share == 0.5
    assert QUESTION.judge(figure_of()).share == 0.5
    assert QUESTION.judge(figure_of(points=False)).share == 0.0


def test_level_line_may_be_the_answer() -> None:
    """A level line is a mere reference, unless a regression line lies there."""
    assert QUESTION.judge(figure_of((0.03, 1.0), (5.0, 0.0))).status == "right"
    assert QUESTION.judge(figure_of((0.03, 1.0), (4.97, 0.0), (3.0, 0.0))).status == "right"
    assert QUESTION.judge(figure_of((0.03, 1.0), (3.0, 0.0))).share == 0.5


def test_names_what_it_judges() -> None:
    """Names of mistakes and texts speak of this question's groups and columns."""
    judgement = replace(QUESTION, lines="one").judge(figure_of((0.03, 1.0), (4.97, 0.0)))

    assert judgement.findings[0].name == "line_per_pupil"
    assert "pupil" in judgement.feedback


def test_missing_figure() -> None:
    """Someone who assigned the value of plt.show() is told what to assign."""
    assert "plt.show()" in QUESTION.judge(Missing()).feedback


def test_strange_record() -> None:
    """Any numbers that a record may hold are judged without a warning."""
    far = (-1e300, 1e300, 0.0, 5e-324)
    lines = tuple(Line(a, b, c, d, e) for a in far for b in far for c in far for d in far for e in far[1:3])
    record = Record("plot", Figure((Panel(x=far * 900, y=far[::-1] * 900, lines=lines[:400]),)))

    assert QUESTION.judge(decode(encode(record)).evidence).share == 0.0


def test_hidden_points() -> None:
    """Points outside the limits cost their half, and are named before what the limits hide of a line."""
    seen = Panel(
        tuple(DATA.x[:3]),
        tuple(DATA.y[:3]),
        (Line(0.0, 0.03, 2.0, 2.03, 0.0), Line(0.0, 4.97, 1.0, 4.97, 0.0)),
        hidden=3,
    )
    judgement = QUESTION.judge(Figure((seen,)))

    assert (judgement.share, judgement.findings[0].name) == (0.5, "points_hidden")


def test_limits_of_confidence() -> None:
    """Lines equally far above and below a regression line are its limits; one alone is a line of its own."""
    own = ((0.03, 1.0), (4.97, 0.0))

    assert QUESTION.judge(figure_of(*own, (1.53, 1.0), (-1.47, 1.0))).status == "right"
    assert QUESTION.judge(figure_of(*own, (1.53, 1.0))).findings[0].name == "extra_lines"
    assert QUESTION.judge(figure_of(*own, (1.53, 1.5), (-1.47, 0.5))).findings[0].name == "extra_lines"


def test_largest_record() -> None:
    """As many points and lines as a record may hold are judged in little memory."""
    random = np.random.default_rng(1)
    x, y = random.uniform(0, 5, (2, MAX_POINTS))
    ends = random.uniform(0, 5, (MAX_LINES, 2))
    lines = tuple(Line(0.0, a, 2.0, b, 0.2 * (b > 3)) for a, b in ends.tolist())
    record = Record("plot", Figure((Panel(tuple(x.tolist()), tuple(y.tolist()), lines),)))
    tracemalloc.start()
    try:
        assert QUESTION.judge(decode(encode(record)).evidence).share == 0.0
        assert tracemalloc.get_traced_memory()[1] < 50e6
    finally:
        tracemalloc.stop()
