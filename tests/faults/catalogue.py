"""Honest but odd submissions, and the outcome that each must have."""

# Docstrings here say what a submission is, in no imperative mood.
# ruff: noqa: D401

from __future__ import annotations

import copy
import inspect
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from classroom import ROOT, answers_of, filled, read, release, settings
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

NAME = "2-null-model"
OTHER = "1-visualization"

POINTS = {"icc": 1.0, "intercept_variance_row": 1.0, "icc_meaning": 1.0}
TEXT = "Three quarters of the variance lie between boys – Größe unterscheidet sich; 身高 ✏️"

Content = NotebookNode | dict[str, Any] | str | bytes
Expected = Mapping[str, str | tuple[str, float]]


@dataclass(frozen=True)
class Fault:
    """A student's folder with something odd in it.

    Attributes
    ----------
    student
        nbgrader's id of the student.
    write
        Writes the folder.
    wanted
        Outcome of every question; where it is "scored", it earns full points unless they are given.
    text
        Whether the free text must stand in its cell afterwards.
    reason
        What the feedback must say.
    other
        Outcome of the other notebook's only question.
    """

    student: str
    write: Callable[[Path], None]
    wanted: Mapping[str, tuple[str, float]] = field(hash=False)
    text: bool
    reason: str
    other: str


FAULTS: list[Fault] = []


def fault(
    wanted: str | Expected = "scored",
    *,
    student: str = "",
    text: bool | None = None,
    reason: str = "",
    other: str = "missing",
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function that makes a submission: it gives a notebook's content, or files by name, or writes a folder."""

    def enter(make: Callable[..., Any]) -> Callable[..., Any]:
        def write(folder: Path) -> None:
            made = make(folder) if "folder" in inspect.signature(make).parameters else make()
            is_files = (
                isinstance(made, dict)
                and not isinstance(made, NotebookNode)
                and not {"cells", "worksheets"} & set(made)
            )
            for name, content in (made if is_files else {f"{NAME}.ipynb": made}).items():
                if content is None:
                    continue
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(as_bytes(content))

        outcomes = (
            dict.fromkeys(POINTS, wanted) if isinstance(wanted, str) else dict.fromkeys(POINTS, "scored") | dict(wanted)
        )
        pairs = {
            key: (outcome, POINTS[key] if outcome == "scored" else 0.0) if isinstance(outcome, str) else outcome
            for key, outcome in outcomes.items()
        }
        kept = not isinstance(wanted, str) or wanted == "scored" if text is None else text
        FAULTS.append(Fault(student or make.__name__.replace("_", "-"), write, pairs, kept, reason, other))
        return make

    return enter


def as_bytes(content: Content) -> bytes:
    """Write a notebook, or whatever a file holds, as bytes."""
    if isinstance(content, bytes):
        return content
    if isinstance(content, NotebookNode):
        content = text_of(content)
    return (content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)).encode()


# ---- the course -----------------------------------------------------------------------------------


def lean(notebook: NotebookNode) -> NotebookNode:
    """Leave out the cells that take time: figures, fits and what is said of them."""
    without: tuple[str, ...] = ("between-within", "ols-null", "icc-interval", "progress", "null_fit", "calculate_icc")
    without += ("null_fit-check", "calculate_icc-check")
    notebook.cells = [cell for cell in notebook.cells if settings(cell).get("grade_id") not in without]
    return notebook


def other_lean(notebook: NotebookNode) -> NotebookNode:
    """Leave nothing of the other notebook but its quickest question."""
    keep = ("title", "setup", "task-needs_multilevel", "needs_multilevel", "needs_multilevel-check")
    notebook.cells = [cell for cell in notebook.cells if settings(cell).get("grade_id") in keep]
    return notebook


def write_course(folder: Path) -> None:
    """Write the course folder: two short notebooks, and short limits."""
    solutions = folder / "solutions" / "core"
    solutions.mkdir(parents=True)
    config = (ROOT / "nbgrader_config.py").read_text("utf-8")
    (folder / "nbgrader_config.py").write_text(f"{config}\nc.Limits.cell_seconds = 8\n", "utf-8")
    for name, shorten in ((NAME, lean), (OTHER, other_lean)):
        notebook = shorten(read(ROOT / "solutions" / "core" / f"{name}.ipynb"))
        notebook = filled(notebook, {"icc": f"### BEGIN SOLUTION\n{ICC}\n### END SOLUTION"})
        nbformat.write(notebook, solutions / f"{name}.ipynb")


#: With as many measurements of every boy, the null model's variances are these.
ICC = """boys = data.groupby("Subject")["height"]
within = boys.var().mean()
between = boys.mean().var() - within / 9
icc = between / (between + within)"""

ANSWERS = answers_of(lean(read(ROOT / "solutions" / "core" / f"{NAME}.ipynb")))
ANSWERS |= {"icc": ICC, "icc_interpretation": TEXT}
RELEASE = lean(release("core", NAME))
OTHER_RELEASE = other_lean(release("core", OTHER))


def solved(**answers: str) -> NotebookNode:
    """Return the notebook as a student hands it in who knew everything, or answered some things otherwise."""
    return filled(RELEASE, ANSWERS | answers)


def solved_other() -> NotebookNode:
    """Return the other notebook, solved."""
    return filled(OTHER_RELEASE, {"needs_multilevel": 'needs_multilevel = "yes"'})


def plain() -> dict[str, Any]:
    """Return the solved notebook as plain JSON."""
    return json.loads(text_of())


def text_of(notebook: NotebookNode | None = None) -> str:
    """Return a notebook's file as text, the solved one's by default, whatever is wrong with it."""
    return nbformat.v4.writes(notebook or solved())


def at(notebook: NotebookNode, grade_id: str) -> int:
    """Find a cell's place."""
    return next(i for i, cell in enumerate(notebook.cells) if settings(cell).get("grade_id") == grade_id)


def with_cells(before: str, *cells: NotebookNode, **answers: str) -> NotebookNode:
    """Add cells in front of one of the release."""
    notebook = solved(**answers)
    place = at(notebook, before)
    notebook.cells[place:place] = cells
    return notebook


def stripped(notebook: NotebookNode) -> NotebookNode:
    """Drop all metadata and cell ids."""
    notebook.metadata = {}
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        cell.metadata = {}
        cell.pop("id", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def code(source: str) -> NotebookNode:
    """Make a cell of the student's own."""
    return new_code_cell(source)


# ---- how the file is written ----------------------------------------------------------------------


@fault()
def as_handed_out_and_filled_in() -> Content:
    """Nothing odd."""
    return solved()


@fault("missing", text=False)
def nothing_done() -> Content:
    """The release, untouched."""
    return RELEASE


@fault()
def byte_order_mark() -> Content:
    """Saved by an editor of Windows."""
    return b"\xef\xbb\xbf" + text_of().encode()


@fault()
def windows_line_ends() -> Content:
    """CRLF between and inside the strings."""
    return json.dumps(json.loads(text_of()), indent=1).replace("\n", "\r\n").replace("\\n", "\\r\\n")


@fault()
def old_mac_line_ends() -> Content:
    """A lone CR ends every line of the sources."""
    return text_of().replace("\\n", "\\r")


@fault()
def utf_16() -> Content:
    """Redirected in PowerShell."""
    return text_of().encode("utf-16")


@fault()
def utf_16_without_mark() -> Content:
    """The same without the mark."""
    return text_of().encode("utf-16-le")


def _western(encoding: str) -> bytes:
    document = plain()
    for cell in document["cells"]:
        if cell["metadata"]["nbgrader"]["grade_id"] == "icc_interpretation":
            cell["source"] = "Größe"
    return json.dumps(document, ensure_ascii=False).encode(encoding, "replace")


@fault(text=False)
def latin_1() -> Content:
    """Saved in an old encoding."""
    return _western("latin-1")


@fault(text=False)
def windows_1252() -> Content:
    """Saved in that of Windows, with typographic quotes around a string of its own."""
    notebook = solved(icc_meaning='icc_meaning = "b"  # “sure” – I think', icc_interpretation="“Größe” – naïve")
    return json.dumps(json.loads(text_of(notebook)), ensure_ascii=False).encode("cp1252", "replace")


@fault()
def escaped_json() -> Content:
    """Every character beyond ASCII written as an escape, on one line."""
    return json.dumps(plain())


@fault({"icc_meaning": "scored"}, text=False)
def half_a_character() -> Content:
    """A lone surrogate, as a broken emoji leaves it."""
    return text_of(solved(icc_interpretation="Half")).replace('"Half"', '"Half \\ud83d"')


@fault()
def raw_tab_in_a_string() -> Content:
    """A tab that JSON wants escaped."""
    return text_of(with_cells("icc", code("if True:\n\tx = 1"))).replace("\\tx", "\tx")


# ---- formats of notebooks -------------------------------------------------------------------------


@fault()
def format_3() -> Content:
    """As IPython 2 wrote it."""
    return nbformat.writes(solved(), version=3)


@fault()
def format_2() -> Content:
    """As IPython 0.12 wrote it: no metadata of cells at all."""
    cells = [
        {"cell_type": "code", "collapsed": False, "input": cell.source, "language": "python", "outputs": []}
        if cell.cell_type == "code"
        else {"cell_type": "markdown", "source": cell.source}
        for cell in solved().cells
    ]
    return {"metadata": {"name": ""}, "nbformat": 2, "worksheets": [{"cells": cells}]}


def _minor(minor: int) -> dict[str, Any]:
    document = plain()
    document["nbformat_minor"] = minor
    for cell in document["cells"]:
        cell.pop("id", None)
    return document


@fault()
def format_4_0() -> Content:
    """The first format 4."""
    return _minor(0)


@fault()
def format_of_the_future() -> Content:
    """A minor version nobody knows yet."""
    return plain() | {"nbformat_minor": 99, "news": {"a": 1}}


@fault()
def major_format_of_the_future() -> Content:
    """A major version nobody knows yet."""
    return plain() | {"nbformat": 5, "nbformat_minor": 0}


@fault()
def format_not_said() -> Content:
    """No version at all, and no metadata."""
    return {"cells": plain()["cells"]}


def _ids(name: Callable[[int], Any]) -> dict[str, Any]:
    document = plain()
    for number, cell in enumerate(document["cells"]):
        cell["id"] = name(number)
    return document


@fault()
def duplicate_ids() -> Content:
    """All cells have one id."""
    return _ids(lambda number: "same")


@fault()
def invalid_ids() -> Content:
    """Ids with blanks, far too long, numbers, null."""
    return _ids(lambda number: ["a b c", "x" * 500, number, None][number % 4])


@fault()
def sources_as_lists_and_odd_fields() -> Content:
    """Sources in odd pieces, fields missing or of a wrong type."""
    document = plain()
    for number, cell in enumerate(document["cells"]):
        cell["source"] = list("".join(cell["source"])) if number % 2 else "".join(cell["source"])
        cell.pop("outputs", None)
        cell["execution_count"] = "7"
    document["cells"].insert(0, None)
    document["cells"].append({"cell_type": "code", "metadata": None, "source": None})
    document["cells"].append({"cell_type": "sql", "source": "select 1"})
    return document


# ---- other front ends -----------------------------------------------------------------------------


@fault()
def colab() -> Content:
    """Saved by Colab."""
    document = plain() | {"nbformat_minor": 0}
    document["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "accelerator": "GPU",
    }
    for number, cell in enumerate(document["cells"]):
        cell.pop("id", None)
        cell["metadata"] |= {"id": f"aB{number}", "colab": {"base_uri": "https://localhost:8080/"}, "outputId": "x"}
    return document


@fault()
def colab_round_trip() -> Content:
    """Colab, with the names of cells lost and a cell for mounting a drive on top."""
    notebook = stripped(solved())
    notebook.metadata["colab"] = {"provenance": []}
    for number, cell in enumerate(notebook.cells):
        cell.metadata = {"id": f"aB{number}"}
    notebook.cells.insert(0, code("from google.colab import drive\ndrive.mount('/content/drive')"))
    return notebook


@fault()
def vs_code() -> Content:
    """Saved by VS Code."""
    document = plain()
    document["metadata"] = {"language_info": {"name": "python", "version": "3.12.1"}, "orig_nbformat": 4}
    for cell in document["cells"]:
        cell["metadata"]["vscode"] = {"languageId": "python"}
        cell["attachments"] = {}
    return document


@fault()
def deepnote_and_kaggle() -> Content:
    """Saved by Deepnote and Kaggle."""
    document = plain()
    document["metadata"] = {"deepnote": {}, "deepnote_notebook_id": "1", "kaggle": {"dataSources": []}}
    for cell in document["cells"]:
        cell["metadata"] |= {"deepnote_cell_type": "code", "cell_id": "1-2", "trusted": True, "_kg_hide-input": True}
        cell["block_group"] = "x"
    return document


def _kernel(spec: Any) -> dict[str, Any]:
    document = plain()
    document["metadata"] = {"kernelspec": spec} if spec is not None else {}
    return document


@fault()
def kernel_r() -> Content:
    """Opened with R by mistake."""
    return _kernel({"name": "ir", "display_name": "R", "language": "R"})


@fault()
def kernel_of_an_environment() -> Content:
    """The student's own environment, and a broken entry beside it."""
    return _kernel({"name": "my env", "display_name": None, "language": 3})


# ---- names of files -------------------------------------------------------------------------------


@fault()
def downloaded_twice() -> Content:
    """Only "name (1).ipynb"."""
    return {f"{NAME} (1).ipynb": solved()}


@fault()
def downloaded_twice_and_once() -> Content:
    """The right name and a copy with other answers: the right name counts."""
    return {f"{NAME}.ipynb": solved(), f"{NAME} (1).ipynb": RELEASE}


@fault()
def another_name() -> Content:
    """Called as nobody else would call it: recognised by its cells."""
    return {"Aufgabe 2 final_Abgabe.ipynb": solved()}


@fault("unreadable", text=False, reason="final")
def two_other_names() -> Content:
    """Two files that may be the one."""
    return {"final.ipynb": solved(), "final2.ipynb": RELEASE}


@fault()
def writes_a_module() -> Content:
    """A module is written and imported, as it works in Jupyter."""
    return with_cells("icc", code("%%writefile shares.py\nrow = 'Group Var'"), code("import shares\nshares.row"))


@fault({"icc": "scored"})
def imports_what_it_wrote() -> Content:
    """An answer needs that module."""
    module = code("%%writefile my_row.py\nrow = 'Group Var'")
    return with_cells(
        "intercept_variance_row", module, intercept_variance_row="from my_row import row as intercept_variance_row"
    )


@fault("unreadable", text=False, reason="copies")
def two_copies() -> Content:
    """Two copies and no right name."""
    return {f"{NAME} (1).ipynb": solved(), f"{NAME} (2).ipynb": RELEASE}


@fault()
def jupyters_copy() -> Content:
    """Jupyter's name of a duplicate."""
    return {f"{NAME}-Copy1.ipynb": solved()}


@fault()
def capital_letters() -> Content:
    """A system that writes endings in capitals, beside a notebook of another name."""
    return {f"{NAME.title()}.IPYNB": solved(), "scratch.ipynb": solved()}


@fault()
def with_all_sorts_of_files() -> Content:
    """Notes, data, checkpoints and helper modules beside the notebook."""
    return {
        f"{NAME}.ipynb": solved(),
        "notes.ipynb": RELEASE,
        "Thumbs.db": b"\x00\xff",
        ".DS_Store": b"\x00",
        "data.csv": "a,b\n1,2\n",
        "numpy.py": "raise SystemExit",
        "statsmodels/__init__.py": "raise SystemExit",
        f".ipynb_checkpoints/{NAME}-checkpoint.ipynb": RELEASE,
        "plots/ü ö.png": b"\x89PNG",
        "__MACOSX/._x.ipynb": b"\x00\x05\x16\x07",
        f"._{NAME}.ipynb": b"\x00\x05\x16\x07",
    }


@fault("missing", text=False, other="scored")
def only_the_other_notebook() -> Content:
    """Handed in the other notebook alone."""
    return {f"{OTHER}.ipynb": solved_other()}


@fault(other="scored")
def both_notebooks() -> Content:
    """Handed in both."""
    return {f"{NAME}.ipynb": solved(), f"{OTHER}.ipynb": solved_other()}


@fault("unreadable", text=False, other="scored")
def a_broken_one_and_a_good_one() -> Content:
    """A damaged notebook does not harm the other."""
    return {f"{NAME}.ipynb": "{", f"{OTHER}.ipynb": solved_other()}


@fault(other="scored")
def nested_folder() -> Content:
    """One level too deep, as an unpacked archive leaves it."""
    return {f"core/{NAME}.ipynb": solved(), f"{OTHER}.ipynb": solved_other()}


@fault("unreadable", text=False)
def a_folder_with_the_notebooks_name(folder: Path) -> None:
    """An unpacked archive."""
    (folder / f"{NAME}.ipynb").mkdir()
    (folder / f"{NAME}.ipynb" / "content.json").write_text("{}")


@fault()
def read_only(folder: Path) -> None:
    """Nobody may write to the file or the folder."""
    path = folder / f"{NAME}.ipynb"
    path.write_text(text_of(), "utf-8")
    path.chmod(0o444)
    folder.chmod(0o555)


@fault("scored" if os.geteuid() == 0 else "unreadable")
def no_permissions(folder: Path) -> None:
    """Nobody but root may read the file."""
    path = folder / f"{NAME}.ipynb"
    path.write_text(text_of(), "utf-8")
    path.chmod(0)


# ---- files that are no notebooks ------------------------------------------------------------------


@fault("unreadable", reason="empty")
def zero_bytes() -> Content:
    """An upload that failed."""
    return b""


@fault("unreadable", reason="cut off")
def truncated() -> Content:
    """Half an upload."""
    return text_of()[:4000]


@fault("unreadable", reason="not a notebook")
def web_page() -> Content:
    """The page about the file in place of the file."""
    return "<!DOCTYPE html>\n<html><body>Please log in</body></html>"


@fault("unreadable", reason="not a notebook")
def python_script() -> Content:
    """A script renamed."""
    return "import numpy as np\nicc = 0.74\n"


@fault("unreadable", reason="not a notebook")
def word_document() -> Content:
    """A document renamed."""
    return b"PK\x03\x04\x14\x00\x06\x00\x08\x00" + bytes(range(256)) * 20


@fault("unreadable", reason="not a notebook")
def json_that_is_a_list() -> Content:
    """Some other JSON."""
    return "[1, 2, 3]"


@fault("unreadable", reason="no cells")
def json_of_something_else() -> Content:
    """Some other JSON, an object."""
    return '{"type": "FeatureCollection", "features": []}'


@fault("unreadable", reason="cut off")
def merge_conflict() -> Content:
    """Git's marks are in the file."""
    return text_of().replace('"outputs": []', '<<<<<<< HEAD\n"outputs": []\n=======\n>>>>>>> main', 1)


@fault("unreadable", reason="empty")
def empty_notebook() -> Content:
    """A notebook without a cell."""
    return plain() | {"cells": []}


@fault("unreadable", reason="empty")
def blank_notebook() -> Content:
    """A new notebook, saved."""
    return plain() | {"cells": [{"cell_type": "code", "metadata": {}, "source": [], "outputs": []}]}


@fault("unreadable", reason="another exercise")
def wrong_notebook_with_the_right_name() -> Content:
    """The notebook of another exercise."""
    return filled(release("core", "3-random-intercept"), {"average_slope": "average_slope = 6.52"})


@fault("unreadable", reason="another exercise")
def wrong_notebook_without_names() -> Content:
    """The same with all metadata gone."""
    return stripped(release("voluntary", "5-slope-only"))


@fault("unreadable", reason="another exercise", other="unreadable")
def notebooks_exchanged() -> Content:
    """Each notebook under the other's name."""
    return {f"{NAME}.ipynb": solved_other(), f"{OTHER}.ipynb": solved()}


@fault("unreadable", reason="another exercise")
def a_notebook_of_their_own() -> Content:
    """Everything was done in a new notebook: nothing says what answers what."""
    notebook = stripped(solved())
    notebook.cells = [code("\n".join(answer for key, answer in ANSWERS.items() if key in POINTS))]
    return notebook


# ---- metadata lost --------------------------------------------------------------------------------


@fault()
def metadata_stripped() -> Content:
    """All metadata dropped."""
    return stripped(solved())


@fault("missing", text=False)
def metadata_stripped_and_nothing_done() -> Content:
    """All metadata dropped from the release."""
    return stripped(copy.deepcopy(RELEASE))


@fault()
def metadata_stripped_and_cells_added() -> Content:
    """Notes and tries of their own between the cells, too."""
    notebook = with_cells(
        "intercept_variance_row", code("help(np.sqrt)"), new_markdown_cell("My **plan**"), code("x = 1")
    )
    notebook.cells.insert(0, new_markdown_cell("Ada Lovelace, 12345"))
    notebook.cells.append(code("data.head()"))
    return stripped(notebook)


@fault()
def metadata_stripped_and_text_reflowed() -> Content:
    """Blanks at the ends of lines were cut, too."""
    notebook = stripped(solved())
    for cell in notebook.cells:
        cell.source = "\n\n".join(line.rstrip() for line in cell.source.split("\n"))
    return notebook


@fault()
def metadata_stripped_and_task_texts_deleted() -> Content:
    """Nothing left but set-up, answers and checks."""
    notebook = solved()
    notebook.cells = [
        cell for cell in notebook.cells if not settings(cell)["grade_id"].startswith(("task-", "uncertainty"))
    ]
    return stripped(notebook)


@fault("unreadable", reason="not certain")
def metadata_stripped_and_reordered() -> Content:
    """Tasks in another order: nothing says which cell answers what."""
    notebook = solved()
    start, stop = at(notebook, "task-intercept_variance_row"), at(notebook, "uncertainty")
    moved = notebook.cells[start:stop]
    del notebook.cells[start:stop]
    notebook.cells[at(notebook, "task-null_fit") : at(notebook, "task-null_fit")] = moved
    return stripped(notebook)


@fault("unreadable", reason="not certain")
def metadata_stripped_and_a_check_deleted() -> Content:
    """A check is gone as well."""
    notebook = solved()
    del notebook.cells[at(notebook, "icc-check")]
    return stripped(notebook)


@fault()
def metadata_stripped_from_answers_only() -> Content:
    """Answer cells were rewritten, all else kept its name."""
    notebook = solved()
    for cell in notebook.cells:
        if settings(cell)["solution"]:
            cell.metadata = {}
    return notebook


@fault()
def metadata_of_an_older_release() -> Content:
    """Other texts, other points, older schema, names of cells that are no more."""
    document = plain()
    for cell in document["cells"]:
        about = cell["metadata"]["nbgrader"]
        about |= {"schema_version": 1, "checksum": "0" * 32}
        if "points" in about:
            about["points"] = 10
        if not about["solution"] and cell["cell_type"] == "markdown":
            cell["source"] = "An earlier wording."
    document["cells"].insert(
        3,
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "old", "grade": True, "points": 5}}, "source": "1"},
    )
    return document


@fault()
def metadata_of_a_wrong_type() -> Content:
    """Entries of nbgrader are no objects, here and there."""
    document = plain()
    for number, cell in enumerate(document["cells"]):
        if not cell["metadata"]["nbgrader"]["solution"]:
            cell["metadata"] = [[], {"nbgrader": 3}, {"nbgrader": {"grade_id": []}}, None][number % 4]
    document["metadata"] = []
    return document


# ---- cells moved about ----------------------------------------------------------------------------


@fault()
def answer_cells_replaced() -> Content:
    """All answer cells deleted, answers in new cells in their places."""
    notebook = solved()
    for place, cell in enumerate(notebook.cells):
        if settings(cell)["solution"]:
            make = code if cell.cell_type == "code" else new_markdown_cell
            notebook.cells[place] = make(cell.source)
    return notebook


@fault({"icc": "missing"})
def answer_cell_deleted() -> Content:
    """An answer cell gone, and no answer anywhere."""
    notebook = solved()
    del notebook.cells[at(notebook, "icc")]
    return notebook


@fault()
def answer_cell_split() -> Content:
    """Split in Jupyter: both parts have its name."""
    notebook = solved()
    place = at(notebook, "icc")
    second = copy.deepcopy(notebook.cells[place])
    notebook.cells[place].source, _, second.source = ICC.partition("\nbetween")
    second.source = "between" + second.source
    notebook.cells.insert(place + 1, second)
    return notebook


@fault()
def answer_cells_merged() -> Content:
    """An answer and its check merged into one cell, twice; two answers in the first one's cell."""
    notebook = solved(
        icc=ANSWERS["icc"] + '\n\ncheck("icc")\n' + ANSWERS["intercept_variance_row"],
        icc_meaning=ANSWERS["icc_meaning"] + '\n\ncheck("icc_meaning")',
    )
    gone = ("icc-check", "icc_meaning-check", "intercept_variance_row")
    notebook.cells = [cell for cell in notebook.cells if settings(cell)["grade_id"] not in gone]
    return notebook


@fault()
def answer_cells_retyped() -> Content:
    """Code turned into text by a slip on the keyboard, the text into code."""
    notebook = solved()
    for grade_id, make in (
        ("icc", new_raw_cell),
        ("icc_meaning", new_markdown_cell),
        ("icc_interpretation", new_code_cell),
    ):
        place = at(notebook, grade_id)
        notebook.cells[place] = make(notebook.cells[place].source, metadata=notebook.cells[place].metadata)
    return notebook


@fault()
def answer_pasted_into_the_check() -> Content:
    """Check cells are the course's: what was written into one is run in front of it."""
    notebook = solved(icc=RELEASE.cells[at(RELEASE, "icc")].source)
    notebook.cells[at(notebook, "icc-check")].source = ANSWERS["icc"] + '\ncheck("icc")'
    return notebook


@fault()
def check_cells_deleted() -> Content:
    """All checks gone."""
    notebook = solved()
    notebook.cells = [cell for cell in notebook.cells if not settings(cell)["grade_id"].endswith("-check")]
    return notebook


@fault()
def check_cells_copied() -> Content:
    """A check copied before and after the answer."""
    notebook = solved()
    check = copy.deepcopy(notebook.cells[at(notebook, "icc-check")])
    notebook.cells.insert(at(notebook, "icc"), copy.deepcopy(check))
    notebook.cells.append(check)
    return notebook


@fault()
def pasted_into_itself() -> Content:
    """The whole notebook pasted behind itself."""
    notebook = solved()
    notebook.cells += copy.deepcopy(notebook.cells)
    return notebook


@fault()
def release_pasted_before() -> Content:
    """The untouched notebook in front of the solved one."""
    notebook = solved()
    notebook.cells = copy.deepcopy(RELEASE.cells) + notebook.cells
    return notebook


@fault()
def answers_in_earlier_cells() -> Content:
    """All answers in one cell of the student's own, before the first task; answer cells untouched."""
    notebook = filled(RELEASE, {"icc_interpretation": TEXT})
    together = "\n".join(answer for key, answer in ANSWERS.items() if key in POINTS)
    notebook.cells.insert(at(notebook, "model"), code(together))
    return notebook


@fault({"intercept_variance_row": "missing"})
def answer_after_the_check() -> Content:
    """Defined only after the check, as one who ran cells in another order sees it work."""
    notebook = filled(RELEASE, {key: answer for key, answer in ANSWERS.items() if key != "intercept_variance_row"})
    place = at(notebook, "intercept_variance_row-check") + 1
    notebook.cells.insert(place, code(ANSWERS["intercept_variance_row"]))
    return notebook


@fault()
def cells_reordered() -> Content:
    """All cells in reverse; their names say where they belong."""
    notebook = solved()
    notebook.cells.reverse()
    return notebook


@fault()
def everything_else_deleted() -> Content:
    """Nothing but answers left."""
    notebook = solved()
    notebook.cells = [cell for cell in notebook.cells if settings(cell)["solution"]]
    return notebook


@fault()
def set_up_edited() -> Content:
    """The set-up cell was broken and the import of check deleted; it is the course's."""
    notebook = solved()
    notebook.cells[at(notebook, "setup")].source = "import numpy as np\nfrom oxboys import *"
    return notebook


# ---- what cells do --------------------------------------------------------------------------------


@fault({"icc": "error", "intercept_variance_row": "error"})
def syntax_error() -> Content:
    """One answer cannot be read, another needs it; the third counts."""
    return solved(icc="def icc(results)\n    return 1", intercept_variance_row="intercept_variance_row = between_name")


@fault({"icc": "timeout"})
def infinite_loop() -> Content:
    """One answer never ends; the others count."""
    return solved(icc="while True:\n    pass")


@fault({"icc": "error"})
def asks_for_input() -> Content:
    """Nobody is there to answer; a cell of their own asks, too."""
    return with_cells("icc", code('name = input("Your name? ")'), icc='icc = float(input("ICC: "))')


@fault()
def figures() -> Content:
    """Figures shown in ways that suit a desktop."""
    return with_cells(
        "icc",
        code("%matplotlib inline\nplt.plot([1, 2])\nplt.show()"),
        code("%matplotlib widget\nplt.plot([1, 2])"),
        code("sns.boxplot(data=data, x='Subject', y='height')\nplt.show(block=True)\nplt.ion()"),
    )


@fault()
def shell_and_packages() -> Content:
    """Lines for the shell, which has no network."""
    return with_cells(
        "icc",
        code("!pip --version\n!ls -la\n!nonsense\n%pip --version"),
        code("%%bash\necho hello\nfalse"),
        code("%%R\nlibrary(lme4)"),
        code("%load_ext autoreload\n%autoreload 2\n%timeit -n1 -r1 sum(range(10))"),
        code("import urllib.request\nurllib.request.urlopen('http://example.com', timeout=2)"),
    )


@fault()
def magic_around_answers() -> Content:
    """Answers behind magics that keep their names."""
    return solved(
        intercept_variance_row="%%time\n" + ANSWERS["intercept_variance_row"],
        icc="%%capture output\n" + ANSWERS["icc"],
        icc_meaning="%time icc_meaning = 'b'",
    )


@fault()
def large_output() -> Content:
    """Wide tables, long loops of printing, progress bars, warnings."""
    return with_cells(
        "icc",
        code("pd.set_option('display.max_rows', None)\npd.DataFrame(np.random.rand(2000, 12))"),
        code("for number in range(20_000):\n    print('line', number)"),
        code("import sys\nfor number in range(500):\n    sys.stderr.write(f'\\r{number} %')"),
        code("import warnings, logging\nfor n in range(50):\n    warnings.warn(f'careful {n}')\nlogging.error('x')"),
        code("[data] * 3, {'a': data}"),
    )


@fault()
def imports_that_fail() -> Content:
    """Packages that are only on the student's machine."""
    return with_cells("icc", code("import pymer4"), code("from tqdm.notebook import tqdm_that_is_not"))


@fault({"icc": "error"})
def answer_needs_a_missing_package() -> Content:
    """An answer needs one of them."""
    return solved(icc="import pingouin\nicc = pingouin.intraclass_corr(data)")


@fault({"icc": "error"})
def answer_reads_a_file() -> Content:
    """The data is read again from a file at home."""
    return solved(icc='data = pd.read_csv("D:/course/oxboys.csv")\n' + ANSWERS["icc"])


@fault()
def leaves_the_room() -> Content:
    """sys.exit, and another working folder."""
    return with_cells(
        "intercept_variance_row", code("import os, sys\nos.chdir('/')\nsys.exit()"), code("raise SystemExit(1)")
    )


@fault({"intercept_variance_row": "killed", "icc_meaning": "killed"})
def kernel_ends() -> Content:
    """Python ends in the middle; what was answered before counts."""
    return with_cells("intercept_variance_row", code("import os\nos._exit(3)"))


@fault()
def data_overwritten() -> Content:
    """The data is changed after it was used."""
    return with_cells("intercept_variance_row", code("data = data[data.age > 5]"), code("del data, np, pd"))


@fault({"icc": ("scored", 0.0)})
def data_changed_before() -> Content:
    """The data is changed before it is used: another answer."""
    return with_cells("icc", code("data = data[data.Subject.astype(int) < 13]"))


@fault({"icc": "missing"})
def answer_deleted_again() -> Content:
    """An answer is deleted before it is checked."""
    return solved(icc=ANSWERS["icc"] + "\ndel icc")


@fault()
def spoken_languages() -> Content:
    """Names and strings in all scripts, emoji, tabs, long lines."""
    return solved(
        icc='größe = "Körper 🎉 身高"\nif größe:\n\tτ = 63.31533\nσ = 21.72702\nicc = τ / (τ + σ)',
        icc_meaning='icc_meaning = "b"  # ' + "long " * 20_000,
    )


@fault()
def cells_of_comments() -> Content:
    """Cells with nothing to run, a shebang, form feeds, help."""
    return with_cells(
        "icc",
        code("# nothing"),
        code("   \n\n"),
        code("#!/usr/bin/env python\n\x0c"),
        code("?np.sqrt"),
        code('"""x"""'),
    )


@fault()
def check_overwritten() -> Content:
    """The name check is used for something else."""
    return with_cells("intercept_variance_row", code("check = icc > 0.5"))


@fault()
def names_of_the_course_overwritten() -> Content:
    """Built-in names and the set-up's names are used for something else."""
    return with_cells("intercept_variance_row", code("list = [1]\nprint = str\nsum = 3\nsmf = sns = plt = None\n_ = 5"))


@fault()
def tools_configured() -> Content:
    """Options that change how things look."""
    return with_cells(
        "icc",
        code("%config InlineBackend.figure_format = 'svg'\n%precision 2\n%xmode Minimal"),
        code(
            "from IPython.core.interactiveshell import InteractiveShell as Shell\nShell.ast_node_interactivity = 'all'"
        ),
        code("import warnings\nwarnings.filterwarnings('error')\npd.options.display.float_format = '{:.1f}'.format"),
        code("import sys\nsys.setrecursionlimit(10_000)\nnp.seterr(all='raise')"),
    )


@fault()
def asynchronous() -> Content:
    """Cells that wait, threads that go on."""
    return with_cells(
        "icc",
        code("import asyncio\nawait asyncio.sleep(0.01)"),
        code("import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()"),
    )


# ---- what was stored with the notebook ------------------------------------------------------------


@fault()
def large_stored_outputs() -> Content:
    """Twenty megabytes of pictures."""
    notebook = solved()
    picture = new_output("display_data", data={"image/png": "iVBORw0KGgo" * 1_900_000})
    notebook.cells[at(notebook, "icc")].outputs = [picture]
    return notebook


@fault()
def widgets_and_attachments() -> Content:
    """State of widgets, attachments, broken outputs."""
    document = plain()
    document["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {"a": {}}, "version": 9}}
    for cell in document["cells"]:
        if cell["cell_type"] == "markdown":
            cell["attachments"] = {"image.png": {"image/png": "iVBORw0KGgo="}}
        else:
            cell["outputs"] = [{"output_type": "error"}, {"output_type": "new kind", "data": None}, 5]
            cell["execution_count"] = -3
            cell["metadata"] |= {"tags": ["skip-execution", "raises-exception"], "collapsed": "yes"}
    return document


@fault()
def picture_in_the_text() -> Content:
    """A picture of a megabyte inside the text of a cell, as Colab puts it there."""
    return with_cells("task-icc", new_markdown_cell("![](data:image/png;base64," + "iVBORw0KGgo" * 90_000 + ")"))


# ---- names of students and times ------------------------------------------------------------------

#: Students, what their timestamp.txt holds, and the time in UTC that it says, if it says one.
TIMESTAMPS: dict[str, tuple[bytes, str]] = {
    "Ada Lovelace": (b"2026-01-02 03:04:05.678900 UTC", "2026-01-02 03:04:05.678900"),
    "Jörg Müßig": (b"2026-01-02T03:04:05+02:00", "2026-01-02 01:04:05"),
    "j.r.r.tolkien": (b"2026-01-02 03:04:05 Europe/Berlin\r\n", "2026-01-02 02:04:05"),
    "-dash": (b"\xef\xbb\xbf2026-01-02 03:04:05 UTC", "2026-01-02 03:04:05"),
    "O'Brien & Söhne, x=1": (b"", ""),
    "名前": ("gestern um zwölf".encode(), ""),
    "UPPER_lower@uni.de": (bytes(range(256)), ""),
    "time-of-an-unknown-zone": (b"2026-01-02 03:04:05 XYZ", ""),
    "time-of-summer": (b"2026-07-02 13:30:00 CEST", "2026-07-02 11:30:00"),
    "time-of-offset": (b"2026-07-02 13:30:00 +0200", "2026-07-02 11:30:00"),
    "time-of-a-path": (b"2026-01-02 03:04:05 ../x", ""),
    "time-of-two-zones": (b"2026-01-02 03:04:05 CST", ""),
    "time-of-blanks": (b" \n", ""),
    "time-of-nul": (b"\0\0\0", ""),
    "time-that-is-a-number": (b"99999999999999999999", ""),
    "time-that-is-long": (b"2026-01-02 " * 10_000, ""),
    "time-without-end": (b"9999-12-31 23:59:59 -2300", ""),
}

# To read a time nothing need be run, so some of them handed in nothing that can be.
for _name, (_content, _) in TIMESTAMPS.items():
    _runs = not _name.startswith("time-")

    def _timed(notebook: bool = _runs, content: bytes = _content) -> dict[str, Any]:
        return {f"{NAME}.ipynb": solved() if notebook else b"", "timestamp.txt": content}

    fault("scored" if _runs else "unreadable", student=_name)(_timed)


@fault("unreadable")
def timestamp_is_a_folder(folder: Path) -> Content:
    """timestamp.txt is a folder."""
    (folder / "timestamp.txt").mkdir()
    return b""
