"""Inputs over time: the usual shapes on a time grid, and how a run reads what it is given.

Every function returns samples of shape (n,), ``n = round(simulation_time / step_size)``;
sample i holds on [i step_size, (i+1) step_size) (zero-order hold).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np

from wclab.errors import OptionError, show
from wclab.memory import refuse_too_large


def _grid(simulation_time: float, step_size: float) -> np.ndarray:
    for name, value in (("simulation_time", simulation_time), ("step_size", step_size)):
        if not (isinstance(value, Real) and 0 < value < np.inf):
            raise OptionError(f"{name} must be a number above 0, not {show(value)}")
    count = float(simulation_time) / float(step_size)
    refuse_too_large(count, f"an input of {count:.3g} samples", "Take a larger step_size.")
    return np.arange(round(count)) * step_size


def _sample(t: float, step_size: float, count: int) -> int:
    """Return the sample nearest to a time, inside the grid."""
    return round(min(max(t / step_size, 0), count))


def step(simulation_time: float, step_size: float, *, at: float, height: float = 1.0) -> np.ndarray:
    """Return 0 before `at` and `height` from then on (times in the unit of the model)."""
    return pulse(simulation_time, step_size, on=at, off=np.inf, height=height)


def pulse(
    simulation_time: float, step_size: float, *, on: float, off: float, height: float = 1.0
) -> np.ndarray:
    """Return `height` on [on, off), 0 elsewhere; the edges go to the nearest sample.

    Examples
    --------
    The seed protocol: drive 1 to E between t = 25 and t = 100.

    >>> inp = pulse(125.0, 5e-4, on=25.0, off=100.0)
    >>> inp.shape, float(inp.sum() * 5e-4)
    ((250000,), 75.0)
    """
    samples = np.zeros(len(_grid(simulation_time, step_size)))
    if not on <= off:
        raise OptionError(f"a pulse ends after it begins: on={show(on)}, off={show(off)}")
    first, last = (_sample(t, step_size, len(samples)) for t in (on, off))
    samples[first:last] = height
    return samples


def ramp(
    simulation_time: float, step_size: float, *, start: float = 0.0, end: float = 1.0
) -> np.ndarray:
    """Return a straight line from `start` at t = 0 to `end` at t = simulation_time."""
    t = _grid(simulation_time, step_size)
    return start + (end - start) * t / simulation_time


def sine(
    simulation_time: float,
    step_size: float,
    *,
    period: float,
    amplitude: float = 1.0,
    mean: float = 0.0,
) -> np.ndarray:
    """Return ``mean + amplitude sin(2 pi t / period)``."""
    if not period > 0:
        raise OptionError(f"period must be above 0, not {show(period)}")
    return mean + amplitude * np.sin(2 * np.pi * _grid(simulation_time, step_size) / period)


def ornstein_uhlenbeck(
    simulation_time: float,
    step_size: float,
    *,
    tau: float,
    sigma: float,
    mean: float = 0.0,
    seed: int | None = None,
) -> np.ndarray:
    """Return coloured noise: a stationary Ornstein-Uhlenbeck process on the grid.

    Parameters
    ----------
    simulation_time, step_size : float
        Length and spacing of the grid.
    tau : float
        Correlation time, above 0.
    sigma : float
        Stationary standard deviation, not negative.
    mean : float, optional
        Stationary mean.
    seed : int, optional
        The same seed gives the same samples.

    Returns
    -------
    ndarray, shape (n,)
        Exact in distribution at every step size: the decay ``exp(-step/tau)`` and the
        standard deviation of the increments are those of the process, not of its Euler
        approximation, whose variance is too large by ``1/(1 - step/(2 tau))``.

    References
    ----------
    Gillespie (1996), Phys. Rev. E 54:2084.
    """
    if not tau > 0 or not sigma >= 0:
        raise OptionError(f"tau must be above 0 and sigma not negative: {show(tau)}, {show(sigma)}")
    from scipy.signal import lfilter

    n = len(_grid(simulation_time, step_size))
    decay = np.exp(-step_size / tau)
    kicks = np.random.default_rng(seed).standard_normal(n) * sigma
    kicks[1:] *= np.sqrt(-np.expm1(-2 * step_size / tau))  # the first is already stationary
    return mean + lfilter([1.0], [1.0, -decay], kicks)


@dataclass(frozen=True, eq=False)
class Signal:
    """What drives one block of variables during a run.

    `samples` has shape (steps,) or (steps, members); `function` maps time to a number or an
    array of `numbers` of them. Exactly one of the two is set; a constant is one sample that is
    held for ever. Each sample is held for `hold` steps.
    """

    samples: np.ndarray | None = None
    function: Callable[[float], Any] | None = None
    hold: int = 1
    numbers: int = 1

    @property
    def width(self) -> int:
        """How many variables it has values for."""
        if self.samples is None:
            return self.numbers
        return self.samples.shape[1] if self.samples.ndim == 2 else 1

    def column(self, j: int) -> np.ndarray:
        """Return the samples of one variable, shape (steps,) or (1,)."""
        assert self.samples is not None
        return self.samples if self.samples.ndim == 1 else self.samples[:, j]

    def at(self, t: float, j: int) -> float:
        """Return the value of one variable at time `t`, of a function or a constant."""
        if self.function is None:
            return float(self.column(j)[0])
        values = np.ravel(self.function(t))
        return float(values[j if len(values) > 1 else 0])

    def held(self, k: int) -> Any:
        """Return the value held during step k."""
        assert self.samples is not None
        return self.samples[min(k // self.hold, len(self.samples) - 1)]

    def take(self, start: int, stop: int) -> np.ndarray:
        """Return the values held during steps start ... stop - 1."""
        assert self.samples is not None
        if len(self.samples) == 1:
            return np.broadcast_to(self.samples, (stop - start, *self.samples.shape[1:]))
        if self.hold == 1:
            return self.samples[start:stop]
        return self.samples[np.arange(start, stop) // self.hold]

    @cached_property
    def jumps(self) -> np.ndarray:
        """Return the steps at which the held value changes."""
        if self.samples is None or len(self.samples) < 2:
            return np.zeros(0, dtype=int)
        change = np.diff(self.samples, axis=0) != 0
        return (np.flatnonzero(change.reshape(len(change), -1).any(axis=1)) + 1) * self.hold

    def rows(self, every: int, times: np.ndarray) -> np.ndarray:
        """Return the value at each row of a result, the last axis being the rows."""
        if self.function is not None:
            return np.stack([np.asarray(self.function(float(t)), dtype=float) for t in times], -1)
        assert self.samples is not None
        chosen = np.minimum(np.arange(len(times)) * every // self.hold, len(self.samples) - 1)
        return np.moveaxis(self.samples[chosen], 0, -1)


def merge(parts: Sequence[tuple[Signal, int]]) -> Signal:
    """Return one signal for a group of variables: for each, a signal and the column of it."""
    first, columns = parts[0][0], [j for _, j in parts]
    if all(signal is first for signal, _ in parts) and columns == list(range(first.width)):
        return first
    if any(signal.function is not None for signal, _ in parts):
        if len(parts) == 1:
            return Signal(function=lambda t: first.at(t, parts[0][1]))
        return Signal(function=lambda t: np.array([s.at(t, j) for s, j in parts]))
    series = [signal.column(j) for signal, j in parts]
    steps = max(len(one) for one in series)
    stacked = np.stack([np.broadcast_to(one, steps) for one in series], axis=1)
    return Signal(samples=stacked[:, 0] if len(parts) == 1 else stacked)


def read_signal(value: Any, name: object, steps: int | None, members: int) -> Signal:
    """Turn what a user gave as an input into a `Signal`.

    Parameters
    ----------
    value : float, callable or array_like
        A number, a function of t, or samples of shape (steps,), (steps, 1) or
        (steps, members).
    name : object
        For messages.
    steps : int or None
        Number of samples; None for any.
    members : int
        Number of variables driven.

    Raises
    ------
    OptionError
        If the length is wrong, or a number is NaN or infinite.
    """
    if callable(value):
        return _read_function(value, name, members)
    try:
        if isinstance(value, str | bytes | None) or np.iscomplexobj(value):
            raise TypeError
        samples = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise OptionError(
            f"inputs[{show(name)}] must be a number, an array or a function of t, not {show(value)}"
        ) from None
    if samples.ndim == 0:
        samples = samples.reshape(1)
        steps = 1
    steps = len(samples) if steps is None else steps
    if samples.ndim > 2 or samples.shape[0] != steps or samples.shape[1:] not in (
        (), (1,), (members,)
    ):  # fmt: skip
        columns = f" or ({steps}, {members})" if members > 1 else ""
        raise OptionError(
            f"inputs[{show(name)}] has shape {samples.shape}, but the run has {steps} steps "
            f"(simulation_time / step_size): give an array of shape ({steps},){columns}"
        )
    bad = np.flatnonzero(~np.isfinite(samples.reshape(len(samples), -1)).all(axis=1))
    if len(bad):
        raise OptionError(f"inputs[{show(name)}] is not finite at sample {bad[0]}")
    return Signal(samples=samples[:, 0] if samples.ndim == 2 and samples.shape[1] == 1 else samples)


def _read_function(value: Callable[[float], Any], name: object, members: int) -> Signal:
    """Try a user's function of time at t = 0, and return its signal."""
    where = f"inputs[{show(name)}]: the function"
    try:
        result = np.asarray(first := value(0.0), dtype=float)
    except Exception as error:
        raise OptionError(f"{where} of t fails at t = 0: {error}") from error
    if first is None or result.size not in (1, members):
        raise OptionError(f"{where} returns {show(first)}, not {members} number(s)")
    if not np.all(np.isfinite(result)):
        raise OptionError(f"{where} is not finite at t = 0: {show(first)}")
    if result.size > 1:
        return Signal(function=lambda t: np.ravel(value(t)), numbers=result.size)
    if isinstance(first, int | float):
        return Signal(function=value)
    return Signal(function=lambda t: float(np.ravel(value(t))[0]))
