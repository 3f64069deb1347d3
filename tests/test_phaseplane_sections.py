"""Nullclines and fields of two states of a larger circuit, the others held."""

import matplotlib as mpl
import numpy as np
import pytest
from pairs import WC, E, I, load

from wclab.errors import OptionError, PathError
from wclab.phaseplane import (
    fixed_points,
    nullclines,
    plot_field,
    plot_nullclines,
    vector_field,
)

mpl.use("Agg")
COLUMN, PLASTIC = load("jansenrit.JRC"), load("wilsoncowan.WC_stp")
V, X = "pc/rpo_e_in/v", "pc/rpo_e_in/x"
BOX = [(-0.2, 0.5), (-0.1, 0.5)]


@pytest.mark.parametrize(
    ("circuit", "states", "box", "hold"),
    [
        (COLUMN, (V, "pc/rpo_i/x"), [(0.0, 0.2), (-1.0, 1.0)], {X: 0.3, "pc/rpo_i/v": -0.01}),
        (load("qif.qif_sfa"), ("p/qif_sfa_op/r", "p/qif_sfa_op/v"), [(0.1, 2), (-3, 3)],
         {"p/qif_sfa_op/a": 0.2}),
        (PLASTIC, (I, "e->e/tsodyks_op/x"), [(-0.1, 0.5), (0.2, 1.0)], {E: 0.2}),
    ],
)  # fmt: skip
def test_the_field_of_a_section_is_the_whole_field_at_the_values_held(circuit, states, box, hold):
    field = vector_field(circuit, box, n=5, states=states, hold=hold)
    model = circuit.model()
    a, b = (model.states.index(path) for path in states)
    whole = model.y0.copy()
    for path, value in hold.items():
        whole[model.states.index(path)] = value
    for row, y in enumerate(field.y):
        for column, x in enumerate(field.x):
            whole[a], whole[b] = x, y
            rates = model.rhs(0.0, whole)
            assert [field.dx[row, column], field.dy[row, column]] == pytest.approx(rates[[a, b]])
    assert field.states == states


def test_nullclines_of_a_synapse_are_those_of_its_equation():
    # v' = x and x' = (h m - 2 x - v/tau)/tau: two straight lines
    held = {"ein/rpo_e/v": 0.008}
    curves = nullclines(COLUMN, [(0, 0.2), (-1, 1)], n=50, states=(V, X), hold=held)
    (voltage,), (current,) = curves[V], curves[X]
    assert voltage[:, 1] == pytest.approx(np.zeros(len(voltage)), abs=1e-12)
    assert np.ptp(voltage[:, 0]) == pytest.approx(0.2)
    drive = 108 * 5.0 / (1 + np.exp(560 * (0.006 - 0.008))) + 220
    expected = (0.00325 * drive - current[:, 0] / 0.01) / 2
    assert current[:, 1] == pytest.approx(expected, rel=1e-9)


def test_nullclines_through_a_fixed_point_cross_there():
    box = [(-0.1, 0.6)] * 2 + [(0.0, 1.0)] * 8
    for point in fixed_points(PLASTIC, box):
        curves = nullclines(PLASTIC, BOX, states=(E, I), hold=point)
        for pieces in curves.values():
            nearest = min(np.abs(c - point.state[:2]).max(axis=1).min() for c in pieces)
            assert nearest < 2e-3
    assert plot_nullclines(curves).get_ylabel() == "I (inhibitory activity)"


def test_nullclines_of_qif_are_its_formulas_whichever_state_is_drawn_to_the_right():
    # r' = Delta/pi + 2 r v; v' = v^2 + eta + 15 r - (pi r)^2, tau = 1
    circuit, r, v = load("qif.qif"), "p/qif_op/r", "p/qif_op/v"
    upright = nullclines(circuit, [(0.01, 2), (-3, 3)], n=100)
    turned = nullclines(circuit, [(-3, 3), (0.01, 2)], n=100, states=(v, r))
    for curves, a, b in ((upright, 0, 1), (turned, 1, 0)):
        (rates,) = curves[r]
        assert rates[:, b] == pytest.approx(-1 / (2 * np.pi * rates[:, a]))
        for piece in curves[v]:
            square = -5 + 15 * piece[:, a] - (np.pi * piece[:, a]) ** 2
            assert piece[:, b] ** 2 + square == pytest.approx(np.zeros(len(piece)), abs=1e-8)
    assert len(upright[v]) == len(turned[v]) > 0


def test_naming_the_states_of_a_pair_changes_nothing():
    plain, named = nullclines(WC, BOX), nullclines(WC, BOX, states=(E, I))
    for path in (E, I):
        assert all(np.array_equal(a, b) for a, b in zip(plain[path], named[path], strict=True))


def test_a_rate_that_depends_on_neither_state_has_no_curve():
    curves = nullclines(COLUMN, [(0, 0.2), (0, 0.2)], states=(V, "pc/rpo_i/v"), hold={X: 1.0})
    assert curves[V] == []
    field = vector_field(COLUMN, [(0, 0.2), (0, 0.2)], states=(V, "pc/rpo_i/v"), hold={X: 1.0})
    assert np.all(field.dx == 1.0)
    assert plot_field(field).get_xlabel() == V


def test_sections_that_do_not_fit_are_refused_with_what_to_do():
    with pytest.raises(OptionError, match=r"has 8 .*states=\(path, path\), hold="):
        nullclines(COLUMN, BOX)
    with pytest.raises(OptionError, match="say which two are"):
        vector_field(COLUMN, BOX, hold={V: 1.0})
    with pytest.raises(OptionError, match="names two states"):
        vector_field(COLUMN, BOX, states=V)
    with pytest.raises(OptionError, match="twice"):
        vector_field(COLUMN, BOX, states=(V, V))
    with pytest.raises(PathError, match=r"'pc/rpo_e_in/w' names no state.*Did you mean"):
        vector_field(COLUMN, BOX, states=(V, "pc/rpo_e_in/w"))
    with pytest.raises(OptionError, match="'pc/rpo_e_in/u' is no state; the states are"):
        vector_field(COLUMN, BOX, states=(V, X), hold={"pc/rpo_e_in/u": 220.0})
    with pytest.raises(OptionError, match="is an axis of the plane"):
        vector_field(COLUMN, BOX, states=(V, X), hold={V: 0.1})
    with pytest.raises(OptionError, match="held at a number, not at 'high'"):
        vector_field(COLUMN, BOX, states=(V, X), hold={"pc/rpo_i/v": "high"})
    with pytest.raises(OptionError, match="a finite value"):
        vector_field(COLUMN, BOX, states=(V, X), hold={"pc/rpo_i/v": np.nan})
    with pytest.raises(OptionError, match=r"is \{path: value\} or a fixed point"):
        vector_field(COLUMN, BOX, states=(V, X), hold=[0.1])
    with pytest.raises(OptionError, match="of a circuit with other states"):
        vector_field(COLUMN, BOX, states=(V, X), hold=fixed_points(WC)[0])
