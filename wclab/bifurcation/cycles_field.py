"""The derivatives of a circuit at many states at once, with all their first derivatives.

The contract: a `Flow` takes states of shape (..., n) and one value of a parameter, and
returns the rates, their exact Jacobian and their derivative by the parameter. Its code is
generated from the circuit's checked trees; a part that occurs twice is computed once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from wclab.equations import (
    ONE,
    ZERO,
    Call,
    Name,
    Number,
    Tree,
    add,
    array_namespace,
    derivative,
    multiply,
    names,
    to_code,
)
from wclab.errors import OptionError, show
from wclab.model import Model, Parameter
from wclab.program import instantiate

Rates = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Flow:
    """A circuit's derivatives as functions of its states and of one parameter.

    Attributes
    ----------
    states : tuple of str
        Paths of the states.
    """

    states: tuple[str, ...]
    compute: Callable[[Any, float], tuple[Any, ...]]
    places: tuple[tuple[int, ...], tuple[int, ...]]

    def __call__(self, y: np.ndarray, parameter: float) -> Rates:
        """Return rates (..., n), Jacobian (..., n, n) and derivative by the parameter (..., n).

        Parameters
        ----------
        y : ndarray, shape (..., n)
        parameter : float
        """
        size, shape = len(self.states), y.shape[:-1]
        with np.errstate(all="ignore"):
            values = self.compute(np.moveaxis(y, -1, 0), parameter)
        rows, columns = self.places
        every = np.zeros((size, size + 2, *shape))
        for value, row, column in zip(values, rows, columns, strict=True):
            every[row, column] = value
        every = np.moveaxis(every, (0, 1), (-2, -1))
        return every[..., 0], every[..., 2:], every[..., 1]

    def rates(self, y: np.ndarray, parameter: float) -> np.ndarray:
        """Return the rates only, shape (..., n)."""
        return self(y, parameter)[0]


def read_flow(model: Model, parameter: Parameter) -> Flow:
    """Return the derivatives of a model as a `Flow` in one of its parameters.

    Raises
    ------
    PathError
        If the model has no such parameter.
    OptionError
        If it is the initial value of a state, or if the model's derivatives depend on more than
        its state: delays, inputs, time.
    """
    program, network = model.program, model.network
    if program.delayed or program.drives:
        raise OptionError(
            "cycles are those of a circuit without delays: the derivatives of this one depend on "
            "its past. Leave the delay of its edges out, or look at the rhythm with run()"
        )
    if program.uses_time:
        raise OptionError(
            "cycles are those of equations that do not change with time, and an equation of this "
            "circuit contains t. Put a constant in its place"
        )
    name, _ = model._find(parameter)
    if network.blocks[name].kind != "constant":
        raise OptionError(f"{show(parameter)} is a state of the circuit and no parameter of it")
    order = (*network.order, *program.states)
    trees = tuple((part, _tree(network.blocks[part].tree)) for part in order)
    source, places = _source(trees, program.states, program.constants, name)
    compute = instantiate(source, model.constants(), array_namespace())
    return Flow(model.states, compute, places)


def _tree(tree: Tree | None) -> Tree:
    assert tree is not None
    return tree


class _Lines:
    """Lines of code, each of one operation, none of them twice."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._known: dict[Tree, Tree] = {}

    def add(self, tree: Tree, meaning: Mapping[str, Tree]) -> Tree:
        """Return the name of a tree's value, with names in it replaced by their `meaning`."""
        if isinstance(tree, Number):
            return tree
        if isinstance(tree, Name):
            return meaning.get(tree.id, tree)
        call = Call(tree.function, tuple(self.add(part, meaning) for part in tree.arguments))
        if call not in self._known:
            self._known[call] = Name(f"v{len(self.lines)}_")
            self.lines.append(f"v{len(self.lines)}_ = {to_code(call)}")
        return self._known[call]


@lru_cache(maxsize=64)
def _source(
    trees: tuple[tuple[str, Tree], ...],
    states: tuple[str, ...],
    constants: tuple[str, ...],
    parameter: str,
) -> tuple[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return the code of all rates and derivatives that are not 0, and the place of each."""
    code = _Lines()
    meaning: dict[str, Tree] = {}
    carried: dict[str, dict[str, Tree]] = {name: {name: ONE} for name in (*states, parameter)}
    returned: list[tuple[Tree, int, int]] = []
    column = {parameter: 1} | {name: k + 2 for k, name in enumerate(states)}
    for name, tree in trees:
        value = code.add(tree, meaning)
        found: dict[str, Tree] = {}
        for other in dict.fromkeys(names(tree)):
            if other not in carried:
                continue
            factor = code.add(derivative(tree, other), meaning)
            for by, inner in carried[other].items():
                found[by] = add(found.get(by, ZERO), multiply(factor, inner))
        found = {by: code.add(part, {}) for by, part in found.items() if part != ZERO}
        if name in states:
            row = states.index(name)
            returned.append((value, row, 0))
            returned += [(part, row, column[by]) for by, part in found.items()]
        else:
            meaning[name], carried[name] = value, found
    lines = [
        "def build(p):",
        f"    ({''.join(f'{name}, ' for name in constants)}) = p",
        f"    def compute(y, {parameter}):",
        f"        ({''.join(f'{name}, ' for name in states)}) = y",
        *(f"        {line}" for line in code.lines),
        f"        return ({''.join(f'{to_code(value)}, ' for value, _, _ in returned)})",
        "    return compute",
    ]
    _, rows, columns = zip(*returned, strict=True)
    return "\n".join(lines), (rows, columns)
