"""White noise: the numbers that drive a run, or each run of an ensemble.

The contract: the numbers depend on the seed, on the run's number and on which variables are
noisy; not on how many steps are drawn at a time, which engine asks, or which runs are
computed beside it. Each run has one stream of normal numbers, drawn step by step.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from wclab.inputs import Signal

AHEAD = 256  # steps drawn at a time where an engine asks for one
NUMBERS = 2**20  # numbers drawn at a time for a block of runs: 8 MB
CACHED = 2**15  # or this many, if those are 512 steps or more: what fits a cache


class Stream:
    """The normal numbers of one run: `width` of them in each step, drawn once and in order."""

    def __init__(self, entropy: Any, run: int, width: int) -> None:
        self.entropy, self.run, self.width = entropy, run, width
        self.generator = generator(entropy, run)
        self.first = 0
        self.values = np.empty((0, width))

    def of_run(self, run: int) -> "Stream":
        """Return the stream of another run, from its beginning."""
        return Stream(self.entropy, run, self.width)

    def take(self, start: int, stop: int) -> np.ndarray:
        """Return the numbers of some steps, shape (steps, width); `start` must not go back."""
        missing = stop - self.first - len(self.values)
        if missing > 0:
            fresh = self.generator.standard_normal((max(missing, AHEAD), self.width))
            kept = self.values[start - self.first :]
            self.first = start
            self.values = np.concatenate([kept, fresh]) if len(kept) else fresh
        return self.values[start - self.first : stop - self.first]


def generator(entropy: Any, run: int) -> np.random.Generator:
    """Return the random numbers of one run; SFC64 is the fastest that NumPy has."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(entropy, spawn_key=(run,))))


@dataclass(frozen=True, eq=False)
class Noise(Signal):
    """White noise in one block of variables: `scale` times some columns of a stream."""

    stream: Stream = field(default=None)  # type: ignore[assignment]
    columns: Any = 0  # a number, or an array of one for each member
    scale: Any = 1.0

    @classmethod
    def make(cls, stream: Stream, columns: Sequence[int], scale: Sequence[float]) -> "Noise":
        """Return the noise of a block from its columns of the stream, and their factors."""
        nothing = np.zeros((1, len(columns)))
        if len(columns) == 1:
            return cls(nothing, stream=stream, columns=columns[0], scale=float(scale[0]))
        chosen: Any = np.array(columns)
        if np.all(np.diff(chosen) == 1):
            chosen = slice(columns[0], columns[-1] + 1)
        return cls(nothing, stream=stream, columns=chosen, scale=np.array(scale, dtype=float))

    def take(self, start: int, stop: int) -> np.ndarray:
        """Return the noise of steps start ... stop - 1."""
        return self.stream.take(start, stop)[:, self.columns] * self.scale

    def held(self, k: int) -> Any:
        """Return the noise of step k; k must not go back."""
        return self.stream.take(k, k + 1)[0, self.columns] * self.scale


def of_run(signals: Sequence[Signal], run: int) -> list[Signal]:
    """Return signals whose noise is that of another run."""
    streams = {id(s.stream): s.stream.of_run(run) for s in signals if isinstance(s, Noise)}
    return [
        replace(signal, stream=streams[id(signal.stream)]) if isinstance(signal, Noise) else signal
        for signal in signals
    ]


class Draws:
    """What drives the runs of an ensemble, as if in an array (steps, drives, runs).

    Only the chunk of steps that is asked for is made; chunks must be asked for in order.
    """

    ndim = 3

    def __init__(self, signals: Sequence[Signal], step: float, runs: np.ndarray) -> None:
        self.signals, self.step, self.runs = signals, step, runs
        self.stream = next(signal.stream for signal in signals if isinstance(signal, Noise))
        width = max(self.stream.width, len(signals))
        width *= len(runs)
        self.chunk = min(max(1, NUMBERS // width), max(512, CACHED // width))

    @cached_property
    def generators(self) -> list[np.random.Generator]:
        """One for each different run, in the order of their numbers."""
        return [generator(self.stream.entropy, int(run)) for run in np.unique(self.runs)]

    def take(self, chosen: np.ndarray, axis: int) -> "Draws":
        """Return what drives some of the runs."""
        assert axis == 2
        return Draws(self.signals, self.step, self.runs[chosen])

    def __getitem__(self, steps: slice) -> np.ndarray:
        """Return the drives of some steps, shape (steps, drives, runs)."""
        start, stop = steps.start, steps.stop
        drawn = np.empty((len(self.generators), stop - start, self.stream.width))
        for numbers, one in zip(drawn, self.generators, strict=True):
            one.standard_normal(out=numbers)
        if len(drawn) < len(self.runs) or np.any(np.diff(self.runs) < 0):
            drawn = drawn[np.unique(self.runs, return_inverse=True)[1]]
        found = np.empty((stop - start, len(self.signals), len(self.runs)))
        for j, signal in enumerate(self.signals):
            if isinstance(signal, Noise):
                np.multiply(drawn[:, :, signal.columns].T, signal.scale, out=found[:, j])
            elif signal.function is not None:
                found[:, j] = [[signal.at(k * self.step, 0)] for k in range(start, stop)]
            else:
                found[:, j] = signal.take(start, stop)[:, None]
        return found
