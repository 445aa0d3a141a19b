"""The zygote: imports the course's libraries once and forks a kernel for each run.

This is the program that runs inside the sandbox (see `bubblewrap`). Standard input is a socket. For each run the grader
sends one end of a new socket through it; the zygote forks, and waits for the next. The zygote itself never runs a
student's code and never reads what a run sends. Both happen in the forked child, behind a second boundary: user, PID,
mount, network and IPC namespaces, a private /tmp, no capabilities, no further namespaces, a filter of system calls, and
resource limits. A run is a PID namespace: when its first process ends, Linux ends all its other processes. Therefore
any number of runs can exist side by side.
"""

from __future__ import annotations

import ctypes
import fcntl
import gc
import os
import resource
import signal
import socket
import struct
import sys
from typing import Any, NoReturn

from oxboys_mlm.grading.processes import NOBODY, end_with_parent
from oxboys_mlm.grading.running.inside import kernel, seccomp, wire

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUTS = 0x04000000
_CLONE_NEWIPC = 0x08000000
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWPID = 0x20000000
_CLONE_NEWNET = 0x40000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 2, 4, 8
_MS_BIND, _MS_REC, _MS_SLAVE = 4096, 16384, 1 << 19
#: Pseudo-terminals of a run; `!` in a cell takes one at a time.
_TERMINALS = 16
#: Longest send and receive buffers of a run's sockets (bytes), as other sockets have them.
_BUFFERS = "4096 65536 212992"
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 4, 24, 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_LINUX_CAPABILITY_VERSION_3 = 0x20080522


def main() -> None:
    """Serve runs until standard input is closed."""
    fenced = sys.argv[1:2] == ["--fence"]
    # The interpreter may be installed below /tmp. It must stay visible when a run gets its own /tmp.
    below_tmp = sys.argv[2:]
    if fenced and os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        _libc("prctl", _PR_SET_DUMPABLE, 1, 0, 0, 0)
    runs = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    kernel.warm_up()
    _fork_runs(runs, below_tmp if fenced else None)


def _fork_runs(runs: socket.socket, below_tmp: list[str] | None) -> None:
    """Fork a child for each requested run, until the grader closes its end.

    Parameters
    ----------
    runs
        The socket that brings one end of each run's own socket.
    below_tmp
        Paths below /tmp that runs must see; None to run without a boundary.
    """
    # Objects that exist now stay. If a child's garbage collector visited them, their pages would be copied.
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are not waited for
    while True:
        sent, ends, _, _ = socket.recv_fds(runs, 1, 1)
        if not sent:
            return
        if os.fork() == 0:
            try:
                runs.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _run(socket.socket(fileno=ends[0]), below_tmp)
            finally:
                os._exit(70)
        os.close(ends[0])


def _run(run: socket.socket, below_tmp: list[str] | None) -> None:
    """Run a student's notebook behind the boundary; or run the course's own cells, then fork students' runs."""
    request = wire.receive_request(run)
    if below_tmp is not None and not request.parent:
        _behind_fence(run, request, below_tmp)
    os.setsid()
    end_with_parent(signal.SIGKILL)
    _announce(run, os.getpid(), os.getpid())
    kernel.serve(run, request)
    _fork_runs(run, below_tmp)


def _announce(run: socket.socket, first: int, kernel: int) -> None:
    """Send pidfds of a run's first process and of its kernel: PIDs differ across the namespace."""
    handles = [os.pidfd_open(first), os.pidfd_open(kernel)]
    socket.send_fds(run, [b"k"], handles)
    for handle in handles:
        os.close(handle)


def _behind_fence(run: socket.socket, request: wire.Request, below_tmp: list[str]) -> NoReturn:
    """Become the outermost process of a run: enter new namespaces and wait for the processes in them."""
    user, group = os.getuid(), os.getgid()
    _libc(
        "unshare",
        _CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWPID | _CLONE_NEWIPC | _CLONE_NEWUTS | _CLONE_NEWNET,
    )
    _write("/proc/self/setgroups", "deny")
    # The grader may map a user id of the run's own, and set limits that only it can set.
    handle = os.pidfd_open(os.getpid())
    socket.send_fds(run, [b"u"], [handle])
    os.close(handle)
    if run.recv(1) == b"u":
        os.setresgid(group, group, group)
        os.setresuid(user, user, user)
        _libc("prctl", _PR_SET_DUMPABLE, 1, 0, 0, 0)
    else:
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
    _write("/proc/self/oom_score_adj", "1000")  # if the machine runs out of memory, Linux ends runs first
    end_with_parent(signal.SIGKILL)
    child = os.fork()
    if child == 0:
        try:
            _first_process(run, request, below_tmp)
        finally:
            os._exit(71)
    run.close()
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _first_process(run: socket.socket, request: wire.Request, below_tmp: list[str]) -> NoReturn:
    """Mount the run's file systems, start the kernel, drop all rights, and wait until the kernel has ended."""
    end_with_parent(signal.SIGKILL)
    limits = request.limits
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
    _mount("devpts", "/dev/pts", "devpts", _MS_NOSUID | _MS_NOEXEC, f"ptmxmode=0666,mode=620,max={_TERMINALS}")
    # It reads the same, but cannot be mapped as shared memory, which no file system would limit.
    _mount("/dev/full", "/dev/zero", "", _MS_BIND)
    _bring_loopback_up()
    for kind in ("rmem", "wmem"):
        _write(f"/proc/sys/net/ipv4/tcp_{kind}", _BUFFERS)
    # No further namespaces: inside one, a process would have capabilities again.
    _write("/proc/sys/user/max_user_namespaces", "0")
    may_go, go = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(go)
            _drop_rights()
            _limit(limits)
            os.read(may_go, 1)
            os.close(may_go)
            kernel.serve(run, request)
        finally:
            os._exit(72)
    os.close(may_go)
    _announce(run, os.getpid(), child)
    run.close()
    _drop_rights()
    # The kernel has the same user id, and must not trace this process, which has a file open outside of the sandbox.
    _libc("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 2)
    os.close(nothing)
    os.write(go, b"1")
    os.close(go)
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == child:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _bring_loopback_up() -> None:
    """Bring the loopback interface up, so that processes of a run can connect to each other."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        name, flags = struct.unpack("16sH", fcntl.ioctl(control, _SIOCGIFFLAGS, struct.pack("16sH14x", b"lo", 0))[:18])
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", name, flags | _IFF_UP))


def _drop_rights() -> None:
    """Drop all capabilities and install the system call filter. Neither can be undone."""
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
    """Set the limits of each process. The grader watches the limits of the whole run."""
    megabyte = 1024 * 1024
    for kind, value in (
        (resource.RLIMIT_AS, limits["memory_mb"] * megabyte + _address_space()),
        (resource.RLIMIT_FSIZE, limits["disk_mb"] * megabyte),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_SIGPENDING, 1024),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, megabyte),
    ):
        most = resource.getrlimit(kind)[1]
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(kind, (value, value))


def _address_space() -> int:
    """Return the address space that the forked libraries take already (bytes)."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


_C = ctypes.CDLL(None, use_errno=True)


def _libc(name: str, *arguments: Any) -> None:
    """Call a function of the C library that returns 0 on success.

    Raises
    ------
    OSError
        If it fails.
    """
    if getattr(_C, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    _libc("mount", source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode() or None)


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


if __name__ == "__main__":
    main()
