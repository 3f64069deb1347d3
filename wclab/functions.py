"""A circuit's derivatives and Jacobian as bare functions, for solvers of one's own.

The form is that of PyRates: a function, its arguments, their names, and where each state
stands in the vector.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wclab.engines.compiled import obstacle
from wclab.engines.kernels import deriving
from wclab.engines.task import Task
from wclab.errors import OptionError
from wclab.inputs import Signal
from wclab.jacobian import jacobian_at
from wclab.model import Model

RunFunction = tuple[Callable[..., np.ndarray], tuple[Any, ...], tuple[str, ...], dict[str, int]]


def run_function(model: Model, signals: Sequence[Signal], step: float) -> RunFunction:
    """Return ``func(t, y, dy, *parameters)``, which fills and returns `dy`."""
    changed = _Changing(model)

    def func(t: float, y: np.ndarray, dy: np.ndarray, *parameters: float) -> np.ndarray:
        dy[:] = changed(parameters).rates(t, y, _drives(signals, t, step))
        return dy

    start = (0.0, model.y0.copy(), np.zeros(len(model.y0)), *model.parameters.values())
    return func, start, ("t", "y", "dy", *_names(model)), _indices(model)


def compiled_function(model: Model, signals: Sequence[Signal], step: float) -> RunFunction:
    """As `run_function`, in machine code; `y` and `dy` must be contiguous arrays of float64.

    A call with the arrays of the last call costs least: their addresses are known.
    """
    if why := obstacle(Task(model, signals, step, 1, 1)):
        raise OptionError(f"backend='compiled' cannot run this: {why}")
    from wclab.engines.compiler import compile_kernel, pointer

    program, changed = model.program, _Changing(model)
    derive = compile_kernel(deriving(program), ("float", *("lanes",) * 3)).function
    fixed = "".join(f"{name}, " for name in (*program.constants, *dict(program.hoisted)))
    factory = program.factory(f"return ({fixed})")
    numbers = np.array([*model.functions(factory), *(0.0 for _ in signals)])
    constants, drives = np.split(numbers, [len(numbers) - len(signals)])
    shape = model.y0.shape
    given: tuple[float, ...] = ()
    last: tuple[Any, Any] = None, None
    at_numbers, at_y, at_dy = pointer(numbers), None, None

    def func(t: float, y: np.ndarray, dy: np.ndarray, *parameters: float) -> np.ndarray:
        nonlocal last, at_y, at_dy, given
        if last[0] is not y or last[1] is not dy:
            if np.shape(y) != shape or np.shape(dy) != shape:
                raise OptionError(f"y and dy must be arrays of shape {shape}")
            at_y, at_dy = pointer(y), pointer(dy)
            last = y, dy  # kept, so that the addresses stay theirs
        if parameters != given:
            constants[:] = changed(parameters).functions(factory)
            given = parameters
        if signals:
            drives[:] = _drives(signals, t, step)
        derive(t, at_numbers, at_y, at_dy)
        return dy

    start = (0.0, model.y0.copy(), np.zeros(len(model.y0)), *model.parameters.values())
    return func, start, ("t", "y", "dy", *_names(model)), _indices(model)


def jacobian_function(model: Model, signals: Sequence[Signal], step: float) -> RunFunction:
    """Return ``func(t, y, *parameters)``, which returns the exact Jacobian, shape (n, n)."""
    changed = _Changing(model)

    def func(t: float, y: np.ndarray, *parameters: float) -> np.ndarray:
        y = np.asarray(y, dtype=float)
        return jacobian_at(changed(parameters), t, y, _drives(signals, t, step))

    start = (0.0, model.y0.copy(), *model.parameters.values())
    return func, start, ("t", "y", *_names(model)), _indices(model)


class _Changing:
    """A model whose parameters may differ from call to call."""

    def __init__(self, model: Model) -> None:
        self.first = self.model = model
        self.values = tuple(model.parameters.values())

    def __call__(self, values: tuple[float, ...]) -> Model:
        """Return the model with these parameters; none stands for its own."""
        if not values:
            return self.first
        if values != self.values:
            changes: Mapping[Any, float] = dict(zip(self.model.parameters, values, strict=True))
            self.model, self.values = self.first.with_parameters(changes), values
        return self.model


def _drives(signals: Sequence[Signal], t: float, step: float) -> list[Any]:
    k = int(t / step + 1e-9)
    return [s.held(k) if s.function is None else s.function(t) for s in signals]


def _names(model: Model) -> list[str]:
    return [k if isinstance(k, str) else f"{k[0]}->{k[1]}/weight" for k in model.parameters]


def _indices(model: Model) -> dict[str, int]:
    return {path: k for k, path in enumerate(model.states)}
