"""The command grades a class, goes on where single files fail, and fails itself with one clear line."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import nbformat
import pytest
from classroom import (
    RIGHT,
    WRONG,
    answers_of,
    filled,
    gradebook_scores,
    hand_in,
    make_tiny_course,
    run,
    scores,
    settings,
    tiny_release,
    tiny_solution,
)

from oxboys_mlm.cli import TimeToGo, main

KEYS = ("needs_multilevel", "intercept_variance_row")


def _class_of(course: Path) -> None:
    """Hand in one notebook of each sort that a class brings."""
    release = tiny_release()
    hand_in(course, "ada", "tiny", "t", filled(release, RIGHT))
    hand_in(course, "bela", "tiny", "t", filled(release, WRONG))
    hand_in(course, "chiara", "tiny", "t", release)
    hand_in(course, "cut off", "tiny", "t", nbformat.writes(release)[:900])
    hand_in(course, "late", "tiny", "t", filled(release, RIGHT)).with_name("timestamp.txt").write_text(
        "yesterday, I think"
    )
    (course / "submitted" / "nothing" / "tiny").mkdir(parents=True)
    hand_in(course, "raises", "tiny", "t", filled(release, {**RIGHT, "intercept_variance_row": "1 / 0"}))
    hand_in(course, "zoë", "tiny", "t (1)", filled(release, RIGHT))


def _grade(course: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Grade with one process: the tests themselves run on all cores."""
    return run("oxboys", "grade", "tiny", "--jobs", "1", *options, cwd=course)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Grade a class; give its course and what the command printed."""
    course = make_tiny_course(tmp_path_factory.mktemp("graded") / "course", points=(1, 2))
    _class_of(course)
    return course, _grade(course)


def test_whole_class(graded: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Every submission is graded or set aside; the command succeeds and says nothing on stderr."""
    course, done = graded

    assert (done.returncode, done.stderr) == (0, "")
    assert {key: (float(row["score"]), row["outcome"]) for key, row in scores(course, "tiny").items()} == {
        ("ada", "needs_multilevel"): (1, "scored"),
        ("ada", "intercept_variance_row"): (2, "scored"),
        ("bela", "needs_multilevel"): (0, "scored"),
        ("bela", "intercept_variance_row"): (0, "scored"),
        ("chiara", "needs_multilevel"): (0, "missing"),
        ("chiara", "intercept_variance_row"): (0, "missing"),
        ("cut off", "needs_multilevel"): (0, "unreadable"),
        ("cut off", "intercept_variance_row"): (0, "unreadable"),
        ("late", "needs_multilevel"): (1, "scored"),
        ("late", "intercept_variance_row"): (2, "scored"),
        ("nothing", "needs_multilevel"): (0, "missing"),
        ("nothing", "intercept_variance_row"): (0, "missing"),
        ("raises", "needs_multilevel"): (1, "scored"),
        ("raises", "intercept_variance_row"): (0, "error"),
        ("zoë", "needs_multilevel"): (1, "scored"),
        ("zoë", "intercept_variance_row"): (2, "scored"),
    }


def test_table(graded: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """The table has a row per student and question, in order, with findings and feedback."""
    rows = scores(graded[0], "tiny")

    assert list(rows) == sorted(rows, key=lambda row: (row[0], KEYS.index(row[1])))
    assert {row["notebook"] for row in rows.values()} == {"t"}
    assert {row["question"]: row["max_score"] for row in rows.values()} == dict(zip(KEYS, ("1", "2"), strict=True))
    assert rows["bela", "intercept_variance_row"]["findings"] == "residual_variance_row"
    assert "ZeroDivisionError" in rows["raises", "intercept_variance_row"]["feedback"]
    assert "damaged or cut off" in rows["cut off", "needs_multilevel"]["feedback"]
    assert all(row["feedback"] for row in rows.values())


def test_gradebook_says_the_same(graded: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """The marks in nbgrader's gradebook are those of the table."""
    rows = scores(graded[0], "tiny")

    assert gradebook_scores(graded[0], "tiny") == {key: float(row["score"]) for key, row in rows.items()}


def test_autograded_notebooks(graded: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """A graded notebook stands where formgrader looks for it, with the points in its check cells."""
    course, _ = graded
    for (student, key), row in scores(course, "tiny").items():
        notebook = nbformat.read(course / "autograded" / student / "tiny" / "t.ipynb", as_version=4)
        nbformat.validate(notebook)
        (check,) = (cell for cell in notebook.cells if settings(cell).get("grade_id") == f"{key}-check")
        (output,) = check.outputs
        assert output.data["text/plain"] == row["score"]
        assert set(output.data) == {"text/plain", "text/html"}


def test_what_it_prints(graded: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """It prints every student's points, what was set aside, and where the table lies."""
    _, done = graded
    for student in ("ada", "bela", "cut off", "zoë"):
        assert student in done.stdout
    assert "set aside" in done.stdout
    assert str(Path("reports", "tiny", "scores.csv")) in done.stdout


def test_one_student_again(graded: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    """Grading one student leaves the rows and marks of the others; an earlier mark of this one does not stay."""
    course = make_tiny_course(tmp_path / "course", points=(1, 2))
    release = tiny_release()
    for student in ("ada", "bela"):
        hand_in(course, student, "tiny", "t", filled(release, RIGHT))
    assert _grade(course).returncode == 0
    before = scores(course, "tiny")
    hand_in(course, "ada", "tiny", "t", "no notebook any more")

    done = _grade(course, "--student", "ada")
    after = scores(course, "tiny")

    assert done.returncode == 0, done.stderr
    assert {key: row for key, row in after.items() if key[0] == "bela"} == {
        key: row for key, row in before.items() if key[0] == "bela"
    }
    assert {row["outcome"] for key, row in after.items() if key[0] == "ada"} == {"unreadable"}
    assert gradebook_scores(course, "tiny") == {key: float(row["score"]) for key, row in after.items()}


def test_solutions_come_first(tmp_path: Path) -> None:
    """If the solutions do not earn full marks, nothing is graded and the answer at fault is named."""
    course = make_tiny_course(tmp_path)
    broken = filled(
        tiny_solution(),
        {"intercept_variance_row": '### BEGIN SOLUTION\nintercept_variance_row = "Scale"\n### END SOLUTION'},
    )
    nbformat.write(broken, course / "solutions" / "tiny" / "t.ipynb")
    hand_in(course, "ada", "tiny", "t", filled(tiny_release(), RIGHT))

    done = _grade(course)

    assert done.returncode == 1
    assert "t/intercept_variance_row" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (course / "reports" / "tiny" / "scores.csv").exists()
    assert not (course / "autograded").exists()


def test_changed_key(tmp_path: Path) -> None:
    """The key of a choice is what the solution says, and nothing else."""
    course = make_tiny_course(tmp_path)
    turned = filled(
        tiny_solution(), {"needs_multilevel": '### BEGIN SOLUTION\nneeds_multilevel = "no"\n### END SOLUTION'}
    )
    nbformat.write(turned, course / "solutions" / "tiny" / "t.ipynb")
    for student, answers in {"ada": RIGHT, "bela": WRONG}.items():
        hand_in(course, student, "tiny", "t", filled(tiny_release(), answers))

    assert _grade(course).returncode == 0
    rows = scores(course, "tiny")

    assert [rows[student, "needs_multilevel"]["score"] for student in ("ada", "bela")] == ["0", "1"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grade", "tiny"], "nobody has handed in"),
        (["grade", "core"], "tiny"),
        (["grade", "tiny", "--student", "nobody"], "'nobody'"),
        (["grade", "tiny", "--course", "elsewhere"], "not a course folder"),
    ],
)
def test_what_cannot_be_graded(
    tiny: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    """What is asked for and is not there is said in one line on stderr, with status 1."""
    monkeypatch.chdir(tiny)
    if "--student" in arguments:
        hand_in(tiny, "ada", "tiny", "t", tiny_release())

    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert said in captured.err
    assert len(captured.err.splitlines()) == 1
    assert not (tiny / "reports").exists()


@pytest.mark.parametrize("arguments", [[], ["mark"], ["grade"], ["grade", "tiny", "--no-such-option"]])
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong arguments give status 2 and the usage."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert "usage: oxboys" in capsys.readouterr().err


def test_help_is_quick() -> None:
    """Printing the help imports neither Jupyter nor statsmodels."""
    program = (
        "import sys, contextlib\nfrom oxboys_mlm.cli import main\n"
        "with contextlib.suppress(SystemExit): main(['--help'])\n"
        "slow = {'nbgrader', 'nbclient', 'nbformat', 'statsmodels', 'pandas', 'matplotlib'} & set(sys.modules)\n"
        "sys.exit(f'imported: {slow}' if slow else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert "grade" in done.stdout
    assert "demo" in done.stdout


def test_answers_of_the_tiny_solution() -> None:
    """The tests' right answers are the solution's."""
    solution = answers_of(tiny_solution())

    assert {key: solution[key] for key in RIGHT} == RIGHT


def test_several_assignments(tiny: Path) -> None:
    """One command grades assignments in turn; if one of them is not there, nothing is graded."""
    second = tiny / "solutions" / "second"
    second.mkdir()
    nbformat.write(tiny_solution((2, 0)), second / "t.ipynb")
    for assignment in ("tiny", "second"):
        hand_in(tiny, "ada", assignment, "t", filled(tiny_release(), RIGHT))

    wrong = run("oxboys", "grade", "tiny", "third", cwd=tiny)
    assert wrong.returncode == 1
    assert "'third'" in wrong.stderr
    assert not (tiny / "reports").exists()

    finished = run("oxboys", "grade", "tiny", "second", cwd=tiny)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert [line.split()[:2] for line in finished.stdout.splitlines() if line.startswith("ada")] == [["ada", "2"]] * 2
    assert finished.stdout.index("second:") < finished.stdout.index("reports/second/scores.csv")
    assert scores(tiny, "tiny").keys() == scores(tiny, "second").keys()


def test_time_to_go() -> None:
    """The time to go follows from the average of all notebooks that ran; what is cached counts as no work."""
    time = TimeToGo()

    assert time.to_go(left=1000, new=0, now=10.0) is None, "all of these were cached"
    assert time.to_go(left=500, new=1, now=20.0) is None, "when the first began is not known"
    assert time.to_go(left=499, new=2, now=24.0) == timedelta(seconds=4 * 499)
    assert time.to_go(left=498, new=3, now=25.0) == timedelta(seconds=2.5 * 498)
    assert time.to_go(left=0, new=501, now=999.0) == timedelta(0)
