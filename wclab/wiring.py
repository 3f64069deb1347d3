"""From the edges of a circuit to plain wires between variables.

An edge with a template becomes a node (named ``source->target``) and two wires, of which the
second carries its weight and delay: the equations come first, then the delay. An edge
with a delay and a spread becomes a node of first-order stages, whose impulse response is a
gamma density of that mean and about that standard deviation. What is left are wires with a
weight and perhaps a delay.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from wclab.errors import OptionError
from wclab.templates import Circuit, EdgeTemplate, MatrixEdges, NodeTemplate, OperatorTemplate
from wclab.templates.edges import EdgeParts, read_edge

MAX_STAGES = 10_000


@dataclass(eq=False)
class Wire:
    """Plain connections; `unit` ones have weight 1 and are not parameters."""

    unit: bool
    sources: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)

    def add(self, source: str, target: str, weight: float = 1.0, delay: float = 0.0) -> None:
        """Add one connection."""
        self.sources.append(source)
        self.targets.append(target)
        self.weights.append(weight)
        self.delays.append(delay)

    def singles(self) -> Iterator[tuple[str, str, float, float]]:
        """Yield source, target, weight, delay of each connection."""
        return zip(self.sources, self.targets, self.weights, self.delays, strict=True)

    def reached(self) -> Iterable[str]:
        """Return the paths that the connections lead to."""
        return self.targets

    def bunches(
        self, where: Mapping[str, tuple[str, int]]
    ) -> dict[tuple[str, str], tuple[np.ndarray, ...]]:
        """Return rows, columns, weights and delays for each pair of blocks."""
        pairs: dict[tuple[str, str], list[int]] = {}
        ends = [(where[s], where[t]) for s, t in zip(self.sources, self.targets, strict=True)]
        for k, (source, target) in enumerate(ends):
            pairs.setdefault((source[0], target[0]), []).append(k)
        columns = np.array([source[1] for source, _ in ends], dtype=int)
        rows = np.array([target[1] for _, target in ends], dtype=int)
        weights, delays = np.array(self.weights, dtype=float), np.array(self.delays, dtype=float)
        return {
            pair: (rows[chosen], columns[chosen], weights[chosen], delays[chosen])
            for pair, chosen in pairs.items()
        }


@dataclass(eq=False)
class MatrixWire(Wire):
    """Plain connections given as a whole matrix."""

    edges: MatrixEdges | None = None

    def reached(self) -> Iterable[str]:
        """Return the paths that the connections lead to."""
        assert self.edges is not None
        rows = np.unique(self.edges.entries()[0])
        return [f"{self.edges.targets[row]}/{self.edges.target_var}" for row in rows]

    def bunches(
        self, where: Mapping[str, tuple[str, int]]
    ) -> dict[tuple[str, str], tuple[np.ndarray, ...]]:
        """Return rows, columns, weights and delays for each pair of blocks."""
        edges = self.edges
        assert edges is not None
        rows, columns, weights = edges.entries()
        delays = np.zeros(len(rows))
        if "delay" in edges.attributes:
            delays = np.array(edges.attribute("delay", rows, columns), dtype=float)
        sources = [where[f"{node}/{edges.source_var}"] for node in edges.sources]
        targets = [where[f"{node}/{edges.target_var}"] for node in edges.targets]
        blocks_from = np.array([block for block, _ in sources])
        blocks_to = np.array([block for block, _ in targets])
        position_from = np.array([k for _, k in sources], dtype=int)
        position_to = np.array([k for _, k in targets], dtype=int)
        found: dict[tuple[str, str], tuple[np.ndarray, ...]] = {}
        pairs = list(product(dict.fromkeys(blocks_from), dict.fromkeys(blocks_to)))
        for source, target in pairs if len(rows) else ():
            chosen: Any = slice(None)
            if len(pairs) > 1:
                chosen = (blocks_from[columns] == source) & (blocks_to[rows] == target)
            if len(rows[chosen]):
                found[str(source), str(target)] = (
                    position_to[rows[chosen]],
                    position_from[columns[chosen]],
                    weights[chosen],
                    delays[chosen],
                )
        return found

    def singles(self) -> Iterator[tuple[str, str, float, float]]:
        """Yield source, target, weight, delay of each connection."""
        assert self.edges is not None
        for edge in self.edges.expand():
            yield (
                edge.source,
                edge.target,
                edge.attributes["weight"],
                edge.attributes.get("delay", 0.0),
            )


def desugar(circuit: Circuit) -> tuple[dict[str, NodeTemplate], list[Wire]]:
    """Return all nodes, those made from edges included, and the wires between them."""
    nodes = dict(circuit.flat_nodes)
    units, weighted = Wire(unit=True), Wire(unit=False)
    matrices: list[Wire] = []
    for label, parts in circuit.templated_edges.items():
        assert parts.template is not None
        nodes[label] = parts.template
        for variable, source in parts.sources.items():
            units.add(source, f"{label}/{variable}")
        output = f"{label}/{_output(parts.template, label)}"
        _add_plain(label, replace(parts, source=output), nodes, units, weighted)
    for k, edge in enumerate(circuit.flat_edges):
        if edge.template is not None:
            continue
        if isinstance(edge, MatrixEdges) and "spread" not in edge.attributes:
            matrices.append(MatrixWire(unit=False, edges=edge))
            continue
        for n, single in enumerate(edge.expand()):
            parts = read_edge(single)
            ends = "->".join(path.rsplit("/", 2)[0] for path in (parts.source, parts.target))
            taken = f"{ends}/gamma_kernel" in nodes
            label = f"{ends}#{k}.{n}" if taken else ends
            _add_plain(label, parts, nodes, units, weighted)
    return nodes, [wire for wire in (units, weighted) if wire.sources] + matrices


def _add_plain(
    label: str, parts: EdgeParts, nodes: dict[str, NodeTemplate], units: Wire, weighted: Wire
) -> None:
    """Add a connection's wire; a gamma-distributed delay becomes a node named after `label`."""
    if not parts.spread:
        weighted.add(parts.source, parts.target, parts.weight, parts.delay)
        return
    weighted.add(_stages(label, parts, nodes, units), parts.target, parts.weight)


def _stages(label: str, parts: EdgeParts, nodes: dict[str, NodeTemplate], units: Wire) -> str:
    """Add a node of first-order stages behind the source; return the path of its output."""
    ratio = parts.delay / parts.spread
    if ratio > MAX_STAGES**0.5:
        raise OptionError(
            f"edge {parts.source} -> {parts.target}: a spread of {parts.spread} on a delay of "
            f"{parts.delay} needs more than {MAX_STAGES:,} stages; leave the spread out for a "
            "sharp delay"
        )
    count = max(1, round(ratio**2))
    node = f"{label}/gamma_kernel"
    nodes[node] = NodeTemplate(
        "gamma_kernel", (_kernel(count).with_values({"rate": count / parts.delay}),)
    )
    units.add(parts.source, f"{node}/stages/source")
    return f"{node}/stages/z{count}"


@lru_cache(maxsize=64)
def _kernel(count: int) -> OperatorTemplate:
    """Return a chain of first-order stages: z1' = rate (source - z1), z2' = rate (z1 - z2) ..."""
    before = ["source", *(f"z{k}" for k in range(1, count))]
    equations = [f"z{k}' = rate*({old} - z{k})" for k, old in enumerate(before, start=1)]
    stages = {f"z{k}": "variable(0.0)" for k in range(1, count)}
    declared = {"source": "input", "rate": 1.0, **stages, f"z{count}": "output(0.0)"}
    return OperatorTemplate("stages", equations, declared)  # type: ignore[arg-type]


def _output(template: EdgeTemplate, label: str) -> str:
    """Return ``operator/variable`` of an edge template's one unused output."""
    read = {v for op in template.operators for v, d in op.variables.items() if d.kind == "input"}
    outputs = [f"{op.name}/{op.output}" for op in template.operators if op.output]
    free = [path for path in outputs if path.split("/")[1] not in read] or outputs[-1:]
    if len(free) != 1:
        raise OptionError(
            f"edge {label}: template {template.name} has {len(free)} outputs ({', '.join(free)}); "
            "an edge brings one to its target"
        )
    return free[0]
