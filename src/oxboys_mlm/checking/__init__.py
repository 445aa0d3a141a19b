"""The check below each task, and where a student stands: `check` and `progress`."""

from oxboys_mlm.checking.checks import check
from oxboys_mlm.checking.overview import progress

__all__ = ["check", "progress"]
