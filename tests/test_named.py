"""What is named in words is there: modules, files, tests and rooms, so that none can be renamed without its mention."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from classroom import ROOT

FOLDERS = ("src", "tests", "docs", "benchmarks", "solutions", "notebooks", ".github", ".ci")
KINDS = {".py", ".md", ".rst", ".ipynb", ".toml", ".yml", ".html", ".j2", ""}

#: Modules of the last release, which today's names stand behind: see `oxboys_mlm.grading.old_names`.
RENAMED = {"autograde", "collecting", "exporters", "feedback_page"}

#: What begins a path from the root of the repository.
_PATH = re.compile(r"(?<![\w/.-])(?:src|tests|docs|benchmarks|solutions|\.ci|\.github)/[\w./-]*\w(?!\w*[<{*…])")


def _texts() -> Iterator[tuple[Path, str]]:
    """Return every text of the repository with its file."""
    files = [path for path in ROOT.iterdir() if path.is_file() and path.suffix in {".md", ".py", ".toml"}]
    for folder in FOLDERS:
        files += [path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix in KINDS]
    for path in files:
        if "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts:
            yield path.relative_to(ROOT), path.read_text("utf-8")


def _is_there(name: str) -> bool:
    """Return whether a dotted name leads to a module, or to a name in the text of one; nothing is imported."""
    place, parts = ROOT / "src", name.split(".")
    while parts and ((place / parts[0]).is_dir() or (place / f"{parts[0]}.py").is_file()):
        place /= parts.pop(0)
    if not parts:
        return True
    module = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    return re.search(rf"\b{parts[0]}\b", module.read_text("utf-8")) is not None or parts[0] in RENAMED


def test_dotted_names() -> None:
    """Every dotted name of the package, in code, settings or prose, leads to something."""
    names = {(name, str(path)) for path, text in _texts() for name in re.findall(r"\boxboys_mlm(?:\.(?!__)\w+)+", text)}

    assert len(names) > 200
    assert sorted(where for where in names if not _is_there(where[0])) == []


def test_paths_in_prose() -> None:
    """Every file or folder that a document or a comment names by its path from the root is there."""
    named = {
        (name.rstrip("."), str(path))
        for path, text in _texts()
        if path.suffix in (".md", ".rst", ".toml", ".yml") or path.parts[0] == "src"
        for name in _PATH.findall(text)
    }

    assert len(named) > 40
    assert sorted(where for where in named if not (ROOT / where[0]).exists()) == []


def test_tests_in_prose() -> None:
    """Every test that a document names is one."""
    tests = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    named = {
        (name, str(path))
        for path, text in _texts()
        if path.suffix in (".md", ".rst")
        for name in re.findall(r"`(test_\w+)`", text)
    }

    assert len(named) > 10
    assert sorted(where for where in named if not re.search(rf"\bdef {where[0]}\b|\b{where[0]}\.py", tests)) == []


def test_rooms() -> None:
    """CONTRIBUTING.md describes every package, and every package of the grader, and no other."""
    package = ROOT / "src" / "oxboys_mlm"
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    described = re.findall(r"^\| `(\w+)/` \|", text, re.MULTILINE)
    packages = [path.parent.name for path in [*package.glob("*/__init__.py"), *package.glob("grading/*/__init__.py")]]

    assert sorted(described) == sorted(packages)
