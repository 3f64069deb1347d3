"""The F-I curve of one population: how many cells an input recruits, by their thresholds."""

from typing import Any

import numpy as np

from wclab.circuit import CircuitTemplate
from wclab.errors import OptionError
from wclab.explorers.base import Explorer
from wclab.explorers.canvas import Event
from wclab.explorers.controls import Key, Slider, checkbox
from wclab.model import Model
from wclab.phaseplane.system import read_system
from wclab.scene import Layer, Line, Markers, Note, Panel, Region, Rule, Scene
from wclab.templates import NodeTemplate

FOLDER = "model_templates.neural_mass_models"
SPAN = (-1.0, 10.0)  # of the input that is shown
POINTS = 400
FAR = 1e4  # an input that recruits every cell


class FICurve(Explorer):
    """The response F(I) of a population, and the spread of thresholds that it sums up.

    Parameters
    ----------
    gain : float, optional
        Steepness of the curve: its slope at the threshold times 4.
    threshold : float, optional
        The threshold of the middle cell, in units of the input.
    shift : bool, optional
        Whether F(0) is subtracted, so that no input recruits no cell.
    input : float, optional
        The input I at which F is read; its line can be dragged.

    Examples
    --------
    >>> from wclab.explorers import FICurve
    >>> f"{FICurve(1.2, 2.8).value(3.0):.6f}"
    '0.526144'
    >>> f"{FICurve(1.2, 2.8, shift=False).value(3.0):.6f}"
    '0.559714'
    """

    def __init__(
        self,
        gain: float = 1.2,
        threshold: float = 2.8,
        *,
        shift: bool = True,
        input: float = 3.0,
    ) -> None:
        self._shift = checkbox("shift, so that F(0) = 0", shift, self.refresh)
        self._models = {
            True: population("wilsoncowan.se_op"),
            False: population("conventions.plain_op"),
        }
        sliders = [
            Slider("gain", 0.2, 5.0, gain, 0.1, name="gain of the response"),
            Slider("threshold", 0.0, 6.0, threshold, 0.1, name="threshold of the response"),
            Slider("input", *SPAN, input, 0.1, name="input I"),
        ]
        super().__init__(
            FICurve.picture, sliders=sliders, extra=[self._shift], on_event=self.answer
        )

    def value(self, x: float) -> float:
        """Return F at an input."""
        return float(self._response(np.array([x]))[0][0])

    def answer(self, event: Event) -> None:
        """Move the input to where its line was dragged."""
        if event.name == "input":
            self.set({"input": float(np.clip(event.x, *SPAN))})

    def _response(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return F and its slope at some inputs, from the equations of the template."""
        model = self._models[self._shift.value]
        names = {"s": "gain", "theta": "threshold"}
        chosen: dict[Key, float] = {
            key: self.values[names[key.rpartition("/")[2]]]
            for key in model.parameters
            if isinstance(key, str) and key.rpartition("/")[2] in names
        }
        return response(model.with_parameters(chosen), x)

    def picture(self) -> Scene:
        """Compute and return what is shown."""
        x = np.linspace(*SPAN, POINTS)
        f, slope = self._response(x)
        threshold, here = self.values["threshold"], self.values["input"]
        at = np.array([0.0, threshold, here, FAR])
        (zero, middle, now, most), (_, steepest, _, _) = self._response(at)
        panels = [
            Panel("input <i>I</i>", "active fraction <i>F</i>(<i>I</i>)", xlim=SPAN,
                  ylim=(-0.1, 1.05)),
            Panel("threshold of a cell (input)", "cells per unit of threshold", xlim=SPAN,
                  ylim=(0.0, 1.1 * max(0.35, float(slope.max())))),
        ]  # fmt: skip
        passed = x <= here
        layers: list[Layer] = [
            Rule(axis="y", at=0.0),
            Rule(axis="x", at=threshold, dash="dotted"),
            Rule(axis="x", at=here, dash="dashed", color="ink", drag="input"),
            Line(x=x, y=f, color="E", label="<i>F</i>"),
            Markers(x=[here], y=[now], color="E"),
            Note(x=threshold, y=-0.06, text=" threshold"),
            Region(panel=1, x=np.concatenate([x[passed], [here, SPAN[0]]]),
                   y=np.concatenate([slope[passed], [0.0, 0.0]]), color="E"),
            Line(panel=1, x=x, y=slope, color="E"),
            Rule(panel=1, axis="x", at=here, dash="dashed", color="ink", drag="input"),
        ]  # fmt: skip
        text = (
            f"F(0) = {zero + 0.0:.4f}; at the threshold F = {middle:.4f} with slope "
            f"{steepest:.4f}; F approaches {most:.4f}. At the input {here:.2f}, F = {now:.6f}."
        )
        return Scene("Response of a population to its input", text, panels, layers)

    def settings(self) -> dict[str, Any]:
        """Return the arguments that make this explorer again."""
        return super().settings() | {"shift": self._shift.value}


def response(model: Model, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the response F and its slope at some inputs, shape (n,), of one population.

    Its weight to itself is made 1, its outside input and its refractory factor 0, so that its own
    rate is its input: what the equations give then is ``tau r' = -r + F(r)``.

    Raises
    ------
    OptionError
        If the circuit is not one population that feeds back to itself.
    """
    edges = [key for key in model.parameters if isinstance(key, tuple)]
    paths = {key.rpartition("/")[2]: key for key in model.parameters if isinstance(key, str)}
    if len(model.states) != 1 or len(edges) != 1 or not {"r_ext", "tau"} <= set(paths):
        raise OptionError(
            "a response is that of one population which feeds back to itself, as in "
            f"{FOLDER}.wilsoncowan.single_population"
        )
    alone: dict[Key, float] = {paths[name]: 0.0 for name in ("r_ext", "k") if name in paths}
    system = read_system(model.with_parameters(alone | {edges[0]: 1.0}))
    tau = model.parameters[paths["tau"]]
    return tau * system.field(x[None])[0] + x, tau * system.jacobian(x[None])[0, 0] + 1.0


def population(operator: str) -> Model:
    """Return one population with feedback, whose response is that of an operator's template."""
    operators: Any = {
        f"{FOLDER}.{operator}": {},
        f"{FOLDER}.wilsoncowan.rate_op": {"k": 0.0, "tau": 1.0},
    }
    edge = ("e/rate_op/r", f"e/{operator.rpartition('.')[2]}/r_in", None, {"weight": 1.0})
    node = NodeTemplate("population", operators)
    return CircuitTemplate("population", nodes={"e": node}, edges=[edge]).model()
