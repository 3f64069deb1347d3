"""Every explorer in a real browser: what it shows, and what it answers."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.pages import EXPLORERS, Live, open_notebook, run_all, shoot

import wclab.explorers
from wclab.explorers import PhasePlane


@pytest.fixture
def live(page, lab):
    """Open an explorer's notebook in JupyterLab and run it."""

    def start(name):
        open_notebook(page, lab, f"{name}.ipynb")
        return Live(page, run_all(page).locator(".wclab-explorer"))

    return start


def violations(page):
    found = Axe().run(page, context=".wclab-explorer").response["violations"]
    return [(v["id"], v["impact"], [n["html"] for n in v["nodes"][:2]]) for v in found]


def plain(text):
    return " ".join(text.split())


def first_slider(live):
    """Return the first handle, and the box with its number."""
    row = live.root.locator(".wclab-control").first
    return row.locator(".noUi-handle"), row.locator("input[type=number]")


@pytest.mark.parametrize("name", EXPLORERS)
def test_it_shows_the_librarys_numbers_keeps_up_with_the_keyboard_and_fits(live, page, name):
    explorer = live(name)
    twin = getattr(wclab.explorers, name)()
    explorer.wait_for_text(twin.text)
    handle, box = first_slider(explorer)
    key, control = next(iter(twin._controls.items()))
    assert handle.get_attribute("aria-label") == control.slider.words

    explorer.press(handle, "ArrowRight", 3)
    explorer.settle()
    assert float(box.input_value()) > control.start
    twin.set({key: float(box.input_value())})
    explorer.wait_for_text(twin.text)

    explorer.press(handle, "ArrowRight", 120)  # a burst: late pictures are dropped, the last stays
    explorer.press(handle, "ArrowLeft", 80)
    explorer.settle(1_500)
    twin.set({key: float(box.input_value())})
    explorer.wait_for_text(twin.text)

    for theme in ("Light", "Dark"):
        choose_theme(page, f"JupyterLab {theme}")
        for width in (1400, 600):
            page.set_viewport_size({"width": width, "height": 1000})
            explorer.settle()
            explorer.canvas.scroll_into_view_if_needed()
            shoot(page, f"{name}-{theme}-{width}")
            assert too_wide(explorer) == []
        page.set_viewport_size({"width": 1400, "height": 1000})
        assert violations(page) == []
    assert page.errors == []


def choose_theme(page, name):
    """Choose a theme in JupyterLab's menu."""
    page.click(".lm-MenuBar-itemLabel:text-is('Settings')")
    page.hover(".lm-Menu-itemLabel:text-is('Theme')")
    page.click(f".lm-Menu-itemLabel:text-is('{name}')")
    light = str(name.endswith("Light")).lower()
    page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")


def too_wide(explorer):
    """Return the parts that do not fit into the explorer's width."""
    return explorer.root.evaluate(
        """root => [...root.querySelectorAll("canvas, .wclab-readout, .wclab-control")]
        .filter(part => part.getBoundingClientRect().right
            > root.getBoundingClientRect().right + 1)
        .map(part => part.className)"""
    )


def test_a_number_can_be_typed(live, page):
    explorer = live("TwoPopulations")
    _, box = first_slider(explorer)
    box.fill("0.37")
    box.press("Enter")
    twin = wclab.explorers.TwoPopulations(height=0.37)
    explorer.wait_for_text(twin.text)


def test_a_click_launches_a_run_where_it_was_made_to_one_pixel(live, page):
    explorer = live("PhasePlane")
    plane = explorer.root.locator("[role=application]").first
    rect = plane.bounding_box()
    twin = PhasePlane()
    (x0, x1), (y0, y1) = twin.scene.panels[0].xlim, twin.scene.panels[0].ylim
    pixel = (x1 - x0) / rect["width"], (y1 - y0) / rect["height"]
    for right, down in ((0.62, 0.41), (0.3, 0.8)):
        spot = rect["x"] + round(right * rect["width"]), rect["y"] + round(down * rect["height"])
        before = explorer.seq
        page.mouse.click(*spot)
        page.wait_for_function(
            "([box, n]) => Number(box.closest('[data-seq]').dataset.seq) > n",
            arg=[explorer.box, before],
        )
        wanted = x0 + (spot[0] - rect["x"]) * pixel[0], y1 - (spot[1] - rect["y"]) * pixel[1]
        told = explorer.text.split("from (")[1].split(")")[0]
        launched = [float(number) for number in told.split(",")]
        assert np.all(np.abs(np.subtract(launched, wanted)) < pixel)
    shoot(page, "PhasePlane-launched")
    assert page.errors == []


def test_the_keyboard_alone_launches_a_run_and_gets_away_again(live, page):
    explorer = live("PhasePlane")
    explorer.root.locator("[role=application]").first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    page.wait_for_function(
        "root => root.querySelector('.wclab-readout').innerText.includes('The last run, from (')",
        arg=explorer.root.element_handle(),
    )
    page.keyboard.press("Escape")
    for _ in range(12):
        page.keyboard.press("Tab")
    inside = "() => document.activeElement.closest('[role=application]') === null"
    assert page.evaluate(inside)
    assert page.errors == []


def test_export_as_code_shows_the_cell_that_makes_the_figure_again(live, page):
    explorer = live("PhasePlane")
    handle, box = first_slider(explorer)
    explorer.press(handle, "ArrowRight", 2)
    explorer.settle()
    explorer.root.get_by_role("button", name="export as code").click()
    code = explorer.root.locator("textarea")
    code.wait_for()
    twin = PhasePlane()
    twin.set({next(iter(twin.values)): float(box.input_value())})
    assert code.input_value() == twin.code()
    assert violations(page) == []


def test_a_restarted_kernel_is_told_in_the_figure(live, page):
    explorer = live("TwoPopulations")
    page.click("text=Kernel >> nth=0")
    page.click('li[data-command="kernelmenu:restart"]')
    page.click(".jp-Dialog button.jp-mod-accept")
    page.wait_for_selector("text=The kernel was restarted, so this figure no longer answers")
    assert explorer.canvas.is_visible()
    again = run_all(page)
    Live(page, again.locator(".wclab-explorer"))
    assert page.locator("text=this figure no longer answers").count() == 0


@pytest.mark.parametrize("name", EXPLORERS)
def test_it_works_in_voila(page, voila, name):
    page.goto(f"{voila}/voila/render/{name}.ipynb")
    page.wait_for_selector(".wclab-explorer canvas")
    explorer = Live(page, page.locator(".wclab-explorer"))
    twin = getattr(wclab.explorers, name)()
    explorer.wait_for_text(twin.text)
    handle, box = first_slider(explorer)
    explorer.press(handle, "ArrowRight", 2)
    explorer.settle()
    twin.set({next(iter(twin.values)): float(box.input_value())})
    explorer.wait_for_text(twin.text)
    shoot(page, f"{name}-voila")
    assert violations(page) == []
    assert page.errors == []
