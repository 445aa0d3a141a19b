"""What notebook 1 asks: one regression line for all boys, and one for each."""

from __future__ import annotations

from oxboys_mlm.assessment.figures import FigureQuestion
from oxboys_mlm.assessment.texts import ChoiceQuestion
from oxboys_mlm.questions import reference
from oxboys_mlm.questions.notebook import Notebook

# Distances in cm; tests/questions/test_visualization.py computes them. Honest ways to draw the single line put it
# within .11 (a robust regression; rounded coefficients and fixed effects of a mixed model within .06); a line through
# the means of the first and the last visit is .45 away. Lines of single boys whose ends are rounded to whole cm stray
# by .5; those that a random-slope model predicts by .22 only, but all towards the average, and so they are told. The
# parallel lines of a random-intercept model are up to 2.85 away (17 of 26 more than .8). A pooled curve of order two
# bends by .72, those of single boys by up to 2.7.
_NEAR_POOLED = 0.2
_NEAR_OWN = 0.5
_STRAIGHT = 0.15
_X_JITTER = 0.15
_Y_JITTER = 0.05

POOLED_PLOT = FigureQuestion(
    key="pooled_plot",
    title="A scatterplot with one regression line",
    where="Look at seaborn's plots for regression, and at which column belongs on which axis.",
    data=reference.data,
    x="age",
    y="height",
    group="Subject",
    lines="one",
    unit="boy",
    praise="All measurements, and one straight line through them.",
    near=_NEAR_POOLED,
    straight=_STRAIGHT,
    x_jitter=_X_JITTER,
    y_jitter=_Y_JITTER,
)

SUBJECT_PLOT = FigureQuestion(
    key="subject_plot",
    title="A scatterplot with a regression line for each boy",
    where="Look at seaborn's plots for regression, and at the argument that tells the boys apart.",
    data=reference.data,
    x="age",
    y="height",
    group="Subject",
    lines="each",
    unit="boy",
    praise="Every boy has his own line. Compare them: what differs more from boy to boy, how high a line "
    "lies or how steep it is?",
    near=_NEAR_OWN,
    straight=_STRAIGHT,
    x_jitter=_X_JITTER,
    y_jitter=_Y_JITTER,
)

NEEDS_MULTILEVEL = ChoiceQuestion(
    key="needs_multilevel",
    title="Whether these data call for a multilevel model",
    where="Compare your two figures: do the measurements of one boy lie on both sides of the single line, or together?",
    options=("yes", "no"),
)

DECIDING_OBSERVATION = ChoiceQuestion(
    key="deciding_observation",
    title="Which observation decides",
    where="Independent errors would fall on either side of the one line by chance, also those of one boy. Which "
    "statement speaks of the side?",
    options=("a", "b", "c", "d"),
)

NOTEBOOK = Notebook(
    name="1-visualization",
    assignment="core",
    questions=(POOLED_PLOT, SUBJECT_PLOT, NEEDS_MULTILEVEL, DECIDING_OBSERVATION),
    free_text=("needs_multilevel_why",),
)
