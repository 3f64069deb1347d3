"""Fixed steps for small circuits: one loop of plain Python, generated for the model.

The loop holds the equations themselves, so that a step costs no function call and no
array. Its formulas are those of `wclab.solvers`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from wclab.engines.history import ListHistory
from wclab.engines.kernels import TABLEAUS, moved, sizes, slopes
from wclab.engines.task import CHUNK, Task, Trace, advice, blown_up, samples
from wclab.errors import SolverError
from wclab.program import Program


def run_scalar(task: Task, method: str) -> Trace:
    """Integrate a model of single numbers with a fixed step.

    Raises
    ------
    SolverError
        If a state stops being finite; says which and when.
    OptionError
        If a delay is shorter than the step.
    """
    model, program = task.model, task.model.program
    lags = [int(lag[0]) if lag[0].is_integer() else float(lag[0]) for lag in task.lags()]
    sources = [model.network.blocks[name].source for name in program.delayed]
    degree = 1 if method == "euler" else 3
    start = task.initial_sources()
    stages = len(TABLEAUS[method][0]) if any(isinstance(lag, int) for lag in lags) else 1
    histories = {
        (name, number): ListHistory(float(start[name][0]), max(lags), degree)
        for number in range(stages)
        for name in dict.fromkeys(sources)
    }
    held = tuple(signal.function is None for signal in task.signals)
    source = loop_source(program, method, held, sources, lags, keep=task.delayed)
    loop, safe = model.functions(source), None
    state = tuple(model.y0.tolist())
    columns = len(state) + len(lags) * task.delayed
    result = np.empty((task.rows, columns))
    chunk = max(1, CHUNK // task.every)
    for row in range(0, task.rows, chunk):
        rows = min(chunk, task.rows - row)
        last = row + rows == task.rows
        k = row * task.every
        drives = samples(task.signals, k, k + rows * task.every)
        values = [_listed(u) if isinstance(u, np.ndarray) else u for u in drives]
        for history in histories.values():
            history.trim()
        marks = [len(history.values) for history in histories.values()]
        arguments = (task.step, values, list(histories.values()), lags)
        calls = [(rows - 1, task.every, 0), (1, 0, rows - 1)] if last else [(rows, task.every, 0)]
        try:
            out, end = _advance(loop, calls, k, state, task, arguments, [])
        except (OverflowError, ZeroDivisionError, ValueError):
            for history, mark in zip(histories.values(), marks, strict=True):
                del history.values[mark:]
            safe = safe or model.functions(source, safe=True)
            out, end = _carefully(safe, calls, k, state, task, arguments, columns)
        state = end
        result[row : row + rows] = np.array(out).reshape(rows, columns)
        if not np.all(np.isfinite(result[row : row + rows])):
            blown_up(task, result[row : row + rows], row, method)
        task.report(row + rows)
    delayed = [result[:, [j]] for j in range(len(state), columns)]
    return Trace(result[:, : len(state)], delayed)


def _advance(
    loop: Any,
    calls: Sequence[tuple[int, int, int]],
    k: int,
    state: tuple[float, ...],
    task: Task,
    arguments: tuple[Any, ...],
    out: list[float],
) -> tuple[list[float], tuple[float, ...]]:
    """Run one chunk: some rows of `every` steps, and perhaps a last row without steps."""
    for rows, every, before in calls:
        state = loop(k, before * task.every, rows, every, state, out.extend, *arguments)
    return out, state


def _listed(samples: np.ndarray) -> list[float]:
    """Return samples as a list; what does not change is one number, made once."""
    first = float(samples[0]) if len(samples) else 0.0
    return [first] * len(samples) if np.all(samples == first) else samples.tolist()


def _carefully(
    loop: Any, calls: Any, k: int, state: Any, task: Task, arguments: Any, columns: int
) -> Any:
    """As `_advance`, where numbers are so large or so wrong that Python raises."""
    out: list[float] = []
    try:
        return _advance(loop, calls, k, state, task, arguments, out)
    except (OverflowError, ZeroDivisionError, ValueError) as error:
        k += max(len(out) // columns - 1, 0) * task.every
        raise SolverError(
            f"an equation has no value soon after t = {k * task.step:g} ({error}). "
            f"{advice(task, k)}"
        ) from None


def loop_source(
    program: Program,
    method: str,
    held: Sequence[bool],
    sources: Sequence[str],
    lags: Sequence[float],
    *,
    shared: bool = True,
    keep: bool = True,
) -> str:
    """Return the factory of a loop over steps.

    The loop is ``run(k0, i0, rows, every, y, extend, h, U, H, L)``: from step ``k0 + i0``
    on, it adds states and delayed values to the result once every `every` steps. ``U``
    holds, for each drive, samples that begin at step ``k0`` or a function of t; ``H`` one
    history for each delayed source, and one for each further stage where a lag is a whole
    number; ``L`` the lag of each delayed block in steps. Without `shared` each delayed block
    has a history of its own; without `keep` delayed values are not appended.
    """
    stages = TABLEAUS[method][0]
    states = program.states
    histories = list(dict.fromkeys(sources)) if shared else list(sources)
    drives = list(enumerate(program.drives))
    timed = program.uses_time or not all(held)
    head = [f"({''.join(f'{name}, ' for name in states)}) = _y"] if states else []
    head += [f"_u{j} = _U[{j}]" for j, _ in drives]
    whole = [isinstance(lag, int) for lag in lags]
    count = len(histories)
    kept = len(stages) if any(whole) else 1 if histories else 0
    head += [f"_add{j}, _at{j} = _H[{j}].add, _H[{j}].at" for j in range(count)]
    more = range(count, kept * count)
    head += [f"_add{j}, _stage{j} = _H[{j}].add, _H[{j}].stage" for j in more]
    head += [f"_lag{j} = _L[{j}]" for j in range(len(sources))]
    head += sizes(program, method, "_")

    def past(number: int) -> list[str]:
        time = stages[number][0]
        shift = f" + {time}" if time else ""
        found = []
        for j, name in enumerate(program.delayed):
            place = histories.index(sources[j]) if shared else j
            if number and whole[j]:
                found.append(f"{name} = _stage{number * count + place}(_k - _lag{j})")
            elif not number or time != stages[number - 1][0]:
                found.append(f"{name} = _at{place}(_k{shift} - _lag{j})")
        return found

    counted = timed or bool(sources)
    body = ["_k = _k0 + _i"] if counted else []
    sampled = [(j, name) for j, name in drives if held[j]]
    for number, (time, _) in enumerate(stages):
        if number:
            body += moved(program, method, number, "_")
        if timed and (number == 0 or time != stages[number - 1][0]):
            body.append(f"t = (_k + {time}) * _h" if time else "t = _k * _h")
        body += [f"{name} = _u{j}(t)" for j, name in drives if not held[j]]
        body += past(number)
        body += [f"{target} = {code}" for target, code in program.steps]
        if number < kept:
            body += [f"_add{number * count + j}({name})" for j, name in enumerate(histories)]
        if number == 0:
            body += [f"_s{j} = {s}" for j, s in enumerate(states)]
        body += slopes(program, number)
    body += moved(program, method, len(stages), "_")
    kept_too = program.delayed if keep else ()
    row = ["_k = _k0 + _i0", *past(0)] if kept_too else []
    row = [*row, f"_extend(({''.join(f'{n}, ' for n in (*states, *kept_too))}))"]
    lines = [f"    {line}" for line in head]
    lines.append("    for _ in range(_rows):")
    lines += [f"        {line}" for line in row]
    lines.append(f"        for {_each(sampled, counted=counted)}:")
    lines += [f"            {line}" for line in body or ["pass"]]
    lines.append("        _i0 += _every")
    lines.append(f"    return ({''.join(f'{name}, ' for name in states)})")
    inner = "\n".join(lines)
    arguments = "_k0, _i0, _rows, _every, _y, _extend, _h, _U, _H, _L"
    return program.factory(f"def run({arguments}{program.locals(inner)}):\n{inner}\nreturn run")


def _each(sampled: Sequence[tuple[int, str]], *, counted: bool) -> str:
    """Return what the inner loop runs over: the number of the step, and its samples."""
    names = [name for _, name in sampled]
    lists = [f"_u{j}[_i0:_i0 + _every]" for j, _ in sampled]
    if counted or not sampled:
        names, lists = ["_i", *names], ["range(_i0, _i0 + _every)", *lists]
    if len(lists) == 1:
        return f"{names[0]} in {lists[0]}"
    return f"{', '.join(names)} in zip({', '.join(lists)})"
