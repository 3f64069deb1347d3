"""What every function of the phase plane is given: a circuit, read as a field on arrays.

The contract: `System.field` and `System.jacobian` take any number of states at once; both come
from the circuit's equations, the Jacobian by exact differentiation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol

import numpy as np

from wclab.equations import array_namespace
from wclab.errors import OptionError, TemplateTypeError, show
from wclab.model import Model, Parameter
from wclab.phaseplane.pair import Pair, read_pair
from wclab.phaseplane.structure import slopes, structure_of
from wclab.program import instantiate


class HasModel(Protocol):
    """A `wclab.CircuitTemplate`, or whatever else hands out a model."""

    def model(self) -> Model:
        """Return the differential equations."""


Circuit = HasModel | Model


@dataclass(frozen=True, eq=False)
class System:
    """An autonomous model; `values` are constants that differ from the model's, as arrays."""

    model: Model
    values: Mapping[str, np.ndarray]

    @property
    def states(self) -> tuple[str, ...]:
        """Path of each state."""
        return self.model.states

    @cached_property
    def constants(self) -> list[Any]:
        """The numbers of the constants, in the program's order."""
        pairs = zip(self.model.program.constants, self.model.constants(), strict=True)
        return [self.values.get(name, value) for name, value in pairs]

    @cached_property
    def pair(self) -> Pair | None:
        """The circuit as a pair of logistic populations, if it is one."""
        return read_pair(self.model, self.values)

    @cached_property
    def _field(self) -> Callable[..., tuple[Any, ...]]:
        inner = self.model.program.function("field", self.model.program.rates, fast=True)
        return self._build(self.model.program.factory(f"{inner}\nreturn field"))

    @cached_property
    def _slopes(self) -> Callable[..., tuple[Any, ...]]:
        return self._build(slopes(structure_of(self.model)))[1]

    def _build(self, source: str) -> Any:
        with np.errstate(all="ignore"):
            return instantiate(source, self.constants, array_namespace())

    def field(self, y: np.ndarray) -> np.ndarray:
        """Return the derivatives at states of shape (n, ...), in their shape."""
        with np.errstate(all="ignore"):
            rates = self._field(0.0, list(y), (), ())
        out = np.empty(y.shape)
        for k, rate in enumerate(rates):
            out[k] = rate
        return out

    def jacobian(self, y: np.ndarray) -> np.ndarray:
        """Return the exact Jacobians at states of shape (n, ...): shape (n, n, ...)."""
        return self.linear(y)[1]

    def linear(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the derivatives and their Jacobians."""
        with np.errstate(all="ignore"):
            entries = self._slopes(list(y))
        size = len(y)
        out = np.empty((size * (size + 1), *y.shape[1:]))
        for k, entry in enumerate(entries):
            out[k] = entry
        out = out.reshape(size, size + 1, *y.shape[1:])
        return out[:, 0], out[:, 1:]


def read_system(circuit: Circuit, values: Mapping[Parameter, Any] | None = None) -> System:
    """Check that a circuit has a phase space, and return it as a `System`.

    Parameters
    ----------
    circuit : CircuitTemplate or Model
        Without delays, driven inputs or equations that contain the time.
    values : mapping, optional
        Path of a constant, or (source, target) of an edge, to an array of numbers.

    Raises
    ------
    TemplateTypeError
        If it is neither a circuit nor a model.
    OptionError
        If its derivatives depend on more than its state; says why and what to do.
    PathError
        If a key names no parameter.
    """
    model = read_model(circuit)
    plain = _read(model)
    if not values:
        return plain
    found: dict[str, np.ndarray] = {}
    for key, numbers in values.items():
        name, _ = model._find(key)
        if model.network.blocks[name].kind == "state":
            raise OptionError(
                f"{show(key)} is a state: it has no value to set in the phase plane. Give its "
                "start to trajectories()"
            )
        found[name] = np.asarray(numbers, dtype=float)
    return System(model, found)


def read_model(circuit: Circuit) -> Model:
    """Return a circuit's model, if its derivatives depend on its state alone.

    Raises
    ------
    TemplateTypeError
        If it is neither a circuit nor a model.
    OptionError
        If the circuit has delays, equations with ``t``, driven inputs or noise, or no state.
    """
    model = circuit if isinstance(circuit, Model) else getattr(circuit, "model", None)
    if model is None:
        raise TemplateTypeError(f"a CircuitTemplate or a Model is needed, not {show(circuit)}")
    return _read(model if isinstance(model, Model) else model()).model


@lru_cache(maxsize=16)
def _read(model: Model) -> System:
    """Check a model; what is derived from it is kept for the next question about it."""
    program, network = model.program, model.network
    if program.delayed:
        past = network.of_kind("delayed")[0].source
        where = network.blocks[past].paths[:1]
        raise OptionError(
            f"the circuit has delays (of {where[0] if where else past}): its derivatives depend on "
            "the past, so that its states are no points of a space. Use edges without delay, or a "
            "spread= instead, which is a chain of differential equations; or follow the circuit "
            "with run()"
        )
    if program.drives:
        drives = {block.name for block in network.of_kind("drive")}
        fed = [path for path, (name, _) in network.where.items() if name in drives]
        raise OptionError(
            f"{', '.join(fed) or 'a variable'} is fed by a run's input or noise, which changes in "
            "time: there is no state of rest. Give it a constant value with "
            "with_vars({'e/se_op/r_ext': 1.0}), or sweep over runs"
        )
    if program.uses_time:
        raise OptionError(
            "an equation of this circuit contains the time t: its derivatives change while its "
            "state holds still. Replace t by a parameter, and look at one moment after another; or "
            "use run()"
        )
    if network.grouped or any(block.matrix is not None for block in network.blocks.values()):
        raise OptionError("the model runs as arrays: give the circuit, or circuit.model()")
    if not model.states:
        raise OptionError("the circuit has no differential equation: nothing in it changes")
    return System(model, {})


def need_states(system: System, count: int, what: str) -> None:
    """Refuse a circuit with another number of states."""
    n = len(system.states)
    if n != count:
        other = {
            1: "phase_line() draws one state",
            2: "nullclines() and vector_field() draw two",
        }.get(
            n,
            "nullclines() and vector_field() draw two of them where told which: "
            "states=(path, path), hold={path: value}; trajectories() takes any number",
        )
        shown = ", ".join(system.states[:6]) + (", ..." if n > 6 else "")
        raise OptionError(
            f"{what} needs a circuit with {count} state variable{'s' * (count > 1)}, and this one "
            f"has {n} ({shown}); {other}"
        )


def read_box(box: Any, states: Sequence[str]) -> np.ndarray:
    """Return a box as an array of shape (states, 2), checked.

    Raises
    ------
    OptionError
        If its shape does not fit, or a lower bound is not below its upper bound.
    """
    n = len(states)
    try:
        bounds = np.asarray(box, dtype=float)
    except (TypeError, ValueError):
        raise OptionError(f"a box holds numbers, not {show(box)}") from None
    if n == 1 and bounds.shape == (2,):
        bounds = bounds[None]
    if bounds.shape != (n, 2):
        example = ", ".join(["(-0.1, 0.6)"] * n)
        raise OptionError(
            f"a box has a lower and an upper bound for each of the {n} states, such as [{example}];"
            f" this one has shape {bounds.shape}"
        )
    for state, (low, high) in zip(states, bounds.tolist(), strict=True):
        if not (np.isfinite(low) and np.isfinite(high)):
            raise OptionError(f"the bounds of {state} must be finite: {low:g}, {high:g}")
        if not low < high:
            raise OptionError(
                f"the box is turned inside out: for {state} the lower bound {low:g} is not below "
                f"the upper bound {high:g}"
            )
    return bounds
