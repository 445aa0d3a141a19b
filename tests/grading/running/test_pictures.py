"""A figure's picture is drawn once and looks as IPython draws it."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import seaborn as sns
from IPython.core.pylabtools import print_figure
from matplotlib.figure import Figure
from PIL import Image

from oxboys_mlm import load_oxboys, plots
from oxboys_mlm.grading.running.inside.pictures import picture

DATA = load_oxboys()


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Close what a test draws."""
    yield
    plt.close("all")


def _image(text: str | None) -> Image.Image:
    assert text is not None
    return Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB")


def _beside() -> Figure:
    """Draw a legend beside the axes, beyond the figure."""
    _, ax = plt.subplots()
    ax.plot([1, 2], label="a line with a long name")
    ax.legend(loc="center left", bbox_to_anchor=(1.2, 0.5))
    return plt.gcf()


def _coloured() -> Figure:
    plt.figure(facecolor="black").add_subplot().plot([1, 2])
    return plt.gcf()


DRAWN: dict[str, Callable[[], Figure]] = {
    "a figure of the course": lambda: plots.plot_shared_intercept(DATA)[0].figure,
    "with a layout of its own": lambda: plots.plot_between_within(DATA).figure,  # type: ignore[dict-item,return-value]
    "a grid of seaborn's": lambda: sns.lmplot(data=DATA, x="age", y="height", ci=None).figure,
    "beyond the figure": _beside,
    "on black": _coloured,
}


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_picture_looks_as_ipythons(draw: Callable[[], Figure]) -> None:
    """The picture has IPython's size, to a pixel at each edge, and, put in its place, IPython's pixels."""
    figure = draw()

    ours, theirs = _image(picture(figure)), _image(print_figure(figure, base64=True))

    assert np.abs(np.subtract(ours.size, theirs.size)).max() <= 2
    shared = tuple(np.minimum(ours.size, theirs.size) // 8)
    small = [np.asarray(image.resize(shared), dtype=float) for image in (ours, theirs)]
    assert np.abs(small[0] - small[1]).mean() < 8


def test_figure_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One drawing gives the picture."""
    figure, draw = plots.plot_shared_intercept(DATA)[0].figure, Figure.draw
    drawn: list[Figure] = []

    def note(self: Figure, renderer: Any) -> None:
        drawn.append(self)
        draw(self, renderer)

    monkeypatch.setattr(Figure, "draw", note)
    picture(figure)

    assert drawn == [figure]


def test_empty_figure_has_no_picture() -> None:
    """Where IPython shows nothing, nothing is shown."""
    assert picture(plt.figure()) is None
