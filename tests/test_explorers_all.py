"""What every explorer keeps to, and what each shows of the facts."""

import json

import numpy as np
import pytest
from helpers import FACTS

import wclab.explorers
from wclab import CircuitTemplate
from wclab.errors import OptionError, WclabError
from wclab.explorers import (
    FICurve,
    ParameterPlane,
    PhaseLine,
    PhasePlane,
    RampMemory,
    Rhythm,
    Slider,
    StepSize,
    TraceDeterminant,
)
from wclab.phaseplane import fixed_points

PARTS = {"Canvas", "Event", "Explorer", "Slider"}
NAMES = [name for name in wclab.explorers.__all__ if name not in PARTS]
FOLDER = "model_templates.neural_mass_models"
INPUT = "e/se_op/r_ext"


@pytest.fixture(params=NAMES)
def explorer(request):
    return getattr(wclab.explorers, request.param)()


def again(explorer):
    """Return what the exported code makes."""
    *lines, last = explorer.code().splitlines()
    names = {}
    exec("\n".join([*lines, f"made = {last}"]), names)  # noqa: S102 - the code is what is tested
    return names["made"]


def frame(explorer):
    return explorer._canvas.frame | {"seq": 0}, explorer._canvas.data


def tell(explorer, **event):
    """Send an event as the browser does."""
    message = {"event": 1, "panel": 0, "x": 0.0, "y": 0.0} | event
    explorer._canvas._receive(explorer._canvas, message, [])


def circuit(name):
    return CircuitTemplate.from_yaml(f"{FOLDER}.{name}")


# --- all of them ---


def test_the_ends_of_every_slider_give_a_picture(explorer):
    for key, control in explorer._controls.items():
        for value in (control.box.min, control.box.max):
            explorer.set({key: value})
            shown, data = frame(explorer)
            assert "There is no picture" not in explorer._readout.value
            assert json.dumps(shown, allow_nan=False)
            assert len(data) < 40_000
            assert shown["text"] == explorer.text == explorer.scene.text
            explorer.figure()
        explorer.reset()


def test_the_exported_code_makes_the_same_picture(explorer):
    key, control = list(explorer._controls.items())[-1]
    explorer.set({key: 0.4 * control.value + 0.6 * control.box.max})
    made = again(explorer)
    assert made.text == explorer.text
    if not isinstance(explorer, Rhythm):  # whose branches have other points when begun elsewhere
        assert frame(made) == frame(explorer)


def test_reset_brings_the_first_picture_back(explorer):
    before = frame(explorer)
    explorer.set({key: control.box.max for key, control in explorer._controls.items()})
    assert frame(explorer) != before
    explorer.reset()
    assert frame(explorer) == before


def test_every_handle_is_named_and_every_panel_labelled(explorer):
    for control in explorer._controls.values():
        assert control.handle.tooltip
        assert "$" not in control.handle.tooltip
    for panel in explorer.scene.panels:
        assert panel.xlabel
        assert panel.ylabel


def test_a_circuit_of_another_kind_is_refused_kindly():
    vdp = CircuitTemplate.from_yaml("model_templates.oscillators.vanderpol.vdp")
    for name in ("PhaseLine", "RampMemory", "TwoPopulations", "TraceDeterminant", "Rhythm"):
        with pytest.raises(WclabError, match=r"state|population"):
            getattr(wclab.explorers, name)(vdp)


# --- FICurve ---


@pytest.mark.parametrize(
    ("gain", "threshold", "shift", "value"),
    [(1.2, 2.8, True, 0.526144426), (1.2, 2.8, False, 0.559713649), (2.8, 1.2, True, 0.959998668)],
)
def test_the_f_i_curve_has_the_values_of_the_course(gain, threshold, shift, value):
    curve = FICurve(gain, threshold, shift=shift)
    assert curve.value(3.0) == pytest.approx(value, abs=1e-9)
    assert f"F = {value:.6f}" in curve.text


def test_the_input_of_the_f_i_curve_can_be_dragged():
    curve = FICurve()
    tell(curve, type="drag", name="input", x=4.5)
    assert curve.values["input"] == 4.5
    assert f"F = {curve.value(4.5):.6f}" in curve.text


# --- StepSize ---


@pytest.mark.parametrize(("solver", "order"), [("euler", 1), ("heun", 2), ("rk4", 4)])
def test_the_errors_of_steps_fall_with_the_order_of_the_solver(solver, order):
    explorer = StepSize(solver=solver)
    steps = np.array([0.05, 0.1, 0.2])
    slope = np.polyfit(np.log(steps), np.log([explorer.error(h) for h in steps]), 1)[0]
    assert slope == pytest.approx(order, abs=0.15)


@pytest.mark.parametrize(
    ("step", "words"),
    [(1.9, "approach the steady state from one side"), (3.9, "overshoots die out"),
     (4.1, "as far from the steady state as the one before, or further")],
)  # fmt: skip
def test_the_words_change_at_tau_and_at_twice_tau(step, words):
    assert words in StepSize(step=step).text


def test_a_step_beyond_fact_e3_keeps_the_focus_swinging_and_one_below_does_not():
    limit = 0.069659
    assert "swings less and less" in StepSize("focus", 0.9 * limit).text
    assert "keeps swinging" in StepSize("focus", 1.1 * limit).text


# --- PhaseLine ---


def test_the_phase_line_shows_the_three_points_of_fact_a1():
    line = PhaseLine()
    line.set({INPUT: 0.5})
    assert [point.stable for point in line.points] == [True, False, True]
    assert line.points[1].eigenvalues[0].real == pytest.approx(0.497762384, abs=1e-8)
    assert "unstable at r = 0.4471 (λ = 0.4978)" in line.text


def test_clicks_start_runs_on_both_panels_and_starts_can_be_dragged():
    line = PhaseLine(starts=())
    line.set({INPUT: 0.5})
    tell(line, type="click", panel=0, x=0.5)
    tell(line, type="click", panel=1, y=0.4)
    assert line.starts == [0.5, 0.4]
    assert [run[-1] > 0.8 for run in line.runs] == [True, False]
    tell(line, type="drag", name="start", index=1, x=0.6)
    assert line.starts == [0.5, 0.6]
    line.clear()
    assert line.runs == []


def test_the_line_and_the_curve_meet_at_the_fixed_points():
    line = PhaseLine(view="balance")
    line.set({INPUT: 0.5})
    straight, curve = line.scene.layers[:2]
    for point in line.points:
        gap = np.interp(point.state[0], curve.x, curve.y - straight.y)
        assert abs(gap) < 1e-4


# --- RampMemory ---


def test_its_folds_are_those_of_fact_a3():
    assert RampMemory().folds == pytest.approx([0.121935358, 0.813756875], abs=1e-8)


def test_a_slower_ramp_jumps_nearer_to_the_folds():
    slow, fast = RampMemory(speed=1e-3), RampMemory(speed=1e-2)
    assert slow.folds[1] < slow.jumps[0] < fast.jumps[0]
    assert fast.jumps[1] < slow.jumps[1] < slow.folds[0]


def test_a_pulse_is_remembered_where_there_are_two_states():
    memory = RampMemory(input=0.5)
    states = fixed_points(circuit("wilsoncowan.single_population").with_vars({INPUT: 0.5}),
                          [(-0.2, 1.2)])  # fmt: skip
    memory.evolve()
    assert f"the activity is {states[0].state[0]:.4f}" in memory.text
    memory.perturb()
    assert f"the activity is {states[2].state[0]:.4f}" in memory.text
    assert memory.events == [("evolve", 0.5), ("perturb", 0.5)]
    assert frame(again(memory)) == frame(memory)


def test_the_same_seed_gives_the_same_noise():
    one, two, other = (RampMemory(sigma=0.2, seed=seed) for seed in (3, 3, 4))
    assert frame(one) == frame(two) != frame(other)


# --- TraceDeterminant ---


@pytest.mark.parametrize(
    ("trace", "determinant", "kind"),
    [(-0.5, 1.0, "stable focus"), (-2.5, 1.0, "stable node"), (0.5, 1.0, "unstable focus"),
     (2.5, 1.0, "unstable node"), (0.3, -1.0, "saddle"), (0.0, 1.0, "centre")],
)  # fmt: skip
def test_each_region_has_its_name(trace, determinant, kind):
    assert f": {kind}, " in TraceDeterminant(trace=trace, determinant=determinant).text


def test_the_point_of_the_plane_can_be_dragged():
    explorer = TraceDeterminant()
    tell(explorer, type="drag", name="point", x=0.5, y=2.0)
    assert explorer.values == {"trace": 0.5, "determinant": 2.0}


def test_every_fixed_point_of_a_circuit_is_a_dot():
    fig7 = circuit("wilsoncowan.WC72_fig7")
    explorer = TraceDeterminant(fig7)
    assert explorer.text.startswith("Five fixed points")
    for point in fixed_points(fig7):
        assert f"determinant {point.determinant:.6f}" in explorer.text


# --- Rhythm ---


def test_the_rhythm_has_the_period_and_the_hopf_point_of_facts_c3_and_c4():
    rhythm = Rhythm()
    assert rhythm.settled.period == pytest.approx(21.5205687, abs=2e-5)
    assert [point.parameter for point in rhythm.hopf] == pytest.approx([1.48917637], abs=1e-8)
    assert "2π / Im λ = 11.1850" in rhythm.text


def test_the_rhythm_of_figure_11_is_told_in_hertz():
    rhythm = Rhythm(circuit("wilsoncowan.WC72_fig11"), parameter="P", range=(0.0, 4.0))
    assert "24.983 Hz" in rhythm.text
    assert FACTS["B5"]


def test_the_line_of_the_rhythm_can_be_dragged():
    rhythm = Rhythm()
    tell(rhythm, type="drag", name="value", x=1.0)
    assert rhythm.values[rhythm.varied] == 1.0
    assert "comes to rest" in rhythm.text


# --- ParameterPlane ---


def test_the_plane_has_the_special_points_of_the_library_and_the_period_of_a_run():
    plane = ParameterPlane()
    kinds = sorted(point.kind for point in plane.diagram.special)
    notes = [layer.text.strip() for layer in plane.scene.layers if layer.kind == "note"]
    assert kinds.count("cusp") == notes.count("C") == 2
    assert notes.count("BT") == kinds.count("bogdanov-takens")
    assert plane.period == pytest.approx(40.02729, abs=5e-5)


def test_the_point_of_the_map_can_be_dragged_and_the_portrait_follows():
    plane = ParameterPlane()
    tell(plane, type="drag", name="point", x=3.0, y=0.0)
    assert plane.text.count("stable focus") == 1
    assert np.isnan(plane.period)
    assert "No run from a few starts ends on a rhythm" in plane.text


def test_the_colours_count_the_fixed_points():
    plane = ParameterPlane(numbers=True)
    heat = plane.scene.layers[0]
    assert set(np.unique(heat.values)) <= {1.0, 3.0, 5.0}
    (x0, x1), (y0, y1) = plane.limits
    for column, row in ((10, 40), (40, 10), (70, 70)):
        x = x0 + (x1 - x0) * (column + 0.5) / heat.values.shape[1]
        y = y0 + (y1 - y0) * (row + 0.5) / heat.values.shape[0]
        there = plane._circuit.with_vars(dict(zip(plane.varied, (x, y), strict=True)))
        assert len(fixed_points(there)) == heat.values[row, column]


def test_one_parameter_twice_is_refused():
    with pytest.raises(OptionError, match="one parameter"):
        ParameterPlane(first="P", second="P")
    with pytest.raises(OptionError, match="Did you mean"):
        ParameterPlane(second="w_eee")


# --- models of one's own ---

OWN = {
    "jansenrit.JRC2": {
        "x": "jrc/jrc_op/V_e", "y": "jrc/jrc_op/X_e", "box": [(-0.01, 0.04), (-3, 3)],
        "sliders": [Slider("jrc/jrc_op/u", 0, 400), Slider("jrc/jrc_op/V_i", -0.05, 0.05)],
    },
    "qif.qif": {"box": [(0, 2.5), (-3, 3)], "sliders": [Slider("p/qif_op/eta", -8, 2)]},
    "qif.qif_sfa": {"box": [(0, 2.5), (-3, 3)], "sliders": [Slider("p/qif_sfa_op/a", 0, 2)]},
    "wilsoncowan.WC_stp": {"box": [(-0.2, 0.6)] * 2, "sliders": [Slider(INPUT, -1, 2)]},
}  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_any_two_states_of_any_circuit_can_be_explored_in_a_few_lines(name):
    plane = PhasePlane(circuit(name), **OWN[name])
    key, control = next(iter(plane._controls.items()))
    plane.set({key: control.box.max})
    (x0, x1), (y0, y1) = (plane.box[path] for path in plane.shown)
    tell(plane, type="click", x=(x0 + x1) / 2, y=(y0 + y1) / 2)
    kinds = [layer.kind for layer in plane.scene.layers]
    assert {"field", "line", "markers"} <= set(kinds)
    assert np.isfinite(plane.runs[0]).all()
    assert frame(again(plane)) == frame(plane)


def test_the_run_of_a_projected_plane_is_that_of_the_whole_circuit():
    jansen_rit = circuit("jansenrit.JRC2")
    plane = PhasePlane(jansen_rit, **OWN["jansenrit.JRC2"], starts=[(0.01, 0.5)], time=0.2)
    start = {"jrc/jrc_op/V_e": 0.01, "jrc/jrc_op/X_e": 0.5}
    found = jansen_rit.with_vars(start).run(
        0.2 + 0.0005, 0.0005, outputs=list(jansen_rit.model().states), solver="scipy",
        method="DOP853", rtol=1e-11, atol=1e-14,
    )  # fmt: skip
    np.testing.assert_allclose(plane.runs[0], found.to_numpy(), atol=1e-5)


def test_with_bounds_for_every_state_the_fixed_points_are_shown_too():
    sfa = circuit("qif.qif_sfa")
    states = sfa.model().states
    box = dict(zip(states, [(0.0, 2.5), (-3.0, 3.0), (-2.0, 2.0), (-2.0, 2.0)], strict=True))
    plane = PhasePlane(sfa, box=box)
    found = fixed_points(sfa, list(box.values()))
    assert len(plane.points) == len(found) > 0
    assert found[0].kind in plane.text
    plane.colour()
    assert "Basins are drawn for circuits with two states" in plane._readout.value
