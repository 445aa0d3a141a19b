"""Texts: choices, names and sets of names, as they are typed."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from oxboys_mlm.assessment.collecting import describe
from oxboys_mlm.assessment.collecting.texts import collect_names, collect_text
from oxboys_mlm.assessment.evidence import Names, Number, Text, Unusable
from oxboys_mlm.assessment.question import Mistake
from oxboys_mlm.assessment.summaries import plain
from oxboys_mlm.assessment.texts import (
    ChoiceQuestion,
    NamesQuestion,
    Rows,
    TextQuestion,
)

CHOICE = ChoiceQuestion(key="c", title="", where="Look there.", options=("a", "b"))
NAME = TextQuestion(
    key="t",
    title="",
    where="Look there.",
    accepted="good",
    praise="Yes.",
    slips={"bad.*": Mistake("bad", "Bad.")},
)
NAMES = NamesQuestion(
    key="n",
    title="",
    where="Look there.",
    rows=lambda summaries: Rows(("x", "y")),
    praise="Yes.",
    incomplete=Mistake("half", "Half.", 0.5),
    slips={"z": Mistake("stays", "Stays."), "w": Mistake("minor", "Minor.", 0.5)},
)


class _Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "good"

    def __len__(self) -> int:
        return 1


def _type(value: object) -> str:
    """Name a value by its type: its own words may hold an address, and workers would not agree on the test's name."""
    return type(value).__name__


@pytest.mark.parametrize(
    "text", ["group var", " Group\tVar ", "'Group Var'", "“Group Var”", "(group var).", "GROUP  VAR!"]
)
def test_plain(text: str) -> None:
    """Case, space, quotation marks and punctuation around a name do not matter."""
    assert plain(text) == "group var"


@pytest.mark.parametrize(
    "value",
    ["b", ["b"], ("b",), {"b"}, np.array("b"), np.str_("b"), pd.Series(["b"]), pd.Index(["b"])],
    ids=_type,
)
def test_one_text(value: Any) -> None:
    """A text, or the only element of a collection, is a text."""
    assert collect_text(value) == Text("b")


@pytest.mark.parametrize(
    "value", [1, True, [], {"b": "c"}, ["a", "b"], b"b", [["b"]], itertools.count(), str, object()], ids=_type
)
def test_no_text(value: Any) -> None:
    """Anything else is refused."""
    assert isinstance(collect_text(value), Unusable)


def test_texts_that_lie() -> None:
    """A text is taken for what it holds, not for what its methods say."""
    assert collect_text(_Text("bad")) == Text("bad")
    assert collect_names([_Text("x" * 1000)]) == Unusable("too_large", "a very long text")


@pytest.mark.parametrize(
    "value",
    [
        ["x", "y"],
        {"y", "x"},
        {"x": 1, "y": 2}.keys(),
        {1: "x", 2: "y"}.values(),
        np.array([["y"], ["x"]]),
        pd.Series(["x", "y", "x"]),
        pd.Series(["x", "y"]).array,
        pd.Categorical(["x", "y"]),
        "x, y",
        "y and x",
        "x\ny;",
    ],
    ids=_type,
)
def test_names(value: Any) -> None:
    """Any collection of texts, or a text with commas, is a set of names."""
    names = collect_names(value)
    assert isinstance(names, Names)
    assert {plain(name) for name in names.values} == {"x", "y"}


@pytest.mark.parametrize("value", [1, None, [1], ["x", None], iter("xy"), itertools.repeat("x"), ["x"] * 60], ids=_type)
def test_no_names(value: Any) -> None:
    """Iterators are not run, and what is not all texts is refused."""
    assert isinstance(collect_names(value), Unusable)


def test_choice_without_key() -> None:
    """Without a key a choice is recorded, and nothing is said on whether it is right."""
    judgement = CHOICE.judge(Text("B)"))

    assert (judgement.status, judgement.share, judgement.findings) == ("recorded", 0.0, ())
    assert CHOICE.judge(Text("B)")).feedback.replace('"b"', "") == CHOICE.judge(Text("a")).feedback.replace('"a"', "")


def test_choice_with_key() -> None:
    """With the key it is right or another option; what is no option is told the options."""
    assert CHOICE.judge(Text("B"), Text("b")).share == 1.0
    assert CHOICE.judge(Text("a"), Text("b")).findings[0].name == "other_option"
    assert CHOICE.judge(Text("yes"), Text("b")).findings[0].name == "no_option"
    assert CHOICE.judge(Number(1), Text("b")).findings[0].name == "no_option"
    assert CHOICE.judge(Text(" "), Text("b")).status == "missing"
    assert CHOICE.judge(Text("a"), Number(1)).share == 0.0


def test_name() -> None:
    """An accepted name is right in full only; a known mistake is named."""
    assert NAME.judge(Text("Good.")).share == 1.0
    assert NAME.judge(Text("goodness")).findings == ()
    assert NAME.judge(Text("bad one")).findings[0].name == "bad"
    assert NAME.judge(Text("''")).status == "missing"
    assert NAME.judge(Unusable("wrong_type", "a number")).findings[0].name == "not_a_text"


@pytest.mark.parametrize(
    ("names", "share", "finding"),
    [
        ("xy", 1.0, None),
        ("x", 0.5, "half"),
        ("xyz", 0.0, "stays"),
        ("z", 0.0, "stays"),
        ("xw", 0.5, "minor"),
        ("w", 0.0, "minor"),
        ("xyq", 0.0, None),
        ("q", 0.0, None),
    ],
)
def test_set_of_names(names: str, share: float, finding: str | None) -> None:
    """All names and no other are right; some of them are half; one that does not belong is named."""
    judgement = NAMES.judge(Names(tuple(names)))

    assert (judgement.share, next((f.name for f in judgement.findings), None)) == (share, finding)


def test_no_names_at_all() -> None:
    """An empty set is no answer yet."""
    assert NAMES.judge(Names(())).status == "missing"
    assert NAMES.judge(Names((" ", "..."))).status == "missing"


VISITS = NamesQuestion(
    key="v",
    title="",
    where="Look there.",
    rows=lambda summaries: Rows(("1", "8"), others=((frozenset({"2", "3"}), Mistake("complement", "The rest.")),)),
    praise="Yes.",
    incomplete=Mistake("half", "Half.", 0.5),
    slips={"0": Mistake("positions", "Positions."), "2": Mistake("minor", "Minor.", 0.5)},
    whole_numbers=True,
)
MEANS = pd.Series([0.3, -0.2, 0.5], index=[1, 2, 8])


@pytest.mark.parametrize(
    "value",
    [
        {1, 8},
        [8, 1, 1],
        (1.0, 8.0),
        np.array([1, 8]),
        np.array([[1.0], [8.0]]),
        {np.int64(1), np.float32(8)},
        "1, 8",
        "{1; 8}",
        "1 and 8",
        "1 8",
        ["1", "8"],
        {"1", 8},
        {1: 0.3, 8: 0.5},
        range(1, 9, 7),
        pd.Index([1, 8]),
        pd.Series([1, 8]),
        pd.Series(["1", "8"]),
        pd.Series([1, 8], index=[0, 2]),
        pd.DataFrame({"Occasion": [1, 8]}, index=[0, 2]),
        MEANS[MEANS > 0],
        MEANS[MEANS > 0].to_frame(),
        MEANS.index[MEANS > 0],
        np.where(np.isin(np.arange(9), [1, 8])),
    ],
    ids=_type,
)
def test_whole_numbers(value: Any) -> None:
    """Numbers of visits are names, however they are collected."""
    assert collect_names(value, whole_numbers=True) == Names(("1", "8"))
    assert VISITS.judge(describe(VISITS, value)).share == 1.0


@pytest.mark.parametrize(
    ("value", "share", "finding"),
    [
        (1, 0.5, "half"),
        ({2, 3}, 0.0, "complement"),
        ({1, 2, 8}, 0.5, "minor"),
        (np.array([0, 7]), 0.0, "positions"),
        (MEANS > 0, 0.0, "mask_instead_of_names"),
        ((MEANS > 0).to_numpy(), 0.0, "mask_instead_of_names"),
        ((MEANS > 0).tolist() * 40, 0.0, "mask_instead_of_names"),
        ((MEANS > 0).to_dict(), 0.0, "mask_instead_of_names"),
        ({True, 8}, 0.0, "not_names"),
        ([1.5, 8], 0.0, "not_names"),
        ([1, float("nan")], 0.0, "not_names"),
        ("1-8", 0.0, "not_names"),
        ("the first", 0.0, "not_names"),
        ([-1, 8], 0.0, "not_names"),
        (len, 0.0, "not_names"),
        ([], 0.0, None),
    ],
    ids=str,
)
def test_other_numbers(value: Any, share: float, finding: str | None) -> None:
    """A mask, positions, and what is no number are told apart."""
    judgement = VISITS.judge(describe(VISITS, value))
    assert (judgement.share, next((found.name for found in judgement.findings), None)) == (share, finding)
