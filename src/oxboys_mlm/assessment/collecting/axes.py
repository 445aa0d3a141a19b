"""Find the axes that a value stands for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from oxboys_mlm.assessment.collecting.objects import describe_type
from oxboys_mlm.assessment.evidence import MAX_PANELS


class TooLargeError(Exception):
    """A figure that shows more than evidence can hold."""


def class_of(module: str, name: str) -> tuple[type, ...]:
    """Return a class for `issubclass`, if its module is loaded."""
    found = getattr(sys.modules.get(module), name, None)
    return (found,) if isinstance(found, type) else ()


def _captions() -> tuple[type, ...]:
    """Return the classes of what is written in a figure: titles, labels, legends."""
    return class_of("matplotlib.text", "Text") + class_of("matplotlib.legend", "Legend")


def describe_stored(value: Any) -> str:
    """Say what someone stored instead of a figure."""
    parts = list(_elements(value)) or [value]
    if all(issubclass(type(part), _captions()) for part in parts):
        return "what is written in a figure (a title, a label or a legend), not the figure itself"
    return describe_type(value)


def axes_of(value: Any) -> list[Any] | None:
    """Find the axes that a value stands for, by its true type; None if it is no figure."""
    found = list(islice(_each_axes(value, 0), 50 * MAX_PANELS))
    if not found:
        return None
    axes = list({id(ax): ax for ax in found if ax is not None and ax.get_visible()}.values())
    if len(axes) > MAX_PANELS:
        raise TooLargeError
    return axes


def _each_axes(value: Any, depth: int) -> Iterator[Any]:
    """Walk the axes that a value stands for; a figure also gives None, so that an empty one is found too."""
    kind = type(value)
    if issubclass(kind, class_of("matplotlib.axes", "Axes")):
        yield value
    elif issubclass(kind, class_of("matplotlib.figure", "FigureBase")):
        yield None
        yield from value.axes
    elif issubclass(kind, class_of("seaborn.axisgrid", "JointGrid")):
        yield value.ax_joint  # the margins show distributions
    elif issubclass(kind, class_of("seaborn.axisgrid", "Grid")):
        yield from _each_axes(value.figure, depth)
    elif issubclass(kind, class_of("seaborn._core.plot", "Plot")):
        target = sys.modules["matplotlib.figure"].Figure()
        value.on(target).plot()
        yield from _each_axes(target, depth)
    elif issubclass(kind, class_of("seaborn._core.plot", "Plotter")):
        yield from _each_axes(vars(value).get("_figure"), depth)
    elif issubclass(kind, _captions()):
        return
    elif issubclass(kind, class_of("matplotlib.artist", "Artist")):
        yield value.axes
        if value.axes is None:
            yield from _each_axes(value.get_figure(), depth)
    elif depth < 3:
        for element in _elements(value):
            yield from _each_axes(element, depth + 1)


def _elements(value: Any) -> Iterable[Any]:
    """Return the elements of a collection of artists, as plotting calls return them."""
    kind = type(value)
    if issubclass(kind, list):
        return islice(list.__iter__(value), 500)
    if issubclass(kind, tuple):
        return islice(tuple.__iter__(value), 500)
    if issubclass(kind, dict):
        return islice(dict.values(value), 500)
    if kind is np.ndarray and value.dtype == object:
        return list(value.reshape(-1)[:500])
    if issubclass(kind, class_of("pandas", "Series")) and value.dtype == object:
        return list(value.array[:500])  # pandas' own groupby(…).plot() returns these
    return ()
