"""What a child operator's ``equations:`` entry does to its base's equations."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from wclab.errors import TemplateError, nearest, show
from wclab.templates.reader import Text, place

_TOKEN = re.compile(r"\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|[^\W\d]\w*|\*\*|\S")


def names_in(equations: Sequence[str]) -> set[str]:
    """Return every name in some equations, the targets of dx/dt included."""
    tokens = {token for text in equations for token in _TOKEN.findall(str(text))}
    return tokens | {token[1:] for token in tokens if token.startswith("d")}


def edit_equations(equations: Sequence[str], change: object, name: str) -> tuple[str, ...]:
    """Apply a child's ``equations:`` entry to its base's equations."""
    if isinstance(change, str):
        return (change,)
    if isinstance(change, Sequence):
        return tuple(change)
    if not isinstance(change, Mapping):
        raise TemplateError(f"operator {name}: equations must be text, a list or a mapping")
    known = ("replace", "remove", "append", "prepend", "add")
    for key, value in change.items():
        where = f"{place(key)}operator {name}, equations"
        if key not in known:
            raise TemplateError(f"{where}: unknown key {show(key)}.{nearest(key, known)}")
        if key == "replace" and not isinstance(value, Mapping):
            raise TemplateError(f"{where}: replace maps old text to new text")
        if key != "replace" and not all(isinstance(text, str) for text in as_list(value)):
            raise TemplateError(f"{where}: {key} takes text or a list of texts")
    swaps = [(old, str(new)) for old, new in change.get("replace", {}).items()]
    swaps += [(old, "") for old in as_list(change.get("remove", ()))]
    result = list(equations)
    for old, new in swaps:
        swapped = [_replace_tokens(text, str(old), new) for text in result]
        if swapped == result and str(old) != new:
            raise TemplateError(
                f"{place(old)}operator {name}: no equation holds {show(str(old))}: "
                + "; ".join(result)
            )
        result = swapped
    before, after = (" ".join(as_list(change.get(key, ()))) for key in ("prepend", "append"))
    if before or after:
        result = [_extend(text, before, after) for text in result]
    return (*result, *as_list(change.get("add", ())))


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, anything else as a list of one."""
    return list(value) if isinstance(value, list | tuple) else [value]


def _extend(text: str, before: str, after: str) -> str:
    """Write text before and after the right side of an equation."""
    left, equals, right = text.partition("#")[0].partition("=")
    parts = (left.rstrip(), equals, before, right.strip(), after)
    return Text.at(" ".join(part for part in parts if part), getattr(text, "place", ""))


def _replace_tokens(text: str, old: str, new: str) -> str:
    """Exchange every run of whole tokens `old` for the text `new`."""
    wanted = _TOKEN.findall(old)
    found = list(_TOKEN.finditer(text))
    pieces, last, k = [], 0, 0
    while wanted and k <= len(found) - len(wanted):
        if [token[0] for token in found[k : k + len(wanted)]] == wanted:
            pieces.append(text[last : found[k].start()] + new)
            k += len(wanted)
            last = found[k - 1].end()
        else:
            k += 1
    return Text.at("".join(pieces) + text[last:], getattr(text, "place", ""))
