"""Make the notebook that is run: the release, with the student's sources in its answer cells."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Container, Mapping, Sequence
from urllib.parse import quote

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from nbgrader.utils import compute_checksum

from oxboys_mlm.grading.errors import SetAside
from oxboys_mlm.grading.submissions.additions import added_code, added_text, does_nothing, has_words, is_blank
from oxboys_mlm.grading.submissions.intake import Cell

_NEW: dict[str, Callable[..., NotebookNode]] = {
    "code": new_code_cell,
    "markdown": new_markdown_cell,
    "raw": new_raw_cell,
}


#: Metadata of the cells in which the grader says something.
_NOTE = "oxboys_note"

_RESTORED = (
    "The cell above was changed in the file that was handed in. It belongs to the course, so the course's own lines "
    "were run. This is what stood there:\n\n"
)

#: Longest piece of code that a note shows (characters).
_SHOWN = 2_000

#: A shorter text is too little to know a cell of the release by its lines.
_LONG = 40


def rebuild(release: NotebookNode, cells: Sequence[Cell], remarks: Sequence[str] = ()) -> NotebookNode:
    """Transplant a student's work into the release notebook.

    Answer cells are found by nbgrader's name for them, or, where that was lost, by their place
    between cells of the release. Cells that the student added run where they stood, after the same
    cell of the release, and so does what was added to a cell of the release. A free text that was written
    beside its empty place is put there. Nothing but source text and pasted pictures is taken over.

    Parameters
    ----------
    release
        The release notebook.
    cells
        The submitted cells.
    remarks
        Notes for the top of the notebook, for the student and the marker.

    Raises
    ------
    SetAside
        If it is not certain which cell answers which task.
    """
    places = _places(release, cells)
    answers: dict[int, Cell] = {}
    added: dict[int, list[Cell]] = {}
    restored: dict[int, Cell] = {}
    anchor = -1
    for cell, place in zip(cells, places, strict=True):
        if place is None:
            added.setdefault(anchor, []).append(cell)
            continue
        anchor = place
        if _is_answer(release.cells[place]):
            answers[place] = cell
        elif not _is_as_handed_out(release.cells[place], cell):
            own = release.cells[place]
            if own.cell_type != "code":
                text = added_text(own.source, cell.source)
                if not is_blank(text):
                    added.setdefault(place, []).append(Cell("markdown", text, attachments=cell.attachments))
            elif cell.source.strip():  # one that was emptied comes back, and nothing else is lost
                lines = added_code(own.source, cell.source)
                added.setdefault(place - 1, []).append(Cell("code", lines.before))
                added.setdefault(place, []).append(Cell("code", lines.after))
                if not lines.complete:
                    restored[place] = cell
    _adopt(release, places, answers, added)
    for place, cell in enumerate(release.cells):
        if _is_text(cell):
            _gather(release, places, place, answers, added)
    notebook = copy.deepcopy(release)
    rebuilt = [_note(text, text) for text in remarks]
    for place in range(-1, len(release.cells)):
        if place >= 0:
            target = notebook.cells[place]
            if place in answers:
                _write(target, answers[place])
            rebuilt.append(target)
        if place in restored:
            shown = _fenced(restored[place].source[:_SHOWN])
            rebuilt.append(_note("changed in the file that was handed in, and restored", _RESTORED + shown))
        for cell in added.get(place, ()):
            if cell.source.strip():
                own = _NEW[cell.kind]()
                _write(own, cell)
                rebuilt.append(own)
    for number, made in enumerate(rebuilt):
        if "nbgrader" not in made.metadata:
            made.id = f"added-{number}"
    notebook.cells = rebuilt
    return notebook


def notes(notebook: NotebookNode) -> list[str]:
    """List what the grader says in a rebuilt notebook, in one line each that begins with the cell it is about."""
    found, last = [], ""
    for cell in notebook.cells:
        last = cell.metadata.get("nbgrader", {}).get("grade_id", last)
        if _NOTE in cell.metadata:
            found.append(f"cell {last}: {cell.metadata[_NOTE]}" if last else cell.metadata[_NOTE])
    return found


def signature(cells: Sequence[Cell]) -> frozenset[str]:
    """Return what a file is recognised by: names of its cells, and their texts where these are as short as a check."""
    return frozenset(cell.grade_id for cell in cells) | {
        _plain(cell.source) for cell in cells if len(cell.source) < 200
    }


def likeness(release: NotebookNode, found: Container[str]) -> float:
    """Return the share of a notebook's answer and check cells that a file has, given its signature."""
    tasks = [cell for cell in release.cells if _is_task(cell)]
    same = sum(
        cell.metadata["nbgrader"]["grade_id"] in found or (not _is_answer(cell) and _plain(cell.source) in found)
        for cell in tasks
    )
    return same / len(tasks) if tasks else 0.0


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
    """Return for each submitted cell which cell of the release it is; None for the student's own."""
    index = {
        cell.metadata["nbgrader"]["grade_id"]: place
        for place, cell in enumerate(release.cells)
        if cell.metadata.get("nbgrader", {}).get("grade_id")
    }
    places: list[int | None] = [None] * len(cells)
    plain = [_plain(cell.source) for cell in cells]
    # By name. Of several cells of one name (a copied cell copies its name) the one that was written in
    # is the answer; the others run as the student's own cells.
    for name, place in index.items():
        same = [i for i, cell in enumerate(cells) if cell.grade_id == name]
        if same:
            written = [i for i in same if _is_written(release.cells[place], cells[i])]
            best = written[0] if written and _is_answer(release.cells[place]) else same[0]
            places[best] = place
    # By text, for what has no name in the release or has lost it. Of a check that was run twice, the last copy
    # before the next check: what was answered between the copies is answered when it runs.
    left = [
        place for place in range(len(release.cells)) if place not in places and not _is_answer(release.cells[place])
    ]
    end = len(cells)
    for place in reversed([place for place in left if _is_task(release.cells[place])]):
        own = _plain(release.cells[place].source)
        found = [i for i in range(end) if places[i] is None and plain[i] == own]
        if found:
            end = found[-1]
            places[end] = place
    texts: dict[str, int] = {}
    for place in left:
        if not _is_task(release.cells[place]):
            texts.setdefault(_plain(release.cells[place].source), place)
    for i in range(len(cells)):
        if places[i] is None and plain[i] in texts:
            places[i] = texts.pop(plain[i])
    # A cell that has lost its name and has all lines of one of the release, and some of the student's.
    lines = {place: _lines(release.cells[place].source) for text, place in texts.items() if len(text) > _LONG}
    for i, cell in enumerate(cells):
        if places[i] is None and not cell.grade_id and lines:
            own_lines = _lines(cell.source)
            place = next((place for place, wanted in lines.items() if wanted <= own_lines), -1)
            if place >= 0:
                places[i] = place
                del lines[place]
    _check_kind(release, cells, places)
    names_lost = not any(cell.grade_id in index for cell in cells)
    if names_lost:
        _check_order(release, places)
    return places


def _check_kind(release: NotebookNode, cells: Sequence[Cell], places: Sequence[int | None]) -> None:
    """Refuse the notebook of another exercise, which shares names such as "title" and cells such as the last one."""
    if not any(cell.source.strip() for cell in cells):
        raise SetAside("the notebook is empty")
    # Below the last task stands what all notebooks end with, such as how to hand in.
    last = max((place for place, own in enumerate(release.cells) if _is_task(own)), default=len(release.cells))
    for cell, place in zip(cells, places, strict=True):
        if place is not None and place <= last:
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
    known = {_plain(cell.source) for cell in release.cells if not _is_answer(cell)}  # copies, such as of a check
    for place, cell in enumerate(release.cells):
        if not _is_answer(cell) or place in answers:
            continue
        before = _before(release, place, places)
        own = added.get(before, [])
        for i, candidate in enumerate(own):
            if candidate.kind == cell.cell_type and candidate.source.strip() and _plain(candidate.source) not in known:
                answers[place] = candidate
                added[before] = own[:i]
                added[place] = own[i + 1 :] + added.get(place, [])
                break


def _before(release: NotebookNode, place: int, places: Sequence[int | None]) -> int:
    """Find the cell of the release that stood last before a place: what was in front of it may be gone, too."""
    before = place - 1
    while before >= 0 and before not in places and not _is_task(release.cells[before]):
        before -= 1
    return before


def _gather(
    release: NotebookNode,
    places: Sequence[int | None],
    place: int,
    answers: dict[int, Cell],
    added: dict[int, list[Cell]],
) -> None:
    """Move a free text that was written right above or below its empty place into that place."""
    if place in answers and _is_written(release.cells[place], answers[place]):
        return
    answers.pop(place, None)
    known = {_plain(cell.source) for cell in release.cells}
    found: list[Cell] = []
    where: list[str] = []
    for anchor, side in ((_before(release, place, places), "above"), (place, "below")):
        for cell in list(added.get(anchor, ())):
            if is_blank(cell.source) or _plain(cell.source) in known:
                continue
            if cell.kind == "code" and not has_words(cell.source):
                continue
            found.append(cell)
            where.append(side)
            if cell.kind != "code" or does_nothing(cell.source):
                added[anchor].remove(cell)
    if found:
        answers[place] = _joined(found, " and ".join(dict.fromkeys(where)))


def _joined(cells: Sequence[Cell], where: str) -> Cell:
    """Make one text of several cells, which says where it was written."""
    texts: list[str] = []
    pictures: dict[str, Mapping[str, str]] = {}
    for number, cell in enumerate(cells):
        text = _fenced(cell.source) if cell.kind == "code" else cell.source
        for name, picture in cell.attachments.items():
            new = name
            if name in pictures:  # every picture that is pasted in Jupyter may be called image.png
                new = f"{number}-{name}"
                for old in (name, quote(name)):
                    text = text.replace(f"attachment:{old}", f"attachment:{quote(new)}")
            pictures[new] = picture
        texts.append(text)
    texts.append(f"*(Note from the grader: this was written {where} the answer cell, which was left empty.)*")
    return Cell("markdown", "\n\n".join(texts), attachments=pictures)


def _is_as_handed_out(own: NotebookNode, cell: Cell) -> bool:
    """Return whether a cell is as some release, today's or an earlier one, handed it out."""
    if _plain(own.source) == _plain(cell.source):
        return True
    earlier = copy.deepcopy(own)
    earlier.source = cell.source
    return bool(cell.checksum) and cell.checksum == compute_checksum(earlier)


def _write(target: NotebookNode, cell: Cell) -> None:
    """Write a submitted cell's text, with its pictures, into one of the notebook that is run."""
    target.source = cell.source
    if target.cell_type != "markdown":
        return
    pictures = {name: NotebookNode(picture) for name, picture in cell.attachments.items() if picture}
    if pictures:
        target.attachments = NotebookNode(target.get("attachments", {}) | pictures)
    if not all(cell.attachments.values()):
        target.source += (
            "\n\n*(Note from the grader: a picture that was pasted here cannot be shown. A picture should be a PNG, "
            "JPEG, GIF or WebP file of at most 7 MB.)*"
        )


def _note(brief: str, text: str) -> NotebookNode:
    """Make a cell in which the grader says something."""
    note: NotebookNode = new_markdown_cell(f"**Note from the grader.** {text}", metadata={_NOTE: brief})
    return note


def _fenced(code: str) -> str:
    """Show code as it is in a text."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", code)), default=0))
    return f"{fence}python\n{code}\n{fence}"


def _is_written(own: NotebookNode, cell: Cell) -> bool:
    """Return whether there is an answer in a cell."""
    if _plain(cell.source) == _plain(own.source):
        return False
    if not _is_text(own):
        return bool(cell.source.strip())
    # The line that is to be replaced may be left standing.
    return not is_blank(cell.source.replace(own.source.strip(), ""))


def _is_text(cell: NotebookNode) -> bool:
    """Return whether a cell is for a free text, which a person marks."""
    return bool(cell.cell_type == "markdown" and _is_answer(cell) and cell.metadata["nbgrader"].get("grade"))


def _is_answer(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _is_task(cell: NotebookNode) -> bool:
    """Return whether a cell is for an answer, or checks one."""
    return _is_answer(cell) or bool(cell.metadata.get("nbgrader", {}).get("grade"))


def _plain(source: str) -> str:
    return re.sub(r"\s+", " ", source).strip()


def _lines(source: str) -> set[str]:
    return {line.strip() for line in source.split("\n") if line.strip()}
