"""The course as a student meets it: JupyterLab, the index, a lesson, a slider."""

from browser.pages import Live, open_notebook, run_all, shoot

from wclab.explorers import TwoPopulations


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

    explorer = Live(page, lesson.locator(".wclab-explorer"))
    handle = explorer.root.locator(".noUi-handle").first
    handle.scroll_into_view_if_needed()
    explorer.press(handle, "ArrowRight", 10)
    explorer.wait_for_text(TwoPopulations(simulation_time=400.0, height=1.5).text)
    shoot(page, "slider")

    explorer.root.get_by_role("button", name="reset").click()
    explorer.wait_for_text(TwoPopulations(simulation_time=400.0).text)
    assert page.errors == []
