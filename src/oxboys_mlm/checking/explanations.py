"""Python's errors in plain words: what happened, and what it usually means in these notebooks."""

from __future__ import annotations

import builtins
import difflib
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from oxboys_mlm.assessment.guard import name_problem

#: What the first cell of a notebook defines.
_FIRST_CELL = {"np", "pd", "plt", "sm", "smf", "sns", "data", "load_oxboys", "check", "progress"}

_COLUMNS = ("Subject", "age", "height", "Occasion")

_INSTALLED = "numpy, pandas, scipy, statsmodels, patsy, matplotlib and seaborn"


@dataclass(frozen=True)
class Problem:
    """An error that ended a cell.

    Attributes
    ----------
    what
        Python's own words for it, in one line.
    advice
        What it usually means; empty if nothing better than Python's words is known.
    line
        The line of the cell where it happened; None if that is not known.
    body_line
        The same, counted without the cell's magic.
    """

    what: str
    advice: str
    line: int | None = None
    body_line: int | None = None


def describe_error(error: BaseException, source: str, names: Mapping[str, Any], offset: int = 0) -> Problem:
    """Describe the error that ended a cell.

    Parameters
    ----------
    error
        The error.
    source
        The cell's text.
    names
        The notebook's names.
    offset
        Lines of the cell before its code.
    """
    unreadable = _unreadable(error)
    # Python 3.13 has private subclasses of SyntaxError, whose names would tell a student nothing.
    kind = next(parent.__name__ for parent in type(error).__mro__ if not parent.__name__.startswith("_"))
    what = f"{kind}: {unreadable.msg}" if unreadable else name_problem(error)
    try:
        advice = explain(error, source, names)
    except Exception:  # noqa: BLE001 - an error may have any arguments; its own words are shown anyway
        advice = ""
    line = unreadable.lineno if unreadable else _line(error, names)
    return Problem(what.replace("`", "'")[:200], advice, None if line is None else line + offset, line)


def _unreadable(error: BaseException) -> SyntaxError | None:
    """Return the error if it was the cell that Python could not read, and not a formula that the cell hands over."""
    return error if isinstance(error, SyntaxError) and error.filename != "<unknown>" else None


def _line(error: BaseException, names: Mapping[str, Any]) -> int | None:
    """Find the line of the cell, not of a function that it calls."""
    found, step = None, error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if step.tb_frame.f_globals is names and code.co_name.startswith(("<module>", "<cell line")):
            found = step.tb_lineno
        step = step.tb_next
    return found


def explain(error: BaseException, source: str, names: Mapping[str, Any]) -> str:
    """Explain an error to a beginner; empty if there is nothing to add to Python's own words."""
    lme4 = re.search(r"['\"][^'\"]*~[^'\"]*(\([^()'\"]*\|[^()'\"]*\))", source)
    if lme4 and not isinstance(error, SyntaxError | NameError | KeyError):
        return (
            f"`{lme4[1]}` in a formula is how R's lme4 says who belongs together. statsmodels does not read it: leave "
            "it out of the formula, and name the groups in the argument `groups=`."
        )
    for kind, explanation in _EXPLANATIONS.items():
        if any(parent.__name__ == kind for parent in type(error).__mro__):
            return explanation(error, source, names)
    return ""


# ---- names and columns -------------------------------------------------------------------------------


def _nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    spelt = {other.casefold(): other for other in sorted(known)}
    if name.casefold() in spelt:
        return spelt[name.casefold()]
    near = difflib.get_close_matches(name.casefold(), spelt, n=1, cutoff=cutoff)
    return spelt[near[0]] if near else ""


def _meant(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    near = _nearest(name, known, cutoff)
    return f" Did you mean `{near}`?" if near and near != name else ""


def _columns(names: Mapping[str, Any]) -> list[str] | None:
    """List the columns of `data`; None if it is no table."""
    pandas, data = sys.modules.get("pandas"), names.get("data")
    if pandas is None or data is None or type(data) is not pandas.DataFrame:
        return None
    return [column for column in data.columns if isinstance(column, str)][:20]


def _no_column(name: str, names: Mapping[str, Any]) -> str:
    columns = _columns(names)
    if columns is None or not set(columns) >= set(_COLUMNS):
        return (
            "`data` is not the course's table any more: a cell of yours has changed it. Run the first cell of the "
            "notebook again, then this one."
        )
    listed = ", ".join(f"`{column}`" for column in columns)
    return f"`data` has no column `{name}`.{_meant(name, columns)} Its columns are {listed}."


def _entries(error: BaseException) -> list[str]:
    """List the entries of the pandas Series that was asked for one it does not have."""
    pandas, step = sys.modules.get("pandas"), error.__traceback__
    while pandas is not None and step is not None:
        asked = step.tb_frame.f_locals.get("self")
        if type(asked) is pandas.DataFrame:
            return []
        if asked is not None and type(asked) is pandas.Series:
            return [entry for entry in asked.index[:12] if isinstance(entry, str)]
        step = step.tb_next
    return []


def _key(error: BaseException, source: str, names: Mapping[str, Any]) -> str:
    key = error.args[0] if error.args else ""
    if isinstance(key, tuple | int):
        return (
            "Square brackets right behind a table ask for names of columns or rows. To take something by its place, "
            "write `.iloc[…]`; places are counted from 0."
        )
    if not isinstance(key, str):
        return ""
    if entries := _entries(error):
        known = ", ".join(f"`{entry}`" for entry in entries)
        return f"There is no entry `{key}`.{_meant(key, entries)} The entries are called {known}."
    listed = re.search(r"\[(.*?)\].* (?:not in index|are in the)", key)
    wanted = re.findall(r"'([^']*)'", listed[1]) if listed else [key]
    columns = _columns(names) or []
    wanted = [name for name in wanted if name not in columns]
    if not wanted:
        return f"What stands before the square bracket has no entry `{key}`. Print it to see which names it has."
    if listed or _nearest(wanted[0], _COLUMNS) or re.search(r"\b(?:data|groups|x|y|hue)\b\s*[=\[]", source):
        return _no_column(wanted[0], names)
    return (
        f"There is no entry `{wanted[0]}` in what stands before the square bracket. Print it to see which names it has."
    )


def _name(error: BaseException, source: str, names: Mapping[str, Any]) -> str:
    name = getattr(error, "name", None) or next(iter(re.findall(r"'(\w+)'", str(error))), "")
    if type(error).__name__ == "UnboundLocalError":
        return f"Inside a function, `{name}` is used before it is set there."
    if name in _FIRST_CELL:
        return (
            f"`{name}` comes from the first cell of the notebook. Run that cell, or all cells above this one (in "
            "JupyterLab: menu Run, Run All Above Selected Cell), then this cell again."
        )
    if name in _COLUMNS:
        return f'`{name}` is a column of `data`. Its name stands in quotation marks, or in brackets: `data["{name}"]`.'
    if name in ("yes", "no", "a", "b", "c", "d"):
        return f'A text stands in quotation marks: `"{name}"`.'
    if name in ("true", "false", "none"):
        return f"Write it with a capital letter: `{name.capitalize()}`."
    own = [other for other in names if not other.startswith("_")]
    if near := _meant(name, [*own, *_FIRST_CELL, *dir(builtins)], 0.75):
        return f"Python does not know `{name}`.{near}"
    return (
        f"Python does not know `{name}`. If a cell further up sets it, run that cell first; if it is a text, it needs "
        "quotation marks."
    )


def _attribute(error: BaseException, source: str, names: Mapping[str, Any]) -> str:
    text = str(error)
    holder, name = getattr(error, "obj", None), getattr(error, "name", None) or ""
    kind = type(holder).__name__
    if "'groups' is a required" in text:
        return "A mixed model has to be told which rows belong together: give it the argument `groups=`."
    if holder is None and "NoneType" in text:
        return (
            "What stands before the dot is `None`: the step before returned nothing. `plt.show()`, `print()` and a "
            "function without `return` return nothing."
        )
    if kind in ("MixedLM", "OLS"):
        return "This is a model that has not been fitted yet. `.fit()` fits it and returns the results; use those."
    if kind in ("DataFrame", "DataFrameGroupBy") and _nearest(name, _COLUMNS):
        return _no_column(name, names)
    if getattr(holder, "__name__", "").startswith("statsmodels") and name == "mixedlm":
        return "`mixedlm` is in `smf` (`statsmodels.formula.api`)."
    if holder is not None and name:
        return _meant(name, [other for other in dir(holder) if not other.startswith("_")], 0.7).strip()
    return ""


def _formula(error: BaseException, source: str, names: Mapping[str, Any]) -> str:
    if unknown := re.search(r"NameError: name '(\w+)'", str(error)):
        return f"In the formula: {_no_column(unknown[1], names)}"
    return (
        "Python cannot read the formula. It has the outcome, one `~`, and the predictors with `+` between them, as in "
        '`"outcome ~ predictor"`. Is a sign missing, or one too many?'
    )


# ---- code that Python cannot read -----------------------------------------------------------------------

_SYNTAX: tuple[tuple[str, str], ...] = (
    ("leading zeros", "Python's decimal mark is a point, not a comma: `0.05`, not `0,05`."),
    ("was never closed", "That bracket is opened there and never closed."),
    ("incomplete input", "The cell ends too early: a bracket or a quotation mark is opened and never closed."),
    ("unmatched", "A bracket is closed there that was not opened."),
    ("does not match", "A bracket is closed by one of another kind: `(` belongs to `)`, `[` to `]`."),
    ("unterminated", "A text begins with a quotation mark there and does not end with the same one."),
    (
        "invalid character|invalid non-printable",
        "That character cannot stand in code. This often happens when text is copied, for example from a word "
        "processor: delete it (a quotation mark, a dash, a space) and type it again.",
    ),
    ("expected ':'", "The line needs a colon `:` at its end."),
    ("expected an indented block", "The lines that belong to the line above (after its `:`) begin with four spaces."),
    ("unexpected indent", "The line begins with spaces, and nothing above it asks for them. Take them away."),
    (
        "unindent|inconsistent use",
        "The spaces at the beginning of the line fit no line above. Use four for each level.",
    ),
    ("instead of '='|cannot assign", "Left of `=` stands one name; to compare, write `==`."),
    ("positional argument follows", "Arguments with a name (`x=…`) stand behind those without."),
    ("keyword argument repeated", "An argument is given twice in one call."),
    (
        "invalid decimal literal",
        "A name cannot begin with a digit, and between a number and a name stands an operator, such as `*`.",
    ),
    ("outside function", "`return` stands inside a function only: are the four spaces before it missing?"),
    ("f-string", "Look at the braces `{…}` and the quotation marks of the text that begins with `f`."),
)


def _syntax(error: BaseException, source: str, names: Mapping[str, Any]) -> str:
    unreadable = _unreadable(error)
    if unreadable is None:
        return _formula(error, source, names)
    message = str(unreadable.msg)
    for pattern, advice in _SYNTAX:
        if re.search(pattern, message):
            return advice
    lines = source.splitlines()
    number = unreadable.lineno or 0
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    if re.match(r"\s*[^\W\d]\w* [^\W\d]\w*\s*=[^=]", line):
        return "A name has no spaces: write `_` between its words."
    if ":=" in line:
        return "Write `=`, without the colon."
    if "~" in line and not re.search(r"['\"][^'\"]*~", line):
        return "A formula is a text: it stands in quotation marks."
    if re.match(r"\s*(?:>>>|\$|In \[)", line):
        return "Copy the code only, without the sign in front of it."
    return (
        "Python cannot read that line. Look for a missing comma, operator, bracket or quotation mark, there or at the "
        "end of the line above."
    )


# ---- calls and values -----------------------------------------------------------------------------------


def _type(error: BaseException, source: str, names: Mapping[str, Any]) -> str:
    text = str(error)
    if unknown := re.search(r"(\w+)\(\) got an unexpected keyword argument '(\w+)'", text):
        return f"`{unknown[1]}` has no argument called `{unknown[2]}`. Is it spelt as in the documentation?"
    if re.search(r"missing \d+ required", text):
        return "The call lacks the arguments that Python names here."
    if "positional argument" in text:
        return "The call has too many values without a name. Write `name=value` for each, such as `x=` and `y=`."
    if "not callable" in text:
        return (
            "Round brackets follow something that is not a function: an operator such as `*` is missing, or a name "
            "that was a function now holds something else."
        )
    if re.search(r"'(?:method|function|builtin_function_or_method)'", text):
        return "Round brackets `()` are missing behind the name of a function."
    if "NoneType" in text:
        return "One of the values is `None`: the step that should have made it returned nothing. Is a `return` missing?"
    if re.search(r"\bstr\b", text):
        return "One of the values is a text and not a number: no quotation marks around numbers."
    return ""


def _value(error: BaseException, source: str, names: Mapping[str, Any]) -> str:
    text = str(error)
    if unknown := re.search(r"Could not interpret value `?'?(\w+)", text):
        return _no_column(unknown[1], names)
    if re.search(r"to float: '\s*[-+]?\d+,\d", text):
        return "Python's decimal mark is a point, not a comma."
    if re.search(r"same (?:size|length)|shape|lengths? (?:mis)?match|broadcast", text):
        return "Two things that should have equally many values do not. Do both come from all rows of `data`?"
    return ""


def _module(error: BaseException, source: str, names: Mapping[str, Any]) -> str:
    name = str(getattr(error, "name", "") or "").partition(".")[0]
    known = ("numpy", "pandas", "scipy", "statsmodels", "patsy", "matplotlib", "seaborn", "oxboys_mlm")
    if near := _nearest(name, known, 0.7):
        return f"Did you mean `{near}`?" if near != name else f"`{name}` has no part of that name."
    return f"`{name}` is not installed. {_INSTALLED} are, and each task can be solved with them."


def _import(error: BaseException, source: str, names: Mapping[str, Any]) -> str:
    module = sys.modules.get(str(getattr(error, "name", "")))
    wanted = re.search(r"cannot import name '(\w+)'", str(error))
    return _meant(wanted[1], dir(module), 0.7).strip() if wanted and module else ""


def _says(text: str) -> Callable[[BaseException, str, Mapping[str, Any]], str]:
    return lambda error, source, names: text


#: By the name of the error's class or of a class that it descends from; the first that fits explains it.
_EXPLANATIONS: dict[str, Callable[[BaseException, str, Mapping[str, Any]], str]] = {
    "SyntaxError": _syntax,
    "PatsyError": _formula,
    "LinAlgError": _says(
        "The model cannot be computed from these columns. Is a predictor in it twice, or one that is the same "
        "everywhere?"
    ),
    "KeyError": _key,
    "IndexError": _says("There are fewer entries than that. Python counts them from 0: the first is `[0]`."),
    "NameError": _name,
    "AttributeError": _attribute,
    "ModuleNotFoundError": _module,
    "ImportError": _import,
    "FileNotFoundError": _says(
        "There is no such file beside the notebook. You need no file: the first cell loads the data, as `data`."
    ),
    "TypeError": _type,
    "ValueError": _value,
    "ZeroDivisionError": _says("A number was divided by zero. Print what stands below the line of the fraction."),
    "KeyboardInterrupt": _says("The cell was stopped before it ended. Run it again and let it finish."),
    "RecursionError": _says("A function calls itself without end."),
    "MemoryError": _says("The cell needed more memory than there is."),
}
