"""The figures of a class are those that one computes by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pytest

from oxboys_mlm.grading.records.scores import Score
from oxboys_mlm.grading.report.figures import (
    UNRECOGNISED,
    Asked,
    Figures,
    QuestionFigures,
    analyse,
    item_rest_correlation,
)

ASKED = (Asked("n", "q1", 2), Asked("n", "q2", 1), Asked("n", "q3", 1))


def _row(
    student: str,
    question: str,
    score: float,
    of: float = 1,
    *,
    outcome: str = "scored",
    findings: str = "",
    feedback: str = "…",
) -> Score:
    names = tuple(name for name in findings.split(";") if name)
    return Score(student, "n", question, score, of, outcome, names, feedback)  # type: ignore[arg-type]


def _table(scores: Mapping[str, Sequence[float]]) -> list[Score]:
    """Make a table from each student's points on q1 (of 2), q2 and q3 (of 1)."""
    return [
        _row(student, item.question, score, item.points)
        for student, given in scores.items()
        for item, score in zip(ASKED, given, strict=True)
    ]


def _by_key(figures: Figures) -> dict[str, QuestionFigures]:
    return {question.question: question for question in figures.questions}


@pytest.fixture
def four() -> Figures:
    """Four students; the figures below were computed by hand."""
    return analyse(_table({"ada": (2, 1, 1), "bela": (1, 1, 0), "carl": (0, 0, 1), "dora": (0, 1, 0)}), ASKED)


def test_totals(four: Figures) -> None:
    """Totals 4, 2, 1, 1 of 4: mean 2, median 1.5, variance 6/4; one in the last tenth."""
    assert [student.score for student in four.students] == [4, 2, 1, 1]
    assert four.max_score == 4
    assert (four.mean, four.median) == (2, 1.5)
    assert four.deviation == pytest.approx(math.sqrt(1.5))
    assert four.distribution == (0, 0, 2, 0, 0, 1, 0, 0, 0, 1)


def test_difficulty(four: Figures) -> None:
    """Difficulty is the mean share of the points: of q1 (1 + ½ + 0 + 0)/4."""
    assert {key: question.difficulty for key, question in _by_key(four).items()} == {"q1": 0.375, "q2": 0.75, "q3": 0.5}


def test_discrimination(four: Figures) -> None:
    """Discrimination correlates a question with the rest of the points, without itself."""
    found = {key: question.discrimination for key, question in _by_key(four).items()}

    assert found["q1"] == pytest.approx(0.3125 / math.sqrt(0.6875 * 0.1875))
    assert found["q2"] == pytest.approx(0.25 / math.sqrt(0.75 * 4.75))
    assert found["q3"] == pytest.approx(0, abs=1e-12)


def test_right_partly_wrong(four: Figures) -> None:
    """Answers are counted as right, partly right and wrong."""
    question = _by_key(four)["q1"]
    assert (question.right, question.partly, question.wrong) == (1, 1, 2)


def test_perfectly_opposed() -> None:
    """A correlation is never beyond ±1, whatever floats do."""
    assert item_rest_correlation([0.1, 0.2, 0.3], [0.3, 0.2, 0.1]) == pytest.approx(-1)
    assert abs(item_rest_correlation([0.1, 0.2, 0.3], [0.1, 0.2, 0.3]) or 0) <= 1


@pytest.mark.parametrize("students", [0, 1, 2])
def test_small_classes(students: int) -> None:
    """With too few students what cannot be said is None; nothing is suspected."""
    figures = analyse(_table({f"s{i}": (0, i, 0) for i in range(students)}), ASKED)

    assert len(figures.students) == students
    assert [question.question for question in figures.questions] == ["q1", "q2", "q3"]
    assert all(question.discrimination is None for question in figures.questions)
    assert all((question.difficulty is None) == (students == 0) for question in figures.questions)
    assert (figures.mean is None) == (students == 0)
    assert figures.max_score == 4
    assert figures.suspicious == ()


def test_nobody_finished() -> None:
    """If all answers of all students are missing, no single question is to blame."""
    rows = [_row(s, item.question, 0, item.points, outcome="missing") for s in "abcde" for item in ASKED]
    figures = analyse(rows, ASKED)

    assert (figures.mean, figures.distribution[0]) == (0, 5)
    assert [question.share("missing") for question in figures.questions] == [1, 1, 1]
    assert figures.suspicious == ()
    assert figures.mistakes == ()


@pytest.mark.parametrize("students", [40, 400])
def test_large_classes(students: int) -> None:
    """Half of a large class has everything, half has nothing: all questions separate them perfectly."""
    figures = analyse(_table({f"s{i:03}": (2, 1, 1) if i % 2 else (0, 0, 0) for i in range(students)}), ASKED)

    assert [question.discrimination for question in figures.questions] == pytest.approx([1, 1, 1])
    assert (figures.distribution[0], figures.distribution[-1]) == (students / 2, students / 2)


def test_outcomes() -> None:
    """Shares of outcomes are of all students."""
    outcomes = ["scored", "missing", "error", "timeout", "killed", "unreadable", "error", "scored"]
    rows = [_row(f"s{i}", "q2", outcome == "scored", outcome=outcome) for i, outcome in enumerate(outcomes)]
    (question,) = analyse(rows).questions

    assert {name: question.share(name) for name in set(outcomes)} == {
        "scored": 0.25,
        "missing": 0.125,
        "error": 0.25,
        "timeout": 0.125,
        "killed": 0.125,
        "unreadable": 0.125,
    }


def test_student() -> None:
    """A student's missing and failed answers are counted; sums of decimals have no dust."""
    rows = [
        _row("ada", "q1", 0.1),
        _row("ada", "q2", 0.2),
        _row("ada", "q3", 0, outcome="missing"),
        _row("ada", "q4", 0, outcome="timeout"),
    ]
    (student,) = analyse(rows).students

    assert (student.score, student.max_score, student.missing, student.failed) == (0.3, 4, 1, 1)


def test_question_without_points() -> None:
    """A question that gives no points has no difficulty, and does not disturb the others."""
    rows = [_row(s, "q0", 0, 0) for s in "abc"] + [_row(s, "q1", i, 2) for i, s in enumerate("abc")]
    figures = analyse(rows)

    assert [question.difficulty for question in figures.questions] == [None, 0.5]
    assert [question.discrimination for question in figures.questions] == [None, None]


def test_order() -> None:
    """Questions come as the assignment asks them; ones that it no longer asks come last."""
    figures = analyse([_row("ada", "old", 1), _row("ada", "q2", 1)], ASKED)
    assert [question.question for question in figures.questions] == ["q1", "q2", "q3", "old"]


# ---- suspicions -----------------------------------------------------------------------------------


def _opposed(students: int) -> list[Score]:
    """Make a class where those who are right on q2 and q3 are wrong on q1."""
    return _table({f"s{i:02}": (0, 1, 1) if i % 2 else (2, 0, 0) for i in range(students)})


def test_negative_discrimination() -> None:
    """A question that the better students get wrong looks faulty, and its number is told."""
    question = _by_key(analyse(_opposed(20), ASKED))["q1"]

    assert question.discrimination == pytest.approx(-1)
    (reason,) = question.suspicions
    assert reason.startswith("Negative discrimination (−1.00)")
    assert "chance" not in reason


def test_weak_negative_discrimination() -> None:
    """A little below zero in a small class may be chance, and is said to be."""
    scores = {"a": (2, 0, 0), "b": (0, 1, 0), "c": (2, 1, 0), "d": (0, 0, 1), "e": (0, 0, 0), "f": (2, 0, 0)}
    question = _by_key(analyse(_table(scores), ASKED))["q1"]

    assert question.discrimination is not None
    assert -0.5 < question.discrimination < 0
    assert "chance" in question.suspicions[0]


def test_negative_in_a_tiny_class() -> None:
    """Of four students nothing is concluded from a correlation."""
    assert all("Negative" not in reason for q in analyse(_opposed(4), ASKED).questions for reason in q.suspicions)


@pytest.mark.parametrize(("answers", "suspected"), [(2, False), (3, True)])
def test_nobody_right(answers: int, suspected: bool) -> None:
    """That nobody is right counts from three answers on; half points are not right; missing is no answer."""
    rows = [_row(f"s{i}", "q2", 0.5) for i in range(answers)]
    rows += [_row(f"m{i}", "q2", 0, outcome="missing") for i in range(9)]
    (question,) = analyse(rows).questions

    assert any("Nobody is right" in reason for reason in question.suspicions) == suspected


def test_one_right() -> None:
    """One right answer clears a question of that."""
    (question,) = analyse([_row(f"s{i}", "q2", i == 0) for i in range(9)]).questions
    assert question.suspicions == ()


@pytest.mark.parametrize(("with_finding", "suspected"), [(5, False), (6, True)])
def test_shared_finding(with_finding: int, suspected: bool) -> None:
    """A mistake that more than half of those who answered made is suspicious; half is not."""
    rows = [_row(f"s{i}", "q2", i >= with_finding, findings="same" * (i < with_finding)) for i in range(10)]
    rows += [_row(f"m{i}", "q2", 0, outcome="missing") for i in range(5)]
    (question,) = analyse(rows).questions

    assert any("`same`" in reason for reason in question.suspicions) == suspected


def test_wrong_in_many_ways() -> None:
    """Wrong answers without a name are no shared mistake."""
    (question,) = analyse([_row(f"s{i}", "q2", i == 0) for i in range(9)]).questions
    assert not any(UNRECOGNISED in reason for reason in question.suspicions)


def test_most_failed() -> None:
    """A question whose answers mostly stop with an error or at a limit is suspicious."""
    rows = [_row("a", "q2", 1), _row("b", "q2", 0, outcome="error"), _row("c", "q2", 0, outcome="timeout")]
    (question,) = analyse(rows).questions
    assert "2 of 3" in question.suspicions[0]


def test_nobody_answered() -> None:
    """A question that all leave out, while they answer others, is suspicious."""
    rows = [row for s in "abc" for row in (_row(s, "q1", 1), _row(s, "q2", 0, outcome="missing"))]
    found = _by_key(analyse(rows))

    assert "Nobody answered" in found["q2"].suspicions[0]
    assert found["q1"].suspicions == ()


def test_worst_first() -> None:
    """Of the questions that look faulty those with most reasons come first."""
    rows = [_row(s, "q1", 0) for s in "abc"] + [_row(s, "q2", 0, findings="same") for s in "abc"]
    assert [question.question for question in analyse(rows).suspicious] == ["q2", "q1"]


# ---- mistakes -------------------------------------------------------------------------------------


def test_mistakes() -> None:
    """Mistakes are counted by question and name, most frequent first, with what students were told."""
    rows = [
        _row("a", "q1", 0, findings="swapped;rounded", feedback="Swapped 1."),
        _row("b", "q1", 0, findings="swapped", feedback="Swapped 2."),
        _row("c", "q1", 0, findings="swapped;swapped", feedback="Swapped 2."),
        _row("d", "q1", 1),
        _row("e", "q1", 0, outcome="missing", feedback="No answer yet."),
        _row("a", "q2", 0, findings="swapped", feedback="Other."),
    ]
    first, *others = analyse(rows).mistakes

    assert (first.question, first.name, first.students, first.share) == ("q1", "swapped", 3, 0.75)
    assert first.feedback == (("Swapped 2.", 2), ("Swapped 1.", 1))
    assert [(m.question, m.name, m.students) for m in others] == [("q1", "rounded", 1), ("q2", "swapped", 1)]


def test_mistakes_without_a_name() -> None:
    """What was wrong without a name is listed too; errors and missing answers are no mistakes."""
    rows = [
        _row("a", "q1", 0, feedback="Not that."),
        _row("b", "q1", 0, outcome="error", feedback="Your code stopped."),
        _row("c", "q1", 0, outcome="missing", feedback="No answer yet."),
    ]
    (mistake,) = analyse(rows).mistakes

    assert (mistake.name, mistake.students, mistake.share) == (UNRECOGNISED, 1, 0.5)
