"""What assessment may import: a mark must not depend on what runs in a kernel, nor on this course."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from classroom import ROOT

ASSESSMENT = ROOT / "src" / "oxboys_mlm" / "assessment"


def _imported(path: Path) -> set[str]:
    """Return the names of all modules that a file imports, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", sorted(ASSESSMENT.glob("*.py")), ids=lambda path: path.stem)
def test_judges_import_no_collector(path: Path) -> None:
    """What judges evidence never loads what describes objects."""
    assert not {name for name in _imported(path) if "assessment.collecting" in name}


@pytest.mark.parametrize("path", sorted(ASSESSMENT.rglob("*.py")), ids=lambda path: path.stem)
def test_assessment_imports_no_course(path: Path) -> None:
    """Assessment stands alone in the package, and needs no nbgrader."""
    for name in _imported(path):
        assert name.startswith("oxboys_mlm.assessment") or not name.startswith(("oxboys_mlm", "nbgrader")), name
