"""Film the phase plane in JupyterLab for README.md: ``.venv/bin/python .ci/moving_picture.py``."""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser.conftest import BROWSERS, FLAGS  # noqa: E402
from browser.pages import Live, open_notebook, run_all, write_notebook  # noqa: E402
from browser.server import jupyter  # noqa: E402

OUT = ROOT / ".github" / "phase_plane.gif"
CODE = "from wclab.explorers import PhasePlane\nPhasePlane(sliders=('P', 'w_ee', 'tau_i'))"
LAUNCHES = ((0.62, 0.42), (0.36, 0.30), (0.80, 0.80))  # parts of the plane's width and height
KEYS = ["ArrowRight"] * 5 + ["ArrowLeft"] * 13 + ["ArrowRight"] * 8
FRAME, PAUSE = 160, 900  # ms


def main() -> None:
    """Film and write."""
    place = Path(tempfile.mkdtemp())
    write_notebook(place / "course" / "film.ipynb", CODE)
    chromium = next(filter(None, map(shutil.which, BROWSERS)))
    frames: list[Image.Image] = []
    times: list[int] = []

    with jupyter("lab", place / "course", place) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1250, "height": 1000})
        open_notebook(page, address, "film.ipynb")
        live = Live(page, run_all(page).locator(".wclab-explorer"))

        def take(milliseconds: int) -> None:
            live.settle(150)
            picture = Image.open(io.BytesIO(live.root.screenshot())).convert("RGB")
            frames.append(picture.resize((picture.width * 7 // 10, picture.height * 7 // 10)))
            times.append(milliseconds)

        take(PAUSE)
        plane = live.root.locator("[role=application]").first
        for right, down in LAUNCHES:
            rect = plane.bounding_box() or {}
            page.mouse.click(rect["x"] + right * rect["width"], rect["y"] + down * rect["height"])
            take(PAUSE)
        live.root.locator(".noUi-handle").first.focus()
        for key in KEYS:
            page.keyboard.press(key)
            take(FRAME)
        live.root.get_by_role("button", name="colour the basins").click()
        page.wait_for_timeout(2_000)
        take(2 * PAUSE)
        browser.close()

    width = min(frame.width for frame in frames)
    height = max(frame.height for frame in frames)
    same = []
    for frame in frames:
        page_of = Image.new("RGB", (width, height), "white")
        page_of.paste(frame, (0, 0))
        same.append(page_of.quantize(96, dither=Image.Dither.NONE))
    same[0].save(OUT, save_all=True, append_images=same[1:], duration=times, loop=0, optimize=True)
    sys.stdout.write(f"{OUT.name}: {len(same)} frames, {OUT.stat().st_size / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main()
