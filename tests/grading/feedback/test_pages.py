"""Feedback pages say what the gradebook says, run nothing, fetch nothing, and are made again only when they change."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from classroom import RIGHT, WRONG, filled, hand_in, make_tiny_course, run, tiny_release
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.server_extensions import formgrader

from oxboys_mlm.cli import main
from oxboys_mlm.grading.course import Course
from oxboys_mlm.grading.feedback import safe_outputs
from oxboys_mlm.grading.feedback.page import made_from
from oxboys_mlm.grading.feedback.pages import Pages, make_pages
from oxboys_mlm.grading.marking import by_ticks
from oxboys_mlm.grading.marking.free_texts import free_texts
from oxboys_mlm.grading.records import by_hand, notebooks

HOSTILE = """**kept** <script>steal()</script><img src=x onerror=steal()> <a id="question-needs_multilevel">x</a>
<a href="javascript:steal()">x</a> $\\text{<script>steal()</script>}$ $\\href{javascript:steal()}{x}$"""
TEXTS = {"ada": "Boys differ in $\\tau_{00}$.", "bela": HOSTILE, "chiara": "Because."}
FREE = "needs_multilevel_why"
STUDENTS = ("ada", "bela", "chiara")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade a class of three."""
    course = make_tiny_course(tmp_path_factory.mktemp("feedback") / "course")
    for student in STUDENTS:
        answers = {**(WRONG if student == "bela" else RIGHT), "needs_multilevel_why": TEXTS[student]}
        hand_in(course, student, "tiny", "t", filled(tiny_release(), answers))
        (course / "submitted" / student / "tiny" / "timestamp.txt").write_text("2026-05-01 10:00:00 UTC")
        (course / "submitted" / student / "tiny" / "submission_secret.txt").write_text(
            f"{student.encode().hex():0<128}"
        )
    done = run("oxboys", "grade", "tiny", "--sandbox", "none", cwd=course)
    assert done.returncode == 0, done.stderr
    return course


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    """Return a copy of the graded class."""
    shutil.copytree(graded, tmp_path / "course")
    return tmp_path / "course"


def _make(course: Path, jobs: int = 1, students: list[str] | None = None) -> dict[str, Pages]:
    found: dict[str, Pages] = {}

    def announce(pages: Pages) -> None:
        found[pages.student] = pages

    make_pages(Course(course), "tiny", students, announce, progress=lambda done, total: None, jobs=jobs)
    return found


def _page(course: Path, student: str) -> Path:
    return course / "feedback" / student / "tiny" / "t.html"


def _text(course: Path, student: str) -> str:
    return _page(course, student).read_text("utf-8")


def _written(course: Path, student: str) -> tuple[int, int]:
    """Tell a file from one written anew in its place."""
    state = _page(course, student).stat()
    return state.st_ino, state.st_mtime_ns


def _change(course: Path, change: Callable[[Gradebook], None]) -> None:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        change(book)
        book.db.commit()


def _mark(points: float, comment: str, student: str = "ada") -> Callable[[Gradebook], None]:
    def change(book: Gradebook) -> None:
        place = ("needs_multilevel_why", "t", "tiny", student)
        grade = book.find_grade(*place)
        grade.manual_score, grade.needs_manual_grade = points, False
        book.find_comment(*place).manual_comment = comment

    return change


def test_solutions_on_and_off(course: Path) -> None:
    """The option adds the model answers of marked questions; without it pages are made again as they were."""
    _change(course, _mark(2, ""))
    assert main(["feedback", "tiny", "--course", str(course)]) == 0
    before = {student: _text(course, student) for student in STUDENTS}
    assert main(["feedback", "tiny", "--course", str(course), "--solutions"]) == 0
    assert _text(course, "ada").count("<summary>Solution</summary>") == 3
    assert _text(course, "bela").count("<summary>Solution</summary>") == 2
    assert "Group Var" in _text(course, "bela")
    assert _make(course)["bela"].written == 1
    assert {student: _text(course, student) for student in STUDENTS} == before
    assert "Group Var" not in before["bela"]


def test_solutions_before_all_have_handed_in(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who may still hand in is named before solutions go out."""
    (course / "extensions.csv").write_text(
        "student,assignment,until\nada,tiny,2999-01-01 12:00 UTC\nbela,tiny,2026-05-02 12:00 UTC\n"
    )
    assert main(["feedback", "tiny", "--course", str(course), "--solutions", "--student", "ada"]) == 0
    assert "others would have the solutions: ada\n" in capsys.readouterr().err


def test_ticked_statements(course: Path) -> None:
    """Statements are shown as met and not met once they are ticked, with points added and why, until points change."""
    path = course / "solutions" / "tiny" / "t.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].source = notebook.cells[-1].source.replace(
        "Because.",
        "Because.\n\n```toml\n[[statement]]\nname = 'lines'\npoints = 1.5\ntext = 'Lines lie <far> apart.'\n"
        "accepted = ['secret']\n[[statement]]\nname = 'errors'\npoints = 0.5\ntext = 'Errors are alike.'\n```",
    )
    nbformat.write(notebook, path)
    own = Course(course)
    (text,) = free_texts(own.assignment("tiny"))
    with own.gradebook() as book:
        by_hand.prepare(book)
        standings = by_hand.read_standings(book, "tiny", text)
        (standing,) = (each for each in standings.values() if each.student == "ada")
        mark = by_ticks.HandMark(("lines",), 0.25, "A <fine> picture.", by_ticks.seen(text, TEXTS["ada"]), 1.75)
        change = by_hand.Change(standing.grade, standing.stamp, mark, by_ticks.Entry(1.75, False), "Good.")
        by_hand.save(own, book, "tiny", text, [change], "marker")
    _make(course)
    page = _text(course, "ada")
    assert "met, 1.5 of 1.5: Lines lie &lt;far&gt; apart." in page
    assert "not met, 0 of 0.5: Errors are alike." in page
    assert "0.25 points added by the lecturer. Reason: <bdi>A &lt;fine&gt; picture.</bdi>" in page
    assert "secret" not in page
    assert run("nbgrader", "generate_feedback", "tiny", "--force", cwd=course).returncode == 0
    assert _text(course, "ada") == page
    assert "Errors are alike" not in _text(course, "chiara")
    for before, after in (("points = 1.5", "points = 1.0"), ("points = 0.5", "points = 1.0")):
        notebook.cells[-1].source = notebook.cells[-1].source.replace(before, after)
    nbformat.write(notebook, path)
    _make(course)
    assert "Errors are alike" not in _text(course, "ada"), "points of a rubric that no mark has followed yet"
    _change(course, _mark(2, ""))
    _make(course)
    assert "Errors are alike" not in _text(course, "ada")


def test_handing_back(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same command puts the pages into an archive, and says where it lies and who is in it."""
    assert main(["feedback", "tiny", "--course", str(course), "--for", "folders"]) == 0
    assert "reports/tiny/feedback-for-folders.zip, 3 pages of 3 students" in capsys.readouterr().out
    with zipfile.ZipFile(course / "reports" / "tiny" / "feedback-for-folders.zip") as archive:
        assert archive.namelist() == [f"{student}/t.html" for student in STUDENTS]
        assert archive.read("bela/t.html").decode() == _text(course, "bela")


class _Loads(HTMLParser):
    """Collects what a browser would run or fetch by itself, and the places of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.active: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "link", "object", "embed", "form", "base"):
            self.active.append(tag)
        for name, value in attrs:
            words = (value or "").strip().lower()
            fetches = name in ("src", "srcset", "data", "poster") and not words.startswith("data:image/")
            if fetches or name.startswith("on") or words.startswith("javascript:"):
                self.active.append(f"{tag} {name}={value}")
            if name == "id":
                self.ids.append(value or "")


def test_what_waits_is_said(course: Path) -> None:
    """Points of every question stand at the top, and what a person still has to mark is named as such."""
    _make(course)
    top, _, below = _text(course, "ada").partition("<main")

    assert "2 of 4 points" in top
    assert "1 answer is still to be marked by hand" in top
    assert "– of 2" in top
    assert "still to be marked by hand" in below
    assert "<title>t · ada</title>" in top
    assert "0 of 4 points" in _text(course, "bela")


def test_marks_and_comment(course: Path) -> None:
    """Points and a comment given by hand appear at the top and where the answer stands."""
    _change(course, _mark(1.5, "Name *both* reasons."))
    _make(course)
    top, _, below = _text(course, "ada").partition("<main")

    assert "3.5 of 4 points" in top
    assert "still to be marked" not in top + below
    for part in (top, below):
        assert "1.5 of 2" in part
        assert "Name <em>both</em> reasons." in part
    assert 'href="#question-needs_multilevel_why"' in top
    assert 'id="question-needs_multilevel_why"' in below


def test_long_comment(course: Path) -> None:
    """Of a long comment the table at the top has the paragraphs that fit, whole, and a link to the rest."""
    _change(course, _mark(1, "First.\n\n| a |\n|---|\n" + "| b |\n" * 100))
    _make(course)
    top, _, below = _text(course, "ada").partition("<main")

    assert "First." in top
    assert "b</td>" not in top
    assert "| b" not in top
    assert ">read on</a>" in top
    assert below.count("b</td>") == 100


def test_changed_by_hand(course: Path) -> None:
    """A check's points that a lecturer changed are told apart from the check's own, which stay readable."""

    def change(book: Gradebook) -> None:
        book.find_grade("needs_multilevel-check", "t", "tiny", "bela").manual_score = 0.5

    _change(course, change)
    _make(course)
    page = _text(course, "bela")

    assert "by hand; the check gave 0" in page
    assert "✘ Not yet · 0 of 1 point" in page


def test_set_aside(course: Path) -> None:
    """Why a file was set aside stands at the top, and not only under each question."""
    hand_in(course, "chiara", "tiny", "t", "{")
    assert run("oxboys", "grade", "tiny", "--sandbox", "none", "--student", "chiara", cwd=course).returncode == 0
    _make(course)

    assert "The file was set aside" in _text(course, "chiara").partition("<main")[0]
    assert 'class="late"' not in _text(course, "ada")


def _late_by(hours: float) -> Callable[[Gradebook], None]:
    def change(book: Gradebook) -> None:
        book.update_or_create_assignment("tiny", duedate=datetime(2026, 5, 1, 10) - timedelta(hours=hours))

    return change


def test_late_penalty(course: Path) -> None:
    """How late a submission was is said, and what it costs, which is taken off by the points of today."""
    with (course / "nbgrader_config.py").open("a") as file:
        file.write('c.LatePolicy.penalty_method = "daily"\nc.LatePolicy.daily_share = 0.25\n')
    _change(course, _late_by(25))
    _change(course, _mark(2, ""))
    _make(course)
    top = _text(course, "ada").partition("<main")[0]

    assert "2 of 4 points" in top
    assert "Handed in 1 day 1 hour after the deadline:\n2 of the points earned below are taken off." in top


def test_late_for_nothing(course: Path) -> None:
    """Lateness is said where it costs nothing, too; who was in time reads nothing of it."""
    _change(course, _late_by(2))
    _make(course)
    assert "Handed in 2 hours after the deadline:\nno points are taken off." in _text(course, "ada")
    _change(course, _late_by(-2))
    _make(course)
    assert "deadline" not in _text(course, "ada").partition("<main")[0]


def test_nothing_runs_or_is_fetched(course: Path) -> None:
    """Scripts in an answer, a comment and a student's name are shown as text or not at all."""

    def change(book: Gradebook) -> None:
        student = book.find_student("bela")
        student.first_name, student.last_name = "<script>steal()</script>", '"><img src=x onerror=steal()>'

    _change(course, change)
    _change(course, _mark(1, HOSTILE, "bela"))
    _make(course)
    page = _text(course, "bela")

    assert _Loads(page).active == []
    assert page.count("<strong>kept</strong>") == 3
    assert "&lt;script&gt;steal()&lt;/script&gt;" in page
    assert "default-src 'none'" in page
    assert _Loads(page).ids.count("question-needs_multilevel") == 1


PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def _change_notebook(course: Path, change: Callable[[NotebookNode], None], student: str = "bela") -> None:
    """Change a graded notebook as if it had been handed in like that."""
    path = course / "autograded" / student / "tiny" / "t.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    path.write_text(json.dumps(notebook), "utf-8")


def _answer(notebook: NotebookNode) -> NotebookNode:
    (found,) = (cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == FREE)
    return found


def _formgrader(course: Path, student: str = "bela") -> str:
    """Return the page that formgrader shows, made by nbgrader's own template."""
    config = Course(course).parent.config.copy()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [str(Path(formgrader.__file__).parent / "templates")]
    notebook = course / "autograded" / student / "tiny" / "t.ipynb"
    resources = {"index": 0, "total": 1, "base_url": "", "submission_id": "1", "notebook_id": "t", "assignment_id": "a"}
    return str(HTMLExporter(config=config).from_filename(str(notebook), resources=resources)[0])


def _own(page: str) -> str:
    """Return a page of formgrader without what nbgrader itself loads and runs."""
    return page.partition('<div class="panel-body">')[2]


def test_attached_pictures(course: Path) -> None:
    """A picture pasted into an answer, a student's own note or the course's text is in both pages."""

    def paste(notebook: NotebookNode) -> None:
        title = next(cell for cell in notebook.cells if cell.cell_type == "markdown")
        notebook.cells.append(new_markdown_cell("own", id="own"))
        for cell in (title, _answer(notebook), notebook.cells[-1]):
            cell.source += "\n\n![a](attachment:a%20sketch.png) ![b](attachment:lost.png) ![c](attachment:x.svg)"
            cell["attachments"] = {"a sketch.png": {"image/png": PICTURE}, "x.svg": {"image/svg+xml": "<svg/>"}}

    _change_notebook(course, paste)
    _make(course)

    for page in (_text(course, "bela"), _formgrader(course)):
        assert page.count(f'src="data:image/png;base64,{PICTURE}"') == 3
        assert page.count("A picture that cannot be shown") == 7  # one stood there before
        assert "svg+xml" not in _own(page)


def test_outputs_that_are_none(course: Path) -> None:
    """A notebook whose counts, streams and pictures are something else has a page, without what they are."""

    def change(notebook: NotebookNode) -> None:
        cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
        cell.execution_count = "<script>steal()</script>"
        cell.outputs = [
            {"output_type": "execute_result", "data": {"text/plain": "seen"}, "execution_count": "<b>", "metadata": {}},
            {"output_type": "display_data", "data": {"image/png": '"><script>steal()</script>'}, "metadata": []},
            {"output_type": "stream", "name": "<script>", "text": "heard"},
            {"output_type": "error", "ename": [], "evalue": {}, "traceback": "x"},
        ]
        notebooks.write(notebook, [])  # as every notebook that has run

    _change_notebook(course, change)
    _make(course)

    for page in (_text(course, "bela"), _own(_formgrader(course))):
        assert "seen" in page
        assert "heard" in page
        assert _Loads(page).active == []


def test_costly_texts(course: Path) -> None:
    """A page with texts that take too long shows them as they were typed; marks and other texts are as always."""

    def change(notebook: NotebookNode) -> None:
        _answer(notebook).source = "because" + " " * 300_000 + "of it"
        cell = next(cell for cell in notebook.cells if cell.cell_type == "code")
        cell.source = "a." * 45_000
        cell.outputs = [
            {"output_type": "stream", "name": "stdout", "text": "\x1b[1m\x1b[31m" * 200_000},
            {"output_type": "stream", "name": "stdout", "text": "b" * 3_000_000},
        ]

    _change_notebook(course, change)
    _make(course)

    for page in (_text(course, "bela"), _formgrader(course)):
        assert page.count("would take too long, to format here") == 2
        assert "because" in page
        assert "2,900,000 more characters are not shown here" in page
        assert len(page) < 2_000_000
    assert "0 of 4 points" in _text(course, "bela")


def test_formgrader_finds_its_fields(course: Path) -> None:
    """No text takes an id by which formgrader finds the fields for marks and comments, or which the page has."""
    names = (FREE, f"{FREE}-comment", "needs_multilevel-check", "top", "question-needs_multilevel")

    def change(notebook: NotebookNode) -> None:
        parts = (f'## {name}\n\n<h3 id="{name}">x</h3>\n\n<a id="{name}"></a>' for name in names)
        _answer(notebook).source = "\n\n".join(parts)

    _change_notebook(course, change)
    _make(course)

    for page in (_text(course, "bela"), _formgrader(course)):
        ids = _Loads(page).ids
        assert [name for name in names if ids.count(name) > 1] == []
        assert ids.count(f"in-text-{FREE}-comment") == 3
    assert _Loads(_formgrader(course)).ids.count(f"{FREE}-comment") == 1


def test_formulas() -> None:
    """Formulas need no script; what is no formula stays readable; none draws outside of its place."""
    assert "<msub><mi>τ</mi>" in safe_outputs.markdown2html(r"$\tau_{00}$")
    assert '<math display="block">' in safe_outputs.markdown2html("$$\nx \\sim N(0, 1)\n$$")
    assert r"<code>\frac</code>" in safe_outputs.markdown2html(r"$\frac$")
    assert "<code>" in safe_outputs.markdown2html(f"${'x' * 3000}$")
    assert "<code>" in safe_outputs.markdown2html(r"$\newcommand{\foo}{xx}\foo$")
    assert "<code>" in safe_outputs.markdown2html(r"$\def\foo{xx}\foo$")
    assert "em" not in safe_outputs.markdown2html(r"$\hspace{-40em}x\hspace{400em}$")
    assert 'width="2em"' in safe_outputs.markdown2html(r"$x \qquad y$")


def test_again(course: Path) -> None:
    """Pages that would not change are left alone; a changed comment or mark rewrites its page alone."""
    _change(course, _mark(1, "Good."))
    assert [pages.written for pages in _make(course).values()] == [1, 1, 1]
    before = {student: _written(course, student) for student in STUDENTS}

    again = _make(course)
    assert [(pages.written, pages.unchanged) for pages in again.values()] == [(0, 1)] * 3
    assert {student: _written(course, student) for student in STUDENTS} == before

    _change(course, _mark(1, "Very good."))
    assert {student for student, pages in _make(course).items() if pages.written} == {"ada"}
    assert "Very good." in _text(course, "ada")
    assert "Good." not in _text(course, "ada")
    assert {student: _written(course, student) for student in STUDENTS[1:]} == {
        student: before[student] for student in STUDENTS[1:]
    }


def test_page_that_was_cut_off_is_made_again(course: Path) -> None:
    """A page without its end, or of a notebook that is gone, is not left behind."""
    _make(course)
    whole = _text(course, "ada")
    _page(course, "ada").write_text(whole[:-200], "utf-8")
    (course / "feedback" / "ada" / "tiny" / "old.html").write_text("of a notebook that is no more")

    _make(course)

    assert _text(course, "ada") == whole
    assert not (course / "feedback" / "ada" / "tiny" / "old.html").exists()


def test_same_as_nbgrader(course: Path) -> None:
    """Both ``oxboys feedback`` and ``nbgrader generate_feedback`` give the same files, byte by byte."""
    _change(course, _mark(1, "Good, $\\tau_{00}$."))
    names = ("submission_secret.txt", "t.html", "timestamp.txt")
    folders = [course / "feedback" / student / "tiny" for student in STUDENTS]
    done = run("nbgrader", "generate_feedback", "tiny", "--force", cwd=course)
    assert done.returncode == 0, done.stderr
    assert "not recognized" not in done.stderr
    by_nbgrader = [(folder / name).read_bytes() for folder in folders for name in names]
    assert [pages.unchanged for pages in _make(course).values()] == [1, 1, 1]
    shutil.rmtree(course / "feedback")

    _make(course, jobs=2)

    assert [(folder / name).read_bytes() for folder in folders for name in names] == by_nbgrader
    assert sorted(path.name for folder in folders for path in folder.iterdir()) == sorted(names * 3)


def test_unreadable_notebook(course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A graded notebook that cannot be read names its student, leaves no page, and stops nobody else."""
    monkeypatch.chdir(course)
    _make(course)
    (course / "autograded" / "bela" / "tiny" / "t.ipynb").write_text("{")
    _change(course, _mark(1, "Good.", "chiara"))

    status = main(["feedback", "tiny"])
    printed = capsys.readouterr()

    assert status == 1
    assert "bela" in printed.err
    assert "Traceback" not in printed.err + printed.out
    assert "1 page written, 1 unchanged" in printed.out
    assert not _page(course, "bela").exists()
    assert "Good." in _text(course, "chiara")


def test_stopped(course: Path) -> None:
    """Stopped by Ctrl-C, every page is whole or not there, and no process is left."""

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_pages(Course(course), "tiny", None, lambda pages: None, progress=stop, jobs=2)
    left = [path.name for path in (course / "feedback").rglob("*") if path.is_file()]

    assert [name for name in left if "html" in name] == ["t.html"]
    assert sum(pages.unchanged for pages in _make(course).values()) == 1
    assert multiprocessing.active_children() == []


def test_one_student(course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of chosen students alone are made; the last line says where; one who is not graded is an error."""
    monkeypatch.chdir(course)

    assert main(["feedback", "tiny", "--student", "ada"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Feedback: feedback/<student>/tiny, 1 page written, 0 unchanged"
    assert [path.name for path in (course / "feedback").iterdir()] == ["ada"]
    assert main(["feedback", "tiny", "--student", "nobody"]) == 1
    assert "'nobody' has not been graded" in capsys.readouterr().err
    assert main(["feedback", "other"]) == 1
    assert "oxboys grade" in capsys.readouterr().err


def test_no_marks(course: Path) -> None:
    """A notebook whose marks are not in the gradebook has no page, rather than one without marks."""
    _make(course)
    _change(course, lambda book: book.remove_student("ada"))

    pages = _make(course)

    assert "not in the gradebook" in pages["ada"].problems[0]
    assert not _page(course, "ada").exists()
    assert pages["bela"].unchanged == 1


def test_release(course: Path, tmp_path: Path) -> None:
    """``nbgrader release_feedback`` finds the pages where it looks for them."""
    _make(course)
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    config = course / "nbgrader_config.py"
    config.write_text(f'{config.read_text("utf-8")}c.Exchange.root = "{exchange}"\n', "utf-8")

    done = run("nbgrader", "release_feedback", "tiny", cwd=course)

    assert done.returncode == 0, done.stderr
    released = list((exchange / "oxboys-mlm" / "feedback").glob("*.html"))
    assert sorted(path.read_bytes() for path in released) == sorted(
        _page(course, student).read_bytes() for student in STUDENTS
    )


def test_foreign_secret(course: Path, tmp_path: Path) -> None:
    """What calls itself a submission's secret is handed on if it looks like one, and else no file of that name."""
    secret = course / "submitted" / "ada" / "tiny" / "submission_secret.txt"
    handed_on = course / "feedback" / "ada" / "tiny" / "submission_secret.txt"
    _make(course)
    assert handed_on.read_text() == secret.read_text()
    (tmp_path / "else").write_text("0" * 64)
    secret.unlink()
    secret.symlink_to(tmp_path / "else")

    _make(course)

    assert not handed_on.exists()


def test_made_from(tmp_path: Path) -> None:
    """A page tells what it was made from by its last line, and a missing or an empty one tells nothing."""
    page = tmp_path / "page.html"
    assert not made_from(page, "abc")
    page.write_text("")
    assert not made_from(page, "abc")
    page.write_text("<p>x</p>\n<!-- made from abc -->\n")
    assert made_from(page, "abc")
    assert not made_from(page, "abd")
