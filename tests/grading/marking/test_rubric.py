"""A rubric is read from its cell, or said to be wrong: where, and what to do."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from classroom import make_tiny_course, tiny_solution

from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.marking.free_texts import free_texts
from oxboys_mlm.grading.marking.rubric import model_answer, read_rubric

A = '[[statement]]\nname = "a"\npoints = 0.5\ntext = "Says a."\naccepted = ["A."]\nrefused = ["B.", "C."]\n'
B = '[[statement]]\nname = "b"\npoints = 1.5\ntext = "Says \\"b\\"."\nnote = "½ for less."\n'


def _cell(block: str) -> str:
    model, advice = "**Model answer.** So $x$.", "**Often written**\n\n- x"
    return f"### BEGIN SOLUTION\n{model}\n\n```toml\n{block}```\n\n{advice}\n### END SOLUTION"


def test_reads_a_rubric() -> None:
    """Statements, the model answer before them and the advice after them are read."""
    rubric = read_rubric(_cell(f"{A}\n{B}"), 2)

    assert [(each.name, each.points, each.text) for each in rubric.statements] == [
        ("a", 0.5, "Says a."),
        ("b", 1.5, 'Says "b".'),
    ]
    assert (rubric.statements[0].accepted, rubric.statements[0].refused) == (("A.",), ("B.", "C."))
    assert rubric.statements[1].note == "½ for less."
    assert (rubric.model, rubric.advice) == ("So $x$.", "**Often written**\n\n- x")


def test_no_rubric() -> None:
    """A cell without a block has no statements, and all of it is the model answer."""
    source = "### BEGIN SOLUTION\nBecause.\n### END SOLUTION"

    assert (read_rubric(source, 2).statements, read_rubric(source, 2).model) == ((), "Because.")
    assert model_answer(source) == "Because."


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (_cell("a = = 1\n"), "is not TOML: Invalid value (at line 1, column 5)"),
        (_cell(""), "has no [[statement]]"),
        (_cell(A), "0.5 points together, but the cell has 2"),
        (_cell(A * 4), "two statements are called 'a'"),
        (_cell("".join(A.replace('"a"', f'"{n}"') for n in range(10))), "10 statements; the keys 1 to 9 can tick 9"),
        (_cell(A + B.replace("1.5", '"1.5"')), "statement 2: `points` should be a number"),
        (_cell(A + B.replace("1.5", "-1.5")), "statement 2: `points` should be a number greater than 0"),
        (_cell(A + B.replace("1.5", "nan")), "statement 2: `points` should be a number greater than 0"),
        (_cell(A + B.replace("1.5", "inf")), "statement 2: `points` should be a number"),
        (_cell(A.replace('["A."]', '"A."') + B), "statement 1: `accepted` should be a list of texts in quotes"),
        (
            _cell(A.replace('"A."', '""') + B),
            "statement 1: `accepted` should be a list of texts in quotes, none of them",
        ),
        (_cell(A.replace('"Says a."', '" "') + B), "statement 1: `text` should be a text in quotes, and not empty"),
        (
            _cell(A.replace("accepted", "acepted") + B),
            "statement 1 has an entry `acepted`; the entries are name, points",
        ),
        (_cell(A + B.replace("text", "note2")), "statement 2"),
        (_cell(A.replace("name", "# name") + B), "statement 1 has no `name`"),
        (_cell(A.replace("[[statement]]", "[statement]")), "in two pairs of brackets"),
        (_cell(A) + "\n" + _cell(B), "2 blocks ```toml"),
        (_cell(A + B).replace("```\n\n**Often", "\n**Often"), "is not closed"),
    ],
)
def test_what_is_wrong(source: str, said: str) -> None:
    """Each fault is said in a line: which statement, and what should stand there."""
    with pytest.raises(GradingError) as error:
        read_rubric(source, 2)

    assert said in str(error.value)
    assert "$" not in str(error.value)
    assert "\n" not in str(error.value)


def test_says_which_cell(tmp_path: Path) -> None:
    """The error names the notebook and the cell."""
    course = make_tiny_course(tmp_path)
    notebook = tiny_solution()
    notebook.cells[-1].source = _cell(A)
    path = course / "solutions" / "tiny" / "t.ipynb"
    nbformat.write(notebook, path)

    with pytest.raises(GradingError) as error:
        free_texts(Course(course).assignment("tiny"))

    assert str(error.value).startswith(f"{path}, cell needs_multilevel_why: its rubric cannot be read: the statements")
