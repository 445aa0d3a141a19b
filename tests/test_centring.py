"""One model with age 0 at different places."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from oxboys_mlm import fit_random_slope, load_oxboys
from oxboys_mlm.centring import move_zero
from oxboys_mlm.grading.feedback.safe_outputs import clean
from oxboys_mlm.playing import play_zero

#: Where age 0 is put: intercept, standard error, variance of intercepts, covariance, correlation. Computed with two
#: other programs than this one.
KNOWN = {
    -1.0: (142.846, 1.399, 50.709, 5.885, 0.492),
    0.0: (149.372, 1.585, 65.304, 8.710, 0.641),
    1.0: (155.897, 1.816, 85.548, 11.535, 0.742),
    -12.25: (69.435, 3.359, 275.81, -25.89, -0.928),
}


@pytest.mark.parametrize("zero", KNOWN)
def test_numbers_at_another_zero(zero: float) -> None:
    """Intercept, its error and variance, covariance and correlation are those known for that zero."""
    assert move_zero(fit_random_slope(load_oxboys()), zero) == pytest.approx(KNOWN[zero], rel=2e-4, abs=6e-4)


@pytest.mark.parametrize("zero", KNOWN)
def test_a_moved_zero_is_a_fit_to_moved_ages(zero: float) -> None:
    """What is computed from one fit is what a fit to the moved ages says, and its likelihood is the same."""
    data = load_oxboys()
    fan, again = fit_random_slope(data), fit_random_slope(data.assign(age=data["age"] - zero))
    moved, covariance = move_zero(fan, zero), again.cov_re.to_numpy()

    assert moved.intercept == pytest.approx(again.fe_params["Intercept"])
    assert moved.intercept_se == pytest.approx(again.bse_fe["Intercept"], rel=1e-5)
    np.testing.assert_allclose([moved.intercept_variance, moved.covariance], covariance[0], rtol=1e-5)
    assert moved.correlation == pytest.approx(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]), rel=1e-5)
    assert again.llf == pytest.approx(fan.llf, abs=1e-6)


def test_playable_zero() -> None:
    """Every frame moves the zero and 26 dots and says what the model says there; a sentence is left without scripts."""
    data = load_oxboys()
    page = play_zero(data)._repr_html_()
    found = re.search(r"figure = (\{.*\});\n", page)
    assert found is not None
    frames = json.loads(found[1])["frames"]

    assert {frozenset(frame["parts"]) for frame in frames} == {frozenset({"zero", "dots"})}
    assert {frame["parts"]["dots"]["d"].count("M") for frame in frames} == {26}
    for place, zero in {"birth": -12.25, "first visit": -1.0, "mid-study": 0.0, "last visit": 1.0}.items():
        (frame,) = (frame for frame in frames if f"({place})" in frame["value"])
        moved = move_zero(fit_random_slope(data), zero)
        assert f"Intercept {moved.intercept:.1f} cm (standard error {moved.intercept_se:.2f})" in frame["text"]
        assert f"{moved.correlation:.2f}".replace("-", "−") in frame["text"]
    assert "the figure with the lines of the 26 boys shows the same" in clean(page)
