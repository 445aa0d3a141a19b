"""Domain assertions: a test of a question is one line."""

from __future__ import annotations

import contextlib
import io
import warnings
from functools import cache
from typing import Any

import matplotlib.pyplot as plt
from bank.case import SETUP, Case
from classroom import ROOT, answers_of, read

from oxboys_mlm import questions
from oxboys_mlm.assessment.evidence import Evidence
from oxboys_mlm.assessment.verdict import Verdict
from oxboys_mlm.checking.checks import verdict_on


def verdict_for(key: str, code: str) -> Verdict:
    """Run an answer as the notebook would, then check it.

    What the answer itself prints, warns of or raises is the student's business, as in a notebook,
    where the next cell runs all the same.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    out, err = io.StringIO(), io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        warnings.simplefilter("ignore")
        exec(SETUP, namespace)
        with contextlib.suppress(Exception):
            exec(code, namespace)
    stdout, stderr = io.StringIO(), io.StringIO()
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            warnings.simplefilter("error")
            verdict = verdict_on(key, namespace)
    finally:
        plt.close("all")
    assert stderr.getvalue() == "", "a check writes nothing to stderr: nbgrader would score it as zero"
    assert stdout.getvalue() == "", "a check prints nothing of the answer's"
    return verdict


def expect(case: Case) -> Verdict:
    """Check that a case of the bank gets what it deserves."""
    verdict = verdict_for(case.key, case.code)
    got = (verdict.judgement.share, verdict.findings[:1])
    assert got == (case.share, (case.finding,) if case.finding else got[1]), f"{case}: {got} {verdict.feedback}"
    if case.share == 1.0:
        assert verdict.findings == (), f"{case}: full points, but {verdict.findings}"
    return verdict


@cache
def key_of(key: str) -> Evidence:
    """Return what the solution notebook answers: the key of a choice."""
    notebook = questions.notebook_of(key)
    solution = read(ROOT / "solutions" / notebook.assignment / f"{notebook.name}.ipynb")
    evidence = verdict_for(key, answers_of(solution)[key]).record.evidence
    assert evidence is not None, f"the solution does not answer {key}"
    return evidence
