"""A JupyterLab with a student's copy of the course, and a real browser to use it with."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from wclab.lessons import copy_course

playwright = pytest.importorskip("playwright.sync_api") if "CI" not in os.environ else None
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 90_000  # ms; a class server, or a busy test machine, is slow to start a kernel


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Start JupyterLab on a fresh copy of the course; yield its address."""
    home = tmp_path_factory.mktemp("home")
    course = home / "course"
    copy_course(course)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kinds = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    places = {f"JUPYTER_{kind}": str(home / kind) for kind in kinds}
    places |= {
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
        f"--port={port}", "--IdentityProvider.token=", "--ServerApp.port_retries=0",
    ]  # fmt: skip
    quiet = home / "CONFIG_DIR" / "labconfig" / "page_config.json"
    quiet.parent.mkdir(parents=True)
    news = "@jupyterlab/apputils-extension:announcements"
    quiet.write_text(json.dumps({"disabledExtensions": {news: True}}))
    log = (home / "log").open("w")
    server = subprocess.Popen(
        command, cwd=course, env={**os.environ, **places}, stdout=log, stderr=log
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api", server, home / "log")
        yield address
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def _wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(240):
        assert server.poll() is None, f"JupyterLab stopped: {log.read_text()[-2000:]}"
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - a local server
        except OSError:
            time.sleep(0.5)
        else:
            return
    pytest.fail(f"JupyterLab did not start: {log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def browser():
    """Start the browser; without one, fail in CI and skip elsewhere."""
    found = os.environ.get("WCLAB_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        why = f"no browser found ({', '.join(BROWSERS)}); WCLAB_BROWSER=PATH names another"
        pytest.fail(why) if "CI" in os.environ else pytest.skip(why)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=found, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser):
    """Open a page that notes what goes wrong in it."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    context.close()
