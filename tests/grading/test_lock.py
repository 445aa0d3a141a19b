"""One command at a time writes to a course folder, and who that is is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from classroom import hand_in, tiny_release

from oxboys_mlm.cli import main
from oxboys_mlm.grading import lock
from oxboys_mlm.grading.errors import GradingError

HOLD = """import sys
from pathlib import Path
from oxboys_mlm.grading import lock
with lock.hold(Path(sys.argv[1]), "oxboys grade core"):
    print("held", flush=True)
    sys.stdin.read()
"""


def _holder(root: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_who_holds_it(tmp_path: Path) -> None:
    """A second command is told in one line which one is at work, and where."""
    with _holder(tmp_path) as process:
        with (
            pytest.raises(GradingError, match=f"'oxboys grade core', process {process.pid} on .*") as caught,
            lock.hold(tmp_path, "x"),
        ):
            pass
        process.communicate()
    assert "\n" not in str(caught.value)
    with lock.hold(tmp_path, "x"):
        pass


def test_waiting(tmp_path: Path) -> None:
    """Whoever has patience gets it when the other has ended."""
    with _holder(tmp_path) as process:
        assert process.stdin is not None
        process.stdin.close()
        with lock.hold(tmp_path, "x", patience=60):
            pass


def test_a_killed_holder(tmp_path: Path) -> None:
    """What was killed holds nothing any more."""
    with _holder(tmp_path) as process:
        process.kill()
    with lock.hold(tmp_path, "x"):
        pass


def test_no_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system without locks commands work all the same."""

    def fail(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(lock.fcntl, "flock", fail)
    with lock.hold(tmp_path, "x"), lock.hold(tmp_path, "y"):
        pass


@pytest.mark.parametrize(
    "arguments", [["grade", "tiny", "--sandbox", "none"], ["remark", "tiny"], ["feedback", "tiny"], ["report", "tiny"]]
)
def test_commands(tiny: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """Every command that writes to the folder ends in one line while another is at work, and changes nothing."""
    hand_in(tiny, "ada", "tiny", "t", tiny_release())
    (tiny / "reports" / "tiny").mkdir(parents=True)
    scores = tiny / "reports" / "tiny" / "scores.csv"
    scores.write_text(
        "student,notebook,question,score,max_score,outcome,findings,feedback\nada,t,needs_multilevel,1,1,scored,,x\n"
    )
    with lock.hold(tiny, "nbgrader autograde"):
        status = main([*arguments, "--course", str(tiny)])

    said = [line for line in capsys.readouterr().err.splitlines() if "without a sandbox" not in line]
    assert status == 1
    assert len(said) == 1
    assert f"'nbgrader autograde', process {os.getpid()}" in said[0]
    assert [path.name for path in (tiny / "reports" / "tiny").iterdir()] == ["scores.csv"]
    assert not (tiny / "autograded").exists()
