"""Make this Python one of another system, as far as the course's own modules can tell: no /proc, no fork, no alarms.

Imported first by the programs of `test_elsewhere`; what third parties import on Linux they import before.
"""

from __future__ import annotations

import builtins
import os
import signal
import sys
from typing import Any

import IPython
import matplotlib.pyplot
import seaborn
import statsmodels.formula.api

LIBRARIES = (IPython, matplotlib.pyplot, seaborn, statsmodels.formula.api)

#: Modules that Windows does not have.
MODULES = {"fcntl", "grp", "pwd", "pty", "resource", "syslog", "termios", "tty"}

#: Functions and numbers that it does not have.
NAMES = {
    os: "fork forkpty geteuid getegid getuid getgid killpg mkfifo setsid uname sched_getaffinity pidfd_open statvfs",
    signal: "alarm setitimer pthread_sigmask pidfd_send_signal SIGALRM SIGKILL SIGHUP SIGCHLD",
}

_import = builtins.__import__


def _without(name: str, names: Any = None, *more: Any, **by_name: Any) -> Any:
    importer = str((names or {}).get("__name__", ""))
    if name in MODULES and importer.partition(".")[0] in ("oxboys_mlm", "__main__"):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return _import(name, names, *more, **by_name)


def _no_proc(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and str(arguments[0]).startswith(("/proc", "/sys")):
        raise FileNotFoundError(arguments[0])


def modules() -> None:
    """Take away what the course's own modules may import."""
    setattr(builtins, "__import__", _without)  # noqa: B010 - its declared type is that of the original alone


def everything() -> None:
    """Take away what they may import, call and open."""
    modules()
    sys.addaudithook(_no_proc)
    for module, absent in NAMES.items():
        for name in absent.split():
            vars(module).pop(name, None)
