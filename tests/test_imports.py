"""Imports go one way: between the rooms of the package, and into the sandbox."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from classroom import ROOT


def test_layers() -> None:
    """No module imports what stands above it; the contracts are in pyproject.toml."""
    command = Path(sys.executable).with_name("lint-imports")

    finished = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert finished.returncode == 0, finished.stdout + finished.stderr
