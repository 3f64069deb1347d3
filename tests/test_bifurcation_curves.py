"""Curves in two parameters, ramps and pictures, held to other programs and closed forms."""

import json
from pathlib import Path

import numpy as np
import pytest
from helpers import FACTS
from scipy.optimize import minimize_scalar
from test_bifurcation import P_PLAIN, Q_PLAIN, SETS, P, Q, load

from wclab import CircuitTemplate
from wclab.bifurcation import curve, diagram, equilibria, hysteresis
from wclab.errors import OptionError, PathError

REFERENCE = json.loads((Path(__file__).parent / "data" / "wc_bifurcations.json").read_text())
SELF = ("e/rate_op/r", "e/se_op/r_in")
WIDE = (-20.0, 20.0)


def near(points, known):
    """Return the point whose first parameter is nearest to a known one."""
    return min(points, key=lambda p: abs(p.parameter[0] - known["P"]))


@pytest.mark.parametrize("method", ["explicit", "continuation"])
@pytest.mark.parametrize("case", REFERENCE["two_parameter"], ids=lambda case: case["model"])
def test_special_points_of_the_input_plane_are_those_of_auto(case, method):
    circuit = CircuitTemplate.from_yaml(SETS[case["model"]])
    plane = diagram(circuit, (P, (-6, 6)), (Q, (-6, 4)), method=method)
    names = {"cusps": "cusp", "bt": "bogdanov-takens", "gh": "generalised hopf"}
    for key, kind in names.items():
        found = plane.special_points(kind)
        assert len(found) == len(case[key])
        for known in case[key]:
            point = near(found, known)
            auto = 10.0 ** (1 - known["digits"])
            assert point.parameter == pytest.approx([known["P"], known["Q"]], abs=1e-9)
            assert point.parameter == pytest.approx([known["P_auto"], known["Q_auto"]], abs=auto)
            assert point.state == pytest.approx([known["E"], known["I"]], abs=1e-8)


def test_bogdanov_takens_points_of_hoppensteadt_and_izhikevich():
    plane = diagram(load("hoppensteadt_izhikevich"), (P_PLAIN, WIDE), (Q_PLAIN, WIDE))
    found = plane.special_points("bogdanov-takens")
    assert len(found) == 4
    for known in FACTS["D2"]["points"]:
        point = min(found, key=lambda p: abs(p.parameter[0] - known["rho_x"]))
        assert point.parameter == pytest.approx([known["rho_x"], known["rho_y"]], abs=1e-9)
        assert point.state == pytest.approx([known["x"], known["y"]], abs=1e-9)


def test_the_plane_of_hoppensteadt_and_izhikevich_has_its_symmetry():
    # (x, y, rho) -> (1 - x, 1 - y, (0, -12) - rho) maps the model to itself
    plane = diagram(load("hoppensteadt_izhikevich"), (P_PLAIN, WIDE), (Q_PLAIN, (-32, 20)))
    for point in plane.special:
        mirrored = (-point.parameter[0], -12 - point.parameter[1])
        twins = plane.special_points(point.kind)
        assert min(np.abs(np.subtract(p.parameter, mirrored)).max() for p in twins) < 1e-9


def test_points_on_curves_are_folds_and_hopf_points():
    circuit = load("WC72_fig11")
    for line in diagram(circuit, (P, (-4, 6)), (Q, (-6, 4))).curves:
        for (p, q), state in zip(line.parameter[::9], line.states[::9], strict=True):
            model = circuit.with_vars({P: p, Q: q}).model()
            assert np.abs(model.rhs(0.0, state)).max() < 1e-12
            jacobian = model.jacobian(state)
            zero = np.linalg.det(jacobian) if line.kind == "fold" else np.trace(jacobian)
            assert abs(zero) < 1e-10 * np.abs(jacobian).max()


def test_the_order_of_parameters_does_not_matter():
    circuit = load("WC72_fig11")
    one_way = diagram(circuit, (P, (-4, 6)), (Q, (-6, 4))).special
    other = diagram(circuit, (Q, (-6, 4)), (P, (-4, 6))).special
    assert len(one_way) == len(other)
    for point in one_way:
        gaps = [np.abs(np.subtract(point.parameter, p.parameter[::-1])).max() for p in other]
        assert min(gaps) < 1e-9


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("WC72_fig11", (P, (-4, 6)), (SELF, (5, 25))),
        ("WC72_fig11", (P, (-4, 6)), ("i/si_op/theta", (1, 6))),
        ("WC72_fig11", (Q, (-6, 4)), ("e/se_op/s", (0.8, 2))),
        ("WC72_fig4", (P, (-4, 4)), (("e/rate_op/r", "i/si_op/r_in"), (4, 20))),
    ],
)
def test_the_grid_and_continuation_agree_on_special_points(name, first, second):
    circuit = load(name)
    grid = diagram(circuit, first, second)
    followed = diagram(circuit, first, second, method="continuation")
    for point in followed.special:
        gaps = [
            np.abs(np.subtract(p.parameter, point.parameter)).max()
            for p in grid.special_points(point.kind)
        ]
        assert min(gaps) < 1e-8


def test_the_wc_pair_needs_slow_inhibition_to_oscillate():
    known = REFERENCE["cycles_at_P"]["pyrates_tau_ratio_for_hopf_Q0"]
    circuit = load("WC")
    plane = diagram(circuit, (P, (-0.1, 1)), ("i/rate_op/tau", (5, 40)))
    line = next(line for line in plane.curves if line.kind == "hopf")
    rough = line.parameter[np.argmin(line.parameter[:, 1])]
    assert rough == pytest.approx([known["at_P"], 10 * known["min_tau_i_over_tau_e"]], abs=0.02)

    def ratio(p):
        slow = equilibria(circuit.with_vars({P: p}), "i/rate_op/tau", (11, 14))
        return min(point.parameter for point in slow.special_points("hopf")) / 10

    best = minimize_scalar(ratio, bounds=(0.03, 0.06), method="bounded", options={"xatol": 1e-5})
    # the reference is the least of a fine grid, and so a little too large
    assert best.fun == pytest.approx(known["min_tau_i_over_tau_e"], rel=1e-7)
    assert best.x == pytest.approx(known["at_P"], abs=1e-4)


def test_slow_inhibition_moves_no_fold():
    plane = diagram(load("WC"), (P, (-1, 1)), ("i/rate_op/tau", (5, 40)))
    folds = [line for line in plane.curves if line.kind == "fold"]
    found = sorted(float(line.parameter[:, 0].mean()) for line in folds)
    known = sorted(p["P"] for p in FACTS["P1"]["folds_r_ext"])
    assert found == pytest.approx(known, abs=1e-8)
    assert all(np.ptp(line.parameter[:, 0]) < 1e-9 for line in folds)


def test_the_cusp_of_one_population_is_where_theory_says():
    circuit = load("single_population")
    fold = equilibria(circuit, P, (-1, 2)).special_points("fold")[0]
    cusp = curve(circuit, fold, SELF, (2, 6)).special_points("cusp")
    known = FACTS["A2"]
    assert len(cusp) == 1
    assert cusp[0].parameter == pytest.approx([known["I_c"], known["w_c"]], abs=1e-9)
    assert cusp[0].state[0] == pytest.approx(known["r_c"], abs=1e-9)


def test_a_curve_from_a_fold_never_meets_the_other_cusp():
    circuit = load("WC72_fig11")
    folds = equilibria(circuit, P, (-2, 6)).special_points("fold")
    for method in ("explicit", "continuation"):
        line = curve(circuit, folds[0], Q, (-6, 4), method=method)
        assert [f"{p.parameter[0]:.6f}" for p in line.special_points("cusp")] == ["1.152365"]
        assert len(line.special_points("bogdanov-takens")) == 2


def test_a_hopf_curve_ends_where_its_period_is_infinite():
    circuit = load("WC72_fig11")
    hopf = equilibria(circuit, P, (-2, 6)).special_points("hopf")[0]
    for method in ("explicit", "continuation"):
        line = curve(circuit, hopf, Q, (-6, 4), method=method)
        kinds = sorted(point.kind for point in line.special)
        assert kinds == ["bogdanov-takens", "bogdanov-takens", "generalised hopf"]


def test_a_curve_of_a_circuit_with_many_states_is_followed():
    # two copies of a pair that do not touch have the pair's folds
    circuit = load("WC72_fig4")
    twice = CircuitTemplate("twice", circuits={"a": circuit, "b": circuit})
    diagram_of_twice = equilibria(
        twice, "a/e/se_op/r_ext", (0, 0.5), box=[(-0.1, 0.6), (-0.1, 0.6)] * 2
    )
    fold = diagram_of_twice.special_points("fold")[0]
    assert fold.parameter == pytest.approx(FACTS["B2"]["P_fold_up"], abs=1e-9)
    line = curve(twice, fold, "a/i/si_op/r_ext", (-1, 1))
    alone = equilibria(circuit, P, (-2, 2)).special_points("fold")[0]
    other = curve(circuit, alone, Q, (-1, 1), method="continuation")
    ends = sorted(other.parameter[[0, -1], 0])
    assert sorted(line.parameter[[0, -1], 0]) == pytest.approx(ends, abs=1e-8)


# --- ramps ---


def test_a_ramp_jumps_behind_the_folds_and_comes_nearer_when_slower():
    known = FACTS["A3"]
    lags = []
    for speed in (8e-4, 1e-4):
        loop = hysteresis(load("single_population"), P, (-0.5, 1.5), speed=speed)
        assert [jump.direction for jump in loop.jumps] == ["up", "down"]
        assert loop.up_jump > known["I_up_jump"]
        assert loop.down_jump < known["I_down_jump"]
        assert loop.jumps[0].fold == pytest.approx(known["I_up_jump"], abs=1e-9)
        assert loop.jumps[1].fold == pytest.approx(known["I_down_jump"], abs=1e-9)
        lags.append(loop.up_jump - known["I_up_jump"])
    assert lags[0] / lags[1] == pytest.approx(4.0, rel=0.15)  # the lag goes with speed ** (2/3)


def test_two_loops_have_two_jumps_on_the_way_up():
    loop = hysteresis(load("WC72_fig7"), P, (-1, 1))
    up = [jump for jump in loop.jumps if jump.direction == "up"]
    folds = FACTS["B3"]["fold_P"]
    assert [jump.fold for jump in up] == pytest.approx([folds[2], folds[3]], abs=1e-8)
    assert all(jump.lag < 0.03 for jump in loop.jumps)


def test_a_ramp_into_a_rhythm_and_back_shows_hysteresis():
    # rest ends in a fold, the rhythm on a homoclinic loop below it
    loop = hysteresis(load("WC72_fig11"), P, (0.5, 1.5))
    up, down = loop.jumps
    known = FACTS["B6h"]
    assert (up.leaves, up.arrives, down.leaves, down.arrives) == (
        "rest", "rhythm", "rhythm", "rest",
    )  # fmt: skip
    assert up.fold == pytest.approx(known["P_fold"], abs=1e-8)
    assert known["P_fold"] < up.parameter < known["P_fold"] + 0.02
    assert down.parameter == pytest.approx(known["P_hom"], abs=0.01)
    assert down.fold is None
    assert "from rest to rhythm" in repr(loop)


def test_a_circuit_with_one_state_for_each_input_has_no_jumps():
    loop = hysteresis(load("xppaut"), P_PLAIN, (-1, 1))
    assert loop.jumps == ()
    assert loop.up_jump is loop.down_jump is loop.width is None
    assert loop.jump_table().empty


@pytest.mark.parametrize("speed", [0.0, -1.0, np.nan])
def test_a_speed_must_be_positive(speed):
    with pytest.raises(OptionError, match="speed must be above 0"):
        hysteresis(load("single_population"), P, (0, 1), speed=speed)


def test_ramps_are_tables_too():
    loop = hysteresis(load("single_population"), P, (-0.5, 1.5), speed=1e-3)
    table = loop.to_frame()
    assert list(table.columns) == ["direction", "parameter", "e/rate_op/r"]
    assert len(table) == 2 * len(loop.parameter)
    assert "jump at" in repr(loop)
    assert loop.width == pytest.approx(loop.up_jump - loop.down_jump)


# --- what is refused ---


def test_a_curve_needs_a_fold_or_a_hopf_point():
    circuit = load("WC72_fig11")
    neutral = equilibria(circuit, P, (-2, 6)).special_points("neutral saddle")[0]
    with pytest.raises(OptionError, match="starts at a fold or a Hopf point"):
        curve(circuit, neutral, Q, (-4, 4))


def test_a_plane_needs_two_parameters():
    with pytest.raises(OptionError, match="a plane needs two"):
        diagram(load("WC"), (P, (0, 1)), (P, (0, 1)))
    with pytest.raises(OptionError, match="first and second are each"):
        diagram(load("WC"), P, Q)
    with pytest.raises(PathError, match="Did you mean 'i/si_op/r_ext'"):
        diagram(load("WC"), (P, (0, 1)), ("i/si_op/r_extt", (0, 1)))


def test_a_point_outside_of_the_range_is_refused():
    circuit = load("WC72_fig11")
    fold = equilibria(circuit, P, (-2, 6)).special_points("fold")[0]
    with pytest.raises(OptionError, match="outside of"):
        curve(circuit, fold, Q, (1, 4))


def test_the_closed_form_says_where_it_does_not_fit():
    with pytest.raises(OptionError, match='use method="continuation"'):
        diagram(load("WC"), (P, (0, 1)), ("i/rate_op/tau", (5, 40)), method="explicit")


# --- pictures ---


def test_pictures_draw_on_the_axes_they_are_given():
    plt = pytest.importorskip("matplotlib.pyplot")
    circuit = load("WC72_fig11")
    found = equilibria(circuit, P, (-2, 6))
    figure, axes = plt.subplots(1, 3)
    assert found.plot(ax=axes[0]) is axes[0]
    assert axes[0].get_xlabel() == P
    assert {line.get_linestyle() for line in axes[0].lines} >= {"-", "--"}
    assert {text.get_text() for text in axes[0].texts} == {"LP", "HB"}
    plane = diagram(circuit, (P, (-4, 6)), (Q, (-6, 4)))
    assert plane.plot(ax=axes[1]) is axes[1]
    assert {text.get_text() for text in axes[1].texts} == {"CP", "BT", "GH"}
    loop = hysteresis(load("single_population"), P, (-0.5, 1.5), speed=1e-3)
    assert loop.plot(ax=axes[2]) is axes[2]
    with pytest.raises(PathError, match="is no state of this circuit"):
        found.plot("e/rate_op/q", ax=axes[0])
    plt.close(figure)


def test_stable_stretches_are_solid_and_unstable_ones_dashed():
    plt = pytest.importorskip("matplotlib.pyplot")
    found = equilibria(load("WC72_fig4"), P, (-1, 1))
    ax = found.plot()
    low, high = sorted(p.parameter for p in found.special_points("fold"))
    for line in ax.lines:
        if len(line.get_xdata()) > 1 and line.get_linestyle() == "--":
            assert min(line.get_xdata()) >= low - 1e-9
            assert max(line.get_xdata()) <= high + 1e-9
    plt.close(ax.figure)
