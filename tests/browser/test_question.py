"""The question before a run answers to the keyboard."""

import json

from wclab.course import predict
from wclab.course.widgets import PAGE

DOCUMENT = """<!doctype html><title>question</title><main></main><script type="module">
const state = STATE, heard = {};
const model = {
  get: (name) => state[name],
  set: (name, value) => { state[name] = value; },
  on: (event, reply) => { heard[event] = reply; },
  save_changes: () => { state.reply = "chosen: " + state.choice; heard["change:reply"](); },
};
const page = await import("data:text/javascript," + encodeURIComponent(MODULE));
page.default.render({ model, el: document.querySelector("main") });
</script>"""


def test_a_question_is_answered_with_keys_alone(page, monkeypatch):
    monkeypatch.setenv("WCLAB_PROGRESS", "off")
    widget = predict("03")
    names = ("question", "options", "button", "choose_first", "choice", "reply")
    state = {name: getattr(widget, name) for name in names}
    page.set_content(
        DOCUMENT.replace("STATE", json.dumps(state)).replace("MODULE", json.dumps(PAGE))
    )
    reply = page.locator("[role=status]")
    page.locator("button").focus()
    page.keyboard.press("Enter")
    assert reply.inner_text() == widget.choose_first
    page.get_by_label("a) at the same rate").focus()
    for key in ("Space", "ArrowDown", "Tab", "Enter"):
        page.keyboard.press(key)
    assert reply.inner_text() == "chosen: b"
    # JupyterLab would take arrows and Enter for itself
    assert page.locator("input:not([data-lm-suppress-shortcuts])").count() == 0
    assert page.get_by_role("group", name=widget.question).count() == 1
