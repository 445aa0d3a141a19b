"""Evidence is strict: what is not exactly evidence is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oxboys_mlm.assessment.evidence import (
    MAX_BYTES,
    Call,
    Column,
    EvidenceError,
    Figure,
    Fit,
    Function,
    Helper,
    Line,
    Missing,
    Names,
    Number,
    Panel,
    RandomTerm,
    Record,
    Text,
    Unusable,
    decode,
    encode,
)

FIT = Fit(
    model="mixed",
    method="REML",
    outcome="height",
    fixed=(Column("Intercept", "1"), Column("age", "age")),
    estimates=(149.4, 6.5),
    random=(RandomTerm("1", "Subject", 65.3), RandomTerm("age", "Subject", None)),
    covariance=((65.3, None), (None, None)),
    residual_variance=None,
    log_likelihood=None,
    n=234,
)


def _document(**evidence: Any) -> str:
    return json.dumps({"question": "q", "evidence": evidence})


def _fit_document(**changes: Any) -> str:
    record = json.loads(encode(Record("q", FIT)))
    record["evidence"] |= changes
    return json.dumps(record)


@pytest.mark.parametrize(
    "evidence",
    [
        Missing(),
        Unusable("misbehaved", "ValueError: no"),
        Helper("icc"),
        Number(0.5, percent=True),
        Number(-1e300),
        Text("a `b` <c>"),
        Names(("x", "y")),
        Function(7, (Call(Number(0.1)), Call(Missing()), Call(Unusable("boolean"))), helper="icc"),
        FIT,
        Figure(
            (
                Panel(
                    (0.0,),
                    (1.0,),
                    (Line(0, 0, 1, 1, 0),),
                ),
            )
        ),
    ],
    ids=lambda evidence: type(evidence).__name__,
)
def test_round_trip(evidence: Any) -> None:
    """What was recorded is what is judged."""
    assert decode(encode(Record("q", evidence))) == Record("q", evidence)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "null",
        "[]",
        "{}",
        "0.7445",
        '{"question": "q"}',
        '{"evidence": {"kind": "missing"}}',
        '{"question": "q", "evidence": {}}',
        '{"question": "q", "evidence": null}',
        '{"question": "q", "evidence": {"kind": "missing"}} {}',
        '{"question": "q", "evidence": {"kind": "missing"}, "score": 2}',
        '{"question": 5, "evidence": {"kind": "missing"}}',
        '{"question": "q", "evidence": {"kind": "number", "value": NaN}}',
        '{"question": "q", "evidence": {"kind": "number", "value": Infinity}}',
        '{"question": "q", "evidence": {"kind": "number", "value": 1e999}}',
        '{"question": "q", "evidence": {"kind": "number", "value": 1e301}}',
        '{"question": "q", "evidence": {"kind": "number", "value": 0x10}}',
        _document(kind="verdict", score=2),
        _document(kind="Number", value=0.5),
        _document(value=0.5),
        _document(kind="missing", score=2),
        _document(kind="number", value="0.5"),
        _document(kind="number", value=True),
        _document(kind="number", value=None),
        _document(kind="number", value=[0.5]),
        _document(kind="number", value=0.5, percent=1),
        _document(kind="number"),
        _document(kind="text", value=1),
        _document(kind="text", value="x" * 2001),
        _document(kind="names", values="ab"),
        _document(kind="names", values=["x"] * 51),
        _document(kind="names", values=["x" * 201]),
        _document(kind="unusable", problem="bored"),
        _document(kind="function", seed=-1, calls=[]),
        _document(kind="function", seed=1.5, calls=[]),
        _document(kind="function", seed=2**53, calls=[]),
        _document(kind="function", seed=True, calls=[]),
        _document(kind="function", seed=1, calls=[{"value": {"kind": "missing"}}] * 17),
        _document(kind="function", seed=1, calls=[{"value": {"kind": "text", "value": "b"}}]),
        _fit_document(estimates=[1.0]),
        _fit_document(errors=[]),
        _fit_document(covariance=[[1.0]]) + "x",
        _fit_document(covariance=[[1.0], [1.0]]),
        _fit_document(covariance=[[1.0, 0, 0]] * 3),
        _fit_document(covariance=[["a"]]),
        _fit_document(n=-1),
        _fit_document(n=2.5),
        _fit_document(n=True),
        _fit_document(converged=True),
        _fit_document(model="bayes"),
        _fit_document(log_likelihood="inf"),
        _fit_document(random=[{"role": "1", "by": "Subject", "variance": 1, "more": 1}]),
        '{"question": "q", "evidence": ' + "[" * 20_000 + "]" * 20_000 + "}",
        '{"question": "q", "evidence": {"kind": "text", "value": "' + " " * MAX_BYTES + '"}}',
        b'{"question": "q", "evidence": {"kind": "text", "value": "\xff\xfe"}}',
        '{"question": "q", "evidence": {"kind": "text", "value": "\ud800"}}',
        '{"question": "q", "evidence": {"kind": "text", "value": "\\ud800"}}',
    ],
    ids=lambda document: repr(document)[:70],
)
def test_refused(document: bytes | str) -> None:
    """Anything but exactly a record raises one kind of error."""
    with pytest.raises(EvidenceError):
        decode(document)


def test_duplicate_fields_are_read_once() -> None:
    """A field given twice has one value, which is validated like any other."""
    twice = '{"question": "q", "evidence": {"kind": "number", "value": 0.1, "value": 0.2}}'

    assert decode(twice).evidence == Number(0.2)
    with pytest.raises(EvidenceError):
        decode(twice.replace("0.2", "true"))


@pytest.mark.parametrize(
    "evidence", [Text("\ud800"), Number(float("nan")), Number(float("inf")), Text("x" * 3000), Names(("x",) * 60)]
)
def test_what_cannot_be_decoded_is_not_encoded(evidence: Any) -> None:
    """Evidence that no judge could read is refused where it is made."""
    with pytest.raises(EvidenceError):
        encode(Record("q", evidence))
