"""Notebook 1: one regression line for all boys, and one for each."""

from __future__ import annotations

from functools import cache

import pandas as pd

from oxboys_mlm.assessment.figures import FigureQuestion
from oxboys_mlm.assessment.texts import ChoiceQuestion
from oxboys_mlm.questions.notebook import Notebook


@cache
def _data() -> pd.DataFrame:
    from oxboys_mlm.data import load_oxboys

    return load_oxboys()


# Distances in cm. Own least-squares lines and those predicted by a random-slope model lie at most .22 apart,
# own lines and the parallel ones of a random-intercept model up to 2.85 (17 of 26 more than .8). A pooled
# curve of order two bends by .72, those of single boys by up to 2.7.
_NEAR = 0.5
_STRAIGHT = 0.15
_X_JITTER = 0.15
_Y_JITTER = 0.05

pooled_plot = FigureQuestion(
    key="pooled_plot",
    title="A scatterplot with one regression line",
    points=2,
    where="Look at seaborn's plots for regression, and at which column belongs on which axis.",
    data=_data,
    x="age",
    y="height",
    group="Subject",
    lines="one",
    unit="boy",
    praise="All measurements, and one straight line through them.",
    near=_NEAR,
    straight=_STRAIGHT,
    x_jitter=_X_JITTER,
    y_jitter=_Y_JITTER,
)

subject_plot = FigureQuestion(
    key="subject_plot",
    title="A scatterplot with a regression line for each boy",
    points=2,
    where="Look at seaborn's plots for regression, and at the argument that tells the boys apart.",
    data=_data,
    x="age",
    y="height",
    group="Subject",
    lines="each",
    unit="boy",
    praise="Every boy has his own line. Compare them: what differs more from boy to boy, how high a line "
    "lies or how steep it is?",
    near=_NEAR,
    straight=_STRAIGHT,
    x_jitter=_X_JITTER,
    y_jitter=_Y_JITTER,
)

needs_multilevel = ChoiceQuestion(
    key="needs_multilevel",
    title="Whether these data call for a multilevel model",
    points=1,
    where="Compare your two figures: do the measurements of one boy lie on both sides of the single line, or together?",
    options=("yes", "no"),
)

deciding_observation = ChoiceQuestion(
    key="deciding_observation",
    title="Which observation decides",
    points=1,
    where="Independent errors would fall on either side of the one line by chance, also those of one boy. Which "
    "statement speaks of the side?",
    options=("a", "b", "c", "d"),
)

NOTEBOOK = Notebook(
    name="1-visualization",
    assignment="core",
    questions=(pooled_plot, subject_plot, needs_multilevel, deciding_observation),
    free_text=("needs_multilevel_why",),
)
