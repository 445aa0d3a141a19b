"""A student's feedback page: a notebook with its marks, for ``nbgrader generate_feedback``.

`AddMarks` reads the marks, `FeedbackExporter` renders the page with the template in ``templates/feedback``.
nbgrader_config.py registers both with nbgrader.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec
from markupsafe import Markup
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets import Bool
from traitlets.config import Config

from oxboys_mlm.assessment.verdict import format_points, inline_html
from oxboys_mlm.grading.course import CHECK_SUFFIX, Course
from oxboys_mlm.grading.errors import GradingError
from oxboys_mlm.grading.feedback import safe_outputs
from oxboys_mlm.grading.feedback.fitting import fit, fit_notebook, is_wide, scroll
from oxboys_mlm.grading.feedback.model_answers import ModelAnswer
from oxboys_mlm.grading.feedback.statements import Statements, Ticked, read_statements
from oxboys_mlm.grading.files import write_whole
from oxboys_mlm.grading.records import lateness, marksheet, outputs
from oxboys_mlm.grading.records.marksheet import Mark, Marksheet, read_marksheets
from oxboys_mlm.grading.records.notebooks import FEEDBACK

_TEMPLATES = Path(__file__).parent / "templates"

#: Nothing runs, and nothing is fetched: a page looks the same without a network.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

#: Longest comment that the table at the top shows in full (characters).
_BRIEF = 300


@dataclass(frozen=True)
class GradedCell:
    """A graded cell as its student sees it.

    Attributes
    ----------
    key
        The question's key.
    title
        The heading above it.
    mark
        Where its mark stands.
    text
        Whether it is an answer that a person marks, rather than a check.
    comment
        What a lecturer wrote.
    solution
        The model answer, if it is to be shown.
    ticked
        How its points follow from the rubric's statements, if a person has ticked them.
    """

    key: str
    title: str
    mark: Mark
    text: bool
    comment: str = ""
    solution: ModelAnswer | None = None
    ticked: Ticked | None = None

    @property
    def place(self) -> str:
        """Id of the element that shows its mark."""
        return safe_outputs.PLACE + self.key

    @property
    def unanswered(self) -> bool:
        """Whether nbgrader gave no points because nothing was written."""
        return self.text and not self.mark.waits and self.mark.by_hand is None

    @property
    def open(self) -> bool:
        """Whether there is no mark yet."""
        return self.mark.waits and self.mark.by_hand is None and self.mark.check is None

    @property
    def symbol(self) -> str:
        """Sign for the result, beside the words and numbers that say the same."""
        if self.open:
            return "✎"
        if self.unanswered:
            return "○"
        return "✔" if self.mark.score >= self.mark.max_score else "◐" if self.mark.score > 0 else "✘"

    @property
    def points(self) -> str:
        """Points in words."""
        return f"{'–' if self.open else format_points(self.mark.score)} of {format_points(self.mark.max_score)}"

    @property
    def marked(self) -> str:
        """Who marked it, in words."""
        if self.open:
            return "still to be marked by hand"
        if self.unanswered:
            return "no answer"
        if self.mark.by_hand is None:
            words = "by check"
        elif self.mark.check is None or self.text:
            words = "by hand"
        else:
            words = f"by hand; the check gave {format_points(self.mark.check)}"
        if self.mark.extra:
            words += f"; {format_points(self.mark.extra)} extra"
        return words + "; will be looked at again" * self.mark.waits

    @property
    def brief(self) -> str:
        """The comment if it is short enough for the overview, else its beginning."""
        if len(self.comment) <= _BRIEF:
            return self.comment
        begun = self.comment[:_BRIEF]
        # Between paragraphs if possible: a table or a formula that is cut is not one.
        whole = begun.rpartition("\n\n")[0].strip()
        return f"{whole}\n\n…" if whole else begun.rsplit(None, 1)[0] + " …"


def questions_of(
    notebook: NotebookNode, sheet: Marksheet, solutions: Mapping[str, ModelAnswer] | None = None
) -> dict[str, GradedCell]:
    """List a notebook's graded cells, by nbgrader's id, in order.

    Parameters
    ----------
    notebook, sheet
        The notebook and its marks.
    solutions
        Model answers by key; each is shown once its question is marked.
    """
    found = {}
    title = ""
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if not name:
            continue  # a student's own cell: its headings name no question
        if utils.is_grade(cell):
            text = utils.is_solution(cell)
            key = name if text else name.removesuffix(CHECK_SUFFIX)
            mark = sheet.marks.get(name, Mark(float(cell.metadata.nbgrader.get("points", 0)), waits=True))
            question = GradedCell(key, title, mark, text, sheet.comments.get(key, ""))
            if solutions and not question.open:
                question = replace(question, solution=solutions.get(key))
            found[name] = question
        elif cell.cell_type == "markdown" and not utils.is_solution(cell):
            title = [title, *re.findall(r"^#{1,6}\s+(.+?)\s*$", cell.source, re.MULTILINE)][-1]
    return found


def said_of_all(notebook: NotebookNode) -> str:
    """Return the feedback that all checks share, as HTML, such as why a file was set aside; empty if they differ."""
    said = [cell.metadata[FEEDBACK] for cell in notebook.cells if cell.metadata.get(FEEDBACK)]
    return (
        safe_outputs.clean(inline_html(" ".join(said[0].split("\n")))) if len(said) > 1 and len(set(said)) == 1 else ""
    )


class AddMarks(Preprocessor):
    """Hands a notebook's marks to the template, and fits its texts into the page.

    Marks are read from the gradebook unless they are in the resources.
    """

    enabled = Bool(True).tag(config=True)

    #: What was ticked, by assignment, student and notebook; as long as nbgrader makes pages in one go.
    _ticked: dict[str, dict[tuple[str, str], Statements]]

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)  # type: ignore[no-untyped-call]
        self._ticked = {}

    def preprocess(self, notebook: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Add the marks of one notebook."""
        ids = resources["nbgrader"]
        sheet = ids.get("marksheet")
        if sheet is None:
            key = ids["student"], ids["notebook"]
            with Gradebook(ids["db_url"]) as gradebook:
                sheet = read_marksheets(gradebook, ids["assignment"], *key).get(key)
                ids["statements"] = self._read_ticked(gradebook, ids["assignment"]).get(key)
        if sheet is None:
            raise GradingError(f"{ids['notebook']} of {ids['student']!r} is not in the gradebook; grade it again")
        ids["marksheet"] = sheet
        questions = questions_of(notebook, sheet, ids.get("solutions"))
        for name, ticked in (ids.get("statements") or {}).items():
            if name in questions:
                questions[name] = replace(questions[name], ticked=ticked)
        fit_notebook(notebook)
        ids["questions"] = questions
        ids["said_of_all"] = Markup(said_of_all(notebook))
        ids["policy"] = _POLICY
        return notebook, resources

    def _read_ticked(self, gradebook: Gradebook, assignment: str) -> dict[tuple[str, str], Statements]:
        """Read what was ticked; nothing where a rubric cannot be read, which the log says."""
        if assignment not in self._ticked:
            self._ticked[assignment] = {}
            try:
                assert self.parent is not None  # the exporter
                course = Course.of(self.parent.parent)
                self._ticked[assignment] = read_statements(course, gradebook, assignment)
            except GradingError as error:
                self.log.warning("Pages of %s do not show what was ticked: %s", assignment, error)
        return self._ticked[assignment]


class FeedbackExporter(HTMLExporter):
    """Renders a feedback page."""

    @property
    def default_config(self) -> Config:
        """Settings of this exporter, before those of the course."""
        config = Config(
            {
                # nbgrader sets those of every HTML exporter; only an exporter's own settings override them.
                "FeedbackExporter": {"template_name": "feedback", "extra_template_basedirs": [str(_TEMPLATES)]},
            }
        )
        basic: Config = super().default_config.copy()
        basic.merge(config)
        return basic

    def default_filters(self) -> Any:
        """Return the filters of the template."""
        yield from super().default_filters()  # type: ignore[no-untyped-call]
        yield "points", format_points
        yield "in_words", lateness.in_words
        yield "code", lambda text: Markup(safe_outputs.highlight_code(text))
        yield "comment", lambda text: Markup(fit(safe_outputs.markdown2html(text)))
        yield "box", lambda text: Markup(scroll("Printed text")) if is_wide(text) else Markup("<div>")

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> Any:
        """Render the page of a notebook; its last line holds a digest of its sources, see `origin`."""
        page, resources = super().from_filename(filename, resources, **kwargs)
        ids = resources["nbgrader"]
        assert self.parent is not None  # nbgrader's converter
        hand_on_secret(self.parent.coursedir, ids["student"], ids["assignment"])
        notebook = Path(filename).read_bytes()
        made = self.origin(notebook, ids["marksheet"], ids.get("solutions"), ids.get("statements"))
        return f"{page.rstrip()}\n<!-- made from {made} -->\n", resources

    def origin(
        self,
        notebook: bytes,
        sheet: Marksheet,
        solutions: Mapping[str, ModelAnswer] | None = None,
        statements: Statements | None = None,
    ) -> str:
        """Return a digest of everything that a page depends on.

        Parameters
        ----------
        notebook
            The graded notebook.
        sheet
            Its marks.
        solutions
            Model answers that it shows.
        statements
            What was ticked.
        """
        # The template that nbgrader would choose depends on the caller, and does not matter here.
        html = {name: value for name, value in self.config.get("HTMLExporter", {}).items() if "template" not in name}
        settings = [html, self.config.get("FeedbackExporter", {}), self.config.get("NbConvertBase", {})]
        digest = hashlib.sha256(_recipe())
        digest.update(json.dumps(settings, sort_keys=True, default=repr).encode())
        digest.update(msgspec.json.encode([sheet, solutions, statements]))
        digest.update(notebook)
        return digest.hexdigest()


def hand_on_secret(directory: CourseDirectory, student: str, assignment: str) -> None:
    """Write the secret of a submission beside its pages; nbgrader's exchange derives their public name from it.

    Parameters
    ----------
    directory
        nbgrader's view of the course folder.
    student, assignment
        Whose submission.
    """
    steps = (directory.submitted_directory, directory.feedback_directory)
    source, target = (
        Path(directory.format_path(step, student, assignment)) / "submission_secret.txt" for step in steps
    )
    secret = ""
    with contextlib.suppress(OSError, ValueError):
        # Like every file that is handed in, it may contain anything; `nbgrader submit` writes this form.
        if source.is_file() and not source.is_symlink() and source.stat().st_size <= 256:
            secret = source.read_text("ascii")
    if re.fullmatch(r"[0-9a-f]{32,256}", secret):
        if not target.is_file() or target.read_text("utf-8") != secret:
            write_whole(target, secret)
    else:
        target.unlink(missing_ok=True)


def made_from(page: Path, origin: str) -> bool:
    """Return whether a page is complete and was made from these sources."""
    line = f"<!-- made from {origin} -->\n".encode()
    try:
        with page.open("rb") as file:
            file.seek(-len(line), 2)
            return file.read() == line
    except OSError:
        return False


@cache
def _recipe() -> bytes:
    """Return a digest of what renders pages: the code, the template, and the versions of the packages."""
    here = Path(__file__).parent
    files = [*sorted((_TEMPLATES / "feedback").iterdir()), *sorted(here.glob("*.py"))]
    files += [Path(module.__file__ or "") for module in (lateness, marksheet, outputs)]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files))
    for package in ("nbconvert", "nbgrader", "nh3", "latex2mathml", "mistune", "pygments", "beautifulsoup4"):
        digest.update(f"{package} {metadata.version(package)}".encode())
    return digest.digest()
