"""Explorers without a display: the numbers, the text and the picture behind the controls."""

import io
import re

import numpy as np
import pytest
from helpers import FACTS
from PIL import Image

from wclab import CircuitTemplate
from wclab.errors import OptionError, PathError
from wclab.explorers import Canvas, Explorer, PhasePlane, Slider, TwoPopulations
from wclab.explorers.pairs import PRESETS, pair_sliders, read_pair
from wclab.inputs import pulse
from wclab.phaseplane import fixed_points
from wclab.scene import Line, Panel, Scene

WC = "model_templates.neural_mass_models.wilsoncowan.WC"
DRIVE = "e/se_op/r_ext"


@pytest.fixture
def explorer():
    return TwoPopulations()


def again(explorer):
    """Return what the exported code makes."""
    *lines, last = explorer.code().splitlines()
    names = {}
    exec("\n".join([*lines, f"made = {last}"]), names)  # noqa: S102 - the code is what is tested
    return names["made"]


def frame(explorer):
    return explorer._canvas.frame | {"seq": 0}, explorer._canvas.data


def wave(explorer):
    """One line, as a user would write it."""
    if explorer.values["height"] < 0:
        raise OptionError("the height must not be negative")
    x = np.linspace(0, 1, 5)
    return Scene("Wave", f"{explorer.values['height']:.2f}", [Panel()], [Line(x=x, y=x)])


# --- what all share ---


def test_an_explorer_of_ones_own_draws_what_its_function_returns():
    own = Explorer(wave, sliders=[Slider("height", -1, 1, 0.5)])
    assert own.text == "0.50"
    own.set({"height": 0.75})
    assert (own.text, own._canvas.frame["text"]) == ("0.75", "0.75")


def test_a_move_of_several_sliders_draws_once():
    own = Explorer(wave, sliders=[Slider("height", -1, 1, 0.5), Slider("other", 0, 1, 0)])
    before = own._canvas.frame["seq"]
    own.set({"height": 0.1, "other": 0.9})
    assert own._canvas.frame["seq"] == before + 1


def test_an_error_of_the_model_is_told_and_the_last_picture_stays():
    own = Explorer(wave, sliders=[Slider("height", -1, 1, 0.5)])
    own.set({"height": -0.5})
    assert "the height must not be negative" in own._readout.value
    assert own._canvas.frame["text"] == "0.50"
    own.set({"height": 0.2})
    assert own._readout.value == "0.20"


def test_a_slider_that_does_not_exist_is_refused_by_name():
    own = Explorer(wave, sliders=[Slider("height", -1, 1, 0.5)])
    with pytest.raises(PathError, match="Did you mean 'height'"):
        own.set({"heigth": 1.0})


def test_a_slider_of_no_parameter_needs_a_value():
    wc = CircuitTemplate.from_yaml(WC)
    with pytest.raises(PathError, match="Did you mean 'i/rate_op/tau'"):
        Explorer(wave, circuit=wc, sliders=[Slider("i/rate_op/tua", 0, 1)])


@pytest.mark.parametrize(
    ("low", "high", "scale", "words"),
    [(1, 1, "linear", "must be below"), (2, 1, "linear", "must be below"),
     (0, 1, "log", "above zero")],
)  # fmt: skip
def test_a_slider_with_an_impossible_range_is_refused(low, high, scale, words):
    with pytest.raises(OptionError, match=words):
        Slider("x", low, high, scale=scale)


def test_a_slider_sets_a_parameter_or_an_edge_of_the_circuit():
    pair = CircuitTemplate.from_yaml(WC)
    edge = ("e/rate_op/r", "e/se_op/r_in")
    sliders = [Slider("i/rate_op/tau", 1, 40), Slider(edge, 0, 20), Slider("height", 0, 1, 0.5)]
    own = Explorer(wave, circuit=pair, sliders=sliders)
    assert own.values == {"i/rate_op/tau": 10.0, edge: 15.0, "height": 0.5}
    own.set({"i/rate_op/tau": 20.0, edge: 12.0})
    assert own.model.parameters["i/rate_op/tau"] == 20.0
    assert own.circuit.model().parameters[edge] == 12.0
    assert pair.model().parameters[edge] == 15.0


def test_every_handle_and_box_has_a_name_in_words():
    for control in PhasePlane()._controls.values():
        assert control.handle.tooltip == control.box.tooltip
        assert re.fullmatch(r"(outside input|weight|time constant).*", control.handle.tooltip)


def test_steps_of_sliders_are_round_numbers():
    assert Slider("x", 0, 3).rounded_step() == pytest.approx(0.02)
    assert Slider("x", 0, 25).rounded_step() == pytest.approx(0.2)
    assert Slider("x", 0, 1, step=0.25).rounded_step() == 0.25


def test_a_preset_outside_the_range_of_a_slider_widens_it():
    own = Explorer(wave, sliders=[Slider("height", -1, 1, 0.5)])
    own.set({"height": 7.5})
    assert own.values["height"] == 7.5
    assert own._controls["height"].box.max == 7.5


def test_a_typed_number_is_kept_though_the_handle_stands_on_its_grid():
    own = Explorer(wave, sliders=[Slider("height", 0, 3, 1.0, 0.05)])
    control = own._controls["height"]
    control.box.value = 0.37
    assert own.values["height"] == 0.37
    assert control.handle.value == pytest.approx(0.35)
    control.handle.value = 0.35000000000000003  # what the browser makes of it
    assert own.text == "0.37"
    control.handle.value = 0.4
    assert (own.values["height"], control.box.value) == (0.4, 0.4)


def test_a_logarithmic_slider_keeps_its_number_too():
    own = Explorer(wave, sliders=[Slider("height", 0.01, 10, 1.0, scale="log")])
    own._controls["height"].box.value = 0.5
    assert own.values["height"] == 0.5
    own._controls["height"].handle.value = 10**0.3
    assert own.values["height"] == pytest.approx(10**0.3)


def test_a_page_without_a_kernel_shows_the_picture_and_its_text(explorer):
    data, metadata = explorer._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert data["text/plain"] == f"TwoPopulations: {explorer.text}"
    assert metadata["image/png"]["alt"] == explorer.text
    assert np.asarray(Image.open(io.BytesIO(data["image/png"]))).std() > 5


def test_the_canvas_tells_the_browser_that_it_may_go_on_whatever_happens():
    def fail(_):
        raise ValueError("broken")

    canvas = Canvas(fail)
    with pytest.raises(ValueError, match="broken"):
        canvas._receive(canvas, {"event": 3, "type": "click", "panel": 0, "x": 0, "y": 0}, [])
    assert canvas.acknowledged == 3


# --- E/I pairs ---


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_a_pair_with_all_its_sliders(name):
    circuit = CircuitTemplate.from_yaml(PRESETS[name])
    pair = read_pair(circuit)
    assert {"P", "Q", "w_ee", "w_ei", "w_ie", "tau_e", "tau_i"} <= set(pair.keys)
    assert len(pair_sliders(circuit)) == len(pair.keys)
    plane = PhasePlane(circuit)
    assert [p.kind for p in plane.points] == [p.kind for p in fixed_points(circuit)]


def test_a_circuit_that_is_no_pair_is_told_what_shows_it():
    vdp = CircuitTemplate.from_yaml("model_templates.oscillators.vanderpol.vdp")
    with pytest.raises(OptionError, match="PhasePlane shows any two states"):
        TwoPopulations(vdp)


# --- TwoPopulations ---


def test_the_slider_runs_the_circuit(explorer):
    explorer.set({"height": 0.5})
    push = {DRIVE: pulse(125.0, 0.1, on=25.0, off=100.0, height=0.5)}
    expected = explorer.circuit.run(
        125.0, 0.1, inputs=push, outputs=["e/rate_op/r", "i/rate_op/r"], solver="rk4"
    )
    np.testing.assert_allclose(explorer.results.to_numpy(), expected.to_numpy(), atol=1e-8)


def test_its_curves_err_by_less_than_1e_8(explorer):
    explorer.set({"height": 3.0})
    push = {DRIVE: pulse(125.0, 0.1, on=25.0, off=100.0, height=3.0)}
    exact = explorer.circuit.run(
        125.0, 0.1, inputs=push, outputs=["e/rate_op/r", "i/rate_op/r"], solver="scipy",
        method="DOP853", rtol=1e-11, atol=1e-13,
    )  # fmt: skip
    assert np.abs(explorer.results.to_numpy() - exact.to_numpy()).max() < 1e-8


def test_the_text_says_what_the_picture_shows(explorer):
    assert "Pulse height 1.00" in explorer.text
    assert re.search(r"at the end E = -0\.0327, I = 0\.0130", explorer.text)
    assert explorer._readout.value == explorer.text == explorer._canvas.frame["text"]


def test_a_move_changes_the_picture_and_reset_brings_it_back(explorer):
    before = frame(explorer)
    explorer.set({"height": 2.0})
    assert frame(explorer) != before
    explorer.reset()
    assert frame(explorer) == before


def test_without_the_pulse_the_circuit_stays_silent(explorer):
    explorer._pulse.value = False
    assert explorer.results.abs().to_numpy().max() == 0.0
    assert not [layer for layer in explorer.scene.layers if layer.kind == "span"]


def test_the_exported_code_makes_the_same_picture():
    explorer = TwoPopulations(sliders=("w_ee", "tau_i"))
    edge = ("e/rate_op/r", "e/se_op/r_in")
    explorer.set({"height": 1.5, edge: 12.0, "i/rate_op/tau": 17.0})
    assert frame(again(explorer)) == frame(explorer)


def test_a_frame_is_small(explorer):
    assert len(explorer._canvas.data) < 20_000


# --- PhasePlane ---


def test_a_click_launches_a_run_that_ends_where_the_paper_says():
    plane = PhasePlane()
    click = {"event": 1, "type": "click", "panel": 0, "x": 0.3, "y": 0.1, "backward": False}
    plane._canvas._receive(plane._canvas, click, [])
    assert plane._canvas.acknowledged == 1
    upper = FACTS["B1"]["points"][-1]
    assert plane.starts == [(0.3, 0.1, False)]
    assert plane.runs[0][-1] == pytest.approx([upper["E"], upper["I"]], abs=1e-6)
    assert "is at E = 0.4625, I = 0.2434 in the end" in plane.text


def test_a_start_can_be_dragged():
    plane = PhasePlane(starts=[(0.3, 0.1), (0.0, 0.3)])
    drag = {"event": 4, "type": "drag", "panel": 0, "name": "start", "index": 1, "x": 0.2, "y": 0.2}
    plane._canvas._receive(plane._canvas, drag, [])
    assert plane.starts == [(0.3, 0.1, False), (0.2, 0.2, False)]


def test_a_backward_run_undoes_a_forward_one():
    plane = PhasePlane(starts=[(0.3, 0.1)], time=10.0)
    end = plane.runs[0][-1]
    plane.launch(*end, backward=True)
    np.testing.assert_allclose(plane.runs[1][-1], [0.3, 0.1], atol=1e-6)


def test_a_run_that_leaves_says_so():
    plane = PhasePlane(starts=[(0.2, 0.3, "backward")])
    assert "leaves every bound" in plane.text


def test_basins_belong_to_their_numbers_and_vanish_when_these_change():
    plane = PhasePlane()
    plane.colour()
    assert plane.scene.layers[0].kind == "heat"
    key = read_pair(plane.circuit).keys["P"]
    plane.set({key: 0.2})
    assert "heat" not in [layer.kind for layer in plane.scene.layers]


def test_layers_can_be_taken_away():
    plane = PhasePlane(layers=("points",))
    kinds = {layer.kind for layer in plane.scene.layers}
    assert kinds == {"markers", "note"}
    with pytest.raises(OptionError, match="layers are nullclines"):
        PhasePlane(layers=("nulclines",))


def test_its_points_are_those_of_the_library_at_every_slider():
    plane = PhasePlane()
    keys = read_pair(plane.circuit).keys
    plane.set({keys["P"]: 0.3, keys["w_ei"]: -6.0})
    expected = fixed_points(plane.circuit)
    np.testing.assert_allclose([p.state for p in plane.points], [p.state for p in expected])


def test_its_exported_code_makes_the_same_picture():
    plane = PhasePlane(starts=[(0.3, 0.1)])
    plane.launch(0.1, 0.4, backward=True)
    plane.set({read_pair(plane.circuit).keys["tau_i"]: 3.0})
    plane._ticks["field"].value = False
    assert frame(again(plane)) == frame(plane)


def test_reset_brings_back_numbers_preset_and_runs():
    plane = PhasePlane(starts=[(0.3, 0.1)])
    before = frame(plane)
    plane._menu.value = "Neuromatch, rhythm"
    plane.launch(0.5, 0.5)
    plane.reset()
    assert frame(plane) == before


def test_a_circuit_with_one_state_is_told_what_shows_it():
    single = CircuitTemplate.from_yaml(WC.replace(".WC", ".single_population"))
    with pytest.raises(OptionError, match="PhaseLine shows a circuit with one"):
        PhasePlane(single)


def test_a_state_that_does_not_exist_is_refused_by_name():
    with pytest.raises(PathError, match="Did you mean 'i/rate_op/r'"):
        PhasePlane(x="e/rate_op/r", y="i/rate_op/rr")
