"""Servers with a student's copy of the course, and a real browser to use them with."""

import os
import shutil

import pytest
from browser.pages import EXPLORERS, write_notebook
from browser.server import jupyter

from wclab.lessons import copy_course

playwright = pytest.importorskip("playwright.sync_api") if "CI" not in os.environ else None
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 90_000  # ms; a class server, or a busy test machine, is slow to start a kernel


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """Make a student's copy of the course, and a notebook with each explorer."""
    home = tmp_path_factory.mktemp("home")
    copy_course(home / "course")
    for name, code in EXPLORERS.items():
        write_notebook(home / "course" / f"{name}.ipynb", code)
    return home


@pytest.fixture(scope="session")
def lab(home):
    """Start JupyterLab; yield its address."""
    with jupyter("lab", home / "course", home) as address:
        yield address


@pytest.fixture(scope="session")
def voila(home):
    """Start Voila on the same folder; yield its address."""
    with jupyter("voila", home / "course", home) as address:
        yield address


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


def is_ours(line):
    """Tell whether a line of the console is an error that the product is to blame for."""
    elsewhere = "Failed to load resource" in line.text  # fonts and icons of the servers' own pages
    return line.type == "error" and not elsewhere


@pytest.fixture
def page(browser):
    """Open a page that notes what goes wrong in it."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda line: page.errors.append(line.text) if is_ours(line) else None)
    yield page
    context.close()
