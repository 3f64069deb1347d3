"""A network as lines of code: printed once, put together by the engines.

The code is generated from checked trees only, and is the same text for scalar Python and
for NumPy arrays.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from wclab.blocks import Block, Network
from wclab.equations import SCALAR, Call, Name, Tree, lazy_where, names, to_code
from wclab.simplify import faster, inline


@dataclass(frozen=True)
class Program:
    """A model as lines of code over block names, for engines to put together.

    `hoisted` lines need the constants only; `body` lines give every algebraic block from
    time ``t``, states, drives and delayed values; `steps` lines are what is left of them
    where only the states' derivatives, `rates`, and what delays read are wanted.
    """

    states: tuple[str, ...]
    drives: tuple[str, ...]
    delayed: tuple[str, ...]
    constants: tuple[str, ...]
    hoisted: tuple[tuple[str, str], ...]
    body: tuple[tuple[str, str], ...]
    steps: tuple[tuple[str, str], ...]
    rates: tuple[str, ...]
    uses_time: bool

    @cached_property
    def known(self) -> frozenset[str]:
        """The names whose values do not change in a run."""
        return frozenset((*self.constants, *(name for name, _ in self.hoisted)))

    @cached_property
    def factored(self) -> tuple[tuple[str, str], ...]:
        """Each of `rates` as the name of a factor that does not change, or "", and the rest."""
        found = [re.fullmatch(r"\((\w+) \* (.+)\)", rate) for rate in self.rates]
        return tuple(
            (match[1], match[2]) if match and match[1] in self.known else ("", rate)
            for match, rate in zip(found, self.rates, strict=True)
        )

    def factory(self, functions: str) -> str:
        """Return ``def build(p): ...`` around the source of some inner functions."""
        lines = ["def build(p):", f"    {_unpack(self.constants)} = p"]
        lines += [f"    {name} = {code}" for name, code in self.hoisted]
        lines += [f"    {line}" for line in functions.splitlines()]
        return "\n".join(lines)

    def locals(self, code: str) -> str:
        """Return arguments whose defaults are what `code` reads of constants and functions.

        As arguments they are local variables, which Python reads faster than those of an outer
        function.
        """
        known = {*self.known, *SCALAR}
        used = dict.fromkeys(name for name in re.findall(r"\w+", code) if name in known)
        return "".join(f", {name}={name}" for name in used)

    def function(self, name: str, returned: Sequence[str], *, fast: bool = False) -> str:
        """Return the source of ``name(t, y, u, z)``: the body, or `fast` only the steps."""
        lines = []
        for group, argument in ((self.states, "y"), (self.drives, "u"), (self.delayed, "z")):
            if group:
                lines.append(f"    {_unpack(group)} = {argument}")
        lines += [f"    {name} = {code}" for name, code in (self.steps if fast else self.body)]
        lines.append(f"    return ({''.join(f'{value}, ' for value in returned)})")
        inner = "\n".join(lines)
        return f"def {name}(t, y, u, z{self.locals(inner)}):\n{inner}"


def _unpack(group: Sequence[str]) -> str:
    return f"({''.join(f'{name}, ' for name in group)})" if group else "()"


@lru_cache(maxsize=256)
def compile_source(source: str, *, lazy: bool = False) -> Any:
    """Compile generated source once; `lazy`: ``where`` computes the chosen branch only."""
    tree = ast.parse(source)
    return compile(lazy_where(tree) if lazy else tree, "<wclab model>", "exec")


def instantiate(
    source: str, constants: Sequence[Any], namespace: Mapping[str, Any], *, lazy: bool = False
) -> Any:
    """Run the factory in `source` with values for the constants; return what it returns."""
    scope: dict[str, Any] = {"__builtins__": {"range": range, "zip": zip}, **namespace}
    code = compile_source(source, lazy=lazy)
    exec(code, scope)  # noqa: S102 - text generated from checked trees only
    return scope["build"](constants)


def make_program(network: Network, kept: Sequence[str] = ()) -> Program:
    """Print a network as a program; networks that differ in their numbers only share it.

    `kept` names algebraic blocks that `Program.steps` shall hold in any case.
    """
    algebraic = [network.blocks[name] for name in network.order]
    return _print(
        tuple((block.name, _tree(block)) for block in algebraic),
        tuple((block.name, _tree(block)) for block in network.of_kind("state")),
        tuple(block.name for block in network.of_kind("constant")),
        tuple(block.name for block in network.of_kind("drive")),
        tuple((block.name, block.source) for block in network.of_kind("delayed")),
        tuple(kept),
    )


@lru_cache(maxsize=64)
def _print(
    algebraic: tuple[tuple[str, Tree], ...],
    rates: tuple[tuple[str, Tree], ...],
    constants: tuple[str, ...],
    drives: tuple[str, ...],
    delayed: tuple[tuple[str, str], ...],
    kept: tuple[str, ...] = (),
) -> Program:
    """Print equations (name and tree, in order) as a program; see `Program`."""
    hoisted: dict[Tree, str] = {}
    known = set(constants)

    def hoist(tree: Tree) -> Tree:
        """Give every part that needs constants only a name of its own."""
        if not isinstance(tree, Call):
            return tree
        if all(name in known for name in names(tree)):
            return Name(hoisted.setdefault(tree, f"c{len(hoisted)}_"))
        if tree.function == "where":  # a branch may have no value unless it is chosen
            return Call("where", (hoist(tree.arguments[0]), *tree.arguments[1:]))
        return Call(tree.function, tuple(hoist(argument) for argument in tree.arguments))

    short = inline(
        dict(algebraic), dict(algebraic + rates), {*kept, *(source for _, source in delayed)}
    )
    fast = {name: to_code(hoist(faster(tree, known, drives))) for name, tree in short.items()}
    return Program(
        states=tuple(name for name, _ in rates),
        drives=drives,
        delayed=tuple(name for name, _ in delayed),
        constants=constants,
        body=tuple((name, to_code(hoist(tree))) for name, tree in algebraic),
        steps=tuple((name, fast[name]) for name, _ in algebraic if name in fast),
        rates=tuple(fast[name] for name, _ in rates),
        hoisted=tuple((name, to_code(tree)) for tree, name in hoisted.items()),
        uses_time=any("t" in names(tree) for _, tree in algebraic + rates),
    )


def _tree(block: Block) -> Tree:
    assert block.tree is not None
    return block.tree
