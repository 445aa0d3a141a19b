"""What can be wrong with a figure, and what to say of it."""

from __future__ import annotations

from typing import Literal


def texts(key: str, x: str, y: str, unit: str, lines: Literal["one", "each"]) -> dict[str, str]:
    """Return the text of each mistake, by its name.

    Parameters
    ----------
    key
        The variable that holds the figure.
    x, y
        The columns on its axes.
    unit
        What a group is called, in the singular.
    lines
        Which lines are asked for.
    """
    x, y = f"`{x}`", f"`{y}`"
    task = "one straight regression line" if lines == "one" else f"one straight regression line per {unit}"
    return {
        "empty_figure": (
            f"The figure in `{key}` shows neither points nor a line: it is empty, or another kind of chart. The task "
            f"asks for a scatterplot of {y} against {x} with {task}."
        ),
        "several_plots": (
            "One of the plots in this figure is the right one, but it stands beside others. Hand in that one alone: "
            "its axes, for example, instead of the whole figure."
        ),
        "points_missing": ("The measurements themselves are missing: add a point for every row of the data."),
        "points_hidden": (
            "Some measurements cannot be seen: they lie outside the limits of an axis, or under something that was "
            "drawn over them. Look for limits that were set by hand (`xlim`, `ylim`), and let the axes show every row "
            "of the data."
        ),
        "points_incomplete": (
            "Some measurements are not shown. Use every row of the data; look for a filter, or for axes that belong to "
            "a part of it."
        ),
        f"{unit}s_incomplete": (
            f"Some {unit}s are missing. Use the data of every {unit}; look for a filter, a loop that ends early, or "
            "axes that show only one of several panels."
        ),
        "other_points": (
            f"The points are not the single measurements. Every row of the data should be one point, at its own {x} "
            f"and {y}; look for means, bins or changed values."
        ),
        "categories": (
            f"The horizontal axis treats {x} as a set of categories, all equally far apart. {x} is a number: use a "
            "scatterplot, which keeps the distances."
        ),
        "several_figures": (
            f"Every {unit} is there, but each in a figure of its own. Put all into one figure, in the same axes or in "
            "small panels, so that they can be compared."
        ),
        "second_axis": (
            "The line and the points stand on two axes with different limits, so the line does not pass through the "
            "points that it was fitted to. Draw both on the same axes."
        ),
        "axes_swapped": (
            f"The axes have changed places. The predictor ({x}) belongs on the horizontal axis, the outcome ({y}) on "
            "the vertical one."
        ),
        "rescaled": (
            f"The points form the right pattern, but the axes do not show {x} and {y} as they stand in the data. Look "
            "for something that centred or standardised them."
        ),
        "line_missing": (
            f"What is missing is {task}. Look at what seaborn offers for regression: it can draw points and line in "
            "one call."
        ),
        "line_elsewhere": (
            f"There is a straight line, but not where linear regression puts it. Fit it to all rows, with {y} as the "
            f"outcome and {x} as the predictor."
        ),
        "lines_elsewhere": (
            f"The lines are not the {unit}s' own regression lines. Fit each to the rows of one {unit}, with {y} as the "
            f"outcome and {x} as the predictor, and check by what the rows are grouped."
        ),
        "several_lines": (
            "There are several lines. The task asks for a single one through all measurements: look for the argument "
            "that splits the data."
        ),
        "extra_lines": (f"The figure has what the task asks for, and more lines. Leave only {task}."),
        "line_too_short": (f"A line covers only a part of {x}. Draw it over the whole range of its points."),
        "one_line_for_all": (
            f"One line runs through the measurements of all {unit}s. The task asks for a line for each: which argument "
            f"of the plotting call tells the {unit}s apart, say by colour?"
        ),
        f"line_per_{unit}": (
            f"There is a line for every {unit}. The task asks for a single one through all measurements, no matter "
            f"whose they are: leave out what tells the {unit}s apart."
        ),
        "points_joined": (
            "A line here joins measurements, one to the next. A regression line is straight and passes among the "
            "points: look for a plotting function that fits a line, or fit it first and draw the prediction."
        ),
        "curved_line": (
            "The line is curved. Linear regression gives a straight one: look at the arguments that set the form of "
            "the line, such as `order` or `lowess`."
        ),
        "shrunken_lines": (
            f"Every {unit} has a line, but not the regression line of that {unit} alone: each line is pulled towards "
            f"the average of all {unit}s. This is what a mixed model predicts (`fittedvalues`). The task asks for a "
            f"regression fitted to one {unit}'s rows, without the others."
        ),
        "same_line_repeated": (
            f"The same line is drawn again and again: it is that of one {unit}. In a loop, check that every turn fits "
            f"and draws the rows of another {unit}. A function that is made in a loop sees only the last value of the "
            "loop's variable."
        ),
        "line_in_other_panel": (
            f"A line stands in a panel that shows the points of another {unit}. Check that points and line of a panel "
            f"come from the same {unit}."
        ),
        "parallel_lines": (
            f"The lines are all equally steep. Each should be fitted to one {unit}'s measurements alone, so that each "
            "line has its own height and its own slope."
        ),
    }
