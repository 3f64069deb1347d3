"""Edges: single ones as a user writes them, and whole weight matrices.

An edge is a tuple ``(source, target, template, attributes)``. Attributes are ``weight``
(1 by default), ``delay`` and ``spread`` (time), and for an edge template ``operator/variable``
(or ``template/operator/variable``) with a number, the word ``source`` or a path.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from wclab.errors import OptionError, TemplateError, nearest, show
from wclab.templates.nodes import EdgeTemplate
from wclab.templates.reader import place
from wclab.templates.variables import number

NUMBERS = ("weight", "delay", "spread")


@dataclass(frozen=True, slots=True)
class EdgeParts:
    """What an edge's attributes mean."""

    source: str
    target: str
    template: EdgeTemplate | None
    weight: float
    delay: float
    spread: float
    sources: Mapping[str, str]  # "operator/variable" of the template, to a path


class Edge(NamedTuple):
    """One connection from a variable to a variable."""

    source: str
    target: str
    template: EdgeTemplate | None
    attributes: Mapping[str, Any]

    def ends(self) -> tuple[str, str]:
        """Return the paths of both ends."""
        return self.source, self.target

    @property
    def fed(self) -> frozenset[str]:
        """The path of the variable that the edge leads to."""
        return frozenset((self.target,))

    def extra_sources(self) -> list[str]:
        """Return further paths that the edge's template reads."""
        return list(read_edge(self).sources.values())

    def expand(self) -> Iterator["Edge"]:
        """Yield the single edges: this one."""
        yield self

    def below(self, label: str) -> "Edge":
        """Return the edge as seen from outside the circuit `label`."""
        attributes = {
            key: f"{label}/{value}" if _is_path(key, value) else value
            for key, value in self.attributes.items()
        }
        return Edge(f"{label}/{self.source}", f"{label}/{self.target}", self.template, attributes)

    def find(self, source: str, target: str) -> "Edge | None":
        """Return the edge if it leads from `source` to `target`."""
        return self if (self.source, self.target) == (source, target) else None

    def updated(self, source: str, target: str, attributes: Mapping[str, Any]) -> "Edge":
        """Return the edge with other attributes."""
        merged = {**self.attributes}
        for key, value in attributes.items():
            for old in [k for k in merged if _short(k) == _short(key)]:
                del merged[old]
            merged[key] = value
        return self._replace(attributes=merged)


@dataclass(frozen=True, eq=False)
class MatrixEdges:
    """All connections between two lists of nodes, by a matrix ``weight[target, source]``.

    An entry of `attributes` is an array of the same shape, or one value for all edges.
    """

    source_var: str
    target_var: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    weight: Any  # (targets, sources) array or scipy.sparse array; NaN: no edge
    template: EdgeTemplate | None
    attributes: Mapping[str, Any]

    def __post_init__(self) -> None:
        for key in ("delay", "spread"):
            value = self.attributes.get(key, 0.0)
            if np.ndim(value) == 2 and np.any(np.asarray(value) < 0):
                raise OptionError(
                    f"edges {self.source_var} -> {self.target_var}: {key} cannot be negative"
                )

    def ends(self) -> list[str]:
        """Return the paths of all ends."""
        return [f"{node}/{self.source_var}" for node in self.sources] + [
            f"{node}/{self.target_var}" for node in self.targets
        ]

    @cached_property
    def fed(self) -> frozenset[str]:
        """The paths of the variables that edges lead to; a row without any has none."""
        rows = np.unique(self.entries()[0]).tolist()
        return frozenset(f"{self.targets[row]}/{self.target_var}" for row in rows)

    @cached_property
    def count(self) -> int:
        """How many edges there are."""
        if hasattr(self.weight, "nnz"):
            return int(self.weight.nnz)
        return int(np.count_nonzero(~np.isnan(self.weight)))

    def entries(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return target index, source index and weight of every edge."""
        if hasattr(self.weight, "tocoo"):
            coo = self.weight.tocoo()
            return coo.row, coo.col, coo.data
        rows, columns = np.nonzero(~np.isnan(self.weight))
        return rows, columns, self.weight[rows, columns]

    def attribute(self, key: str, rows: np.ndarray, columns: np.ndarray) -> list[Any]:
        """Return one attribute of some edges."""
        value = self.attributes[key]
        if np.ndim(value) == 2:
            return np.asarray(value)[rows, columns].tolist()
        return [value] * len(rows)

    def extra_sources(self) -> list[str]:
        """Return further paths that the template reads."""
        first = next(self._singles(*(part[:1] for part in self.entries())), None)
        return first.extra_sources() if first is not None else []

    def expand(self) -> Iterator[Edge]:
        """Yield the single edges, row by row."""
        return self._singles(*self.entries())

    def _singles(
        self, rows: np.ndarray, columns: np.ndarray, weights: np.ndarray
    ) -> Iterator[Edge]:
        """Yield the edges of some entries."""
        keys = (*self.attributes, "weight")
        values = [self.attribute(key, rows, columns) for key in self.attributes]
        sources = [f"{node}/{self.source_var}" for node in self.sources]
        targets = [f"{node}/{self.target_var}" for node in self.targets]
        ends = zip(rows.tolist(), columns.tolist(), strict=True)
        for (row, column), *numbers in zip(ends, *values, weights.tolist(), strict=True):
            attributes = dict(zip(keys, numbers, strict=True))
            yield Edge(sources[column], targets[row], self.template, attributes)

    def below(self, label: str) -> "MatrixEdges":
        """Return the edges as seen from outside the circuit `label`."""
        return replace(
            self,
            sources=tuple(f"{label}/{node}" for node in self.sources),
            targets=tuple(f"{label}/{node}" for node in self.targets),
            attributes={
                key: f"{label}/{value}" if _is_path(key, value) else value
                for key, value in self.attributes.items()
            },
        )

    def _index(self, source: str, target: str) -> tuple[int, int] | None:
        ends = (
            source.removesuffix(f"/{self.source_var}"),
            target.removesuffix(f"/{self.target_var}"),
        )
        if ends[0] in self.sources and ends[1] in self.targets:
            return self.targets.index(ends[1]), self.sources.index(ends[0])
        return None

    def find(self, source: str, target: str) -> Edge | None:
        """Return the single edge from `source` to `target`, if there is one."""
        index = self._index(source, target)
        if index is None:
            return None
        rows, columns, weights = self.entries()
        chosen = np.flatnonzero((rows == index[0]) & (columns == index[1]))[:1]
        return next(self._singles(rows[chosen], columns[chosen], weights[chosen]), None)

    def updated(self, source: str, target: str, attributes: Mapping[str, Any]) -> "MatrixEdges":
        """Return the edges with other attributes of the one between two variables."""
        index = self._index(source, target)
        changed: dict[str, Any] = dict(self.attributes)
        weight = self.weight
        for key, value in attributes.items():
            if key == "weight":
                weight = weight.tolil() if hasattr(weight, "tolil") else weight.copy()
                weight[index] = value
                weight = weight.tocsr() if hasattr(weight, "tocsr") else weight
            else:
                old = self.attributes.get(key, 0.0)
                matrix = np.broadcast_to(old, (len(self.targets), len(self.sources))).copy()
                matrix[index] = value
                changed[key] = matrix
        return replace(self, weight=weight, attributes=changed)


def _is_path(key: object, value: object) -> bool:
    return isinstance(value, str) and "/" in str(key) and "/" in value


def _short(key: object) -> str:
    """Return ``operator/variable`` of an attribute ``template/operator/variable``."""
    return "/".join(str(key).split("/")[-2:])


def check_attributes(attributes: object, edge: Edge) -> None:
    """Refuse attributes that mean nothing on this edge."""
    if not isinstance(attributes, Mapping):
        raise TemplateError(
            f"an edge's attributes are a dict such as {{'weight': 1.0}}, not {show(attributes)}"
        )
    read_edge(edge.updated(edge.source, edge.target, attributes))


def read_edge(edge: Edge) -> EdgeParts:
    """Read an edge's attributes, or raise an error that names the wrong one."""
    here = f"{place(edge.source)}edge {edge.source} -> {edge.target}"
    numbers = {"weight": 1.0, "delay": 0.0, "spread": 0.0}
    values: dict[str, dict[str, Any]] = {}
    sources: dict[str, str] = {}
    template = edge.template if edge.template is not None and edge.template.operators else None
    for key, value in edge.attributes.items():
        where = f"{place(key)}edge {edge.source} -> {edge.target}" if place(key) else here
        if key in NUMBERS:
            numbers[key] = 0.0 if value is None and key != "weight" else _finite(value, where, key)
            continue
        operator, _, variable = _short(key).rpartition("/")
        known = {op.name: op for op in template.operators} if template else {}
        if operator not in known or variable not in known[operator].variables:
            names = [*NUMBERS, *(f"{op}/{v}" for op in known for v in known[op].variables)]
            raise TemplateError(f"{where}: no attribute {show(key)}.{nearest(_short(key), names)}")
        if isinstance(value, str) and (value == "source" or "/" in value):
            sources[_short(key)] = edge.source if value == "source" else value
        else:
            values.setdefault(operator, {})[variable] = value
    if numbers["delay"] < 0 or numbers["spread"] < 0:
        raise OptionError(f"{here}: delay and spread cannot be negative")
    if numbers["spread"] and not numbers["delay"]:
        raise OptionError(f"{here}: spread needs a delay above 0")
    for operator, changes in values.items():
        template = template.with_values(operator, changes)  # type: ignore[union-attr]
    if template is not None:
        sources = _with_free_input(edge, template, sources)
    return EdgeParts(edge.source, edge.target, template, **numbers, sources=sources)


def _finite(value: object, where: str, key: str) -> float:
    try:
        return number(value)
    except TemplateError as error:
        raise TemplateError(f"{where}: {key}: {error}") from None


def _with_free_input(edge: Edge, template: EdgeTemplate, sources: dict[str, str]) -> dict[str, str]:
    """Give the source to the template's one unfed input, unless the attributes say where."""
    if edge.source in sources.values():
        return sources
    outputs = {op.output for op in template.operators}
    free = [
        f"{op.name}/{key}"
        for op in template.operators
        for key, variable in op.variables.items()
        if variable.kind == "input" and key not in outputs and f"{op.name}/{key}" not in sources
    ]
    if len(free) != 1:
        raise TemplateError(
            f"{place(edge.source)}edge {edge.source} -> {edge.target}: template {template.name} "
            f"has {len(free)} unfed inputs ({', '.join(free) or 'none'}); say which takes the "
            "source, as in 'operator/variable: source'"
        )
    return {**sources, free[0]: edge.source}


def make_edge(entry: object, template: Any = None) -> Edge:
    """Read one entry of ``edges``: a list of three or four items, or a dict.

    `template` turns the third item (a name, a template or None) into an `EdgeTemplate`.
    """
    if isinstance(entry, Mapping):
        items = dict(entry)
        try:
            source, target = items.pop("source"), items.pop("target")
        except KeyError as error:
            raise TemplateError(f"an edge needs {error.args[0]!r}: {show(entry)}") from None
        third, given = items.pop("template", None), items.pop("variables", None)
        attributes = {**items, **(given or {})}
    elif isinstance(entry, tuple | list) and len(entry) in (2, 3, 4):
        source, target, third, given = (*entry, None, None)[:4]
        if isinstance(third, Mapping) and given is None:
            third, given = None, third
        attributes = given or {}
    else:
        raise TemplateError(
            f"an edge is [source, target, template or null, {{weight: ...}}], not {show(entry)}"
        )
    if not isinstance(attributes, Mapping):
        raise TemplateError(
            f"{place(source)}edge {source} -> {target}: write its numbers with their names, as in "
            f"{{weight: 2.0}}, not {show(attributes)}"
        )
    if isinstance(third, int | float):
        raise TemplateError(
            f"{place(source)}edge {source} -> {target}: the third item is a template or null; "
            f"write the weight as {{weight: {third}}}"
        )
    if template is not None:
        third = template(third)
    edge = Edge(
        source, target, third if third is not None and third.operators else None, dict(attributes)
    )
    read_edge(edge)
    return edge
