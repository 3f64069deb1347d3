"""Kernels: the text of loops over steps, written once in restricted Python.

The text runs as it is: on arrays of many models, with NumPy's functions; and it is compiled
(`wclab.engines.compiler`) to run one model, or a model in each lane of a vector. A kernel
takes whole numbers, the step ``h``, and arrays: ``P`` the model's constants, ``y`` its states,
``U`` the samples of its drives, and one for what it returns.
"""

from collections.abc import Sequence
from functools import lru_cache

from wclab.program import Program

# For each method: the stages as (time within the step, weight of the previous slope),
# and the weights of the slopes in the update.
TABLEAUS: dict[str, tuple[tuple[tuple[float, float], ...], tuple[float, ...], float]] = {
    "euler": (((0.0, 0.0),), (1.0,), 1.0),
    "heun": (((0.0, 0.0), (1.0, 1.0)), (1.0, 1.0), 2.0),
    "rk4": (((0.0, 0.0), (0.5, 0.5), (0.5, 0.5), (1.0, 1.0)), (1.0, 2.0, 2.0, 1.0), 6.0),
}
SIZES = {0.5: "half", 1.0: "h"}  # what a step to a stage is called
SUMS = ("min", "max", "sum", "square", "first", "last")  # what a reduction keeps
NEEDS = {
    "min": ("min",),
    "max": ("max",),
    "mean": ("sum", "first"),
    "std": ("sum", "square", "first", "last"),
    "last": ("last",),
}


def step_lines(
    program: Program, method: str, *, timed: str = "(k0 + n)", early: Sequence[str] = ()
) -> list[str]:
    """Return the lines of one step; `early` ones stand where the step's first slopes are known.

    The names of the drives must be set. States are the variables of their own names.
    """
    stages = TABLEAUS[method][0]
    states = list(enumerate(program.states))
    lines: list[str] = []
    for number, (time, _) in enumerate(stages):
        if number:
            lines += moved(program, method, number)
        if program.uses_time and (number == 0 or time != stages[number - 1][0]):
            lines.append(f"t = ({timed} + {time}) * h" if time else f"t = {timed} * h")
        lines += [f"{target} = {code}" for target, code in program.steps]
        if number == 0:
            lines += early
            lines += [f"_s{j} = {s}" for j, s in states]
        lines += slopes(program, number)
    return lines + moved(program, method, len(stages))


def slopes(program: Program, number: int) -> list[str]:
    """Return the lines that compute ``_k{number}_{state}``: the rates without their factors."""
    return [f"_k{number}_{j} = {rest}" for j, (_, rest) in enumerate(program.factored)]


def moved(program: Program, method: str, number: int, mark: str = "") -> list[str]:
    """Return the lines that move the states from ``_s{state}`` to a stage, or at last to the end.

    The names of steps' sizes, which `sizes` gives a value, begin with `mark`.
    """
    stages, weights, _ = TABLEAUS[method]
    parts: dict[float, list[int]] = {}
    for k, weight in enumerate(weights if number == len(stages) else ()):
        parts.setdefault(weight, []).append(k)
    lines = []
    for j, (name, (factor, _)) in enumerate(zip(program.states, program.factored, strict=True)):
        size = "share" if parts else SIZES[stages[number][1]]
        sums = [
            f"{weight} * ({' + '.join(f'_k{k}_{j}' for k in of)})"
            if weight != 1.0
            else " + ".join(f"_k{k}_{j}" for k in of)
            for weight, of in parts.items()
        ]
        slope = f"({' + '.join(sums)})" if parts else f"_k{number - 1}_{j}"
        lines.append(f"{name} = _s{j} + {mark}{size}{j if factor else ''} * {slope}")
    return lines


def sizes(program: Program, method: str, mark: str = "") -> list[str]:
    """Return the lines that compute, from ``h``, by what `moved` multiplies slopes."""
    stages, _, divisor = TABLEAUS[method]
    used = dict.fromkeys(SIZES[factor] for _, factor in stages[1:])
    lines = [f"{mark}half = {mark}h / 2.0"] if "half" in used else []
    lines.append(f"{mark}share = {mark}h / {divisor}")
    return lines + [
        f"{mark}{size}{j} = {mark}{size} * {factor}"
        for size in (*used, "share")
        for j, (factor, _) in enumerate(program.factored)
        if factor
    ]


def head_lines(program: Program) -> list[str]:
    """Return the lines that read the constants and compute what depends on them alone."""
    lines = [f"{name} = P[{j}]" for j, name in enumerate(program.constants)]
    return lines + [f"{name} = {code}" for name, code in program.hoisted]


def _head(program: Program, method: str) -> list[str]:
    """Return the lines before the loop: constants, what depends on them alone, states."""
    lines = [f"{name} = y[{j}]" for j, name in enumerate(program.states)]
    return head_lines(program) + lines + sizes(program, method)


def _drives(program: Program) -> list[str]:
    """Return the lines that read step n's samples."""
    count = len(program.drives)
    return [f"{name} = U[n * {count} + {j}]" for j, name in enumerate(program.drives)]


def write_function(name: str, arguments: str, parts: Sequence[tuple[int, Sequence[str]]]) -> str:
    """Return a function's text; each part is a depth and the lines that stand there."""
    lines = [f"def {name}({arguments}):"]
    lines += [f"{'    ' * depth}{line}" for depth, part in parts for line in part]
    return "\n".join(lines)


@lru_cache(maxsize=128)
def deriving(program: Program) -> str:
    """Return ``derive(t, P, y, dy)``, which fills ``dy`` with the derivatives.

    ``P`` holds the constants, then what depends on them alone, then the drives.
    """
    known = [*program.constants, *(name for name, _ in program.hoisted), *program.drives]
    parts = [
        (1, [f"{name} = P[{j}]" for j, name in enumerate(known)]),
        (1, [f"{name} = y[{j}]" for j, name in enumerate(program.states)]),
        (1, [f"{target} = {code}" for target, code in program.steps]),
        (1, [f"dy[{j}] = {rate}" for j, rate in enumerate(program.rates)]),
    ]
    return write_function("derive", "t, P, y, dy", parts)


@lru_cache(maxsize=128)
def recording(program: Program, method: str, watched: tuple[str, ...] = ()) -> str:
    """Return ``record(k0, rows, every, h, P, y, U, out)``.

    From step ``k0`` on it takes ``rows * every`` steps and stores `watched` blocks, by default
    the states, before the first of every `every` steps; ``y`` becomes the state after the last.
    """
    states = list(enumerate(program.states))
    watched = watched or program.states
    count = len(watched)
    store = [f"out[row * {count} + {j}] = {name}" for j, name in enumerate(watched)]
    if not {*watched} <= {*program.states, *program.constants}:
        now = ["t = (k0 + n) * h"] if program.uses_time else []
        steps = [f"{target} = {code}" for target, code in program.steps]
        store = [*_drives(program), *now, *steps, *store]
    parts = [
        (1, [*_head(program, method), "n = 0"]),
        (1, ["for row in range(rows):"]),
        (2, store),
        (2, ["for i in range(every):"]),
        (3, [*_drives(program), *step_lines(program, method), "n = n + 1"]),
        (1, [f"y[{j}] = {s}" for j, s in states]),
    ]
    return write_function("record", "k0, rows, every, h, P, y, U, out", parts)


@lru_cache(maxsize=128)
def reducing(program: Program, method: str, watched: tuple[str, ...], kept: tuple[str, ...]) -> str:
    """Return ``reduce(k0, steps, h, P, y, U, R)``.

    It takes `steps` steps from step ``k0`` on; for each block of `watched`, ``R`` holds the
    numbers of `kept` (a part of `SUMS`, in its order) over the moments before each step, and
    is brought up to date. "first" is a number that is subtracted before summing.
    """
    places = {
        (w, name): len(kept) * j + kept.index(name) for j, w in enumerate(watched) for name in kept
    }
    held = {pair: f"_r{place}" for pair, place in places.items()}
    early: list[str] = []
    for w in watched:
        shifted = f"({w} - {held[w, 'first']})" if "first" in kept else w
        updates = {
            "min": f"mini({{}}, {w})",
            "max": f"maxi({{}}, {w})",
            "sum": f"{{}} + {shifted}",
            "square": f"{{}} + {shifted} * {shifted}",
            "last": w,
        }
        early += [
            f"{held[w, name]} = {updates[name].format(held[w, name])}"
            for name in kept
            if name != "first"
        ]
    states = list(enumerate(program.states))
    parts = [
        (1, [*_head(program, method), *(f"{held[p]} = R[{place}]" for p, place in places.items())]),
        (1, ["for n in range(steps):"]),
        (2, [*_drives(program), *step_lines(program, method, early=early)]),
        (1, [f"y[{j}] = {s}" for j, s in states]),
        (1, [f"R[{place}] = {held[pair]}" for pair, place in places.items()]),
    ]
    return write_function("reduce", "k0, steps, h, P, y, U, R", parts)
