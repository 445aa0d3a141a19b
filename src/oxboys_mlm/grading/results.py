"""What the parts of the grader have in common: the limits of a run, and what it gave for each question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

import msgspec
from traitlets import Float, Integer
from traitlets.config import Configurable

from oxboys_mlm.assessment.evidence import Evidence

Outcome = Literal["scored", "missing", "error", "timeout", "killed", "unreadable"]


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a run gave for one question.

    Attributes
    ----------
    outcome
        "scored" where there is evidence to judge; else why there is none.
    evidence
        The evidence, for "scored" alone.
    reason
        What happened, for the student; empty for "scored".
    """

    outcome: Outcome
    evidence: Evidence | None = None
    reason: str = ""


class Limits(Configurable):
    """What a run may use; set as ``c.Limits.…`` in nbgrader_config.py."""

    cell_seconds = Float(60.0, help="Longest time of one cell, in seconds.").tag(config=True)
    notebook_seconds = Float(300.0, help="Longest time of all cells of a notebook together, in seconds.").tag(
        config=True
    )
    memory_mb = Integer(2048, help="Memory of all processes of a run together, in megabytes.").tag(config=True)
    processes = Integer(128, help="Processes and threads of a run.").tag(config=True)
    disk_mb = Integer(256, help="Size of a run's /tmp and of its /dev/shm, and of any file, in megabytes.").tag(
        config=True
    )
    output_mb = Integer(
        20,
        help="Output that is kept of all cells of a notebook together, in megabytes; of one cell a quarter of it. "
        "The rest is left out, and a run that sends five times as much is ended.",
    ).tag(config=True)

    def as_dict(self) -> dict[str, float]:
        """Return all limits by name."""
        return {name: getattr(self, name) for name in self.trait_names(config=True)}

    def for_zygote(self) -> dict[str, int]:
        """Return the limits that are set inside the sandbox."""
        return {"memory_mb": self.memory_mb, "processes": self.processes, "disk_mb": self.disk_mb}


#: Said of a run that ended neither by itself nor at a limit: it crashed, or something outside killed it.
DIED = "Python was stopped or crashed while the notebook ran."


class Recorded(Protocol):
    """A run whose answers can be judged: one that has just ended, or what is kept of an earlier one."""

    @property
    def seed(self) -> int:
        """Seed of the models that functions were called with."""

    @property
    def answers(self) -> Mapping[str, Answer]:
        """What every check gave, by the question's key."""
