"""What rows of a summary are called by those who group in the usual ways, with a formula or without."""

from __future__ import annotations

from collections.abc import Sequence

from oxboys_mlm.assessment.evidence import Summary
from oxboys_mlm.assessment.summaries import variance_row

#: Patterns that match after `oxboys_mlm.assessment.summaries.plain`.
GROUP = r"(groups?|subjects?|boys?|x_re1)"
AGE = r"(age|x_re2)"
TIMES = r"( ?[x×*:,] ?| )"
VAR, COV = r"[ _]?var(iance)?( row)?", r"[ _]?cov(ariance)?( row)?"


def own_name(summaries: Sequence[Summary], fit: str, role: str) -> str:
    """Return the name of the row of a variance, without its last word; empty where there is none."""
    row = next((variance_row(summary, role) for summary in summaries if summary.name == fit), "")
    return row.removesuffix("Var").strip()
