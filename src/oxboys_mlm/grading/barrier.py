"""The barrier between submissions: what goes wrong for one is that one's outcome, and the others are graded."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from nbgrader.api import InvalidEntry
from sqlalchemy.exc import InterfaceError, OperationalError

from oxboys_mlm.grading import names
from oxboys_mlm.grading.errors import GradingError, SetAside

#: The solutions' name among the submissions; no student's folder can have it.
SOLUTIONS = "."

#: Faults of the machine, which concern every submission: no space, no descriptors, a file system that is read-only.
_OF_THE_MACHINE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE)


class Barrier:
    """Turns an exception in any step of a submission into the reason why that submission is not graded.

    Parameters
    ----------
    faults
        Reasons that are known before a run, by student.

    Attributes
    ----------
    faults
        Why submissions cannot be graded, by student.
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)

    @contextmanager
    def around(self, student: str) -> Iterator[None]:
        """Guard a step of a submission.

        A fault of the course, the solutions or the machine concerns everybody, and ends the run.
        """
        try:
            yield
        except GradingError:
            raise
        except Exception as error:
            if student == SOLUTIONS:
                raise GradingError(f"the solutions cannot be graded: {_reason(error)}") from error
            if _concerns_everybody(error):
                raise
            self.faults.setdefault(student, _reason(error))


def _reason(error: Exception) -> str:
    """Return what went wrong in one printable line."""
    if isinstance(error, OSError) and error.strerror:
        text = error.strerror
    else:
        lines = str(error).strip().splitlines()
        text = lines[0] if lines else ""
    kind = "" if isinstance(error, SetAside) else f"{type(error).__name__}: "
    return names.shown(f"{kind}{text}".removesuffix(": "))[:300]


def _concerns_everybody(error: BaseException) -> bool:
    """Return whether an error is a fault of the machine or the gradebook."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        return True
    # nbgrader wraps errors of the gradebook in one of its own.
    return isinstance(error, InvalidEntry) and error.__context__ is not None and _concerns_everybody(error.__context__)
