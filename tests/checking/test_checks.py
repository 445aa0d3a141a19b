"""`check` and `progress`, as a notebook and a terminal see them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest
from classroom import ROOT
from IPython.core.interactiveshell import InteractiveShell

from oxboys_mlm import check, questions
from oxboys_mlm.assessment.evidence import MIME_TYPE, SEED_VARIABLE, Missing, Text, Unusable, decode
from oxboys_mlm.assessment.verdict import Verdict
from oxboys_mlm.checking import cells, checks
from oxboys_mlm.checking.notebook_file import PLACEHOLDER
from oxboys_mlm.checking.points import points_of


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, with nothing checked before."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checks, "checked", [])
    monkeypatch.setattr(cells, "_watch", None)
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))  # a shell puts itself there
    monkeypatch.delenv(SEED_VARIABLE, raising=False)


def _with(namespace: dict[str, Any], code: str) -> Any:
    """Run code as a module of its own would."""
    exec(f"from oxboys_mlm import check, progress\nresult = {code}", namespace)
    return namespace["result"]


def _notebook(path: Path, points: object, grade_id: str = "icc-check") -> None:
    settings = {"grade": True, "grade_id": grade_id, "points": points}
    path.write_text(json.dumps({"cells": [{"metadata": {}}, {"metadata": {"nbgrader": settings}}]}))


#: Made where they are used: pytest itself would stumble over some of them.
STRANGE = {
    "an object that raises when looked at": """
        class X:
            def __getattribute__(self, name):
                print("hello")
                print("hello", file=sys.stderr)
                raise SystemExit
        x = X()""",
    "an object of a type that raises": """
        class E(Exception):
            def __str__(self):
                print("rude", file=sys.stderr)
                raise KeyboardInterrupt
        class M(type):
            def __getattribute__(cls, name):
                raise E
        class X(metaclass=M):
            pass
        x = X()""",
    "such a type itself": """
        class M(type):
            def __getattribute__(cls, name):
                raise SystemExit
        class x(metaclass=M):
            pass""",
    "an object that is everything": """
        class X:
            def __getattr__(self, name): return self
            def __call__(self, *a, **k): return self
            def __eq__(self, other): return True
            def __iter__(self): return self
            def __next__(self): return self
            def __repr__(self): raise ValueError
            __hash__ = None
            __class__ = float
        x = X()""",
    "a callable that warns": """
        import warnings
        def x(results):
            warnings.simplefilter("always")
            warnings.warn("look")
            print("look", file=sys.stderr)""",
    "half a character": "x = chr(0xD800)",
    "a function that raises half a character": """
        def x(results):
            raise ValueError(chr(0xD800))""",
    "a long text": "x = 'x' * 10**6",
    "a huge number": "x = 10 ** 10**4",
    "a list in itself": "x = []; x.append(x)",
    "not a number": "x = float('nan')",
    "an object": "x = object()",
    "a module": "x = sys",
    "a mock": "from unittest.mock import MagicMock; x = MagicMock()",
    "without end": "import itertools; x = itertools.count()",
}


@pytest.mark.parametrize("name", STRANGE)
def test_no_answer_breaks_a_check(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Whatever stands under a question's name: no error, no output, no points, and evidence that can be read."""
    made: dict[str, Any] = {"sys": sys}
    exec(dedent(STRANGE[name]), made)

    for notebook in questions.NOTEBOOKS:
        for question in notebook.questions:
            verdict = checks.verdict_on(question.key, {question.key: made["x"]})
            bundle = verdict._repr_mimebundle_()
            assert bundle["text/plain"] == "0", question.key
            assert decode(bundle[MIME_TYPE]).question == question.key
            assert verdict.feedback
    assert capfd.readouterr() == ("", "")


def test_check_finds_the_answer_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    """Outside of IPython the caller's variables are looked up, and the feedback is printed."""
    verdict = _with({"__name__": "m", "icc": 0.7445}, "check('icc')")

    assert repr(verdict) == "1"
    assert capsys.readouterr().out == f"{verdict.text()}\n"


def test_missing_answer(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is not defined is no error, and its feedback says which name is wanted."""
    verdict = check("random_slope_fit")

    assert verdict.record.evidence == Missing()
    assert "`random_slope_fit`" in capsys.readouterr().out


def test_unknown_question() -> None:
    """A misspelt key is an error of the notebook's author, with the nearest key."""
    with pytest.raises(ValueError, match="null_fit"):
        check("nul_fit")
    with pytest.raises(ValueError, match="no question"):
        check(3)  # type: ignore[arg-type]


def test_in_ipython(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In IPython the notebook's variables are looked up; a kernel's front end shows the HTML, so nothing is printed."""
    shell = InteractiveShell()
    shell.kernel = object()  # type: ignore[attr-defined]
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    shell.run_cell("from oxboys_mlm import check, progress\nicc_meaning = 'b'\nicc = 0.1")
    shell.run_cell("verdict = check('icc_meaning')\noverview = progress()")

    assert shell.user_ns["verdict"].record.evidence == Text("b")
    assert capsys.readouterr().out == ""
    overview = shell.user_ns["overview"]
    assert (overview.notebook, len(overview.verdicts)) == ("2-null-model", 5)
    assert "icc_interpretation" in overview._repr_html_()


#: How answers and checks are run: a script by ``%run``, the same with the notebook's names, and by functions.
PLACES = {
    "a script": "%run script.py",
    "a script with the notebook's names": "%run -i script.py",
    "a function of a module": "import script",
    "a function": "from pathlib import Path\nexec(Path('script.py').read_text())",
}


@pytest.mark.parametrize("place", PLACES)
def test_answers_in_a_script(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A check finds the names that its caller sees, a script's and a function's own; it says there what it found."""
    (tmp_path / "script.py").write_text(
        "from oxboys_mlm import check\n"
        "def ask(key):\n    check(key)\n"
        "def work():\n    average_slope = 6.524\n    ask('average_slope')\n"
        "work()\n"
        "icc = 0.7445\n"
        "ask('icc')\n"
        "check('icc')\n"
        "check('slope_variance')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    shell = InteractiveShell()
    shell.kernel = object()  # type: ignore[attr-defined]
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    shell.run_cell(PLACES[place])
    sys.modules.pop("script", None)

    out = capsys.readouterr().out
    assert out.count("✔ Right · 1 of 1 point") == (2 if place == "a function" else 3), out
    assert "`slope_variance`" in out or place == "a function"


def test_a_script_of_its_own(tmp_path: Path) -> None:
    """``python script.py`` has every answer checked."""
    (tmp_path / "script.py").write_text("from oxboys_mlm import check\nicc = 0.7445\ncheck('icc')\n")
    done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, check=True, cwd=tmp_path)

    assert "Right · 1 of 1 point" in done.stdout


def test_a_scripts_answers_are_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a script does not set is missing, whatever the notebook holds."""
    (tmp_path / "script.py").write_text("from oxboys_mlm import check\ncheck('icc')\n")
    shell = InteractiveShell()
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    shell.run_cell("icc = 0.7445\n%run script.py")

    assert "No answer yet" in capsys.readouterr().out


def test_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grader's seed is used if it is one; anything else leaves the student's."""
    for text, seed in [("42", 42), ("", 1987), ("-1", 1987), ("1e3", 1987), ("9" * 30, 1987), ("²", 1987)]:
        monkeypatch.setenv(SEED_VARIABLE, text)
        assert checks.probe_seed() == seed


def test_points_live_in_the_notebook(tmp_path: Path) -> None:
    """The points of the check cell count, and are read again after a change."""
    _notebook(tmp_path / "a.ipynb", 4)
    assert repr(checks.verdict_on("icc", {"icc": 0.7445})) == "4"
    _notebook(tmp_path / "a.ipynb", 2.5)
    assert repr(checks.verdict_on("icc", {"icc": 0.7445})) == "2.5"


@pytest.mark.parametrize("points", ["many", None, float("inf"), float("nan"), -3, [], {}])
def test_nonsense_points_are_passed_over(tmp_path: Path, points: object) -> None:
    """Where no notebook can be understood, the release's points are shown."""
    (tmp_path / "broken.ipynb").write_text("{")
    (tmp_path / "folder.ipynb").mkdir()
    _notebook(tmp_path / "z.ipynb", points, "null_fit-check")

    assert points_of("null_fit") == 2


def test_points_of_the_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no notebook lies beside the kernel, the check cells of the released one count; the package has no copy."""
    release = ROOT / "notebooks" / "core" / "2-null-model.ipynb"
    (tmp_path / "course" / "core").mkdir(parents=True)
    changed = re.sub(r'"points": [\d.]+', '"points": 7', release.read_text("utf-8"))
    (tmp_path / "course" / "core" / release.name).write_text(changed, "utf-8")

    assert [points_of(key) for key in ("null_fit", "icc")] == [2, 1]
    monkeypatch.setattr("oxboys_mlm.checking.points._RELEASES", (tmp_path / "nowhere", tmp_path / "course"))
    assert [points_of(key) for key in ("null_fit", "icc")] == [7, 7]
    monkeypatch.setattr("oxboys_mlm.checking.points._RELEASES", ())
    assert repr(checks.verdict_on("icc", {"icc": 0.7445})) == "1"


def test_choices_count_as_done_while_validating(monkeypatch: pytest.MonkeyPatch) -> None:
    """Validating in nbgrader is content with a choice once it is made, right or wrong."""
    for choice, points in [("a", "1"), ("b", "1"), ("e", "0")]:
        monkeypatch.setenv("NBGRADER_VALIDATING", "1")
        assert repr(checks.verdict_on("icc_meaning", {"icc_meaning": choice})) == points
        monkeypatch.delenv("NBGRADER_VALIDATING")
        assert repr(checks.verdict_on("icc_meaning", {"icc_meaning": choice})) == "0"


@pytest.fixture
def _shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what a call gives be shown."""
    monkeypatch.setattr(checks, "shows_value", lambda caller: True)


@pytest.mark.usefixtures("_shown")
def test_progress_outside_ipython(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a check the notebook is guessed from the answers; without an answer a line says so."""
    assert _with({"__name__": "m"}, "progress()") is None
    assert "No answer" in capsys.readouterr().out

    overview = _with({"__name__": "m", "vanished_rows": {"Group Var"}, "why_singular": "c"}, "progress()")
    assert overview.notebook == "5-slope-only"
    lines = repr(overview).splitlines()
    assert lines[0] == "5-slope-only: 1 of 4 checked answers done, and 1 to write"
    assert len(lines) == 1 + 4 + 1 + 2
    assert "0.5 / 1" in lines[2]
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("_shown")
@pytest.mark.parametrize(
    ("source", "summary", "state"),
    [
        (["*Write your answer here, in place of this line.*"], "0 of 5 answers done", "nothing written"),
        (["- \n", " "], "0 of 5 answers done", "nothing written"),
        ("Because.", "1 of 5 answers done", "written, marked by hand"),
        (
            "*Write your answer here, in place of this line.*\n\nBecause.",
            "1 of 5 answers done",
            "written, marked by hand",
        ),
    ],
)
def test_progress_counts_free_texts(tmp_path: Path, source: object, summary: str, state: str) -> None:
    """What is to be written is counted, as the file beside the kernel has it."""
    settings = {"grade": True, "solution": True, "grade_id": "slope_only_difference", "points": 2}
    cell = {"cell_type": "markdown", "metadata": {"nbgrader": settings}, "source": source}
    (tmp_path / "5-slope-only.ipynb").write_text(json.dumps({"cells": [cell]}))

    overview = _with({"__name__": "m", "vanished_rows": "x"}, "progress()")

    assert summary in repr(overview)
    assert state in overview._repr_html_()


def test_the_placeholder_is_the_releases() -> None:
    """What stands in an unwritten free text is what nbgrader puts there."""
    assert f'text_stub = "{PLACEHOLDER}"' in (ROOT / "nbgrader_config.py").read_text()


def test_validate_fails_what_earns_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """To nbgrader's Validate, no points are a failure with the check's own words, some points are partial credit."""
    shell = InteractiveShell()
    shell.kernel = object()  # type: ignore[attr-defined]
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setenv("NBGRADER_VALIDATING", "1")
    for code, said in [
        ("check('icc')", "There is no `icc`"),
        ("icc = 0.1\ncheck('icc')", "Not yet"),
        ("icc = 0.7\ncheck('icc')", ""),
        ("icc = 0.7445\ncheck('icc')", ""),
        ("icc_meaning = 'a'\ncheck('icc_meaning')", ""),
    ]:
        shell.run_cell(f"from oxboys_mlm import check\n{code};")
        err = capsys.readouterr().err
        assert (said in err) if said else err == ""


@pytest.mark.usefixtures("_shown")
def test_progress_page_is_escaped() -> None:
    """The overview holds nothing of the student's but states and points."""
    overview = _with({"__name__": "m", "icc": "<script>", "icc_meaning": "b"}, "progress()")

    assert "<script>" not in overview._repr_html_()
    assert overview._repr_html_().count("<tr>") == 1 + 5 + 1


def test_a_slow_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """An object that takes too long to look at is unusable."""
    question = questions.find("icc")
    monkeypatch.setattr(checks, "COLLECT_SECONDS", 0.05)

    def forever(*arguments: object) -> None:
        while True:
            pass

    monkeypatch.setattr(checks.collecting, "describe", forever)
    evidence = checks.describe(question, {"icc": 1}, 1)
    assert isinstance(evidence, Unusable)
    assert "took too long" in evidence.description


def test_stderr_of_a_fresh_process_stays_empty() -> None:
    """In a process of its own, a check writes nothing to stderr: nbgrader would score it as zero."""
    code = (
        "import statsmodels.formula.api as smf, warnings\n"
        "from oxboys_mlm import *\n"
        "with warnings.catch_warnings():\n"
        "    warnings.simplefilter('ignore')\n"
        "    model = smf.mixedlm('height ~ age', load_oxboys(), groups='Subject', re_formula='~age-1')\n"
        "    slope_only_fit = model.fit()\n"
        "def calculate_icc(r):\n    warnings.warn('x'); return r.bse_re\n"
        "icc = 0.2\n"
        "for key in ['slope_only_fit', 'calculate_icc', 'icc', 'intercept_slope_correlation', 'pooled_plot']:\n"
        "    check(key)\n"
    )
    environment = {**os.environ, "PYTHONWARNINGS": "always"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)

    ours = [line for line in done.stderr.splitlines() if "oxboys_mlm" in line or "Convergence" in line]
    assert ours == []
    assert done.stdout.count("\n") == 5


def test_verdicts_are_repeatable() -> None:
    """The same answer gets the same verdict, however often it is checked."""
    namespace = {"calculate_icc": lambda r: r.cov_re.iloc[0, 0] / (r.cov_re.iloc[0, 0] + r.scale)}
    verdicts: list[Verdict] = [checks.verdict_on("calculate_icc", namespace) for _ in range(3)]

    assert len({verdict._repr_mimebundle_()[MIME_TYPE] for verdict in verdicts}) == 1
