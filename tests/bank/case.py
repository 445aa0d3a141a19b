"""The form of a case in the bank."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

#: What the first cell of every notebook gives a student.
SETUP = """\
import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
import seaborn as sns
import matplotlib.pyplot as plt
from oxboys_mlm import load_oxboys, check
data = load_oxboys()
"""


@dataclass(frozen=True)
class Case:
    """One answer to one question, and what it deserves.

    Attributes
    ----------
    key
        The question.
    name
        What is special about this answer, in a few words.
    code
        The answer cell. It stands alone: it needs nothing but the notebook's set-up.
    share
        Share of the points that it deserves.
    finding
        Name of the first finding; empty where none is expected.
    """

    key: str
    name: str
    code: str
    share: float
    finding: str = ""

    def __str__(self) -> str:
        return f"{self.key}: {self.name}"


def right(key: str, name: str, code: str) -> Case:
    """Make a case that deserves full points."""
    return Case(key, name, dedent(code).strip(), 1.0)


def partly(key: str, name: str, code: str, share: float, finding: str) -> Case:
    """Make a case that deserves a share of the points."""
    return Case(key, name, dedent(code).strip(), share, finding)


def wrong(key: str, name: str, code: str, finding: str = "") -> Case:
    """Make a case that deserves nothing."""
    return Case(key, name, dedent(code).strip(), 0.0, finding)
