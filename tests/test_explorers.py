"""Explorers without a display: the numbers, the text and the picture behind the slider."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from wclab import CircuitTemplate
from wclab.errors import PathError
from wclab.explorers import TwoPopulations
from wclab.inputs import pulse


@pytest.fixture(scope="module")
def explorer():
    return TwoPopulations()


def pixels(explorer):
    return np.asarray(Image.open(io.BytesIO(explorer._picture.png())))


def test_the_slider_runs_the_circuit(explorer):
    explorer.slider.value = 0.5
    push = {"e/se_op/r_ext": pulse(125.0, 0.1, on=25.0, off=100.0, height=0.5)}
    expected = explorer.circuit.run(
        125.0, 0.1, inputs=push, outputs=["e/rate_op/r", "i/rate_op/r"], solver="rk4"
    )
    assert np.array_equal(explorer.results.to_numpy(), expected.to_numpy())


def test_its_step_errs_below_1e_8(explorer):
    explorer.slider.value = 3.0
    push = {"e/se_op/r_ext": pulse(125.0, 0.1, on=25.0, off=100.0, height=3.0)}
    exact = explorer.circuit.run(
        125.0, 0.1, inputs=push, outputs=["e/rate_op/r", "i/rate_op/r"], solver="scipy",
        method="DOP853", rtol=1e-11, atol=1e-13,
    )  # fmt: skip
    assert np.abs(explorer.results.to_numpy() - exact.to_numpy()).max() < 2e-8


def test_the_text_says_what_the_picture_shows(explorer):
    explorer.slider.value = 1.0
    assert "Pulse height 1.00" in explorer.text
    assert re.search(r"at the end E = -0\.0327, I = 0\.0130", explorer.text)
    assert explorer._readout.value == explorer.text
    assert explorer.text in explorer._picture.value  # the picture's alt text


def test_a_move_changes_the_picture_and_reset_brings_it_back(explorer):
    explorer.slider.value = 1.0
    before = pixels(explorer)
    explorer.slider.value = 2.0
    assert not np.array_equal(pixels(explorer), before)
    explorer.children[0].children[1].click()
    assert explorer.slider.value == 1.0
    assert np.array_equal(pixels(explorer), before)


def test_the_updated_picture_is_the_one_drawn_from_scratch(explorer):
    explorer.slider.value = 2.0
    updated = pixels(explorer).astype(int)
    fresh = pixels(TwoPopulations(height=2.0)).astype(int)
    assert np.array_equal(updated, fresh)


def test_a_page_without_a_kernel_shows_the_picture(explorer):
    bundle = explorer._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"] == f"TwoPopulations: {explorer.text}"


def test_its_figure_is_a_new_matplotlib_figure(explorer):
    one, two = explorer.figure(), explorer.figure()
    assert one is not two
    assert [ax.get_xlabel() for ax in one.axes] == ["time (ms)", "E (excitatory activity)"]


def test_any_pair_with_the_same_states_can_be_explored():
    fig11 = CircuitTemplate.from_yaml("model_templates.neural_mass_models.wilsoncowan.WC72_fig11")
    assert TwoPopulations(fig11, height=1.25).results["E"].max() > 0.2


def test_a_circuit_without_those_states_is_refused_by_name():
    vdp = CircuitTemplate.from_yaml("model_templates.oscillators.vanderpol.vdp")
    with pytest.raises(PathError, match="has no node 'e'"):
        TwoPopulations(vdp)
