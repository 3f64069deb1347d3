"""How cost grows: the same work at several sizes, and the exponent that fits the times."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import machine
import numpy as np
from harness import Contestant, quartiles, taking_part
from subjects_many import PLAIN

ROUNDS = 5


@dataclass(frozen=True)
class Curve:
    """A contestant at some sizes; `arguments` turns a size into what it is prepared from."""

    contestant: Contestant
    sizes: tuple[int, ...]
    arguments: Callable[[int], tuple[int, ...]]


@dataclass(frozen=True)
class Growth:
    """What grows, and whose cost is fitted."""

    key: str
    title: str
    text: str
    axis: str
    curves: list[Curve]


def measure(growth: Growth) -> dict[str, Any]:
    """Measure every curve in turn, after a round that is left out.

    Returns
    -------
    dict
        ``curves``: for each contestant its "sizes", quartiles of "cpu" in seconds for each, the
        "exponent" of a power law through the medians and its standard "error"; ``skipped``.
    """
    taken: dict[str, list[list[float]]] = {}
    skipped: dict[str, str] = {}
    curves = {curve.contestant.name: curve for curve in growth.curves}
    with taking_part([curve.contestant for curve in growth.curves], skipped) as running:
        for number in range(ROUNDS + 1):
            for name in list(running):
                try:
                    taken.setdefault(name, []).append(_round(running[name], curves[name]))
                except machine.SkipError as error:
                    skipped[name] = str(error)
                    taken.pop(name, None)
                    running.pop(name).close()
            sys.stderr.write(f"{growth.key}: round {number} of {ROUNDS}\n")
    found = {}
    for name, rounds in taken.items():
        cpu = [quartiles(list(times)) for times in zip(*rounds[1:], strict=True)]
        exponent, error = fit(curves[name].sizes, [median for _, median, _ in cpu])
        sizes = list(curves[name].sizes)
        found[name] = {"sizes": sizes, "cpu": cpu, "exponent": exponent, "error": error}
    return {"curves": found, "skipped": skipped}


def _round(running: Any, curve: Curve) -> list[float]:
    return [running.measure(*curve.arguments(size))["cpu"] for size in curve.sizes]


def fit(sizes: tuple[int, ...], times: list[float]) -> tuple[float, float]:
    """Return the slope of log time by log size, by least squares, and its standard error."""
    x, y = np.log(sizes), np.log(times)
    away = x - x.mean()
    slope = float(away @ y / (away @ away))
    left = y - y.mean() - slope * away
    return slope, float(np.sqrt(left @ left / (len(x) - 2) / (away @ away)))


def _doubling(first: int, count: int = 5) -> tuple[int, ...]:
    return tuple(first * 2**k for k in range(count))


def _curves(
    code: str,
    c_code: str,
    sizes: tuple[int, ...],
    arguments: Callable[[int], tuple[int, ...]],
    plain: tuple[int, ...] = (),
    compiled: bool = True,
) -> list[Curve]:
    """Return C, and wclab with and without machine code; `plain` are the last one's sizes."""
    machine_code = Curve(Contestant("wclab, compiled", code), sizes, arguments)
    return [
        Curve(Contestant("C", c_code), sizes, arguments),
        *([machine_code] if compiled else []),
        Curve(Contestant("wclab", code, without=PLAIN), plain or sizes, arguments),
    ]


STEPS, NETWORK_STEPS, NODES, EACH = 500, 200, 1_600, 10
_PYRATES_STEPS = Contestant("PyRates", "runs_pyrates.steps", peer="pyrates")
_PYRATES_SETS = Contestant("PyRates", "runs_pyrates.sweep", peer="pyrates")
_MADE = Contestant("wclab, made", "runs_many_wclab.build", without=PLAIN)

GROWTHS = [
    Growth(
        "growth-steps",
        "with steps",
        "Euler steps of one pair, 100 rows.",
        "steps",
        [
            *_curves(
                "runs_wclab.steps", "runs_c.steps", _doubling(250_000), lambda n: (n,),
                plain=_doubling(62_500),
            ),
            Curve(_PYRATES_STEPS, _doubling(6_400, 4), lambda n: (n,)),
        ],
    ),
    Growth(
        "growth-sets",
        "with parameter sets",
        f"A sweep, {STEPS} RK4 steps (PyRates: Heun steps; building is part of its run).",
        "parameter sets",
        [
            *_curves(
                "runs_many_wclab.short_sweep", "runs_many_c.sweep", _doubling(1_024),
                lambda n: (n, STEPS),
            ),
            Curve(_PYRATES_SETS, _doubling(8), lambda n: (n, STEPS)),
        ],
    ),
    Growth(
        "growth-nodes",
        "with nodes",
        f"A network of pairs, each E hearing {EACH} others, {NETWORK_STEPS} Euler steps; made: "
        "from template and matrix to the first step. C: compressed sparse rows. wclab takes NumPy "
        "and SciPy for sparse networks, with llvmlite or without.",
        "nodes",
        [
            *_curves(
                "runs_many_wclab.sparse", "runs_many_c.sparse", _doubling(800),
                lambda n: (n, EACH, NETWORK_STEPS), compiled=False,
            ),
            Curve(_MADE, _doubling(400), lambda n: (n, EACH)),
        ],
    ),
    Growth(
        "growth-edges",
        "with edges",
        f"The same with {NODES:,} pairs, each E hearing 20 to 320 others.",
        "edges",
        [
            *_curves(
                "runs_many_wclab.sparse", "runs_many_c.sparse", _doubling(32_000),
                lambda n: (NODES, n // NODES, NETWORK_STEPS), compiled=False,
            ),
            Curve(_MADE, _doubling(32_000), lambda n: (NODES, n // NODES)),
        ],
    ),
]  # fmt: skip
