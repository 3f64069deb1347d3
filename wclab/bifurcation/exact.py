"""A circuit's rates as functions of states and parameters, with exact derivatives of order 1 to 3.

The code is generated from the checked trees of the equations. Every line is differentiated on
its own and hands its derivatives on by the chain rule, so that nothing grows with the number of
lines; a part that occurs twice is computed once.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from wclab.equations import (
    SAFE_SCALAR,
    ZERO,
    Call,
    Name,
    Tree,
    add,
    derivative,
    multiply,
    names,
    to_code,
)
from wclab.model import Model
from wclab.program import instantiate

Lines = Sequence[tuple[str, Tree]]
Strings = tuple[str, ...]


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
        lines, states = _trees(model)
        self._source = tuple(lines), tuple(states), model.program.constants, self.blocks

    @cached_property
    def _plain(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        return self._built(_slopes(*self._source))

    @cached_property
    def _higher(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        return self._built(_forms(*self._source))

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


def _trees(model: Model) -> tuple[list[tuple[str, Tree]], list[str]]:
    """Return every line of a model by its name, and the names of its states."""
    blocks = model.network.blocks
    states = list(model.program.states)
    lines: list[tuple[str, Tree]] = []
    for name in model.network.order:
        tree = blocks[name].tree
        assert tree is not None
        lines.append((name, tree))
    for name in states:
        tree = blocks[name].tree
        assert tree is not None
        lines.append((f"{name}_rate_", tree))
    return lines, states


@lru_cache(maxsize=64)
def _slopes(lines: Lines, states: Strings, constants: Strings, blocks: Strings) -> str:
    """Return code for ``value(u)`` and ``slopes(u)``."""
    moving = [*states, *blocks]
    seeds: dict[str, dict[str, Tree]] = {name: {name: Name("_one")} for name in moving}
    more: list[tuple[str, Tree]] = []
    for name, tree in lines:
        more.append((name, tree))
        seeds[name] = {}
        parts = {m: derivative(tree, m) for m in dict.fromkeys(names(tree)) if seeds.get(m)}
        for target in moving:
            terms = [
                part if seeds[m][target] == Name("_one") else multiply(part, seeds[m][target])
                for m, part in parts.items()
                if target in seeds[m]
            ]
            total = add(*terms)
            if total != ZERO:
                own = f"{name}_by_{target}"
                more.append((own, total))
                seeds[name][target] = Name(own)
    rates = [f"{name}_rate_" for name in states]
    wide = [
        code
        for rate in rates
        for code in (
            rate,
            *(seeds[rate][m].id if m in seeds[rate] else "0.0" for m in moving),  # type: ignore[union-attr]
        )
    ]
    return _factory(constants, blocks, [
        ("value", [("u", moving)], lines, rates),
        ("slopes", [("u", moving)], more, wide),
    ])  # fmt: skip


@lru_cache(maxsize=64)
def _forms(lines: Lines, states: Strings, constants: Strings, blocks: Strings) -> str:
    """Return code for ``second(u, a, b)`` and ``third(u, a, b, c)``."""
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
        returned = [known[f"{name}_rate_"].get(whole, "0.0") for name in states]
        functions.append((title, arguments, more, returned))
    return _factory(constants, blocks, functions)


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


def _factory(known: Strings, blocks: Strings, functions: Sequence[Any]) -> str:
    """Return code of a factory of functions, each given by arguments, lines, returned names."""
    constants = [f"{name}_was_" if name in blocks else name for name in known]
    text = ["def build(p):", f"    ({''.join(f'{name}, ' for name in constants)}) = p"]
    if not constants:
        text.pop()
    for title, arguments, lines, returned in functions:
        text.append(f"    def {title}({', '.join(name for name, _ in arguments)}):")
        for name, parts in arguments:
            text.append(f"        ({''.join(f'{part}, ' for part in parts)}) = {name}")
        text += [f"        {name} = {code}" for name, code in _shared(lines, returned)]
        text.append(f"        return ({''.join(f'{name}, ' for name in returned)})")
    return "\n".join([*text, f"    return {', '.join(title for title, *_ in functions)}"])


def _shared(lines: Lines, returned: Sequence[str]) -> list[tuple[str, str]]:
    """Return lines as code, without what is not used; repeated parts get a line of their own."""
    wanted = set(returned)
    kept: list[tuple[str, Tree]] = []
    for name, tree in reversed(lines):
        if name in wanted:
            wanted.update(names(tree))
            kept.append((name, tree))
    kept.reverse()
    uses: Counter[Tree] = Counter()

    def count(tree: Tree) -> None:
        if isinstance(tree, Call):
            uses[tree] += 1
            if uses[tree] == 1:
                for part in tree.arguments[:1] if tree.function == "where" else tree.arguments:
                    count(part)

    for _, tree in kept:
        count(tree)
    taken: dict[Tree, str] = {}
    code: list[tuple[str, str]] = []

    def short(tree: Tree) -> Tree:
        if not isinstance(tree, Call):
            return tree
        if tree in taken:
            return Name(taken[tree])
        inner = tree.arguments
        if tree.function == "where":  # what is not chosen may have no value
            new = Call("where", (short(inner[0]), *inner[1:]))
        else:
            new = Call(tree.function, tuple(short(part) for part in inner))
        if uses[tree] < 2:
            return new
        taken[tree] = f"_p{len(taken)}"
        code.append((taken[tree], to_code(new)))
        return Name(taken[tree])

    for name, tree in kept:
        code.append((name, to_code(short(tree))))
    return code
