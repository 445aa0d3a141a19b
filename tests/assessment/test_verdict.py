"""A verdict shows points to nbgrader, feedback to people, evidence to the grader."""

from __future__ import annotations

import pytest

from oxboys_mlm.assessment.evidence import MIME_TYPE, Number, Record, decode
from oxboys_mlm.assessment.verdict import Finding, Judgement, Verdict, inline_html

RECORD = Record("icc", Number(0.5))


def test_plain_text_is_the_points() -> None:
    """What nbgrader reads is a number and nothing else."""
    assert repr(Verdict(RECORD, Judgement.right("Yes."), 2)) == "2"
    assert repr(Verdict(RECORD, Judgement.found(Finding("f", "Half."), 0.5), 1)) == "0.5"
    assert repr(Verdict(RECORD, Judgement.wrong("No."), 2)) == "0"
    assert repr(Verdict(RECORD, Judgement.found(Finding("f", "A third."), 1 / 3), 1)) == "0.3333"


def test_bundle() -> None:
    """The three forms of a verdict stand side by side, and the record survives."""
    bundle = Verdict(RECORD, Judgement.right("Yes."), 2)._repr_mimebundle_()

    assert bundle["text/plain"] == "2"
    assert "2 of 2 points" in bundle["text/html"]
    assert decode(bundle[MIME_TYPE]) == RECORD


def test_html_is_escaped() -> None:
    """Nothing of an author's reaches the page as HTML; backticks become code."""
    judgement = Judgement.wrong("`x` holds <script>alert(1)</script> & `<b>`\nSecond.")
    page = Verdict(Record("<i>", Number(0)), judgement, 1)._repr_html_()

    assert "<script>" not in page
    assert "<i>" not in page
    assert "<code>x</code>" in page
    assert "<code>&lt;b&gt;</code>" in page
    assert page.count("<div") == page.count("</div>")
    assert inline_html("a ` b") == "a ` b"


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_shares_are_shares(share: float) -> None:
    """A judgement outside of nothing to everything is an error of the course."""
    with pytest.raises(ValueError, match="share"):
        Judgement("right", share, "")


def test_terminal_text() -> None:
    """A terminal shows the state, the points and the feedback; a recorded choice promises nothing."""
    assert Verdict(RECORD, Judgement.right("Yes."), 1).text() == "✔ Right · 1 of 1 point: Yes."
    assert "not yet marked (worth 1 point)" in Verdict(RECORD, Judgement("recorded", 0.0, "Kept."), 1).text()
