"""What a student reads after an answer: one record, shown as text and as HTML."""

import html
import re
from dataclasses import dataclass

COLOURS = {"right": "#1b7837", "known": "#b35806", "no": "#b35806"}


@dataclass(frozen=True, repr=False)
class Feedback:
    """A reply to an answer.

    Attributes
    ----------
    text : str
    right : bool
        Whether the answer was right.
    kind : str
        "right", "known" (a wrong answer whose cause is known), "no", or "said" for all else.
    code : str
        Python code that belongs to the reply; empty if none does.
    note : str
        A remark about the record of the progress; empty if all is well.
    """

    text: str
    right: bool = False
    kind: str = "said"
    code: str = ""
    note: str = ""

    def __repr__(self) -> str:
        parts = [self.text, self.code.rstrip(), f"({self.note})" if self.note else ""]
        return "\n\n".join(part for part in parts if part)

    def _repr_html_(self) -> str:
        colour = COLOURS.get(self.kind, "#767676")
        parts = [f"<p style='margin:0'>{markup(self.text)}</p>"]
        if self.code:
            parts.append(
                f"<pre style='margin:.5em 0 0'><code>{html.escape(self.code)}</code></pre>"
            )
        if self.note:
            parts.append(f"<p style='margin:.5em 0 0'><small>{markup(self.note)}</small></p>")
        style = f"border-left:.3em solid {colour};padding:.3em .8em;max-width:46em"
        return f"<div role='status' style='{style}'>{''.join(parts)}</div>"


def markup(text: str) -> str:
    """Return a text as HTML, with `code` between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
