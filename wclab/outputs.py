"""The columns of a result: which variables, under which labels, from which numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.engines import Task, Trace
from wclab.errors import OptionError, PathError, SolverError, nearest, show
from wclab.model import Model
from wclab.templates import Circuit, Place

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Column:
    """One column of the result: its label, and the path it shows."""

    label: Any
    path: str
    place: Place | None  # where a path with "all" led; None for a single path


def choose_columns(circuit: Circuit, model: Model, outputs: Any) -> list[Column]:
    """Turn what a user asked for into columns; see `CircuitTemplate.run`."""
    where = model.network.where
    if outputs is None:
        return [Column(path, path, None) for path in _in_order(model)]
    if isinstance(outputs, str):
        outputs = [outputs]
    if not isinstance(outputs, Mapping | Sequence) or len(outputs) == 0:
        raise OptionError(
            f"outputs is a dict such as {{'E': 'e/rate_op/r'}}, a list of paths or a path, not "
            f"{show(outputs)}"
        )
    pairs = outputs.items() if isinstance(outputs, Mapping) else [(path, path) for path in outputs]
    columns = []
    for label, path in pairs:
        if not isinstance(path, str):
            raise OptionError(
                f"outputs[{show(label)}] is one path such as 'e/rate_op/r', not {show(path)}"
            )
        if path in where:
            columns.append(Column(label, path, None))
        elif "->" in path:
            edges = [known for known in where if "->" in known]
            raise PathError(f"{show(path)} names no variable of an edge.{nearest(path, edges)}")
        else:
            places = circuit.locate_all(path)
            named = isinstance(outputs, Mapping)
            columns += [
                Column(label if named else str(p), str(p), p if named else None) for p in places
            ]
    return columns


def _in_order(model: Model) -> list[str]:
    """Return all states in one order, whether equal nodes are grouped or not."""
    rank = {node: k for k, node in enumerate(model.network.nodes)}
    return sorted(model.states, key=lambda path: rank[path.rsplit("/", 2)[0]])


def record(task: Task, trace: Trace, columns: Sequence[Column]) -> np.ndarray:
    """Return the columns' numbers, shape (rows, columns)."""
    model = task.model
    blocks = model.network.blocks
    values: dict[str, Any] = {}
    start = 0
    for name, size in zip(model.program.states, model.sizes, strict=True):
        values[name] = trace.states[:, start : start + size].T
        start += size
    found: dict[str, list[tuple[int, int]]] = {}  # of each block: columns, and what they show
    for j, column in enumerate(columns):
        name, position = model.network.where[column.path]
        found.setdefault(name, []).append((j, position))
    if any(blocks[name].kind == "algebraic" for name in found):
        values |= _algebraic(task, trace, values)
    result = np.empty((task.rows, len(columns)))
    for name, pairs in found.items():
        shown, positions = np.array(pairs).T
        block = values.get(name)
        if block is None:
            result[:, shown] = model.values(name)[positions]
        else:
            block = np.broadcast_to(block, (len(blocks[name].paths), task.rows))
            result[:, shown] = block[positions].T
    bad = np.argwhere(~np.isfinite(result))
    if len(bad):
        row, j = bad[0]
        raise SolverError(
            f"{columns[j].path} is not finite at t = {task.times[row]:g}: its equation divides by "
            "zero, or takes a logarithm or root of what has none"
        )
    return result


def _algebraic(task: Task, trace: Trace, states: Mapping[str, Any]) -> dict[str, Any]:
    """Return every algebraic block at every row."""
    model, times = task.model, task.times

    def form(values: np.ndarray) -> np.ndarray:
        """Return a group's values, or those of its one member."""
        return values if model.network.grouped else values[0]

    y = [form(states[name]) for name in model.program.states]
    u = [signal.rows(task.every, times) for signal in task.signals]
    z = [form(values.T) for values in trace.delayed]
    with np.errstate(all="ignore"):
        found = model.observe(times, y, u, z)
    return dict(zip([name for name, _ in model.program.body], found, strict=True))


def record_ensemble(
    task: Task, states: np.ndarray, columns: Sequence[Column], runs: int
) -> np.ndarray:
    """Return the columns' numbers in every run, shape (rows, columns, runs)."""
    rank = {path: k for k, path in enumerate(task.model.states)}
    if all(column.path in rank for column in columns):
        return states[:, [rank[column.path] for column in columns]]
    each = [record(task, Trace(states[:, :, k], []), columns) for k in range(runs)]
    return np.stack(each, axis=2)


def frame(
    columns: Sequence[Column],
    index: np.ndarray,
    values: np.ndarray,
    runs: Sequence[int] | None = None,
) -> "pd.DataFrame":
    """Return the result as a DataFrame; three levels of labels where a path said ``all``.

    With `runs`, values have the shape (rows, columns, runs), and a level is added.
    """
    import pandas as pd

    if runs is not None:
        plain = frame(columns, index, values[:, :, 0])
        parted = [label if isinstance(label, tuple) else (label,) for label in plain.columns]
        names = [*(plain.columns.names if plain.columns.nlevels > 1 else ["output"]), "run"]
        pairs = [(*label, run) for label in parted for run in runs]
        levels_of = pd.MultiIndex.from_tuples(pairs, names=names)
        return pd.DataFrame(values.reshape(len(index), -1), plain.index, levels_of)
    if any(column.place is not None for column in columns):
        parts = [[c.label] if c.place is None else [c.label, *levels(c.path)] for c in columns]
        depth = max(map(len, parts))
        rows = tuple(tuple(part + [""] * (depth - len(part))) for part in parts)
        labels: Any = _columns(rows).copy()  # its names may be set
    else:
        labels = [column.label for column in columns]
    return pd.DataFrame(values, index=pd.Index(index, name="time"), columns=labels)


@lru_cache(maxsize=16)
def _columns(labels: tuple[tuple[Any, ...], ...]) -> "pd.MultiIndex":
    """Return labels of several levels; pandas takes a millisecond for those of 100 nodes."""
    import pandas as pd

    return pd.MultiIndex.from_tuples(labels)


def levels(path: str) -> list[str]:
    """Return the node's path, level by level, and ``operator/variable``."""
    node, operator, variable = path.rsplit("/", 2)
    nodes = [node] if "->" in node else node.split("/")
    return [*nodes, f"{operator}/{variable}"]
