"""Circuits as users hold them: load, look, change, run.

`CircuitTemplate` is the one friendly layer: it guesses, has defaults and returns a
DataFrame. Everything under it takes exact types.
"""

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from wclab.display import circuit_markdown
from wclab.errors import PathError, TemplateTypeError, nearest, show
from wclab.model import Model
from wclab.network import build_network, worth_grouping
from wclab.run import run
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

if TYPE_CHECKING:
    import pandas as pd


class CircuitTemplate:
    """Populations and their connections: a model that can be run.

    Parameters
    ----------
    name : str
        For messages.
    nodes : mapping, optional
        Label to `NodeTemplate`, or to the name it is loaded by.
    circuits : mapping, optional
        Label to `CircuitTemplate` or its name: circuits inside this one. A level holds
        nodes or circuits, not both.
    edges : sequence, optional
        ``(source, target, template or None, {"weight": ..., "delay": ..., "spread": ...})``.
        Source and target are paths ``node/operator/variable``. A connection into a variable
        declared as a number replaces that number.
    path, description : str, optional
        Where it was loaded from; one line for people.

    Raises
    ------
    PathError
        If an edge leads to or from nowhere, or a name is not found.
    TemplateError
        If nodes and circuits are mixed, or an edge's attributes mean nothing.

    Examples
    --------
    >>> from wclab import CircuitTemplate
    >>> wc = CircuitTemplate.from_yaml("model_templates.neural_mass_models.wilsoncowan.WC")
    >>> E = wc.run(simulation_time=125.0, step_size=0.01, solver="rk4",
    ...            inputs={"e/se_op/r_ext": 1.0}, outputs={"E": "e/rate_op/r"})
    >>> f"{E['E'].iloc[-1]:.3f}"
    '0.153'
    """

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
                {str(label): _node(node) for label, node in (nodes or {}).items()},
                {str(label): _circuit(part) for label, part in (circuits or {}).items()},
                tuple(_edge(edge) for edge in (edges or ())),
                path,
                description,
            )
        )

    @classmethod
    def _of(cls, record: Circuit) -> "CircuitTemplate":
        circuit = object.__new__(cls)
        circuit._set(record)
        return circuit

    def _set(self, record: Circuit) -> None:
        self._record = record
        self._models: dict[object, Model] = {}

    @classmethod
    def from_yaml(cls, path: str | os.PathLike[str]) -> "CircuitTemplate":
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
    def circuits(self) -> dict[str, "CircuitTemplate"]:
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
            found = found[step]
        return found

    def get_nodes(self, pattern: str | Iterable[str] = "all") -> list[str]:
        """Return the paths of the nodes that a pattern stands for.

        Parameters
        ----------
        pattern : str or sequence of str
            ``"e"``, ``"all"`` or, for nested circuits, ``"c1/all"`` or ``["c1", "all"]``.

        Raises
        ------
        PathError
            If there is none.
        """
        wanted = pattern if isinstance(pattern, str) else "/".join(pattern)
        found = self._record.nodes_like(wanted)
        if not found:
            known = self._record.flat_nodes
            raise PathError(f"no node is named {show(wanted)}.{nearest(wanted, known)}")
        return found

    def __repr__(self) -> str:
        count = len(self._record.flat_nodes)
        return f"<CircuitTemplate {self.name!r}: {count} node{'s' * (count != 1)}>"

    def _repr_markdown_(self) -> str:
        return circuit_markdown(self._record, self._model)

    # --- change ---

    def with_vars(
        self,
        node_vars: Mapping[str, Any] | None = None,
        edge_vars: Iterable[tuple[Any, ...]] | None = None,
    ) -> "CircuitTemplate":
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
    ) -> "CircuitTemplate":
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
    ) -> "CircuitTemplate":
        """Return a child circuit: nodes and circuits updated, edges appended.

        Parameters are those of the class; what is left out is this circuit's.
        """
        old = self._record
        return type(self)(
            name or old.name,
            {**old.nodes, **(nodes or {})},
            {**old.circuits, **(circuits or {})},
            [*old.edges, *(edges or ())],
            path or old.path,
            description or old.description,
        )

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
    ) -> "CircuitTemplate":
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
            A connection whose weight is smaller in size is left out.

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
            ``"folder/file.yaml"``, or ``"folder/file/Name"`` to choose the template's name.
            An existing file is replaced.
        """
        write_yaml(self._record, path)

    # --- run ---

    def model(self, *, vectorize: bool = False) -> Model:
        """Return the circuit's differential equations as functions of plain numbers.

        Parameters
        ----------
        vectorize : bool, optional
            Whether equal nodes are computed as arrays (for networks of many nodes).

        Returns
        -------
        Model
            With ``states``, ``y0``, ``parameters``, ``rhs(t, y)``, ``jacobian(y)``,
            ``latex()``.
        """
        return self._model(frozenset(), frozenset(), vectorize)

    def _model(self, driven: frozenset[str], noisy: frozenset[str], grouped: bool) -> Model:
        key = (driven, noisy, grouped)
        if key not in self._models:
            network = build_network(self._record, driven, noisy=noisy, grouped=grouped)
            self._models[key] = Model(network)
        return self._models[key]

    def run(
        self,
        simulation_time: float,
        step_size: float,
        inputs: Mapping[str, Any] | None = None,
        outputs: Mapping[str, str] | Iterable[str] | str | None = None,
        sampling_step_size: float | None = None,
        cutoff: float = 0.0,
        solver: str = "euler",
        backend: str | None = None,
        vectorize: bool = True,
        noise: Mapping[str, Any] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> "pd.DataFrame":
        """Integrate from t = 0 and return the course of some variables.

        Parameters
        ----------
        simulation_time : float
            How long, in the unit of the model's time constants.
        step_size : float
            Step of the solver, and spacing of the inputs' samples. The error of Euler's
            step shrinks with the step itself, that of ``rk4`` with its fourth power: for a
            smooth run ``rk4`` with a step of tau/40 is more exact than Euler's with tau/20,000.
        inputs : mapping, optional
            Path to a number, a function of t, or samples: shape (n,) or (n, 1), and (n, m)
            for ``all/...``, with n = simulation_time / step_size. Sample i holds on
            [i step_size, (i+1) step_size). An input adds to what edges bring.
        outputs : mapping, sequence or str, optional
            ``{"E": "e/rate_op/r"}`` for columns by key (several columns per key for
            ``all/rate_op/r``, with labels (key, node, operator/variable)); a list of paths; by
            default every state. Any variable can be shown.
        sampling_step_size : float, optional
            Time between two rows, a multiple of `step_size`; `step_size` by default.
        cutoff : float, optional
            Rows before this time are left out; the others keep their times.
        solver : {"euler", "heun", "rk4", "scipy"}, optional
            Fixed steps of order 1, 2 and 4, or `scipy.integrate.solve_ivp`, restarted at
            each jump of an input.
        backend : {"default", "numpy", "compiled"}, optional
            What computes. ``"scipy"`` is an older spelling of ``solver="scipy"``.
        vectorize : bool, optional
            Whether equal nodes of a network may be computed as arrays.
        noise : mapping, optional
            Path of a state to the strength of white noise added to its derivative, in units
            of the state per square root of time. With ``solver="euler"`` only, whose steps
            are then those of Euler-Maruyama (Ito).
        seed : int, optional
            The same seed gives the same noise.
        **kwargs
            For ``solver="scipy"``: ``method`` ("RK45"), ``rtol`` (1e-6), ``atol`` (1e-9),
            ``max_step``. Accepted and ignored: ``verbose``, ``clear``, ``in_place``,
            ``file_name``, ``out_dir``, ``float_precision``.

        Returns
        -------
        pandas.DataFrame
            ``round(simulation_time / sampling_step_size)`` rows; the index is time from 0,
            the first row the initial state.

        Raises
        ------
        PathError
            If an input or output names no variable; says where the path ends.
        OptionError
            If an argument cannot be used: a keyword, solver or backend that does not exist,
            a length that does not fit, a number that is not finite.
        MemoryLimitError
            If the result would not fit in memory.
        SolverError
            If the numbers stop being finite; says when, and what to try.
        """
        return run(
            self._record, self._model_for_run, simulation_time, step_size, inputs, outputs,
            sampling_step_size, cutoff, solver, backend, vectorize, noise, seed, kwargs,
        )  # fmt: skip

    def _model_for_run(self, driven: frozenset[str], noisy: frozenset[str], grouped: bool) -> Model:
        return self._model(driven, noisy, grouped and worth_grouping(self._record))

    def clear(self) -> None:
        """Forget generated code. Not needed: nothing is left behind by a run."""
        self._models.clear()


def _node(node: Any) -> NodeTemplate:
    return NodeTemplate.from_yaml(node) if isinstance(node, str | os.PathLike) else node


def _circuit(part: Any) -> Circuit:
    if isinstance(part, CircuitTemplate):
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
