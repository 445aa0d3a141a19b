"""The project's own files agree with each other."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path

import yaml
from classroom import ROOT

import oxboys_mlm

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
README = (ROOT / "README.md").read_text("utf-8")


def _read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def _commands() -> tuple[str, str]:
    """Return the README's two commands."""
    demo, test = re.findall(r"^python3 -m venv .* && .*$", README, re.MULTILINE)
    return demo, test


def _name(requirement: str) -> str:
    return re.split(r"[<>=!~;\[ ]", requirement)[0].lower().replace("_", "-")


def test_readme_has_two_commands() -> None:
    """One command grades the demo class, the other runs the tests; both do all the set-up in a folder of their own."""
    demo, test = _commands()

    assert demo.endswith(".venv/bin/oxboys demo")
    assert "-m pytest" in test
    for command in (demo, test):
        assert command.startswith("python3 -m venv .venv && ")
        assert "-c constraints.txt" in command
        assert "http" not in command


def test_ci_runs_the_readmes_command() -> None:
    """The CI script installs and tests with the arguments of the README, and the workflow calls the script."""
    script, workflow = _read(".ci/run"), yaml.safe_load(_read(".github/workflows/ci.yml"))
    _, test = _commands()
    install, run = (part.partition(" -m ")[2] for part in test.split(" && ")[1:])

    assert f"-m {install}" in script.replace(" --quiet", "")
    assert f"-m {run}" in script
    for check in ("ruff check", "ruff format --check", "mypy"):
        assert check in script
    steps = [step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"]]
    assert ".ci/run" in " ".join(steps)


def test_ci_script_can_be_executed() -> None:
    """The script has its executable bit and stops at the first failure."""
    path = ROOT / ".ci" / "run"

    assert path.stat().st_mode & stat.S_IXUSR
    assert os.access(path, os.X_OK)
    assert "set -euo pipefail" in path.read_text()


def test_constraints_are_exact() -> None:
    """Every line pins one version of one package: no host, no path, no option."""
    lines = [line for line in _read("constraints.txt").splitlines() if line and not line.startswith("#")]

    assert all(re.fullmatch(r"[A-Za-z0-9][\w.-]*==[\w.]+", line) for line in lines), lines
    names = [_name(line) for line in lines]
    assert len(set(names)) == len(names)


def test_constraints_hold_every_requirement() -> None:
    """All that the project names is pinned."""
    pinned = {_name(line) for line in _read("constraints.txt").splitlines() if not line.startswith("#")}
    needed = [*PYPROJECT["project"]["dependencies"]]
    for extra in PYPROJECT["project"]["optional-dependencies"].values():
        needed += extra

    assert {_name(requirement) for requirement in needed} - pinned == {PYPROJECT["project"]["name"]}


def test_version() -> None:
    """The version is the same wherever it stands."""
    citation = yaml.safe_load(_read("CITATION.cff"))

    assert PYPROJECT["project"]["version"] == oxboys_mlm.__version__ == citation["version"]


def test_citation() -> None:
    """The citation names the project as its author, its licence, and where the data come from."""
    citation = yaml.safe_load(_read("CITATION.cff"))

    assert citation["cff-version"] == "1.2.0"
    assert citation["authors"] == [{"name": PYPROJECT["project"]["authors"][0]["name"]}]
    assert citation["license"] == PYPROJECT["project"]["license"]
    assert any("Goldstein" in str(reference) for reference in citation["references"])


def test_changelog() -> None:
    """The changelog has a section for this version and one for what comes next."""
    headings = re.findall(r"^## (.*)$", _read("CHANGELOG.md"), re.MULTILINE)

    assert headings[0] == "Unreleased"
    assert PYPROJECT["project"]["version"] in headings


def test_address_of_the_repository() -> None:
    """Wherever the repository's address stands, it is the same."""
    citation = yaml.safe_load(_read("CITATION.cff"))

    assert PYPROJECT["project"].get("urls", {}).get("Repository") == citation.get("repository-code")


def test_pre_commit_uses_the_pinned_ruff() -> None:
    """What runs before a commit is the ruff that CI runs."""
    pinned = [line for line in _read("constraints.txt").splitlines() if line.startswith("ruff==")]
    (repository,) = yaml.safe_load(_read(".pre-commit-config.yaml"))["repos"]

    assert repository["hooks"]
    assert [hook["additional_dependencies"] for hook in repository["hooks"]] == [pinned] * len(repository["hooks"])


def test_actions_are_pinned() -> None:
    """Every action of a workflow is named by the digest of a commit, with its version beside it."""
    lines = [
        line.strip()
        for path in (ROOT / ".github" / "workflows").glob("*.yml")
        for line in path.read_text("utf-8").splitlines()
        if "uses:" in line
    ]

    assert lines
    assert [line for line in lines if not re.fullmatch(r"- uses: [\w/-]+@[0-9a-f]{40} # v[\d.]+", line)] == []


def test_ci_runs_every_python_that_is_promised() -> None:
    """The classifiers name the Pythons of the workflow, from the lowest that may be installed."""
    named = [line.rpartition(" ")[2] for line in PYPROJECT["project"]["classifiers"] if ":: 3." in line]
    workflow = yaml.safe_load(_read(".github/workflows/ci.yml"))

    assert named == workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert PYPROJECT["project"]["requires-python"] == f">={named[0]}"


def test_weekly_workflow() -> None:
    """Once a week the lowest versions, the newest ones and the controls of the attacks are run."""
    workflow = yaml.safe_load(_read(".github/workflows/weekly.yml"))
    commands = [step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"]]
    options = [item["options"] for item in workflow["jobs"]["versions"]["strategy"]["matrix"]["include"]]

    assert options == ["--resolution lowest-direct", "--resolution highest"]
    assert any("-m control" in command for command in commands)


def test_no_machine_in_the_files() -> None:
    """No file names a folder of the machine that it was written on, nor a package index."""
    suspicious = re.compile(r"/(?:work|Users)/\w|\.pyenv|pypi\.org/simple|--(?:extra-)?index-url")
    checked = 0
    for folder in ("src", "solutions", "notebooks", "docs", ".ci", ".github", "tests"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".ipynb", ".md", ".yml", ".toml", ".R", "") and _is_text(path):
                checked += 1
                found = suspicious.search(path.read_text("utf-8"))
                assert found is None or path == Path(__file__).resolve(), f"{path}: {found}"
    for name in ("README.md", "CONTRIBUTING.md", "pyproject.toml", "constraints.txt", "nbgrader_config.py"):
        assert suspicious.search(_read(name)) is None, name
    assert checked > 50


def _is_text(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts and ".ipynb_checkpoints" not in path.parts


def test_one_name_for_one_thing() -> None:
    """No two classes of the package that others may use have one name."""
    homes: dict[str, list[str]] = {}
    for path in sorted((ROOT / "src").rglob("*.py")):
        for name in re.findall(r"^class ([A-Z]\w*)", path.read_text("utf-8"), re.MULTILINE):
            homes.setdefault(name, []).append(path.name)

    assert len(homes) > 50
    assert {name: modules for name, modules in homes.items() if len(modules) > 1} == {}
