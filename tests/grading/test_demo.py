"""The demo makes a class that shows the variety, grades it and says where the results lie."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from classroom import ROOT, gradebook_scores, make_course, run, scores

from oxboys_mlm.cli import main
from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.demo import prepare


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Make a demo of the whole course; give its folder and what it printed."""
    course = make_course(tmp_path_factory.mktemp("demo") / "course")
    return course / "demo", run("oxboys", "demo", cwd=course)


def test_succeeds_quietly(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """It ends well, in few lines, with nothing on stderr."""
    _, done = demo

    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) < 40


def test_says_where_the_results_lie(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Every path that it prints is there, from the folder where it was called."""
    folder, done = demo
    paths = re.findall(r"demo/\S+\.(?:csv|html|db)", done.stdout)

    assert {Path(path).suffix for path in paths} == {".csv", ".html", ".db"}
    assert len([path for path in paths if path.endswith(".html")]) >= 2
    assert all((folder.parent / path).is_file() for path in paths)


def test_variety(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """The class has full marks, none at all, and much between; typical mistakes are named."""
    rows = scores(demo[0], "core")
    totals: dict[str, float] = {}
    for (student, _), row in rows.items():
        totals[student] = totals.get(student, 0) + float(row["score"])
    findings = {name for row in rows.values() for name in row["findings"].split(";") if name}

    assert 6 <= len(totals) <= 8
    assert max(totals.values()) == sum(float(row["max_score"]) for key, row in rows.items() if key[0] == "ada")
    assert min(totals.values()) == 0
    assert len(set(totals.values())) >= 5
    assert {row["outcome"] for row in rows.values()} >= {"scored", "missing", "error", "unreadable"}
    assert findings >= {"ml_instead_of_reml", "standard_deviations", "one_line_for_all", "covariance", "other_option"}


def test_voluntary(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """The voluntary exercise is graded too; not everybody hands it in."""
    rows = scores(demo[0], "voluntary")

    assert 1 < len({student for student, _ in rows}) < len({student for student, _ in scores(demo[0], "core")})
    assert gradebook_scores(demo[0], "voluntary") == {key: float(row["score"]) for key, row in rows.items()}


def test_feedback_pages(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Every student has a page for each notebook, and it shows the verdicts."""
    folder, _ = demo
    pages = list(folder.glob("feedback/*/core/*.html"))

    assert len(pages) == 4 * len({student for student, _ in scores(folder, "core")})
    assert "✔ Right" in (folder / "feedback" / "ada" / "core" / "2-null-model.html").read_text("utf-8")


def test_free_texts(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Some free texts are written and some are not; no rubric is handed in."""
    submissions = [path.read_text("utf-8") for path in demo[0].glob("submitted/*/*/*.ipynb")]
    untouched = sum("*Write your answer here" in text for text in submissions)

    assert 0 < untouched < len(submissions)
    assert not any("[[statement]]" in text or "### BEGIN SOLUTION" in text for text in submissions)


def test_no_answers_in_the_package() -> None:
    """The demo's own file holds no choice, neither the right one nor a wrong one: students have it, too."""
    from oxboys_mlm import questions
    from oxboys_mlm.assessment.texts import ChoiceQuestion
    from oxboys_mlm.grading import demo

    source = Path(demo.__file__).read_text("utf-8")
    keys = [
        question.key
        for notebook in questions.NOTEBOOKS
        for question in notebook.questions
        if isinstance(question, ChoiceQuestion)
    ]

    assert len(keys) >= 7
    assert not any(re.search(rf"{key}['\"]?\s*[:=]", source) for key in keys)


def test_again(demo: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    """A second demo replaces the first, with everything in it."""
    folder = tmp_path / "demo"
    shutil.copytree(demo[0], folder)

    prepare(Course(demo[0].parent), folder)

    assert sorted(path.name for path in folder.iterdir()) == [
        ".oxboys-demo",
        "nbgrader_config.py",
        "notebooks",
        "solutions",
    ]


@pytest.mark.parametrize("target", ["full", "file", "link", "."])
def test_other_folders_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], target: str
) -> None:
    """A folder with something else in it is refused in one line, and nothing in it is touched."""
    course = make_course(tmp_path / "course", "voluntary")
    (course / "full").mkdir()
    (course / "full" / "thesis.txt").write_text("mine")
    (course / "file").write_text("mine")
    (course / "link").symlink_to(course / "full")
    monkeypatch.chdir(course)
    before = sorted(course.rglob("*"))

    assert main(["demo", target]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert sorted(course.rglob("*")) == before
    assert (course / "full" / "thesis.txt").read_text() == "mine"


def test_no_solutions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without solutions there is nothing to make a class from."""
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    monkeypatch.chdir(tmp_path)

    assert main(["demo"]) == 1
    assert "no solutions" in capsys.readouterr().err
    assert not (tmp_path / "demo").exists()
