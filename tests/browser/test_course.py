"""The course as a student meets it: JupyterLab, the index, a lesson, a slider."""

from browser.pages import open_notebook, run_all, shoot


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
