"""Forecasts by three kinds of pooling, and the figure to play with."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from oxboys_mlm import fit_random_slope, load_oxboys
from oxboys_mlm.grading.feedback.safe_outputs import clean
from oxboys_mlm.playing import play_pooling
from oxboys_mlm.pooling import forecast_errors, predicted_line


def test_predicted_line_is_that_of_statsmodels() -> None:
    """With all visits known, the line is the average line plus statsmodels' predicted effects."""
    data = load_oxboys()
    results = fit_random_slope(data)

    for subject, boy in data.groupby("Subject"):
        expected = results.fe_params.to_numpy() + results.random_effects[subject].to_numpy()
        assert predicted_line(results, boy["age"], boy["height"]) == pytest.approx(expected, abs=1e-6)


def test_errors_of_forecasts() -> None:
    """The errors are those that an independent computation gave, and that the notebook's text states."""
    errors = forecast_errors(load_oxboys())

    assert errors["own"].to_numpy()[1:] == pytest.approx([5.605, 3.152, 2.757, 2.281, 2.028, 1.609, 1.077], abs=6e-4)
    assert errors["model"].to_numpy() == pytest.approx(
        [2.676, 2.691, 2.564, 2.472, 2.150, 1.957, 1.582, 1.083], abs=6e-4
    )
    assert errors["average"].to_numpy() == pytest.approx(np.full(8, 9.188), abs=6e-4)
    assert np.isnan(errors["own"].iloc[0])


def test_statements_of_the_notebook() -> None:
    """The numbers in the text of notebook 6 are those of the data."""
    data = load_oxboys()
    results = fit_random_slope(data)
    lines = np.array([np.polyfit(boy["age"], boy["height"], 1) for _, boy in data.groupby("Subject")])
    covariance, own = results.cov_re.to_numpy(), np.cov(lines.T)
    effects = np.array([effect.to_numpy() for effect in results.random_effects.values()])
    intercepts, slopes = covariance[0, 0] / own[1, 1], covariance[1, 1] / own[0, 0]
    r = np.corrcoef(lines.T)[0, 1]

    assert f"{r:.3f} {intercepts:.4f} {slopes:.4f}" == "0.628 0.9993 0.9606"
    assert f"{r / np.sqrt(intercepts * slopes):.3f}" == "0.641"
    assert [f"{number:.2f}" for number in effects.var(axis=0, ddof=1)] == ["65.26", "2.72"]
    assert [f"{number:.2f}" for number in np.diag(covariance)] == ["65.30", "2.82"]
    assert data["Subject"].iloc[int(data["height"].argmin())] == 10


def test_playable_without_its_script() -> None:
    """Where scripts are taken out, a sentence is left; with it, every frame moves the same parts."""
    page = play_pooling(load_oxboys())._repr_html_()
    cleaned = clean(page)

    assert "script" not in cleaned.replace("JavaScript", "")
    assert "the figure above shows the same" in cleaned
    found = re.search(r"figure = (\{.*\});\n", page)
    assert found is not None
    frames = json.loads(found[1])["frames"]
    assert len({frozenset(frame["parts"]) for frame in frames}) == 1
    assert "2 visits known" in frames[2]["text"]
