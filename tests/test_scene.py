"""Scenes: what travels to the browser, and the same picture in print."""

import json

import numpy as np
import pytest

from wclab.plots import draw_panel, draw_scene
from wclab.printing import mathtext
from wclab.scene import (
    Field,
    Heat,
    Line,
    Markers,
    Note,
    Panel,
    Region,
    Rule,
    Scene,
    Span,
    Steps,
    pack,
)

ALL = [
    Heat(x=(0.0, 1.0), y=(0.0, 2.0), values=np.arange(6.0).reshape(2, 3), palette="counts"),
    Span(start=0.2, stop=0.4),
    Region(x=[0, 1, 1], y=[0, 0, 1]),
    Field(x=[0.5], y=[0.5], u=[1.0], v=[2.0]),
    Line(x=Steps(0.0, 0.1, 11), y=np.linspace(0, 1, 11), color="E", label="<i>E</i>"),
    Markers(x=[0.3], y=[0.7], shape="square", filled=False, drag="start"),
    Rule(axis="y", at=0.5, dash="dotted"),
    Note(x=0.1, y=0.1, text="fold"),
]


ONE = (Panel(),)


def scene(*layers, panels=ONE):
    return Scene("A picture", "What it shows.", panels, layers)


def numbers(frame, data, reference):
    assert reference["n"] >= 0
    return np.frombuffer(data, "<f4")[reference["at"] :][: reference["n"]]


def test_arrays_travel_as_float32_and_come_out_as_they_went_in():
    y = np.array([0.5, np.nan, -2.0])
    frame, data = pack(scene(Line(x=[0, 1, 2], y=y)), 7)
    layer = frame["layers"][0]
    assert frame["seq"] == 7
    np.testing.assert_array_equal(numbers(frame, data, layer["y"]), y.astype(np.float32))
    np.testing.assert_array_equal(numbers(frame, data, layer["x"]), [0, 1, 2])


def test_an_array_that_two_layers_share_travels_once():
    x, y = np.arange(100.0), np.arange(100.0)
    frame, data = pack(scene(Line(x=x, y=y), Line(x=y, y=x)), 1)
    assert len(data) == 2 * 100 * 4
    assert frame["layers"][0]["x"] == frame["layers"][1]["y"]


def test_evenly_spaced_numbers_need_no_bytes():
    frame, data = pack(scene(Line(x=Steps(1.0, 0.5, 4), y=np.zeros(4))), 1)
    assert frame["layers"][0]["x"] == {"start": 1.0, "step": 0.5, "n": 4}
    assert len(data) == 4 * 4
    assert np.asarray(Steps(1.0, 0.5, 4)).tolist() == [1.0, 1.5, 2.0, 2.5]


def test_two_temporary_arrays_at_one_address_are_not_taken_for_one():
    layers = [Line(x=Steps(0, 1, 3), y=np.full(3, float(k))) for k in range(20)]
    frame, data = pack(scene(*layers), 1)
    shown = [numbers(frame, data, layer["y"])[0] for layer in frame["layers"]]
    assert shown == list(range(20))


def test_everything_but_the_arrays_is_plain_json():
    frame, _ = pack(scene(*ALL), 1)
    text = json.dumps(frame, allow_nan=False)
    assert json.loads(text) == frame
    heat, span = frame["layers"][:2]
    assert (heat["ny"], heat["nx"]) == (2, 3)
    assert (span["from"], span["to"]) == (0.2, 0.4)


def test_print_draws_every_kind_of_layer_on_the_axes_given():
    figure = draw_scene(scene(*ALL))
    ax = figure.axes[0]
    assert draw_panel(scene(*ALL), ax=ax) is ax
    figure.canvas.draw()
    assert len(ax.collections) >= 2
    assert len(ax.lines) >= 3


def test_print_has_an_axes_for_each_panel_with_its_limits():
    panels = [Panel("a", xlim=(0, 5)), Panel("b", xlim=(1, 100), xscale="log", width=2.0)]
    figure = draw_scene(scene(Line(panel=1, x=[1, 10], y=[0, 1]), panels=panels))
    left, right = figure.axes
    assert left.get_xlim() == (0, 5)
    assert (right.get_xscale(), right.get_xlabel()) == ("log", "b")
    assert (len(left.lines), len(right.lines)) == (0, 1)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("<i>E</i> (1)", "$E$ (1)"),
        ("τ<sub>i</sub>", "τ$_{\\mathrm{i}}$"),
        ("d<i>E</i>/d<i>t</i> = 0", "d$E$/d$t$ = 0"),
        ("plain", "plain"),
    ],
)
def test_tags_of_labels_become_mathematics_in_print(text, printed):
    assert mathtext(text) == printed


def test_the_legend_of_print_names_each_label_once():
    layers = [Line(x=[0, 1], y=[0, k], label="<i>E</i>") for k in (1, 2)]
    legend = draw_scene(scene(*layers)).axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["$E$"]
