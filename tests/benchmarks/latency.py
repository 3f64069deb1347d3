"""Measure from a key on a slider to new pixels, in JupyterLab in a real browser; write LATENCY.md.

Side by side on one page: an explorer, and the same scene drawn anew by matplotlib under
``interact``, as other courses do. Then the explorer again with a slow network, and tvb-phaseplane,
which computes in the browser. From the repository's root:
``.venv/bin/python tests/benchmarks/latency.py``.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from browser.conftest import BROWSERS, FLAGS  # noqa: E402
from browser.pages import Live, open_notebook, run_all, write_notebook  # noqa: E402
from browser.server import jupyter  # noqa: E402
from machine import python_of  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402
from proxy import slow  # noqa: E402

MOVES, BURST, DELAY = 30, 40, 0.1
SCENES = {
    "TwoPopulations": "TwoPopulations()",
    "PhasePlane": "PhasePlane(starts=[(0.3, 0.1)])",
}
EXPLORER = "from wclab.explorers import {name}\n{made}"
INTERACT = """%matplotlib inline
import matplotlib.pyplot as plt
from ipywidgets import FloatSlider, interact
from wclab.explorers import {name}
from wclab.plots import draw_panel
twin = {made}
key, control = next(iter(twin._controls.items()))
def show(value):
    control._value = value
    scene = twin.picture()
    figure, axes = plt.subplots(1, len(scene.panels), figsize=(9, 3.6), layout="constrained")
    for k, ax in enumerate(axes):
        draw_panel(scene, k, ax=ax)
    plt.show()
made = interact(show, value=FloatSlider(value=control.value, min=control.box.min,
                                        max=control.box.max, step=control.handle.step))"""
WATCH = """() => {
    document.addEventListener("keydown", () => { window.pressed = performance.now(); }, true);
    const seen = new WeakSet(document.querySelectorAll("img"));
    new MutationObserver(async () => {
        for (const image of document.querySelectorAll(".jp-OutputArea-output img")) {
            if (seen.has(image)) continue;
            seen.add(image);
            await image.decode();
            window.shown = performance.now();
        }
    }).observe(document.body, {subtree: true, childList: true});
}"""


class Traffic:
    """Bytes that came over the page's web sockets."""

    def __init__(self, page: Page) -> None:
        self.received = 0
        page.on("websocket", lambda socket: socket.on("framereceived", self._count))

    def _count(self, payload: str | bytes) -> None:
        self.received += len(payload)


def drawn(live: Live) -> float:
    """Return when the canvas was drawn last, on the page's clock."""
    return live.box.evaluate("box => Number(box.closest('[data-seq]').dataset.drawn)")


def canvas_move(page: Page, live: Live, key: str) -> float:
    """Press a key; return the milliseconds until the canvas is drawn."""
    before = live.seq
    page.keyboard.press(key)
    page.wait_for_function(
        "([box, n]) => Number(box.closest('[data-seq]').dataset.seq) > n", arg=[live.box, before]
    )
    return drawn(live) - page.evaluate("window.pressed")


def interact_move(page: Page, key: str) -> float:
    """Press a key; return the milliseconds until the new image is decoded."""
    page.evaluate("() => { window.shown = 0; }")
    page.keyboard.press(key)
    page.wait_for_function("() => window.shown > 0")
    return page.evaluate("window.shown - window.pressed")


def burst(page: Page, live: Live) -> float:
    """Press a key many times; return the milliseconds from the last press to the last picture."""
    for k in range(BURST):
        page.keyboard.press("ArrowRight" if k < BURST / 2 else "ArrowLeft")
    live.settle(1_500)
    return drawn(live) - page.evaluate("window.pressed")


def compare(page: Page, address: str, name: str) -> dict[str, Any]:
    """Measure an explorer and `interact` in turn, five moves each."""
    traffic = Traffic(page)
    open_notebook(page, address, f"{name}.ipynb")
    book = run_all(page)
    live = Live(page, book.locator(".wclab-explorer"))
    page.wait_for_selector(".jp-OutputArea-output .widget-interact img")
    page.evaluate(WATCH)
    ours = live.root.locator(".noUi-handle").first
    theirs = book.locator(".widget-interact .noUi-handle").first
    found: dict[str, Any] = {"canvas": [], "interact": [], "bytes": [0, 0]}
    for k in range(MOVES // 5 + 1):
        for part, handle in (("canvas", ours), ("interact", theirs)):
            handle.focus()
            page.wait_for_timeout(400)
            before = traffic.received
            for _ in range(5):
                key = "ArrowRight" if k % 2 else "ArrowLeft"
                move = (
                    canvas_move(page, live, key) if part == "canvas" else interact_move(page, key)
                )
                page.wait_for_timeout(150)
                if k:  # the first five warm up
                    found[part].append(move)
            if k:
                found["bytes"][part == "interact"] += traffic.received - before
    ours.focus()
    found["burst"] = [burst(page, live) for _ in range(3)]
    return found


def distant(page: Page, address: str, name: str) -> dict[str, Any]:
    """Measure an explorer alone, where the network is slow."""
    open_notebook(page, address, f"{name}.ipynb")
    live = Live(page, run_all(page).locator(".wclab-explorer"))
    page.evaluate(WATCH)
    live.root.locator(".noUi-handle").first.focus()
    moves = [canvas_move(page, live, "ArrowLeft") for _ in range(10)]
    return {"canvas": moves, "burst": [burst(page, live) for _ in range(3)]}


def in_the_browser(page: Page, folder: Path) -> list[float]:
    """Measure tvb-phaseplane, which computes in the browser and needs no kernel."""
    python = python_of("tvb_phaseplane")
    code = (
        "from tvb_phaseplane import PhasePlaneWidget as W;"
        f"W(model_name='wilson_cowan').to_standalone_html(r'{folder / 'tvb.html'}')"
    )
    subprocess.run([python, "-c", code], check=True, capture_output=True)
    page.goto((folder / "tvb.html").as_uri())
    page.wait_for_selector(".ppw-param-slider")
    page.locator(".ppw-param-slider").first.focus()
    page.evaluate(
        """() => {
        document.addEventListener("keydown", () => { window.pressed = performance.now(); }, true);
        document.addEventListener("input", () => requestAnimationFrame(() => setTimeout(() => {
            window.shown = performance.now();
        }, 0)));
    }"""
    )
    return [interact_move(page, "ArrowRight") for _ in range(MOVES)]


@contextmanager
def pages() -> Iterator[Any]:
    """Start a browser; yield a function that opens a page."""
    path = next(filter(None, map(shutil.which, BROWSERS)))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield lambda: browser.new_context(viewport={"width": 1400, "height": 1400}).new_page()
        browser.close()


def report(near: dict[str, Any], far: dict[str, Any], tvb: list[float] | str) -> str:
    """Return the table."""
    lines = [
        "# From a slider to pixels", "",
        "JupyterLab in headless Chromium; from the key on the slider's handle to the new picture, "
        f"medians of {MOVES} moves taken in turn; `interact` draws the same scene with matplotlib.",
        "A burst is 40 keys without a pause: from the last key to the last picture, median of "
        "three. Written by `latency.py`.", "",
        "| scene | canvas (ms) | interact (ms) | ratio | asked | kB a move: canvas | interact | "
        "after a burst (ms) | one move with 100 ms each way (ms) | after a burst there (ms) |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    middle = statistics.median
    for name, found in near.items():
        ours, theirs = middle(found["canvas"]), middle(found["interact"])
        size, other = (total / len(found["canvas"]) / 1_000 for total in found["bytes"])
        lines.append(
            f"| {name} | {ours:.0f} | {theirs:.0f} | {ours / theirs:.3f} | 0.15 | {size:.1f} | "
            f"{other:.0f} | {middle(found['burst']):.0f} | {middle(far[name]['canvas']):.0f} | "
            f"{middle(far[name]['burst']):.0f} |"
        )
    shown = tvb if isinstance(tvb, str) else f"{middle(tvb):.0f} ms a move"
    lines += ["", f"tvb-phaseplane 0.1.0, which computes in the browser, on a page alone: {shown}."]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print and write."""
    folder = Path(tempfile.mkdtemp())
    for name, made in SCENES.items():
        cells = [text.format(name=name, made=made) for text in (EXPLORER, INTERACT)]
        write_notebook(folder / "course" / f"{name}.ipynb", *cells)
    with jupyter("lab", folder / "course", folder) as address, pages() as new_page:
        near = {name: compare(new_page(), address, name) for name in SCENES}
        with slow(int(address.rpartition(":")[2]), DELAY) as port:
            far = {name: distant(new_page(), f"http://127.0.0.1:{port}", name) for name in SCENES}
        try:
            tvb: list[float] | str = in_the_browser(new_page(), folder)
        except Exception as error:  # a peer that cannot be had is told, not fatal
            tvb = f"not measured ({str(error).splitlines()[0][:120]})"
    text = report(near, far, tvb)
    sys.stdout.write(text)
    (HERE / "LATENCY.md").write_text(text)
    time.sleep(0.1)


if __name__ == "__main__":
    main()
