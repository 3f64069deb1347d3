"""Many models of one structure at once: NumPy in blocks that fit a cache, or compiled lanes.

What differs between the models of a batch are numbers: constants, initial values, and
samples of drives. The kernels are those of `wclab.engines.kernels`.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from wclab.engines.kernels import NEEDS, SUMS, recording, reducing
from wclab.equations import array_namespace
from wclab.program import Program, instantiate

BLOCK = 2_048  # models in one NumPy pass: arrays of 16 kB
LANES = 32  # models in one compiled pass
CHUNK = 20_000  # steps between two looks at the keyboard


@dataclass(frozen=True, eq=False)
class Batch:
    """Models to integrate side by side.

    `constants` has shape (constants, models) in the program's order, `y0` (states, models),
    `drives` (steps, drives) if all models share them, else (steps, drives, models).
    """

    program: Program
    constants: np.ndarray
    y0: np.ndarray
    drives: np.ndarray
    step: float

    def part(self, start: int, stop: int, width: int) -> "Batch":
        """Return some of the models, the last one repeated to fill a block."""
        chosen = np.minimum(np.arange(start, start + width), stop - 1)
        drives = self.drives if self.drives.ndim == 2 else self.drives.take(chosen, axis=2)
        constants, y0 = self.constants.take(chosen, axis=1), self.y0.take(chosen, axis=1)
        return Batch(self.program, constants, y0, drives, self.step)


Advance = Callable[..., None]  # a kernel, called with whole numbers, a step and arrays


def record(
    batch: Batch, method: str, rows: int, every: int, engine: str, threads: int = 1
) -> np.ndarray:
    """Return the states of every model, shape (rows, states, models).

    Row i is the state before step ``i * every``.
    """
    source = recording(batch.program, method)

    def run(part: Batch, kernel: Advance) -> np.ndarray:
        out = np.empty((rows, *part.y0.shape))
        y = part.y0.copy()
        for row in range(0, rows - 1, max(1, CHUNK // every)):
            count = min(max(1, CHUNK // every), rows - 1 - row)
            k = row * every
            drives = part.drives[k : k + count * every]
            kernel(k, count, every, part.step, part.constants, y, drives, out[row:])
        out[rows - 1] = y
        return out

    kinds = ("int", "int", "int", "float", "lanes", "lanes", _kind(batch), "lanes")
    return np.concatenate(list(_blocks(batch, source, kinds, run, engine, threads)), axis=2)


def reduce(
    batch: Batch,
    method: str,
    watched: Sequence[str],
    window: tuple[int, int],
    names: Sequence[str],
    engine: str,
    threads: int = 1,
) -> dict[str, np.ndarray]:
    """Return, for each name of a reduction, its value over a window: shape (watched, models).

    The window holds the moments before steps ``window[0]`` ... ``window[1] - 1``.
    """
    kept = tuple(name for name in SUMS if any(name in NEEDS[wanted] for wanted in names))
    source = reducing(batch.program, method, tuple(watched), kept)
    count = window[1] - window[0]

    def run(part: Batch, kernel: Advance) -> np.ndarray:
        y = part.y0.copy()
        sums = np.zeros((len(watched), len(kept), part.y0.shape[1]))

        def advance(first: int, last: int) -> None:
            for k in range(first, last, CHUNK):
                steps = min(CHUNK, last - k)
                drives = part.drives[k : k + steps]
                kernel(k, steps, part.step, part.constants, y, drives, sums)

        advance(0, window[0])
        last = sums[:, kept.index("last")] if "last" in kept else 0.0
        for j, name in enumerate(kept):
            sums[:, j] = {"min": np.inf, "max": -np.inf, "first": last}.get(name, 0.0)
        advance(*window)
        sums[:, :, ~np.isfinite(y).all(axis=0)] = np.nan
        return sums

    kinds = ("int", "int", "float", "lanes", "lanes", _kind(batch), "lanes")
    sums = np.concatenate(list(_blocks(batch, source, kinds, run, engine, threads)), axis=2)
    value = {name: sums[:, j] for j, name in enumerate(kept)}
    results = {name: value[name] for name in names if name in value}
    if "mean" in names:
        results["mean"] = value["first"] + value["sum"] / count
    if "std" in names:
        centred = value["square"] / count - (value["sum"] / count) ** 2
        results["std"] = np.sqrt(np.maximum(centred, 0.0))
    return {name: results[name] for name in names}


def _kind(batch: Batch) -> str:
    return "shared" if batch.drives.ndim == 2 else "lanes"


def _blocks(
    batch: Batch,
    source: str,
    kinds: tuple[str, ...],
    run: Callable[[Batch, Advance], np.ndarray],
    engine: str,
    threads: int,
) -> Iterator[np.ndarray]:
    """Run a kernel on block after block of the models; yield what each returns."""
    models = batch.y0.shape[1]
    width = LANES if engine == "compiled" else min(BLOCK, models)
    kernel = _kernel(source, kinds, engine)

    def block(start: int) -> np.ndarray:
        stop = min(start + width, models)
        with np.errstate(all="ignore"):
            return run(batch.part(start, models, width), kernel)[..., : stop - start]

    starts = range(0, models, width)
    if threads == 1 or len(starts) == 1:
        yield from map(block, starts)
        return
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        yield from pool.map(block, starts)


def _kernel(source: str, kinds: tuple[str, ...], engine: str) -> Advance:
    """Return a kernel as a function of whole numbers, a step and arrays."""
    if engine == "compiled":
        from wclab.engines.compiler import compile_kernel

        return compile_kernel(source, kinds, LANES)
    name = source[4 : source.index("(")]
    indented = source.replace("\n", "\n    ")
    text = f"def build(p):\n    {indented}\n    return {name}"
    function = instantiate(text, (), array_namespace())

    def call(*arguments: Any) -> None:
        flat = [a.reshape(-1, a.shape[-1]) if isinstance(a, np.ndarray) else a for a in arguments]
        place = kinds.index("shared") if "shared" in kinds else None
        if place is not None:
            flat[place] = arguments[place].ravel()
        function(*flat)

    return call
