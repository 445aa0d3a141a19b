"""Figures to play with: a slider that moves what a plain figure of `oxboys_mlm.plots` shows at rest.

They are pages' own HTML and SVG, with a few lines of script: no server, no network, no package. Where scripts are
taken out (feedback pages, notebooks that are not trusted), a sentence stands in their place.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oxboys_mlm.centring import move_zero
from oxboys_mlm.models import fit_random_slope
from oxboys_mlm.plots import AGE_LABEL, BIRTH, HEIGHT_LABEL
from oxboys_mlm.pooling import predicted_line, predicted_lines

__all__ = ["Frame", "Playable", "play_pooling", "play_zero"]

_BLUE, _ORANGE, _GREY = "#0173b2", "#de8f05", "#808080"

#: Draws the figure into the element before it, and again whenever the slider moves. JupyterLab leaves the arrow keys
#: to an element that has this attribute itself: some of its shortcuts are for whatever has the focus.
_SCRIPT = """
(() => {
  const box = document.currentScript.previousElementSibling, figure = %s;
  box.innerHTML = figure.markup;
  const slider = box.querySelector("input");
  slider.setAttribute("data-lm-suppress-shortcuts", "true");
  const show = () => {
    const frame = figure.frames[slider.value];
    for (const [part, attributes] of Object.entries(frame.parts)) {
      const element = box.querySelector(`[data-part="${part}"]`);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    }
    box.querySelector("output").textContent = frame.text;
    slider.setAttribute("aria-valuetext", frame.value);
  };
  slider.addEventListener("input", show);
  show();
})();
"""


@dataclass(frozen=True)
class Frame:
    """What a figure shows where the slider stands.

    Attributes
    ----------
    value
        The slider's value, in words.
    text
        What can be seen, in words.
    parts
        Attributes of the parts that move, by name of the part.
    """

    value: str
    text: str
    parts: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Playable:
    """A figure with a slider, for notebooks and web pages.

    Attributes
    ----------
    label
        What the slider moves.
    picture
        The figure as SVG; parts that move have an attribute ``data-part``.
    frames
        What it shows, from left to right.
    start
        The frame that it shows first.
    at_rest
        Which plain figure shows the same.
    """

    label: str
    picture: str
    frames: tuple[Frame, ...]
    start: int
    at_rest: str = "the figure above"

    def __repr__(self) -> str:
        return f"A figure to play with. It needs JavaScript; {self.at_rest} shows the same at rest."

    def _repr_html_(self) -> str:
        markup = (
            f'<label style="display:block;margin:.5em 0">{html.escape(self.label)} '
            f'<input type="range" min="0" max="{len(self.frames) - 1}" step="1" value="{self.start}" '
            'style="width:min(22em,90%);vertical-align:middle"></label>'
            f"{self.picture}<output style='display:block;min-height:4.5em;max-width:40em'></output>"
        )
        frames = [{"value": frame.value, "text": frame.text, "parts": frame.parts} for frame in self.frames]
        # Nothing in a script may look like its end.
        figure = json.dumps({"markup": markup, "frames": frames}).replace("</", "<\\/")
        return f"<div><p>{html.escape(repr(self))}</p></div><script>{_SCRIPT % figure}</script>"


def play_pooling(data: pd.DataFrame, subject: int = 10) -> Playable:
    """Show how one boy's lines change with the number of visits that are known of him.

    `oxboys_mlm.plots.plot_pooling` shows four moments of it at rest.

    Parameters
    ----------
    data : DataFrame
        The Oxboys data in long format, with the columns ``Subject``, ``age``, ``height`` and ``Occasion``.
    subject
        The boy.

    Returns
    -------
    Playable
        A slider from no known visit to all of them.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> len(play_pooling(load_oxboys()).frames)  # 0 to 9 visits
    10
    """
    results = fit_random_slope(data)
    boy = data[data["Subject"] == subject].sort_values("Occasion")
    age, height = boy["age"].to_numpy(), boy["height"].to_numpy()
    average = predicted_line(results, [], [])
    low, high = np.floor(height.min() / 10) * 10 - 5, average @ [1, 1] + 5
    axes = _Axes((-1.1, 1.1), (float(low), float(high)), f"boy {subject}: measurements and three lines")
    ends = np.array([-1.0, 1.0])

    def line(name: str, color: str, words: str) -> str:
        dash = ' stroke-dasharray="6 4"' if name == "average" else ""
        look = f'fill="none" stroke="{color}" stroke-width="2.5"{dash}'
        return f'<path data-part="{name}" {look}><title>{words}</title></path>'

    def path(coefficients: Any) -> dict[str, str]:
        return {"d": axes.path(ends, coefficients[0] + coefficients[1] * ends)}

    dots = "".join(
        f'<circle data-part="visit{number}" cx="{axes.x(a):.1f}" cy="{axes.y(h):.1f}" r="5" stroke="currentColor"/>'
        for number, (a, h) in enumerate(zip(age, height, strict=True), 1)
    )
    legend = axes.legend(
        [("average boy's line", _GREY, "6 4"), ("his own line", _ORANGE, ""), ("the model's line", _BLUE, "")]
    )
    picture = axes.svg(
        line("average", _GREY, "average boy's line")
        + line("own", _ORANGE, "his own line")
        + line("model", _BLUE, "the model's line")
        + dots
        + legend
    )
    frames = []
    for known in range(len(boy) + 1):
        model = predicted_line(results, age[:known], height[:known])
        own = np.polyfit(age[:known], height[:known], deg=1)[::-1] if known > 1 else None
        parts = {"average": path(average), "model": path(model), "own": {"d": ""} if own is None else path(own)}
        for number in range(1, len(boy) + 1):
            parts[f"visit{number}"] = {"fill": "currentColor" if number <= known else "none"}
        visits = f"{known or 'no'} visit{'' if known == 1 else 's'} known"
        then = np.array([1.0, age[-1]])
        texts = [f"the average boy's line {average @ then:.1f} cm"]
        texts += ["there is no line of his own yet"] if own is None else [f"his own line {own @ then:.1f} cm"]
        texts += [f"the model's line {model @ then:.1f} cm"]
        frames.append(
            Frame(
                visits,
                f"{visits.capitalize()} (filled dots). At his last visit: {', '.join(texts)}; measured "
                f"{height[-1]:.1f} cm.",
                parts,
            )
        )
    return Playable("Visits known:", picture, tuple(frames), start=2)


def play_zero(data: pd.DataFrame) -> Playable:
    """Show what a random-slope model says with age 0 at any place from birth to the last visit.

    `oxboys_mlm.plots.plot_moved_zero` shows four places at rest.

    Parameters
    ----------
    data : DataFrame
        The Oxboys data in long format, with columns ``Subject``, ``age`` (years) and ``height`` (cm).

    Returns
    -------
    Playable
        A slider that moves age 0 along the predicted lines of the boys, by a quarter of a year.

    Examples
    --------
    >>> from oxboys_mlm import load_oxboys
    >>> len(play_zero(load_oxboys()).frames)  # 13¼ years in quarters, with both ends
    54
    """
    results = fit_random_slope(data)
    intercepts, slopes = predicted_lines(results, data).to_numpy().T
    low, high = BIRTH - 0.5, 1.5
    axes = _Axes(
        (low, high),
        (20, 190),
        "26 lines from birth to the last visit, and an age 0 that moves",
        age_step=2,
        height_step=20,
    )
    ends = np.array([BIRTH, 1.0])
    lines = "".join(
        f'<path d="{axes.path(ends, intercept + slope * ends)}" fill="none" stroke="{_BLUE}" stroke-opacity=".6"/>'
        for intercept, slope in zip(intercepts, slopes, strict=True)
    )
    picture = axes.svg(
        f'<rect x="{axes.x(-1):.1f}" y="{axes.top}" width="{axes.x(1) - axes.x(-1):.1f}" height="{axes.height}" '
        f'fill="{_GREY}" fill-opacity=".3"><title>measured</title></rect>'
        + lines
        + f'<path data-part="zero" fill="none" stroke="currentColor" stroke-dasharray="6 4"/>'
        f'<path data-part="dots" fill="none" stroke="{_ORANGE}" stroke-width="6" stroke-linecap="round">'
        "<title>intercepts of the 26 boys</title></path>"
        + f'<text x="{axes.x(-1) - 6:.1f}" y="{axes.top + axes.height - 10}" text-anchor="end">measured</text>'
    )
    fixed = (
        f"The same everywhere: slope {results.fe_params['age']:.2f} cm per year (standard error "
        f"{results.bse_fe['age']:.2f}), its variance {results.cov_re.iloc[1, 1]:.2f}, residual variance "
        f"{results.scale:.2f}, log-likelihood {_minus(f'{results.llf:.1f}')}."
    )
    frames = []
    for zero in np.arange(BIRTH, 1.01, 0.25):
        moved = move_zero(results, zero)
        place = {BIRTH: " (birth)", -1.0: " (first visit)", 0.0: " (mid-study)", 1.0: " (last visit)"}.get(zero, "")
        where = f"at {_minus(f'{zero:g}')}{place}"
        heights = intercepts + zero * slopes
        frames.append(
            Frame(
                where,
                f"Zero {where}. Intercept {moved.intercept:.1f} cm (standard error {moved.intercept_se:.2f}), "
                f"variance of intercepts {moved.intercept_variance:.1f} cm², correlation of intercepts and slopes "
                f"{_minus(f'{moved.correlation:.2f}')}. {fixed}",
                {
                    "zero": {"d": f"M{axes.x(zero):.1f} {axes.top}v{axes.height}"},
                    # A stroke of no length with round ends is a dot.
                    "dots": {"d": "".join(f"M{axes.x(zero):.1f} {axes.y(height):.1f}h0" for height in heights)},
                },
            )
        )
    return Playable(
        "Place of zero:", picture, tuple(frames), len(frames) - 5, "the figure with the lines of the 26 boys"
    )


def _minus(number: str) -> str:
    return number.replace("-", "−")


class _Axes:
    """Places in a picture, for ages and heights."""

    def __init__(
        self,
        ages: tuple[float, float],
        heights: tuple[float, float],
        description: str,
        *,
        age_step: float = 0.5,
        height_step: float = 10,
    ) -> None:
        self.ages, self.heights, self.description = ages, heights, description
        self.age_step, self.height_step = age_step, height_step
        self.left, self.top, self.width, self.height = 60, 10, 480, 260

    def x(self, age: float) -> float:
        return self.left + (age - self.ages[0]) / (self.ages[1] - self.ages[0]) * self.width

    def y(self, height: float) -> float:
        return self.top + (self.heights[1] - height) / (self.heights[1] - self.heights[0]) * self.height

    def path(self, ages: Iterable[float], heights: Iterable[float]) -> str:
        """Return an SVG path through points."""
        return "M" + "L".join(f"{self.x(a):.1f} {self.y(h):.1f}" for a, h in zip(ages, heights, strict=True))

    def legend(self, entries: Iterable[tuple[str, str, str]]) -> str:
        """Name lines by their colours, in the upper left corner."""
        rows = []
        for number, (words, color, dash) in enumerate(entries):
            y = self.top + 14 + 20 * number
            rows.append(
                f'<path d="M{self.left + 12} {y}h28" stroke="{color}" stroke-width="2.5" stroke-dasharray="{dash}"/>'
                f'<text x="{self.left + 48}" y="{y + 4}">{html.escape(words)}</text>'
            )
        return "".join(rows)

    def svg(self, content: str) -> str:
        """Return the picture: axes with ticks and labels, and what is drawn on them."""
        bottom = self.top + self.height
        marks = [f'<path d="M{self.left} {self.top}V{bottom}h{self.width}" fill="none" stroke="currentColor"/>']
        marks += [
            f'<text x="{self.x(age):.1f}" y="{bottom + 18}" text-anchor="middle">{_minus(f"{age:g}")}</text>'
            for age in _ticks(self.ages, self.age_step)
        ]
        marks += [
            f'<text x="{self.left - 8}" y="{self.y(height) + 4:.1f}" text-anchor="end">{height:g}</text>'
            for height in _ticks(self.heights, self.height_step)
        ]
        marks.append(
            f'<text x="{self.left + self.width / 2}" y="{bottom + 40}" text-anchor="middle">{AGE_LABEL}</text>'
        )
        turned = f'<text transform="translate(16 {self.top + self.height / 2}) rotate(-90)" text-anchor="middle">'
        marks.append(f"{turned}{HEIGHT_LABEL}</text>")
        return (
            f'<svg viewBox="0 0 560 {bottom + 50}" role="img" aria-label="{html.escape(self.description)}" '
            'style="width:100%;max-width:560px;font:13px sans-serif" fill="currentColor">'
            f"{''.join(marks)}{content}</svg>"
        )


def _ticks(limits: tuple[float, float], step: float) -> Iterable[float]:
    """Return the multiples of a step within limits."""
    return [float(tick) for tick in np.arange(np.ceil(limits[0] / step) * step, limits[1] + 1e-9, step)]
