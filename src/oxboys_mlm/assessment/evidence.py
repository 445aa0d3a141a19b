"""What an answer states, as small, strict JSON.

Evidence is data, never code: a judge in another process decodes it with `decode` and does not
have to trust its author. Every field is typed and bounded; unknown fields, NaN, infinities, booleans
in place of numbers and oversized documents are refused.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

#: The MIME type under which a check's output carries its record.
MIME_TYPE = "application/vnd.oxboys.evidence+json"

#: Environment variable in which a grader hands a kernel the seed of what functions are called with.
SEED_VARIABLE = "OXBOYS_PROBE_SEED"

#: A longer document than this is refused before it is parsed (bytes).
MAX_BYTES = 512 * 1024

MAX_PANELS = 64
MAX_POINTS = 8000  # 26 small panels, each with all points of a few hundred in grey, are 6084
MAX_LINES = 1000  # and 676 lines
MAX_CALLS = 16
MAX_COLUMNS = 40
MAX_TERMS = 8
MAX_ROWS = MAX_COLUMNS + MAX_TERMS * (MAX_TERMS + 1) // 2

Name = Annotated[str, msgspec.Meta(max_length=200)]
ShortText = Annotated[str, msgspec.Meta(max_length=2000)]
Real = Annotated[float, msgspec.Meta(ge=-1e300, le=1e300)]
Count = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
Seed = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]


class EvidenceError(ValueError):
    """A document that is not evidence, with what is wrong in it."""


class _Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """Common form of all evidence."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Common form of what evidence is made of."""


class Missing(_Evidence, frozen=True, tag="missing"):
    """No answer: the name is not defined, or still holds a placeholder."""


class Unusable(_Evidence, frozen=True, tag="unusable"):
    """Something that cannot be an answer to this kind of question.

    Attributes
    ----------
    problem
        What is in the way, from a closed list.
    description
        The object's type, or the error it raised; shown to its author, never interpreted.
    """

    problem: Literal[
        "wrong_type",  # not the kind of thing that was asked for
        "misbehaved",  # raised an error, or took too long, while it was looked at
        "not_finite",  # NaN or an infinity
        "decimal_comma",  # 0,74: to Python, two numbers
        "boolean",
        "unfitted_model",  # a model that was never fitted
        "summary",  # the printed table of a fit
        "other_arguments",  # a function that cannot be called with one argument
        "too_large",
    ]
    description: Name = ""


class Helper(_Evidence, frozen=True, tag="helper"):
    """One of the course's own helpers, handed in as if it were the student's work."""

    name: Name


class Number(_Evidence, frozen=True, tag="number"):
    """A finite number; `percent` says that it was written with a percent sign, `unit` with which unit."""

    value: Real
    percent: bool = False
    unit: Name = ""


class Column(_Part, frozen=True):
    """A column of a design matrix.

    Attributes
    ----------
    name
        What the model calls it.
    role
        What it holds, recognised by its values: "1" for a constant, the name of a data column, or
        such a name followed by " shifted" (it and a constant), " rescaled" (another linear function of it), " changed"
        (a column of this name with other values), " transformed" (made of it, by its name), " shuffled" (its values, in
        rows where they do not belong) or " indicator" (0 and 1 for one of its labels); empty if
        unknown.
    """

    name: Name
    role: Name


def base_column(role: str) -> str:
    """Return the column that a role is a linear function of.

    >>> base_column("dose shifted"), base_column("dose transformed")
    ('dose', 'dose transformed')
    """
    return role.removesuffix(" rescaled").removesuffix(" shifted")


class RandomTerm(_Part, frozen=True):
    """A random effect: what varies (`role`, as in `Column`), between whom (`by`), and how much.

    A variance that is not finite is left out as None.
    """

    role: Name
    by: Name
    variance: Real | None


class Fit(_Evidence, frozen=True, tag="fit"):
    """A fitted model.

    Attributes
    ----------
    model
        "mixed" for a linear mixed model, "ols" for a regression without random effects.
    method
        "REML" or "ML"; empty for OLS.
    outcome
        Role of the outcome, as in `Column`.
    fixed, estimates
        Fixed effects: columns and estimates (same length). An estimate that is not finite is left out as None.
    random
        The random effects.
    covariance
        Covariance matrix of the leading random terms that share a group, row by row.
    residual_variance
        Residual variance (statsmodels' ``scale``).
    log_likelihood
        None if it is not finite.
    n
        Number of observations.
    held_by
        What the fit came in, such as "a list"; empty for the fit itself.
    """

    model: Literal["mixed", "ols"]
    method: Literal["REML", "ML", ""]
    outcome: Name
    fixed: Annotated[tuple[Column, ...], msgspec.Meta(max_length=MAX_COLUMNS)]
    estimates: Annotated[tuple[Real | None, ...], msgspec.Meta(max_length=MAX_COLUMNS)]
    random: Annotated[tuple[RandomTerm, ...], msgspec.Meta(max_length=MAX_TERMS)]
    covariance: Annotated[
        tuple[Annotated[tuple[Real | None, ...], msgspec.Meta(max_length=MAX_TERMS)], ...],
        msgspec.Meta(max_length=MAX_TERMS),
    ]
    residual_variance: Real | None
    log_likelihood: Real | None
    n: Count
    held_by: Name = ""


class Summary(_Part, frozen=True):
    """A mixed model that stands in the notebook beside an answer, as its summary names its parts.

    Attributes
    ----------
    name
        The variable that holds it.
    fit
        The model.
    rows
        Names of the rows of the summary's lower table: fixed effects, then the covariance matrix row by row up to
        its diagonal, then variance components.
    """

    name: Name
    fit: Fit
    rows: Annotated[tuple[Name, ...], msgspec.Meta(max_length=MAX_ROWS)]


class Text(_Evidence, frozen=True, tag="text"):
    """A short text, and the summaries that it may be copied from."""

    value: ShortText
    summaries: Annotated[tuple[Summary, ...], msgspec.Meta(max_length=2)] = ()


class Names(_Evidence, frozen=True, tag="names"):
    """A set or list of short texts, in no particular order, and the summaries that they may be copied from."""

    values: Annotated[tuple[Name, ...], msgspec.Meta(max_length=50)]
    summaries: Annotated[tuple[Summary, ...], msgspec.Meta(max_length=2)] = ()


class Call(_Part, frozen=True):
    """What a function returned for one model.

    Attributes
    ----------
    value
        The number, or why there is none.
    held_by
        What the number came in, such as "a text"; empty for a plain number.
    """

    value: Number | Unusable | Missing
    held_by: Name = ""


class OwnCall(_Part, frozen=True):
    """What a function returned for the fit that its author has made, with each of the probes' further arguments."""

    summary: Summary
    calls: Annotated[tuple[Call, ...], msgspec.Meta(max_length=MAX_CALLS)]


class Function(_Evidence, frozen=True, tag="function"):
    """A function, described by what it returns for probes made from a seed.

    Attributes
    ----------
    seed
        The seed of the probes.
    calls
        One entry per probe, in the question's order.
    helper
        The course's helper that did the work inside, empty if none did.
    own
        What it returned for its author's own fit; None where there was none.
    """

    seed: Seed
    calls: Annotated[tuple[Call, ...], msgspec.Meta(max_length=MAX_CALLS)]
    helper: Name = ""
    own: OwnCall | None = None


class Line(_Part, frozen=True, omit_defaults=True):
    """A drawn line as far as it is seen: its ends from left to right, how far it strays from the straight line.

    `bend` is the largest vertical distance of a vertex from the chord, in units of y; `times` says how
    often the line was drawn.
    """

    x0: Real
    y0: Real
    x1: Real
    y1: Real
    bend: Real
    times: Count = 1


class Panel(_Part, frozen=True, omit_defaults=True):
    """One place in a figure: the points that are seen there, each once, and the lines.

    `hidden` counts points that were drawn, but outside the limits of the axes or under an area;
    `overlaid` says that lines stand on a second pair of axes, which lies on that of the points.
    """

    x: Annotated[tuple[Real, ...], msgspec.Meta(max_length=MAX_POINTS)]
    y: Annotated[tuple[Real, ...], msgspec.Meta(max_length=MAX_POINTS)]
    lines: Annotated[tuple[Line, ...], msgspec.Meta(max_length=MAX_LINES)]
    hidden: Count = 0
    overlaid: bool = False


class Figure(_Evidence, frozen=True, tag="figure", omit_defaults=True):
    """A figure, described by what it shows in data coordinates; `figures` counts those that were handed in."""

    panels: Annotated[tuple[Panel, ...], msgspec.Meta(max_length=MAX_PANELS)]
    figures: Count = 1


Evidence = Missing | Unusable | Helper | Number | Text | Names | Function | Fit | Figure


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a check's output carries: whose answer it is, and the evidence."""

    question: Name
    evidence: Evidence


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Record)


def encode(record: Record) -> bytes:
    """Return the JSON of a record.

    Raises
    ------
    EvidenceError
        If the record could not be decoded again: out of bounds, not finite, or too large.
    """
    try:
        document = _encoder.encode(record)
    except (TypeError, ValueError) as error:  # such as half a surrogate pair in a text
        raise EvidenceError(str(error)) from None
    decode(document)
    return document


def decode(document: bytes | str) -> Record:
    """Parse and validate the JSON of a record.

    Raises
    ------
    EvidenceError
        If the document is not strictly evidence.

    Examples
    --------
    >>> decode('{"question": "icc", "evidence": {"kind": "number", "value": 0.5}}').evidence
    Number(value=0.5, percent=False, unit='')
    >>> decode('{"question": "icc", "evidence": {"kind": "number", "value": true}}')
    Traceback (most recent call last):
    ...
    oxboys_mlm.assessment.evidence.EvidenceError: Expected `float`, got `bool` - at `$.evidence.value`
    """
    if len(document) > MAX_BYTES:
        raise EvidenceError(f"longer than {MAX_BYTES} bytes")
    try:
        record = _decoder.decode(document)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise EvidenceError(str(error)) from None
    _check_shapes(record.evidence)
    return record


def _check_shapes(evidence: Evidence) -> None:
    """Refuse matrices and columns whose lengths do not fit together."""
    match evidence:
        case Fit():
            _check_fit(evidence)
        case Text() | Names():
            for summary in evidence.summaries:
                _check_summary(summary)
        case Function(own=OwnCall(summary=summary)):
            _check_summary(summary)
        case Figure():
            for panel in evidence.panels:
                if len(panel.x) != len(panel.y):
                    raise EvidenceError("x and y of the points differ in length")
            if sum(len(panel.x) for panel in evidence.panels) > MAX_POINTS:
                raise EvidenceError("too many points")
            if sum(len(panel.lines) for panel in evidence.panels) > MAX_LINES:
                raise EvidenceError("too many lines")
        case _:
            pass


def _check_fit(fit: Fit) -> None:
    if len(fit.fixed) != len(fit.estimates):
        raise EvidenceError("fixed effects and estimates differ in length")
    size = len(fit.covariance)
    if size > len(fit.random) or any(len(row) != size for row in fit.covariance):
        raise EvidenceError("the covariance matrix does not fit the random terms")


def _check_summary(summary: Summary) -> None:
    _check_fit(summary.fit)
    size = len(summary.fit.covariance)
    if len(summary.rows) != len(summary.fit.fixed) + size * (size + 1) // 2 + len(summary.fit.random) - size:
        raise EvidenceError("the rows of a summary are not those of its fit")
