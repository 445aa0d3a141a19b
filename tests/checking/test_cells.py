"""A check knows what happened in the cells: whether the value under a name is that of the cell's last run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bank.case import SETUP
from classroom import NOTEBOOKS, release, settings
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import oxboys_mlm
from oxboys_mlm import questions
from oxboys_mlm.assessment.evidence import SEED_VARIABLE
from oxboys_mlm.assessment.verdict import Verdict
from oxboys_mlm.checking import cells, checks

QUICK = """\
from oxboys_mlm import check, progress
import pandas as pd
data = pd.DataFrame(columns=["Subject", "age", "height", "Occasion"])"""
KEYS = [question.key for notebook in questions.NOTEBOOKS for question in notebook.questions]

Cell = str | tuple[str, str]


@pytest.fixture(scope="module")
def one_shell() -> InteractiveShell:
    """Make a shell; it takes a second."""
    main = sys.modules["__main__"]
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    sys.modules["__main__"] = main
    return shell


@pytest.fixture
def shell(one_shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """Return a shell such as a kernel has, with nothing known of it yet."""
    monkeypatch.chdir(tmp_path)
    for name in (SEED_VARIABLE, "NBGRADER_VALIDATING", "NBGRADER_EXECUTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(cells, "_watch", None)
    monkeypatch.setattr(checks, "checked", [])
    vars(sys).pop("last_value", None)
    one_shell.kernel = object()  # type: ignore[attr-defined]
    monkeypatch.setattr("IPython.get_ipython", lambda: one_shell)
    yield one_shell
    for watch in [cells._watch] if cells._watch else []:
        one_shell.events.unregister("pre_run_cell", watch._before)
        one_shell.events.unregister("post_run_cell", watch._after)
    one_shell.reset(new_session=True)


def run(shell: InteractiveShell, *sources: Cell) -> None:
    """Run cells; those with an id as JupyterLab does, the others as a terminal does."""
    for source in sources:
        cell, text = source if isinstance(source, tuple) else (None, source)
        shell.run_cell(text, store_history=True, cell_id=cell)


def checked(shell: InteractiveShell, key: str, *sources: Cell) -> Verdict:
    """Run the set-up cell, then others, then the check."""
    checks._watch()  # the module is imported already
    run(shell, QUICK, *sources)
    run(shell, f"verdict = check({key!r})")
    verdict = shell.user_ns["verdict"]
    assert isinstance(verdict, Verdict)
    return verdict


RIGHT = "icc = 0.7445"
TYPO = "icc = data['heigth'].mean()"
ANSWER = "icc"  # nbgrader's name of the answer cell is its id


def ids(*sources: str, cell: str = ANSWER) -> list[Cell]:
    """Return versions of one cell."""
    return [(cell, source) for source in sources]


STALE: dict[str, tuple[Any, str]] = {
    "an error": (ids(RIGHT, TYPO), "`KeyError: 'heigth'`"),
    "an error, in a terminal": ([RIGHT, TYPO], "Did you mean `height`?"),
    "an error, in a cell of one's own": (ids(RIGHT, TYPO, cell="x1"), "in line 1"),
    "an error in the second line": (ids(RIGHT, f"a = 1\n{TYPO}"), "in line 2"),
    "an error before the answer": (ids(RIGHT, f"print(undefined)\n{RIGHT}"), "`undefined`"),
    "an error behind a magic": (ids(RIGHT, f"%%time\n{TYPO}"), "in line 2"),
    "an error that a magic swallows": (ids(RIGHT, f"%%capture\n{TYPO}"), "`KeyError: 'heigth'`"),
    "a syntax error": (ids(RIGHT, "icc = (0.7445"), "SyntaxError"),
    "a syntax error, in a terminal": ([RIGHT, "icc = 0.7445 0.2"], "cannot read that line"),
    "an error in a function": (ids(RIGHT, "def f(x):\n    return x['heigth']\n\nicc = f(data)"), "in line 4"),
    "an error in a loop": (ids(RIGHT, "for row in [1]:\n    icc = row['a']"), "TypeError"),
    "an interruption": (ids(RIGHT, "raise KeyboardInterrupt\nicc = 1"), "stopped before"),
    "another name": (ids(RIGHT, "icc_value = 0.7445"), "`icc_value`"),
    "another name, not alike": (ids(RIGHT, "result = 0.7445"), "`result`"),
    "another question's name": (ids(RIGHT, "average_slope = 0.7445"), "`average_slope`"),
    "twice failed": (ids(RIGHT, TYPO, TYPO), "`KeyError: 'heigth'`"),
    "failed, then mended under another name": (ids(RIGHT, TYPO, "Icc = 0.7445"), "`Icc`"),
    "an unpacking": (ids("a, icc = 1, 0.7445", "a, icc = 1, data['heigth']"), "KeyError"),
    "a name in an expression": (ids(RIGHT, "print(icc := data['heigth'])"), "KeyError"),
    "a sum": (ids(RIGHT, "icc += data['heigth']"), "KeyError"),
    "before an import": (ids(RIGHT, "import seabron\nicc = 1"), "`seaborn`"),
}


@pytest.mark.parametrize("name", STALE)
def test_a_stale_value_is_not_praised(shell: InteractiveShell, name: str) -> None:
    """If the cell's last run has not set the answer, an earlier right one is not judged; what went wrong is said."""
    sources, said = STALE[name]

    verdict = checked(shell, "icc", *sources)

    assert (verdict.judgement.status, verdict.score) == ("stale", 0), verdict.text()
    assert said in verdict.feedback
    assert repr(verdict) == "0"
    assert "1 of 1" not in verdict._repr_html_()


FRESH: dict[str, Any] = {
    "once": ids(RIGHT),
    "again": ids(RIGHT, RIGHT),
    "mended": ids(RIGHT, TYPO, RIGHT),
    "mended, in a terminal": [RIGHT, TYPO, RIGHT],
    "mended, with a magic": ids(RIGHT, TYPO, f"%%time\n{RIGHT}"),
    "in another cell": [*ids(RIGHT, TYPO), ("x2", RIGHT)],
    "an unrelated cell fails": [*ids(RIGHT), ("x2", "data['heigth']")],
    "an unrelated cell fails, in a terminal": [RIGHT, "data['heigth']"],
    "an unrelated cell that reads it fails": [*ids(RIGHT), ("x2", "print(icc['heigth'])")],
    "an unrelated cell cannot be read": [RIGHT, "print(icc == 0.7"],
    "another name beside it": [RIGHT, "icc_ml = 0.7367"],
    "an error once it is set": ids(RIGHT, f"{RIGHT}\ndata['heigth']"),
    "the same text object once more, then an error": ids("icc = '0.7445'", "icc = '0.7445'\ndata['heigth']"),
    "an error once it is set, in a block": ids(
        RIGHT, "import warnings\nwith warnings.catch_warnings():\n    icc = 0.7445\n    data['heigth']"
    ),
    "set by its text": ids("exec('icc = 0.7445')", "exec('icc = 0.7445')"),
    "set in a dictionary": ids("globals()['icc'] = '0.7445'", "globals()['icc'] = '0.7445'"),
    "set by a function": ids("def f():\n    global icc\n    icc = 0.7445\nf()", "f()"),
    "a condition that is not met": ids(RIGHT, "if 'icc' not in globals():\n    icc = 0.7445"),
    "taken back": ids(RIGHT, "del icc", RIGHT),
    "looked at in its own cell": ids(RIGHT, "print(icc)"),
    "with a magic in its line": ids("%time icc = 0.7445"),
    "awaited": ids("import asyncio\nawait asyncio.sleep(0)\nicc = 0.7445"),
    "assigned to in two cells": [("x1", "icc = 1"), ("x2", RIGHT), ("x1", "print(1)")],
    "an empty cell": ids(RIGHT, ""),
    "as a loop's variable": ids("for icc in [1, 0.7445]:\n    pass"),
    "with a type": ids("icc: float = 0.7445"),
}


@pytest.mark.parametrize("name", FRESH)
def test_a_fresh_value_is_judged(shell: InteractiveShell, name: str) -> None:
    """A right answer that its cell has set is right, whatever else fails."""
    verdict = checked(shell, "icc", *FRESH[name])

    assert (verdict.judgement.status, verdict.score) == ("right", 1), verdict.text()


CAUTION: dict[str, tuple[Any, str]] = {
    "an error once it is set": (ids(f"{RIGHT}\ndata['heigth']"), "stopped with an error in line 2"),
    "an error in another cell": ([("x1", RIGHT), ("x2", TYPO)], "another cell that sets it stopped"),
    "the answer was deleted": (ids(f"a = 1\n{RIGHT}", "a = 1"), "only what stands in the cells counts"),
    "the answer is a comment": (ids(RIGHT, f"# {RIGHT}\n1"), ""),
}


@pytest.mark.parametrize("name", CAUTION)
def test_in_doubt_the_value_is_judged(shell: InteractiveShell, name: str) -> None:
    """What may well be right is judged, with a word on what is odd about it."""
    sources, said = CAUTION[name]

    verdict = checked(shell, "icc", *sources)

    assert verdict.score == 1
    assert said in verdict.feedback


MISSING: dict[str, tuple[Any, str]] = {
    "an error": (ids(TYPO), "`KeyError: 'heigth'`"),
    "a syntax error": (ids("icc = (0.7445"), "never closed"),
    "a syntax error, in a terminal": (["icc = (0.7445"], "never closed"),
    "a name with a space": (ids("my icc = 0.7445"), "no spaces"),
    "a decimal comma that cannot be read": (ids("icc = 0,05"), "decimal mark is a point"),
    "a near miss": (["icc_ = 0.7445"], "there is `icc_`"),
    "in capitals": (["ICC = 0.7445"], "there is `ICC`"),
    "another name in its cell": (ids("result = 0.7445"), "there is `result`"),
    "no name": (ids("0.7445"), "nothing was stored under the name `icc`"),
    "inside a function": (ids("def f():\n    icc = 0.7445\nf()"), "inside a function only"),
    "deleted": ([*ids(RIGHT), "del icc"], "has been deleted"),
    "nothing": (["icc = None"], "holds nothing (`None`)"),
    "what print gives": (ids("icc = print(0.7445)"), "holds nothing (`None`)"),
    "a placeholder, then an error": (ids("icc = None\nicc = data['heigth']"), "`KeyError: 'heigth'`"),
    "nothing was run": ([], "Run All Above Selected Cell"),
    "only a comment": (ids("# icc"), "Run All Above Selected Cell"),
    "a name of the course": (["from oxboys_mlm import icc as icc_1"], "Run All Above Selected Cell"),
}


@pytest.mark.parametrize("name", MISSING)
def test_why_there_is_no_answer(shell: InteractiveShell, name: str) -> None:
    """A missing answer is told what came in between."""
    sources, said = MISSING[name]

    verdict = checked(shell, "icc", *sources)

    assert verdict.judgement.status == "missing"
    assert said in verdict.feedback


def test_progress_tells_stale_answers(shell: InteractiveShell) -> None:
    """The overview counts no answer of an earlier run."""
    checked(shell, "icc", *ids(RIGHT, TYPO))
    run(shell, "overview = progress()")
    overview = shell.user_ns["overview"]

    assert "0 of 5" in repr(overview)
    assert "run its cell again" in overview._repr_html_()


def test_cells_before_the_import(shell: InteractiveShell) -> None:
    """What ran before the library was imported is known by its text."""
    run(shell, "import pandas as pd\nicc = 0.7445", "average_slope = undefined")
    assert checked(shell, "icc").score == 1
    assert checked(shell, "icc", TYPO.replace("icc", "xyz")).score == 1
    assert checked(shell, "icc", "pd\nicc = 0.7445 1").judgement.status == "stale"


def test_answer_and_check_in_one_cell(shell: InteractiveShell) -> None:
    """A check in the answer's own cell judges what has just been set."""
    checked(shell, "icc", *ids(RIGHT, TYPO))
    run(shell, (ANSWER, f"{RIGHT}\nverdict = check('icc')"))

    assert shell.user_ns["verdict"].score == 1


@pytest.mark.parametrize("variable", [SEED_VARIABLE, "NBGRADER_EXECUTION"])
def test_marks_depend_on_the_value_alone(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """In a grader's kernel nothing is watched."""
    monkeypatch.setenv(variable, "1" if variable == SEED_VARIABLE else "autograde")

    assert checked(shell, "icc", RIGHT, TYPO).score == 1


def test_validate_runs_every_cell_once(shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """In nbgrader's Validate, which gives no ids of cells, two cells are two cells."""
    monkeypatch.setenv("NBGRADER_VALIDATING", "1")

    assert checked(shell, "icc", RIGHT, TYPO).score == 1


def test_a_watch_does_no_harm(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a cell is or raises, IPython has nothing to complain of, and the next answer is judged."""
    strange = [
        "class E(Exception):\n    def __str__(self): raise ValueError\nraise E",
        "raise SystemExit",
        "raise KeyError",
        "raise KeyError((1, 2), 3)",
        "raise KeyError(float('nan'))",
        "raise SyntaxError",
        "raise AttributeError",
        "raise NameError",
        "raise ImportError('x')",
        "\0",
        "%%nothing\nicc = 1",
        "%nothing",
        "!",
        "?icc",
        "data = 3",
        "data['heigth']",
        "%reset -f",
    ]
    run(shell, QUICK)
    checks._watch()
    run(shell, *strange)

    assert "Error in callback" not in "".join(capsys.readouterr())
    assert checked(shell, "icc", RIGHT).score == 1


@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
def test_the_courses_own_names_are_no_near_misses(assignment: str, name: str) -> None:
    """No name that a notebook's own cells set is taken for a misspelt answer of that notebook."""
    keys = [question.key for book in questions.NOTEBOOKS if book.name == name for question in book.questions]
    for cell in release(assignment, name).cells:
        if cell.cell_type == "code" and not settings(cell)["solution"]:
            for own in cells.read_bindings(cell.source).lines.keys() - set(oxboys_mlm.__all__):
                near = [key for key in keys if cells._is_near(own, key)]
                assert near == [], f"{own} looks like {near}"


ERRORS = {
    "sns.lmplot(data=data, x='age', y='heigth')": "Did you mean `height`?",
    "sns.regplot(data=data, x='age', y='heigth')": "Did you mean `height`?",
    "sns.scatterplot(data=data, x='age', y='heigth')": "Did you mean `height`?",
    "sns.lmplot(data=data, x='age', y='height', heu='Subject')": "no argument called `heu`",
    "data[['age', 'hight']]": "Did you mean `height`?",
    "data.heigth": "Did you mean `height`?",
    "data['weight']": "Its columns are `Subject`",
    "smf.mixedlm('height ~ age + (1|Subject)', data).fit()": "how R's lme4",
    "smf.mixedlm('height ~ age', data).fit()": "`groups=`",
    "smf.mixedlm('heigth ~ 1', data, groups='Subject')": "In the formula: `data` has no column `heigth`. Did you mean",
    "smf.mixedlm('height age', data, groups='Subject')": "cannot read the formula",
    "smf.mixedlm('height ~ age +', data, groups='Subject')": "cannot read the formula",
    "smf.mixedlm('height ~ 1', data, groups='subject')": "Did you mean `Subject`?",
    "smf.mixedlm('height ~ 1', data, groups=Subject)": "column of `data`",
    "smf.mixedlm(height ~ 1, data, groups='Subject')": "stands in quotation marks",
    "smf.mixedlm('height ~ 1', groups='Subject')": "lacks",
    "smf.mixedlm('height ~ 1', data, groups='Subject').cov_re": "has not been fitted",
    "smf.mixdlm('height ~ 1', data, groups='Subject')": "`mixedlm`",
    "sm.mixedlm('height ~ 1', data, groups='Subject')": "`smf`",
    "smf.ols('height ~ age', data).fit().params['agee']": "no entry `agee`",
    "pd.DataFrame([[1]])[0, 0]": ".iloc",
    "pd.DataFrame([[1]]).iloc[0, 1]": "counts them from 0",
    "x = “abc”": "type it again",
    "x = 'abc": "quotation mark",
    "print('a'": "never closed",
    "x = (1]": "another kind",
    "if True\n    x = 1": "colon",
    "def f(r):\nreturn 1": "four spaces",
    "x = 1\n  y = 2": "begins with spaces",
    "icc := 3": "without the colon",
    "3 = icc": "`==`",
    "icc = yes": "quotation marks",
    "icc = true": "`True`",
    "icc = maen(data.age)": "`maen`",
    "float('0,74')": "decimal mark is a point",
    "'a' + 1": "a text and not a number",
    "data.age.mean + 1": "Round brackets",
    "x = 1\nx(2)": "not a function",
    "None.x": "returned nothing",
    "None + 1": "returned nothing",
    "import lme4": "is not installed",
    "import numpyy": "`numpy`",
    "from oxboys_mlm import fit_nul": "`fit_null`",
    "pd.read_csv('Oxboys.csv')": "as `data`",
    "np.linalg.inv(np.zeros((2, 2)))": "cannot be computed",
    "plt.scatter(data.age, data.height[:3])": "equally many",
    "1 / 0": "divided by zero",
    "del data\ndata": "first cell",
    "del sns\nsns.lmplot()": "Run All Above Selected Cell",
    "data = data.drop(columns='age')\ndata['age']": "changed it",
}


@pytest.fixture(scope="module")
def explained(one_shell: InteractiveShell) -> dict[str, str]:
    """Run each of the cells after the set-up cell; give what is said of its error."""
    said = {}
    watch = cells.CellWatch(one_shell, KEYS)
    for source in ERRORS:
        one_shell.run_cell(SETUP)
        one_shell.run_cell(source)
        problem = watch.runs[-1].problem
        said[source] = f"{problem.what}: {problem.advice}" if problem else "no error"
    one_shell.events.unregister("pre_run_cell", watch._before)
    one_shell.events.unregister("post_run_cell", watch._after)
    return said


@pytest.mark.parametrize("source", ERRORS)
def test_errors_in_plain_words(explained: dict[str, str], source: str) -> None:
    """Usual errors are explained."""
    assert ERRORS[source] in explained[source]
