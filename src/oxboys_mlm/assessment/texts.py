"""Answers in words: a choice, a name, a set of names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from oxboys_mlm.assessment.evidence import Evidence, Names, Summary, Text, Unusable
from oxboys_mlm.assessment.question import Mistake, Question
from oxboys_mlm.assessment.summaries import plain, typed, variance_row
from oxboys_mlm.assessment.verdict import Finding, Judgement

if TYPE_CHECKING:
    import pandas as pd

#: What else says yes or no.
_YES_NO = {"true": "yes", "y": "yes", "ja": "yes", "false": "no", "n": "no", "nein": "no"}

#: "option b", or the letter with the option's own words behind it, as it is copied from the task.
_OPTION_AND_TEXT = re.compile(r"(?:(?:option|answer|choice|statement) )?\(?([a-z])(?:[).:] ?(.{10,}))?", re.DOTALL)
#: A second option named behind the first. "a" is a word, too: it counts with a bracket or at the end alone.
_ANOTHER = re.compile(r"\b[a-z]\)|^(?:or|and)\b|\b[b-h]\b|\ba$")


@dataclass(frozen=True, kw_only=True)
class ChoiceQuestion(Question):
    """A closed question. Its key is the solution's own answer; no kernel of a student ever holds it."""

    answer: ClassVar = Text

    options: tuple[str, ...]

    def judge(self, evidence: Evidence, key: Evidence | None = None, seed: int | None = None) -> Judgement:
        """Record the option, or compare it with the key where the judge has it."""
        recorded = super().judge(evidence)
        if recorded.status != "recorded" or key is None:
            return recorded
        chosen = self._option(evidence)
        if chosen == self._option(key):
            return Judgement.right(f'"{chosen}" is right.')
        return Judgement.found(Finding("other_option", f'"{chosen}" is not the best answer. {self.where}'))

    def judge_unusable(self, evidence: Unusable) -> Judgement:
        """Say what form the answer takes."""
        return self._no_option(evidence.description)

    def judge_answer(self, evidence: Text) -> Judgement:
        """Record the option."""
        chosen = self._option(evidence)
        if chosen is None:
            return self._no_option(f"`{evidence.value[:60]}`") if plain(evidence.value) else self.judge_missing()
        return Judgement(
            "recorded",
            0.0,
            f'Your answer "{chosen}" is recorded; you will see with your marks whether it is right. '
            "You may change your mind until you hand in: run both cells again.",
        )

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
        Returns the data that the fit is described by.
    slips
        Known mistakes, by pattern.
    """

    answer: ClassVar = Text

    accepted: str
    praise: str
    fit: str = ""
    data: Callable[[], pd.DataFrame] | None = None
    slips: Mapping[str, Mistake] = field(default_factory=dict)

    def judge_unusable(self, evidence: Unusable) -> Judgement:
        """Say that a text is wanted."""
        return Judgement.found(
            Finding(
                "not_a_text",
                f"`{self.key}` should be a text in quotation marks, but holds {evidence.description}. {self.where}",
            )
        )

    def judge_answer(self, evidence: Text) -> Judgement:
        """Compare the name with that of the author's own row, then with known mistakes."""
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
        Returns the data that the fits are described by.
    rows
        Returns the names asked for, given these summaries as far as they are there.
    praise
        What to say when it is right.
    incomplete
        Said when some of them are there and nothing else is; earns its share where it is half of them or more.
    slips
        Names that do not belong, by pattern.
    whole_numbers
        Whether the names are whole numbers, such as those of visits.
    """

    answer: ClassVar = Names

    rows: Callable[[Sequence[Summary]], Rows]
    praise: str
    incomplete: Mistake
    fits: tuple[str, ...] = ()
    data: Callable[[], pd.DataFrame] | None = None
    slips: Mapping[str, Mistake] = field(default_factory=dict)
    whole_numbers: bool = False

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

    def judge_answer(self, evidence: Names) -> Judgement:
        """Compare the names with the wanted ones, then look for those that do not belong."""
        rows = self.rows(evidence.summaries)
        names = [text for name in evidence.values if (text := plain(name))]
        if not names:
            return Judgement.missing(f"`{self.key}` is there, but it is empty. {self.where}")
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
            share = self.incomplete.share if 2 * sum(matched) >= len(matched) else 0.0
            return Judgement.found(Finding(self.incomplete.name, self.incomplete.text), share)
        return self.unrecognised()
