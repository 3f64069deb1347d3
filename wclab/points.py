"""Parameter sets: the combinations that a grid holds, and where in a model each value goes.

The contract: a set of numbers goes into a model in one of two ways, with the same result: into
places of the same generated code, which `places` finds, or by building the changed circuit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.circuit import CircuitTemplate
from wclab.errors import OptionError, show
from wclab.model import Model

if TYPE_CHECKING:
    import pandas as pd

PROBE = 0.7390851332151607  # a number that no parameter has by chance
Place = tuple[str, int]  # a block of a network, and a position in it


@dataclass(frozen=True)
class Target:
    """What one value is written to: variables by their paths, and attributes of edges.

    An edge is (source, target, attributes), and perhaps a number among parallel ones.
    """

    paths: tuple[str, ...] = ()
    edges: tuple[tuple[Any, ...], ...] = ()

    def changes(self, value: float) -> tuple[dict[str, float], list[tuple[Any, ...]]]:
        """Return the arguments of `CircuitTemplate.with_vars` for a value."""
        edges = [(*e[:2], dict.fromkeys(e[2], value), *e[3:]) for e in self.edges]
        return dict.fromkeys(self.paths, value), edges


@dataclass(frozen=True, eq=False)
class Points:
    """Parameter sets in order: all combinations of some axes, or the rows of a table."""

    names: tuple[str, ...]
    targets: tuple[Target, ...]
    axes: tuple[np.ndarray, ...]
    product: bool

    def __len__(self) -> int:
        sizes = [len(axis) for axis in self.axes]
        return int(np.prod(sizes, dtype=float)) if self.product else sizes[0]

    def rows(self, start: int, stop: int) -> np.ndarray:
        """Return the sets start ... stop - 1, shape (sets, parameters)."""
        if not self.product:
            return np.stack([axis[start:stop] for axis in self.axes], axis=1)
        shape = tuple(len(axis) for axis in self.axes)
        chosen = np.unravel_index(np.arange(start, stop), shape)
        return np.stack([a[k] for a, k in zip(self.axes, chosen, strict=True)], axis=1)

    def index(self) -> "pd.Index[Any]":
        """Return all sets as an index, one level for each parameter."""
        import pandas as pd

        if len(self.axes) == 1:
            return pd.Index(self.axes[0], name=self.names[0])
        if self.product:
            return pd.MultiIndex.from_product(self.axes, names=self.names)
        return pd.MultiIndex.from_arrays(self.axes, names=self.names)

    def words(self, row: int) -> str:
        """Return one set as text."""
        values = self.rows(row, row + 1)[0]
        return ", ".join(f"{n} = {v:g}" for n, v in zip(self.names, values, strict=True))


def read_points(grid: Any, *, product: bool = True) -> Points:
    """Check what a user gave as a grid; see `wclab.sweep`."""
    import pandas as pd

    if not isinstance(grid, Mapping | pd.DataFrame) or not len(grid.keys()):
        raise OptionError(
            "a grid is a dict such as {'e/rate_op/tau': [5.0, 10.0]}, or a DataFrame of parameter "
            f"sets, not {show(grid)}"
        )
    product = product and isinstance(grid, Mapping)
    names, targets = zip(*(_target(key) for key in grid.keys()), strict=True)  # noqa: SIM118
    if len(set(names)) < len(names):
        raise OptionError(f"the grid names a parameter twice: {', '.join(names)}")
    axes = tuple(_axis(name, grid[key]) for name, key in zip(names, grid.keys(), strict=True))
    lengths = {name: len(axis) for name, axis in zip(names, axes, strict=True)}
    if not product and len(set(lengths.values())) > 1:
        raise OptionError(
            f"the grid holds values of different lengths ({lengths}); product=True runs all "
            "combinations"
        )
    return Points(names, targets, axes, product)


def _target(key: Any) -> tuple[str, Target]:
    """Return a parameter's name in the result, and what it stands for."""
    if isinstance(key, tuple):
        key = tuple(part for part in key if part != "")  # a table pads shorter labels
        key = key[0] if len(key) == 1 else key
    if isinstance(key, str) and " -> " in key:
        source, _, rest = key.partition(" -> ")
        end, _, number = rest.partition(" #")
        key = (source, end, int(number)) if number.isdecimal() else (source, rest)
    if isinstance(key, str):
        return key, Target(paths=(key,))
    if isinstance(key, tuple) and len(key) in (2, 3):
        name = f"{key[0]} -> {key[1]}" + "".join(f" #{k}" for k in key[2:])
        return name, Target(edges=((*key[:2], ("weight",), *key[2:]),))
    raise OptionError(
        "a parameter of a grid is a path such as 'e/rate_op/tau' or the ends of an edge, (source, "
        f"target) or (source, target, number), not {show(key)}"
    )


def _axis(name: str, given: Any) -> np.ndarray:
    """Return the values of one parameter, shape (n,)."""
    try:
        values = np.atleast_1d(np.asarray(given, dtype=float))
    except (TypeError, ValueError):
        raise OptionError(f"grid[{show(name)}] must hold numbers: {show(given)}") from None
    if values.ndim != 1 or not len(values):
        raise OptionError(f"grid[{show(name)}] has shape {values.shape}; give one row of numbers")
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise OptionError(f"grid[{show(name)}] is not finite at value {bad[0]}")
    return values


def places(
    circuit: CircuitTemplate, model: Model, key: tuple[Any, ...], target: Target
) -> list[Place] | None:
    """Return where a model of a circuit holds a parameter.

    `key` is what the circuit's `_model_for_run` was asked for. The answer is None if a value
    changes more than numbers that equal it: a delay, a matrix of weights.

    Raises
    ------
    PathError
        If the circuit has no such variable or edge.
    OptionError
        If the variable is set by its equation or by what feeds it.
    """
    if any(edge[2] != ("weight",) for edge in target.edges):
        return None
    changed = circuit.with_vars(*target.changes(PROBE))._model_for_run(*key)
    if changed.program != model.program:
        return None
    found: list[Place] = []
    for name, old in model.network.blocks.items():
        new = changed.network.blocks[name]
        if old.matrix is not None or new.matrix is not None:
            if not _same_matrix(old.matrix, new.matrix):
                return None
        elif not np.array_equal(old.values, new.values):
            where = np.flatnonzero(old.values != new.values)
            if old.kind in ("constant", "state") and np.all(new.values[where] == PROBE):
                found += [(name, int(k)) for k in where]
            elif old.kind in ("constant", "state", "delayed"):
                return None
    if not found:
        named = target.paths[0] if target.paths else " -> ".join(target.edges[0][:2])
        raise OptionError(f"{show(named)} is driven by an input, so it is no parameter of a run")
    return found


def _same_matrix(a: Any, b: Any) -> bool:
    """Tell whether two weight matrices or index arrays are equal."""
    if type(a) is not type(b) or a.shape != b.shape:
        return False
    return bool(np.array_equal(a, b)) if isinstance(a, np.ndarray) else not (a != b).nnz


class Variant(CircuitTemplate):
    """A circuit that runs with other numbers in the same generated code."""

    numbers: Sequence[tuple[Sequence[Place], float]] = ()  # where each goes
    asked: tuple[Any, ...] = ()  # for which model, last

    def _model_for_run(self, driven: frozenset[str], noisy: Any, grouped: bool) -> Model:
        self.asked = (driven, noisy, grouped)
        base = super()._model_for_run(driven, noisy, grouped)
        changed: dict[str, np.ndarray] = {}
        for where, value in self.numbers:
            for name, position in where:
                if name not in changed:
                    changed[name] = base.network.blocks[name].values.copy()
                changed[name][position] = value
        return Model(base.network, changed) if changed else base


def changed(
    circuit: Variant,
    targets: Sequence[Target],
    where: Sequence[Sequence[Place]] | None,
    values: Sequence[float],
) -> Variant:
    """Return a circuit with other numbers, for one run: the same one, or a new one."""
    if where is not None:
        circuit.numbers = list(zip(where, values, strict=True))
        return circuit
    changes = [target.changes(value) for target, value in zip(targets, values, strict=True)]
    return circuit.with_vars(
        {path: value for nodes, _ in changes for path, value in nodes.items()},
        [edge for _, edges in changes for edge in edges],
    )


def all_places(circuit: Variant, targets: Sequence[Target]) -> list[list[Place]] | None:
    """Return the places of some parameters in the model of a circuit that has run."""
    model = CircuitTemplate._of(circuit._record)._model_for_run(*circuit.asked)
    found = [places(circuit, model, circuit.asked, target) for target in targets]
    return None if None in found else [where for where in found if where is not None]
