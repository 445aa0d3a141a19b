"""What a notebook calls to have an answer checked: `check`."""

from __future__ import annotations

import dataclasses
import os
import sys
import textwrap
from collections import ChainMap
from collections.abc import Mapping
from types import FrameType
from typing import Any

from oxboys_mlm import questions
from oxboys_mlm.assessment import collecting
from oxboys_mlm.assessment.evidence import SEED_VARIABLE, Evidence, EvidenceError, Missing, Record, Unusable, encode
from oxboys_mlm.assessment.guard import attempt, name_problem
from oxboys_mlm.assessment.question import Question
from oxboys_mlm.assessment.verdict import Judgement, Verdict
from oxboys_mlm.checking.cells import CellWatch, Origin, watch
from oxboys_mlm.checking.explanations import Problem
from oxboys_mlm.checking.points import points_of
from oxboys_mlm.checking.terminal import say, writable

#: How long describing one answer may take altogether (seconds).
COLLECT_SECONDS = 15.0

#: Seed of a function's probes while a student works. A grader sets another, see `probe_seed`.
STUDENT_SEED = 1987

#: The keys that were checked in this process.
checked: list[str] = []


def check(key: str) -> Verdict:
    """Check the answer that stands in the notebook under a name.

    Parameters
    ----------
    key
        The question's key, which is the name of the variable or function that answers it.

    Returns
    -------
    Verdict
        Shown by the notebook as feedback; printed, it is the number of points. Never raises for a
        wrong or missing answer.

    Raises
    ------
    ValueError
        If there is no question of this name.
    """
    caller = sys._getframe(1)
    verdict = verdict_for(key, caller)
    checked.append(key)
    if not shows_html(caller):
        say(verdict.text())
    elif os.environ.get("NBGRADER_VALIDATING") and not verdict.score:
        # To nbgrader's Validate, points that are no full points are "partial credit", none at all included. What
        # is written to stderr it takes for a failure, and shows.
        lines = verdict.text().splitlines()
        print(writable("\n".join(textwrap.fill(line, 85) for line in lines)), file=sys.stderr)
    return verdict


def verdict_for(key: str, caller: FrameType) -> Verdict:
    """Judge the answer that a caller sees under a key, unless it is known to be that of an earlier run."""
    verdict = verdict_on(key, names_seen_by(caller))
    origin = _origin(key, caller)
    if origin is None:
        return verdict
    return dataclasses.replace(verdict, judgement=_with_origin(verdict, origin, caller.f_globals))


def verdict_on(key: str, namespace: Mapping[str, Any]) -> Verdict:
    """Describe and judge the answer that a namespace holds under a key."""
    question = questions.find(key)
    record = Record(key, describe(question, namespace, probe_seed()))
    judgement = question.judge(record.evidence)
    if judgement.status == "recorded" and os.environ.get("NBGRADER_VALIDATING"):
        # nbgrader's Validate asks whether the notebook is ready to hand in, and a choice is, once made.
        judgement = Judgement("recorded", 1.0, judgement.feedback)
    return Verdict(record, judgement, points_of(key))


def describe(question: Question, namespace: Mapping[str, Any], seed: int) -> Evidence:
    """Describe an answer as evidence; whatever it does, this neither raises nor prints nor hangs."""
    evidence = attempt(
        lambda: (
            collecting.describe(question, namespace[question.key], seed, namespace)
            if question.key in namespace
            else Missing()
        ),
        COLLECT_SECONDS,
    )
    if isinstance(evidence, BaseException):
        return Unusable("misbehaved", f"an object that cannot be looked at ({name_problem(evidence)})")
    try:
        encode(Record(question.key, evidence))
    except EvidenceError:
        return Unusable("too_large", "more than an answer can hold")
    return evidence


def probe_seed() -> int:
    """Return the seed of the models that a function is called with: the grader's own if it set one."""
    text = os.environ.get(SEED_VARIABLE, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else STUDENT_SEED


# ---- where an answer stands ------------------------------------------------------------------------------


def _shell() -> Any:
    """Return IPython's shell; None outside of IPython."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def names_seen_by(caller: FrameType) -> Mapping[str, Any]:
    """Return the names that a caller sees: its own, those of functions around it, those of the program that runs.

    The program is the notebook, or a script, which ``%run`` gives names of its own.
    """
    main = getattr(sys.modules.get("__main__"), "__dict__", {})
    program = [main]
    if (shell := _shell()) and caller.f_globals is not main:  # a module that the notebook imports
        program.append(shell.user_ns)
    seen: list[Any] = [caller.f_locals, caller.f_globals]
    step = caller.f_back
    while step is not None:
        if any(step.f_globals is names for names in (caller.f_globals, *program)):
            seen.append(step.f_locals)
        step = step.f_back
    return ChainMap(*seen, *program)


def _is_cell(caller: FrameType) -> bool:
    """Return whether a call stands in a cell itself, not in a function or a script (``%run -i`` shares its names)."""
    shell = _shell()
    outer = caller.f_back.f_code.co_name if caller.f_back else ""
    return shell is not None and caller.f_locals is shell.user_ns and outer != "execfile"


def shows_html(caller: FrameType) -> bool:
    """Return whether a front end shows the HTML of a cell's value; a terminal would only show the points."""
    return hasattr(_shell(), "kernel") and (_is_cell(caller) or SEED_VARIABLE in os.environ)


def shows_value(caller: FrameType) -> bool:
    """Return whether the value of a call is shown: in a cell, or at Python's own prompt."""
    # IPython sets ps1 as well, also while %run runs a script.
    at_prompt = _shell() is None and hasattr(sys, "ps1") and caller.f_locals is vars(sys.modules["__main__"])
    return _is_cell(caller) or at_prompt


# ---- what happened in the cells --------------------------------------------------------------------------


def _watch() -> CellWatch | None:
    """Watch the cells of a student's kernel. A mark depends on what a cell gives, and on nothing else."""
    if SEED_VARIABLE in os.environ or os.environ.get("NBGRADER_EXECUTION") == "autograde":
        return None
    try:
        return watch([question.key for notebook in questions.NOTEBOOKS for question in notebook.questions])
    except Exception:  # noqa: BLE001 - without a watch, a check still judges the value
        return None


def _origin(key: str, caller: FrameType) -> Origin | None:
    """Say how the notebook's value under a key came about; None where nobody knows."""
    shell, watched = _shell(), _watch()
    if watched is None or caller.f_globals is not shell.user_ns:
        return None
    if key not in shell.user_ns and key in names_seen_by(caller):
        return None  # a function's own
    try:
        return watched.origin(key)
    except Exception:  # noqa: BLE001 - an answer whose origin is unknown is judged as it is
        return None


def _with_origin(verdict: Verdict, origin: Origin, names: Mapping[str, Any]) -> Judgement:
    """Say in a judgement what happened in the answer's cell."""
    key, judgement = verdict.record.question, verdict.judgement
    there = key in names
    if there and origin.state != "fresh":
        return Judgement("stale", 0.0, _stale(key, origin))
    if isinstance(verdict.record.evidence, Missing):
        feedback = _holds_nothing(key, origin) if there else _absent(key, origin)
        return dataclasses.replace(judgement, feedback=feedback)
    if origin.problem is not None:
        cell = "another cell that sets it" if origin.elsewhere else "its cell, once it was set,"
        caution = f"This is judged. But {cell} stopped with an error{_where(origin.problem)}"
    elif origin.changed:
        caution = (
            f"This is judged. But the cell that had set `{key}` has been changed since and no longer sets it. Make "
            "sure that a cell of the notebook does: when you hand in, only what stands in the cells counts."
        )
    else:
        return judgement
    return dataclasses.replace(judgement, feedback=f"{judgement.feedback}\n{caution}")


def _where(problem: Problem) -> str:
    """End a sentence with the place of an error and Python's words for it, and add what they mean."""
    line = f" in line {problem.line}" if problem.line else ""
    return f"{line}: `{problem.what}`\n{problem.advice}".rstrip("\n")


def _stale(key: str, origin: Origin) -> str:
    again = "Then run the cell, and this check again."
    if origin.problem is not None:
        return (
            f"The last run of the cell that sets `{key}` stopped with an error{_where(origin.problem)}\n"
            f"`{key}` still holds what an earlier run gave. Fix the cell. {again}"
        )
    return (
        f"The last run of the cell that had set `{key}` set `{origin.instead}` in its place. `{key}` still holds what "
        f"an earlier run gave. Write the name as the task has it: `{key}`. {again}"
    )


def _holds_nothing(key: str, origin: Origin) -> str:
    if origin.problem is not None and not origin.elsewhere:
        return f"`{key}` holds nothing yet, because its cell stopped with an error{_where(origin.problem)}"
    return (
        f"`{key}` is there but holds nothing (`None`). `print(...)` and `plt.show()` show something and return "
        f"nothing. Store the thing itself as `{key}`."
    )


def _absent(key: str, origin: Origin) -> str:
    again = "run it, then run this check again."
    match origin.state:
        case "failed" if origin.problem is not None:
            return (
                f"There is no `{key}`, because the cell that should set it stopped with an "
                f"error{_where(origin.problem)}\n"
                f"Fix the cell, {again}"
            )
        case "renamed":
            return (
                f"There is no `{key}` yet, but there is `{origin.instead}`. If this is your answer, write its name as "
                f"the task has it: `{key}`. Change it in the cell above, {again}"
            )
        case "inside":
            return (
                f"`{key}` is set inside a function only, and is gone when the function ends. Set it outside, at the "
                f"left margin of the cell, {again}"
            )
        case "nameless":
            return (
                f"The cell above was run, but nothing was stored under the name `{key}`. Begin the line that makes "
                f"your answer with `{key} = `, {again}"
            )
        case "deleted":
            return f"There was a `{key}`, but it has been deleted. Run the cell above, then run this check again."
    return (
        f"There is no `{key}` yet. Write your answer in the cell above, under exactly this name, {again}\n"
        "Is it written there already? Then Python has forgotten it: it was restarted, or the notebook was closed and "
        "opened again. Run all cells above again (in JupyterLab: menu Run, Run All Above Selected Cell)."
    )


# From the import on, which is in a notebook's first cell: what went before an answer's check is over when it is called.
_watch()
