"""Where each decimal number in the prose of the lessons comes from.

A number is *given*, chosen by the lesson, or it is a fact, which a function computes again with
wclab. `test_decimals.py` compares the two to half a unit of the last digit printed.
"""

from functools import cache

import numpy as np

from wclab import CircuitTemplate
from wclab.bifurcation import equilibria
from wclab.explorers import FICurve
from wclab.inputs import pulse
from wclab.phaseplane import fixed_points

FOLDER = "model_templates.neural_mass_models"
P = "e/se_op/r_ext"


@cache
def circuit(name):
    return CircuitTemplate.from_yaml(f"{FOLDER}.{name}")


@cache
def points_of_lesson_03():
    return fixed_points(circuit("wilsoncowan.single_population").with_vars({P: 0.5}), [(-0.1, 1.1)])


def rate(k):
    return float(points_of_lesson_03()[k].state[0])


def growth(k):
    return float(points_of_lesson_03()[k].eigenvalues[0].real)


def response(x, *, shift=True):
    return FICurve(shift=shift).value(x)


def leak_error():
    """Return by how many per cent ten Euler steps of tau/10 differ from the exact decay."""
    leak = circuit("wilsoncowan.single_population").with_vars(
        {"e/rate_op/r": 1.0}, [("e/rate_op/r", "e/se_op/r_in", {"weight": 0.0})]
    )
    steps = leak.run(1.1, 0.1, outputs={"r": "e/rate_op/r"}, solver="euler")["r"]
    return 100 * abs(steps.iloc[-1] / np.exp(-1) - 1)


def end_of_the_push():
    push = {P: pulse(125.0, 0.1, on=25.0, off=100.0)}
    run = circuit("wilsoncowan.WC").run(125.0, 0.1, inputs=push, outputs={"E": "e/rate_op/r"},
                                        solver="rk4")  # fmt: skip
    return float(run["E"].iloc[-1])


def largest_drive():
    """Return what the drive of E in WC approaches for a very strong input."""
    hard = circuit("wilsoncowan.WC").with_vars({P: 1e4})
    return 10.0 * float(hard.model().rhs(0.0, [0.0, 0.0])[0])  # tau r' = m at r = 0; tau = 10 ms


def upper_fold():
    diagram = equilibria(circuit("wilsoncowan.WC72_fig4"), P, (-1.0, 1.0))
    return max(fold.parameter for fold in diagram.special_points("fold"))


def upper_state_with_the_papers_k():
    """Solve the equations of 1972, (k - r) S, whose k is the largest value of S."""
    from scipy.optimize import fsolve

    def s(x, a, theta):
        return 1 / (1 + np.exp(-a * (x - theta))) - 1 / (1 + np.exp(a * theta))

    ke, ki = 1 - 1 / (1 + np.exp(1.2 * 2.8)), 1 - 1 / (1 + np.exp(1.0 * 4.0))

    def rates(y):
        e, i = y
        return (-e + (ke - e) * s(12 * e - 4 * i, 1.2, 2.8),
                -i + (ki - i) * s(13 * e - 11 * i, 1.0, 4.0))  # fmt: skip

    return float(fsolve(rates, [0.46, 0.24], xtol=1e-12)[0])


GIVEN = {
    "01": {"1.2", "2.8"},
    "02": {"0.5", "0.1", "0.2", "2.5"},
    "03": {"1.2", "2.8", "0.5", "0.44", "0.46"},
    "04": {"1.2", "2.8", "0.5", "1.5", "-0.5", "0.1"},
    "05": {"0.1", "0.05", "0.3", "0.4", "0.5"},
    "06": {"0.16", "0.24", "0.1", "0.08"},
    "index": set(),
}
FACTS = {
    "01": {
        "0.368": lambda: np.exp(-1.0),
        "0.632": lambda: 1 - np.exp(-1.0),
        "0.950": lambda: 1 - np.exp(-3.0),
        "3.4": lambda: 100 * response(0.0, shift=False),
        "0.4664": lambda: response(2.8),
        "0.3": lambda: (response(2.8 + 1e-5) - response(2.8 - 1e-5)) / 2e-5,
    },
    "02": {
        "0.25": lambda: 0.0 + 0.5 * (-0.0 + 1.0) / 2.0,
        "-0.25": lambda: -(0.0 + 0.5 * (-0.0 + 1.0) / 2.0),
        "0.375": lambda: (-0.25 + 1.0) / 2.0,
        "0.4375": lambda: 0.25 + 0.5 * (-0.25 + 1.0) / 2.0,
        "5.22": leak_error,
    },
    "03": {
        "0.042": lambda: rate(0),
        "0.447": lambda: rate(1),
        "0.900": lambda: rate(2),
        "-0.583": lambda: growth(0),
        "0.498": lambda: growth(1),
        "-0.626": lambda: growth(2),
        "1.4": lambda: np.log(2) / growth(1),
    },
    "04": {"0.447": lambda: rate(1)},
    "05": {
        "-0.033": end_of_the_push,
        "0.881": largest_drive,
        "0.468": lambda: largest_drive() / (1 + largest_drive()),
    },
    "06": {"0.2833": upper_fold, "0.4398": upper_state_with_the_papers_k},
    "index": {"-0.033": end_of_the_push},
}
