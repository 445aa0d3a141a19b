"""Refuse the system calls that a notebook never needs and that would get round a limit or a fence.

Memory that belongs to no process (memory files, System V segments) is seen by no limit; other processes' memory,
key rings and namespaces are nobody's business; sockets of families that network namespaces do not separate, such
as a virtual machine's way to its host, would be a network after all.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Callable

#: System calls by name: their numbers on x86-64 and on 64-bit ARM.
_REFUSED = {
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
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "userfaultfd": (323, 282),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "syslog": (103, 116),
}
_SOCKET = (41, 198)
#: AF_UNIX, AF_INET, AF_INET6 and AF_NETLINK, by which the C library lists interfaces.
_FAMILIES = (1, 2, 10, 16)

#: Machine: its number for the kernel (AUDIT_ARCH_…) and its column above.
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
#: Numbers from here on are the x32 system calls of an x86-64 kernel.
_X32 = 0x40000000

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def program(machine: str) -> bytes:
    """Write the filter for a machine.

    Raises
    ------
    OSError
        If the machine is not known: then there is no sandbox.
    """
    if machine not in _MACHINES:
        raise OSError(errno.ENOSYS, f"no list of system calls for {machine}")
    architecture, column = _MACHINES[machine]
    # (code, value, next if true, next if false), where "refuse" and "allow" stand for the two ends.
    lines: list[tuple[int, int, str, str]] = [
        (_LOAD, _ARCHITECTURE, "", ""),
        (_EQUAL, architecture, "", "refuse"),
        (_LOAD, _NUMBER, "", ""),
        (_AT_LEAST, _X32, "refuse", ""),
        *((_EQUAL, numbers[column], "refuse", "") for numbers in _REFUSED.values()),
        (_EQUAL, _SOCKET[column], "", "allow"),
        (_LOAD, _FIRST_ARGUMENT, "", ""),
        *((_EQUAL, family, "allow", "") for family in _FAMILIES),
    ]
    ends = {"refuse": len(lines), "allow": len(lines) + 1}

    def jump(here: int, to: str) -> int:
        return ends[to] - here - 1 if to else 0

    code = [struct.pack("=HBBI", op, jump(i, yes), jump(i, no), value) for i, (op, value, yes, no) in enumerate(lines)]
    return b"".join([*code, *(struct.pack("=HBBI", _RETURN, 0, 0, value) for value in (_REFUSE, _ALLOW))])


def enter(libc: Callable[..., None]) -> None:
    """Put the filter on this process and all it will start; it cannot be taken off again.

    Parameters
    ----------
    libc
        Calls a function of the C library by name and raises OSError where it fails.
    """
    code = program(platform.machine())
    held = ctypes.create_string_buffer(code, len(code))
    libc("prctl", _PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(_Program(len(code) // 8, ctypes.addressof(held))), 0, 0)
