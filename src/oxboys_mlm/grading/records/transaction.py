"""One transaction of the gradebook, of several of nbgrader's own steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nbgrader.api import Gradebook


@contextmanager
def transaction(gradebook: Gradebook) -> Iterator[None]:
    """Make one transaction of the block: all of it is recorded, or nothing.

    nbgrader's gradebook commits after every step of its own; inside the block these commits only send
    their changes to the database.
    """
    session = gradebook.db
    session.commit = session.flush
    try:
        yield
    except BaseException:
        del session.commit
        session.rollback()
        raise
    del session.commit
    session.commit()
