"""What students get is made from the solutions, keeps the contract, and gives nothing away."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest
from bank.case import SETUP
from classroom import ASSIGNMENTS, NOTEBOOKS, ROOT, answers_of, make_course, read, release, run, settings
from nbformat import NotebookNode, validate

from oxboys_mlm import questions
from oxboys_mlm.assessment.evidence import Text
from oxboys_mlm.assessment.texts import ChoiceQuestion
from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.marking.free_texts import free_texts
from oxboys_mlm.questions import Notebook

#: Key, kind and points of every question. Other people's scripts rely on these names.
CONTRACT = {
    "1-visualization": [
        ("pooled_plot", "figure", 2),
        ("subject_plot", "figure", 2),
        ("needs_multilevel", "choice", 1),
        ("deciding_observation", "choice", 1),
        ("needs_multilevel_why", "free text", 2),
    ],
    "2-null-model": [
        ("null_fit", "fit", 2),
        ("calculate_icc", "function", 2),
        ("icc", "number", 1),
        ("intercept_variance_row", "text", 1),
        ("icc_meaning", "choice", 1),
        ("icc_interpretation", "free text", 2),
    ],
    "3-random-intercept": [
        ("random_intercept_fit", "fit", 2),
        ("average_slope", "number", 1),
        ("within_explained", "number", 1),
        ("slope_meaning", "choice", 1),
        ("slope_interpretation", "free text", 2),
    ],
    "4-random-slope": [
        ("random_slope_fit", "fit", 2),
        ("slope_variance", "number", 1),
        ("intercept_slope_correlation", "number", 1),
        ("se_ratio", "number", 1),
        ("correlation_meaning", "choice", 1),
        ("random_slope_interpretation", "free text", 2),
    ],
    "5-slope-only": [
        ("slope_only_fit", "fit", 2),
        ("vanished_rows", "names", 1),
        ("slope_only_trustworthy", "choice", 1),
        ("why_singular", "choice", 1),
        ("slope_only_difference", "free text", 2),
    ],
    "6-borrowing-strength": [
        ("own_slope_variance", "number", 1),
        ("noise_variance", "number", 1),
        ("shrinkage_factor", "function", 2),
        ("sparse_fit", "fit", 2),
        ("boy4_forecast", "number", 1),
        ("why_less_spread", "choice", 1),
        ("forecast_reflection", "free text", 2),
    ],
    "7-where-is-zero": [
        ("first_visit_fit", "fit", 2),
        ("correlation_at_first_visit", "number", 1),
        ("unchanged", "names", 1),
        ("between_variance", "function", 2),
        ("fan_ratio", "number", 1),
        ("narrowest", "choice", 1),
        ("zero_reflection", "free text", 2),
    ],
    "8-which-model": [
        ("parallel_ml", "fit", 2),
        ("lr_age", "number", 1),
        ("aic_gain", "number", 1),
        ("p_slopes", "number", 1),
        ("negative_share", "choice", 1),
        ("model_reflection", "free text", 2),
    ],
    "9-is-the-line-straight": [
        ("visits_above", "names", 1),
        ("curve_fit", "fit", 2),
        ("growth_at_last_visit", "number", 1),
        ("bend_fit", "fit", 2),
        ("bend_se_ratio", "number", 1),
        ("rmse_curve", "number", 1),
        ("curve_reflection", "free text", 2),
    ],
    "10-how-sure": [
        ("new_boy_upper", "number", 1),
        ("boy1_prediction", "number", 1),
        ("which_interval", "choice", 1),
        ("coverage_parallel", "number", 1),
        ("boys_needed", "number", 1),
        ("design_reflection", "free text", 2),
    ],
}

CHOICES = {
    question.key: question
    for notebook in questions.NOTEBOOKS
    for question in notebook.questions
    if isinstance(question, ChoiceQuestion)
}

each_notebook = pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)


def _solution(assignment: str, name: str) -> NotebookNode:
    return read(ROOT / "solutions" / assignment / f"{name}.ipynb")


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".ipynb_checkpoints" not in path.parts
    }


def test_release_is_generated(tmp_path: Path) -> None:
    """`notebooks/` is what ``nbgrader generate_assignment`` makes of `solutions/`: no byte, no file differs."""
    course = make_course(tmp_path / "course")
    handed_out = _files(course / "notebooks")
    for assignment in ASSIGNMENTS:
        done = run("nbgrader", "generate_assignment", assignment, "--force", cwd=course)
        assert done.returncode == 0, done.stderr
    made = _files(course / "notebooks")

    assert set(made) == set(_files(ROOT / "notebooks")), "run: nbgrader generate_assignment ASSIGNMENT --force"
    assert [name for name in made if made[name] != handed_out[name]] == []


@each_notebook
@pytest.mark.parametrize("read_one", [release, _solution], ids=["release", "solution"])
def test_form(assignment: str, name: str, read_one: object) -> None:
    """A notebook is valid and stored clean: no outputs, no counters, and an id for every cell."""
    notebook = read_one(assignment, name)  # type: ignore[operator]
    validate(notebook)

    assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        # nbgrader's lock is of these two.
        assert set(cell.metadata) - {"deletable", "editable"} == {"nbgrader"}, cell.id


@each_notebook
def test_contract(assignment: str, name: str) -> None:
    """Keys, kinds and points are those of the contract, in its order."""
    cells = {settings(cell)["grade_id"]: cell for cell in _solution(assignment, name).cells}
    found = []
    for grade_id, cell in cells.items():
        if not settings(cell)["solution"]:
            continue
        if cell.cell_type == "markdown":
            assert settings(cell)["grade"]
            found.append((grade_id, "free text", settings(cell)["points"]))
        else:
            kind = type(questions.find(grade_id)).__name__.removesuffix("Question").lower()
            found.append((grade_id, kind, settings(cells[f"{grade_id}-check"])["points"]))

    assert found == CONTRACT[name]


@each_notebook
def test_set_up(assignment: str, name: str) -> None:
    """The first cell imports what the course's sheet and most examples use, and says when to run it again."""
    cells = {settings(cell)["grade_id"]: cell.source for cell in release(assignment, name).cells}
    lines = cells["setup"].splitlines()

    assert set(SETUP.splitlines()[:-2]) <= set(lines)
    assert "Run All Above Selected Cell" in lines[0]


@each_notebook
def test_answers_and_checks(assignment: str, name: str) -> None:
    """Each answer cell is followed by its locked check, and holds its answer between the two markers."""
    cells = _solution(assignment, name).cells
    for answer, check in pairwise(cells):
        if not settings(answer)["solution"]:
            continue
        key = settings(answer)["grade_id"]
        lines = answer.source.splitlines()
        assert (lines[0], lines[-1]) == ("### BEGIN SOLUTION", "### END SOLUTION"), key
        assert sum("SOLUTION" in line for line in lines) == 2, key
        assert not settings(answer)["locked"]
        assert settings(answer)["grade"] == (answer.cell_type == "markdown")
        if answer.cell_type == "code":
            assert settings(check)["grade_id"] == f"{key}-check"
            assert check.source == f'check("{key}")'
            assert settings(check)["locked"]
            assert settings(check)["grade"]
            assert not settings(check)["solution"]


@pytest.mark.parametrize("notebook", questions.NOTEBOOKS, ids=lambda notebook: notebook.name)
def test_package_knows_the_notebooks(notebook: Notebook) -> None:
    """The package's questions and free texts are those of the notebook of that name."""
    rows = CONTRACT[notebook.name]

    assert (notebook.assignment, notebook.name) in NOTEBOOKS
    assert [question.key for question in notebook.questions] == [key for key, kind, _ in rows if kind != "free text"]
    assert list(notebook.free_text) == [key for key, kind, _ in rows if kind == "free text"]


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_free_texts_have_a_rubric(assignment: str) -> None:
    """Every free text has a model answer and a rubric; each statement shows what is accepted and what is not."""
    texts = free_texts(Course(ROOT).assignment(assignment))

    assert [text.key for text in texts] == [
        key for name in ASSIGNMENTS[assignment] for key, kind, _ in CONTRACT[name] if kind == "free text"
    ]
    for text in texts:
        assert len(text.rubric.model) > 200, text.key
        assert sum(statement.points for statement in text.rubric.statements) == text.points
        for statement in text.rubric.statements:
            assert statement.accepted, (text.key, statement.name)
            assert statement.refused, (text.key, statement.name)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_release_has_no_rubric(assignment: str) -> None:
    """No sentence of a rubric, a model answer or its advice is in any notebook that is handed out."""
    released = " ".join(json.dumps(release(*each), ensure_ascii=False) for each in NOTEBOOKS)
    for text in free_texts(Course(ROOT).assignment(assignment)):
        rubric = text.rubric
        said = [each for statement in rubric.statements for each in (statement.text, *statement.accepted)]
        said += re.split(r"(?<=[.:]) ", " ".join([rubric.model, rubric.advice]))
        assert [sentence for sentence in said if len(sentence) > 30 and sentence in released] == []


@each_notebook
def test_figures_are_described(assignment: str, name: str) -> None:
    """Below each figure that a notebook draws stands what it shows, in words: JupyterLab's pictures have no text."""
    cells = release(assignment, name).cells
    drawn = 0
    for cell, below in pairwise(cells):
        own = cell.cell_type == "code" and not settings(cell)["solution"] and settings(cell)["grade_id"] != "setup"
        if own and re.search(r"^(?:ax\w* = )?(?:plot_\w+|sns\.\w+|plt\.\w+)\(", cell.source, re.MULTILINE):
            drawn += 1
            words = re.match(r"<details><summary>The figure in words</summary>(.+)</details><br>\n\n", below.source)
            assert words, settings(cell)["grade_id"]
            assert len(words[1].split()) > 10
    assert drawn


@each_notebook
def test_options_are_alike(assignment: str, name: str) -> None:
    """No option of a choice stands out by its length: the longest is at most a fifth longer than the shortest."""
    found = 0
    for cell in release(assignment, name).cells:
        options = re.findall(r'^- \*\*"([a-d])"\*\* (.*(?:\n  .*)*)', cell.source, re.MULTILINE)
        if options:
            found += 1
            lengths = [len(re.sub(r"\s+", " ", text)) for _, text in options]
            assert [letter for letter, _ in options] == ["a", "b", "c", "d"]
            assert max(lengths) <= 1.2 * min(lengths), lengths
    assert found == sum("d" in CHOICES[key].options for key in CHOICES if key in {k for k, *_ in CONTRACT[name]})


@each_notebook
def test_release_gives_no_answer_away(assignment: str, name: str) -> None:
    """No line of an answer is in the notebook that is handed out, unless its text teaches that very line."""
    taught = "\n".join(cell.source for cell in _solution(assignment, name).cells if not settings(cell)["solution"])
    text = "\n".join(cell.source for cell in release(assignment, name).cells)
    for key, answer in answers_of(_solution(assignment, name)).items():
        for line in answer.splitlines():
            if len(line.strip()) > 8 and line.strip() not in taught:
                assert line.strip() not in text, f"{key}: {line}"
        assert not re.search(rf"^\s*{key}\s*=", text, re.MULTILINE), key
    assert "BEGIN SOLUTION" not in text
    assert "[[statement]]" not in text


@pytest.mark.parametrize("key", sorted(CHOICES))
def test_choices_are_only_recorded(key: str) -> None:
    """Without the solution, a check says the same of every option: it cannot be asked for the key."""
    verdicts = {
        CHOICES[key].judge(Text(option)).feedback.replace(f'"{option}"', "…") for option in CHOICES[key].options
    }

    assert len(verdicts) == 1
    assert {CHOICES[key].judge(Text(option)).status for option in CHOICES[key].options} == {"recorded"}


#: The notebooks that are handed out, by their names in a wheel.
RELEASED = {
    f"oxboys_mlm/notebooks/{assignment}/{name}.ipynb": (ROOT / "notebooks" / assignment / f"{name}.ipynb").read_bytes()
    for assignment, name in NOTEBOOKS
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Build the wheel that students install; give its files."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_wheel_has_what_it_needs(wheel: dict[str, bytes]) -> None:
    """The wheel carries the data, the release, the type marker and every module, and nothing but the package."""
    modules = {
        str(path.relative_to(ROOT / "src"))
        for path in (ROOT / "src").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    package = {name for name in wheel if not name.split("/")[0].endswith(".dist-info")}

    assert wheel["oxboys_mlm/oxboys.csv"] == (ROOT / "data" / "oxboys.csv").read_bytes()
    assert package == modules | RELEASED.keys() | {"oxboys_mlm/oxboys.csv"}


def test_wheel_gives_no_key_away(wheel: dict[str, bytes]) -> None:
    """No choice's key, no solution and no notebook but those handed out is in what students install."""
    assert {name: content for name, content in wheel.items() if name.endswith(".ipynb")} == RELEASED
    keys = {}
    for assignment, name in NOTEBOOKS:
        for key, answer in answers_of(_solution(assignment, name)).items():
            if key in CHOICES:
                keys[key] = re.search(rf'{key} = "(\w+)"', answer)[1]  # type: ignore[index]
    assert set(keys) == set(CHOICES)
    for name, content in wheel.items():
        text = content.decode("utf-8", "replace")
        for key, letter in keys.items():
            assert not re.search(rf"\b{key}['\"]?\s*[:=,]\s*(Text\()?['\"]{letter}['\"]", text), f"{name}: {key}"
