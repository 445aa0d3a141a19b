"""Imported by every Python that finds it on its path: nbgrader's commands start in half the time.

jsonschema makes three dozen grammars of international web addresses when it finds this package, in more than three
seconds; no notebook's format needs them. `oxboys_mlm.grading` does the same for its own commands.
"""

import sys

sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
