"""The warm parent of all kernels: imports the course's libraries once, forks a kernel per run.

This is the program that runs inside the sandbox (see `sandbox`). It reads one JSON request per line from
standard input, forks, and answers when the kernel has ended. It never runs a student's code: that happens in
the forked child, behind a second fence of its own: user, process, mount and ipc namespaces, a private /tmp, no
capabilities, no way to make further namespaces, no system call that it does not need, limits on everything. When
the child's first process ends, the kernel of the operating system ends all others of that run with it.

Only the standard library is used before the fork, besides what a notebook imports anyway.
"""

from __future__ import annotations

import binascii
import ctypes
import gc
import importlib
import json
import os
import resource
import signal
import sys
from typing import Any, NoReturn

from oxboys_mlm.grading import seccomp

#: Where the sandbox shows the folder of sockets.
SOCKETS = "/run/oxboys"

#: An unprivileged user and group, on every Linux called nobody.
NOBODY = 65534

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUTS = 0x04000000
_CLONE_NEWIPC = 0x08000000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWPID = 0x20000000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_REMOUNT, _MS_BIND, _MS_REC, _MS_SLAVE = 32, 4096, 16384, 1 << 19
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_LINUX_CAPABILITY_VERSION_3 = 0x20080522

#: What a kernel would otherwise import at its start, one after the other, for every notebook again.
_WARM = (
    "IPython.core.application",
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.crashhandler",
    "IPython.core.debugger",
    "IPython.core.magics",
    "IPython.core.magics.code",
    "IPython.core.oinspect",
    "IPython.core.shellapp",
    "IPython.extensions.storemagic",
    "IPython.terminal.pt_inputhooks",
    "encodings.idna",
    "ipykernel.debugger",
    "ipykernel.eventloops",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.parentpoller",
    "ipykernel.zmqshell",
    "matplotlib_inline.backend_inline",
    "mpl_toolkits.axes_grid1",
    "oxboys_mlm.checking",
    "oxboys_mlm.models",
    "oxboys_mlm.plots",
    "oxboys_mlm.variance",
    "scipy.stats",
    "seaborn",
    "seaborn.objects",
    "statsmodels.api",
    "statsmodels.formula.api",
)


def main() -> None:
    """Serve requests until standard input is closed."""
    fenced = sys.argv[1:2] == ["--fence"]
    # An interpreter may be installed below /tmp; it must stay there when a run gets a /tmp of its own.
    below_tmp = sys.argv[2:]
    if fenced and os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        _libc("prctl", _PR_SET_DUMPABLE, 1, 0, 0, 0)
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    warm_up()
    replies.write(b'{"ready": true}\n')
    for line in requests:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                requests.close()
                replies.close()
                if fenced:
                    _behind_fence(request, below_tmp)
                else:
                    os.setsid()
                    if hasattr(_C, "prctl"):
                        end_with_parent(signal.SIGKILL)
                    _kernel(request)
            finally:
                os._exit(70)
        _, status = os.waitpid(child, 0)
        replies.write(json.dumps({"ended": os.waitstatus_to_exitcode(status)}).encode() + b"\n")


def warm_up() -> None:
    """Import what notebooks import, and what a kernel and a check need."""
    for name in _WARM:
        importlib.import_module(name)
    # What is here stays: a child's garbage collector need not look at it, nor copy its pages by doing so.
    gc.collect()
    gc.freeze()


def _behind_fence(request: dict[str, Any], below_tmp: list[str]) -> NoReturn:
    """Become the outermost process of a run: enter new namespaces and wait for what runs in them."""
    user, group = os.getuid(), os.getgid()
    _libc("unshare", _CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWPID | _CLONE_NEWIPC | _CLONE_NEWUTS)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")
    end_with_parent(signal.SIGKILL)
    child = os.fork()
    if child == 0:
        try:
            _first_process(request, below_tmp)
        finally:
            os._exit(71)
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _first_process(request: dict[str, Any], below_tmp: list[str]) -> NoReturn:
    """Prepare the file system, start the kernel, seal what is left open, wait for the end."""
    end_with_parent(signal.SIGKILL)
    limits = request["limits"]
    private = _MS_NOSUID | _MS_NODEV
    _mount("none", "/", "", _MS_REC | _MS_SLAVE)
    _mount("proc", "/proc", "proc", private | _MS_NOEXEC)
    folders = [(path, os.open(path, os.O_PATH)) for path in below_tmp]
    for place in ("/tmp", "/dev/shm"):
        _mount("tmpfs", place, "tmpfs", private, f"size={limits['disk_mb']}m,nr_inodes=20000,mode=1777")
    for path, folder in folders:
        if os.path.isdir(f"/proc/self/fd/{folder}"):
            os.makedirs(path, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        _mount(f"/proc/self/fd/{folder}", path, "", _MS_BIND | _MS_REC)
        os.close(folder)
    # From here on nobody inside can make a namespace in which they would have rights again.
    _write("/proc/sys/user/max_user_namespaces", "0")
    is_up, up = os.pipe()
    may_go, go = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(is_up)
            os.close(go)
            _drop_rights()
            _limit(limits)
            _kernel(request, up, may_go)
        finally:
            os._exit(72)
    os.close(up)
    os.close(may_go)
    os.read(is_up, 1)
    # The kernel's sockets are open; it needs to write nothing there any more.
    _mount("none", SOCKETS, "", _MS_REMOUNT | _MS_BIND | _MS_RDONLY | private)
    _drop_rights()
    # The kernel is of the same user: its code must not get at this process, which has a file open outside.
    _libc("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 2)
    os.close(nothing)
    os.write(go, b"1")
    os.close(go)
    os.close(is_up)
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == child:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _drop_rights() -> None:
    """Give up every capability, and the system calls that nobody needs, for good."""
    _libc("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _libc("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    for capability in range(64):
        if _C.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # past the last one that this system knows
    header = (ctypes.c_uint32 * 2)(_LINUX_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _libc("capset", ctypes.byref(header), ctypes.byref(nothing))
    seccomp.enter(_libc)


def _limit(limits: dict[str, int]) -> None:
    """Set the limits that hold for each process; those of a whole run are watched from outside."""
    megabyte = 1024 * 1024
    for kind, value in (
        (resource.RLIMIT_AS, limits["memory_mb"] * megabyte + _address_space()),
        (resource.RLIMIT_FSIZE, limits["disk_mb"] * megabyte),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_NOFILE, 512),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, megabyte),
    ):
        resource.setrlimit(kind, (value, value))


def _address_space() -> int:
    """Address space in use already, most of it never touched (bytes)."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _kernel(request: dict[str, Any], up: int | None = None, may_go: int | None = None) -> NoReturn:
    """Run an IPython kernel in this process until it is told to end."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.update(request["env"])
    os.makedirs(request["folder"], exist_ok=True)
    os.chdir(request["folder"])
    for name, content in request["files"].items():
        with open(name, "wb") as file:
            file.write(binascii.a2b_base64(content))
    keep = {number for number in (up, may_go) if number is not None}
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    for number in (
        {int(name) for name in os.listdir("/proc/self/fd")} if os.path.isdir("/proc/self/fd") else range(3, 64)
    ):
        if number > 2 and number not in keep:
            try:
                os.close(number)
            except OSError:
                pass
    from ipykernel.kernelapp import IPKernelApp

    connection = os.path.join(request["folder"], "..", "connection.json")
    _write(connection, json.dumps(request["connection"]))
    app = IPKernelApp.instance(connection_file=connection)
    # Told, because matplotlib and its backend were imported before there was a kernel that they could join.
    app.initialize(["--HistoryManager.enabled=False", "--matplotlib=inline"])
    os.unlink(connection)
    if up is not None and may_go is not None:
        os.write(up, b"1")
        os.close(up)
        os.read(may_go, 1)
        os.close(may_go)
    app.start()
    os._exit(0)


_C = ctypes.CDLL(None, use_errno=True)


def _libc(name: str, *arguments: Any) -> None:
    """Call a function of the C library that gives 0 where it succeeds."""
    if getattr(_C, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def end_with_parent(number: int = signal.SIGTERM) -> None:
    """Have the kernel of the operating system signal this process when its parent ends."""
    _libc("prctl", _PR_SET_PDEATHSIG, number, 0, 0, 0)


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    _libc("mount", source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode() or None)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


if __name__ == "__main__":
    main()
