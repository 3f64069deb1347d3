"""From a network to a model: states, parameters, and generated code for its derivatives.

The contract: `Model.rhs` and `Model.jacobian` are functions of plain numbers; the code they
run is generated from checked trees only, once for each structure, and is the same text
for scalar Python and for NumPy arrays.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from wclab.blocks import Network
from wclab.equations import SAFE_SCALAR, SCALAR, array_namespace
from wclab.errors import OptionError, PathError, SolverError, nearest, show
from wclab.jacobian import jacobian, state_vector
from wclab.latex import network_latex
from wclab.program import instantiate, make_program

Parameter = str | tuple[str, str]


class Model:
    """The differential equations of a circuit, as functions of plain numbers.

    Attributes
    ----------
    states : tuple of str
        Path of each state variable, in the order of `y0` and of `rhs`.
    y0 : ndarray, shape (n,)
        Initial values.
    parameters : mapping
        Path of every constant, and (source path, target path) of every edge without
        equations of its own, to its value.
    """

    def __init__(self, network: Network, values: Mapping[str, np.ndarray] | None = None) -> None:
        self.network = network
        self.program = make_program(network)
        self._values = dict(values or {})

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Path of each state variable."""
        return tuple(path for block in self.network.of_kind("state") for path in block.paths)

    @cached_property
    def y0(self) -> np.ndarray:
        """Initial values, shape (n,)."""
        parts = [self.values(block.name) for block in self.network.of_kind("state")]
        return np.concatenate(parts) if parts else np.zeros(0)

    @cached_property
    def parameters(self) -> dict[Parameter, float]:
        """Every constant by its path, every plain edge's weight by its two ends."""
        found: dict[Parameter, float] = {}
        for block in self.network.of_kind("constant"):
            found.update(zip(block.paths, self.values(block.name).tolist(), strict=False))
        for ends, places in self.network.weights.items():
            for name, position in places[:1]:
                found[ends] = float(self.values(name)[position])
        return found

    def values(self, name: str) -> np.ndarray:
        """Return the numbers of a block, shape (members,)."""
        return self._values.get(name, self.network.blocks[name].values)

    def with_parameters(self, values: Mapping[Parameter, float]) -> "Model":
        """Return a model with other parameters or initial values; the code is shared.

        Raises
        ------
        PathError
            If a key names neither a parameter nor a state.
        """
        changed = dict(self._values)
        for key, value in values.items():
            name, position = self._find(key)
            changed[name] = changed.get(name, self.network.blocks[name].values).copy()
            changed[name][position] = value
        model = object.__new__(Model)
        model.network, model.program, model._values = self.network, self.program, changed
        return model

    def _find(self, key: Parameter) -> tuple[str, int]:
        if isinstance(key, str) and key in self.network.where:
            name, position = self.network.where[key]
            if self.network.blocks[name].kind in ("constant", "state"):
                return name, position
            raise OptionError(f"{key!r} is set by its equation or by edges; it is no parameter")
        if key in self.network.weights:
            return self.network.weights[key][0]  # type: ignore[index]
        known = [str(k) for k in (*self.parameters, *self.states)]
        raise PathError(f"{show(key)} names no parameter.{nearest(key, known)}")

    def constants(self, *, column: bool = False) -> list[Any]:
        """Return the constants in the program's order: floats, or arrays where grouped.

        `column` gives arrays of shape (members, 1), to compute many moments at once.
        """
        if not self.network.grouped:
            return list(self._numbers)
        found: list[Any] = []
        for name in self.program.constants:
            matrix, values = self.network.blocks[name].matrix, self.values(name)
            found.append(matrix if matrix is not None else values[:, None] if column else values)
        return found

    @cached_property
    def _numbers(self) -> list[float]:
        return [float(self.values(name)[0]) for name in self.program.constants]

    def functions(
        self, source: str, *, array: bool | None = None, safe: bool = False, column: bool = False
    ) -> Any:
        """Return what the factory `source` builds for this model's numbers.

        `array` picks NumPy's functions instead of `math`'s; `safe` an ``exp`` that overflows
        to infinity instead of raising; `column` is for `constants`.
        """
        array = self.network.grouped if array is None else array
        namespace = array_namespace() if array else SAFE_SCALAR if safe else SCALAR
        try:
            with np.errstate(all="ignore"):
                constants = self.constants(column=column)
                return instantiate(source, constants, namespace, lazy=not array)
        except (ZeroDivisionError, OverflowError, ValueError) as error:
            zeros = [str(k) for k, v in self.parameters.items() if v == 0]
            raise SolverError(
                f"a term that depends on parameters only cannot be computed ({error}); "
                f"these are 0: {', '.join(zeros[:12]) or 'none'}"
            ) from None

    def function(
        self, name: str, returned: Sequence[str], *, fast: bool = False, **options: bool
    ) -> Any:
        """Return ``name(t, y, u, z)`` that gives the values of some code over block names."""
        inner = self.program.function(name, returned, fast=fast)
        return self.functions(self.program.factory(f"{inner}\nreturn {name}"), **options)

    @cached_property
    def field(self) -> Callable[..., tuple[Any, ...]]:
        """``field(t, y, u, z)``: the derivatives, one item per state block."""
        return self.function("field", self.program.rates, fast=True)

    @cached_property
    def safe_field(self) -> Callable[..., tuple[Any, ...]]:
        """As `field`, slower, with overflow to infinity instead of an exception."""
        return self.function("field", self.program.rates, fast=True, safe=True)

    @cached_property
    def algebraic(self) -> Callable[..., tuple[Any, ...]]:
        """``algebraic(t, y, u, z)``: the algebraic blocks at one moment."""
        return self.function("algebraic", [name for name, _ in self.program.body], array=True)

    @cached_property
    def observe(self) -> Callable[..., tuple[Any, ...]]:
        """As `algebraic` at many moments: the last axis of every argument is time."""
        names = [name for name, _ in self.program.body]
        return self.function("observe", names, array=True, column=True)

    @cached_property
    def sizes(self) -> list[int]:
        """Number of members of each state block."""
        return [len(block.paths) for block in self.network.of_kind("state")]

    def split(self, y: Any) -> list[Any]:
        """Cut a state vector into state blocks: floats, or arrays where grouped."""
        if not self.network.grouped:
            return y.tolist() if isinstance(y, np.ndarray) else list(y)
        return np.split(y, np.cumsum(self.sizes)[:-1])

    def join(self, rates: Sequence[Any]) -> np.ndarray:
        """Put block values together into one vector, shape (n,)."""
        if not self.network.grouped:
            return np.array(rates, dtype=float)
        return np.concatenate(
            [np.broadcast_to(rate, size) for rate, size in zip(rates, self.sizes, strict=True)]
        )

    def rhs(self, t: float, y: Any) -> np.ndarray:
        """Return the derivatives at time `t` and state `y`.

        Parameters
        ----------
        t : float
            Time (the unit of the template's time constants).
        y : array_like, shape (n,)
            One value per item of `states`.

        Returns
        -------
        ndarray, shape (n,)
            In units of the states per unit of time. Infinite or NaN where the equations
            have no finite value.

        Raises
        ------
        OptionError
            If the circuit has delays or driven inputs, or `y` is not that many numbers.
        """
        if not self.network.grouped:
            try:
                parts = y.tolist() if type(y) is np.ndarray else _floats(y)
                return np.array(self.field(t, parts, (), ()), float)
            except (ArithmeticError, TypeError, ValueError):
                pass  # what follows tells why, or computes with inf and NaN
        if self.program.delayed or self.program.drives:
            raise OptionError(
                "the derivative of a circuit with delays or inputs depends on more than the "
                "state; use run()"
            )
        return self.rates(t, state_vector(y, len(self.states)))

    def rates(
        self, t: float, y: np.ndarray, u: Sequence[Any] = (), z: Sequence[Any] = ()
    ) -> np.ndarray:
        """As `rhs`, unchecked, with values for the drives `u` and the delayed blocks `z`."""
        parts = self.split(y)
        try:
            with np.errstate(all="ignore"):
                return self.join(self.field(t, parts, u, z))
        except (OverflowError, ZeroDivisionError, ValueError):
            parts = list(y)  # NumPy's numbers divide by zero and overflow without raising
            return _safely(lambda: self.join(self.safe_field(t, parts, u, z)), len(self.states))

    def member(self, values: np.ndarray) -> Any:
        """Return the values of one block in the form the functions take: a float, or an array."""
        return values if self.network.grouped else float(values[0])

    def everything(
        self, t: float, y: np.ndarray, u: Sequence[Any], z: Sequence[Any]
    ) -> dict[str, Any]:
        """Return every state and algebraic block at one moment, by its name."""
        parts = self.split(y)
        names = [name for name, _ in self.program.body]
        with np.errstate(all="ignore"):
            values = self.algebraic(t, parts, u, z)
        return dict(zip([*self.program.states, *names], [*parts, *values], strict=True))

    def jacobian(self, y: Any, t: float = 0.0) -> np.ndarray:
        """Return the exact matrix of derivatives of `rhs` by the states.

        Parameters
        ----------
        y : array_like, shape (n,)
            State.
        t : float, optional
            Time, for equations that contain ``t``.

        Returns
        -------
        ndarray, shape (n, n)
            ``[i, j]`` is the derivative of rate i by state j, per unit of time.

        Raises
        ------
        OptionError
            As `rhs`.
        """
        return jacobian(self, t, y)

    def latex(self) -> str:
        """Return the equations as one LaTeX ``aligned`` block."""
        return network_latex(self.network)

    def __repr__(self) -> str:
        shown = [*self.states[:6], "..."][: len(self.states)]
        return f"<Model of {len(self.states)} states: {', '.join(shown)}>"


def _floats(y: Any) -> list[float]:
    """Return a list or a tuple as floats."""
    if type(y) not in (list, tuple):
        raise TypeError
    return [*map(float, y)]


def _safely(compute: Callable[[], np.ndarray], size: int) -> np.ndarray:
    """Return what `compute` gives, or NaN where the equations have no value."""
    try:
        with np.errstate(all="ignore"):
            return compute()
    except (OverflowError, ZeroDivisionError, ValueError):
        return np.full(size, math.nan)
