"""Grade submissions: read them as data, rebuild, run, judge, record.

The steps stand in this order, each in its module: `course` (what is asked), `intake` (what was handed
in), `rebuild` (what is run), `kernels` (running it), `marking` (judging its evidence), `gradebook` and
`report` (recording the marks). `classes` grades a class with them, `autograde` puts them behind
``nbgrader autograde``.
"""

import sys

# jsonschema, which nbformat imports, makes three dozen grammars of international web addresses when it finds this
# package: three seconds in every process, for addresses that no notebook's format knows.
_grammars = sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
import jsonschema  # noqa: E402, F401

if _grammars is None:
    del sys.modules["rfc3987_syntax"]
