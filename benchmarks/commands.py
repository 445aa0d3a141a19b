"""Processor time of the small commands, as ratios to the import of nbgrader's gradebook.

User and system time, the median of five runs in turn: so they hold on any machine, and hardly change with what else it
does. Children are included, except what runs in the sandbox, of which the system tells nobody outside.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = sys.executable
OXBOYS = str(Path(sys.executable).with_name("oxboys"))

#: People's Python keeps what it has compiled.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

#: What a notebook has imported before its first check.
IMPORTS = "import statsmodels.formula.api, seaborn, oxboys_mlm"

#: A first check as a notebook has it, and what it is made of, in seconds of processor time.
FIRST_CHECK = f"""\
import time
{IMPORTS}
data = oxboys_mlm.load_oxboys()
import statsmodels.formula.api as smf, seaborn as sns, numpy as np
{{answer}}
clock = time.process_time
start = clock()
from oxboys_mlm import check
imported = clock()
from oxboys_mlm.checking.checks import verdict_on
verdict_on({{key!r}}, globals())._repr_html_()
judged = clock()
verdict_on({{key!r}}, globals())._repr_html_()
print(imported - start, judged - imported, clock() - judged)
"""
ANSWERS = {
    "pooled_plot": "pooled_plot = sns.regplot(data=data, x='age', y='height')",
    "needs_multilevel": "needs_multilevel = 'yes'",
    "null_fit": "null_fit = smf.mixedlm('height ~ 1', data, groups='Subject').fit()",
    "random_slope_fit": "random_slope_fit = oxboys_mlm.fit_random_slope(data)",
}


def seconds(*command: str, cwd: Path) -> float:
    """Run a command and return the processor time of it and of all its children."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=cwd, env=ENVIRONMENT, stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{output.read().decode()[-3000:]}")
    return usage.ru_utime + usage.ru_stime


def one_changed(course: Path) -> Iterator[None]:
    """Change one cell of one notebook, to something else every time."""
    path = course / "submitted" / "ada" / "core" / "2-null-model.ipynb"
    for number in range(1_000_000):
        notebook = json.loads(path.read_text("utf-8"))
        cell = next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == "icc")
        cell["source"] = f"icc = calculate_icc(null_fit)  # {number}"
        path.write_text(json.dumps(notebook), "utf-8")
        yield


def nothing() -> Iterator[None]:
    """Change nothing."""
    while True:
        yield


def measure(commands: dict[str, tuple[str, ...]], runs: int, course: Path, before: Iterator[None]) -> None:
    """Run commands in turn and print their median time as a ratio to that of the first."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        next(before)
        for name, command in commands.items():
            times[name].append(seconds(*command, cwd=course))
    unit = statistics.median(next(iter(times.values())))
    for name, found in times.items():
        print(f"{name:40} {statistics.median(found):8.2f} s {statistics.median(found) / unit:6.2f}", flush=True)


def first_checks(runs: int, course: Path) -> None:
    """Print what a notebook's first check takes, and what that is made of."""
    print(f"\n{'first check, seconds':40} {'import':>8} {'first':>8} {'again':>8}")
    for key, answer in ANSWERS.items():
        code = FIRST_CHECK.format(answer=answer, key=key)
        parts = [
            subprocess.run(
                [PYTHON, "-W", "ignore", "-c", code],
                cwd=course,
                env=ENVIRONMENT,
                capture_output=True,
                text=True,
                check=True,
            ).stdout.split()
            for _ in range(runs + 1)
        ][1:]  # after the first, which compiles
        medians = [statistics.median(map(float, part)) for part in zip(*parts, strict=True)]
        print(f"{key:40}", *(f"{median:8.3f}" for median in medians), flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each command (default: 5)")
    parser.add_argument("--demo", type=Path, help="the demo's class, if there is one already; a copy is used")
    options = parser.parse_args()
    unit = {"import nbgrader.api": (PYTHON, "-c", "import nbgrader.api")}
    small = {
        "oxboys grade, nothing changed": (OXBOYS, "grade", "core"),
        "oxboys report": (OXBOYS, "report", "core"),
        "oxboys remark, points unchanged": (OXBOYS, "remark", "core"),
        "oxboys feedback, nothing changed": (OXBOYS, "feedback", "core"),
    }
    one = {"oxboys grade --student, one changed": (OXBOYS, "grade", "core", "--student", "ada")}
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder, "demo")
        if options.demo:
            shutil.copytree(options.demo, course)
        else:
            seconds(OXBOYS, "demo", "--course", str(ROOT), str(course), cwd=Path(folder))
        # That nothing changes is noted by the first run that changes nothing.
        for command in small.values():
            seconds(*command, cwd=course)
        measure(unit | small, options.runs, course, nothing())
        measure(unit | one, options.runs, course, one_changed(course))
        first_checks(options.runs, course)


if __name__ == "__main__":
    main()
