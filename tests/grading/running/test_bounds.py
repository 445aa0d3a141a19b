"""The memory cgroup of a run, by version 2: what is written where, in a tree of files that looks like one."""

from __future__ import annotations

from pathlib import Path, PosixPath
from typing import Any

import pytest

from oxboys_mlm.grading.running import bounds

SIZE = 300 << 20


class _Cgroups(PosixPath):
    """Paths of a made-up system: what the kernel shows below ``/proc/self``, and control files in every new cgroup."""

    forbidden: Path | None = None

    def mkdir(self, *arguments: Any, **options: Any) -> None:
        if self.parent == _Cgroups.forbidden:
            raise PermissionError(str(self))
        super().mkdir(*arguments, **options)
        names = ["cgroup.procs", "memory.events"]
        if "memory" in (self.parent / "cgroup.subtree_control").read_text().split():
            names += ["memory.max", "memory.swap.max", "memory.oom.group"]
        for name in names:
            (self / name).write_text("")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a user's delegated part of the tree; return the cgroup that the grader runs in."""
    own = tmp_path / "cgroup" / "user.slice" / "app.slice" / "grade.scope"
    own.mkdir(parents=True)
    for folder in (own, *own.parents[:3]):
        (folder / "cgroup.subtree_control").write_text("" if folder == own else "cpu memory pids\n")
    proc = tmp_path / "proc"
    proc.mkdir()
    (proc / "cgroup").write_text("0::/user.slice/app.slice/grade.scope\n")
    (proc / "mountinfo").write_text(
        "22 1 254:1 / / rw - ext4 /dev/vda rw\n"
        f"30 23 0:26 / {tmp_path / 'cgroup'} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
    )

    def path(*parts: Any) -> _Cgroups:
        text = str(Path(*parts))
        return _Cgroups(proc / text.removeprefix("/proc/self/") if text.startswith("/proc/self/") else text)

    monkeypatch.setattr(_Cgroups, "forbidden", None)
    monkeypatch.setattr(bounds, "Path", path)
    monkeypatch.setattr(bounds, "_over", set())
    return own


def test_group_beside_the_graders(tree: Path) -> None:
    """The run's group is a sibling of the grader's: one that holds processes cannot hand its controllers down."""
    group = bounds._memory_group(4711, SIZE)

    assert group is not None
    assert group.parent == tree.parent
    assert (group / "cgroup.procs").read_text() == "4711"
    assert (group / "memory.max").read_text() == str(SIZE)
    assert (group / "memory.swap.max").read_text() == "0"
    assert (group / "memory.oom.group").read_text() == "1"


def test_every_run_has_a_group_of_its_own(tree: Path) -> None:
    """Two runs share no group."""
    assert bounds._memory_group(1, SIZE) != bounds._memory_group(2, SIZE)


def test_memory_is_not_handed_down(tree: Path) -> None:
    """Where the parent does not hand the memory controller down, there is no group, and none is left behind."""
    (tree.parent / "cgroup.subtree_control").write_text("cpu pids\n")

    assert bounds._memory_group(4711, SIZE) is None
    assert [path.name for path in tree.parent.iterdir() if path.is_dir()] == [tree.name]


def test_not_delegated(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no group may be made, there is none, and no error."""
    monkeypatch.setattr(_Cgroups, "forbidden", tree.parent)

    assert bounds._memory_group(4711, SIZE) is None


@pytest.mark.parametrize(("killed", "exceeded"), [("0", False), ("2", True)])
def test_what_the_group_says(tree: Path, monkeypatch: pytest.MonkeyPatch, killed: str, exceeded: bool) -> None:
    """A run went over its memory if the kernel killed one of its processes for it."""
    monkeypatch.setattr(bounds, "_give_user", lambda pid, user: False)
    run = bounds.Bounds(4711, 0, {"memory_mb": 200, "disk_mb": 50})
    assert run._group is not None
    assert (run._group / "memory.max").read_text() == str(300 << 20)
    (run._group / "memory.events").write_text(f"low 0\nhigh 0\nmax 3\noom 2\noom_kill {killed}\noom_group_kill 0\n")

    assert run.exceeded() is exceeded
