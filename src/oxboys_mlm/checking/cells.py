"""What happened in a notebook's cells: which one should have set a name, and how its last run ended.

A kernel keeps the value of an earlier run when a cell fails, or sets another name. So a value alone does not tell
whether it is the answer that stands in the notebook. IPython tells of every run before and after it, in any front end.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal

from oxboys_mlm.assessment.collecting.objects import course_helper
from oxboys_mlm.checking.bindings import Bindings, read_bindings, sets_by_its_look
from oxboys_mlm.checking.explanations import Problem, describe_error

#: Two texts that are at least this alike are two versions of one cell, where no front end says so.
_ALIKE = 0.6

#: Two names that are at least this alike are one name and its misspelling.
_NEAR = 0.72

_NOTHING = object()


@dataclass
class CellRun:
    """One run of a cell.

    Attributes
    ----------
    source
        The cell's text.
    cell
        The front end's id of the cell; None where it gives none.
    bindings
        What the text says of the names that it sets.
    changed
        Questions whose answer it has set.
    problem
        The error that ended it, if one did.
    """

    source: str
    cell: str | None
    bindings: Bindings
    changed: frozenset[str] = frozenset()
    problem: Problem | None = None


@dataclass(frozen=True)
class Origin:
    """How the value under a name came about, or why there is none.

    Attributes
    ----------
    state
        "fresh": the value is what its cell gives, as far as anybody can tell. "failed": the last run of its cell
        stopped with an error before it was set. "renamed": the last run of its cell set another name. "inside": it is
        set inside a function only. "nameless": the cell ran, and stored nothing. "deleted": a cell has deleted it.
        "unseen": nobody has set it since Python was started.
    problem
        The error, where one is to be told of.
    instead
        The name that was set in its place.
    changed
        Whether the cell has been changed since, and no longer sets the name.
    elsewhere
        Whether the error was in another cell that sets the name as well.
    """

    state: Literal["fresh", "failed", "renamed", "inside", "nameless", "deleted", "unseen"]
    problem: Problem | None = None
    instead: str = ""
    changed: bool = False
    elsewhere: bool = False


@dataclass
class _Begun:
    """A run that is not over."""

    info: Any
    before: dict[str, Any]
    last_error: Any
    problem: Problem | None = None


@dataclass
class CellWatch:
    """Remembers the runs of a shell's cells.

    Attributes
    ----------
    shell
        IPython's shell.
    keys
        The names that questions ask for.
    """

    shell: Any
    keys: Collection[str]
    runs: deque[CellRun] = field(default_factory=lambda: deque(maxlen=2000))
    _begun: list[_Begun] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Of cells that ran before there was a watch, only their text is known. The last is the one that runs now.
        for source in list(getattr(self.shell.history_manager, "input_hist_raw", ()))[1:-1]:
            bindings = self._read(source)
            there = frozenset(key for key in self.keys if key in bindings.lines and key in self.shell.user_ns)
            self.runs.append(CellRun(source, None, bindings, there))
        self.shell.events.register("pre_run_cell", self._before)
        self.shell.events.register("post_run_cell", self._after)

    def _read(self, source: str) -> Bindings:
        return read_bindings(source, self.shell.transform_cell)

    def _answers(self) -> dict[str, Any]:
        names = self.shell.user_ns
        return {key: names[key] for key in self.keys if key in names}

    def _before(self, info: Any) -> None:
        self._begun.append(_Begun(info, self._answers(), _last_error()))

    def _after(self, result: Any) -> None:
        """Keep what is known of a run that is over."""
        try:
            self._keep(result)
        except Exception:  # noqa: BLE001 - IPython would show it below the student's cell
            self._begun.clear()

    def _keep(self, result: Any) -> None:
        info = result.info
        while self._begun and self._begun[-1].info is not info and any(run.info is info for run in self._begun):
            self._begun.pop()
        known = bool(self._begun) and self._begun[-1].info is info
        # The watch may have begun in this very cell; IPython does not tell of the beginning of an empty one.
        begun = self._begun.pop() if known else _Begun(info, self._answers(), _last_error())
        error = result.error_before_exec or result.error_in_exec
        if error is None and _last_error() is not begun.last_error:
            error = _last_error()  # shown, but not passed on: by %run, for one
        source = str(info.raw_cell or "")
        bindings = self._read(source)
        problem = describe_error(error, source, self.shell.user_ns, bindings.offset) if error else begun.problem
        if self._begun:  # a cell that ran inside another one, as with %%capture
            self._begun[-1].problem = problem or self._begun[-1].problem
            return
        now = self._answers()
        changed = {key for key, value in now.items() if value is not begun.before.get(key, _NOTHING)}
        for key in now.keys() & bindings.lines.keys():
            # The same text or small number set again is one object.
            if problem is None or (problem.body_line or 0) > bindings.lines[key]:
                changed.add(key)
        if problem is None and (home := self._home_of_text(source)):
            changed |= home.changed & now.keys()
        cell = getattr(info, "cell_id", None)
        self.runs.append(
            CellRun(source, cell if isinstance(cell, str) else None, bindings, frozenset(changed), problem)
        )

    def _home_of_text(self, source: str) -> CellRun | None:
        return next((run for run in reversed(self.runs) if run.source == source and run.changed), None)

    def origin(self, key: str) -> Origin:
        """Say how the value under a question's name came about."""
        if any(key in self._read(str(begun.info.raw_cell)).lines for begun in self._begun):
            return Origin("fresh")  # it is being set in the cell that asks
        return self._origin_of_value(key) if key in self.shell.user_ns else self._origin_of_absence(key)

    def _origin_of_value(self, key: str) -> Origin:
        runs = list(self.runs)
        place = next((place for place in reversed(range(len(runs))) if key in runs[place].changed), None)
        home, later = (None, runs) if place is None else (runs[place], runs[place + 1 :])
        elsewhere = None
        for run in reversed(later):
            if self._same_cell(run, home, key):
                stale = self._stale(run, home, key)
                if stale is not None:
                    return stale
                break
            if run.problem and elsewhere is None and _meant_for(run, key):
                elsewhere = run.problem
        if home is not None and home.problem is not None:
            return Origin("fresh", home.problem)
        return Origin("fresh", elsewhere, elsewhere=elsewhere is not None)

    def _same_cell(self, run: CellRun, home: CellRun | None, key: str) -> bool:
        """Return whether a later run is one of the cell that has set a name."""
        if home is not None and run.cell and home.cell:
            return run.cell == home.cell
        if os.environ.get("NBGRADER_VALIDATING"):
            return False  # every cell runs once
        if home is None or (run.cell or home.cell):
            return bool(run.problem) and _meant_for(run, key) and (home is None or _alike(run, home))
        if run.problem and _meant_for(run, key):
            return True
        if not run.bindings.parsed:
            return _likeness_of_texts(run, home) >= 0.8
        return any(_is_near(name, key) and key not in name for name in _own(run)) and _alike(run, home)

    def _stale(self, run: CellRun, home: CellRun | None, key: str) -> Origin | None:
        """Say why the last run of a cell has not set the name that an earlier one has set."""
        if run.problem is not None:
            return Origin("failed", run.problem)
        new = [name for name in _own(run) if home is None or name not in home.bindings.lines]
        near = [name for name in new if _is_near(name, key)]
        if near:
            return Origin("renamed", instead=near[0])
        if run.bindings.opaque or re.search(rf"\b{re.escape(key)}\b", run.source):
            return None
        return Origin("renamed", instead=new[-1]) if new else Origin("fresh", changed=True)

    def _origin_of_absence(self, key: str) -> Origin:
        run = next((run for run in reversed(self.runs) if run.cell == key or _concerns(run, key)), None)
        if run is None and self.runs and self.runs[-1].cell is None and self.runs[-1].problem:
            run = self.runs[-1] if not self.runs[-1].bindings.parsed else None
        if run is not None:
            if run.problem is not None and key not in run.changed:
                return Origin("failed", run.problem)
            if key in run.changed or key in run.bindings.deleted:
                return Origin("deleted")
        near = sorted(self._near_misses(key), key=lambda name: -_likeness(name, key))
        if near:
            return Origin("renamed", instead=near[0])
        if run is not None and not run.bindings.empty:
            if key in run.bindings.inside:
                return Origin("inside")
            if own := list(_own(run)):
                return Origin("renamed", instead=own[-1])
            if run.cell == key and not run.bindings.opaque:
                return Origin("nameless")
        return Origin("unseen")

    def _near_misses(self, key: str) -> Iterator[str]:
        """Find names of the student's own that a key was perhaps misspelt as."""
        names: Mapping[str, Any] = self.shell.user_ns
        for name, value in list(names.items()):
            if name in self.keys or name.startswith("_") or name in self.shell.user_ns_hidden:
                continue
            if _is_near(name, key) and not isinstance(value, ModuleType) and not _is_course(value):
                yield name


def _own(run: CellRun) -> Iterator[str]:
    return (name for name in run.bindings.lines if not name.startswith("_"))


def _meant_for(run: CellRun, key: str) -> bool:
    """Return whether a cell should have set a name, by its text."""
    if run.bindings.parsed and not run.bindings.opaque:
        return key in run.bindings.lines
    return key in run.bindings.lines or sets_by_its_look(run.source, key)


def _concerns(run: CellRun, key: str) -> bool:
    return _meant_for(run, key) or key in run.bindings.inside or key in run.bindings.deleted or key in run.changed


def _likeness_of_texts(run: CellRun, other: CellRun) -> float:
    return difflib.SequenceMatcher(None, run.source[:4000], other.source[:4000], autojunk=False).ratio()


def _alike(run: CellRun, other: CellRun) -> bool:
    return _likeness_of_texts(run, other) >= _ALIKE


def _likeness(name: str, key: str) -> float:
    name = name.casefold()
    if sorted(name.split("_")) == sorted(key.split("_")):
        return 1.0
    return difflib.SequenceMatcher(None, name, key, autojunk=False).ratio()


def _is_near(name: str, key: str) -> bool:
    """Return whether a name looks like another one, misspelt.

    >>> _is_near("pooled_plt", "pooled_plot"), _is_near("ICC", "icc"), _is_near("data", "icc")
    (True, True, False)
    """
    return name != key and _likeness(name, key) >= _NEAR


def _is_course(value: Any) -> bool:
    return bool(course_helper(value)) or str(getattr(type(value), "__module__", "")).startswith("oxboys_mlm")


def _last_error() -> Any:
    return getattr(sys, "last_value", None)


_watch: CellWatch | None = None


def watch(keys: Collection[str]) -> CellWatch | None:
    """CellWatch the cells of the shell that this process runs in, from the first call on; None outside of IPython."""
    global _watch
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return None
    if _watch is None or _watch.shell is not shell:
        _watch = CellWatch(shell, keys)
    return _watch
