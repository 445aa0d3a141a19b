"""What the marks of a class say about the class and about the questions: numbers only."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import correlation, fmean, median, pstdev

from oxboys_mlm.grading.records.scores import Score

#: Bars of the distribution of totals.
BINS = 10

#: Name of mistakes that the judge did not recognise.
UNRECOGNISED = "(not recognised)"

# With fewer students, a share or a correlation means nothing.
_FEWEST_ANSWERS = 3
_FEWEST_FOR_CORRELATION = 3
_FEWEST_FOR_NEGATIVE = 5
# Points are rounded to four decimals, so nothing smaller is a difference.
_TINY = 1e-6


@dataclass(frozen=True)
class Asked:
    """A question as the assignment asks it.

    Attributes
    ----------
    notebook
        Name of its notebook.
    question
        Its key.
    points
        What it gives at most.
    """

    notebook: str
    question: str
    points: float


@dataclass(frozen=True)
class StudentFigures:
    """What one student earned.

    Attributes
    ----------
    name
        nbgrader's id of the student.
    score, max_score
        Points that checks gave, and could have given.
    right, missing, failed
        Number of questions with full points, without an answer, and stopped by an error or a limit or unreadable.
    reasons
        Why notebooks of theirs were set aside or ended early.
    """

    name: str
    score: float
    max_score: float
    right: int
    missing: int
    failed: int
    reasons: tuple[str, ...]

    @property
    def share(self) -> float:
        """Share of the points; 0 where there are none to earn."""
        return self.score / self.max_score if self.max_score > 0 else 0.0


@dataclass(frozen=True)
class QuestionFigures:
    """How a class did on one question.

    Attributes
    ----------
    notebook, question, points
        Which, and what it gives at most.
    students
        Number of students it was asked.
    difficulty
        Mean share of the points, from 0 (nobody has any) to 1 (all have all); None if nobody was asked.
    discrimination
        Correlation of its points with the points on all other questions (item-rest correlation);
        None if one of them does not vary, or with fewer than three students.
    right, partly
        Number of students with full points, and with some of them.
    outcomes
        Number of students by outcome.
    suspicions
        Why it looks faulty, in sentences; empty if it does not.
    """

    notebook: str
    question: str
    points: float
    students: int
    difficulty: float | None
    discrimination: float | None
    right: int
    partly: int
    outcomes: dict[str, int]
    suspicions: tuple[str, ...]

    @property
    def wrong(self) -> int:
        """Number of students whose answer was judged and earned nothing."""
        return self.outcomes.get("scored", 0) - self.right - self.partly

    def share(self, outcome: str) -> float | None:
        """Share of the students with an outcome; None if nobody was asked."""
        return self.outcomes.get(outcome, 0) / self.students if self.students else None


@dataclass(frozen=True)
class MistakeFigures:
    """A mistake that students made in one question.

    Attributes
    ----------
    notebook, question
        Where.
    name
        The finding's name, or `UNRECOGNISED`.
    students
        Number of students who made it.
    share
        Their share of the students who gave an answer.
    feedback
        What they were told, most frequent first, with the number of students who read it.
    """

    notebook: str
    question: str
    name: str
    students: int
    share: float
    feedback: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Figures:
    """All figures of a graded class.

    Attributes
    ----------
    students
        By name.
    questions
        In the order they are asked.
    mistakes
        Most frequent first.
    max_score
        Points that checks can give.
    mean, median, deviation
        Of the students' points; None without students. The standard deviation is that of this class
        (divided by their number), not an estimate for others.
    distribution
        Number of students per tenth of the points; full points count to the last.
    """

    students: tuple[StudentFigures, ...]
    questions: tuple[QuestionFigures, ...]
    mistakes: tuple[MistakeFigures, ...]
    max_score: float
    mean: float | None
    median: float | None
    deviation: float | None
    distribution: tuple[int, ...]

    @property
    def suspicious(self) -> tuple[QuestionFigures, ...]:
        """Questions that look faulty, those with most reasons first."""
        return tuple(sorted((q for q in self.questions if q.suspicions), key=lambda q: -len(q.suspicions)))


def analyse(table: Iterable[Score], asked: Sequence[Asked] = ()) -> Figures:
    """Compute the figures of a class.

    Parameters
    ----------
    table
        Rows of the table of scores, one per student and question.
    asked
        The assignment's questions in order; questions of the table that are not among them come last.

    Returns
    -------
    Figures
        Every number is finite, or None where it is not defined.

    Examples
    --------
    >>> figures = analyse([Score("ada", "n", "q", 2, 2, "scored"), Score("bela", "n", "q", 1, 2, "scored")])
    >>> figures.mean, figures.questions[0].difficulty, figures.questions[0].discrimination
    (1.5, 0.75, None)
    """
    by_student: dict[str, list[Score]] = {}
    by_question: dict[tuple[str, str], list[Score]] = {(item.notebook, item.question): [] for item in asked}
    for answer in table:
        by_student.setdefault(answer.student, []).append(answer)
        by_question.setdefault((answer.notebook, answer.question), []).append(answer)
    students = tuple(_student(name, by_student[name]) for name in sorted(by_student))
    known = {student.name: student for student in students}
    points = {(item.notebook, item.question): item.points for item in asked}
    mistakes = {key: _mistakes(given) for key, given in by_question.items()}
    questions = tuple(
        _question(key, points.get(key, max((a.max_score for a in given), default=0.0)), given, known, mistakes[key])
        for key, given in by_question.items()
    )
    totals = [student.score for student in students]
    return Figures(
        students=students,
        questions=questions,
        # Sorting keeps the order of the questions among equals.
        mistakes=tuple(sorted((m for found in mistakes.values() for m in found), key=lambda m: -m.students)),
        max_score=max((s.max_score for s in students), default=sum(item.points for item in asked)),
        mean=fmean(totals) if totals else None,
        median=median(totals) if totals else None,
        deviation=pstdev(totals) if totals else None,
        distribution=distribution([student.share for student in students]),
    )


def distribution(shares: Iterable[float]) -> tuple[int, ...]:
    """Count shares per tenth.

    >>> distribution([0, 0.05, 0.1, 0.3, 0.999, 1])
    (2, 1, 0, 1, 0, 0, 0, 0, 0, 2)
    """
    # A share of 0.3 may be a little less than 0.3.
    found = Counter(min(int(share * BINS + _TINY), BINS - 1) for share in shares)
    return tuple(found[place] for place in range(BINS))


def item_rest_correlation(items: Sequence[float], rests: Sequence[float]) -> float | None:
    """Correlate the points on one question with those on all others.

    The question itself is left out of the total ("corrected"): in it, it would correlate with itself.

    Parameters
    ----------
    items, rests
        One number per student each.

    Returns
    -------
    float or None
        Pearson's correlation; None with fewer than three students, or if all have the same.

    Examples
    --------
    >>> item_rest_correlation([0, 1, 1], [1, 2, 3])
    0.866...
    >>> item_rest_correlation([1, 1, 1], [1, 2, 3]) is None
    True
    """
    if len(items) < _FEWEST_FOR_CORRELATION or any(max(x) - min(x) < _TINY for x in (items, rests)):
        return None
    return min(1.0, max(-1.0, correlation(items, rests)))


def _student(name: str, answers: Sequence[Score]) -> StudentFigures:
    return StudentFigures(
        name,
        # Of floats such as 0.1 the plain sum would be shown with all their dust.
        round(math.fsum(a.score for a in answers), 4),
        round(math.fsum(a.max_score for a in answers), 4),
        right=sum(a.right for a in answers),
        missing=sum(a.outcome == "missing" for a in answers),
        failed=sum(a.outcome not in ("scored", "missing") for a in answers),
        reasons=tuple(
            dict.fromkeys(
                f"{a.notebook}: {a.feedback}" for a in answers if a.outcome in ("unreadable", "timeout", "killed")
            )
        ),
    )


def _question(
    key: tuple[str, str],
    points: float,
    answers: Sequence[Score],
    students: dict[str, StudentFigures],
    mistakes: Sequence[MistakeFigures],
) -> QuestionFigures:
    shares, rests = [], []
    for answer in answers:
        student = students[answer.student]
        rest = student.max_score - answer.max_score
        if answer.share is not None:
            shares.append(answer.share)
            # A share, as not all students need have been asked the same.
            rests.append((student.score - answer.score) / rest if rest > _TINY else 0.0)
    discrimination = item_rest_correlation(shares, rests)
    others = any(student.max_score > 0 and student.score > _TINY for student in students.values())
    return QuestionFigures(
        *key,
        points=points,
        students=len(answers),
        difficulty=fmean(shares) if shares else None,
        discrimination=discrimination,
        right=sum(a.right for a in answers),
        partly=sum(a.partly for a in answers),
        outcomes=dict(Counter(a.outcome for a in answers)),
        suspicions=tuple(_suspicions(answers, discrimination, mistakes, others_answered=others)),
    )


def _suspicions(
    answers: Sequence[Score], discrimination: float | None, mistakes: Sequence[MistakeFigures], *, others_answered: bool
) -> Iterable[str]:
    students, tried = len(answers), [a for a in answers if a.tried]
    if discrimination is not None and discrimination < -_TINY and students >= _FEWEST_FOR_NEGATIVE:
        # About the standard error of a correlation of zero.
        chance = discrimination > -2 / math.sqrt(students)
        yield (
            f"Negative discrimination ({discrimination:.2f}".replace("-", "−")
            + "): students who do well elsewhere do worse here. Is the key right, is the question clear?"
            + (f" With {students} students this may still be chance." if chance else "")
        )
    if len(tried) >= _FEWEST_ANSWERS:
        if not any(a.right for a in tried):
            yield f"Nobody is right: {len(tried)} students answered, and none has full points."
        failed = sum(a.outcome != "scored" for a in tried)
        if failed > len(tried) / 2:
            yield f"Most answers did not finish: {failed} of {len(tried)} stopped with an error or at a limit."
        for mistake in mistakes:
            if mistake.name != UNRECOGNISED and mistake.students > len(tried) / 2:
                yield (
                    f"Most made the same mistake: {mistake.students} of {len(tried)} answers show "
                    f"`{mistake.name}`. Was this taught, is the question clear, is the check right?"
                )
    elif students >= _FEWEST_ANSWERS and not tried and others_answered:
        yield f"Nobody answered: none of {students} students, though other questions were answered."


def _mistakes(answers: Sequence[Score]) -> list[MistakeFigures]:
    """List the mistakes made in one question."""
    tried = sum(a.tried for a in answers)
    told: dict[str, Counter[str]] = {}
    for answer in answers:
        unnamed = (UNRECOGNISED,) if answer.outcome == "scored" and not answer.right else ()
        # A name that stands there twice is still one student.
        for name in dict.fromkeys(answer.findings or unnamed):
            told.setdefault(name, Counter())[answer.feedback] += 1
    return [
        MistakeFigures(
            answers[0].notebook,
            answers[0].question,
            name,
            students=texts.total(),
            # Findings are of answers that were judged; more of them than answers there cannot be.
            share=texts.total() / tried if tried else 0.0,
            feedback=tuple(texts.most_common()),
        )
        for name, texts in told.items()
    ]
