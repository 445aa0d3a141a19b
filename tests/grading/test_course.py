"""A course folder is read as nbgrader reads it; what is wrong with one is said in a line."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from classroom import (
    ASSIGNMENTS,
    RIGHT,
    ROOT,
    filled,
    hand_in,
    make_tiny_course,
    run,
    scores,
    settings,
    tiny_release,
    tiny_solution,
)

from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.errors import GradingError


def _error(course: Path, assignment: str = "tiny") -> str:
    with pytest.raises(GradingError) as caught:
        Course(course).assignment(assignment)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def _change(course: Path, name: str, **changes: object) -> None:
    """Change the source ("source") or nbgrader's settings of a cell of the tiny solution."""
    path = course / "solutions" / "tiny" / "t.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if settings(cell)["grade_id"] == name:
            cell.source = changes.pop("source", cell.source)
            cell.metadata["nbgrader"] |= changes
    nbformat.write(notebook, path)


def test_this_repository_is_one() -> None:
    """The repository itself is a course folder, its notebooks in the order of their numbers: 10 comes after 9."""
    course = Course(ROOT)

    assert [exercise.name for exercise in course.assignment("core").exercises] == [
        "1-visualization",
        "2-null-model",
        "3-random-intercept",
        "4-random-slope",
    ]
    assert [exercise.name for exercise in course.assignment("voluntary").exercises] == ["5-slope-only"]
    assert tuple(exercise.name for exercise in course.assignment("beyond").exercises) == ASSIGNMENTS["beyond"]


def test_no_course_folder(tmp_path: Path) -> None:
    """A folder without settings is named, and so is what to do."""
    assert "--course" in _error(tmp_path)
    assert str(tmp_path) in _error(tmp_path)


@pytest.mark.parametrize("settings_file", ["c = 1 +", "raise RuntimeError('no')", "import nothing_of_this_name"])
def test_broken_settings(tiny: Path, settings_file: str) -> None:
    """Settings that cannot be read are named."""
    (tiny / "nbgrader_config.py").write_text(settings_file)

    assert "nbgrader_config.py" in _error(tiny)


@pytest.mark.parametrize("name", ["", ".", "..", "cores", "../tiny", "*", "ti/ny"])
def test_no_such_assignment(tiny: Path, name: str) -> None:
    """An assignment that is not there is said, with those that are."""
    assert "there is: tiny" in _error(tiny, name)


def test_a_broken_solution(tiny: Path) -> None:
    """A solution that is not a notebook is named."""
    (tiny / "solutions" / "tiny" / "t.ipynb").write_text("{")

    assert "t.ipynb" in _error(tiny)


@pytest.mark.parametrize("source", ['check("icc")', "assert True", 'check("needs_multilevel")\nprint(1)'])
def test_a_check_that_is_none(tiny: Path, source: str) -> None:
    """A graded cell holds its check and nothing else."""
    _change(tiny, "needs_multilevel-check", source=source)

    assert "needs_multilevel-check" in _error(tiny)


def test_an_unknown_question(tiny: Path) -> None:
    """A check of a question that does not exist is named."""
    _change(tiny, "needs_multilevel-check", source='check("needs_it")', grade_id="needs_it-check")

    assert "needs_it" in _error(tiny)


def test_two_cells_of_one_name(tiny: Path) -> None:
    """A name of a cell that occurs twice is refused."""
    _change(tiny, "setup", grade_id="needs_multilevel")

    assert "t.ipynb" in _error(tiny)


def test_points_come_from_the_notebook(tmp_path: Path) -> None:
    """A check is worth what its cell says."""
    course = Course(make_tiny_course(tmp_path, points=(4, 0.5)))
    (exercise,) = course.assignment("tiny").exercises

    assert [(check.key, check.points) for check in exercise.checks] == [
        ("needs_multilevel", 4),
        ("intercept_variance_row", 0.5),
    ]


def test_release_has_no_answers(tiny: Path) -> None:
    """What is handed out is made from the solution, with nothing of its answers."""
    (exercise,) = Course(tiny).assignment("tiny").exercises
    sources = [cell.source for cell in exercise.release.cells if settings(cell)["solution"]]

    assert len(sources) == 3
    assert not any("SOLUTION" in source or "=" in source for source in sources)
    assert [settings(cell)["grade_id"] for cell in exercise.release.cells] == [
        settings(cell)["grade_id"] for cell in tiny_solution().cells
    ]


def _link(course: Path) -> None:
    """Hand in links: to a folder, to nothing, to another's folder of the assignment, and a file in its place."""
    submitted = course / "submitted"
    (submitted / "link").symlink_to(submitted / "ada")
    (submitted / "nowhere").symlink_to(submitted / "gone")
    for student in ("carl", "dora"):
        (submitted / student).mkdir()
    (submitted / "carl" / "tiny").symlink_to(submitted / "ada" / "tiny")
    (submitted / "dora" / "tiny").write_text("x")


def test_students(tiny: Path) -> None:
    """Students are those who handed in anything for the assignment, sorted: links too, which are set aside later."""
    for student in ("zoë", "ada", "o'hara"):
        hand_in(tiny, student, "tiny", "t", tiny_release())
    hand_in(tiny, "bela", "other", "t", tiny_release())
    (tiny / "submitted" / "readme.txt").write_text("x")
    _link(tiny)

    assert Course(tiny).assignment("tiny").students() == ["ada", "carl", "dora", "link", "nowhere", "o'hara", "zoë"]


def test_passed_over(tiny: Path) -> None:
    """What is no submission of any assignment is listed, with what is wrong with it."""
    for student in ("ada", "bela"):
        hand_in(tiny, student, "tiny", "t", tiny_release())
    hand_in(tiny, "carl", "Tiny", "t", tiny_release())
    (tiny / "submitted" / "all.zip").write_text("x")
    (tiny / "submitted" / ".DS_Store").write_text("x")

    assert Course(tiny).assignment("tiny").passed_over() == [
        "‘all.zip’ (not a folder)",
        "‘carl’ (no folder of an assignment in it)",
    ]


def test_nothing_submitted_is_left_out(tmp_path: Path) -> None:
    """Links have rows with a reason in the table; what is no submission is warned of; the others are graded."""
    course = make_tiny_course(tmp_path)
    hand_in(course, "ada", "tiny", "t", filled(tiny_release(), RIGHT))
    (course / "submitted" / "all.zip").write_text("x")
    _link(course)

    finished = run("oxboys", "grade", "tiny", cwd=course)
    table = scores(course, "tiny")

    assert finished.returncode == 0, finished.stderr
    assert "all.zip" in finished.stderr
    assert {table["ada", key]["outcome"] for key in RIGHT} == {"scored"}
    for student in ("link", "nowhere", "carl", "dora"):
        for key in RIGHT:
            assert table[student, key]["outcome"] == "unreadable"
            assert "set aside" in table[student, key]["feedback"]


def test_no_submissions(tiny: Path) -> None:
    """Before anybody has handed in, there are no students."""
    assert Course(tiny).assignment("tiny").students() == []


def test_another_layout(tiny: Path) -> None:
    """A layout of folders that the grader does not know is refused, not misread."""
    with (tiny / "nbgrader_config.py").open("a") as file:
        file.write('\nc.CourseDirectory.directory_structure = "{student_id}/{nbgrader_step}/{assignment_id}"\n')

    with pytest.raises(GradingError, match="directory_structure"):
        Course(tiny).assignment("tiny").students()


def test_register(tiny: Path) -> None:
    """Registering saves the cells and points in the gradebook as nbgrader does, and does so once."""
    assignment = Course(tiny).assignment("tiny")
    assignment.register()
    with assignment.course.gradebook() as book:
        before = {cell.name: cell.id for cell in book.find_notebook("t", "tiny").grade_cells}
    assignment.register()
    with assignment.course.gradebook() as book:
        notebook = book.find_notebook("t", "tiny")
        assert {cell.name: cell.id for cell in notebook.grade_cells} == before
        assert notebook.max_score == 4
        assert set(before) == {"needs_multilevel-check", "intercept_variance_row-check", "needs_multilevel_why"}


def test_register_after_a_change(tiny: Path) -> None:
    """Changed points reach the gradebook with the next registration."""
    Course(tiny).assignment("tiny").register()
    _change(tiny, "needs_multilevel-check", points=5)
    assignment = Course(tiny).assignment("tiny")
    assignment.register()

    with assignment.course.gradebook() as book:
        assert book.find_notebook("t", "tiny").max_score == 8


def test_only_files_that_the_course_names_come_along(tmp_path: Path):
    """A run finds what the settings name beside its notebook, and nothing that a student handed in."""
    course = make_tiny_course(tmp_path)
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write('\nc.Materials.files = ["row.txt"]\n')
    (course / "solutions" / "tiny" / "row.txt").write_text("Group Var", encoding="utf-8")
    answers = {
        "needs_multilevel": "import os\nneeds_multilevel = 'yes' if os.listdir() == ['row.txt'] else 'no'",
        "intercept_variance_row": "intercept_variance_row = open('row.txt').read()",
    }
    hand_in(course, "anna", "tiny", "t", filled(tiny_release(), answers))
    (course / "submitted" / "anna" / "tiny" / "numpy.py").write_text("", encoding="utf-8")
    finished = run("oxboys", "grade", "tiny", cwd=course)
    assert finished.returncode == 0, finished.stderr
    assert {row["score"] for row in scores(course, "tiny").values()} == {"1"}


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite:////nowhere/at/all/gradebook.db", "postgresql+nothing://anna:secret@127.0.0.1/x"]
)
def test_a_gradebook_that_cannot_be_opened(tmp_path: Path, url: str) -> None:
    """A wrong address of the gradebook is said in one line that names the setting, and gives no password away."""
    course = make_tiny_course(tmp_path)
    with (course / "nbgrader_config.py").open("a") as file:
        file.write(f"\nc.CourseDirectory.db_url = {url!r}\n")

    with pytest.raises(GradingError, match=r"CourseDirectory\.db_url") as problem:
        Course(course).gradebook()

    assert "secret" not in str(problem.value)
