"""Find what a student added to a cell of the release, or wrote beside the place for it."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections import Counter
from dataclasses import dataclass

#: What people write to say that they write nothing.
_NOTHING = {"", "na", "none", "nothing", "todo", "tbd"}

_IMPORT = re.compile(r"(?:import|from)\s+\w")

#: Longer code than this is not looked through for words: a person may see whether there are some.
_LONG = 20_000


@dataclass(frozen=True)
class Lines:
    """What differs between a cell of code as it was handed out and as it was handed in.

    Attributes
    ----------
    before, after
        What was added in front of its first line, and what else was added.
    complete
        Whether all of its own lines are there. If not, what was put in place of them is no addition; imports are.
    """

    before: str
    after: str
    complete: bool


def added_code(own: str, submitted: str) -> Lines:
    r"""Compare a cell of code with what was handed in.

    Examples
    --------
    >>> added_code("import a\nimport b", "import a\nimport c\nimport b\n")
    Lines(before='', after='import c', complete=True)
    >>> added_code("check('icc')", "icc = 1\ncheck('icc')")
    Lines(before='icc = 1', after='', complete=True)
    >>> added_code("data = load()", "import c\ndata = None")
    Lines(before='', after='import c', complete=False)
    """
    missing = Counter(line.rstrip() for line in own.split("\n") if line.strip())
    before: list[str] = []
    after: list[str] = []
    begun = False
    for line in submitted.split("\n"):
        if missing[line.rstrip()]:
            missing[line.rstrip()] -= 1
            begun = True
        else:
            (after if begun else before).append(line)
    if missing.total():
        return Lines("", "\n".join(line for line in [*before, *after] if _IMPORT.match(line)), complete=False)
    return Lines(_block(before), _block(after), complete=True)


def added_text(own: str, submitted: str) -> str:
    r"""Return what was written into a text: new lines, and what stands behind the end of a line of its own.

    >>> added_text("Why?\n\nSay it.", "Why? Because.\n\nSay it.\n\nIt grows.")
    'Because.\n\nIt grows.'
    """
    lines = [line.strip() for line in own.split("\n") if line.strip()]
    places = {line: place for place, line in enumerate(lines)}
    added: list[str] = []
    place = 0
    for line in submitted.split("\n"):
        words = line.strip()
        if words in places:
            place = places[words] + 1
        elif place < len(lines) and words.startswith(lines[place]):
            added.append(words[len(lines[place]) :].strip())
            place += 1
        else:
            added.append(line)
    return re.sub(r"\n{3,}", "\n\n", _block(added))


def _block(lines: list[str]) -> str:
    return textwrap.dedent("\n".join(lines)).strip("\n").rstrip()


def is_blank(text: str) -> bool:
    r"""Return whether a text says nothing: blanks, signs, or words for "nothing".

    >>> [is_blank(text) for text in ("", " - ", "…", "n/a", "<br>", "&nbsp;", "yes", "身高", "$\tau$", "6.5")]
    [True, True, True, True, True, True, False, False, False, False]
    """
    shown = re.sub(r"<!--[^>]{0,500}-->|<br[ /]{0,2}>|</?(?:p|div|span)>|&nbsp;", " ", text)
    return "".join(re.findall(r"[^\W_]+", shown)).casefold() in _NOTHING


def has_words(code: str) -> bool:
    """Return whether somebody says something in a code cell: in a comment, in a string, or in plain words.

    >>> [has_words(code) for code in ("# The boys differ much", "The boys differ much.", "x = data['age'].mean()")]
    [True, True, False]
    """
    if len(code) > _LONG:
        return True
    python = re.sub(r"^[ \t]*[%!?].*$", "", code, flags=re.MULTILINE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(python)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return not is_blank(python)
    strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    # A "#" inside a string begins no comment, but then the string is looked at anyway.
    return any(map(_is_sentence, [*strings, *re.findall("#(.*)", python)]))


def does_nothing(code: str) -> bool:
    """Return whether a code cell holds comments, strings or plain words alone, so that there is nothing to run."""
    if len(code) > _LONG:
        return False
    if re.search(r"^[ \t]*[%!?]", code, re.MULTILINE):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return re.search(r"^\s*(?:import|from|def|class|for|while|if|with|@)\b|[=(\[]", code, re.MULTILINE) is None
    return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in tree.body)


def _is_sentence(text: str) -> bool:
    letters = re.findall(r"[^\W\d_]", text)
    words = re.findall(r"[^\W\d_]{2,}", text)
    # Languages without blanks between words have letters beyond all that a name in code is written with.
    return len(words) >= 3 or sum(letter > "\u2e7f" for letter in letters) >= 6
