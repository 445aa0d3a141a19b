"""A seccomp filter: refuse system calls that no notebook needs and that would bypass a limit or a boundary.

Refused are, in this order of reasons: memory that is in no process's page table and so escapes the memory watch (memory
files, System V segments, anonymous shared memory, pages given to a pipe or swapped out at once); what Linux counts per
user or per machine, and other runs would lack (epoll and inotify watches, asynchronous I/O slots, huge pages); other
processes' memory, key rings, and namespaces; and sockets of families that network namespaces do not separate, such as a
virtual machine's channel to its host.

Python works without epoll: asyncio falls back to poll (see `kernel.warm_up`). Shared memory of multiprocessing and
joblib is a file in /dev/shm, which has a size limit.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Callable

#: System calls by name: their numbers on x86-64 and on 64-bit ARM, which does without the oldest.
_REFUSED: dict[str, tuple[int, int | None]] = {
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "io_setup": (206, 0),
    "epoll_create": (213, None),
    "epoll_create1": (291, 20),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "vmsplice": (278, 75),
    "process_madvise": (440, 440),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "userfaultfd": (323, 282),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "syslog": (103, 116),
}
_SOCKET, _SET_OPTION, _MAP, _ADVISE = (41, 198), (54, 208), (9, 222), (28, 233)
#: AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK, by which the C library lists interfaces.
_FAMILIES = (1, 2, 10, 16)

#: Machine: its number for the kernel (AUDIT_ARCH_…) and its column above.
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
#: Numbers from here on are the x32 system calls of an x86-64 kernel.
_X32 = 0x40000000

#: mmap: shared, without a file, huge pages. setsockopt: size of the buffers, pages lent to a socket.
_SHARED, _ANONYMOUS, _HUGE = 0x01, 0x20, 0x40000
_SOL_SOCKET, _OPTIONS = 1, (7, 8, 60)
#: madvise: to swap at once.
_PAGE_OUT = 21

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, (16, 24, 32, 40)
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def program(machine: str) -> bytes:
    """Return the filter for a machine, as BPF code.

    Raises
    ------
    OSError
        If there is no list of system calls for this machine.
    """
    if machine not in _MACHINES:
        raise OSError(errno.ENOSYS, f"no list of system calls for {machine}")
    architecture, column = _MACHINES[machine]
    # (code, value, next if true, next if false), where a name is a label and "" means the next line.
    calls = {name: numbers[column] for name, numbers in _REFUSED.items()}
    lines: list[tuple[int, int, str, str]] = [
        (_LOAD, _ARCHITECTURE, "", ""),
        (_EQUAL, architecture, "", "refuse"),
        (_LOAD, _NUMBER, "", ""),
        (_AT_LEAST, _X32, "refuse", ""),
        *((_EQUAL, number, "refuse", "") for number in calls.values() if number is not None),
        (_EQUAL, _SOCKET[column], "socket", ""),
        (_EQUAL, _MAP[column], "map", ""),
        (_EQUAL, _ADVISE[column], "advise", ""),
        (_EQUAL, _SET_OPTION[column], "", "allow"),
        (_LOAD, _ARGUMENTS[1], "", ""),
        (_EQUAL, _SOL_SOCKET, "", "allow"),
        (_LOAD, _ARGUMENTS[2], "", ""),
        *((_EQUAL, option, "refuse", "") for option in _OPTIONS[:-1]),
        (_EQUAL, _OPTIONS[-1], "refuse", "allow"),
    ]
    places = {"map": len(lines)}
    lines += [
        (_LOAD, _ARGUMENTS[3], "", ""),
        (_ANY_BIT, _HUGE, "refuse", ""),
        (_ANY_BIT, _ANONYMOUS, "", "allow"),
        (_ANY_BIT, _SHARED, "refuse", "allow"),
    ]
    places["advise"] = len(lines)
    lines += [(_LOAD, _ARGUMENTS[2], "", ""), (_EQUAL, _PAGE_OUT, "refuse", "allow")]
    places["socket"] = len(lines)
    lines += [(_LOAD, _ARGUMENTS[0], "", ""), *((_EQUAL, family, "allow", "") for family in _FAMILIES)]
    places |= {"refuse": len(lines), "allow": len(lines) + 1}

    def jump(here: int, to: str) -> int:
        return places[to] - here - 1 if to else 0

    code = [struct.pack("=HBBI", op, jump(i, yes), jump(i, no), value) for i, (op, value, yes, no) in enumerate(lines)]
    return b"".join([*code, *(struct.pack("=HBBI", _RETURN, 0, 0, value) for value in (_REFUSE, _ALLOW))])


def enter(libc: Callable[..., None]) -> None:
    """Install the filter for this process and its descendants. It cannot be removed.

    Parameters
    ----------
    libc
        Calls a function of the C library by name; raises OSError if it fails.
    """
    code = program(platform.machine())
    held = ctypes.create_string_buffer(code, len(code))
    libc("prctl", _PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(_Program(len(code) // 8, ctypes.addressof(held))), 0, 0)
