"""The check below each task, hints for it, and where a student stands: `check`, `hint` and `progress`."""

from oxboys_mlm.checking.checks import check
from oxboys_mlm.checking.hints import hint
from oxboys_mlm.checking.overview import progress

__all__ = ["check", "hint", "progress"]
