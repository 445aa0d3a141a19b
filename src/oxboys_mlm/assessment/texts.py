"""Answers in words: a choice, a name, a set of names."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import GeneratorType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import msgspec

from oxboys_mlm.assessment.evidence import Evidence, Names, Number, Summary, Text, Unusable
from oxboys_mlm.assessment.numbers import collect_number
from oxboys_mlm.assessment.question import NOTHING_BESIDE, Mistake, Question, describe_type
from oxboys_mlm.assessment.summaries import collect_summaries, plain, typed, variance_row
from oxboys_mlm.assessment.verdict import Finding, Judgement

if TYPE_CHECKING:
    import pandas as pd

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
    >>> collect_names("x, y").values, collect_names([9, 1.0, "2"], whole_numbers=True).values
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


#: What else says yes or no.
_YES_NO = {"true": "yes", "y": "yes", "ja": "yes", "false": "no", "n": "no", "nein": "no"}

#: "option b", or the letter with the option's own words behind it, as it is copied from the task.
_OPTION_AND_TEXT = re.compile(r"(?:(?:option|answer|choice|statement) )?\(?([a-z])(?:[).:] ?(.{10,}))?", re.DOTALL)
#: A second option named behind the first. "a" is a word, too: it counts with a bracket or at the end alone.
_ANOTHER = re.compile(r"\b[a-z]\)|^(?:or|and)\b|\b[b-h]\b|\ba$")


@dataclass(frozen=True, kw_only=True)
class ChoiceQuestion(Question):
    """A closed question. Its key is the solution's own answer; no kernel of a student ever holds it."""

    options: tuple[str, ...]

    def collect(self, value: Any, seed: int) -> Evidence:
        """Describe the option chosen."""
        return Text(str(value)) if type(value) is bool else collect_text(value)

    def judge_unusable(self, evidence: Unusable) -> Judgement:
        """Say what form the answer takes."""
        return self._no_option(evidence.description)

    def judge_answer(self, evidence: Evidence, key: Evidence | None, seed: int | None) -> Judgement:
        """Record the option, or compare it with the key where the judge has it."""
        chosen = self._option(evidence)
        if chosen is None:
            if not isinstance(evidence, Text):
                return self._no_option("something else")
            return self._no_option(f"`{evidence.value[:60]}`") if plain(evidence.value) else self.judge_missing()
        if key is None:
            return Judgement(
                "recorded",
                0.0,
                f'Your answer "{chosen}" is recorded; whether it is right comes with the marks. '
                "You may change your mind until you hand in: run both cells again.",
            )
        if chosen == self._option(key):
            return Judgement.right(f'"{chosen}" is right.')
        return Judgement.found(Finding("other_option", f'"{chosen}" is not the best answer. {self.where}'))

    def _option(self, evidence: Evidence) -> str | None:
        if not isinstance(evidence, Text):
            return None
        text = plain(evidence.value)
        if text in self.options:
            return text
        if "yes" in self.options:
            return _YES_NO.get(text)
        named = _OPTION_AND_TEXT.fullmatch(text)
        return named[1] if named and named[1] in self.options and not _ANOTHER.search(named[2] or "") else None

    def _no_option(self, what: str) -> Judgement:
        *most, last = (f'`"{option}"`' for option in self.options)
        return Judgement.found(
            Finding(
                "no_option",
                f"`{self.key}` should be one of {', '.join(most)} or {last}, in quotation marks, but is {what}.",
            )
        )


@dataclass(frozen=True, kw_only=True)
class TextQuestion(Question):
    """A question answered by the name of the row that shows the variance of the intercepts.

    Attributes
    ----------
    accepted
        Pattern that the name matches in full, after `plain`, where its author has no fit to copy it from.
    praise
        What to say when it is right.
    fit
        The variable that holds the author's own fit. Where there is one with random intercepts, the row has to be
        called as its summary prints it.
    data
        Gives the data that the fit is described by.
    slips
        Known mistakes, by pattern.
    """

    accepted: str
    praise: str
    fit: str = ""
    data: Callable[[], pd.DataFrame] | None = None
    slips: Mapping[str, Mistake] = field(default_factory=dict)

    def describe(self, value: Any, seed: int, namespace: Mapping[str, Any] = NOTHING_BESIDE) -> Evidence:
        """Describe the name, and the summary that it is copied from."""
        evidence = super().describe(value, seed, namespace)
        if not isinstance(evidence, Text) or self.data is None:
            return evidence
        return msgspec.structs.replace(evidence, summaries=collect_summaries(namespace, (self.fit,), self.data))

    def collect(self, value: Any, seed: int) -> Evidence:
        """Describe the text."""
        return collect_text(value)

    def judge_unusable(self, evidence: Unusable) -> Judgement:
        """Say that a text is wanted."""
        return Judgement.found(
            Finding(
                "not_a_text",
                f"`{self.key}` should be a text in quotation marks, but holds {evidence.description}. {self.where}",
            )
        )

    def judge_answer(self, evidence: Evidence, key: Evidence | None, seed: int | None) -> Judgement:
        """Compare the name with that of the author's own row, then with known mistakes."""
        if not isinstance(evidence, Text):
            return self.wrong_type("something else")
        text = plain(evidence.value)
        if not text:
            return Judgement.missing(f"`{self.key}` is there, but its text is empty. {self.where}")
        own = next((row for summary in evidence.summaries if (row := variance_row(summary, "1"))), "")
        if re.fullmatch(typed(own) if own else self.accepted, text):
            return Judgement.right(self.praise)
        for pattern, mistake in self.slips.items():
            if re.fullmatch(pattern, text):
                return mistake.judgement()
        if own and re.search(r"var(iance)?\b", text):
            return Judgement.found(
                Finding(
                    "not_in_own_summary",
                    f"The summary of your own `{self.fit}` has no row with a variance of this name: what it is called "
                    "depends on how `groups=` is written. Copy the name from there, letter by letter.",
                )
            )
        return self.unrecognised()


@dataclass(frozen=True)
class Rows:
    """Names of rows, as patterns that match in full after `plain`.

    Attributes
    ----------
    wanted
        Each must match one of the names.
    renamed
        Rows that may be among them, as they only changed their name; empty if there is none.
    others
        Whole sets of names that show a mistake, such as all that were not asked for.
    """

    wanted: tuple[str, ...]
    renamed: str = ""
    others: tuple[tuple[frozenset[str], Mistake], ...] = ()


@dataclass(frozen=True, kw_only=True)
class NamesQuestion(Question):
    """A question answered by a set of names.

    Attributes
    ----------
    fits
        Variables that hold the models whose summaries the names are copied from.
    data
        Gives the data that the fits are described by.
    rows
        Returns the names asked for, given these summaries as far as they are there.
    praise
        What to say when it is right.
    incomplete
        Said when some of them are there and nothing else is; earns its share.
    slips
        Names that do not belong, by pattern.
    whole_numbers
        Whether the names are whole numbers, such as those of visits.
    """

    rows: Callable[[Sequence[Summary]], Rows]
    praise: str
    incomplete: Mistake
    fits: tuple[str, ...] = ()
    data: Callable[[], pd.DataFrame] | None = None
    slips: Mapping[str, Mistake] = field(default_factory=dict)
    whole_numbers: bool = False

    def describe(self, value: Any, seed: int, namespace: Mapping[str, Any] = NOTHING_BESIDE) -> Evidence:
        """Describe the names, and the summaries that they are copied from."""
        evidence = super().describe(value, seed, namespace)
        if not isinstance(evidence, Names) or self.data is None:
            return evidence
        return msgspec.structs.replace(evidence, summaries=collect_summaries(namespace, self.fits, self.data))

    def collect(self, value: Any, seed: int) -> Evidence:
        """Describe the names."""
        return collect_names(value, whole_numbers=self.whole_numbers)

    def judge_unusable(self, evidence: Unusable) -> Judgement:
        """Say that a collection of names is wanted."""
        if evidence.problem == "boolean":
            return Judgement.found(
                Finding(
                    "mask_instead_of_names",
                    f"`{self.key}` holds {evidence.description}. Such a mask says which are meant; the task asks for "
                    "their numbers. Use the mask to select the numbers, then store these.",
                )
            )
        form = "whole numbers, such as `{4, 5}`" if self.whole_numbers else "row names in quotation marks"
        return Judgement.found(
            Finding(
                "not_names",
                f"`{self.key}` should be a set or list of {form}, but holds {evidence.description}. {self.where}",
            )
        )

    def judge_answer(self, evidence: Evidence, key: Evidence | None, seed: int | None) -> Judgement:
        """Compare the names with the wanted ones, then look for those that do not belong."""
        if not isinstance(evidence, Names):
            return self.wrong_type("something else")
        rows = self.rows(evidence.summaries)
        names = [text for name in evidence.values if (text := plain(name))]
        if not names:
            return Judgement.missing(f"`{self.key}` is there, but no name is in it. {self.where}")
        matched = [any(re.fullmatch(pattern, name) for name in names) for pattern in rows.wanted]
        extra = [name for name in names if not any(re.fullmatch(pattern, name) for pattern in rows.wanted)]
        renamed = [name for name in extra if rows.renamed and re.fullmatch(rows.renamed, name)]
        if all(matched) and len(renamed) == len(extra):
            remark = " (One more row only has another name in your summary: what it shows is still there.)"
            return Judgement.right(self.praise + (remark if renamed else ""))
        for others, mistake in rows.others:
            if set(names) == others:
                return mistake.judgement()
        for pattern, mistake in self.slips.items():
            if any(re.fullmatch(pattern, name) for name in extra):
                return Judgement.found(Finding(mistake.name, mistake.text), mistake.share if any(matched) else 0.0)
        if any(matched) and not extra:
            return self.incomplete.judgement()
        return self.unrecognised()
