"""A notebook to run, and what the run gave."""

from __future__ import annotations

import msgspec

from oxboys_mlm.grading.results import DIED, Answer


class Task(msgspec.Struct, frozen=True):
    """A notebook to run, with all that a worker needs to know; it needs no course folder.

    Attributes
    ----------
    notebook
        The rebuilt notebook, as JSON.
    keys
        Keys of its questions.
    seed
        Seed of the models that functions are called with.
    limits
        What the run may use.
    sandboxed
        Whether it runs inside bubblewrap.
    files
        Files that the course puts beside the notebook, by name.
    course
        The course folder, which a sandbox on the same machine hides.
    shared
        How many of the first cells are the same for everybody.
    """

    notebook: str
    keys: tuple[str, ...]
    seed: int
    limits: dict[str, float]
    sandboxed: bool
    course: str
    files: dict[str, bytes] = {}
    shared: int = 0


class Result(msgspec.Struct, frozen=True):
    """What a run gave: the notebook with its outputs, as JSON, and every question's answer."""

    notebook: str
    seed: int
    answers: dict[str, Answer]

    @property
    def complete(self) -> bool:
        """Whether the run came to its end, or to a limit: another would, too. One killed from outside would not."""
        return not any(answer.outcome == "killed" and answer.reason == DIED for answer in self.answers.values())
