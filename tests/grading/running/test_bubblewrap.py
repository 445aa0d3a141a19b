"""What keeps students' code from running is said as what it is, and how to mend it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from oxboys_mlm.grading.running import bubblewrap


@pytest.mark.parametrize(
    ("errors", "python"),
    [
        ("Traceback (most recent call last):\n  …\nModuleNotFoundError: No module named 'msgspec'\n", True),
        ("ImportError: libz.so.1: cannot open shared object file: No such file or directory\n", True),
        (f"{sys.executable}: No module named oxboys_mlm\n", True),
        (f"bwrap: execvp {sys.executable}: No such file or directory\n", True),
        ("Fatal Python error: init_fs_encoding\nModuleNotFoundError: No module named 'encodings'\n", True),
        ("AttributeError: module 'statsmodels' has no attribute 'x'\n", True),
        ("bwrap: setting up uid map: Permission denied\n", False),
        ("bwrap: No permissions to create new namespace\n", False),
        ("Traceback …\nOSError: [Errno 38] no list of system calls for riscv64\n", False),
        ("", False),
    ],
)
def test_why_it_does_not_start(errors: str, python: bool) -> None:
    """A broken Python environment is not mended by installing bubblewrap, nor the other way round; it is one line."""
    with subprocess.Popen(["true"]) as process:
        process.wait()
    said = str(bubblewrap.explain(process, errors))

    assert ("Python environment" in said) is python
    assert ("bubblewrap" in said) is not python
    assert "\n" not in said
