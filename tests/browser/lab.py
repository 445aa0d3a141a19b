"""JupyterLab for a test: on this machine alone, and as if nobody had used it before."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: What differs from JupyterLab as installed: it asks no news from the network, and is dark where the browser is.
_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
}


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab.

    Attributes
    ----------
    address
        With a slash at its end.
    token
        What lets a browser in.
    """

    address: str
    token: str

    def url(self, path: str = "") -> str:
        """Return the address of a file in JupyterLab, with nothing else open."""
        return f"{self.address}lab{path and f'/tree/{path}'}?reset&token={self.token}"


@contextmanager
def jupyter_lab(folder: Path, home: Path) -> Iterator[Lab]:
    """Run JupyterLab in a folder, with a home of its own, until the block ends."""
    config, runtime = home / "config", home / "runtime"
    (config / "labconfig").mkdir(parents=True)
    (config / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(_SETTINGS))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON", "XDG_"))}
    environment = kept | {
        "HOME": str(home),
        # So that `nbgrader` and `python` are those of this environment, as in an activated one.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "IPYTHONDIR": str(home / "ipython"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", "--LabApp.extension_manager=readonly"]
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield _wait_for(server, runtime, home / "server.log")
    finally:
        server.terminate()  # the server ends its kernels
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _wait_for(server: subprocess.Popen[bytes], runtime: Path, log: Path) -> Lab:
    """Wait until the server answers; it writes down its address and token when it listens."""
    for _ in range(1200):
        for path in runtime.glob("jpserver-*.json"):
            try:
                known = json.loads(path.read_text())
                with urllib.request.urlopen(f"{known['url']}api", timeout=60):
                    return Lab(known["url"].replace("localhost", "127.0.0.1"), known["token"])
            except (OSError, ValueError):
                pass  # half written, or not listening yet
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")
