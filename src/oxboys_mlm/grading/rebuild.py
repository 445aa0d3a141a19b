"""Make the notebook that is run: the release, with the student's sources in its answer cells."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from oxboys_mlm.grading.errors import SetAside
from oxboys_mlm.grading.intake import Cell

_NEW: dict[str, Callable[..., NotebookNode]] = {
    "code": new_code_cell,
    "markdown": new_markdown_cell,
    "raw": new_raw_cell,
}


def rebuild(release: NotebookNode, cells: Sequence[Cell]) -> NotebookNode:
    """Transplant a student's work into the release notebook.

    Answer cells are found by nbgrader's name for them, or, where that was lost, by their place
    between cells of the release. Cells that the student added run where they stood: after the same
    cell of the release. Nothing but source text is taken over.

    Parameters
    ----------
    release
        The release notebook.
    cells
        The submitted cells.

    Raises
    ------
    SetAside
        If it is not certain which cell answers which task.
    """
    places = _places(release, cells)
    notebook = copy.deepcopy(release)
    answers: dict[int, Cell] = {}
    added: dict[int, list[Cell]] = {}
    anchor = -1
    for cell, place in zip(cells, places, strict=True):
        if place is None:
            added.setdefault(anchor, []).append(cell)
        else:
            anchor = place
            if _is_answer(release.cells[place]):
                answers[place] = cell
    _adopt(release, places, answers, added)
    rebuilt = []
    for place in range(-1, len(release.cells)):
        if place >= 0:
            target = notebook.cells[place]
            if place in answers:
                target.source = answers[place].source
            rebuilt.append(target)
        for cell in added.get(place, ()):
            if cell.source.strip():
                rebuilt.append(_NEW[cell.kind](cell.source, id=f"added-{len(rebuilt)}"))
    notebook.cells = rebuilt
    return notebook


def shared(release: NotebookNode, notebook: NotebookNode) -> int:
    """Count the first cells of a rebuilt notebook that every student's begins with: all before the first task.

    0 if the student has added code there, which makes them this student's own.
    """

    def first(cells: Sequence[NotebookNode]) -> Sequence[NotebookNode]:
        return cells[: next((place for place, cell in enumerate(cells) if _is_task(cell)), 0)]

    def code(cells: Sequence[NotebookNode]) -> list[str]:
        return [cell.source for cell in cells if cell.cell_type == "code"]

    beginning = first(notebook.cells)
    return len(beginning) if code(beginning) and code(beginning) == code(first(release.cells)) else 0


def _places(release: NotebookNode, cells: Sequence[Cell]) -> list[int | None]:
    """Say for every submitted cell which cell of the release it is, None for the student's own."""
    index = {
        cell.metadata["nbgrader"]["grade_id"]: place
        for place, cell in enumerate(release.cells)
        if cell.metadata.get("nbgrader", {}).get("grade_id")
    }
    places: list[int | None] = [None] * len(cells)
    # By name. Of several cells of one name (a copied cell copies its name) the one that was written in
    # is the answer; the others run as the student's own cells.
    for place in index.values():
        name = release.cells[place].metadata["nbgrader"]["grade_id"]
        same = [i for i, cell in enumerate(cells) if cell.grade_id == name]
        if same:
            untouched = ("", _plain(release.cells[place].source))
            written = [i for i in same if _plain(cells[i].source) not in untouched]
            best = written[0] if written and _is_answer(release.cells[place]) else same[0]
            places[best] = place
    # By text, for what has no name in the release or has lost it.
    taken = {place for place in places if place is not None}
    texts: dict[str, int] = {}
    for place, cell in enumerate(release.cells):
        if place not in taken and not _is_answer(cell):
            texts.setdefault(_plain(cell.source), place)
    for i, cell in enumerate(cells):
        if places[i] is None and _plain(cell.source) in texts:
            places[i] = texts.pop(_plain(cell.source))
    _check_kind(release, cells, places)
    names_lost = not any(cell.grade_id in index for cell in cells)
    if names_lost:
        _check_order(release, places)
    return places


def _check_kind(release: NotebookNode, cells: Sequence[Cell], places: Sequence[int | None]) -> None:
    """Refuse the notebook of another exercise, which shares names such as "title" and cells such as the last one."""
    if not any(cell.source.strip() for cell in cells):
        raise SetAside("the notebook is empty")
    for cell, place in zip(cells, places, strict=True):
        if place is not None:
            own = release.cells[place]
            if _is_task(own) or (own.cell_type == "markdown" and _plain(own.source) == _plain(cell.source)):
                return
    raise SetAside("nothing of the released notebook is in this file; is it the notebook of another exercise?")


def _check_order(release: NotebookNode, places: Sequence[int | None]) -> None:
    """Refuse a notebook without names unless its checks are all there, in order."""
    checks = [place for place, cell in enumerate(release.cells) if _is_task(cell) and not _is_answer(cell)]
    found = [place for place in places if place in checks]
    if found != checks:
        raise SetAside(
            "the file has lost nbgrader's names of its cells, and its check cells are not all there in their order, "
            "so it is not certain which cell answers which task"
        )


def _adopt(
    release: NotebookNode, places: Sequence[int | None], answers: dict[int, Cell], added: dict[int, list[Cell]]
) -> None:
    """Take a student's own cell for an answer cell that is not there, if it stands in its place."""
    for place, cell in enumerate(release.cells):
        if not _is_answer(cell) or place in answers:
            continue
        before = place - 1
        while before >= 0 and before not in places and not _is_task(release.cells[before]):
            before -= 1  # the text in front of the answer cell is gone too, or was changed
        own = added.get(before, [])
        for i, candidate in enumerate(own):
            if candidate.kind == cell.cell_type and candidate.source.strip():
                answers[place] = candidate
                added[before] = own[:i]
                added[place] = own[i + 1 :] + added.get(place, [])
                break


def _is_answer(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _is_task(cell: NotebookNode) -> bool:
    """Tell whether a cell is for an answer, or checks one."""
    return _is_answer(cell) or bool(cell.metadata.get("nbgrader", {}).get("grade"))


def _plain(source: str) -> str:
    return re.sub(r"\s+", " ", source).strip()
