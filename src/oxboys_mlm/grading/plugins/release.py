"""What nbgrader does to a release beside its own steps: a plugin for ``nbgrader generate_assignment``."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from oxboys_mlm.grading.launching import repository

#: The cell that needs the package first, and the remarks at its top.
_NEEDS_PACKAGE = re.compile(r"^(?:from|import) oxboys_mlm\b", re.MULTILINE)
_REMARKS = re.compile(r"(?:#.*\n)*")

# Where pip replaces what is loaded already, Colab offers to restart Python, if pip is called like this and not quietly.
_INSTALLS = """\
import importlib.util
import sys

if "google.colab" in sys.modules and not importlib.util.find_spec("oxboys_mlm"):
    print("Colab does not have this course's package yet. Installing it takes a minute.")
    print("If Colab then asks you to restart, do so, and run this cell again.")
    get_ipython().system({command!r})

"""


class InstallOnColab(NbGraderPreprocessor):  # type: ignore[misc]
    """Lets the set-up cell install the package on Colab, if the repository has an address to install it from."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Add the lines to the first cell that imports the package."""
        address = repository(self._course_folder())
        setup = next(
            (cell for cell in nb.cells if cell.cell_type == "code" and _NEEDS_PACKAGE.search(cell.source)), None
        )
        if address and setup:
            lines = _INSTALLS.format(command=f"pip install {shlex.quote(f'git+{address}')}")
            first = _REMARKS.match(setup.source)
            place = first.end() if first else 0
            setup.source = setup.source[:place] + lines + setup.source[place:]
        return nb, resources

    def _course_folder(self) -> Path:
        holder = self.parent
        while not hasattr(holder, "coursedir"):
            holder = holder.parent
        return Path(holder.coursedir.root)
