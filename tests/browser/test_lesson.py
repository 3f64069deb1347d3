"""Lesson 03 as a student: from the index, a wrong answer, a hint, the right one, the progress."""

from browser.pages import open_notebook, run_all, shoot

FRONT = ".jp-NotebookPanel:not(.lm-mod-hidden)"


def enter(page, cell, text):
    """Write something else into a cell, and run it."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    page.keyboard.press("Control+Enter")


def said(cell, words):
    cell.locator(".jp-OutputArea-output", has_text=words).wait_for()


def test_a_student_answers_wrongly_asks_for_a_hint_answers_rightly_and_sees_the_progress(page, lab):
    answer = 'answer_1 = {}\ncheck("03.1", answer_1)'
    open_notebook(page, lab, "index.ipynb")
    page.click("a:has-text('Feedback and fixed points')")
    page.wait_for_selector(f"{FRONT} h1:has-text('03')")
    lesson = run_all(page)
    cells = lesson.locator(".jp-CodeCell")
    sources = cells.all_inner_texts()
    cell = cells.nth(next(k for k, text in enumerate(sources) if 'check("03.1"' in text))
    said(cell, "Not answered yet")

    enter(page, cell, answer.format("2"))
    said(cell, "2 is what one gets when only the stable ones are counted")
    cell.scroll_into_view_if_needed()
    shoot(page, "wrong")

    enter(page, cell, 'hint("03.1")')
    said(cell, "Hint 1")

    enter(page, cell, answer.format("3"))
    said(cell, "Right, because")
    shoot(page, "right")

    page.click(".lm-TabBar-tabLabel:has-text('index.ipynb')")
    index = run_all(page)
    row = index.locator("tr", has_text="Feedback and fixed points").last
    assert [text.strip() for text in row.locator("td").all_inner_texts()][-2:] == ["1", "1"]
    row.scroll_into_view_if_needed()
    shoot(page, "progress")
    assert page.errors == []
