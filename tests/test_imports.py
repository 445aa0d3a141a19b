"""Imports go one way: between the rooms of the package, and into the sandbox."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from classroom import ROOT


def test_layers() -> None:
    """No module imports what stands above it; the contracts are in pyproject.toml."""
    command = Path(sys.executable).with_name("lint-imports")

    finished = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_every_module_has_a_layer() -> None:
    """A module of the package or of grading that stands in no layer breaks its contract."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layered = [contract for contract in contracts if contract["type"] == "layers"]

    assert [contract["containers"] for contract in layered] == [["oxboys_mlm"], ["oxboys_mlm.grading"]]
    assert all(contract["exhaustive"] for contract in layered)
