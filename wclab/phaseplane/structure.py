"""The equations of a model without its numbers, and the code of its derivatives.

The contract: models that differ in their numbers only have equal structures, so that nothing
here is done twice while a slider moves. Every line of code is differentiated on its own and hands
its derivatives on by the chain rule; a part that occurs twice is computed once. The same text
runs on floats and on arrays.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from wclab.blocks import Network
from wclab.equations import (
    ZERO,
    Call,
    Name,
    Tree,
    add,
    derivative,
    multiply,
    names,
    substitute,
    to_code,
)
from wclab.model import Model
from wclab.program import Program

Lines = Sequence[tuple[str, Tree]]
Strings = tuple[str, ...]


@dataclass(frozen=True)
class Structure:
    """What models share that differ in numbers only; equal if their programs are."""

    program: Program
    network: Network = field(compare=False, repr=False)

    def lines(self) -> Lines:
        """Return every algebraic variable and every rate, by name, in the order of computing."""
        algebraic = [(name, self._tree(name)) for name in self.network.order]
        return [*algebraic, *((rate_of(name), self._tree(name)) for name in self.program.states)]

    def _tree(self, name: str) -> Tree:
        tree = self.network.blocks[name].tree
        assert tree is not None
        return tree


def structure_of(model: Model) -> Structure:
    """Return the structure of a model."""
    return Structure(model.program, model.network)


def rate_of(state: str) -> str:
    """Return what the derivative of a state is called in generated code."""
    return f"{state}_rate_"


@lru_cache(maxsize=64)
def expanded(structure: Structure) -> tuple[Tree, ...]:
    """Return the derivative of each state over states and constants only."""
    known: dict[str, Tree] = {}
    for name, tree in structure.lines():
        known[name] = substitute(tree, known)
    return tuple(known[rate_of(name)] for name in structure.program.states)


@lru_cache(maxsize=64)
def slopes(structure: Structure, blocks: Strings = ()) -> str:
    """Return code for ``value(u)`` and ``slopes(u)``; u is all states, then some constants.

    The latter returns for each state its rate and then the derivatives of the rate by u.
    """
    lines, states = structure.lines(), structure.program.states
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
    rates = [rate_of(name) for name in states]
    wide = [
        code
        for rate in rates
        for code in (
            rate,
            *(seeds[rate][m].id if m in seeds[rate] else "0.0" for m in moving),  # type: ignore[union-attr]
        )
    ]
    return factory(structure.program.constants, blocks, [
        ("value", [("u", moving)], lines, rates),
        ("slopes", [("u", moving)], more, wide),
    ])  # fmt: skip


def factory(known: Strings, blocks: Strings, functions: Sequence[Any]) -> str:
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
