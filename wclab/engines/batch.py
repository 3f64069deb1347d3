"""Many models of one structure at once: NumPy in blocks that fit a cache, or compiled lanes.

What differs between the models of a batch are numbers: constants, initial values, and
samples of drives. The kernels are those of `wclab.engines.kernels`.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from wclab.engines.kernels import NEEDS, SUMS, TABLEAUS, recording, reducing
from wclab.equations import array_namespace
from wclab.program import Program, instantiate

BLOCK = 5_000  # models in one NumPy pass: arrays of 40 kB, some microseconds' work
LANES = 8  # models in one compiled pass, at least
WIDE = ((32, 20), (16, 60))  # more of them, while a step has no more lines: they cost compiling
CHUNK = 20_000  # steps between two looks at the keyboard
_SINGLE = re.compile(r"(?m)^(    (?:c\d+_|half\d*|share\d*)) = (.+)$")  # known before the loop
_ONE = re.compile(r"\(1\.0(?=[ /])")


class Drives(Protocol):
    """Samples that are made when they are asked for: `wclab.noise.Draws`."""

    ndim: int
    chunk: int  # steps that may be asked for at a time, in order

    def take(self, chosen: np.ndarray, axis: int) -> "Drives":
        """Return the drives of some of the models."""

    def __getitem__(self, steps: slice) -> np.ndarray:
        """Return the samples of some steps, shape (steps, drives, models)."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Models to integrate side by side.

    `constants` has shape (constants, models) in the program's order, `y0` (states, models),
    `drives` (steps, drives) if all models share them, else (steps, drives, models).
    """

    program: Program
    constants: np.ndarray
    y0: np.ndarray
    drives: np.ndarray | Drives
    step: float

    def part(self, start: int, stop: int, width: int) -> "Batch":
        """Return some of the models, the last one repeated to fill a block."""
        chosen = np.minimum(np.arange(start, start + width), stop - 1)
        drives = self.drives if self.drives.ndim == 2 else self.drives.take(chosen, axis=2)
        constants, y0 = self.constants.take(chosen, axis=1), self.y0.take(chosen, axis=1)
        return Batch(self.program, constants, y0, drives, self.step)


Advance = Callable[..., None]  # a kernel, called with whole numbers, a step and arrays


def record(
    batch: Batch,
    method: str,
    rows: int,
    every: int,
    engine: str,
    threads: int = 1,
    *,
    watched: Sequence[str] = (),
    first: int = 0,
) -> np.ndarray:
    """Return blocks of every model, by default the states: shape (rows, blocks, models).

    Row i holds their values before step ``first + i * every``. A model whose states stop being
    finite is NaN in all of them.
    """
    source = recording(batch.program, method, tuple(watched))
    count = len(watched or batch.program.states)

    def run(part: Batch, kernel: Advance) -> np.ndarray:
        out = np.empty((rows, count, part.y0.shape[1]))
        y = part.y0.copy()

        def advance(k: int, rows: int, every: int, store: np.ndarray) -> None:
            drives = part.drives[k : k + max(rows * every, 1)]
            kernel(k, rows, every, part.step, part.constants, y, drives, store)

        chunk = _chunk(part)
        for k in range(0, first, chunk):
            advance(k, 1, min(chunk, first - k), out)
        for row, some, k, each in _pieces(rows, every, chunk):
            advance(first + k, some, each, out[row:])
        advance(first + (rows - 1) * every, 1, 0, out[rows - 1 :])
        out[:, :, ~np.isfinite(y).all(axis=0)] = np.nan
        return out

    kinds = ("int", "int", "int", "float", "lanes", "lanes", _kind(batch), "lanes")
    width = _lanes(batch, method, engine)
    return np.concatenate(list(_blocks(batch, source, kinds, run, width, threads)), axis=2)


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

    The window holds the moments before steps ``window[0]`` ... ``window[1] - 1``. A model whose
    states or watched blocks stop being finite is NaN in all of them.
    """
    needed = {part for name in ("mean", *names) for part in NEEDS[name]}
    kept = tuple(name for name in SUMS if name in needed)
    source = reducing(batch.program, method, tuple(watched), kept)
    count = window[1] - window[0]

    def run(part: Batch, kernel: Advance) -> np.ndarray:
        y = part.y0.copy()
        sums = np.zeros((len(watched), len(kept), part.y0.shape[1]))

        def advance(first: int, last: int) -> None:
            chunk = _chunk(part)
            for k in range(first, last, chunk):
                steps = min(chunk, last - k)
                drives = part.drives[k : k + steps]
                kernel(k, steps, part.step, part.constants, y, drives, sums)

        advance(0, window[0])
        if "last" in kept:  # a number near the values, so that their squares stay small
            start = sums[:, kept.index("last")].copy()
        for j, name in enumerate(kept):
            sums[:, j] = {"min": np.inf, "max": -np.inf}.get(name, 0.0)
        if "last" in kept and window[0]:
            sums[:, kept.index("first")] = start
        advance(*window)
        finite = np.isfinite(y).all(axis=0) & np.isfinite(sums[:, kept.index("sum")]).all(axis=0)
        sums[:, :, ~finite] = np.nan
        return sums

    kinds = ("int", "int", "float", "lanes", "lanes", _kind(batch), "lanes")
    width = _lanes(batch, method, engine)
    sums = np.concatenate(list(_blocks(batch, source, kinds, run, width, threads)), axis=2)
    value = {name: sums[:, j] for j, name in enumerate(kept)}
    results = {name: value[name] for name in names if name in value}
    if "mean" in names:
        results["mean"] = value["first"] + value["sum"] / count
    if "std" in names:
        centred = value["square"] / count - (value["sum"] / count) ** 2
        results["std"] = np.sqrt(np.maximum(centred, 0.0))
    return {name: results[name] for name in names}


def lanes(program: Program, method: str, models: int) -> int:
    """Return how many models one compiled pass takes; more of them hide each other's waiting."""
    lines = len(TABLEAUS[method][0]) * (len(program.steps) + len(program.rates))
    fitting = (width for width, most in WIDE if lines <= most and 2 * models > width)
    return next(fitting, LANES)


def _lanes(batch: Batch, method: str, engine: str) -> int:
    compiled = engine == "compiled"
    return lanes(batch.program, method, batch.y0.shape[1]) if compiled else 0


def _pieces(rows: int, every: int, chunk: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield pieces of a recording of `chunk` steps or less: row, rows, first step, steps a row."""
    if every <= chunk:
        for row in range(0, rows - 1, chunk // every):
            yield row, min(chunk // every, rows - 1 - row), row * every, every
        return
    for row in range(rows - 1):
        for k in range(0, every, chunk):  # what a later piece stores is stored over by the next row
            yield row + (k > 0), 1, row * every + k, min(chunk, every - k)


def _chunk(batch: Batch) -> int:
    """Return how many steps are taken at a time."""
    return min(CHUNK, getattr(batch.drives, "chunk", CHUNK))


def _kind(batch: Batch) -> str:
    return "shared" if batch.drives.ndim == 2 else "lanes"


def _blocks(
    batch: Batch,
    source: str,
    kinds: tuple[str, ...],
    run: Callable[[Batch, Advance], np.ndarray],
    lanes: int,
    threads: int,
) -> Iterator[np.ndarray]:
    """Run a kernel, of `lanes` or of NumPy if 0, block after block; yield what each returns."""
    models = batch.y0.shape[1]
    width = lanes or -(-models // -(-models // BLOCK))  # all alike
    kernel = _kernel(source, kinds, lanes, batch)

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


def _kernel(source: str, kinds: tuple[str, ...], lanes: int, batch: Batch) -> Advance:
    """Return a kernel as a function of whole numbers, a step and arrays."""
    if lanes:
        from wclab.engines.compiler import compile_kernel

        return compile_kernel(source, kinds, lanes)
    name, _, rest = source.removeprefix("def ").partition("(")
    place = rest.partition(")")[0].split(", ").index("P")
    first, names = batch.constants[:, 0], batch.program.constants
    shared = (batch.constants == first[:, None]).all(axis=1)  # one number for all models
    ones = np.array(names)[shared & (first == 1.0)]
    indented = _lighter(source, ones).replace("\n", "\n    ")
    text = f"def build(p):\n    {indented}\n    return {name}"
    points = {"point": np.asarray, "one": np.ones(())}
    function = instantiate(text, (), {**array_namespace(), **points})

    def call(*arguments: Any) -> None:
        flat: list[Any] = list(arguments)
        for k, kind in enumerate(kinds):
            if kind == "lanes":
                flat[k] = flat[k].reshape(-1, flat[k].shape[-1])
            elif kind == "shared":
                flat[k] = flat[k].ravel()
        rows = zip(flat[place], shared, strict=True)
        flat[place] = [float(row[0]) if single else row for row, single in rows]
        function(*flat)

    return call


def _lighter(source: str, ones: Sequence[str]) -> str:
    """Return a kernel that costs NumPy less for the same numbers.

    Nothing is multiplied by the constants in `ones`; and what is one number for all models is
    an array without axes, which costs a ufunc less than a float.
    """
    for name in ones:
        source = source.replace(f"({name} * ", "(")
    return _SINGLE.sub(r"\1 = point(\2)", _ONE.sub("(one", source))
