"""YAML text to plain Python values that know the line they came from.

Reads YAML 1.2 (core schema) on top of PyYAML's parser: ``1e-3`` is a number, ``on`` is a
string, a key given twice is an error, and nothing is constructed but dict, list, str, int,
float, bool and None. Size, nesting and the expansion of aliases are bounded.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from wclab.errors import PathError, TemplateError, show

MAX_BYTES = 5_000_000  # of a file
MAX_VALUES = 1_000_000  # in a file, aliases expanded
MAX_DEPTH = 60  # nested lists and mappings

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?")
_WORDS: dict[str, float | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WORDS |= {sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf")}
_WORDS |= {".nan": float("nan"), ".NaN": float("nan")}
_HINTS = {
    "could not find expected ':'": "write 'name: value', with a space after the colon",
    "mapping values are not allowed": "put text that holds ': ' in quotes, and indent evenly",
    "did not find expected key": "indent all entries of one level by the same number of spaces",
    "unexpected end of stream": "a quotation mark or bracket is not closed",
    "did not find expected ',' or": "a bracket is not closed on the line above",
    "found another document": "a file holds one document; remove the line '---'",
}
_PLAIN_TAGS = ("bool", "float", "int", "map", "merge", "null", "seq", "str", "timestamp", "value")


class Text(str):
    """A string that knows its place, as in ``"wilsoncowan.yaml, line 14"``."""

    place: str = ""

    @classmethod
    def at(cls, value: str, place: str) -> "Text":
        """Return `value` with its place."""
        text = cls(value)
        text.place = place
        return text


def place(value: object) -> str:
    """Return the place of a value as the start of a message, or nothing."""
    where = getattr(value, "place", "")
    return f"{where}, " if where else ""


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file into a dict with `Text` keys.

    Parameters
    ----------
    path : pathlib.Path
        An existing file in UTF-8. It is read anew on every call.

    Returns
    -------
    dict
        The top-level mapping; do not change it, it is shared between calls.

    Raises
    ------
    TemplateError
        With file and line, if the text is not YAML, holds a key twice, is larger than
        `MAX_BYTES`, or expands beyond `MAX_VALUES` or `MAX_DEPTH`.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise TemplateError(f"{path.name}: larger than {MAX_BYTES:,} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise PathError(f"{path}: cannot be read ({error.strerror})") from None
    return _read(path.name, content)


@lru_cache(maxsize=64)
def _read(name: str, content: bytes) -> dict[str, Any]:
    try:
        root = yaml.compose(content.decode("utf-8"), Loader=_LOADER)
        value = _Builder(name).build(root, 0)[0] if root is not None else {}
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        hint = _hint(str(error.problem), error.problem_mark, content)
        raise TemplateError(f"{name}{line}: not valid YAML: {error.problem}{hint}") from None
    except UnicodeDecodeError as error:
        line = f", line {content.count(bytes([10]), 0, error.start) + 1}"
        raise TemplateError(
            f"{name}{line}: not text in UTF-8; save the file with the encoding UTF-8"
        ) from None
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, TemplateError):
            raise
        raise TemplateError(f"{name}: not valid YAML: {str(error)[:200]}") from None
    except RecursionError:
        raise TemplateError(f"{name}: nested too deeply") from None
    if not isinstance(value, dict):
        raise TemplateError(
            f"{name}: a template file maps names to templates (NAME: base: ...), "
            f"but this one holds {show(value)}"
        )
    return value


def _hint(problem: str, mark: Any, content: bytes) -> str:
    """Say what most often causes an error of PyYAML's."""
    lines = content.decode("utf-8", "replace").splitlines()
    if mark is not None and mark.line < len(lines) and "\t" in lines[mark.line]:
        return " (indent with spaces, not tabs)"
    return next((f" ({hint})" for known, hint in _HINTS.items() if known in problem), "")


class _Builder:
    """Turns composed YAML nodes into values, each alias once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.done: dict[int, tuple[Any, int]] = {}
        self.open: set[int] = set()

    def error(self, node: yaml.Node, why: str) -> TemplateError:
        return TemplateError(f"{self.name}, line {node.start_mark.line + 1}: {why}")

    def build(self, node: yaml.Node, depth: int) -> tuple[Any, int]:
        """Return the value of a node and how many values it expands to."""
        if id(node) in self.open:
            raise self.error(node, "an alias contains itself")
        if depth > MAX_DEPTH:
            raise self.error(node, f"nested deeper than {MAX_DEPTH} levels")
        if id(node) not in self.done:
            self.open.add(id(node))
            self.done[id(node)] = self._value(node, depth)
            self.open.discard(id(node))
        return self.done[id(node)]

    def _value(self, node: yaml.Node, depth: int) -> tuple[Any, int]:
        tag = node.tag.removeprefix("tag:yaml.org,2002:")
        if tag not in _PLAIN_TAGS:
            raise self.error(node, f"the tag {show(node.tag)} is not allowed")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node), 1
        size = 1
        if isinstance(node, yaml.SequenceNode):
            items = []
            for child in node.value:
                value, count = self.build(child, depth + 1)
                size = self._count(node, size + count)
                items.append(value)
            return items, size
        mapping: dict[str, Any] = {}
        for key, child in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self.error(key, "a key must be a plain word")
            if key.value in mapping:
                raise self.error(key, f"the key {show(key.value)} is given twice")
            if key.value == "<<" and not key.style:
                raise self.error(key, "'<<' is not part of YAML 1.2; build on a template by base:")
            value, count = self.build(child, depth + 1)
            size = self._count(node, size + count)
            mapping[self._text(key)] = value
        return mapping, size

    def _count(self, node: yaml.Node, size: int) -> int:
        if size > MAX_VALUES:
            raise self.error(node, f"aliases expand to more than {MAX_VALUES:,} values")
        return size

    def _text(self, node: yaml.ScalarNode) -> Text:
        return Text.at(node.value, f"{self.name}, line {node.start_mark.line + 1}")

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        if node.style in ('"', "'", "|", ">"):
            return self._text(node)
        if node.value in _WORDS:
            return _WORDS[node.value]
        if _NUMBER.fullmatch(node.value):
            number = float(node.value)
            return int(number) if node.value.lstrip("+-").isdigit() and number < 1e15 else number
        return self._text(node)
