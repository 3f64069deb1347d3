"""Two parameters as a map, and the phase portrait at the point of the map."""

from typing import Any

import numpy as np

from wclab.bifurcation import diagram
from wclab.circuit import CircuitTemplate
from wclab.errors import OptionError
from wclab.explorers.arguments import pair_box, slowest
from wclab.explorers.base import Explorer
from wclab.explorers.canvas import Event
from wclab.explorers.controls import Key, checkbox
from wclab.explorers.layers import (
    axis_label,
    field_layer,
    nullcline_layers,
    point_layers,
    points_text,
)
from wclab.explorers.pairs import PRESETS, key_of, pair_slider, read_pair
from wclab.explorers.settled import settle
from wclab.model import Model
from wclab.phaseplane import FixedPoint, fixed_points, nullclines, vector_field
from wclab.scene import Dash, Heat, Layer, Line, Markers, Note, Panel, Scene
from wclab.styles import short_names

CELLS = 80  # of the map of numbers, in each direction
STARTS = ((0.3, 0.1), (0.1, 0.3), (0.45, 0.05))
SHORT = {"cusp": "C", "bogdanov-takens": "BT", "generalised hopf": "GH"}
LOOKS: dict[str, tuple[str, Dash]] = {"fold": ("ink", "solid"), "hopf": ("E", "dashed")}


class ParameterPlane(Explorer):
    """Curves of folds and Hopf points over two parameters, and the phase portrait at one point.

    The point is dragged, clicked to, or moved by the arrow keys; the sliders do the same.

    Parameters
    ----------
    circuit : CircuitTemplate, optional
        A pair with the nodes e and i; that of Wilson & Cowan's Figure 11 by default.
    first, second : str or tuple of str, optional
        Symbols (P, Q, w_ee, w_ei, w_ie, w_ii, tau_e, tau_i), paths, or edges.
    first_range, second_range : tuple of float, optional
        By default around the circuit's values.
    numbers : bool, optional
        Whether colours show how many fixed points there are.

    Raises
    ------
    OptionError
        If the circuit is no pair, or both parameters are one.

    Examples
    --------
    >>> from wclab.explorers import ParameterPlane
    >>> plane = ParameterPlane()
    >>> sorted({point.kind for point in plane.diagram.special})
    ['bogdanov-takens', 'cusp', 'generalised hopf']
    >>> f"{plane.period:.2f}"
    '40.03'
    """

    def __init__(
        self,
        circuit: CircuitTemplate | None = None,
        *,
        first: str | tuple[str, str] = "P",
        second: str | tuple[str, str] = "Q",
        first_range: tuple[float, float] | None = None,
        second_range: tuple[float, float] | None = None,
        numbers: bool = False,
    ) -> None:
        circuit = circuit or CircuitTemplate.from_yaml(PRESETS["Wilson & Cowan 1972, Figs 11, 12"])
        pair = read_pair(circuit)
        self.varied: tuple[Key, Key] = (key_of(pair, first), key_of(pair, second))
        if self.varied[0] == self.varied[1]:
            raise OptionError(f"first and second are one parameter: {first}")
        sliders = [
            pair_slider(circuit, first, first_range),
            pair_slider(circuit, second, second_range),
        ]
        self.limits = [(slider.low, slider.high) for slider in sliders]
        self._given = {"first": first, "second": second, "first_range": self.limits[0],
                       "second_range": self.limits[1]}  # fmt: skip
        self._numbers = checkbox("number of fixed points", numbers, self.refresh)
        self._first_numbers = numbers
        model = circuit.model()
        ranges = zip(self.varied, self.limits, strict=True)
        self.diagram = diagram(model, *((key, limits) for key, limits in ranges))
        self._map = self._counts(model)
        self.points: list[FixedPoint] = []
        self.period = float("nan")
        super().__init__(
            ParameterPlane.picture, circuit=circuit, sliders=sliders, extra=[self._numbers],
            on_event=self.answer,
        )  # fmt: skip

    def _counts(self, model: Model) -> np.ndarray:
        """Return the number of fixed points on a grid, rows along the second parameter."""
        centres = [
            low + (high - low) * (np.arange(CELLS) + 0.5) / CELLS for low, high in self.limits
        ]
        grid: dict[Any, Any] = dict(zip(self.varied, centres, strict=True))
        found = fixed_points(model, parameters=grid)
        return found.number.reshape(CELLS, CELLS).T.astype(float)

    def restart(self) -> None:
        """Show the colours as at the beginning."""
        self._numbers.value = self._first_numbers

    def answer(self, event: Event) -> None:
        """Move to where the point was dragged, or the map was clicked."""
        if event.panel == 0:
            places = zip(self.varied, (event.x, event.y), self.limits, strict=True)
            self.set({key: float(np.clip(value, *limits)) for key, value, limits in places})

    def picture(self) -> Scene:
        """Compute and return what is shown."""
        model = self.model
        here = [self.values[key] for key in self.varied]
        layers = self._map_layers()
        layers.append(Markers(x=here[:1], y=here[1:], size=12, color="accent", drag="point"))
        box = pair_box(model)
        self.points = fixed_points(model)
        layers.append(field_layer(vector_field(model, box, 18), 1))
        layers += nullcline_layers(nullclines(model, box, 200), 1)
        layers += self._cycle(model)
        layers += point_layers(self.points, 1)
        names = [self._controls[key].slider.words for key in self.varied]
        first, second = (axis_label(name) for name in short_names(model.states))
        panels = [
            Panel(names[0], names[1], xlim=self.limits[0], ylim=self.limits[1], width=1.2,
                  events=("click", "keys", "hover")),
            Panel(first, second, xlim=box[0], ylim=box[1], square=True),
        ]  # fmt: skip
        return Scene("Map of two parameters, and the phase portrait", self._words(here), panels,
                     layers)  # fmt: skip

    def _map_layers(self) -> list[Layer]:
        layers: list[Layer] = []
        if self._numbers.value:
            most = float(self._map.max())
            layers.append(Heat(x=self.limits[0], y=self.limits[1], values=self._map, vmax=most,
                               palette="counts", label="fixed points"))  # fmt: skip
        for curve in self.diagram.curves:
            color, dash = LOOKS[curve.kind]
            x, y = curve.parameter.T
            label = "folds" if curve.kind == "fold" else "Hopf points"
            layers.append(Line(x=x.copy(), y=y.copy(), color=color, dash=dash, label=label))
        for point in self.diagram.special:
            x, y = map(float, point.parameter)
            layers.append(Markers(x=[x], y=[y], shape="diamond", size=7, color="second"))
            layers.append(Note(x=x, y=y, text=f"  {SHORT[point.kind]}"))
        return layers

    def _cycle(self, model: Model) -> list[Layer]:
        """Return the rhythm that a run ends on, if one of a few starts finds it."""
        self.period = float("nan")
        unstable = [tuple(p.state + 0.02) for p in self.points if not p.stable]
        for start in (*unstable, *STARTS):
            found = settle(model, np.array(start), slowest(model))
            if np.isfinite(found.period):
                self.period = found.period
                e, i = found.cycle.T
                return [Line(panel=1, x=e.copy(), y=i.copy(), color="accent", width=2.4,
                             label="rhythm")]  # fmt: skip
        return []

    def _words(self, here: list[float]) -> str:
        names = [self._controls[key].slider.words for key in self.varied]
        place = ", ".join(f"{name} = {value:.3f}" for name, value in zip(names, here, strict=True))
        rhythm = "No run from a few starts ends on a rhythm."
        if np.isfinite(self.period):
            rhythm = f"A run ends on a rhythm of period {self.period:.4f}."
        return f"At {place}: {points_text(self.points)}\n{rhythm}"

    def settings(self) -> dict[str, Any]:
        """Return the arguments that make this explorer again."""
        return super().settings() | self._given | {"numbers": self._numbers.value}
