"""Blocks and the network they form: the records between circuits and models.

The contract: a `Block` is one variable of every member of a group of equal nodes; a
`Network` holds all of them in an order in which each can be computed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from wclab.equations import Tree, names
from wclab.errors import TemplateError

KINDS = ("constant", "drive", "delayed", "state", "algebraic")


@dataclass(eq=False)
class Block:
    """One variable of every member of a group.

    `kind` is one of `KINDS`. `values` are constants, initial values, or for a delayed block
    the delays; `tree` is the right-hand side over block names (of the derivative, for a
    state); `source` and `index` say what a delayed block reads.
    """

    name: str
    paths: tuple[str, ...]
    kind: str
    values: np.ndarray
    tree: Tree | None = None
    source: str = ""
    index: np.ndarray = field(default_factory=lambda: np.zeros(1, dtype=int))
    matrix: object = None  # a weight matrix or an index array, for a constant that is one


@dataclass(frozen=True, eq=False)
class Network:
    """A flattened circuit.

    `blocks` are all variables by name; `order` names the algebraic ones in the order they are
    computed; `where` finds a path's block and position; `weights` finds an edge's; `nodes` are
    the paths of all nodes, those made from edges last.
    """

    blocks: Mapping[str, Block]
    order: tuple[str, ...]
    where: Mapping[str, tuple[str, int]]
    weights: Mapping[tuple[str, str], tuple[tuple[str, int], ...]]
    grouped: bool
    nodes: tuple[str, ...] = ()

    def of_kind(self, kind: str) -> list[Block]:
        """Return the blocks of one kind."""
        return [block for block in self.blocks.values() if block.kind == kind]


class AlgebraicLoopError(TemplateError):
    """Algebraic equations that depend on each other in a circle."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__(
            f"these variables depend on each other in a loop without a differential equation: "
            f"{' -> '.join(paths)}. Give one of them a differential equation, or put a delay on an "
            "edge"
        )


def sort_blocks(blocks: Mapping[str, Block]) -> tuple[str, ...]:
    """Return the algebraic blocks in the order they can be computed, or name the loop."""
    algebraic = {name: block for name, block in blocks.items() if block.kind == "algebraic"}
    needs = {
        name: [other for other in names(block.tree) if other in algebraic]  # type: ignore[arg-type]
        for name, block in algebraic.items()
    }
    order: list[str] = []
    state: dict[str, int] = {}  # 1: being visited, 2: done
    for root in algebraic:
        stack: list[tuple[str, int]] = [(root, 0)] if root not in state else []
        trail: list[str] = []
        while stack:
            name, child = stack.pop()
            if child == 0:
                state[name] = 1
                trail.append(name)
            if child < len(needs[name]):
                stack.append((name, child + 1))
                other = needs[name][child]
                if state.get(other) == 1:
                    loop = [*trail[trail.index(other) :], other]
                    raise AlgebraicLoopError([blocks[b].paths[0] for b in loop if blocks[b].paths])
                if other not in state:
                    stack.append((other, 0))
            else:
                state[name] = 2
                trail.pop()
                order.append(name)
    return tuple(order)
