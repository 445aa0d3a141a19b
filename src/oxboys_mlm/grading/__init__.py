"""Grade submissions: read them as data, rebuild, run, judge, record.

A room for each step, in the order of the work. `submissions` reads what was handed in and makes the notebook that is
run; `running` runs it in a sandbox; `judging` judges the evidence; `records` keeps the marks; `report` and `feedback`
show them. `grader` grades a class with them, and `plugins` puts them behind nbgrader's own commands.
"""

import sys

# jsonschema, which nbformat imports, makes three dozen grammars of international web addresses when it finds this
# package: three seconds in every process, for addresses that no notebook's format knows.
_grammars = sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
import jsonschema  # noqa: E402, F401

if _grammars is None:
    del sys.modules["rfc3987_syntax"]

from oxboys_mlm.grading import old_names  # noqa: E402

old_names.provide()
