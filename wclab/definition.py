"""What a circuit is: its parts, how they are found, and how they are changed.

Everything that `wclab.circuit.CircuitTemplate` can do without running.
"""

import os
from collections.abc import Iterable, Mapping
from typing import Any, Self

from wclab.errors import PathError, TemplateTypeError, nearest, show
from wclab.templates import (
    Circuit,
    Edge,
    EdgeTemplate,
    MatrixEdges,
    NodeTemplate,
    load,
    make_edge,
    make_matrix,
    write_yaml,
)


class Definition:
    """Populations and their connections; see `wclab.CircuitTemplate`."""

    def __init__(
        self,
        name: str,
        nodes: Mapping[str, Any] | None = None,
        circuits: Mapping[str, Any] | None = None,
        edges: Iterable[Any] | None = None,
        path: str | None = None,
        description: str | None = None,
    ) -> None:
        self._set(
            Circuit(
                name,
                {label: _node(node) for label, node in _labelled("nodes", nodes).items()},
                {label: _circuit(part) for label, part in _labelled("circuits", circuits).items()},
                tuple(_edge(edge) for edge in (edges or ())),
                path,
                description,
            )
        )

    @classmethod
    def _of(cls, record: Circuit) -> Self:
        circuit = object.__new__(cls)
        circuit._set(record)
        return circuit

    def _set(self, record: Circuit) -> None:
        self._record = record

    @classmethod
    def from_yaml(cls, path: str | os.PathLike[str]) -> Self:
        """Load a circuit by its name.

        Parameters
        ----------
        path : str or os.PathLike
            ``"model_templates.neural_mass_models.wilsoncowan.WC"`` or ``"folder/file/WC"``:
            looked for under the working directory, then in the library that ships with
            wclab. The file is read anew at each call.

        Raises
        ------
        PathError
            If the file or the template is not found; names the nearest.
        TemplateError
            If the file does not describe a circuit; says file and line.
        TemplateTypeError
            If it is a template of another kind.
        """
        return cls._of(load(path, Circuit))  # type: ignore[arg-type]

    # --- what it is ---

    @property
    def name(self) -> str:
        """Its name."""
        return self._record.name

    @property
    def path(self) -> str | None:
        """The name it was loaded by."""
        return self._record.path

    @property
    def description(self) -> str | None:
        """One line for people."""
        return self._record.description

    @property
    def nodes(self) -> dict[str, NodeTemplate]:
        """The nodes of this level, by label."""
        return dict(self._record.nodes)

    @property
    def circuits(self) -> dict[str, Self]:
        """The circuits of this level, by label."""
        return {label: self._of(part) for label, part in self._record.circuits.items()}

    @property
    def edges(self) -> list[tuple[str, str, EdgeTemplate | None, dict[str, Any]]]:
        """Every connection at any depth, as (source, target, template, attributes)."""
        return [
            (e.source, e.target, e.template, dict(e.attributes))
            for edge in self._record.flat_edges
            for e in edge.expand()
        ]

    def __getitem__(self, key: str) -> Any:
        """Return a node, an inner circuit, or by a longer path what lies below it."""
        label, _, rest = str(key).partition("/")
        known = {**self._record.nodes, **self._record.circuits}
        if label not in known:
            raise PathError(
                f"circuit {self.name!r} has no node {show(label)}.{nearest(label, known)}"
            )
        part = known[label]
        found: Any = self._of(part) if isinstance(part, Circuit) else part
        if isinstance(part, Circuit) and rest:
            return found[rest]
        for step in rest.split("/") if rest else ():
            if isinstance(found, float | str):
                raise PathError(f"{show(key)}: nothing lies below a variable")
            found = found[step]
        return found

    def get_nodes(
        self,
        node_identifier: str | Iterable[str] = "all",
        var_identifier: str | tuple[str, str] | None = None,
    ) -> list[str]:
        """Return the paths of the nodes that a pattern stands for.

        Parameters
        ----------
        node_identifier : str or sequence of str
            ``"e"``, ``"all"`` or, for nested circuits, ``"c1/all"`` or ``["c1", "all"]``.
        var_identifier : str or tuple of str, optional
            ``"operator/variable"`` or the two as a tuple: only nodes that have it.

        Raises
        ------
        PathError
            If there is none.
        """
        wanted = node_identifier
        wanted = wanted if isinstance(wanted, str) else "/".join(wanted)
        if var_identifier is not None:
            variable = var_identifier
            variable = variable if isinstance(variable, str) else "/".join(variable)
            path = f"{wanted}/{variable}"
            return [place.node for place in self._record.locate_all(path)]
        found = self._record.nodes_like(wanted)
        if not found:
            known = self._record.flat_nodes
            raise PathError(f"no node is named {show(wanted)}.{nearest(wanted, known)}")
        return found

    def expand(self, path: str) -> list[str]:
        """Return the paths of all variables that a path with ``all`` stands for."""
        return [str(place) for place in self._record.locate_all(path)]

    def __repr__(self) -> str:
        count = len(self._record.flat_nodes)
        return f"<{type(self).__name__} {self.name!r}: {count} node{'s' * (count != 1)}>"

    # --- change ---

    def with_vars(
        self,
        node_vars: Mapping[str, Any] | None = None,
        edge_vars: Iterable[tuple[Any, ...]] | None = None,
    ) -> Self:
        """Return a new circuit with other numbers; this one stays as it is.

        Parameters
        ----------
        node_vars : mapping, optional
            Path to number: a constant, an initial value, or the value of an unfed input.
            ``all/operator/variable`` sets it in every node, to one number or an array.
        edge_vars : sequence, optional
            ``(source, target, {"weight": 12.0})``; a fourth item numbers parallel edges
            from 0.

        Raises
        ------
        PathError
            If a path or an edge does not exist.
        OptionError
            If the variable is set by its equation, or the number of values is wrong.

        Examples
        --------
        >>> from wclab import CircuitTemplate
        >>> wc = CircuitTemplate.from_yaml("model_templates.neural_mass_models.wilsoncowan.WC")
        >>> slow = wc.with_vars({"i/rate_op/tau": 20.0})
        >>> slow["i/rate_op/tau"], wc["i/rate_op/tau"]
        (20.0, 10.0)
        """
        return self._of(self._record.with_vars(node_vars, edge_vars))

    def update_var(
        self,
        node_vars: Mapping[str, Any] | None = None,
        edge_vars: Iterable[tuple[Any, ...]] | None = None,
    ) -> Self:
        """Change numbers of this circuit, and of no other object; return it.

        Arguments and errors are those of `with_vars`, which leaves the circuit as it is.
        """
        self._set(self._record.with_vars(node_vars, edge_vars))
        return self

    def update_template(
        self,
        name: str | None = None,
        path: str | None = None,
        description: str | None = None,
        nodes: Mapping[str, Any] | None = None,
        circuits: Mapping[str, Any] | None = None,
        edges: Iterable[Any] | None = None,
        in_place: bool = False,
    ) -> Self:
        """Return a child circuit: nodes and circuits updated, edges appended.

        Parameters are those of the class; what is left out is this circuit's. With `in_place`
        this circuit itself becomes the child.
        """
        old = self._record
        child = type(self)(
            name or old.name,
            {**old.nodes, **(nodes or {})},
            {**old.circuits, **(circuits or {})},
            [*old.edges, *(edges or ())],
            path or old.path,
            description or old.description,
        )
        if in_place:
            self._set(child._record)
        return self if in_place else child

    def add_edges_from_matrix(
        self,
        source_var: str,
        target_var: str,
        source_nodes: Iterable[str],
        target_nodes: Iterable[str] | None = None,
        weight: Any = None,
        template: EdgeTemplate | str | None = None,
        edge_attr: Mapping[str, Any] | None = None,
        min_weight: float = 1e-6,
    ) -> Self:
        """Add connections between many nodes to this circuit; return it.

        Parameters
        ----------
        source_var, target_var : str
            ``"operator/variable"`` of the sources and of the targets.
        source_nodes, target_nodes : sequence of str
            Labels of nodes; the targets are the sources by default. For nested circuits,
            patterns as in `get_nodes`.
        weight : array_like or scipy.sparse matrix, shape (targets, sources)
            ``weight[target, source]``; 1 everywhere by default.
        template : EdgeTemplate or str, optional
            Equations of each connection.
        edge_attr : mapping, optional
            ``delay``, ``spread`` or a template's ``operator/variable``: one number, or an
            array of the shape of `weight`.
        min_weight : float, optional
            A connection whose weight is not larger in size is left out.

        Raises
        ------
        OptionError
            If a shape does not fit.
        PathError
            If a variable or a node does not exist.
        """
        edges = make_matrix(
            self._record, source_var, target_var, source_nodes, target_nodes, weight,
            _edge_template(template), edge_attr or {}, min_weight,
        )  # fmt: skip
        old = self._record
        self._set(
            Circuit(
                old.name, old.nodes, old.circuits, (*old.edges, edges), old.path, old.description
            )
        )
        return self

    def to_yaml(self, path: str | os.PathLike[str]) -> None:
        """Write the circuit to a file that loads and runs the same.

        Parameters
        ----------
        path : str or os.PathLike
            ``"folder/file.yaml"``; it is loaded again as ``"folder/file/NAME"``, NAME being
            the circuit's name. Folders are made; an existing file is replaced.

        Raises
        ------
        PathError
            If the file cannot be written.
        TemplateError
            If two different operators have one name, which a file cannot hold.
        """
        write_yaml(self._record, path)


def _labelled(name: str, parts: Any) -> dict[str, Any]:
    """Return parts by their labels."""
    if not isinstance(parts or {}, Mapping):
        raise TemplateTypeError(f"{name} is a dict such as {{'e': ...}}, not {show(parts)}")
    return {str(label): part for label, part in (parts or {}).items()}


def _node(node: Any) -> NodeTemplate:
    return NodeTemplate.from_yaml(node) if isinstance(node, str | os.PathLike) else node


def _circuit(part: Any) -> Circuit:
    if isinstance(part, Definition):
        return part._record
    if isinstance(part, str | os.PathLike):
        return load(part, Circuit)  # type: ignore[return-value]
    if not isinstance(part, Circuit):
        raise TemplateTypeError(f"{show(part)} is not a CircuitTemplate")
    return part


def _edge_template(template: Any) -> EdgeTemplate | None:
    if isinstance(template, str | os.PathLike):
        return EdgeTemplate.from_yaml(template)
    if template is not None and not isinstance(template, EdgeTemplate):
        raise TemplateTypeError(
            f"an edge's template is an EdgeTemplate or null, not {show(template)}"
        )
    return template


def _edge(entry: Any) -> Edge | MatrixEdges:
    return entry if isinstance(entry, Edge | MatrixEdges) else make_edge(entry, _edge_template)
