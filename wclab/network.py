"""From a circuit to a network: every variable under one path, ready to be computed.

A network is a list of blocks. A block is one variable of every member of a group of equal
nodes, so that its numbers form an array; without grouping every block holds one number.
Edges become terms of the sums that feed inputs; an edge with equations of its own becomes
a node between two plain edges, and a gamma-distributed delay a node of first-order stages.

The contract: `Network.blocks` are in an order in which each can be computed from those
before it, the states, the constants and the drives.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from wclab.blocks import Block, Network, sort_blocks
from wclab.equations import (
    FUNCTIONS,
    Call,
    Name,
    Number,
    Tree,
    add,
    names,
    parse_expression,
    rename,
    substitute,
)
from wclab.errors import EquationError, OptionError, TemplateError, nearest
from wclab.templates import (
    CONSTANTS,
    Circuit,
    Edge,
    MatrixEdges,
    NodeTemplate,
    OperatorTemplate,
)
from wclab.wiring import Wire, desugar

ARRAYS_PAY = 500  # terms of a step from which on NumPy beats plain Python
DENSE = 0.2  # of all pairs connected: from here on a dense matrix is faster
SMALL = 20_000  # pairs up to which it is faster in any case


@dataclass(eq=False)
class _Group:
    """Nodes of one structure."""

    label: str
    node: NodeTemplate
    members: list[str] = field(default_factory=list)
    nodes: list[NodeTemplate] = field(default_factory=list)


def build_network(
    circuit: Circuit,
    driven: Iterable[str] = (),
    *,
    noisy: Iterable[tuple[str, str]] = (),
    grouped: bool = False,
) -> Network:
    """Flatten a circuit.

    Parameters
    ----------
    circuit : Circuit
        What to flatten.
    driven : iterable of str
        Full paths of inputs (or constants) that a run feeds; each becomes a drive.
    noisy : iterable of (str, str)
        Full paths of states whose derivative gets a drive added, and an expression in the
        variables of the state's operator that the drive is multiplied with, or "".
    grouped : bool
        Whether nodes of equal structure share blocks.

    Returns
    -------
    Network

    Raises
    ------
    TemplateError
        If algebraic equations form a loop, or the circuit has no node.
    OptionError
        If a driven variable is set by its equation.
    """
    builder = _Builder(circuit, frozenset(driven), dict(noisy), grouped)
    return builder.network()


def worth_grouping(circuit: Circuit) -> bool:
    """Tell whether a circuit runs faster as arrays: many connections, several nodes of a kind."""
    nodes = circuit.flat_nodes
    if circuit.kinds > len(nodes) / 4:
        return False
    single = sum(isinstance(edge, Edge) for edge in circuit.flat_edges)
    many = sum(edge.count for edge in circuit.flat_edges if isinstance(edge, MatrixEdges))
    return 10 * len(nodes) + single + many > ARRAYS_PAY


class _Builder:
    def __init__(
        self, circuit: Circuit, driven: frozenset[str], noisy: Mapping[str, str], grouped: bool
    ) -> None:
        if not circuit.flat_nodes:
            raise TemplateError(f"circuit {circuit.name} has no nodes; there is nothing to run")
        self.driven, self.noisy, self.grouped = driven, noisy, grouped
        self.blocks: dict[str, Block] = {}
        self.where: dict[str, tuple[str, int]] = {}
        self.taken: set[str] = set()
        self.weights: dict[tuple[str, str], list[tuple[str, int]]] = {}
        nodes, self.wires = desugar(circuit)
        self.nodes = tuple(nodes)
        self.reached = {path for wire in self.wires for path in wire.reached()}
        self.groups = self._group(nodes)
        self.member = {
            label: (group, k) for group in self.groups for k, label in enumerate(group.members)
        }

    def network(self) -> Network:
        """Build all blocks and sort them."""
        for group in self.groups:
            self._declare(group)
        fed = self._connect()
        for group in self.groups:
            self._define(group, fed)
        order = sort_blocks(self.blocks)
        return Network(
            self.blocks,
            order,
            self.where,
            {ends: tuple(found) for ends, found in self.weights.items()},
            self.grouped,
            self.nodes,
        )

    def _group(self, nodes: Mapping[str, NodeTemplate]) -> list[_Group]:
        groups: dict[object, _Group] = {}
        for label, node in nodes.items():
            key = (node.structure, self._fed_in(label, node)) if self.grouped else label
            group = groups.setdefault(key, _Group(label, node))
            group.members.append(label)
            group.nodes.append(node)
        return list(groups.values())

    def _fed_in(self, label: str, node: NodeTemplate) -> tuple[object, ...]:
        """Return what feeds a node from outside; nodes of one group must agree in it."""
        paths = [f"{label}/{op.name}/{v}" for op in node.operators for v in op.variables]
        noise = tuple(self.noisy.get(path) for path in paths)
        return noise, *(
            tuple(k for k, path in enumerate(paths) if path in fed)
            for fed in (self.driven, self.reached)
        )

    def _identifier(self, *parts: str) -> str:
        """Return a new Python identifier made of path parts."""
        base = re.sub("[^0-9A-Za-z_]", "_", "_".join(parts))
        base = f"v_{base}" if not base[0].isalpha() or base in _WORDS else base
        name, count = base, 1
        while name in self.taken:
            count += 1
            name = f"{base}_{count}"
        self.taken.add(name)
        return name

    def _add(self, block: Block) -> Block:
        self.blocks[block.name] = block
        for k, path in enumerate(block.paths):
            self.where[path] = (block.name, k)
        return block

    def _declare(self, group: _Group) -> None:
        """Make the blocks of a group, still without right-hand sides."""
        for n, operator in enumerate(group.node.operators):
            targets = {equation.target: equation for equation in operator.parsed}
            for variable in operator.variables:
                equation = targets.get(variable)
                kind = "constant"
                if equation is not None:
                    kind = "state" if equation.differential else "algebraic"
                values = [node.operators[n].variables[variable].value for node in group.nodes]
                self._add(
                    Block(
                        self._identifier(group.label, operator.name, variable),
                        tuple(f"{label}/{operator.name}/{variable}" for label in group.members),
                        kind,
                        np.array(values, dtype=float),
                    )
                )

    def block(self, path: str) -> tuple[Block, int]:
        """Return the block of a path and the position in it."""
        name, position = self.where[path]
        return self.blocks[name], position

    def _connect(self) -> dict[str, list[Tree]]:
        """Return, for each block's name, the terms that edges bring."""
        fed: dict[str, list[Tree]] = {}
        for wire in self.wires:
            if self.grouped:
                self._connect_arrays(wire, fed)
            else:
                self._connect_scalars(wire, fed)
        return fed

    def _connect_scalars(self, wire: Wire, fed: dict[str, list[Tree]]) -> None:
        for source, target, weight, delay in wire.singles():
            block, _ = self.block(source)
            into, _ = self.block(target)
            name = (
                self._delayed(block, np.array([0]), np.array([delay])).name if delay else block.name
            )
            term: Tree = Name(name)
            if not wire.unit:
                constant = Block(
                    self._identifier("weight", into.name, "from", block.name), (), "constant",
                    np.array([weight]),
                )  # fmt: skip
                self._add(constant)
                self.weights.setdefault((source, target), []).append((constant.name, 0))
                term = Call("*", (Name(constant.name), term))
            fed.setdefault(into.name, []).append(term)

    def _connect_arrays(self, wire: Wire, fed: dict[str, list[Tree]]) -> None:
        """Add one product of a matrix and a vector for each pair of blocks a wire joins."""
        from scipy import sparse

        for (source, target), (rows, columns, weights, delays) in wire.bunches(self.where).items():
            block, into = self.blocks[source], self.blocks[target]
            name, width = block.name, len(block.paths)
            if np.any(delays):
                pairs = np.stack([columns, delays])
                unique, columns = np.unique(pairs, axis=1, return_inverse=True)
                columns = np.ravel(columns)
                index = unique[0].astype(int)
                name, width = self._delayed(block, index, unique[1]).name, len(index)
            shape = (len(into.paths), width)
            label = self._identifier("weights", target, "from", name)
            terms = fed.setdefault(target, [])
            order = np.argsort(rows, kind="stable") if len(rows) == shape[0] else rows[:0]
            if np.array_equal(rows[order], np.arange(shape[0])):  # one source for each member
                term: Tree = Name(name)
                broadcast = width == 1 and not wire.unit
                if not broadcast and not np.array_equal(columns[order], np.arange(width)):
                    term = self._map(label, columns[order], "take", name, target)
                if not wire.unit:
                    label = self._identifier("weight", target, "from", name)
                    self._add(Block(label, (), "constant", weights[order]))
                    term = Call("*", (Name(label), term))
                terms.append(term)
                continue
            matrix = sparse.coo_array((weights, (rows, columns)), shape=shape).tocsr()
            if matrix.nnz > DENSE * shape[0] * shape[1] or shape[0] * shape[1] <= SMALL:
                matrix = matrix.toarray()
            terms.append(self._map(label, matrix, "matvec", name, target))

    def _map(self, label: str, matrix: object, function: str, source: str, target: str) -> Name:
        """Return a new block that is a linear map of a source block."""
        self._add(Block(label, (), "constant", np.zeros(0), matrix=matrix))
        name = self._identifier("sum", target, "from", source)
        tree = Call(function, (Name(label), Name(source)))
        return Name(self._add(Block(name, (), "algebraic", np.zeros(0), tree)).name)

    def _delayed(self, source: Block, index: np.ndarray, delays: np.ndarray) -> Block:
        """Return a block that reads another one some time ago."""
        name = self._identifier(source.name, "delayed")
        return self._add(
            Block(
                name,
                (),
                "delayed",
                np.asarray(delays, dtype=float),
                source=source.name,
                index=index,
            )
        )

    def _define(self, group: _Group, fed: Mapping[str, list[Tree]]) -> None:
        """Give right-hand sides to a group's blocks."""
        first = group.members[0]
        for operator in group.node.operators:
            scope = {v: self.where[f"{first}/{operator.name}/{v}"][0] for v in operator.variables}
            for equation in operator.parsed:
                block = self.blocks[scope[equation.target]]
                self._refuse_driven(block)
                block.tree = self._as_array(
                    self._resolved(equation.tree, scope, group, operator), len(group.members)
                )
                if block.paths[0] in self.noisy:
                    block.tree = add(block.tree, self._noise(block, scope, group, operator))
            for variable, declared in operator.variables.items():
                block = self.blocks[scope[variable]]
                if block.kind != "constant":
                    continue
                terms: list[Tree] = []
                if declared.kind == "input":
                    terms += [
                        Name(self.where[f"{first}/{other.name}/{variable}"][0])
                        for other in group.node.operators
                        if other is not operator and other.output == variable
                    ]
                terms += fed.get(block.name, [])
                if block.paths[0] in self.driven:
                    terms.append(Name(self._drive(block).name))
                if terms:
                    block.kind, block.tree = "algebraic", add(*terms)

    def _resolved(
        self, tree: Tree, scope: Mapping[str, str], group: _Group, operator: OperatorTemplate
    ) -> Tree:
        """Return an equation's tree over block names, with delayed reads as blocks."""
        constants: dict[str, Tree] = {
            key: Number(value) for key, value in CONSTANTS.items() if key not in scope
        }
        tree = self._lift_past(substitute(tree, constants), scope, group, operator)
        return rename(tree, lambda name: scope.get(name, name))

    def _as_array(self, tree: Tree, members: int) -> Tree:
        """Give a tree without variables the shape of its group."""
        if not self.grouped or any(name != "t" for name in names(tree)):
            return tree
        zeros = Block(self._identifier("zeros", "of", "group"), (), "constant", np.zeros(members))
        return Call("+", (tree, Name(self._add(zeros).name)))

    def _lift_past(
        self, tree: Tree, scope: Mapping[str, str], group: _Group, operator: OperatorTemplate
    ) -> Tree:
        if not isinstance(tree, Call):
            return tree
        if tree.function != "past":
            arguments = tuple(self._lift_past(a, scope, group, operator) for a in tree.arguments)
            return Call(tree.function, arguments)
        variable, delay = tree.arguments
        if (
            isinstance(delay, Name)
            and delay.id in scope
            and operator.variables[delay.id].kind == "constant"
            and self.blocks[scope[delay.id]].paths[0] not in self.reached | self.driven
        ):
            delays = self.blocks[scope[delay.id]].values
        elif isinstance(delay, Number):
            delays = np.full(len(group.members), delay.value)
        else:
            raise TemplateError(
                f"operator {operator.name}: a delay must be a number or a constant, as in x(t - d)"
            )
        if np.any(delays <= 0):
            raise OptionError(
                f"operator {operator.name}: a delay must be above 0, not {delays.min()}"
            )
        source = self.blocks[scope[variable.id]]  # type: ignore[union-attr]
        return Name(self._delayed(source, np.arange(len(group.members)), delays).name)

    def _refuse_driven(self, block: Block) -> None:
        for path in block.paths:
            if path in self.driven:
                raise OptionError(
                    f"{path!r} is set by its equation, so an input cannot drive it; drive a "
                    "variable declared as input"
                )

    def _drive(self, block: Block) -> Block:
        name = self._identifier("drive", block.name)
        drive = Block(name, (), "drive", np.zeros(len(block.paths)))
        self.blocks[name] = drive
        drive.source = block.name
        return drive

    def _noise(
        self, block: Block, scope: Mapping[str, str], group: _Group, operator: OperatorTemplate
    ) -> Tree:
        """Return what noise adds to a derivative: a drive, perhaps times its strength."""
        drive, text = Name(self._drive(block).name), self.noisy[block.paths[0]]
        if not text:
            return drive
        try:
            strength = parse_expression(text)
            for name in names(strength):
                if name not in scope and name not in CONSTANTS and name != "t":
                    known = nearest(name, operator.variables)
                    raise EquationError(
                        f"operator {operator.name} has no variable {name!r}.{known}"
                    )
        except EquationError as error:
            raise EquationError(f"noise of {block.paths[0]!r}: {error}") from None
        return Call("*", (self._resolved(strength, scope, group, operator), drive))


_WORDS = frozenset({*FUNCTIONS, "power", "t"})
