"""What a run is to an engine: a model, what drives it, and the times of its rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import numpy as np

from wclab.errors import OptionError, SolverError
from wclab.inputs import Signal
from wclab.model import Model

CHUNK = 16_384  # steps between two looks at the clock and at the numbers


@dataclass(frozen=True, eq=False)
class Task:
    """A model to integrate from t = 0.

    `signals` has one entry per drive of the model's program. Row i of the result is the
    state at ``i * every * step``. `report` is called with the number of rows done. `delayed`
    tells whether what delays read is wanted too.
    """

    model: Model
    signals: Sequence[Signal]
    step: float
    every: int
    rows: int
    report: Callable[[int], None] = lambda _: None
    delayed: bool = True

    @property
    def times(self) -> np.ndarray:
        """Time of each row, shape (rows,)."""
        return np.arange(self.rows) * self.every * self.step

    def cut(self, parts: int) -> "Task":
        """Return the same run with each step cut into equal parts."""
        signals = [replace(signal, hold=signal.hold * parts) for signal in self.signals]
        return replace(self, signals=signals, step=self.step / parts, every=self.every * parts)

    def delays(self) -> np.ndarray:
        """Return all different delays, the shortest first."""
        blocks = self.model.network.blocks
        parts = [blocks[name].values for name in self.model.program.delayed]
        return np.unique(np.concatenate([np.zeros(0), *parts]))

    def lags(self) -> list[np.ndarray]:
        """Return each delayed block's delays in steps; a whole number of steps is exact."""
        found = []
        for name in self.model.program.delayed:
            lag = self.model.network.blocks[name].values / self.step
            near = np.round(lag)
            lag = np.where(np.abs(lag - near) < 1e-9 * np.maximum(near, 1.0), near, lag)
            if np.any(lag < 1):
                delay = float(self.model.network.blocks[name].values.min())
                raise OptionError(
                    f"a delay of {delay:g} is shorter than the step of {self.step:g}: use "
                    f'step_size={delay:g} or less, or solver="scipy"'
                )
            found.append(lag)
        return found

    def drives(self, t: float, k: int) -> list[Any]:
        """Return the value of each drive at time `t` in step `k`."""
        return [
            signal.held(k) if signal.function is None else np.asarray(signal.function(t), float)
            for signal in self.signals
        ]

    def initial_sources(self) -> dict[str, np.ndarray]:
        """Return the value before t = 0 of each variable that is read with a delay.

        A state's is its initial value; any other variable's what its equation gives at
        t = 0.
        """
        model, program = self.model, self.model.program
        sources = dict.fromkeys(model.network.blocks[name].source for name in program.delayed)
        values = {name: model.values(name) for name in (*program.states, *sources)}
        blocks = [model.network.blocks[name] for name in program.delayed]
        states = [values[name] for name in program.states]
        drives = self.drives(0.0, 0) if sources else []
        for _ in blocks:  # a chain of delays settles in as many rounds as it has links
            delayed = [values[block.source][block.index] for block in blocks]
            found = model.algebraic(0.0, states, drives, delayed)
            for (name, _code), value in zip(program.body, found, strict=True):
                if name in values:
                    values[name] = np.broadcast_to(value, values[name].shape)
        return {name: values[name] for name in sources}


@dataclass(frozen=True, eq=False)
class Trace:
    """What an engine returns.

    `states` has shape (rows, states); `delayed` one array (rows, width) per delayed block,
    or none if the task does not want them.
    """

    states: np.ndarray
    delayed: Sequence[np.ndarray]


def blown_up(task: Task, states: np.ndarray, first_row: int, solver: str) -> NoReturn:
    """Raise the error for rows that are not finite; the first of them is `first_row`."""
    blocks = task.model.network.blocks
    delayed = [blocks[name] for name in task.model.program.delayed]
    sources = [blocks[block.source].paths[k] for block in delayed for k in block.index]
    bad = np.argwhere(~np.isfinite(states))
    row, column = (int(bad[0][0]), int(bad[0][1])) if len(bad) else (0, 0)
    k = (first_row + row) * task.every
    raise SolverError(
        f"{[*task.model.states, *sources][column]} left every bound at or before t = "
        f"{k * task.step:g} (step {task.step:g}, {solver}). {advice(task, k - task.every)}"
    )


def advice(task: Task, k: int) -> str:
    """Say what to try when a fixed step fails in the row after step `k`."""
    for signal, drive in zip(task.signals, task.model.program.drives, strict=True):
        for half in range(2 * min(task.every, 1_000) + 1) if signal.function else ():
            t = (max(k, 0) + half / 2) * task.step
            if not is_finite(signal, t):
                return f"The function that drives {driven(task, drive)} is not finite at t = {t:g}."
    taus = [
        value
        for path, value in task.model.parameters.items()
        if isinstance(path, str) and path.rpartition("/")[2].startswith("tau") and value > 0
    ]
    shortest = min(taus, default=0.0)
    step = f"a step below tau/10 = {shortest / 10:g}" if shortest else "a shorter step"
    if shortest >= 10 * task.step:
        step = "a shorter step (this one is below tau/10 already)"
    return (
        f'Try {step}, or solver="scipy"; if it stays so, the solution itself grows without bound.'
    )


def suspect(task: Task, t: float, y: Any) -> str:
    """Say what is likely to have made an adaptive run fail at time `t` and state `y`."""
    for signal, drive in zip(task.signals, task.model.program.drives, strict=True):
        if not is_finite(signal, t):
            return f"The function that drives {driven(task, drive)} is not finite there"
    largest = int(np.argmax(np.where(np.isnan(y), np.inf, np.abs(y))))
    return f"The largest state was {task.model.states[largest]} = {y[largest]:.3g}"


def is_finite(signal: Signal, t: float) -> bool:
    """Tell whether a signal's function has a finite value at time `t`."""
    try:
        return signal.function is None or bool(np.all(np.isfinite(signal.function(t))))
    except (ArithmeticError, ValueError):
        return False


def driven(task: Task, drive: str) -> str:
    """Return the path of the (first) variable that a drive feeds."""
    blocks = task.model.network.blocks
    return blocks[blocks[drive].source].paths[0]


def samples(signals: Sequence[Signal], start: int, stop: int) -> list[Any]:
    """Return, for each signal, its values held during steps start..stop, or its function."""
    return [
        signal.function if signal.function is not None else signal.take(start, stop)
        for signal in signals
    ]
