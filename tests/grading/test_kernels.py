"""A notebook runs in a warm kernel as it would in JupyterLab."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from oxboys_mlm.grading.kernels import Limits, Runner


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """Give one warm parent."""
    with Runner(tmp_path_factory.mktemp("course"), Limits()) as runner:
        yield runner


def _outputs(runner: Runner, *sources: str) -> list[list[dict[str, object]]]:
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    return [cell.outputs for cell in runner.run(notebook, [], 1, {}).notebook.cells]


@pytest.mark.xdist_group("kernels")
def test_figures_are_shown_and_closed(runner: Runner) -> None:
    """A figure appears below its cell, and the next cell's begins empty."""
    first, second, third = _outputs(
        runner,
        "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
        "print(plt.get_fignums())",
        "print(len(plt.gca().lines))",
    )

    assert [list(output["data"]) for output in first] == [["text/plain", "image/png"]]
    assert second[0]["text"] == "[]\n"
    assert third[0]["text"] == "0\n"


@pytest.mark.xdist_group("kernels")
def test_runs_share_nothing(runner: Runner) -> None:
    """Names, files and settings of one run are gone in the next."""
    _outputs(runner, "import seaborn as sns, pathlib\nsns.x = 1\npathlib.Path('/tmp/left').touch()")

    (seen,) = _outputs(
        runner, "import seaborn as sns, pathlib\nprint(hasattr(sns, 'x'), list(pathlib.Path('/tmp').glob('left')))"
    )

    assert seen[0]["text"] == "False []\n"
