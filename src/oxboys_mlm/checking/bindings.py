"""Which names a cell's code sets, read from its text."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field

#: Cell magics whose body runs as if they were not there.
_TRANSPARENT = re.compile(r"\s*%%(?:time|capture|prun)\b[^\n]*\n")

#: Line magics that run the rest of their line.
_TIMED = re.compile(r"^(\s*)%(?:time|prun)\s+", re.MULTILINE)

#: Calls that can set any name, without their text saying so.
_OPAQUE = {"exec", "eval", "globals", "locals", "vars", "setattr", "run_line_magic", "run_cell_magic", "update", "push"}


@dataclass
class Bindings:
    """What a cell's code does with names.

    Attributes
    ----------
    parsed
        Whether the code could be read; if not, the rest is empty.
    lines
        Names that the cell sets, each with the last line of what sets it first.
    inside
        Names that are set inside a function only, where nobody else sees them.
    deleted
        Names that the cell takes away.
    opaque
        Whether it may set names that are not to be seen in its text.
    empty
        Whether it has nothing but comments.
    offset
        Lines of the cell before its first line of code: that of a magic such as ``%%time``.
    """

    parsed: bool = False
    lines: dict[str, int] = field(default_factory=dict)
    inside: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    opaque: bool = False
    empty: bool = False
    offset: int = 0


def read_bindings(source: str, transform: Callable[[str], str] = str) -> Bindings:
    r"""Read which names a cell sets.

    Parameters
    ----------
    source
        The cell's text.
    transform
        Turns magics and the like into Python, as IPython does.

    Examples
    --------
    >>> read_bindings("a = b = 1\nwith open(a) as c:\n    d: int = 2\ndef e(f): g = 3").lines
    {'a': 1, 'b': 1, 'c': 2, 'd': 3, 'e': 4}
    >>> read_bindings("x = (1").parsed
    False
    """
    magic = _TRANSPARENT.match(source)
    if magic:
        source = source[magic.end() :]
    found = Bindings(offset=1 if magic else 0)
    try:
        code = transform(_TIMED.sub(r"\1", source))
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree = compile(code, "<cell>", "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return found
    found.parsed = True
    found.empty = not tree.body
    _Reader(found).visit(tree)
    return found


def sets_by_its_look(source: str, name: str) -> bool:
    """Return whether code that cannot be read as Python looks as if it should set a name.

    >>> sets_by_its_look("icc = 0.7 0.3", "icc"), sets_by_its_look("print(icc == 1", "icc")
    (True, False)
    """
    name = re.escape(name)
    assigned = rf"^\s*\(?(?:[\w\s,*]+,\s*)?{name}\b[\w\s,*)]*(?::[^=\n]*)?[-+*/|&]?=(?!=)"
    return re.search(rf"{assigned}|\bdef\s+{name}\b", source, re.MULTILINE) is not None


class _Reader(ast.NodeVisitor):
    def __init__(self, found: Bindings) -> None:
        self.found = found
        self.depth = 0

    def _set(self, name: str, line: int) -> None:
        if self.depth:
            self.found.inside.add(name)
        else:
            self.found.lines.setdefault(name, line)

    def visit_Assign(self, node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> None:
        self.visit(node.value) if node.value else None
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store) and node.value:
                    self._set(part.id, node.end_lineno or node.lineno)
                elif isinstance(part, ast.Call):
                    self.visit(part)

    visit_AugAssign = visit_AnnAssign = visit_Assign  # noqa: N815

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self._set(node.id, node.end_lineno or node.lineno)
        elif isinstance(node.ctx, ast.Del):
            self.found.deleted.add(node.id)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._set(node.target.id, node.end_lineno or node.lineno)
        self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self._set(node.name, node.end_lineno or node.lineno)
        self.depth += 1
        for statement in node.body:
            self.visit(statement)
        self.depth -= 1

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef  # noqa: N815

    def visit_Global(self, node: ast.Global) -> None:
        for name in node.names:
            self.found.lines.setdefault(name, node.lineno)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        pass

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for part in (node.iter, *node.ifs):  # its target is its own
            self.visit(part)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.found.opaque = True
            else:
                self._set(alias.asname or alias.name.partition(".")[0], node.end_lineno or node.lineno)

    visit_ImportFrom = visit_Import  # noqa: N815

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        if node.name:
            self._set(node.name, node.end_lineno)
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs  # noqa: N815

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func
        name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
        self.found.opaque |= name in _OPAQUE
        self.generic_visit(node)
