"""Sweeps: one circuit with many sets of parameters, and what its runs come to."""

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.circuit import CircuitTemplate
from wclab.engines.batch import BLOCK, Batch, lanes
from wclab.engines.compiled import available, quick
from wclab.engines.kernels import TABLEAUS
from wclab.errors import OptionError, show
from wclab.inputs import Signal
from wclab.jobs import BatchJob, Job, SingleJob, results
from wclab.memory import refuse_too_large
from wclab.model import Model
from wclab.options import Times, choose_solver, positive, whole
from wclab.outputs import Column, choose_columns, levels
from wclab.points import Points, places, read_points
from wclab.program import make_program
from wclab.progress import Progress
from wclab.reductions import View, read_reductions
from wclab.run import feed

if TYPE_CHECKING:
    import pandas as pd

WORK = 5_000_000  # steps of models in a chunk: some tenths of a second
STORED = 8_000_000  # numbers of whole series in a chunk: 64 MB
COMPILING_PAYS = 2_000_000  # steps of models


def sweep(
    circuit: CircuitTemplate | str,
    grid: "Mapping[Any, Any] | pd.DataFrame",
    *,
    simulation_time: float,
    step_size: float,
    outputs: Any,
    inputs: Mapping[str, Any] | None = None,
    solver: str = "rk4",
    window: tuple[float, float] | None = None,
    reduce: Any = ("min", "max", "mean"),
    sampling_step_size: float | None = None,
    product: bool = True,
    progress: bool = True,
    client: Any = None,
    backend: str | None = None,
    threads: int = 1,
    chunk: int | None = None,
    noise: Mapping[str, Any] | None = None,
    seed: int | None = None,
    **options: Any,
) -> "pd.DataFrame":
    """Run a circuit with many sets of parameters, and keep a few numbers of each run.

    Parameters
    ----------
    circuit : CircuitTemplate or str
        A circuit, or the name it is loaded by; it is not changed.
    grid : mapping or DataFrame
        Parameter to values, shape (n,). A parameter is a path (a constant, an initial value,
        an unfed input; ``all/operator/variable`` sets it in every node), or the ends of an
        edge, whose weight it is: (source, target), with a number from 0 for parallel edges.
        A mapping runs all combinations, the first parameter outermost; a DataFrame runs its
        rows.
    simulation_time, step_size, inputs, noise, seed
        As in `CircuitTemplate.run`, for every run the same: with noise, all runs have the
        same random numbers, those of `run` with this seed.
    outputs : mapping, sequence or str
        As in `CircuitTemplate.run`. Any variable can be kept.
    solver : str, optional
        As in `CircuitTemplate.run`. Fixed steps run side by side; other solvers, delays,
        inputs that are functions and networks of many nodes run one by one.
    window : tuple of float, optional
        Start and end of the time that is looked at; the whole run by default.
    reduce : sequence, mapping or str, optional
        Any of ``min max mean std last period``, or name to one of these or to a function of
        (times, values), both of shape (n,), that returns a number. ``period`` is the mean
        time between upward crossings of the middle between minimum and maximum, NaN if there
        are fewer than two. None or ``"series"`` keeps whole series.
    sampling_step_size : float, optional
        Time between the values that series, functions and ``period`` see; the others see
        every step.
    product : bool, optional
        False runs a mapping's values side by side, as the rows of a table.
    progress : bool, optional
        Whether a sweep of more than two seconds shows a bar.
    client : distributed.Client, optional
        A Dask cluster that computes the chunks. Those of a lost worker are computed again.
    backend : {"default", "numpy", "compiled"}, optional
        By default machine code where llvmlite is installed and the sweep is long enough to
        make up for compiling it (0.1 s for two populations, in proportion to the equations).
    threads : int, optional
        How many chunks are computed at once here; 0 for one per core.
    chunk : int, optional
        Sets in a chunk. By default about five million steps, and no more than 64 MB of
        series where these are needed, so that memory does not grow with the sweep.
    **options
        As in `CircuitTemplate.run`: ``rtol``, ``atol`` and others of the adaptive solvers.

    Returns
    -------
    pandas.DataFrame
        One row for each set, the index holding the parameters (an edge is named
        ``"source -> target"``); columns (output, reduction), or (output, time) for series.
        Sets that left every bound are NaN, and one warning counts them; after an interrupt
        the sets that are not done are NaN. ``table.to_xarray()`` has the parameters as
        dimensions.

    Raises
    ------
    PathError
        If a parameter, input or output does not exist.
    OptionError
        If values have a wrong shape or are not finite, or an option cannot be used.
    MemoryLimitError
        If the table would not fit in memory.

    Examples
    --------
    Where does the pair rest, and where has it a rhythm?

    >>> from wclab import sweep
    >>> table = sweep("model_templates.neural_mass_models.wilsoncowan.WC72_fig11",
    ...               {"e/se_op/r_ext": [0.5, 1.25]}, simulation_time=300.0, step_size=0.25,
    ...               window=(150.0, 300.0), outputs={"E": "e/rate_op/r"}, reduce=("min", "max"))
    >>> (table["E", "max"] - table["E", "min"]).round(2).tolist()
    [0.0, 0.17]
    """
    import pandas as pd

    if not isinstance(circuit, CircuitTemplate):
        circuit = CircuitTemplate.from_yaml(circuit)
    points = read_points(grid, product=product)
    times = Times.read(simulation_time, step_size, sampling_step_size)
    view = View(
        times.step, *_window(window, times), times.every, reductions=read_reductions(reduce)
    )
    if not len(view.moments(view.every)):
        raise OptionError(f"no moment lies in the window {show(window)}")
    run = {
        "simulation_time": simulation_time, "step_size": step_size, "inputs": inputs,
        "solver": solver, "backend": backend, "noise": noise, "seed": seed, **options,
    }  # fmt: skip
    job, columns, size = _plan(circuit, points, times, view, outputs, run)
    labels = pd.MultiIndex.from_product(
        [[_label(column) for column in columns], view.labels],
        names=["output", "reduction" if view.reductions else "time"],
    )
    refuse_too_large(
        2.0 * len(points) * (len(labels) + len(points.axes)),
        f"a table of {len(points):,} parameter sets and {len(labels):,} columns",
        "Keep fewer numbers of each run, or sweep in parts.",
    )
    if chunk is not None:
        size = whole("chunk", chunk, least=1)
    threads = whole("threads", threads)
    values = np.full((len(points), len(columns), len(view.labels)), np.nan)
    done, failed = 0, np.zeros(len(points), dtype=bool)
    with Progress(len(points) if progress else 0, "models") as bar:
        try:
            for part, (found, lost) in results(job, points, size, threads, client):
                values[part], failed[part] = found, lost
                done += part.stop - part.start
                bar(done)
        except KeyboardInterrupt:
            warnings.warn(
                f"interrupted: {done:,} of {len(points):,} parameter sets are done, the others NaN",
                RuntimeWarning,
                stacklevel=2,
            )
    if failed.any():
        warnings.warn(
            f"{failed.sum():,} of {len(points):,} parameter sets left every bound and are NaN, the "
            f"first at {points.words(int(np.argmax(failed)))}; a shorter step_size may keep them "
            "finite",
            RuntimeWarning,
            stacklevel=2,
        )
    return pd.DataFrame(values.reshape(len(points), -1), index=points.index(), columns=labels)


def _plan(
    circuit: CircuitTemplate,
    points: Points,
    times: Times,
    view: View,
    outputs: Any,
    run: Mapping[str, Any],
) -> tuple[Job, list[Column], int]:
    """Return the job that computes a sweep, its outputs, and how many sets make a chunk."""
    fixed = ("solver", "backend", "simulation_time", "step_size", "inputs", "noise", "seed")
    solver, backend, _ = choose_solver(
        run["solver"], run["backend"], {k: v for k, v in run.items() if k not in fixed}
    )
    key: tuple[Any, ...] = ()

    def model_of(*asked: Any) -> Model:
        nonlocal key
        key = asked
        return circuit._model_for_run(*asked)

    record = circuit._record
    model, signals = feed(
        record, model_of, run["inputs"], times.step, times.steps, True, run["noise"], run["seed"]
    )
    columns = choose_columns(record, model, outputs)
    where = [places(circuit, model, key, target) for target in points.targets]
    known = None if None in where else [found for found in where if found is not None]
    per_model = view.last if not view.reductions else view.last - view.first
    stored = 0 if view.streams else per_model // view.spacing * len(columns)
    size = max(1, min(WORK // view.last, STORED // max(stored, 1)))
    if known is None or solver not in TABLEAUS or not _side_by_side(model, signals):
        paths = [column.path for column in columns]
        return SingleJob(record, points.targets, known, paths, view, run), columns, 1
    engine = backend
    if backend == "default":
        pays = available() and len(points) * view.last > COMPILING_PAYS
        pays = pays and quick(model.program, len(TABLEAUS[solver][0]))
        engine = "compiled" if pays else "numpy"
    compiled = engine == "compiled"
    width = lanes(model.program, solver, len(points)) if compiled else BLOCK
    size = max(width, size - size % width)
    if stored:
        size = max(1, min(size, STORED // stored))
    job = _batch_job(model, signals, columns, known, solver, view, engine)
    return job, columns, size


def _side_by_side(model: Model, signals: Sequence[Signal]) -> bool:
    """Tell whether models of this kind can be computed in one kernel."""
    functions = any(signal.function is not None for signal in signals)
    return not (model.network.grouped or model.program.delayed or functions)


def _batch_job(
    model: Model,
    signals: Sequence[Signal],
    columns: Sequence[Column],
    where: Sequence[Sequence[tuple[str, int]]],
    solver: str,
    view: View,
    engine: str,
) -> BatchJob:
    """Return the job that computes models side by side."""
    watched = [model.network.where[column.path][0] for column in columns]
    algebraic = {name for name in watched if model.network.blocks[name].kind == "algebraic"}
    program = make_program(model.network, sorted(algebraic))
    drives = np.empty((view.last, len(signals)))
    for j, signal in enumerate(signals):
        drives[:, j] = signal.take(0, view.last)
    batch = Batch(
        program, np.array(model.constants(), dtype=float)[:, None], model.y0[:, None], drives,
        view.step,
    )  # fmt: skip
    rows = [
        [
            (True, program.constants.index(name))
            if name in program.constants
            else (False, program.states.index(name))
            for name, _ in found
        ]
        for found in where
    ]
    return BatchJob(batch, rows, solver, watched, view, engine)


def _window(window: Any, times: Times) -> tuple[int, int]:
    """Return the first step of the window, and the one after the last."""
    if window is None:
        return 0, times.steps
    try:
        start, stop = window
    except (TypeError, ValueError):
        raise OptionError(f"window is (start, stop) in time, not {show(window)}") from None
    start, stop = positive("window start", start, zero=True), positive("window stop", stop)
    first, last = (int(np.ceil(t / times.step - 1e-9)) for t in (start, stop))
    if not first < last <= times.steps:
        end = times.steps * times.step
        raise OptionError(f"window {show(window)} holds no moment of a run from 0 to {end:g}")
    return first, last


def _label(column: Column) -> str:
    """Return an output's name; the node is part of it where a path said ``all``."""
    if column.place is None:
        return str(column.label)
    *nodes, _ = levels(column.path)
    return f"{column.label} {'/'.join(nodes)}"
