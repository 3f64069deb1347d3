"""Networks as machine code: Euler's steps, with a member of a group in each lane.

A matrix is kept in blocks of `LANES` rows, so that a product with a vector is a sum of
columns. Every block of variables is padded to a whole number of lanes; what is computed
there is never read.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from wclab.engines.compiled import available
from wclab.engines.task import Task, Trace, blown_up, samples
from wclab.program import Program

LANES = 16  # rows of a matrix at a time: one sum would wait for itself
CHUNK = 2**20  # numbers of the drives between two looks at the keyboard
PAYS = 5_000  # steps from which on compiling, 40 ms, is soon made up for
_PRODUCT = re.compile(r"\((\w+) @ (\w+)\)")
KINDS = ("int", "int", "int", "float", *["lanes"] * 3, "shared", *["lanes"] * 3)


def obstacle(task: Task, method: str) -> str | None:
    """Say what keeps a network from being compiled, or nothing."""
    program, blocks = task.model.program, task.model.network.blocks
    if not available():
        return 'it needs llvmlite: pip install "wclab[fast]"'
    if method != "euler":
        return "of a network, only Euler's steps are compiled"
    if program.delayed:
        return "the network has delays"
    if any(signal.function is not None for signal in task.signals):
        return "an input is a function; give its samples instead"
    matrices = [m for name in program.constants if (m := blocks[name].matrix) is not None]
    if not all(isinstance(matrix, np.ndarray) and matrix.ndim == 2 for matrix in matrices):
        return "the network has sparse connections, which run as NumPy arrays"
    texts = [code for _, code in program.steps] + list(program.rates)
    if not {name for text in texts for _, name in _PRODUCT.findall(text)} <= set(program.states):
        return "a connection begins at a variable without a differential equation"
    return None


def run_members(task: Task) -> Trace:
    """Integrate a network with Euler's steps.

    Raises
    ------
    SolverError
        If a state stops being finite; says which and when.
    """
    from wclab.engines.compiler import compile_kernel

    model, program = task.model, task.model.program
    sizes = dict(zip(program.states, model.sizes, strict=True))
    constants = dict(zip(program.constants, model.constants(), strict=True))
    names = tuple(name for name, _ in program.hoisted)
    values = model.functions(program.factory(f"return ({''.join(f'{n}, ' for n in names)})"))
    known = constants | dict(zip(names, values, strict=True))
    numbers = {name: value for name, value in known.items() if np.ndim(value) < 2}
    widths = tuple((name, np.size(value)) for name, value in numbers.items())
    drives = tuple((name, s.width) for name, s in zip(program.drives, task.signals, strict=True))
    source, matrices = kernel_source(program, tuple(sizes.items()), widths, drives)
    kernel = compile_kernel(source, KINDS, LANES)
    weights = _joined(_columns(constants[name]) for name in matrices)
    parameters = _joined(_padded(np.atleast_1d(value)) for value in numbers.values())
    y = _joined(_padded(part) for part in model.split(model.y0))
    slopes = np.empty_like(y)
    out = np.empty((task.rows, y.size))
    chunk = max(1, CHUNK // (max(sum(w for _, w in drives), 1) * task.every))
    for row in range(0, task.rows, chunk):
        rows = min(chunk, task.rows - row)
        k, moving = row * task.every, rows - (row + rows == task.rows)
        held = samples(task.signals, k, k + moving * task.every)
        held = [_padded(np.atleast_2d(u.T)).T for u in held]
        u = np.ascontiguousarray(np.concatenate(held, axis=1)) if held else np.empty(0)
        kernel(k, moving, task.every, task.step, parameters, weights, y, y, slopes, u, out[row:])
        if row + rows == task.rows:
            out[-1] = y
        task.report(row + rows)
    ends = np.cumsum([0, *(_chunks(size) * LANES for size in sizes.values())])
    parts = zip(ends, sizes.values(), strict=False)
    states = np.concatenate([out[:, at : at + size] for at, size in parts], axis=1)
    if not np.all(np.isfinite(states)):
        blown_up(task, states, 0, "euler")
    return Trace(states, [])


def _chunks(size: int) -> int:
    return -(-size // LANES)


def _padded(values: np.ndarray) -> np.ndarray:
    """Return rows, the last one repeated up to a whole number of lanes."""
    if len(values) == 1:
        return np.repeat(values, LANES, axis=0)
    return values[np.minimum(np.arange(_chunks(len(values)) * LANES), len(values) - 1)]


def _columns(matrix: np.ndarray) -> np.ndarray:
    """Return a matrix in blocks of `LANES` rows, each by columns."""
    return _padded(matrix).reshape(-1, LANES, matrix.shape[1]).transpose(0, 2, 1).ravel()


def _joined(parts: Iterable[Any]) -> np.ndarray:
    found = [np.ravel(np.asarray(part, dtype=float)) for part in parts]
    return np.concatenate(found) if found else np.empty(0)


@lru_cache(maxsize=32)
def kernel_source(
    program: Program,
    states: tuple[tuple[str, int], ...],
    numbers: tuple[tuple[str, int], ...],
    drives: tuple[tuple[str, int], ...],
) -> tuple[str, list[str]]:
    """Return ``step(k0, rows, every, h, P, W, y, x, D, U, out)``, and the matrices in ``W``.

    ``x`` is ``y`` again, read number by number.
    """
    place: dict[str, str] = {}
    for array, group in (("y", states), ("P", numbers), ("U", drives)):
        at, total = 0, sum(_chunks(size) for _, size in group)
        for name, size in group:
            start = f"n * {total} + {at}" if array == "U" else str(at)
            place[name] = f"{array}[{start}{' + c' if size > 1 else ''}]"
            at += _chunks(size)
    sizes, chunks = dict(states), sum(_chunks(size) for _, size in states)
    body = ["t = (k0 + n) * h"] if program.uses_time else []
    matrices: list[str] = []
    offset = 0
    for size in dict.fromkeys(sizes.values()):
        rates = zip(program.states, program.rates, strict=True)
        own = [(name, rate) for name, rate in rates if sizes[name] == size]
        lines = _needed(program, [rate for _, rate in own])
        lines += [(f"D[{place[name][2:-1]}]", rate) for name, rate in own]
        products = dict.fromkeys(m for _, code in lines for m in _PRODUCT.findall(code))
        inner: list[str] = []
        for number, (matrix, source) in enumerate(products):
            first = int(re.findall(r"\d+", place[source])[0]) * LANES
            term = f"W[{offset} + c * {sizes[source]} + j] * x[{first} + j]"
            inner += [f"_m{number} = 0.0", f"for j in range({sizes[source]}):"]
            inner += [f"    _m{number} = _m{number} + {term}"]
            matrices.append(matrix)
            offset += _chunks(size) * sizes[source]
        for number, (matrix, source) in enumerate(products):
            product = f"({matrix} @ {source})"
            lines = [(name, code.replace(product, f"_m{number}")) for name, code in lines]
        used = {name for _, code in lines for name in re.findall(r"\w+", code)}
        inner += [f"{name} = {item}" for name, item in place.items() if name in used]
        inner += [f"{target} = {code}" for target, code in lines]
        body += [f"for c in range({_chunks(size)}):", *(f"    {line}" for line in inner)]
    body += [f"for c in range({chunks}):", "    y[c] = y[c] + h * D[c]", "n = n + 1"]
    text = ["def step(k0, rows, every, h, P, W, y, x, D, U, out):", "    n = 0"]
    text += ["    for row in range(rows):", f"        for c in range({chunks}):"]
    text += [f"            out[row * {chunks} + c] = y[c]", "        for i in range(every):"]
    return "\n".join([*text, *(f"            {line}" for line in body)]), matrices


def _needed(program: Program, codes: Sequence[str]) -> list[tuple[str, str]]:
    """Return the lines before the rates that some of these need, in order."""
    wanted = {name for code in codes for name in re.findall(r"\w+", code)}
    for target, code in reversed(program.steps):
        if target in wanted:
            wanted |= set(re.findall(r"\w+", code))
    return [(target, code) for target, code in program.steps if target in wanted]
