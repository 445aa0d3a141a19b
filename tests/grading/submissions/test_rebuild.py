"""What runs is the release notebook with the student's sources in its answer cells, and nothing else of theirs."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from classroom import NOTEBOOKS, RIGHT, filled, release, settings, tiny_release
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from nbgrader.utils import compute_checksum

from oxboys_mlm.grading.errors import SetAside
from oxboys_mlm.grading.submissions.intake import cells_of
from oxboys_mlm.grading.submissions.rebuild import notes, rebuild, shared

RELEASE = tiny_release()
ANSWERS = {**RIGHT, "needs_multilevel_why": "The lines lie far apart."}


def _rebuilt(change: Callable[[NotebookNode], None] = lambda notebook: None) -> NotebookNode:
    """Rebuild the tiny notebook, filled in and then changed by its student."""
    notebook = filled(RELEASE, ANSWERS)
    change(notebook)
    return rebuild(RELEASE, cells_of(notebook))


def _index(notebook: NotebookNode, grade_id: str) -> int:
    return next(i for i, cell in enumerate(notebook.cells) if settings(cell).get("grade_id") == grade_id)


def _answers(notebook: NotebookNode) -> dict[str, str]:
    return {settings(cell)["grade_id"]: cell.source for cell in notebook.cells if settings(cell).get("solution")}


def _is_sound(notebook: NotebookNode) -> bool:
    """Return whether the release's cells are all there, in order, with nothing but answers changed."""
    own = [cell for cell in notebook.cells if settings(cell)]
    return [settings(cell) for cell in own] == [settings(cell) for cell in RELEASE.cells] and all(
        cell.source == original.source and cell.cell_type == original.cell_type
        for cell, original in zip(own, RELEASE.cells, strict=True)
        if not settings(cell)["solution"]
    )


def test_as_handed_out() -> None:
    """A notebook filled in as meant comes back as it is."""
    assert _rebuilt() == filled(RELEASE, ANSWERS)


def test_release_is_left_alone() -> None:
    """Rebuilding changes neither the release nor a cell of it."""
    before = copy.deepcopy(RELEASE)
    rebuilt = _rebuilt()
    rebuilt.cells[1].metadata["nbgrader"]["points"] = 99

    assert before == RELEASE


def test_nothing_but_sources_is_taken_over() -> None:
    """Outputs, metadata, tags, attachments and counters of a submission do not reach the run."""

    def change(notebook: NotebookNode) -> None:
        notebook.metadata["widgets"] = {"state": 1}
        notebook.metadata["kernelspec"] = {"name": "evil", "display_name": "x"}
        for cell in notebook.cells:
            cell.metadata["tags"] = ["skip-execution"]
            if "nbgrader" in cell.metadata:
                cell.metadata["nbgrader"] |= {"points": 99, "locked": False, "schema_version": 1}
            if cell.cell_type == "code":
                cell.outputs = [new_output("stream", text="1")]
                cell.execution_count = 7

    assert _rebuilt(change) == filled(RELEASE, ANSWERS)


def test_changed_check_and_setup() -> None:
    """A changed check or set-up cell is restored, and both sides are told what stood there."""

    def change(notebook: NotebookNode) -> None:
        for grade_id in ("setup", "needs_multilevel-check"):
            notebook.cells[_index(notebook, grade_id)].source = "check = lambda key: 2"

    rebuilt = _rebuilt(change)

    assert _is_sound(rebuilt)
    assert _answers(rebuilt) == ANSWERS
    for grade_id in ("setup", "needs_multilevel-check"):
        note = rebuilt.cells[_index(rebuilt, grade_id) + 1]
        assert note.cell_type == "markdown"
        assert "check = lambda key: 2" in note.source
    assert [note.split(":")[0] for note in notes(rebuilt)] == ["cell setup", "cell needs_multilevel-check"]
    assert not [cell for cell in rebuilt.cells if cell.cell_type == "code" and not settings(cell)]


def test_deleted_cells() -> None:
    """Deleted text, set-up and check cells come back; a deleted answer is one not given."""

    def change(notebook: NotebookNode) -> None:
        gone = {"title", "setup", "needs_multilevel-check", "intercept_variance_row"}
        notebook.cells = [cell for cell in notebook.cells if settings(cell)["grade_id"] not in gone]

    rebuilt = _rebuilt(change)

    assert _is_sound(rebuilt)
    assert _answers(rebuilt) == {**ANSWERS, "intercept_variance_row": "# Write your answer here."}


def test_moved_answer() -> None:
    """An answer that was moved is put back in front of its check."""

    def change(notebook: NotebookNode) -> None:
        notebook.cells.append(notebook.cells.pop(_index(notebook, "needs_multilevel")))

    assert _rebuilt(change) == filled(RELEASE, ANSWERS)


def test_added_cells_run_where_they_stood() -> None:
    """A student's own cells stay in their places, as source only; empty ones are dropped."""

    def change(notebook: NotebookNode) -> None:
        place = _index(notebook, "intercept_variance_row")
        own = new_code_cell("x = 1", metadata={"tags": ["a"]}, outputs=[new_output("stream", text="x")])
        notebook.cells[place:place] = [own, new_markdown_cell("A note."), new_code_cell("  ")]
        notebook.cells.insert(0, new_code_cell("first = True"))

    rebuilt = _rebuilt(change)
    place = _index(rebuilt, "intercept_variance_row")

    assert _is_sound(rebuilt)
    assert [cell.source for cell in rebuilt.cells[place - 2 : place]] == ["x = 1", "A note."]
    assert rebuilt.cells[place - 2].outputs == []
    assert rebuilt.cells[place - 2].metadata == {}
    assert rebuilt.cells[0].source == "first = True"
    assert len({cell.id for cell in rebuilt.cells}) == len(rebuilt.cells)


def test_copied_answer_cell() -> None:
    """Of an answer cell and its copy, the one that was written in is the answer; neither stops the grading."""

    def change(notebook: NotebookNode) -> None:
        place = _index(notebook, "needs_multilevel")
        twin = copy.deepcopy(notebook.cells[place])
        twin.source = RELEASE.cells[place].source
        notebook.cells.insert(place, twin)

    rebuilt = _rebuilt(change)

    assert _is_sound(rebuilt)
    assert _answers(rebuilt) == ANSWERS


def test_two_written_copies() -> None:
    """Of two copies that were both written in, the first is the answer and the other runs after it."""

    def change(notebook: NotebookNode) -> None:
        place = _index(notebook, "needs_multilevel")
        twin = copy.deepcopy(notebook.cells[place])
        twin.source = 'needs_multilevel = "no"'
        notebook.cells.insert(place + 1, twin)

    rebuilt = _rebuilt(change)
    place = _index(rebuilt, "needs_multilevel")

    assert _is_sound(rebuilt)
    assert _answers(rebuilt) == ANSWERS
    assert rebuilt.cells[place + 1].source == 'needs_multilevel = "no"'


def test_copied_check_cell() -> None:
    """A copy of a check cell is a cell of the student's own, without points."""

    def change(notebook: NotebookNode) -> None:
        place = _index(notebook, "needs_multilevel-check")
        notebook.cells.insert(place, copy.deepcopy(notebook.cells[place]))

    assert _is_sound(_rebuilt(change))


def test_retyped_answer() -> None:
    """An answer cell turned into text keeps its words and its type in the release."""

    def change(notebook: NotebookNode) -> None:
        place = _index(notebook, "needs_multilevel")
        notebook.cells[place].cell_type = "raw"

    rebuilt = _rebuilt(change)

    assert _is_sound(rebuilt)
    assert [cell.cell_type for cell in rebuilt.cells] == [cell.cell_type for cell in RELEASE.cells]


def test_lost_answer_cell_is_adopted() -> None:
    """An answer in a new cell, where the answer cell was deleted, is the answer."""

    def change(notebook: NotebookNode) -> None:
        place = _index(notebook, "intercept_variance_row")
        notebook.cells[place] = new_code_cell(ANSWERS["intercept_variance_row"])

    rebuilt = _rebuilt(change)

    assert _answers(rebuilt) == ANSWERS
    assert len(rebuilt.cells) == len(RELEASE.cells)


def test_metadata_stripped() -> None:
    """A notebook that went through a tool which drops metadata is graded all the same."""

    def change(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            cell.metadata = {}
            cell.pop("id", None)

    assert _rebuilt(change) == filled(RELEASE, ANSWERS)


@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
def test_metadata_stripped_from_the_course(assignment: str, name: str) -> None:
    """So are the course's own notebooks, whichever it is."""
    original = release(assignment, name)
    answers = {settings(cell)["grade_id"]: "my answer" for cell in original.cells if settings(cell)["solution"]}
    handed_in = filled(original, answers)
    for cell in handed_in.cells:
        cell.metadata = {}

    assert rebuild(original, cells_of(handed_in)) == filled(original, answers)


def test_metadata_stripped_and_checks_gone() -> None:
    """Without names and without checks to go by, it is set aside, never guessed."""

    def change(notebook: NotebookNode) -> None:
        notebook.cells = [cell for cell in notebook.cells if settings(cell)["grade_id"] != "needs_multilevel-check"]
        for cell in notebook.cells:
            cell.metadata = {}

    with pytest.raises(SetAside, match="not certain"):
        _rebuilt(change)


def test_metadata_stripped_and_a_check_run_twice() -> None:
    """Of a check that stands there twice the last counts, so that an answer between the copies is answered."""

    def change(notebook: NotebookNode) -> None:
        check = notebook.cells[_index(notebook, "needs_multilevel-check")]
        notebook.cells.insert(_index(notebook, "needs_multilevel"), copy.deepcopy(check))
        for cell in notebook.cells:
            cell.metadata = {}

    rebuilt = _rebuilt(change)

    assert _is_sound(rebuilt)
    assert _answers(rebuilt) == ANSWERS


def test_metadata_stripped_and_lines_added() -> None:
    """A cell of the release without its name is known by its lines; what was added to it is run after it."""
    original = release("core", "3-random-intercept")
    handed_in = filled(original, {"slope_interpretation": "It grows."})
    for cell in handed_in.cells:
        if settings(cell)["grade_id"] == "setup":
            cell.source += "\nimport scipy"
        cell.metadata = {}
    rebuilt = rebuild(original, cells_of(handed_in))
    place = next(i for i, cell in enumerate(rebuilt.cells) if settings(cell).get("grade_id") == "setup")

    assert rebuilt.cells[place + 1].source == "import scipy"
    assert len(rebuilt.cells) == len(original.cells) + 1


def test_another_notebook() -> None:
    """A notebook that has nothing of the release is set aside."""
    with pytest.raises(SetAside, match="another exercise"):
        rebuild(RELEASE, cells_of({"cells": [{"cell_type": "code", "source": "print(1)"}]}))


def test_empty_notebook() -> None:
    """A notebook without a cell is set aside, too."""
    with pytest.raises(SetAside):
        rebuild(RELEASE, ())


def test_beginning_is_shared_unless_code_was_added() -> None:
    """All cells before the first task are everybody's, with a student's text too, but not with a student's code."""

    def added(cell: NotebookNode, place: int) -> int:
        return shared(RELEASE, _rebuilt(lambda notebook: notebook.cells.insert(place, cell)))

    task = _index(RELEASE, "needs_multilevel")
    assert shared(RELEASE, _rebuilt()) == task
    assert added(new_markdown_cell("A note."), 1) == task + 1
    assert added(new_code_cell("data = None"), 0) == 0
    assert added(new_code_cell("data = None"), task) == 0
    assert added(new_code_cell("data = None"), task + 1) == task


@pytest.mark.parametrize(("assignment", "name"), NOTEBOOKS)
def test_notebooks_of_the_course_begin_with_something_to_share(assignment: str, name: str) -> None:
    """Every notebook loads its data before its first task."""
    notebook = release(assignment, name)
    first = notebook.cells[: shared(notebook, notebook)]

    assert "load_oxboys()" in "".join(cell.source for cell in first if cell.cell_type == "code")


# ---- lines added to cells of the release -----------------------------------------------------------


def _lines(grade_id: str, source: str) -> Callable[[NotebookNode], None]:
    def change(notebook: NotebookNode) -> None:
        notebook.cells[_index(notebook, grade_id)].source = source

    return change


@pytest.mark.parametrize(
    ("grade_id", "source", "before", "after"),
    [
        ("setup", "from oxboys_mlm import check\nimport scipy", "", "import scipy"),
        ("setup", "import scipy\n\nfrom oxboys_mlm import check", "import scipy", ""),
        ("setup", "import a\nfrom oxboys_mlm import check  \n\n\nimport b\n", "import a", "import b"),
        ("needs_multilevel-check", 'x = 1\ncheck("needs_multilevel")', "x = 1", ""),
        ("needs_multilevel-check", 'check("needs_multilevel")\n# I am sure.', "", "# I am sure."),
    ],
)
def test_added_lines_run(grade_id: str, source: str, before: str, after: str) -> None:
    """Lines added to a cell of the release run beside it, in a cell of the student's own; the cell stays as it is."""
    rebuilt = _rebuilt(_lines(grade_id, source))
    place = _index(rebuilt, grade_id)
    own = {
        "before": rebuilt.cells[place - 1].source if not settings(rebuilt.cells[place - 1]) else "",
        "after": rebuilt.cells[place + 1].source if not settings(rebuilt.cells[place + 1]) else "",
    }

    assert _is_sound(rebuilt)
    assert own == {"before": before, "after": after}
    assert notes(rebuilt) == []
    assert shared(RELEASE, rebuilt) == (0 if grade_id == "setup" else _index(RELEASE, "needs_multilevel"))


def test_changed_lines_and_an_import() -> None:
    """Where lines of the release were changed, it is restored and said; an import among them is run all the same."""
    rebuilt = _rebuilt(_lines("setup", "import scipy\ncheck = print"))
    place = _index(rebuilt, "setup")

    assert _is_sound(rebuilt)
    assert "check = print" in rebuilt.cells[place + 1].source
    assert rebuilt.cells[place + 2].source == "import scipy"


@pytest.mark.parametrize("source", ["", " \n", "from oxboys_mlm import check\n\n", "from  oxboys_mlm import  check"])
def test_nothing_added(source: str) -> None:
    """An emptied cell comes back, and blanks are nothing to speak of."""
    assert _rebuilt(_lines("setup", source)) == filled(RELEASE, ANSWERS)


def test_an_earlier_release() -> None:
    """A cell as it was handed out before the course changed it was not changed by its student."""
    original = release("core", "3-random-intercept")
    handed_in = copy.deepcopy(original)
    for cell in handed_in.cells:
        if settings(cell)["grade_id"] in ("setup", "task-slope_interpretation"):
            cell.source = "# earlier"
            cell.metadata["nbgrader"]["checksum"] = compute_checksum(cell)

    assert rebuild(original, cells_of(handed_in)) == original


@pytest.mark.parametrize("fence", ["```", "````\n```"])
def test_notes_show_code_as_code(fence: str) -> None:
    """What a note shows of a student's code cannot end the place in which it is shown, and is cut."""
    rebuilt = _rebuilt(_lines("setup", f"{fence}\n# heading\n" + "x" * 9000))
    note = rebuilt.cells[_index(rebuilt, "setup") + 1].source

    assert note.rstrip().endswith("`" * (len(fence.split("\n")[0]) + 1))
    assert len(note) < 3000


# ---- free texts beside their place -----------------------------------------------------------------

WORDS = "The lines lie far apart, so the boys differ."


def _text(rebuilt: NotebookNode) -> str:
    return rebuilt.cells[_index(rebuilt, "needs_multilevel_why")].source


def _beside(place: int, *cells: NotebookNode, text: str = "") -> Callable[[NotebookNode], None]:
    """Put cells above (0) or below (1) the place of the free text."""

    def change(notebook: NotebookNode) -> None:
        index = _index(notebook, "needs_multilevel_why")
        notebook.cells[index].source = text or RELEASE.cells[_index(RELEASE, "needs_multilevel_why")].source
        notebook.cells[index + place : index + place] = copy.deepcopy(list(cells))

    return change


@pytest.mark.parametrize("place", [0, 1], ids=["above", "below"])
@pytest.mark.parametrize(
    "cell",
    [
        new_markdown_cell(WORDS),
        new_raw_cell(WORDS),
        new_code_cell(WORDS),
        new_code_cell(f"# {WORDS}"),
        new_code_cell(f'"""{WORDS}"""'),
        new_code_cell(f'print("{WORDS}")'),
        new_code_cell(f"answer = '{WORDS}'"),
    ],
    ids=lambda cell: f"{cell.cell_type} {cell.source[:8]}",
)
@pytest.mark.parametrize("text", ["", " ", "-", "…"], ids=repr)
def test_free_text_beside_its_place(place: int, cell: NotebookNode, text: str) -> None:
    """A text in a cell right above or below its empty place is the answer, which says where it stood."""
    rebuilt = _rebuilt(_beside(place, cell, text=text))

    assert _is_sound(rebuilt)
    assert WORDS in _text(rebuilt)
    assert ("above", "below")[place] in _text(rebuilt)
    runs = cell.source.startswith(("print", "answer"))
    assert [own.source for own in rebuilt.cells if not settings(own)] == [cell.source] * runs


def test_several_cells_beside_a_free_text() -> None:
    """All of them are the answer, in order, each picture with its own text."""
    cells = [
        new_markdown_cell(f"{number} ![](attachment:image.png)", attachments={"image.png": {"image/png": picture}})
        for number, picture in enumerate(("AAAA", "BBBB"))
    ]

    def change(notebook: NotebookNode) -> None:
        _beside(1, cells[1])(notebook)
        _beside(0, cells[0])(notebook)

    rebuilt = _rebuilt(change)
    cell = rebuilt.cells[_index(rebuilt, "needs_multilevel_why")]

    assert cell.source.startswith("0 ![](attachment:image.png)\n\n1 ![](attachment:1-image.png)\n\n")
    assert cell.attachments == {"image.png": {"image/png": "AAAA"}, "1-image.png": {"image/png": "BBBB"}}


@pytest.mark.parametrize(
    "source", [f"# Tiny\n\n{WORDS}", f"# Tiny {WORDS}", f"{WORDS}\n\n# Tiny"], ids=["below", "behind", "above"]
)
def test_text_in_a_task(source: str) -> None:
    """What was written into a text of the release stands in a cell of its own below it."""
    rebuilt = _rebuilt(_lines("title", source))

    assert _is_sound(rebuilt)
    assert rebuilt.cells[1].source == WORDS
    assert rebuilt.cells[1].cell_type == "markdown"


@pytest.mark.parametrize(
    "text", ["", "\n ", "-", "...", "…", "n/a", "<br>", "&nbsp;", "\u200b", "_", "---", "# "], ids=repr
)
def test_blanked_answer(text: str) -> None:
    """A place with blanks and signs alone is as it was handed out: nobody need look at it."""
    assert _text(_rebuilt(_beside(0, text=text))) == RELEASE.cells[-1].source


@pytest.mark.parametrize(
    "text", ["yes", "2", "身高", "# Write your answer here.\n\nIt grows.", "![](attachment:a.png)"]
)
def test_short_answer(text: str) -> None:
    """A short text is one all the same."""
    assert _text(_rebuilt(_beside(0, text=text))) == text


def test_notes_elsewhere_are_no_answer() -> None:
    """A note far away, code that says nothing and a copy of a cell of the release leave an empty place empty."""

    def change(notebook: NotebookNode) -> None:
        copied = copy.deepcopy(notebook.cells[1])
        _beside(1, new_code_cell("x = data['age'].mean()"), new_markdown_cell("---"), copied)(notebook)
        notebook.cells.insert(2, new_markdown_cell(WORDS))

    assert _text(_rebuilt(change)) == RELEASE.cells[-1].source


def test_a_given_answer_is_left_alone() -> None:
    """What stands beside an answer that was given stays where it stands."""
    rebuilt = _rebuilt(_beside(1, new_markdown_cell(WORDS), text="It grows."))

    assert _text(rebuilt) == "It grows."
    assert rebuilt.cells[-1].source == WORDS


# ---- pictures --------------------------------------------------------------------------------------


def test_pictures_are_taken_over() -> None:
    """Pictures pasted into an answer or a note come along; one that cannot is spoken of."""
    picture = {"image/png": "AAAA"}

    def change(notebook: NotebookNode) -> None:
        notebook.cells[-1].source = "See ![](attachment:a.png)"
        notebook.cells[-1].attachments = {"a.png": picture}
        own = new_markdown_cell("![](attachment:b.svg)", attachments={"b.svg": {"image/svg+xml": "<svg/>"}})
        notebook.cells.insert(1, own)

    rebuilt = _rebuilt(change)

    assert rebuilt.cells[-1].attachments == {"a.png": picture}
    assert "attachments" not in rebuilt.cells[1]
    assert "cannot be shown" in rebuilt.cells[1].source


def test_pictures_of_the_release_stay() -> None:
    """A picture that a lecturer pasted into the notebook is the lecturer's, whatever is handed in."""
    original = copy.deepcopy(RELEASE)
    original.cells[0].source += "\n![](attachment:model.png)"
    original.cells[0].attachments = {"model.png": {"image/png": "AAAA"}}
    handed_in = filled(original, ANSWERS)
    handed_in.cells[0].attachments = {"model.png": {"image/png": "BBBB"}}

    assert rebuild(original, cells_of(handed_in)) == filled(original, ANSWERS)
