"""One run: from what a user asks for to a table of numbers.

The contract: whatever is asked for is checked before the first step, and an answer that is
not right is an error.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.engines import Task, fits_a_batch, run_adaptive, run_dopri5, run_ensemble, run_fixed
from wclab.errors import OptionError, nearest, show
from wclab.inputs import Signal, merge, read_signal
from wclab.memory import refuse_too_large
from wclab.model import Model
from wclab.noise import Noise, Stream, of_run
from wclab.options import Times, choose_solver, positive, whole
from wclab.outputs import Column, choose_columns, frame, record, record_ensemble
from wclab.progress import Progress
from wclab.templates import Circuit

if TYPE_CHECKING:
    import pandas as pd

ModelOf = Callable[..., Model]  # (driven, noisy, grouped): a circuit's model


def run(
    circuit: Circuit,
    model_of: ModelOf,
    simulation_time: float,
    step_size: float,
    inputs: Mapping[str, Any] | None,
    outputs: Any,
    sampling_step_size: float | None,
    cutoff: float,
    solver: str,
    backend: str | None,
    vectorize: bool,
    noise: Mapping[str, Any] | None,
    seed: int | None,
    runs: int | Iterable[int] | None,
    options: Mapping[str, Any],
) -> "pd.DataFrame":
    """Integrate a circuit; see `CircuitTemplate.run` for every argument."""
    times = Times.read(simulation_time, step_size, sampling_step_size)
    solver, backend, adaptive_options = choose_solver(solver, backend, options)
    first = _rows_cut_off(cutoff, times)
    if noise and solver != "euler":
        raise OptionError(
            f"noise needs solver='euler' (it then takes Euler-Maruyama steps), not {solver!r}"
        )
    numbers = None if runs is None else _run_numbers(runs, noise)
    model, signals = feed(
        circuit, model_of, inputs, times.step, times.steps, vectorize, noise, seed
    )
    columns = choose_columns(circuit, model, outputs)
    blocks = model.network.blocks
    computed = any(blocks[model.network.where[c.path][0]].kind == "algebraic" for c in columns)
    delayed = computed or solver == "scipy"
    width = len(model.states) + len(columns)
    width += sum(len(blocks[name].values) for name in model.program.delayed) * delayed
    _refuse_too_long(times, width * len(numbers or [0]))
    with Progress(times.rows, "rows") as progress:
        task = Task(model, signals, times.step, times.every, times.rows, progress, delayed)
        if numbers is not None:
            values = _ensemble(task, numbers, columns, backend)
            return frame(columns, times.index()[first:], values[first:], numbers)
        if solver == "scipy":
            trace = run_adaptive(task, **adaptive_options)
        elif solver == "dopri5":
            trace = run_dopri5(task, backend, **adaptive_options)
        else:
            trace = run_fixed(task, solver, backend)
    values = record(task, trace, columns)
    return frame(columns, times.index()[first:], values[first:])


def _ensemble(task: Task, runs: list[int], columns: list[Column], backend: str) -> np.ndarray:
    """Return the columns' numbers in every run, shape (rows, columns, runs)."""
    if fits_a_batch(task):
        return record_ensemble(task, run_ensemble(task, runs, backend), columns, len(runs))
    values = np.empty((task.rows, len(columns), len(runs)))
    for k, number in enumerate(runs):
        one = replace(task, signals=of_run(task.signals, number), report=lambda _: None)
        values[:, :, k] = record(one, run_fixed(one, "euler", backend), columns)
        task.report(task.rows * (k + 1) // len(runs))
    return values


def feed(
    circuit: Circuit,
    model_of: ModelOf,
    inputs: Mapping[str, Any] | None,
    step: float,
    steps: int | None,
    vectorize: bool,
    noise: Mapping[str, Any] | None = None,
    seed: int | None = None,
) -> tuple[Model, list[Signal]]:
    """Return a circuit's model, and what each of its drives is during a run.

    `steps` is the number of samples that every input needs, or None for any.
    """
    driven = _places(circuit, "inputs", inputs)
    noisy = _places(circuit, "noise", noise)
    if seed is not None:
        whole("seed", seed)
    members = Counter(key for key, _ in driven.values())
    given = {
        key: read_signal(value, key, steps, members[key]) for key, value in (inputs or {}).items()
    }
    strength = _strengths(noise or {}, noisy)
    texts = {path: value if isinstance(value, str) else "" for path, value in strength.items()}
    model = model_of(frozenset(driven), frozenset(texts.items()), vectorize and not _mixed(given))
    _refuse_noise_elsewhere(noisy, model)
    stream = Stream(np.random.SeedSequence(seed).entropy, 0, len(noisy)) if noisy else None
    order = {path: k for k, path in enumerate(sorted(noisy))}
    signals: list[Signal] = []
    for drive in model.program.drives:
        paths = model.network.blocks[model.network.blocks[drive].source].paths
        if paths[0] in driven:
            signals.append(merge([(given[driven[p][0]], driven[p][1]) for p in paths]))
        else:
            assert stream is not None
            factors = [1.0 if texts[path] else strength[path] for path in paths]
            columns = [order[path] for path in paths]
            signals.append(Noise.make(stream, columns, np.array(factors) / np.sqrt(step)))
    return model, signals


def _rows_cut_off(cutoff: Any, times: Times) -> int:
    """Return how many rows lie before `cutoff`."""
    rows = int(np.ceil(positive("cutoff", cutoff, zero=True) / times.sampling - 1e-9))
    if rows >= times.rows:
        raise OptionError(
            f"cutoff {show(cutoff)} leaves no row: the last one is at "
            f"{(times.rows - 1) * times.sampling:g}"
        )
    return rows


def _refuse_too_long(times: Times, columns: int) -> None:
    refuse_too_large(
        3.0 * times.rows * max(columns, 1),
        f"a result of {times.rows:{',' if times.rows < 10**15 else '.3g'}} rows and {columns} "
        "variables",
        "Keep fewer rows with a larger sampling_step_size, or run for a shorter time.",
    )


def _places(circuit: Circuit, name: str, given: Any) -> dict[str, tuple[str, int]]:
    """Return, for every variable that is fed, the key that feeds it and its position there."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        example = "'e/se_op/r_ext': 1.0" if name == "inputs" else "'e/rate_op/r': 0.01"
        raise OptionError(f"{name} is a dict such as {{{example}}}, not {show(given)}")
    found: dict[str, tuple[str, int]] = {}
    for key in given:
        for position, place in enumerate(circuit.locate_all(key)):
            path = str(place)
            if path in found:
                raise OptionError(
                    f"{name}: {path!r} is given twice, by {found[path][0]!r} and {key!r}"
                )
            found[path] = (key, position)
    return found


def _mixed(given: Mapping[str, Signal]) -> bool:
    """Tell whether there are functions of time beside samples: they cannot share an array."""
    functions = [signal.function is not None for signal in given.values()]
    sampled = [s.samples is not None and len(s.samples) > 1 for s in given.values()]
    return any(functions) and any(sampled)


def _strengths(
    noise: Mapping[str, Any], noisy: Mapping[str, tuple[str, int]]
) -> dict[str, float | str]:
    """Return the strength of the noise of each variable: a number or an expression."""
    count = Counter(key for key, _ in noisy.values())
    found: dict[str, float | str] = {}
    for path, (key, position) in noisy.items():
        values = [noise[key]] if isinstance(noise[key], str) else np.ravel(noise[key]).tolist()
        if len(values) not in (1, count[key]):
            raise OptionError(
                f"noise[{key!r}] stands for {count[key]} variable(s), but has {len(values)} values"
            )
        value = values[position if len(values) > 1 else 0]
        if isinstance(value, str) and value.strip():
            found[path] = value
            continue
        try:
            found[path] = value = float(value)
        except (TypeError, ValueError):
            raise OptionError(
                f"noise[{key!r}] must be a number or an expression such as '0.1*r', not "
                f"{show(noise[key])}"
            ) from None
        if not 0 <= value < np.inf:
            raise OptionError(f"noise[{key!r}] must be finite and not negative, not {value:g}")
    return found


def _refuse_noise_elsewhere(noisy: Mapping[str, tuple[str, int]], model: Model) -> None:
    """Refuse noise in what is no state."""
    states = set(model.states)
    for path, (key, _) in noisy.items():
        if path not in states:
            raise OptionError(
                f"noise[{key!r}]: {path!r} is no state; noise is added to a derivative, so name a "
                f"variable that has one.{nearest(path, model.states)}"
            )


def _run_numbers(runs: Any, noise: Any) -> list[int]:
    """Return the numbers of an ensemble's runs."""
    if not noise:
        raise OptionError("runs that differ in nothing: runs= goes with noise=")
    wrong = OptionError(
        f"runs must be a whole number above 0, or a list of different ones from 0, not {show(runs)}"
    )
    given = np.asarray(list(runs) if isinstance(runs, Iterable) else runs)
    if given.dtype.kind not in "iu" or given.size == 0 or given.ndim > 1:
        raise wrong
    if given.ndim == 0:
        refuse_too_large(3.0 * float(given), f"an ensemble of {given:.3g} runs", "Ask for fewer.")
        given = np.arange(int(given))
    if given.size == 0 or given.min() < 0 or len(np.unique(given)) < len(given):
        raise wrong
    return [int(number) for number in given]
