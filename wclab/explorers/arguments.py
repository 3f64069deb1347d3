"""What the explorers of a plane are asked for, read and checked."""

from collections.abc import Mapping, Sequence
from typing import Any

from wclab.errors import OptionError, PathError, nearest, show
from wclab.model import Model

LOW, HIGH = -0.15, (1.05, 0.55)  # of rates without and with a refractory term


def read_start(start: Sequence[Any]) -> tuple[float, float, bool]:
    """Return the place of a start, and whether its run goes backward."""
    x, y, *way = start
    return float(x), float(y), bool(way)


def two_of(states: tuple[str, ...], x: str | None, y: str | None) -> tuple[str, str]:
    """Return the paths of the two states that are shown."""
    if len(states) < 2:
        raise OptionError(
            "a phase plane needs two state variables; PhaseLine shows a circuit with one"
        )
    for path in (x, y):
        if path is not None and path not in states:
            raise PathError(f"{show(path)} names no state.{nearest(path, list(states))}")
    rest = [state for state in states if state not in (x, y)]
    first = x or rest.pop(0)
    second = y or rest.pop(0)
    if first == second:
        raise OptionError(f"x and y are the same state, {first}")
    return first, second


def read_box(
    box: Any, states: tuple[str, ...], shown: tuple[str, str], pair: bool
) -> tuple[dict[str, tuple[float, float]], list[tuple[float, float]] | None]:
    """Return the bounds by state, and those of all states if they are known."""
    if box is None:
        if not pair:
            raise OptionError(
                f"say what to show: box=[(low, high), (low, high)] of {shown[0]} and {shown[1]}"
            )
        return {}, None
    bounds = dict(box) if isinstance(box, Mapping) else dict(zip(shown, box, strict=True))
    for path in bounds:
        if path not in states:
            raise PathError(f"{show(path)} names no state.{nearest(path, list(states))}")
    clean = {path: (float(low), float(high)) for path, (low, high) in bounds.items()}
    complete = set(states) <= set(clean)
    return clean, [clean[path] for path in states] if complete else None


def slowest(model: Model) -> float:
    """Return the longest time constant, or 1 if none is called tau."""
    taus = [v for k, v in model.parameters.items() if isinstance(k, str) and "tau" in k]
    return float(max([*map(abs, taus), 0.0])) or 1.0


def pair_box(model: Model) -> list[tuple[float, float]]:
    """Return the bounds of a pair's rates: all that can be reached, and a margin."""
    parameters = model.parameters
    limits = (parameters.get(f"{path.rpartition('/')[0]}/k", 0.0) for path in model.states)
    return [(LOW, HIGH[k > 0]) for k in limits]
