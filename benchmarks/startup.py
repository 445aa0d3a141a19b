"""Time what a person waits for before anything happens: the help, the import, a check after the first."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 7


def median(*command: str) -> float:
    """Return the median seconds of a command, after one run that does not count."""
    times = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def kernels() -> tuple[float, float]:
    """Return the seconds until the warm parent's first kernel has run, and those that one more kernel takes."""
    from nbformat.v4 import new_code_cell, new_notebook

    from oxboys_mlm.grading.results import Limits
    from oxboys_mlm.grading.running.runner import Runner
    from oxboys_mlm.grading.running.zygote import Zygote

    def run() -> float:
        runner.run(new_notebook(cells=[new_code_cell("1")]), [], 0, {})
        return time.perf_counter() - start

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        zygote = Zygote(Path(folder), sandboxed=True)
        runner = Runner(zygote, Limits())
        first, more = run(), []
        for _ in range(RUNS):
            start = time.perf_counter()
            more.append(run())
        zygote.close()
    return first, statistics.median(more)


def checks() -> list[tuple[str, float]]:
    """Time second checks of right answers in this process (milliseconds)."""
    import statsmodels.formula.api as smf

    from oxboys_mlm import load_oxboys
    from oxboys_mlm.checking.checks import verdict_on

    data = load_oxboys()
    fit = smf.mixedlm("height ~ 1", data, groups=data["Subject"]).fit()

    def calculate_icc(results: object) -> object:
        between = results.cov_re.iloc[0, 0]
        return between / (between + results.scale)

    names = {"null_fit": fit, "calculate_icc": calculate_icc, "icc": 0.7445, "intercept_variance_row": "Group Var"}
    found = []
    for key in names:
        verdict_on(key, names)
        start = time.perf_counter()
        for _ in range(20):
            verdict_on(key, names)
        found.append((key, (time.perf_counter() - start) / 20 * 1000))
    return found


def main() -> None:
    """Print the times."""
    python = sys.executable
    alone = median(python, "-c", "import statsmodels.formula.api")
    with_course = median(python, "-c", "import statsmodels.formula.api; import oxboys_mlm.checking")
    command = median(str(Path(python).parent / "oxboys"), "--help")
    print(f"oxboys --help                                   {command:6.3f} s")
    print(f"import statsmodels.formula.api                  {alone:6.3f} s")
    print(f"import oxboys_mlm alone                         {median(python, '-c', 'import oxboys_mlm'):6.3f} s")
    print(f"import statsmodels.formula.api + the checks     {with_course:6.3f} s  ({with_course / alone - 1:+.1%})")
    grader = median(python, "-c", "import oxboys_mlm.grading.grader")
    first, more = kernels()
    print(f"import the grader                               {grader:6.3f} s")
    print(f"the first kernel, which starts beside that      {first:6.3f} s")
    print(f"another kernel, with one cell                   {more:6.3f} s")
    for key, milliseconds in checks():
        print(f"a check after the first: {key:22} {milliseconds:6.1f} ms")


if __name__ == "__main__":
    main()
