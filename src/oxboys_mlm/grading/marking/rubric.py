"""Rubrics as data: a block of TOML in the solution's free-text cell, between the model answer and advice.

A cell reads like this, without the two blanks at the margin; only the block counts, what stands around it is Markdown::

  **Model answer.** Heights of one boy are alike, so …

  ```toml
  [[statement]]
  name = "one boy"
  points = 0.5
  text = "Measurements of one boy are alike, so they are not independent."
  accepted = ["If I know one height of a boy, I can guess his others."]
  refused = ["There is a lot of variation."]
  ```

  **Often written** …
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated

import msgspec
from msgspec import Meta

from oxboys_mlm.grading.errors import GradingError

#: Statements are ticked with the keys 1 to 9.
MOST = 9

_MARKERS = re.compile(r"^### (BEGIN|END) SOLUTION[^\n]*\n?", re.MULTILINE)
_BLOCK = re.compile(r"^```[ \t]*toml[ \t]*\n(.*?)^```[ \t]*$\n?", re.MULTILINE | re.DOTALL)
_OPENED = re.compile(r"^```[ \t]*toml\b", re.MULTILINE)

_WANTED = {
    "points": "a number greater than 0, without quotes",
    **dict.fromkeys(("accepted", "refused"), 'a list of texts in quotes, none of them empty: ["…", "…"]'),
}

_Text = Annotated[str, Meta(min_length=1, pattern=r"\S")]


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an answer can earn points for.

    Attributes
    ----------
    name
        A word or two; ticks are kept under it.
    points
        What it gives.
    text
        What the answer has to say.
    accepted, refused
        Examples of what counts, and of what does not.
    note
        What else a marker should know, such as what earns a part of the points.
    """

    name: _Text
    points: Annotated[float, Meta(gt=0, le=1000)]
    text: _Text
    accepted: tuple[_Text, ...] = ()
    refused: tuple[_Text, ...] = ()
    note: str = ""


class Rubric(msgspec.Struct, frozen=True):
    """How a free text is marked.

    Attributes
    ----------
    statements
        What earns points; none if the solution says nothing of it.
    model
        A model answer, in Markdown.
    advice
        What else the lecturer wrote about marking, in Markdown.
    """

    statements: tuple[Statement, ...] = ()
    model: str = ""
    advice: str = ""


class _Block(msgspec.Struct, forbid_unknown_fields=True):
    statement: tuple[Statement, ...]


def read_rubric(source: str, points: float) -> Rubric:
    """Read the rubric in a solution's free-text cell.

    Parameters
    ----------
    source
        The cell's text.
    points
        The cell's points.

    Returns
    -------
    Rubric
        Without statements if the cell has no block of TOML.

    Raises
    ------
    GradingError
        If the block is no rubric: what is wrong, and where in the block.
    """
    text = _MARKERS.sub("", source)
    blocks = list(_BLOCK.finditer(text))
    if not blocks:
        if _OPENED.search(text):
            raise GradingError("the block ```toml is not closed; write ``` on a line of its own below it")
        return Rubric(model=model_answer(source))
    if len(blocks) > 1:
        raise GradingError(f"there are {len(blocks)} blocks ```toml; put all statements into one")
    (block,) = blocks
    statements = _statements(block[1])
    if twice := [name for name, times in Counter(each.name for each in statements).items() if times > 1]:
        raise GradingError(f"two statements are called {twice[0]!r}; ticks are kept by name, so give one another name")
    if len(statements) > MOST:
        raise GradingError(f"there are {len(statements)} statements; the keys 1 to 9 can tick {MOST}")
    total = sum(each.points for each in statements)
    if abs(total - points) > 1e-9:
        raise GradingError(
            f"the statements have {total:g} points together, but the cell has {points:g}; change one of the two (the "
            "cell's points: Create Assignment, at the right edge of JupyterLab)"
        )
    return Rubric(statements, model_answer(source), text[block.end() :].strip())


def model_answer(source: str) -> str:
    """Return the model answer in a solution's free-text cell: what stands before the rubric."""
    text = _MARKERS.sub("", source)
    block = _BLOCK.search(text)
    return text[: block.start() if block else None].replace("**Model answer.**", "", 1).strip()


def _statements(block: str) -> tuple[Statement, ...]:
    try:
        return msgspec.toml.decode(block, type=_Block).statement
    except msgspec.ValidationError as error:
        raise GradingError(_in_words(str(error))) from None
    except msgspec.DecodeError as error:
        raise GradingError(f"the block ```toml is not TOML: {error}, counted from the line below ```toml") from None


def _in_words(problem: str) -> str:
    """Say in which statement something is wrong, in the words that a rubric is written in.

    >>> _in_words("Expected `float`, got `str` - at `$.statement[0].points`")
    'statement 1: `points` should be a number greater than 0, without quotes'

    >>> _in_words("Object missing required field `points` - at `$.statement[1]`")
    'statement 2 has no `points`'
    >>> _in_words("Object contains unknown field `acepted` - at `$.statement[0]`")[:39]
    'statement 1 has an entry `acepted`; the'
    """
    what, _, place = problem.partition(" - at ")
    number = re.search(r"\$\.statement\[(\d+)\](?:\.(\w+))?", place)
    where = f"statement {int(number[1]) + 1}" if number else "the block ```toml"
    if found := re.fullmatch(r"Object missing required field `(\w+)`", what):
        return f"{where} has no `{found[1]}`" if number else f"{where} has no [[statement]]"
    if found := re.fullmatch(r"Object contains unknown field `(.*)`", what):
        known = Statement.__struct_fields__ if number else ("[[statement]]",)
        return f"{where} has an entry `{found[1]}`; the entries are {', '.join(known)}"
    if not number:
        return "the block ```toml: begin each statement with [[statement]], in two pairs of brackets"
    entry = number[2]
    wanted = _WANTED.get(entry, "a text in quotes, and not empty")
    return f"{where}: `{entry}` should be {wanted}"
