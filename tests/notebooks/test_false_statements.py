"""False statements that other courses and programs print, each computed anew, with the truth."""

from itertools import pairwise

import numpy as np
import pytest
from helpers import FACTS
from notebooks.facts import P, circuit
from scipy.signal import find_peaks

from wclab.bifurcation import equilibria
from wclab.inputs import pulse
from wclab.phaseplane import fixed_points, limit_cycle

W_EE = ("e/rate_op/r", "e/se_op/r_in")


def test_w_ee_of_neuromatch_has_a_fold_and_no_pitchfork():
    pair = circuit("conventions.neuromatch")
    diagram = equilibria(pair, W_EE, (4.0, 12.0))
    folds = [fold.parameter for fold in diagram.special_points("fold")]
    assert min(folds, key=lambda w: abs(w - 7.881545)) == pytest.approx(7.881545, abs=1e-6)
    assert diagram.special_points("branch point") == []


def test_the_imaginary_part_does_not_set_the_period():
    pair = circuit("conventions.neuromatch_cycle")
    turning = abs(fixed_points(pair)[0].eigenvalues[0].imag)
    assert limit_cycle(pair).period == pytest.approx(21.5205687, abs=1e-6)
    assert 2 * np.pi / turning == pytest.approx(11.1849531, abs=1e-6)


def test_the_i_nullcline_is_steeper_at_a_stable_point_only_if_e_alone_would_run_away():
    """The statement says: at every stable point the slopes' ratio, I over E, is above 1."""
    ratios = {True: [], False: []}
    for drive in np.linspace(0.0, 2.0, 21):
        for point in fixed_points(circuit("conventions.neuromatch_cycle").with_vars({P: drive})):
            j = point.jacobian
            if point.stable and j[0, 0] != 0:
                ratio = (j[1, 0] / -j[1, 1]) / (-j[0, 0] / j[0, 1])
                ratios[bool(j[0, 0] > 0)].append(ratio)
    assert len(ratios[False]) > 5
    assert not any(ratio > 1 for ratio in ratios[False])


@pytest.mark.parametrize("drive", [10.0, 1e3])
def test_rates_stay_below_one_half_not_below_one(drive):
    """With r = 1 the ceiling is 1/(1 + r)."""
    pair = circuit("wilsoncowan.WC72_fig4").with_vars({P: drive})
    steady = fixed_points(pair)[-1].state[0]
    assert 0.45 < steady < FACTS["B8"]["ceiling"] == 0.5


def test_no_drive_makes_the_qif_mean_field_oscillate():
    """By Dulac's criterion with 1/r^2, whose divergence is negative wherever r is positive."""
    qif = circuit("qif.qif")
    rng = np.random.default_rng(1)
    model = qif.model()
    for r, v in zip(rng.uniform(0.01, 3.0, 200), rng.uniform(-4.0, 4.0, 200), strict=True):
        step = 1e-6
        parts = []
        for k in range(2):
            ends = []
            for sign in (1, -1):
                state = np.array([r, v]) + sign * step * np.eye(2)[k]
                ends.append(model.rhs(0.0, state)[k] / state[0] ** 2)
            parts.append((ends[0] - ends[1]) / (2 * step))
        assert sum(parts) < 0


def test_the_peak_of_the_tvb_set_is_at_21_hertz_not_at_20():
    cycle = limit_cycle(circuit("conventions.daffertshofer_van_wijk"))
    assert 1000 * cycle.frequency == pytest.approx(21.1768, abs=5e-4)


def test_the_set_of_abeysuriya_2018_has_no_cycle_at_its_drive():
    """A note on it promises 10 Hz at P = 0.31; noise makes a focus of 9.34 Hz ring there."""
    e, i = "e/rate_op/r", "i/rate_op/r"
    values = {f"{node}/plain_op/{name}": x for node in "ei" for name, x in (("s", 4), ("theta", 1))}
    values |= {"e/rate_op/tau": 10, "i/rate_op/tau": 20, "e/rate_op/k": 0, "i/rate_op/k": 0}
    drive = "e/plain_op/r_ext"
    weights = {(e, "e"): 3.25, (i, "e"): -2.5, (e, "i"): 3.75, (i, "i"): 0.0}
    edges = [(a, f"{b}/plain_op/r_in", {"weight": w}) for (a, b), w in weights.items()]
    pair = circuit("conventions.neurolib").with_vars(values | {drive: 0.31}, edges)
    (point,) = fixed_points(pair)
    assert point.kind == "stable focus"
    assert 1000 * abs(point.eigenvalues[0].imag) / (2 * np.pi) == pytest.approx(9.34, abs=5e-3)
    hopf = [one.parameter for one in equilibria(pair, drive, (0.0, 1.0)).special_points("hopf")]
    assert hopf == pytest.approx([0.396059982154], abs=1e-8)


def test_the_seed_page_rests_on_a_saddle():
    points = fixed_points(circuit("wilsoncowan.WC"))
    silence = min(points, key=lambda point: np.abs(point.state).max())
    assert silence.kind == "saddle"
    assert silence.determinant == pytest.approx(-0.00291378236762, abs=1e-12)


def test_the_template_cannot_oscillate_by_input_to_e_alone():
    diagram = equilibria(circuit("wilsoncowan.WC"), P, (-2.0, 6.0))
    assert diagram.special_points("hopf") == []
    push = {P: pulse(2_000.0, 0.1, on=0.0, off=2_000.0)}
    run = circuit("wilsoncowan.WC").run(
        2_000.0, 0.1, inputs=push, outputs={"E": "e/rate_op/r"}, solver="rk4"
    )["E"].to_numpy()  # fmt: skip
    peaks = run[find_peaks(run)[0]]
    rest = run[-1]
    assert all(later - rest < earlier - rest for earlier, later in pairwise(peaks[:6]))
