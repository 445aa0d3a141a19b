"""Tell objects by their true type: what one says of itself may be anything."""

from __future__ import annotations

import functools
from types import FunctionType
from typing import Any


def course_helper(value: Any) -> str:
    """Name of the course's helper that a value is, or was made by; empty if it is the author's own.

    Fits that a helper made carry its name in an attribute ``course_helper``. Only functions and
    statsmodels' results are asked, by their true type: any other object could answer anything.
    """
    kind = type(value)
    if kind is functools.partial:
        value = value.func
        kind = type(value)
    if kind is FunctionType:
        home = str(value.__module__).partition(".")[0]  # None for a function that was made by hand
        return value.__name__[:100] if home == "oxboys_mlm" else ""
    if str(kind.__module__).partition(".")[0] == "statsmodels":
        for holder in (value, getattr(value, "model", None)):
            name = getattr(holder, "course_helper", "")
            if isinstance(name, str) and name:
                return name[:100]
    return ""


def describe_type(value: Any) -> str:
    """Name an object's true type for its author.

    >>> describe_type(1.5), describe_type([]), describe_type(print)
    ('a number', 'a list', 'a function')
    """
    kind = type(value)
    known = {
        "NoneType": "nothing (`None`)",
        "bool": "a truth value (`True` or `False`)",
        "int": "a number",
        "float": "a number",
        "str": "a text",
        "list": "a list",
        "tuple": "a tuple",
        "dict": "a dictionary",
        "set": "a set",
        "function": "a function",
        "method": "a method (are its parentheses missing?)",
        "builtin_function_or_method": "a function",
        "module": "a module",
        "type": "a class",
        "DataFrame": "a data frame",
        "Series": "a pandas Series",
        "ndarray": "a NumPy array",
        "coroutine": "a coroutine (write `def`, without `async`)",
        "generator": "a generator (write `return`, not `yield`)",
        "Summary": "a printed summary",
    }
    name = kind.__name__
    if not isinstance(name, str):  # a metaclass may answer anything
        return "an object"
    return known.get(name, f"an object of type `{name[:60]}`")
