"""What a test does in JupyterLab: open a notebook, run it, keep a picture."""

import os
import re
from pathlib import Path

import nbformat

from wclab import explorers

SHOTS = os.environ.get("WCLAB_SCREENSHOTS")


PARTS = {"Canvas", "Event", "Explorer", "Slider"}  # what explorers are made of
EXPLORERS = {
    name: f"from wclab.explorers import {name}\n\n{name}()"
    for name in explorers.__all__
    if name not in PARTS
}


def write_notebook(path, *cells):
    """Write a notebook of code cells."""
    book = nbformat.v4.new_notebook()
    book.metadata["kernelspec"] = {
        "name": "python3", "display_name": "Python 3", "language": "python"
    }  # fmt: skip
    book.cells = [nbformat.v4.new_code_cell(code) for code in cells]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, path)


def shoot(page, name):
    """Keep a picture of the page where WCLAB_SCREENSHOTS says."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SHOTS) / f"{name}.png")


def open_notebook(page, lab, name):
    """Open a notebook and wait until it can be used."""
    page.goto(f"{lab}/lab/tree/{name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.wait_for_selector("#jupyterlab-splash", state="detached")


def run_all(page):
    """Run every cell of the notebook in front, from no outputs; return the notebook."""
    front = ".jp-NotebookPanel:not(.lm-mod-hidden)"
    page.wait_for_selector("#jp-main-statusbar >> text=| Idle")
    page.click("text=Edit >> nth=0")
    page.click('li[data-command="editmenu:clear-all"]')
    prompts = page.locator(f"{front} .jp-CodeCell .jp-InputPrompt")
    for _ in range(60):  # a click is lost, or asks for a kernel, while the kernel connects
        accept = page.locator(".jp-Dialog button.jp-mod-accept")
        if accept.count():
            accept.first.click()
        page.click("text=Run >> nth=0")
        page.click('li[data-command="runmenu:run-all"]')
        page.wait_for_timeout(1_000)
        if any(re.search(r"\[(\*|\d+)\]", text) for text in prompts.all_inner_texts()):
            break
    page.wait_for_function(
        """front => [...document.querySelectorAll(front + " .jp-CodeCell .jp-InputPrompt")]
        .every(prompt => /\\[\\d+\\]/.test(prompt.textContent))""",
        arg=front,
    )
    return page.locator(front)


class Live:
    """An explorer on a page."""

    def __init__(self, page, root):
        self.page, self.root = page, root
        self.canvas = root.locator("canvas").first
        self.canvas.wait_for()
        self.page.wait_for_function("box => box.closest('[data-seq]') !== null", arg=self.box)

    @property
    def box(self):
        return self.root.locator(".wclab-canvas").first.element_handle()

    @property
    def seq(self):
        """Number of the picture that is drawn."""
        return int(self.box.evaluate("box => box.closest('[data-seq]').dataset.seq"))

    @property
    def text(self):
        """The line under the picture."""
        return self.root.locator(".wclab-readout").inner_text().strip()

    def settle(self, quiet=600):
        """Wait until no new picture comes."""
        while True:
            before = self.seq
            self.page.wait_for_timeout(quiet)
            if self.seq == before:
                return

    def wait_for_text(self, text):
        """Wait until the line under the picture is this."""
        plain = " ".join(text.split())
        self.page.wait_for_function(
            "([root, text]) => root.querySelector('.wclab-readout').innerText"
            ".replace(/\\s+/g, ' ').trim() === text",
            arg=[self.root.element_handle(), plain],
        )

    def press(self, handle, key, times=1):
        """Press a key on a slider's handle."""
        handle.focus()
        for _ in range(times):
            self.page.keyboard.press(key)
