"""Time `otter run`, otter-grader's own grading without containers, on submissions as `grading.py` makes them.

Otter is not among this project's requirements: name its command, of an environment that has this package too. Its tests
call the course's own checks, so that both judge alike; choices, for which no student's kernel has a key, have no test.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grading import assignments, copy_course, make_class

from oxboys_mlm import questions
from oxboys_mlm.assessment.texts import ChoiceQuestion

#: What `check` calls; it prints nothing.
_JUDGE = "__import__('oxboys_mlm.checking.checks', fromlist='_').verdict_on"

_TEST = """\
OK_FORMAT = True
test = {{
    "name": "{key}",
    "points": {points},
    "suites": [
        {{
            "cases": [{{"code": ">>> {judge}({key!r}, globals()).score == {points}\\nTrue"}}],
            "scored": True,
            "type": "doctest",
        }}
    ],
}}
"""


def autograder(otter: str, folder: Path, course: Path, name: str, stem: str) -> Path:
    """Make otter's zip file for a notebook."""
    tests = folder / "tests"
    tests.mkdir(parents=True)
    cells = json.loads((course / "solutions" / name / f"{stem}.ipynb").read_text("utf-8"))["cells"]
    for cell in cells:
        settings = cell["metadata"].get("nbgrader", {})
        key = settings.get("grade_id", "").removesuffix("-check")
        if key != settings.get("grade_id") and not isinstance(questions.find(key), ChoiceQuestion):
            (tests / f"{key}.py").write_text(
                _TEST.format(key=key, judge=_JUDGE, points=float(settings["points"])), "utf-8"
            )
    target = folder / "autograder.zip"
    subprocess.run(
        [otter, "generate", "--no-environment", "-t", str(tests), "-o", str(target)], check=True, capture_output=True
    )
    return target


def as_otters(path: Path, target: Path) -> Path:
    """Write a submission with otter's checks in place of the course's."""
    notebook = json.loads(path.read_text("utf-8"))
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name == "setup":
            cell["source"] = ["import otter\n", "grader = otter.Notebook()\n", *cell["source"]]
        elif name.endswith("-check") and not isinstance(questions.find(name.removesuffix("-check")), ChoiceQuestion):
            cell["source"] = [f'grader.check("{name.removesuffix("-check")}")']
    target.write_text(json.dumps(notebook), "utf-8")
    return target


def processor_time() -> float:
    """Return the processor time of all children that have ended (seconds)."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print seconds per student and how many checks passed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("otter", help="the otter command")
    options.add_argument("--students", type=int, default=3)
    chosen = options.parse_args()
    environment = {**os.environ, "PATH": f"{Path(chosen.otter).parent}{os.pathsep}{os.environ['PATH']}"}
    with tempfile.TemporaryDirectory(prefix="otter-") as place:
        folder = Path(place)
        course = copy_course(folder / "course", None)
        make_class(course, chosen.students, 1)
        spent = passed = asked = 0.0
        for name in assignments(course):
            for path in sorted((course / "solutions" / name).glob("*.ipynb")):
                zipped = autograder(chosen.otter, folder / path.stem, course, name, path.stem)
                for submission in sorted((course / "submitted").glob(f"*/{name}/{path.name}")):
                    out = folder / "out"
                    out.mkdir(exist_ok=True)
                    own = as_otters(submission, folder / path.name)
                    begun, used = time.perf_counter(), processor_time()
                    finished = subprocess.run(
                        [chosen.otter, "run", "--no-logo", "-a", str(zipped), "-o", str(out), str(own)],
                        env=environment,
                        capture_output=True,
                        text=True,
                    )
                    if finished.returncode:
                        sys.exit(finished.stdout + finished.stderr)
                    spent += processor_time() - used
                    tests = json.loads((out / "results.json").read_text("utf-8"))["tests"]
                    passed += sum(test.get("score", 0) for test in tests)
                    asked += sum(test.get("max_score", 0) for test in tests)
                    wall, own_time = time.perf_counter() - begun, processor_time() - used
                    print(f"{path.stem:20} {wall:6.1f} s, {own_time:6.1f} of a processor")
        print(f"{spent / chosen.students:.1f} s of processor time per student; {passed:g} of {asked:g} points in tests")


if __name__ == "__main__":
    main()
