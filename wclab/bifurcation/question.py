"""What is asked, checked: the circuit, the parameter that varies, its range."""

from typing import Any

import numpy as np

from wclab.errors import OptionError, PathError, nearest, show
from wclab.model import Model, Parameter


def title(varied: Parameter) -> str:
    """Return a parameter's name for a sentence or an axis."""
    return varied if isinstance(varied, str) else " -> ".join(varied)


def block_of(model: Model, varied: Parameter) -> str:
    """Return the constant block that a parameter stands for.

    Raises
    ------
    PathError
        If there is no such parameter; names the nearest.
    OptionError
        If it is a state or is set by an equation.
    """
    if isinstance(varied, list):
        varied = (str(varied[0]), str(varied[-1]))
    if isinstance(varied, tuple):
        places = model.network.weights.get(varied)
        if places is None:
            known = [title(ends) for ends in model.network.weights]
            shown = title(varied) if all(isinstance(v, str) for v in varied) else show(varied)
            raise PathError(f"the circuit has no edge {shown}.{nearest(shown, known)}")
        if len(places) > 1:
            raise OptionError(f"{len(places)} edges lead from {' to '.join(varied)}; join them")
        return places[0][0]
    if not isinstance(varied, str):
        raise OptionError(f"a parameter is a path or (source, target), not {show(varied)}")
    if varied not in model.network.where:
        known = [key for key in model.parameters if isinstance(key, str)]
        raise PathError(f"{show(varied)} names no parameter.{nearest(varied, known)}")
    name, _ = model.network.where[varied]
    kind = model.network.blocks[name].kind
    if kind == "state":
        raise OptionError(f"{varied!r} is a state: where it starts moves no state of rest")
    if kind != "constant":
        raise OptionError(f"{varied!r} is set by its equation or by edges; it is no parameter")
    return name


def check_range(limits: Any, name: str = "range") -> tuple[float, float]:
    """Return (low, high) as two floats.

    Raises
    ------
    OptionError
        If they are not two finite numbers, or not in this order.
    """
    try:
        low, high = (float(value) for value in limits)
    except (TypeError, ValueError):
        raise OptionError(f"{name} must be two numbers (low, high), not {show(limits)}") from None
    if not (np.isfinite(low) and np.isfinite(high)):
        raise OptionError(f"{name} must be finite, not ({low:g}, {high:g})")
    if low >= high:
        raise OptionError(
            f"{name} is turned inside out: {low:g} is not below {high:g}. Write (low, high)"
        )
    return low, high
