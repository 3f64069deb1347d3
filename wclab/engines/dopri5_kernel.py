"""The text of an adaptive Dormand-Prince run, in the restricted Python of `kernels`.

Order 5 with an error estimate of order 4, the step's size by a PI controller, and a polynomial of
degree 4 between the steps. Each stage holds the equations themselves.
Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I: table II.5.2 (the
method), ch. II.4 (first step and error), eq. II.6.20 (between steps); Hairer & Wanner II,
ch. IV.2 (PI control), with the constants of their DOPRI5.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

from wclab.engines.kernels import head_lines, write_function
from wclab.program import Program

STAGES = (
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)
TIMES = (1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0)
ERROR = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)
DENSE = (
    -12715105075 / 11282082432, 0.0, 87487479700 / 32700410799, -10690763975 / 1880347072,
    701980252875 / 199316789632, -1453857185 / 822651844, 69997945 / 29380423,
)  # fmt: skip
KEPT = 5  # numbers kept of each state and step


@lru_cache(maxsize=128)
def integrating(program: Program, held: tuple[bool, ...]) -> str:
    """Return ``integrate(first, pieces, room, rtol, atol, longest, E, P, U, y, S, X)``.

    It integrates pieces ``first`` ... ``pieces - 1``, which end at the times ``E``; in piece p a
    drive that is `held` has the value ``U[p * drives + j]``; another is a function ``F[j]``, the
    last argument then. Of each step taken, ``S`` receives its end, its length, and of each
    state the values and slopes at its two ends and what else `between` needs. The run
    stops where ``room`` steps have been taken, and goes on from there if called again. ``X`` holds
    the time, the step (0: choose one), the logarithm of the last error's square, the number of
    steps taken, the piece, and 1 if the step became too small.
    """
    states = list(enumerate(program.states))
    count = len(program.drives)
    width = 2 + KEPT * len(states)
    functions = [(j, name) for j, name in enumerate(program.drives) if not held[j]]
    timed = program.uses_time or bool(functions)

    def slopes(number: int, time: str) -> list[str]:
        return [
            *([f"t = {time}"] if timed else []),
            *(f"{name} = F[{j}](t)" for j, name in functions),
            *(f"{target} = {code}" for target, code in program.steps),
            *(f"_k{number}_{j} = {rate}" for j, rate in enumerate(program.rates)),
        ]

    step = []
    for number, (weights, time) in enumerate(zip(STAGES, TIMES, strict=True), 1):
        step += [f"{s} = _s{j} + h * ({_sum(weights, j)})" for j, s in states]
        again = number > 1 and time == TIMES[number - 2]
        step += [
            line
            for line in slopes(number, f"now + {time!r} * h")
            if not (again and line.startswith("t = "))
        ]
    for j, s in states:
        step += [f"_a{j} = absv(_s{j})", f"_b{j} = absv({s})"]
        larger = f"where(_a{j} > _b{j}, _a{j}, _b{j})"
        step.append(f"_e{j} = h * ({_sum(ERROR, j)}) / (atol + rtol * {larger})")
    store = [f"at = n * {width}", "S[at] = now", "S[at + 1] = h"]
    for j, s in states:
        values = (f"_s{j}", s, f"_k0_{j}", f"_k6_{j}", _sum(DENSE, j))
        store += [f"S[at + {2 + KEPT * j + i}] = {value}" for i, value in enumerate(values)]

    parts = [
        (1, head_lines(program)),
        (1, [f"_s{j} = y[{j}]" for j, _ in states]),
        (1, ["now = X[0]", "h = X[1]", "old = X[2]", "n = 0", "X[5] = 0.0"]),
        (1, ["for piece in range(first, pieces):"]),
        (2, ["end = E[piece]", "ceiling = 10.0", "X[4] = piece"]),
        (2, [f"{name} = U[piece * {count} + {j}]" for j, name in enumerate(program.drives)
             if held[j]]),
        (2, [f"{s} = _s{j}" for j, s in states]),
        (2, slopes(0, "now")),
        (2, ["if h == 0.0:"]),
        *_first_step(states, slopes(1, "now + h")),
        (2, ["while now < end:"]),
        (3, ["if n == room:", "    break"]),
        (3, ["if h > longest:", "    h = longest"]),
        (3, ["last = 0", "if 1.01 * h >= end - now:", "    h = end - now", "    last = 1"]),
        (3, ["if 0.1 * h <= 2.3e-16 * now:", "    X[5] = 1.0", "    break"]),
        (3, step),
        (3, [f"size = {_squares('_e', states)}"]),
        (3, ["if size <= 1.0:"]),
        (4, ["now = now + h", "if last == 1:", "    now = end"]),
        (4, store),
        (4, ["n = n + 1", "new = log(size + 1e-16)"]),
        (4, ["factor = 0.9 * exp(0.02 * old - 0.085 * new)"]),
        (4, ["if factor > ceiling:", "    factor = ceiling"]),
        (4, ["h = h * factor", "ceiling = 10.0", "old = new"]),
        (4, [f"if old < {SMALLEST!r}:", f"    old = {SMALLEST!r}"]),
        (4, [f"_s{j} = {s}" for j, s in states]),
        (4, [f"_k0_{j} = _k6_{j}" for j, _ in states]),
        (3, ["else:"]),
        (4, ["factor = 0.2", "if size < 1e7:", "    factor = 0.9 * exp(-0.085 * log(size))"]),
        (4, ["h = h * factor", "ceiling = 1.0"]),
        (2, ["if now < end:", "    break"]),
        (2, ["h = 0.0"]),
        (1, [f"y[{j}] = _s{j}" for j, _ in states]),
        (1, ["X[0] = now", "X[1] = h", "X[2] = old", "X[3] = n"]),
    ]  # fmt: skip
    arguments = "first, pieces, room, rtol, atol, longest, E, P, U, y, S, X"
    return write_function("integrate", arguments + (", F" if functions else ""), parts)


SMALLEST = math.log(1e-8)  # of the last error's square: an error near 0 tells little


def _first_step(
    states: Sequence[tuple[int, str]], slopes: Sequence[str]
) -> list[tuple[int, list[str]]]:
    """Return the lines that choose the first step of a piece: II.4, p. 169."""
    small = [f"_w{j} = atol + rtol * absv(_s{j})" for j, _ in states]
    small += [f"_e{j} = _s{j} / _w{j}" for j, _ in states]
    small += [f"_f{j} = _k0_{j} / _w{j}" for j, _ in states]
    euler = [f"{s} = _s{j} + h * _k0_{j}" for j, s in states]
    return [
        (3, small),
        (
            3,
            [f"height = sqrt({_squares('_e', states)})", f"slope = sqrt({_squares('_f', states)})"],
        ),
        (3, ["h = 1e-6", "if height >= 1e-5:", "    if slope >= 1e-5:"]),
        (5, ["h = 0.01 * height / slope"]),
        (3, ["if h > end - now:", "    h = end - now"]),
        (3, euler),
        (3, list(slopes)),
        (3, [f"_e{j} = (_k1_{j} - _k0_{j}) / _w{j}" for j, _ in states]),
        (3, [f"bend = sqrt({_squares('_e', states)}) / h"]),
        (3, ["if slope > bend:", "    bend = slope"]),
        (3, ["other = h * 1e-3", "if other < 1e-6:", "    other = 1e-6"]),
        (3, ["if bend > 1e-15:", "    other = power(0.01 / bend, 0.2)"]),
        (3, ["h = 100.0 * h", "if other < h:", "    h = other"]),
        (3, [f"old = {SMALLEST!r}"]),
    ]


def _sum(weights: Sequence[float], j: int) -> str:
    """Return the sum of state j's slopes with these weights."""
    return " + ".join(f"{w!r} * _k{number}_{j}" for number, w in enumerate(weights) if w)


def _squares(name: str, states: Sequence[tuple[int, str]]) -> str:
    """Return the mean of squares."""
    total = " + ".join(f"{name}{j} * {name}{j}" for j, _ in states) or "0.0"
    return f"({total}) / {max(len(states), 1)}.0"


@lru_cache(maxsize=8)
def filling(states: int) -> str:
    """Return ``fill(first, last, T, S, out)``: `between` for rows first ... last - 1, one by one.

    ``T`` holds the time of each row; none is later than the end of the last step in ``S``.
    """
    width = 2 + KEPT * states
    row = ["time = T[row]", "while time > S[at]:", f"    at = at + {width}"]
    row += ["h = S[at + 1]", "s = 1.0 + (time - S[at]) / h", "r = 1.0 - s"]
    for j in range(states):
        old, new, k0, k6, more = (f"S[at + {2 + KEPT * j + i}]" for i in range(KEPT))
        row += [f"old = {old}", f"up = {new} - old", f"bend = h * {k0} - up"]
        row += [f"twist = up - h * {k6} - bend", f"more = h * {more}"]
        row.append(f"out[row * {states} + {j}] = {BETWEEN}")
    parts = [(1, ["at = 0", "for row in range(first, last):"]), (2, row)]
    return write_function("fill", "first, last, T, S, out", parts)


BETWEEN = "old + s * (up + r * (bend + s * (twist + r * more)))"
