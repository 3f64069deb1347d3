"""The course as a student meets it: JupyterLab, the index, a lesson, a slider."""

import os
import re
from pathlib import Path

SHOTS = os.environ.get("WCLAB_SCREENSHOTS")


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


def test_a_student_finds_the_lesson_runs_it_and_moves_the_slider(page, lab):
    open_notebook(page, lab, "index.ipynb")
    index = run_all(page)
    assert "E after the push: -0.033" in index.inner_text()
    shoot(page, "index")

    page.click("a:has-text('Two populations')")
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) h1:has-text('05')")
    lesson = run_all(page)
    assert lesson.locator(".jp-OutputArea-output[data-mime-type*='stderr']").count() == 0
    shoot(page, "lesson")

    lesson.locator("mjx-container").first.scroll_into_view_if_needed()
    display = lesson.locator(".jp-RenderedMarkdown:has(table)", has_text="e/se_op/r_ext").last
    assert display.locator("mjx-container").count() > 3
    display.scroll_into_view_if_needed()
    shoot(page, "model")

    handle = lesson.locator(".noUi-handle").first
    handle.scroll_into_view_if_needed()
    picture = lesson.locator(".jupyter-widgets img").first
    before = picture.get_attribute("src")
    handle.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("""() => [...document.querySelectorAll(".jupyter-widgets img")]
        .some(picture => picture.alt.startsWith("Pulse height 1.50"))""")
    assert picture.get_attribute("src") != before
    shoot(page, "slider")

    lesson.locator("button:has-text('reset')").click()
    page.wait_for_function("""() => [...document.querySelectorAll(".jupyter-widgets img")]
        .some(picture => picture.alt.startsWith("Pulse height 1.00"))""")
    assert page.errors == []
