"""Jupyter servers for tests: JupyterLab or Voila, with every folder of theirs in one place."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NEWS = "@jupyterlab/apputils-extension:announcements"
KINDS = {
    "lab": [
        "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
        "--IdentityProvider.token=", "--ServerApp.port_retries=0",
        "--ServerApp.disable_check_xsrf=True",  # the tests of load have no page that holds a token
    ],
    "voila": ["-m", "voila", "--no-browser", "--Voila.ip=127.0.0.1", "--show_tracebacks=True"],
}  # fmt: skip


@contextmanager
def jupyter(kind: str, folder: Path, home: Path, python: str = sys.executable) -> Iterator[str]:
    """Serve a folder; yield the address. Configuration, settings and the log go to `home`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = {
        f"JUPYTER_{name}": str(home / name) for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    }
    places |= {
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    quiet = home / "CONFIG_DIR" / "labconfig" / "page_config.json"
    quiet.parent.mkdir(parents=True, exist_ok=True)
    quiet.write_text(json.dumps({"disabledExtensions": {NEWS: True}}))
    command = [python, *KINDS[kind], f"--port={port}"]
    with (home / f"{kind}.log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **places}, stdout=log, stderr=log
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/api" if kind == "lab" else address, server, Path(log.name))
            yield address
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(240):
        if server.poll() is not None:
            raise RuntimeError(f"the server stopped: {log.read_text()[-2000:]}")
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - a local server
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")
