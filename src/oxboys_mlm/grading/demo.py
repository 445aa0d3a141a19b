"""Make a small class that shows what grading does: right answers, typical mistakes, half a task, a broken file."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.v4 import new_notebook

from oxboys_mlm import questions
from oxboys_mlm.assessment.texts import ChoiceQuestion
from oxboys_mlm.grading import grader
from oxboys_mlm.grading.course import Course, Exercise
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.feedback.pages import Pages, make_pages
from oxboys_mlm.grading.files import near, numbered
from oxboys_mlm.grading.judging import Submission
from oxboys_mlm.grading.marking.rubric import model_answer
from oxboys_mlm.grading.running.pool import Pool
from oxboys_mlm.grading.running.supervisor import Supervisor

_MARK = ".oxboys-demo"


@dataclass(frozen=True)
class _Profile:
    """A student of the demo's class.

    Right answers come from the solutions of the course, never from here: this file is installed on
    students' machines.

    Attributes
    ----------
    name
        nbgrader's id of the student.
    notebooks
        Numbers of the notebooks handed in, with which their names begin.
    does
        What is answered as the solution answers it: "all" that is not listed below, or "nothing".
    answers
        Answers of their own, by key.
    other_choice
        Choices with another letter than the solution's.
    texts
        Free texts that are answered.
    cut_off
        Number of the notebook whose file is incomplete.
    """

    name: str
    notebooks: str
    does: str = "all"
    answers: Mapping[str, str] = field(default_factory=dict)
    other_choice: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    cut_off: str = ""


_CLASS = (
    _Profile(
        "ada",
        "1 2 3 4 5 6 10",
        texts=(
            "needs_multilevel_why",
            "icc_interpretation",
            "slope_interpretation",
            "random_slope_interpretation",
            "slope_only_difference",
            "forecast_reflection",
            "design_reflection",
        ),
    ),
    _Profile(
        "bela",
        "1 2 3 4 5 6",
        answers={
            "pooled_plot": 'pooled_plot = sns.lmplot(data=data, x="height", y="age", ci=None)',
            "null_fit": 'null_fit = smf.mixedlm("height ~ 1", data, groups="Subject").fit(reml=False)',
            "slope_variance": "slope_variance = np.sqrt(random_slope_fit.cov_re.iloc[1, 1])",
            "vanished_rows": 'vanished_rows = ["Group Var"]',
            "boy4_forecast": 'boy4_forecast = sparse_fit.predict({"age": [0.9945]})',
        },
        texts=("needs_multilevel_why", "icc_interpretation"),
    ),
    _Profile(
        "chiara",
        "1 2 3 4 5",
        answers={
            "subject_plot": 'subject_plot = sns.lmplot(data=data, x="age", y="height", ci=None)',
            "calculate_icc": "def calculate_icc(results):\n"
            "    between = np.sqrt(results.cov_re.iloc[0, 0])\n"
            "    within = np.sqrt(results.scale)\n"
            "    return between / (between + within)",
            "intercept_variance_row": 'intercept_variance_row = "Intercept"',
            "random_intercept_fit": 'random_intercept_fit = smf.ols("height ~ age", data=data).fit()\n'
            "random_intercept_fit.summary()",
            "average_slope": 'average_slope = random_intercept_fit.params["age"]',
            "intercept_slope_correlation": "intercept_slope_correlation = random_slope_fit.cov_re.iloc[0, 1]",
            "slope_only_fit": 'slope_only_fit = smf.mixedlm("height ~ age - 1", data, groups=data["Subject"]).fit()',
        },
        other_choice=("needs_multilevel", "why_singular"),
        texts=("needs_multilevel_why", "slope_interpretation"),
    ),
    _Profile(
        "daniel",
        "1 2 3 4",
        answers={
            "pooled_plot": 'pooled_plot = sns.scatterplot(data=data, x="age", y="height")',
            "subject_plot": 'subject_plot = sns.lineplot(data=data, x="age", y="height", hue="Subject")',
            "calculate_icc": "from oxboys_mlm import icc as calculate_icc",
            "random_intercept_fit": 'random_intercept_fit = smf.mixedlm("height ~ age", data, groups="Occasion").fit()',
            "random_slope_fit": 'random_slope_fit = smf.mixedlm("height ~ age", data, groups="Subject").fit()',
            "slope_variance": "slope_variance = random_slope_fit.cov_re.iloc[1, 1]",
            "intercept_slope_correlation": "intercept_slope_correlation = 0.105",
        },
        other_choice=("icc_meaning", "slope_meaning", "correlation_meaning"),
    ),
    _Profile(
        "emine",
        "1 2",
        does="nothing",
        answers={
            "pooled_plot": 'pooled_plot = sns.regplot(data=data, x="age", y="height")',
            "subject_plot": 'subject_plot = sns.lmplot(data=data, x="age", y="height", hue="subject")',
            "null_fit": 'null_fit = smf.mixedlm("height ~ 1", data, groups="Subject")',
        },
        other_choice=("needs_multilevel",),
    ),
    _Profile("felix", "1 2 3 4", does="nothing"),
    _Profile("greta", "1 2 3 4 5", texts=("needs_multilevel_why",), cut_off="2"),
)


def build(course: Path, folder: Path, announce: Callable[[Submission], None]) -> None:
    """Build a small class in a folder, grade it and print where the results are.

    Parameters
    ----------
    course
        The course folder, of which the demo uses a copy.
    folder
        The demo's folder; an earlier demo in it is replaced.
    announce
        Called with every graded submission.

    Raises
    ------
    GradingError
        If `course` is not a course folder, `folder` holds other files, or grading fails.
    """
    original = Course(course)
    names = list(dict.fromkeys(notebook.assignment for notebook in questions.NOTEBOOKS))
    names = [name for name in names if any(original.path("source", ".", name).glob("*.ipynb"))]
    if not names:
        raise GradingError(f"{course} has no solutions to make a class from")
    prepare(original, folder)
    demo = Course(folder)
    supervisor = _supervisor(demo)
    with Pool(supervisor=supervisor) as workers:
        for name in names:
            assignment = demo.assignment(name)
            print(f"\n{name}: the solutions first, then {len(_CLASS)} students" if name == names[0] else f"\n{name}")
            for student in _CLASS:
                for exercise in assignment.exercises:
                    _hand_in(student, exercise, demo.path("submitted", student.name, name))
            scores = grader.grade(assignment, None, announce, workers=workers, sandboxed=supervisor.sandboxed)
            make_pages(demo, name, None, _raise_problems, progress=lambda done, total: None)
            pages = sorted(folder.glob(f"feedback/*/{name}/*.html"), key=numbered)
            print(f"Report:   {near(scores.with_name('index.html'))}")
            print(f"Scores:   {near(scores)}")
            print(f"Feedback: {near(pages[0])}" + (f" and {len(pages) - 1} more" if len(pages) > 1 else ""))
    print(f"\nMarks are in {near(demo.root / 'gradebook.db')}; free texts wait there for marks by hand.")


def prepare(course: Course, folder: Path) -> None:
    """Make the demo's folder, with a copy of the course in it and nothing of an earlier demo.

    Raises
    ------
    GradingError
        If the folder holds other files than an earlier demo, or cannot be written.
    """
    try:
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise GradingError(f"{folder} is not a folder; name another one: oxboys demo DIR")
        if folder.is_dir() and any(folder.iterdir()):
            if not (folder / _MARK).is_file():
                raise GradingError(
                    f"{folder} holds other files than an earlier demo, so nothing was done; name another folder: "
                    "oxboys demo DIR"
                )
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _MARK).write_text("`oxboys demo` made this folder and empties it when it runs again.\n", "utf-8")
        shutil.copyfile(course.root / "nbgrader_config.py", folder / "nbgrader_config.py")
        for part in (course.directory.source_directory, course.directory.release_directory):
            if (course.root / part).is_dir():
                ignore = shutil.ignore_patterns(".ipynb_checkpoints")
                shutil.copytree(course.root / part, folder / part, ignore=ignore)
    except OSError as error:
        raise GradingError(f"the demo cannot be written: {error.filename or folder}: {error.strerror}") from error


def _supervisor(course: Course) -> Supervisor:
    """Start a zygote, in a sandbox if one starts here; the class hands in only what stands in this file."""
    with ExitStack() as stack:
        try:
            supervisor = Supervisor(course.root, sandboxed=True)
            stack.callback(supervisor.close)
            supervisor.runner(course.limits).run(new_notebook(), (), 0, {})
        except GradingError as error:
            print(f"Only this demo class is graded without a sandbox: {error}")
            return Supervisor(course.root, sandboxed=False)
        stack.pop_all()
        return supervisor


def _hand_in(student: _Profile, exercise: Exercise, folder: Path) -> None:
    """Write a student's notebook of an exercise, if it is handed in."""
    number = exercise.name.partition("-")[0]
    if number not in student.notebooks.split():
        return
    notebook = copy.deepcopy(exercise.release)
    solutions = {
        cell.metadata["nbgrader"]["grade_id"]: _without_markers(cell.source)
        for cell in exercise.solution.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    for cell in notebook.cells:
        key = cell.metadata.get("nbgrader", {}).get("grade_id")
        if key in solutions:
            cell.source = _answer(student, key, solutions[key], cell.source)
    text: str = nbformat.writes(notebook)
    if number == student.cut_off:
        text = text[: len(text) // 2]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{exercise.name}.ipynb").write_text(text, "utf-8")


def _answer(student: _Profile, key: str, solution: str, untouched: str) -> str:
    """Return the source of a student's answer cell."""
    if key in student.answers:
        return student.answers[key]
    if key in student.texts:
        return model_answer(solution)
    try:
        question = questions.find(key)
    except ValueError:
        return untouched  # a free text
    if key in student.other_choice and isinstance(question, ChoiceQuestion):
        other = next(option for option in question.options if f'"{option}"' not in solution)
        return f'{key} = "{other}"'
    return solution if student.does == "all" else untouched


def _without_markers(source: str) -> str:
    return "\n".join(line for line in source.splitlines() if not re.match(r"### (BEGIN|END) SOLUTION", line))


def _raise_problems(pages: Pages) -> None:
    """Stop at the first page that cannot be made."""
    if pages.problems:
        raise GradingError(f"the feedback pages of {pages.student} cannot be made: {pages.problems[0]}")
