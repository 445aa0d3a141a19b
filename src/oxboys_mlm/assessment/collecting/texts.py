"""Describe texts, and collections of names."""

from __future__ import annotations

import itertools
import re
import sys
from types import GeneratorType
from typing import Any
from weakref import WeakKeyDictionary

from oxboys_mlm.assessment.collecting.numbers import collect_number
from oxboys_mlm.assessment.collecting.objects import describe_type
from oxboys_mlm.assessment.evidence import Names, Number, Text, Unusable

#: A longer text than this is no name and no choice (characters).
MAX_TEXT = 200


def collect_text(value: Any) -> Text | Unusable:
    """Describe a text, or the only element of a list, set, array or index; a dictionary says more than one thing."""
    elements = None if type(value) is dict else _elements(value)
    if elements is not None and len(elements) == 1:
        value = elements[0]
    if not issubclass(type(value), str):
        return Unusable("wrong_type", describe_type(value))
    text = str.__str__(value)
    return Unusable("too_large", "a very long text") if len(text) > MAX_TEXT else Text(text)


def collect_names(value: Any, *, whole_numbers: bool = False) -> Names | Unusable:
    """Describe a set, list, tuple, array, Series or index of names; one text may hold several, with commas.

    Parameters
    ----------
    value
        Anything.
    whole_numbers
        Whether the names are whole numbers, such as those of visits.

    Examples
    --------
    >>> collect_names("x,y").values, collect_names([9, 1.0, "2"], whole_numbers=True).values
    (('x', 'y'), ('1', '2', '9'))
    >>> collect_names([True, False], whole_numbers=True).problem
    'boolean'
    """
    if whole_numbers:
        return _collect_numbered(value)
    elements = _elements(value)
    if elements is None:
        if not issubclass(type(value), str):
            return Unusable("wrong_type", describe_type(value))
        elements = [part for part in re.split(r"[,;\n]|\band\b|&", str.__str__(value)[:1000]) if part.strip()]
    if len(elements) > 50:
        return Unusable("too_large", "a very long list")
    if not all(issubclass(type(element), str) for element in elements):
        return Unusable("wrong_type", "a collection of things that are not texts")
    texts = {str.__str__(element) for element in elements}
    if any(len(text) > MAX_TEXT for text in texts):
        return Unusable("too_large", "a very long text")
    return Names(tuple(sorted(texts)))


def _collect_numbered(value: Any) -> Names | Unusable:
    """Describe names that are whole numbers."""
    elements = _numbered_elements(value)
    if elements is None:
        return Unusable("wrong_type", describe_type(value))
    if elements and all(type(element).__name__ in ("bool", "bool_") for element in elements):
        return Unusable("boolean", "truth values (`True` and `False`), one for each")
    if len(elements) > 50:
        return Unusable("too_large", "a very long list")
    names = [_whole_number(element) for element in elements]
    if not all(names):
        return Unusable("wrong_type", "something that is not a whole number")
    return Names(tuple(sorted({name for name in names if name})))


def _numbered_elements(value: Any) -> list[Any] | None:
    """Elements of a collection of numbers, of a text with several, or a single number; None if the value is none."""
    if _whole_number(value):
        return [value]
    if issubclass(type(value), str):
        return [part for part in re.split(r"[,;\s]|\band\b|&", str.__str__(value)[:1000]) if part.strip(" ()[]{}")]
    numpy, pandas, kind = sys.modules.get("numpy"), sys.modules.get("pandas"), type(value)
    if pandas and kind is pandas.DataFrame and value.shape[1] == 1:
        value, kind = value.iloc[:, 0], pandas.Series
    # Of a Series, its index holds the names, as in `means[means > 0]`; unless its values do, or it is a mask.
    if pandas and numpy and kind is pandas.Series and value.dtype.kind in "iufb":
        values = value.to_numpy()[:100]
        return (
            values.tolist() if values.dtype.kind != "f" or (values == numpy.round(values)).all() else _elements(value)
        )
    if kind is dict and value and all(type(given) is bool for given in value.values()):
        return list(itertools.islice(value.values(), 100))
    elements = list(itertools.islice(value, 100)) if kind is range else _elements(value)
    if elements is not None and len(elements) == 1:  # `np.where` returns a tuple of one array
        return _elements(elements[0]) or elements
    return elements


def _whole_number(value: Any) -> str | None:
    """Return the digits of a whole number; None if the value is none."""
    if issubclass(type(value), str):
        named = re.fullmatch(r"(\d{1,9})(\.0*)?", str.__str__(value)[:20].strip(" '\"()[]{}"))
        return str(int(named[1])) if named else None
    number = collect_number(value)
    if not isinstance(number, Number) or number.value != round(number.value) or not 0 <= number.value < 10**9:
        return None
    return str(round(number.value))


#: What generators held: they can be run only once, and a check may be run again.
_listed: WeakKeyDictionary[Any, list[Any]] = WeakKeyDictionary()


def _elements(value: Any) -> list[Any] | None:
    """Elements of a collection; None if the value is none."""
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    kind = type(value)
    if kind in (list, tuple, set, frozenset, dict, type({}.keys()), type({}.values())):
        return list(itertools.islice(value, 100))
    if numpy and kind is numpy.ndarray:
        return list(value.reshape(-1)[:100].tolist())
    if (
        pandas
        and kind in (pandas.Series, pandas.DataFrame)
        and (kind is pandas.DataFrame or value.dtype.kind in "iufb")
    ):
        value = value.index  # rows of a table, or of `params`: what is asked for is what they are called
        kind = type(value)
    if pandas and kind in (pandas.Index, pandas.Series):
        return list(value.to_numpy()[:100])
    if kind is GeneratorType:
        if value not in _listed:
            _listed[value] = list(itertools.islice(value, 100))
        return _listed[value]
    if pandas and issubclass(kind, pandas.api.extensions.ExtensionArray):  # of texts, or of categories
        return list(value[:100])
    return None
