"""What a template declares of one variable, and the helpers that check names.

The contract: a `Variable` is a kind and one finite number.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from wclab.errors import PathError, TemplateError, nearest, show
from wclab.templates.reader import place

T = TypeVar("T")

KINDS = ("input", "output", "variable", "constant")
_DECLARATION = re.compile(r"(\w++)\s*+(?:\((.*)\))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Variable:
    """What a template declares of one variable: its kind, and a number.

    The number is the value of a constant, the value of an input that nothing feeds, or
    the initial value of a variable with a differential equation.
    """

    kind: str
    value: float

    def __str__(self) -> str:
        return repr(self.value) if self.kind == "constant" else f"{self.kind}({self.value!r})"

    @classmethod
    def declare(cls, declaration: object) -> "Variable":
        """Read a declaration: a number, ``input``, ``output(0.5)``, or a dict of them."""
        if isinstance(declaration, Variable):
            return declaration
        if isinstance(declaration, Mapping):
            return cls._from_mapping(declaration)
        if not isinstance(declaration, str):
            return cls("constant", number(declaration))
        match = _DECLARATION.fullmatch(declaration.strip())
        if match is None or match[1] not in KINDS:
            word = re.match(r"[^\W\d]++", declaration.strip())
            if word is not None and word[0].lower() not in ("inf", "infinity", "nan"):
                raise TemplateError(
                    f"{show(declaration)} is neither a number nor input, output or variable."
                    f"{nearest(word[0], KINDS[:3])}"
                )
            return cls("constant", number(declaration))
        inner = (match[2] or "").strip()
        if inner in ("complex", "complex64", "complex128"):
            number("1j")  # raises, with the advice for complex numbers
        return cls(match[1], 0.0 if inner in ("", "float") else number(inner))

    @classmethod
    def _from_mapping(cls, declaration: Mapping[str, Any]) -> "Variable":
        known = ("vtype", "dtype", "shape", "value", "default")
        for key in declaration:
            if key not in known:
                raise TemplateError(f"unknown key {show(key)}.{nearest(key, known)}")
        if "default" in declaration:
            return cls.declare(declaration["default"])
        kind = {"state_var": "variable", "input_var": "input"}.get(
            vtype := str(declaration.get("vtype", "constant")), vtype
        )
        if kind not in KINDS:
            raise TemplateError(f"unknown vtype {show(vtype)}.{nearest(vtype, KINDS)}")
        if "complex" in str(declaration.get("dtype", "")):
            number("1j")
        return cls(kind, number(declaration.get("value", 0.0)))

    def with_value(self, value: object) -> "Variable":
        """Return the same kind of variable with another number."""
        new = Variable.declare(value)
        return new if isinstance(value, str) and new.kind != "constant" else replace(
            self, value=new.value
        )  # fmt: skip


def number(value: object) -> float:
    """Return a finite float from a number, a numeric string or an array of one number."""
    text = str(value).strip() if isinstance(value, str) else value
    if isinstance(value, complex) or (isinstance(text, str) and _is_complex(text)):
        raise TemplateError(
            f"{show(value)}: complex numbers are not supported; write one equation for the "
            "real and one for the imaginary part"
        )
    if getattr(value, "size", 1) != 1:
        raise TemplateError(f"a variable is one number, not an array of {value.size}")  # type: ignore[attr-defined]
    try:
        if value is None or isinstance(value, bool):
            raise TypeError
        result = float(value.item() if hasattr(value, "item") else text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise TemplateError(f"{show(value)} is not a number{_advice(value)}") from None
    if not math.isfinite(result):
        raise TemplateError(f"{show(value)} is not a finite number")
    return result


def _advice(value: object) -> str:
    if value is None:
        return "; write one after the colon"
    if isinstance(value, str) and re.search(r"\d", value):
        return "; write it like 10.0 or 1e-3, without a unit, a comma or a formula"
    return ""


def _is_complex(text: str) -> bool:
    return re.fullmatch(r"[-+\d.eE()\s]+[jJ]\)?", text) is not None


def check_name(name: object, kind: str) -> None:
    """Refuse a name that a path could not hold."""
    if not isinstance(name, str) or not name.strip() or "/" in name:
        raise TemplateError(
            f"{place(name)}{show(name)} cannot name a {kind}: give text without '/'"
        )


def lookup(known: Mapping[str, T], name: object, owner: str, kind: str) -> T:
    """Return ``known[name]``, or raise a `PathError` that lists what exists."""
    try:
        return known[name]  # type: ignore[index]
    except (KeyError, TypeError):
        raise PathError(
            f"{place(name)}{owner} has no {kind} {show(name)}.{nearest(name, known)}"
        ) from None
