"""The question before the run, as a widget: choose, keep the choice, read what it says.

The page draws plain radio buttons and one button; what a choice says comes from the texts. A page
without a kernel shows the question and its options as text.
"""

from typing import Any

import anywidget
import traitlets

from wclab.course import record
from wclab.course.exercises import Question
from wclab.course.feedback import markup
from wclab.course.texts import phrase

PAGE = """
function render({ model, el }) {
  const name = "predict-" + Math.random().toString(36).slice(2);
  const group = document.createElement("fieldset");
  const legend = document.createElement("legend");
  legend.innerHTML = model.get("question");
  group.append(legend);
  const inputs = model.get("options").map(([letter, text]) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    input.type = "radio";
    input.name = name;
    input.value = letter;
    const words = document.createElement("span");
    words.innerHTML = letter + ") " + text;
    label.append(input, words);
    group.append(label);
    return input;
  });
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = model.get("button");
  const reply = document.createElement("p");
  reply.setAttribute("role", "status");
  const show = () => {
    inputs.forEach((input) => { input.checked = input.value === model.get("choice"); });
    reply.innerHTML = model.get("reply");
  };
  button.addEventListener("click", () => {
    const chosen = inputs.find((input) => input.checked);
    if (!chosen) { reply.textContent = model.get("choose_first"); return; }
    model.set("choice", chosen.value);
    model.save_changes();
  });
  const ours = [...inputs, button]; // else JupyterLab takes their keys
  ours.forEach((part) => part.setAttribute("data-lm-suppress-shortcuts", "true"));
  model.on("change:reply", show);
  group.append(button, reply);
  el.classList.add("wclab-predict");
  el.append(group);
  show();
  return () => model.off("change:reply", show);
}
export default { render };
"""
STYLE = """
.wclab-predict fieldset { border: 1px solid currentColor; max-width: 46em; padding: .5em 1em; }
.wclab-predict legend { font-weight: bold; padding: 0 .3em; }
.wclab-predict label { display: flex; gap: .5em; padding: .25em 0; cursor: pointer; }
.wclab-predict button { font: inherit; padding: .3em .9em; margin-top: .4em; cursor: pointer; }
.wclab-predict :focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
.wclab-predict p { margin: .6em 0 0; min-height: 1.4em; }
"""


class Prediction(anywidget.AnyWidget):
    """A question with options; each has a reply of its own.

    Parameters
    ----------
    question : Question
    """

    _esm = PAGE
    _css = STYLE
    question = traitlets.Unicode().tag(sync=True)
    options: Any = traitlets.List().tag(sync=True)
    button = traitlets.Unicode().tag(sync=True)
    choose_first = traitlets.Unicode().tag(sync=True)
    choice = traitlets.Unicode().tag(sync=True)
    reply = traitlets.Unicode().tag(sync=True)

    def __init__(self, question: Question) -> None:
        self.asked = question
        super().__init__(
            question=markup(question.question),
            options=[[option.name, markup(str(option.value))] for option in question.options],
            button=phrase("keep_choice"),
            choose_first=phrase("choose_first"),
        )
        kept = record.entries()[0].get(question.id, {}).get("answer", "")
        known = [option.name for option in question.options]
        if kept in known:
            self.choice, self.reply = kept, markup(self._said(kept))
        self.observe(self._answer, "choice")

    def __repr__(self) -> str:
        rows = [f"{option.name}) {option.value}" for option in self.asked.options]
        return "\n".join([self.asked.question, *rows, phrase("run_to_answer")])

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Add text to the widget, for pages without a kernel."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, *rest = bundle if isinstance(bundle, tuple) else (bundle,)
        rows = "\n".join(f"- {option.name}) {option.value}" for option in self.asked.options)
        asked = f"**{self.asked.question}**\n\n{rows}\n\n{phrase('run_to_answer')}"
        data = {**(data or {}), "text/plain": repr(self), "text/markdown": asked}
        return (data, *rest) if rest else data

    def _answer(self, change: dict[str, Any]) -> None:
        """Reply to a choice, and write it down."""
        letter = change["new"]
        if letter not in {option.name for option in self.asked.options}:
            return
        right = letter == self.asked.right

        def edit(entry: record.Entry) -> None:
            entry["tries"] += 1
            entry["right"] |= right
            entry["answer"] = letter

        note = record.change(self.asked.id, edit)
        self.reply = markup(" ".join(part for part in (self._said(letter), note) if part))

    def _said(self, letter: str) -> str:
        chosen = next(option for option in self.asked.options if option.name == letter)
        key = "bet_right" if letter == self.asked.right else "bet_other"
        return phrase(key, letter=letter, reply=chosen.when)
