"""Circuits: frozen records of nodes, nested circuits and edges, with full paths.

The contract: every edge of a circuit starts and ends at a variable that exists. A path is
``node/operator/variable``, with the names of nested circuits in front; an edge that has a
template is a place too, ``source_node->target_node/operator/variable``.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from wclab.errors import OptionError, PathError, TemplateError, TemplateTypeError, nearest, show
from wclab.templates.edges import Edge, EdgeParts, MatrixEdges, check_attributes, read_edge
from wclab.templates.nodes import NodeTemplate
from wclab.templates.operators import OperatorTemplate
from wclab.templates.reader import place as position
from wclab.templates.variables import check_name

MAX_NODES = 1_000_000


class Place(NamedTuple):
    """A variable's address."""

    node: str
    operator: str
    variable: str

    def __str__(self) -> str:
        return "/".join(self)


@dataclass(frozen=True, eq=False)
class Circuit:
    """Nodes, or circuits of nodes, and the edges between them."""

    name: str
    nodes: Mapping[str, NodeTemplate]
    circuits: Mapping[str, "Circuit"]
    edges: tuple[Edge | MatrixEdges, ...]
    path: str | None = None
    description: str | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "circuit")
        if self.nodes and self.circuits:
            raise TemplateError(
                f"circuit {self.name}: a level holds nodes or circuits, not both; put the nodes "
                "in a circuit of their own"
            )
        for label, part in {**self.nodes, **self.circuits}.items():
            check_name(label, "node")
            if "->" in label or label == "all":
                raise TemplateError(f"circuit {self.name}: {label!r} cannot name a node")
            wanted = NodeTemplate if self.nodes else Circuit
            if not isinstance(part, wanted):
                raise TemplateTypeError(
                    f"circuit {self.name}: {label!r} must be a {wanted.__name__}, not {show(part)}"
                )
        if self.size > MAX_NODES:
            raise TemplateError(f"circuit {self.name} has more than {MAX_NODES:,} nodes")
        for edge in self.edges:
            for end in (*edge.ends(), *edge.extra_sources()):
                try:
                    place = self.locate(end)
                except PathError as error:
                    raise PathError(f"{position(end)}{error}") from None
                operator = self.flat_nodes[place.node][place.operator]
                if end in edge.fed and any(e.target == place.variable for e in operator.parsed):
                    raise TemplateError(
                        f"{position(end)}an edge leads to {end!r}, which is set by its own "
                        "equation; edges lead to variables declared as input"
                    )

    @cached_property
    def size(self) -> int:
        """Number of nodes at any depth."""
        return len(self.nodes) + sum(circuit.size for circuit in self.circuits.values())

    @cached_property
    def flat_nodes(self) -> dict[str, NodeTemplate]:
        """Every node at any depth, by its full path."""
        flat = dict(self.nodes)
        for label, circuit in self.circuits.items():
            flat |= {f"{label}/{path}": node for path, node in circuit.flat_nodes.items()}
        return flat

    @cached_property
    def kinds(self) -> int:
        """How many nodes differ in more than numbers."""
        return len({node.structure for node in self.flat_nodes.values()})

    @cached_property
    def fed(self) -> frozenset[str]:
        """The paths of the variables that edges lead to."""
        return frozenset().union(*(edge.fed for edge in self.flat_edges))

    @cached_property
    def flat_edges(self) -> tuple[Edge | MatrixEdges, ...]:
        """Every edge at any depth, with full paths; the inner ones first."""
        inner = (
            edge.below(label)
            for label, circuit in self.circuits.items()
            for edge in circuit.flat_edges
        )
        return (*inner, *self.edges)

    @cached_property
    def templated_edges(self) -> dict[str, EdgeParts]:
        """Edges with equations of their own, by label (``e->i``, then ``e->i#2``)."""
        found: dict[str, EdgeParts] = {}
        count: Counter[str] = Counter()
        for edge in self.flat_edges:
            for single in edge.expand() if edge.template is not None else ():
                label = "->".join(end.rsplit("/", 2)[0] for end in (single.source, single.target))
                count[label] += 1
                label += f"#{count[label]}" if count[label] > 1 else ""
                found[label] = read_edge(single)
        return found

    def locate(self, path: object) -> Place:
        """Return the address of a variable of a node, or raise a `PathError`."""
        place = _split(path)
        if place.node not in self.flat_nodes:
            raise PathError(
                f"{show(path)} names no variable: the circuit has no node {place.node!r}."
                f"{nearest(place.node, self.flat_nodes)}"
            )
        find_in_node(self.flat_nodes[place.node], place)
        return place

    def locate_all(self, path: object) -> list[Place]:
        """Return the addresses a path with ``all`` stands for; others as `locate` does."""
        place = _split(path)
        if "all" not in place.node.split("/"):
            return [self.locate(path)]
        members = [
            Place(node, place.operator, place.variable)
            for node in self.nodes_like(place.node)
            if _has(self.flat_nodes[node], place)
        ]
        if not members:
            known = sorted({
                f"{op.name}/{variable}"
                for node in self.nodes_like(place.node)
                for op in self.flat_nodes[node].operators
                for variable in op.variables
            })  # fmt: skip
            short = f"{place.operator}/{place.variable}"
            raise PathError(
                f"{show(path)} names no variable: no node has {short!r}.{nearest(short, known)}"
            )
        return members

    def nodes_like(self, pattern: str) -> list[str]:
        """Return the paths that begin with a pattern; ``all`` stands for any name at its level."""
        if pattern in self.flat_nodes:
            return [pattern]
        wanted = pattern.split("/")
        named = [(level, name) for level, name in enumerate(wanted) if name != "all"]
        found = []
        for path in self.flat_nodes:
            parts = path.split("/")
            if len(parts) >= len(wanted) and all(parts[level] == name for level, name in named):
                found.append(path)
        return found

    def with_values(self, values: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> "Circuit":
        """Return a circuit with other numbers: node path to operator to variable to value."""
        nodes = dict(self.nodes)
        for label in nodes.keys() & values.keys():
            for operator, changes in values[label].items():
                nodes[label] = nodes[label].with_values(operator, changes)
        circuits = dict(self.circuits)
        for label, circuit in circuits.items():
            inner = {
                path.removeprefix(f"{label}/"): changes
                for path, changes in values.items()
                if path.startswith(f"{label}/")
            }
            if inner:
                circuits[label] = circuit.with_values(inner)
        return replace(self, nodes=nodes, circuits=circuits)

    def with_vars(
        self,
        node_vars: Mapping[str, Any] | None = None,
        edge_vars: Iterable[tuple[Any, ...]] | None = None,
    ) -> "Circuit":
        """Return a circuit with other node values and edge attributes."""
        if not isinstance(node_vars or {}, Mapping):
            raise OptionError(
                f"node_vars is a dict such as {{'e/rate_op/tau': 5.0}}, not {show(node_vars)}"
            )
        values: dict[str, dict[str, dict[str, Any]]] = {}
        on_edges: list[tuple[Any, ...]] = []
        for path, value in (node_vars or {}).items():
            label = str(path).rsplit("/", 2)[0]
            if label in self.templated_edges:
                name = str(path).removeprefix(f"{label}/")
                on_edges.append((*self._number(label), {name: value}))
                continue
            places = self.locate_all(path)
            for place, item in zip(places, spread_value(path, value, len(places)), strict=True):
                operator = self.flat_nodes[place.node][place.operator]
                refuse_computed(operator, place)
                self._refuse_fed(place)
                values.setdefault(place.node, {}).setdefault(place.operator, {})[place.variable] = (
                    item
                )
        circuit = self.with_values(values) if values else self
        numbered = [(source, target, new, k) for source, target, k, new in on_edges]
        for change in (*numbered, *(edge_vars or ())):
            circuit = circuit._with_edge(change)
        return circuit

    def _refuse_fed(self, place: Place) -> None:
        """Refuse to set a variable whose value comes from elsewhere."""
        node = self.flat_nodes[place.node]
        if node[place.operator].variables[place.variable].kind != "input":
            return
        inner = [op.name for op in node.operators if op.output == place.variable]
        if inner or str(place) in self.fed:
            origin = f"operator {inner[0]!r} of its node" if inner else "edges"
            instead = "what that depends on" if inner else "a weight, or another input,"
            raise OptionError(
                f"{str(place)!r} is fed by {origin}, so a value of its own would do nothing; set "
                f"{instead} instead"
            )

    def _number(self, label: str) -> tuple[str, str, int]:
        """Return the ends of a templated edge, and its number among those between them."""
        parts = self.templated_edges[label]
        twins = [
            other
            for other, its in self.templated_edges.items()
            if (its.source, its.target) == (parts.source, parts.target)
        ]
        found = self._matching(parts.source, parts.target)
        numbers = [k for k, (_, edge) in enumerate(found) if edge.template is not None]
        return parts.source, parts.target, numbers[twins.index(label)]

    def _with_edge(self, change: tuple[Any, ...]) -> "Circuit":
        """Return a circuit with one edge's attributes updated."""
        if not isinstance(change, tuple | list) or len(change) not in (3, 4):
            raise OptionError(
                f"edge_vars takes (source, target, {{'weight': ...}}), not {show(change)}"
            )
        source, target, attributes = change[:3]
        self.locate(source)
        self.locate(target)
        found = self._matching(source, target)
        if not found:
            pairs = [f"{e.source} -> {e.target}" for m in self.flat_edges for e in _few(m)]
            raise PathError(
                f"no edge leads from {show(source)} to {show(target)}."
                f"{nearest(f'{source} -> {target}', pairs)}"
            )
        if len(found) > 1 and len(change) == 3:
            raise OptionError(
                f"{len(found)} parallel edges lead from {show(source)} to {show(target)}; say "
                f"which one with a number: (source, target, {{...}}, 0 to {len(found) - 1})"
            )
        number = change[3] if len(change) == 4 else 0
        if not isinstance(number, int) or not 0 <= number < len(found):
            raise OptionError(
                f"edge number {show(number)}: there are {len(found)} edges from {show(source)} "
                f"to {show(target)}, counted from 0"
            )
        check_attributes(attributes, found[number][1])
        return self._replace_edge(found[number][0], source, target, attributes)

    def _matching(self, source: str, target: str) -> list[tuple[tuple[str | int, ...], Edge]]:
        """Return the edges between two variables, each with its place in the tree."""
        found: list[tuple[tuple[str | int, ...], Edge]] = []
        for label, circuit in self.circuits.items():
            if source.startswith(f"{label}/") and target.startswith(f"{label}/"):
                short = (source.removeprefix(f"{label}/"), target.removeprefix(f"{label}/"))
                found += [((label, *where), edge) for where, edge in circuit._matching(*short)]
        for k, edge in enumerate(self.edges):
            single = edge.find(source, target)
            if single is not None:
                found.append(((k,), single))
        return found

    def _replace_edge(
        self, where: tuple[str | int, ...], source: str, target: str, attributes: Mapping[str, Any]
    ) -> "Circuit":
        first, *rest = where
        if isinstance(first, str):
            inner = self.circuits[first]._replace_edge(
                tuple(rest),
                source.removeprefix(f"{first}/"),
                target.removeprefix(f"{first}/"),
                attributes,
            )
            return replace(self, circuits={**self.circuits, first: inner})
        edges = list(self.edges)
        edges[first] = edges[first].updated(source, target, attributes)
        return replace(self, edges=tuple(edges))


def _few(edge: Edge | MatrixEdges) -> Iterator[Edge]:
    return iter((edge,)) if isinstance(edge, Edge) else iter(())


def _split(path: object) -> Place:
    parts = path.rsplit("/", 2) if isinstance(path, str) else []
    if len(parts) != 3 or not all(parts):
        raise PathError(
            f"{show(path)} names no variable: a path is 'node/operator/variable', as in "
            "'e/rate_op/r'"
        )
    return Place(*parts)


def _has(node: NodeTemplate, place: Place) -> bool:
    return any(
        op.name == place.operator and place.variable in op.variables for op in node.operators
    )


def find_in_node(node: NodeTemplate, place: Place) -> OperatorTemplate:
    """Return the operator a path goes through, or raise a `PathError`."""
    operator = next((op for op in node.operators if op.name == place.operator), None)
    if operator is None:
        raise PathError(
            f"{str(place)!r} names no variable: node {place.node!r} has no operator "
            f"{place.operator!r}.{nearest(place.operator, [op.name for op in node.operators])}"
        )
    if place.variable not in operator.variables:
        raise PathError(
            f"{str(place)!r} names no variable: operator '{place.node}/{place.operator}' has no "
            f"variable {place.variable!r}.{nearest(place.variable, operator.variables)}"
        )
    return operator


def refuse_computed(operator: OperatorTemplate, place: Place) -> None:
    """Refuse to set a variable that an algebraic equation sets anyway."""
    for equation in operator.parsed:
        if equation.target == place.variable and not equation.differential:
            raise OptionError(
                f"{str(place)!r} is set by its equation ({equation.text.strip()}); change what it "
                "depends on instead"
            )


def spread_value(path: object, value: Any, count: int) -> list[Any]:
    """Return one value per member: an array of that length, or one value for all."""
    if np.ndim(value) == 0 or (count == 1 and np.size(value) == 1):
        return [value] * count
    values = list(np.ravel(value))
    if len(values) != count:
        raise OptionError(
            f"{show(path)} stands for {count} variable(s), but got {len(values)} values"
        )
    return values
