"""Two states of a circuit as a plane of their own, while its other states are held.

The contract: a `Section` has `field` and `linear` of a `System` with two states; they are those
entries of the whole circuit's at the values that are held.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wclab.errors import OptionError, PathError, nearest, show
from wclab.phaseplane.points import FixedPoint
from wclab.phaseplane.system import Circuit, System, need_states, read_system


@dataclass(frozen=True, eq=False)
class Section:
    """A plane through the states of a system: `shown` counts its two axes, `at` is shape (n,)."""

    system: System
    shown: tuple[int, int]
    at: np.ndarray
    pair: None = None

    @property
    def states(self) -> tuple[str, ...]:
        """Path of each of the two states."""
        return tuple(self.system.states[k] for k in self.shown)

    def _whole(self, y: np.ndarray) -> np.ndarray:
        shape = (len(self.at), *y.shape[1:])
        whole = np.broadcast_to(self.at.reshape(-1, *[1] * (y.ndim - 1)), shape).copy()
        whole[list(self.shown)] = y
        return whole

    def field(self, y: np.ndarray) -> np.ndarray:
        """Return both derivatives at states of shape (2, ...), in their shape."""
        return self.system.field(self._whole(y))[list(self.shown)]

    def linear(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return both derivatives, and their derivatives by both states, shape (2, 2, ...)."""
        value, matrix = self.system.linear(self._whole(y))
        return value[list(self.shown)], matrix[np.ix_(self.shown, self.shown)]


def read_plane(
    circuit: Circuit,
    states: Sequence[str] | None,
    hold: Mapping[str, float] | FixedPoint | None,
    what: str,
) -> System | Section:
    """Return the plane of two states of a circuit: all it has, or those that are named.

    Raises
    ------
    OptionError
        If the circuit has more states and none are named, or what is named does not fit.
    PathError
        If a path in `states` or `hold` is no state.
    """
    system = read_system(circuit)
    if states is None and hold is None:
        need_states(system, 2, what)
        return system
    if states is None:
        raise OptionError(
            "hold= gives values to the states that are not drawn; say which two are: "
            f"states=({system.states[0]!r}, ...)"
        )
    if isinstance(states, str) or len(states) != 2:
        raise OptionError(f"states= names two states, the axes of the plane, not {show(states)}")
    shown = _place(system, states[0]), _place(system, states[1])
    if shown[0] == shown[1]:
        raise OptionError(f"states= names {states[0]!r} twice; a plane has two different axes")
    at = _held(system, tuple(states), hold)
    return system if len(at) == 2 and shown == (0, 1) else Section(system, shown, at)


def _held(
    system: System, shown: tuple[str, ...], hold: Mapping[str, float] | FixedPoint | None
) -> np.ndarray:
    """Return where each state is held, shape (n,); the shown ones are at their initial values."""
    at = system.model.y0.copy()
    if isinstance(hold, FixedPoint):
        if hold.states != system.states:
            raise OptionError("hold= is a fixed point of a circuit with other states")
        return hold.state.copy()
    if hold is not None and not isinstance(hold, Mapping):
        raise OptionError(
            f"hold= is {{path: value}} or a fixed point of the circuit, not {show(hold)}"
        )
    for path, value in (hold or {}).items():
        place = _place(system, path)
        if path in shown:
            raise OptionError(f"{path!r} is an axis of the plane and cannot be held; leave it out")
        try:
            at[place] = float(value)
        except (TypeError, ValueError):
            raise OptionError(f"{path!r} is held at a number, not at {show(value)}") from None
        if not np.isfinite(at[place]):
            raise OptionError(f"{path!r} must be held at a finite value, not {value}")
    return at


def _place(system: System, path: Any) -> int:
    if path in system.states:
        return system.states.index(path)
    if isinstance(path, str) and path in system.model.network.where:
        raise OptionError(f"{path!r} is no state; the states are: {', '.join(system.states)}")
    raise PathError(f"{show(path)} names no state.{nearest(path, system.states)}")
