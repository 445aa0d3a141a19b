"""What a person does with a notebook in JupyterLab."""

from __future__ import annotations

from classroom import settings
from nbformat import NotebookNode
from playwright.sync_api import Locator, Page, expect


class OpenNotebook:
    """A notebook that is open in JupyterLab.

    Parameters
    ----------
    page
        Where it is open.
    content
        The notebook as it was opened, by which cells are found.
    """

    def __init__(self, page: Page, content: NotebookNode) -> None:
        self.page = page
        self.numbers = {settings(cell)["grade_id"]: number for number, cell in enumerate(content.cells)}
        expect(self.cell("title")).to_be_visible()
        # What is run while JupyterLab still connects to the kernel is lost; the status bar says when that is over.
        expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle")

    def cell(self, name: str) -> Locator:
        """Find a cell by its name in nbgrader."""
        return self.page.locator(f".jp-NotebookPanel .jp-Cell[data-windowed-list-index='{self.numbers[name]}']")

    def output(self, name: str) -> Locator:
        """Find what a cell shows."""
        return self.cell(name).locator(".jp-OutputArea-output")

    def write(self, name: str, source: str) -> None:
        """Replace what stands in a cell."""
        self.cell(name).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(source)

    def run(self, *names: str) -> None:
        """Run cells, one after the other, by keyboard."""
        for name in names:
            self.cell(name).locator(".cm-content").click()
            self.page.keyboard.press("Control+Enter")
