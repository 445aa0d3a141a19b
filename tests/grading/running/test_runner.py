"""A notebook runs in a warm kernel as it would in JupyterLab."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from oxboys_mlm.grading.results import Limits
from oxboys_mlm.grading.running import memory
from oxboys_mlm.grading.running.runner import Runner
from oxboys_mlm.grading.running.zygote import Zygote, ZygoteLost


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """Return one warm parent."""
    with closing(Zygote(tmp_path_factory.mktemp("course"), sandboxed=True)) as zygote:
        yield Runner(zygote, Limits(cell_seconds=3))


def _outputs(runner: Runner, *sources: str) -> list[list[dict[str, Any]]]:
    """Return the outputs of cells that run one after the other."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    return [cell.outputs for cell in runner.run(notebook, [], 1, {}).notebook.cells]


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


def test_runs_share_nothing(runner: Runner) -> None:
    """Names, files and settings of one run are gone in the next."""
    _outputs(runner, "import seaborn as sns, pathlib\nsns.x = 1\npathlib.Path('/tmp/left').touch()")

    (seen,) = _outputs(
        runner, "import seaborn as sns, pathlib\nprint(hasattr(sns, 'x'), list(pathlib.Path('/tmp').glob('left')))"
    )

    assert seen[0]["text"] == "False []\n"


#: A cell that tells one process that ran it from another.
_STAMP = "import time\nstamp = [time.time_ns()]\nprint(stamp)"


def _begun(runner: Runner, *sources: str, keys: Sequence[str] = ()) -> list[list[dict[str, Any]]]:
    """Return the outputs of cells of which all but the last are the course's own."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    return [cell.outputs for cell in runner.run(notebook, keys, 1, {}, len(sources) - 1).notebook.cells]


def test_a_watched_tree_has_all_descendants() -> None:
    """Linux's lists of children give what psutil finds, and nothing for a process that has ended."""
    with subprocess.Popen(["sh", "-c", "sleep 60 & sleep 60 & echo; wait"], stdout=subprocess.PIPE) as shell:
        assert shell.stdout is not None
        shell.stdout.readline()
        found = memory.watched_tree(shell.pid), memory.tree(shell.pid)
        for pid in reversed(found[1]):
            os.kill(pid, signal.SIGKILL)

    assert [len(set(pids)) for pids in found] == [3, 3]
    assert set(found[0]) == set(found[1])
    assert memory.watched_tree(shell.pid) == []


def test_what_checks_compare_with_is_made_once(runner: Runner) -> None:
    """The models that a function is called with are made before the first run, with the class's seed."""
    count = "from oxboys_mlm.questions import simulated\nprint(simulated._null_model.cache_info())"
    notebook = new_notebook(cells=[new_code_cell("1 + 1"), new_code_cell(count)])

    (output,) = runner.run(notebook, ["calculate_icc"], 7, {}, 1).notebook.cells[1].outputs

    assert "misses=3" in output["text"]


def test_the_courses_own_first_cells_run_once(runner: Runner) -> None:
    """Every run goes on from the same process, shows what its cells gave, and changes nothing for the next."""
    figure = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    first = _begun(
        runner,
        _STAMP,
        figure,
        "stamp.append(1)\nprint(stamp)\nplt.plot([1, 2])\nimport asyncio; await asyncio.sleep(0)",
    )
    second = _begun(runner, _STAMP, figure, "stamp.append(2)\nprint(stamp)\nimport os; os.system('echo on')")

    assert first[:2] == second[:2]
    assert "image/png" in first[1][0]["data"]
    stamp = first[0][0]["text"].strip("[]\n")
    assert first[2][0]["text"] == f"[{stamp}, 1]\n"
    assert "image/png" in first[2][1]["data"]
    assert second[2][0]["text"] == f"[{stamp}, 2]\non\n"
    assert second[2][1]["execution_count"] == 3


@pytest.mark.parametrize(
    ("leaves", "needs"),
    [
        (
            "import threading\nthread = threading.Thread(target=time.sleep, args=(60,)); thread.start()",
            "thread.is_alive()",
        ),
        ("import subprocess\nchild = subprocess.Popen(['sleep', '60'])", "child.poll() is None"),
        ("file = open('/etc/localtime', 'rb')", "file.read(4) == b'TZif'"),
        ("open('table.csv', 'w').write('x')", "open('table.csv').read() == 'x'"),
        ("import os; os.makedirs('sub'); os.chdir('sub')", "os.getcwd().endswith('/sub')"),
        ("await __import__('asyncio').sleep(0)", "True"),
        ("1 / 0", "True"),
    ],
    ids=["thread", "child", "open file", "file", "folder", "event loop", "error"],
)
def test_first_cells_that_a_fork_would_not_have_run_for_everybody(runner: Runner, leaves: str, needs: str) -> None:
    """What a fork would lack or share is made anew for every run, and is there."""
    first, second = (_begun(runner, _STAMP, leaves, f"print({needs})") for _ in range(2))

    assert first[0][0]["text"] != second[0][0]["text"]
    assert first[2][0]["text"] == second[2][0]["text"] == "True\n"


def test_many_questions_share_a_beginning(runner: Runner) -> None:
    """The first cells run once for everybody, however many questions the notebook asks."""
    keys = [f"needs_multilevel_{number}" for number in range(100)]
    first, second = (_begun(runner, f"{_STAMP}  # many", "1", keys=keys) for _ in range(2))

    assert first[0][0]["text"] == second[0][0]["text"]


def test_a_killed_beginning_is_nobodys_mark(tmp_path: Path) -> None:
    """If the process that ran the first cells is killed, what was forked from it runs whole, and so does the next."""
    with closing(Zygote(tmp_path, sandboxed=True)) as zygote, ThreadPoolExecutor(1) as beside:
        runner = Runner(zygote, Limits())
        before = _begun(runner, _STAMP, "1")
        run = beside.submit(_begun, runner, _STAMP, "time.sleep(3)\nprint(stamp)")
        time.sleep(1)
        zygote._parents[0].kill()

        for after in (run.result(), _begun(runner, _STAMP, "print(stamp)")):
            assert after[0][0]["text"] == after[1][0]["text"] != before[0][0]["text"]


def test_first_cells_run_without_a_sandbox(tmp_path: Path) -> None:
    """Without a sandbox every run is whole."""
    with closing(Zygote(tmp_path, sandboxed=False)) as zygote:
        (stamp, seen) = _begun(Runner(zygote, Limits()), _STAMP, "print(stamp)")

    assert stamp[0]["text"] == seen[0]["text"]


def test_runs_side_by_side_share_nothing(runner: Runner) -> None:
    """Runs at the same time see neither each other's processes nor files, and cannot talk to each other."""
    listen = """
import os, pathlib, socket, time
pathlib.Path("/tmp/here").touch()
with socket.socket() as server, socket.socket(socket.AF_UNIX) as name:
    server.bind(("127.0.0.1", 4711)), name.bind("\\0here")
    server.listen(), name.listen()
    time.sleep(2)
"""
    look = """
import os, pathlib, socket, time
time.sleep(1)
def calls(family, address):
    with socket.socket(family) as client:
        return client.connect_ex(address) == 0
print(sorted(name for name in os.listdir("/proc") if name.isdigit()), os.path.exists("/tmp/here"))
print(calls(socket.AF_INET, ("127.0.0.1", 4711)), calls(socket.AF_UNIX, "\\0here"))
"""
    with ThreadPoolExecutor(2) as both:
        runs = [both.submit(_outputs, runner, source) for source in (listen, look)]
        (listened,), (seen,) = [run.result() for run in runs]

    assert listened == []
    assert seen[0]["text"] == "['1', '2'] False\nFalse False\n"


def test_loopback_is_there(runner: Runner) -> None:
    """A notebook's own processes can talk to each other as they would anywhere."""
    (seen,) = _outputs(
        runner,
        "import socket\nserver = socket.create_server(('127.0.0.1', 0))\n"
        "print(socket.create_connection(server.getsockname()) is not None)",
    )

    assert seen[0]["text"] == "True\n"


def test_everything_printed_is_shown(runner: Runner) -> None:
    """What a cell, another program, or a fork of the kernel prints appears, and errors apart from it."""
    printed, program, fork, wrong = _outputs(
        runner,
        "for i in range(30_000): print(i)",
        "import os, subprocess\nos.system('echo one'); subprocess.run(['echo', 'two']);",
        "from multiprocessing import get_context\n"
        "process = get_context('fork').Process(target=print, args=('three',))\nprocess.start(); process.join()",
        "import sys, warnings\nprint('four', file=sys.stderr); warnings.warn('five')",
    )

    assert printed[0]["text"] == "".join(f"{i}\n" for i in range(30_000))
    assert program[0]["text"] == "one\ntwo\n"
    assert fork[0]["text"] == "three\n"
    assert [output["name"] for output in wrong] == ["stderr"]
    assert "four\n" in wrong[0]["text"]
    assert "five" in wrong[0]["text"]


def test_an_output_that_is_too_long_is_cut(runner: Runner) -> None:
    """Its beginning is shown, the rest is said to be left out, an error below it is shown, and the next cell runs."""
    printed, shown, flood, after = _outputs(
        runner,
        "print('x' * 25_000_000); 1 / 0",
        "from IPython.display import HTML; HTML('x' * 25_000_000)",
        "for i in range(300): print('y' * 100_000, flush=True)",
        "'on'",
    )

    beginning, note, error = printed
    assert beginning["text"].startswith("xxx")
    assert len(beginning["text"]) < 5_000_000
    assert "too long" in note["text"]
    assert error["ename"] == "ZeroDivisionError"
    assert [output["text"] for output in shown] == [note["text"]]
    assert [output["text"][:3] for output in flood] == ["yyy", note["text"][:3]]
    assert after[0]["data"]["text/plain"] == "'on'"


def test_messages_of_no_cell_count_too(runner: Runner) -> None:
    """What a kernel sends besides the outputs of its cells is limited with them."""
    runner = Runner(runner.zygote, Limits(cell_seconds=30, output_mb=1))
    source = """
kernel = get_ipython().kernel
for _ in range(8): kernel.session.send(kernel.iopub_socket, "stream", {"name": "stdout", "text": "x" * 10**6}, {})
"""
    run = runner.run(new_notebook(cells=[new_code_cell(source)]), ["null_fit"], 1, {})

    assert run.answers["null_fit"].outcome == "killed"
    assert "larger than 5 MB" in run.answers["null_fit"].reason


def test_what_a_run_has_for_itself(runner: Runner) -> None:
    """Honest work with terminals, processes, shared memory and an event loop goes on behind the fence."""
    terminal, pool, shared, loop = _outputs(
        runner,
        "!tty",
        "from multiprocessing import get_context\nwith get_context('fork').Pool(2) as pool: print(pool.map(abs, [-1]))",
        "from multiprocessing import shared_memory\nblock = shared_memory.SharedMemory(create=True, size=99_999)\n"
        "block.buf[0] = 7; print(block.buf[0]); block.close(); block.unlink()",
        "import asyncio\nprocess = await asyncio.create_subprocess_exec('echo', 'hi', stdout=-1)\n"
        "print(await process.communicate())",
    )

    assert terminal[0]["text"].strip() == "/dev/pts/0"
    assert pool[0]["text"] == "[1]\n"
    assert shared[0]["text"] == "7\n"
    assert "b'hi" in loop[0]["text"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give users")
def test_every_run_has_a_user_of_its_own(runner: Runner) -> None:
    """Two runs are two users to the system, and nobody to themselves."""
    seen = [
        _outputs(runner, "import os; print(os.getuid(), *open('/proc/self/uid_map').read().split())")[0][0]["text"]
        for _ in range(2)
    ]

    assert seen[0] != seen[1]
    assert all(text.split()[0] == text.split()[1] == "65534" for text in seen)


def test_cells_run_as_in_a_notebook(runner: Runner) -> None:
    """Awaiting, magics, shell commands, the last value and its number work as a student is used to."""
    awaited, magic, shell, value, previous = _outputs(
        runner, "import asyncio\nawait asyncio.sleep(0)\n'done'", "%pwd", "!echo $((1 + 1))", "40 + 2", "_ + Out[4]"
    )

    assert awaited[0]["data"]["text/plain"] == "'done'"
    assert magic[0]["data"]["text/plain"] == "'/tmp/run/work'"
    assert shell[0]["text"].strip() == "2"
    assert value[0]["execution_count"] == 4
    assert previous[0]["data"]["text/plain"] == "84"


def test_a_run_begins_as_if_nothing_had_run(runner: Runner) -> None:
    """What the warm parent did to get warm has left no name, number, error or figure behind."""
    (names, figures, left) = _outputs(
        runner,
        "%who",
        "import matplotlib.pyplot as plt\nplt.get_fignums()",
        "import sys\n[name for name in vars(sys) if name.startswith('last_')]",
    )

    assert names[0]["text"].strip() == "Interactive namespace is empty."
    assert figures[0]["execution_count"] == 2
    assert figures[0]["data"]["text/plain"] == left[0]["data"]["text/plain"] == "[]"


def test_an_error_stops_its_cell_alone(runner: Runner) -> None:
    """An error is shown with its traceback, and the next cell runs."""
    wrong, unanswered, right = _outputs(runner, "1 / 0", "input('?')", "'on'")

    assert wrong[0]["ename"] == "ZeroDivisionError"
    assert "1 / 0" in re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(wrong[0]["traceback"]))
    assert unanswered[0]["ename"] == "StdinNotImplementedError"
    assert right[0]["data"]["text/plain"] == "'on'"


def test_a_slow_cell_is_interrupted(runner: Runner) -> None:
    """A cell that takes too long is stopped as by Ctrl-C, in the middle of printing too, and the next one runs."""
    endless, after = _outputs(runner, "import time\nwhile True: print('x' * 999); time.sleep(0.01)", "'on'")

    assert endless[-1]["ename"] == "KeyboardInterrupt"
    assert after[0]["data"]["text/plain"] == "'on'"


def test_a_cell_that_sleeps_elsewhere_is_interrupted(runner: Runner) -> None:
    """A cell that waits in code that is not Python's, and lets nothing of Python run meanwhile, is stopped as well."""
    asleep, after = _outputs(runner, "import ctypes\nctypes.PyDLL(None).sleep(30)", "'on'")

    assert asleep[-1]["ename"] == "KeyboardInterrupt"
    assert after[0]["data"]["text/plain"] == "'on'"


def test_leaving_ends_the_run(runner: Runner) -> None:
    """After `exit()` nothing runs."""
    _, after = _outputs(runner, "exit()", "'on'")

    assert after == []


def test_a_lost_parent_is_nobodys_mark(tmp_path: Path) -> None:
    """If the warm parent is killed under a run, the run is lost, not failed."""
    with closing(Zygote(tmp_path, sandboxed=True)) as zygote, ThreadPoolExecutor(1) as beside:
        runner = Runner(zygote, Limits())
        assert _outputs(runner, "1")
        run = beside.submit(_outputs, runner, "import time\ntime.sleep(60)")
        time.sleep(1)
        zygote.process.kill()

        with pytest.raises(ZygoteLost):
            run.result()
        with pytest.raises(ZygoteLost):
            _outputs(runner, "1")


def test_a_run_without_a_sandbox_leaves_nothing(tmp_path: Path) -> None:
    """Without a sandbox, too, the processes of a run and its folder are gone when it is over."""
    with closing(Zygote(tmp_path, sandboxed=False)) as zygote:
        (seen,) = _outputs(
            Runner(zygote, Limits()),
            "import os, pathlib, subprocess\nprocess = subprocess.Popen(['sleep', '600'])\n"
            "pathlib.Path('left').touch()\nprint(process.pid, os.getcwd())",
        )

        pid, folder = seen[0]["text"].split()
        state = Path(f"/proc/{pid}/stat")
        assert not state.exists() or state.read_text().rsplit(")")[1].split()[0] == "Z"
        assert not Path(folder).exists()
