"""Short ways to a result: one call for one run, one call for a grid of parameters."""

import itertools
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.circuit import CircuitTemplate
from wclab.errors import OptionError, nearest, show
from wclab.options import Times
from wclab.outputs import levels
from wclab.points import Target, Variant, all_places, changed
from wclab.progress import Progress

if TYPE_CHECKING:
    import pandas as pd


def circuit_from_yaml(path: str | os.PathLike[str]) -> CircuitTemplate:
    """Load a circuit by its name: the same as `CircuitTemplate.from_yaml`."""
    return CircuitTemplate.from_yaml(path)


def integrate(circuit: CircuitTemplate | str | os.PathLike[str], **run: Any) -> "pd.DataFrame":
    """Load a circuit if needed, and run it.

    Parameters
    ----------
    circuit : CircuitTemplate or str
        A circuit, or the name it is loaded by.
    **run
        Arguments of `CircuitTemplate.run`.

    Returns
    -------
    pandas.DataFrame
        As `CircuitTemplate.run`, whose errors it raises.

    Examples
    --------
    >>> from wclab import integrate
    >>> vdp = integrate("model_templates.oscillators.vanderpol.vdp", solver="rk4",
    ...                 simulation_time=50.0, step_size=0.01, outputs={"x": "p/vdp_op/x"})
    >>> f"{vdp['x'].max():.2f}"
    '2.01'
    """
    return _loaded(circuit).run(**run)


def grid_search(
    circuit_template: CircuitTemplate | str | os.PathLike[str],
    param_grid: "Mapping[str, Any] | pd.DataFrame",
    param_map: Mapping[str, Mapping[str, Any]],
    step_size: float,
    simulation_time: float,
    outputs: Mapping[str, str],
    inputs: Mapping[str, Any] | None = None,
    sampling_step_size: float | None = None,
    permute_grid: bool = False,
    **run: Any,
) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    """Run a circuit once for every row of a table of parameters.

    Parameters
    ----------
    circuit_template : CircuitTemplate or str
        A circuit, or the name it is loaded by; it is not changed.
    param_grid : mapping or DataFrame
        Name to values. All of one length, or any lengths with `permute_grid`.
    param_map : mapping
        Name to where its value goes: ``{"vars": ["rate_op/tau"], "nodes": ["e", "i"]}``,
        or ``{"vars": ["weight"], "edges": [(source, target)]}`` (a third item numbers
        parallel edges from 0).
    step_size, simulation_time, inputs, sampling_step_size
        As in `CircuitTemplate.run`, for every run the same.
    outputs : mapping
        Key to path, as in `CircuitTemplate.run`.
    permute_grid : bool, optional
        Whether to run all combinations; the first name changes fastest.
    **run
        More arguments of `CircuitTemplate.run`.

    Returns
    -------
    results : pandas.DataFrame
        Time by columns (key, label, node, operator/variable).
    table : pandas.DataFrame
        Labels (``"WC_0"``, ``"WC_1"`` ...) by parameter names.

    Raises
    ------
    OptionError
        If lengths differ, or a name of the grid is not in the map.
    PathError
        If a variable or an edge does not exist.
    """
    import pandas as pd

    circuit = _loaded(circuit_template)
    table = _table(param_grid, permute_grid)
    table.index = pd.Index([f"{circuit.name}_{row}" for row in range(len(table))])
    for name in table.columns:
        if not isinstance(param_map, Mapping) or name not in param_map:
            known = param_map if isinstance(param_map, Mapping) else ()
            raise OptionError(f"param_map has no entry for {show(name)}.{nearest(name, known)}")
    Times.read(simulation_time, step_size, sampling_step_size)
    if not isinstance(outputs, Mapping) or not outputs:
        raise OptionError(f"outputs is a dict such as {{'E': 'e/rate_op/r'}}, not {show(outputs)}")
    shown = {key: _expanded(circuit, path) for key, path in outputs.items()}
    targets = [_target(param_map[name]) for name in table.columns]
    wanted = [path for paths in shown.values() for path in paths]
    run = {**run, "inputs": inputs, "outputs": wanted, "sampling_step_size": sampling_step_size}
    base, where = Variant._of(circuit._record), None
    frames = {}
    with Progress(len(table), "runs") as progress:
        for done, (label, values) in enumerate(table.iterrows(), start=1):
            one = changed(base, targets, where, values.tolist())
            frames[label] = one.run(simulation_time, step_size, **run)
            if done == 1:  # the others run in its code where they differ in numbers only
                where = all_places(one, targets)
                base = base if where is None else one
            progress(done)
    columns = {
        (key, label, *levels(path)): frame[path]
        for key, paths in shown.items()
        for label, frame in frames.items()
        for path in paths
    }
    return pd.DataFrame(columns, index=next(iter(frames.values())).index), table


def clear(circuit: CircuitTemplate, **_options: Any) -> None:
    """Forget a circuit's generated code. Never needed; kept for scripts written for PyRates."""
    circuit.clear()


def clear_frontend_caches(**_options: Any) -> None:
    """Do nothing: no template is kept. Here for scripts written for PyRates."""


def _expanded(circuit: CircuitTemplate, path: str) -> list[str]:
    """Return the paths of all variables a path stands for; an edge's variable is its own."""
    return [path] if isinstance(path, str) and "->" in path else circuit.expand(path)


def _loaded(circuit: Any) -> CircuitTemplate:
    return circuit if isinstance(circuit, CircuitTemplate) else CircuitTemplate.from_yaml(circuit)


def _table(param_grid: Any, permute: bool) -> "pd.DataFrame":
    """Return the table of parameters, one row for each run."""
    import pandas as pd

    if not isinstance(param_grid, Mapping | pd.DataFrame) or not len(param_grid):
        raise OptionError(f"param_grid maps names to values, not {show(param_grid)}")
    values = {str(name): _numbers(name, given) for name, given in param_grid.items()}
    if permute:
        rows = [row[::-1] for row in itertools.product(*reversed(list(values.values())))]
        return pd.DataFrame(rows, columns=list(values))
    lengths = {name: len(v) for name, v in values.items()}
    if len(set(lengths.values())) > 1:
        raise OptionError(
            f"param_grid holds lists of different lengths ({lengths}); permute_grid=True runs all "
            "combinations"
        )
    return pd.DataFrame(values)


def _numbers(name: object, given: Any) -> np.ndarray:
    """Return the values of one parameter, shape (n,)."""
    try:
        values = np.ravel(np.asarray(given, dtype=float))
    except (TypeError, ValueError):
        raise OptionError(f"param_grid[{show(name)}] must hold numbers: {show(given)}") from None
    if not len(values):
        raise OptionError(f"param_grid[{show(name)}] is empty")
    return values


def _target(entry: Mapping[str, Any]) -> Target:
    """Return what one parameter's value is written to."""
    known = ("vars", "nodes", "edges")
    if not isinstance(entry, Mapping):
        raise OptionError(
            "an entry of param_map is a dict such as {'vars': ['rate_op/tau'], 'nodes': ['e']}, "
            f"not {show(entry)}"
        )
    for key in entry:
        if key not in known:
            raise OptionError(f"param_map has no key {show(key)}.{nearest(key, known)}")
    variables = _listed(entry.get("vars", ()))
    if not variables or ("nodes" not in entry and "edges" not in entry):
        raise OptionError("an entry of param_map needs 'vars', and 'nodes' or 'edges' beside it")
    nodes = _listed(entry.get("nodes", ()))
    return Target(
        tuple(f"{node}/{variable}" for node in nodes for variable in variables),
        tuple((*edge[:2], tuple(variables), *edge[2:]) for edge in entry.get("edges", ())),
    )


def _listed(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
