"""Nullclines, fields, maps of points, and how they are drawn."""

import matplotlib as mpl
import numpy as np
import pytest
from helpers import FACTS, one
from hypothesis import given, settings
from hypothesis import strategies as st
from pairs import WC, E, I, load, pair, random_numbers

from wclab.errors import OptionError
from wclab.phaseplane import (
    basins,
    fixed_points,
    limit_cycle,
    manifolds,
    nullclines,
    phase_line,
    plot_basins,
    plot_count_map,
    plot_field,
    plot_fixed_points,
    plot_nullclines,
    plot_phase_line,
    plot_trajectories,
    trajectories,
    vector_field,
)
from wclab.phaseplane.curves import _contours
from wclab.phaseplane.system import read_system
from wclab.plots import STYLES

mpl.use("Agg")
BOX = np.array([[-0.2, 0.6], [-0.1, 0.6]])
VAN_DER_POL = one(["x' = y", "y' = mu*(1 - x*x)*y - x"],
                  {"x": "variable(0.1)", "y": "variable(0.0)", "mu": 1.0})  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_points_of_a_nullcline_lie_on_it_and_in_the_box(seed):
    model = pair(**random_numbers(np.random.default_rng(seed)))
    system = read_system(model)
    for k, curves in enumerate(nullclines(model, BOX).values()):
        for curve in curves:
            # rates over the Jacobian's size: the distance from the curve
            size = np.abs(system.jacobian(curve.T)[k]).max(axis=0)
            assert np.max(np.abs(system.field(curve.T)[k]) / size) < 1e-12
            assert np.all((curve >= BOX[:, 0] - 1e-9) & (curve <= BOX[:, 1] + 1e-9))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_a_nullcline_has_no_gaps_and_ends_at_the_border(seed):
    model = pair(**random_numbers(np.random.default_rng(seed)))
    width = BOX[:, 1] - BOX[:, 0]
    for curves in nullclines(model, BOX).values():
        for curve in curves:
            if len(curve) > 2:  # a straight line needs no more
                assert np.abs(np.diff(curve, axis=0) / width).max() < 0.02
            for end in curve[[0, -1]]:
                assert np.abs((end[:, None] - BOX) / width[:, None]).min() < 1e-9


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_both_nullclines_pass_through_every_fixed_point(seed):
    model = pair(**random_numbers(np.random.default_rng(seed)))
    for curves in nullclines(model, BOX, n=2_000).values():
        for point in fixed_points(model, BOX):
            distance = min(np.abs(curve - point.state).max(axis=1).min() if len(curve) > 2
                           else np.abs(curve - point.state).min() for curve in curves)  # fmt: skip
            assert distance < 2e-3


def test_a_population_that_the_other_does_not_act_on_has_straight_nullclines():
    free = pair(c2=0.0, c1=12.0, the=2.8, ae=1.2, c4=0.0, thi=1.0)
    curves = nullclines(free, [(-0.5, 1), (-0.5, 1)])[E]
    assert [np.ptp(curve[:, 0]) for curve in curves] == [0.0] * len(curves)
    assert len(curves) == len({round(p.state[0], 9) for p in fixed_points(free)})


def test_contours_agree_with_the_explicit_curves():
    system = read_system(WC)
    for k, curves in enumerate(nullclines(WC, BOX).values()):
        contours = _contours(system, k, BOX, 200)
        assert len(contours) == len(curves)
        for curve, contour in zip(curves, contours, strict=True):
            gap = np.abs(contour[:, None] - curve[None]).max(axis=2).min(axis=1)
            assert gap.max() < 5e-3
            assert np.abs(system.field(contour.T)[k]).max() < 1e-12


def test_a_closed_nullcline_is_closed():
    ring = one(["x' = x*x + y*y - 1", "y' = x - y"], {"x": "variable(0.0)", "y": "variable(0.0)"})
    ((circle,), _) = nullclines(ring, [(-2, 2), (-2, 2)]).values()
    assert np.hypot(*circle.T) == pytest.approx(np.ones(len(circle)), abs=1e-12)
    assert circle[0] == pytest.approx(circle[-1], abs=1e-12)


def test_slopes_of_the_nullclines_at_a_point():
    # Neuromatch's upper point: E falls steeply, I rises (fact C7)
    fact, circuit = FACTS["C7"], load("conventions.neuromatch")
    point = fixed_points(circuit)[2].state
    box = np.array([point - 1e-4, point + 1e-4]).T
    slopes = [(c[0][-1, 1] - c[0][0, 1]) / (c[0][-1, 0] - c[0][0, 0])
              for c in nullclines(circuit, box).values()]  # fmt: skip
    expected = [fact["slope_E_nullcline"], fact["slope_I_nullcline"]]
    assert slopes == pytest.approx(expected, rel=1e-3)


def test_the_field_is_that_of_the_model():
    field = vector_field(WC, BOX, n=7)
    model = WC.model()
    for row, y in enumerate(field.y):
        for column, x in enumerate(field.x):
            expected = model.rhs(0.0, [x, y])
            assert [field.dx[row, column], field.dy[row, column]] == pytest.approx(expected)
    assert repr(field) == "<VectorField of e/rate_op/r and i/rate_op/r at 49 states>"


def test_wrong_numbers_of_states_are_refused():
    single, plastic = load("wilsoncowan.single_population"), load("wilsoncowan.WC_stp")
    with pytest.raises(OptionError, match=r"needs a circuit with 2.*phase_line\(\) draws one"):
        nullclines(single, (0, 1))
    with pytest.raises(OptionError, match=r"has 10 \(e/rate_op/r.*trajectories\(\)"):
        vector_field(plastic, BOX)
    with pytest.raises(OptionError, match="1 state variable, and this one has 2"):
        phase_line(WC, (0, 1))
    with pytest.raises(OptionError, match="n is a whole number"):
        vector_field(WC, BOX, n=1.5)


# --- maps ---


def test_a_map_holds_what_single_circuits_have():
    drives, weights = np.linspace(-1, 1, 6), np.linspace(8, 25, 5)
    points = fixed_points(WC, parameters={"e/se_op/r_ext": drives, (E, "e/se_op/r_in"): weights})
    assert points.shape == (6, 5)
    frame = points.to_frame()
    for a, drive in enumerate(drives):
        for b, weight in enumerate(weights):
            circuit = WC.with_vars(
                {"e/se_op/r_ext": drive}, [(E, "e/se_op/r_in", {"weight": weight})]
            )
            single = fixed_points(circuit)
            rows = points.index == 5 * a + b
            assert points.number[a, b] == len(single)
            assert points.stable[a, b] == sum(p.stable for p in single)
            assert points.kind[rows].tolist() == [p.kind for p in single]
            assert pytest.approx(np.array([p.state for p in single])) == points.state[:, rows].T
            values = np.array([p.eigenvalues for p in single])
            assert pytest.approx(values, abs=1e-9) == points.eigenvalues[:, rows].T
            assert frame.loc[[(drive, weight)], E].tolist() == points.state[0, rows].tolist()
    assert points.count("saddle").sum() == (points.kind == "saddle").sum()
    assert points.summary().iloc[0] == "stable node"
    assert "fixed points: 1 in" in repr(points)


def test_a_map_of_figure_7_counts_points_between_folds():
    folds = FACTS["B3"]["fold_P"]
    drives = np.linspace(-0.9, 1.1, 400)
    points = fixed_points(load("wilsoncowan.WC72_fig7"), parameters={"e/se_op/r_ext": drives})
    counts = np.array([1, 3, 5, 3, 1])[np.searchsorted(folds, drives)]
    assert points.number.tolist() == counts.tolist()


def test_maps_that_cannot_be_made():
    with pytest.raises(OptionError, match="for pairs of populations"):
        fixed_points(VAN_DER_POL, parameters={"n/op/mu": [1.0, 2.0]})
    with pytest.raises(OptionError, match="is no kind of a point: stable node"):
        fixed_points(WC, parameters={"e/se_op/r_ext": [0.0]}).count("spiral")


# --- drawings ---


def test_nullclines_are_drawn_solid_and_dashed_in_the_colours_of_e_and_i():
    ax = plot_nullclines(nullclines(WC, BOX))
    e, i = ax.lines
    for line, name in ((e, "E"), (i, "I")):
        assert line.get_color() == STYLES[name]["color"]
        assert line.get_linestyle() == STYLES[name]["linestyle"]
        assert line.get_label() == f"d{name}/dt = 0"
    assert ax.get_xlabel() == "E (excitatory activity)"


def test_stable_points_are_filled_and_unstable_ones_open():
    ax = plot_fixed_points(fixed_points(WC))
    faces = [line.get_markerfacecolor() for line in ax.lines]
    assert [face == "white" for face in faces] == [False, True, False]
    assert ax.lines[1].get_marker() == "s"  # the saddle


def test_every_drawing_draws_on_the_axes_it_is_given():
    ax = plot_field(vector_field(WC, BOX))
    saddle = fixed_points(WC)[1]
    assert plot_trajectories(trajectories(WC, [(0.1, 0.1)], 50.0), ax=ax) is ax
    assert plot_trajectories(manifolds(WC, saddle, BOX), ax=ax) is ax
    assert plot_trajectories(limit_cycle(load("wilsoncowan.WC72_fig11")), ax=ax) is ax
    assert plot_basins(basins(WC, BOX, n=10), ax=ax) is ax
    line = phase_line(load("wilsoncowan.single_population"), (0, 1))
    assert plot_phase_line(line).get_ylabel() == "dE/dt (1/time)"
    grid = {"e/se_op/r_ext": np.linspace(0, 1, 4), "i/se_op/r_ext".replace("se", "si"): [0.0, 1.0]}
    points = fixed_points(WC, parameters=grid)
    assert plot_count_map(points).get_xlabel() == "e/se_op/r_ext"
    assert plot_count_map(points, stable=True).get_ylabel() == "i/si_op/r_ext"
    over_one = fixed_points(WC, parameters={"e/se_op/r_ext": np.linspace(0, 1, 9)})
    assert plot_count_map(over_one).get_ylabel() == "E"
    assert plot_nullclines(nullclines(VAN_DER_POL, [(-3, 3), (-3, 3)])).get_xlabel() == "x"
    mpl.pyplot.close("all")
    assert I in WC.model().states
