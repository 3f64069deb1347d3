"""The cell that makes an explorer again, as it is on the screen."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

from wclab.explorers.controls import Slider


def explorer_code(kind: type, circuit: str, settings: Mapping[str, Any]) -> str:
    """Return the cell for one of wclab's explorers; arguments at their default are left out."""
    usual = inspect.signature(kind).parameters
    arguments = [
        f"{key}={short(value)}"
        for key, value in settings.items()
        if value != getattr(usual.get(key), "default", inspect.Parameter.empty)
    ]
    names = (
        [kind.__name__, "Slider"]
        if any("Slider(" in text for text in arguments)
        else [kind.__name__]
    )
    lines = [f"from wclab.explorers import {', '.join(names)}"]
    if circuit:
        arguments.insert(0, "circuit")
        lines = ["from wclab import CircuitTemplate", *lines, circuit]
    return "\n".join([*lines, f"{kind.__name__}({', '.join(arguments)})"])


def own_code(function: str, circuit: str, values: Mapping[Any, float]) -> str:
    """Return the cell for an explorer of the user's own function."""
    given = ", circuit=circuit" if circuit else ""
    lines = ["from wclab import CircuitTemplate"] if circuit else []
    lines += [
        "from wclab.explorers import Explorer",
        *([circuit] if circuit else []),
        f"# {function} and sliders: as where they were defined",
        f"explorer = Explorer({function}, sliders=sliders{given})",
        f"explorer.set({short(dict(values))})",
        "explorer",
    ]
    return "\n".join(lines)


def circuit_code(path: str | None, paths: Mapping[str, float], edges: Sequence[Any]) -> str:
    """Return the lines that load a circuit and change its numbers."""
    lines = [
        f'circuit = CircuitTemplate.from_yaml("{path}")'
        if path
        else "circuit = circuit  # as where it was made"
    ]
    given = [short(dict(paths))] if paths else []
    given += [f"edge_vars={short(list(edges))}"] if edges else []
    if given:
        lines.append(f"circuit = circuit.with_vars({', '.join(given)})")
    return "\n".join(lines)


def short(value: Any) -> str:
    """Return a value as code, numbers without digits that mean nothing."""
    if isinstance(value, Slider):
        return _slider(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {short(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        inside = ", ".join(map(short, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' * (len(value) == 1)})"
    if isinstance(value, float):
        return repr(float(f"{value:.12g}"))
    return repr(value)


def _slider(slider: Slider) -> str:
    """Return a slider as code: its key and range, and what is not the default."""
    arguments = [short(slider.key), short(slider.low), short(slider.high)]
    for one in fields(slider)[3:]:
        value = getattr(slider, one.name)
        if one.default is MISSING or value != one.default:
            arguments.append(f"{one.name}={short(value)}")
    return f"Slider({', '.join(arguments)})"
