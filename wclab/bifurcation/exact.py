"""A circuit's rates as functions of states and parameters, with exact derivatives of order 1 to 3.

The code is generated from the checked trees of the equations (`wclab.phaseplane.structure`). Every
line is differentiated on its own, so that nothing grows with the number of lines.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from wclab.equations import SAFE_SCALAR, ZERO, Name, Tree, add, derivative, multiply, names
from wclab.model import Model
from wclab.phaseplane.structure import Structure, factory, rate_of, slopes, structure_of
from wclab.program import instantiate


class Rates:
    """The derivatives of a circuit's states as functions of ``u``: its states, then parameters.

    Parameters
    ----------
    model : Model
        Of single numbers.
    blocks : sequence of str
        The constants that are parameters.
    """

    def __init__(self, model: Model, blocks: Sequence[str]) -> None:
        self.model, self.blocks = model, tuple(blocks)
        self.size = len(model.states)

    @cached_property
    def _plain(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        return self._built(slopes(structure_of(self.model), self.blocks))

    @cached_property
    def _higher(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        return self._built(_forms(structure_of(self.model), self.blocks))

    def _built(self, source: str) -> Any:
        return instantiate(source, self.model.constants(), SAFE_SCALAR, lazy=True)

    def value(self, u: np.ndarray) -> np.ndarray:
        """Return the rates, shape (n,); NaN where they have no value."""
        return _numbers(self._plain[0], self.size, u.tolist())

    def slopes(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the rates and their derivatives, shapes (n,) and (n, n + parameters)."""
        width = len(u) + 1
        found = _numbers(self._plain[1], self.size * width, u.tolist()).reshape(self.size, width)
        return found[:, 0], found[:, 1:]

    def second(self, u: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the second derivative in two directions of the shape of `u`, real or complex."""
        return _numbers(self._higher[0], self.size, u.tolist(), a.tolist(), b.tolist())

    def third(self, u: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
        """Return the third derivative in three directions."""
        return _numbers(self._higher[1], self.size, u.tolist(), a.tolist(), b.tolist(), c.tolist())

    def forms(self, u: np.ndarray) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """Return `second` and `third` at `u` for directions of the states alone."""
        still = np.zeros(len(u) - self.size)

        def wide(v: np.ndarray) -> np.ndarray:
            return np.concatenate([v, still])

        return (
            lambda a, b: self.second(u, wide(a), wide(b)),
            lambda a, b, c: self.third(u, wide(a), wide(b), wide(c)),
        )


def _numbers(compute: Callable[..., Any], size: int, *arguments: Any) -> np.ndarray:
    try:
        return np.array(compute(*arguments))
    except (OverflowError, ZeroDivisionError, ValueError):
        return np.full(size, np.nan)


@lru_cache(maxsize=64)
def _forms(structure: Structure, blocks: tuple[str, ...]) -> str:
    """Return code for ``second(u, a, b)`` and ``third(u, a, b, c)``."""
    lines, states = structure.lines(), structure.program.states
    moving = [*states, *blocks]
    functions = []
    for title, directions in (("second", "ab"), ("third", "abc")):
        known = {name: {frozenset(d): f"{name}_d{d}" for d in directions} for name in moving}
        groups = [
            frozenset(group)
            for size in range(1, len(directions) + 1)
            for group in combinations(directions, size)
        ]
        more: list[tuple[str, Tree]] = []
        for name, tree in lines:
            more.append((name, tree))
            along: dict[frozenset[str], Tree] = {frozenset(): tree}
            known[name] = {}
            for group in groups:
                last = max(group)
                total = _along(along[group - {last}], last, known)
                along[group] = total
                if total != ZERO:
                    own = f"{name}_d{''.join(sorted(group))}"
                    more.append((own, total))
                    known[name][group] = own
        arguments = [("u", moving), *((d, [f"{m}_d{d}" for m in moving]) for d in directions)]
        whole = frozenset(directions)
        returned = [known[rate_of(name)].get(whole, "0.0") for name in states]
        functions.append((title, arguments, more, returned))
    return factory(structure.program.constants, blocks, functions)


def _along(tree: Tree, direction: str, known: dict[str, dict[frozenset[str], str]]) -> Tree:
    """Return the derivative of a tree along a direction; derivatives so far count as names."""
    owners = {own: (name, group) for name, has in known.items() for group, own in has.items()}
    terms = []
    for name in dict.fromkeys(names(tree)):
        base, group = owners.get(name, (name, frozenset()))
        change = known.get(base, {}).get(group | {direction})
        if change is not None:
            part = derivative(tree, name)
            terms.append(multiply(part, Name(change)) if part != ZERO else ZERO)
    return add(*terms)
