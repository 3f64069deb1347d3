"""The phase plane as a laboratory: nullclines, field, every fixed point, and runs from a click."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from wclab.circuit import CircuitTemplate
from wclab.errors import OptionError, show
from wclab.explorers.arguments import pair_box, read_box, read_start, slowest, two_of
from wclab.explorers.base import Explorer, Sliders
from wclab.explorers.canvas import Event
from wclab.explorers.controls import Slider, button, checkbox
from wclab.explorers.layers import (
    LOOKS,
    axis_label,
    basin_layer,
    cycle_layer,
    field_layer,
    nullcline_layers,
    point_layers,
    points_text,
    saddle_branches,
    time_label,
)
from wclab.explorers.pairs import PRESETS, SYMBOLS, is_pair, pair_sliders, read_pair
from wclab.model import Model
from wclab.phaseplane import (
    Basins,
    FixedPoint,
    LimitCycle,
    basins,
    fixed_points,
    nullclines,
    vector_field,
)
from wclab.phaseplane.orbits import orbit
from wclab.scene import Dash, Layer, Line, Markers, Note, Panel, Scene, Steps
from wclab.styles import short_names

LAYERS = ("nullclines", "field", "points", "saddles")
HOW = "click in the plane to launch a run"
ROWS = 401  # moments of a launched run
AWAY = 1e-5  # of the picture, from a saddle to the start of its branches


class PhasePlane(Explorer):
    """Two variables of a circuit against each other; a click starts a run there.

    On the canvas: click launches forward, Shift and click backward; after Tab to the plane the
    arrow keys move a cross-hair, Enter launches, B launches backward. A start can be dragged.

    Parameters
    ----------
    circuit : CircuitTemplate, optional
        Any; the pair of Wilson & Cowan's Figure 4 by default.
    x, y : str, optional
        Paths of the two states that are shown; the first two by default. The others are held at
        their initial values, for which `sliders` can have sliders.
    box : mapping or array_like, shape (2, 2), optional
        Lower and upper bound of the two states; or a mapping from the path of every state to its
        bounds: then the fixed points of a circuit with more states are searched there too.
    sliders : sequence of str or Slider, optional
        Symbols of a pair (P, Q, w_ee, w_ei, w_ie, w_ii, tau_e, tau_i), or sliders for any
        parameters and initial values.
    starts : sequence of tuple, optional
        (x, y) of runs that are there from the beginning; (x, y, "backward") for one that goes
        backward.
    layers : sequence of str, optional
        What is shown: "nullclines", "field", "points", "saddles" (their branches: solid where runs
        leave, dotted where they arrive).
    time : float, optional
        How long runs are; by default 25 times the longest time constant.

    Raises
    ------
    PathError
        If x or y names no state.
    OptionError
        If an argument does not fit the circuit.

    Examples
    --------
    >>> from wclab.explorers import PhasePlane
    >>> plane = PhasePlane()
    >>> [point.kind for point in plane.points]
    ['stable node', 'saddle', 'stable node']
    >>> plane.launch(0.3, 0.1)
    >>> plane.runs[0][-1].round(4).tolist()
    [0.4625, 0.2434]

    A model of one's own, or any YAML file of PyRates: here the Jansen-Rit column, eight states, two
    of them shown, and sliders for a parameter and for a state that is held:

    >>> from wclab import CircuitTemplate
    >>> from wclab.explorers import Slider
    >>> jr = CircuitTemplate.from_yaml("model_templates.neural_mass_models.jansenrit.JRC2")
    >>> op = "jrc/jrc_op"
    >>> plane = PhasePlane(
    ...     jr, x=f"{op}/V_e", y=f"{op}/X_e", box=[(-0.01, 0.04), (-3, 3)],
    ...     sliders=[Slider(f"{op}/u", 0, 400), Slider(f"{op}/V_i", -0.05, 0.05)])
    >>> plane.shown
    ('jrc/jrc_op/V_e', 'jrc/jrc_op/X_e')
    """

    def __init__(
        self,
        circuit: CircuitTemplate | None = None,
        *,
        x: str | None = None,
        y: str | None = None,
        box: Any = None,
        sliders: Sequence[str | Slider] | None = None,
        starts: Sequence[tuple[Any, ...]] = (),
        layers: Sequence[str] = LAYERS,
        time: float | None = None,
    ) -> None:
        circuit = circuit or CircuitTemplate.from_yaml(PRESETS["Wilson & Cowan 1972, Figs 4, 5, 9"])
        states = circuit.model().states
        self.shown = two_of(states, x, y)
        self.is_pair = is_pair(circuit)
        self.box, self.bounds = read_box(box, states, self.shown, self.is_pair)
        self.time, self.starts = time, [read_start(start) for start in starts]
        self._first_starts = list(self.starts)
        self.points: list[FixedPoint] = []
        self.runs: list[np.ndarray] = []
        self.basins: Basins | None = None
        unknown = set(layers) - set(LAYERS)
        if unknown:
            raise OptionError(f"layers are {', '.join(LAYERS)}; not {show(sorted(unknown)[0])}")
        self._ticks = {name: checkbox(name, name in layers, self.refresh) for name in LAYERS}
        tools = [
            *self._ticks.values(),
            button(
                "colour the basins", "Run a grid of starts; colour each by its end", self.colour
            ),
            button("clear runs", "Take away what was launched", self.clear),
        ]
        self._given = None if sliders is None else list(sliders)
        super().__init__(
            PhasePlane.picture,
            circuit=circuit,
            sliders=self._sliders(sliders),
            presets=PRESETS if self.is_pair and sliders is None else None,
            extra=tools,
            on_event=self.answer,
        )

    def _sliders(self, given: Sequence[str | Slider] | None) -> Sliders:
        if self.is_pair:
            symbols = SYMBOLS if given is None else tuple(s for s in given if isinstance(s, str))
            others = [s for s in given or () if isinstance(s, Slider)]
            return lambda circuit: [*pair_sliders(circuit, symbols), *others]
        wrong = [s for s in given or () if not isinstance(s, Slider)]
        if wrong:
            raise OptionError(
                "sliders of this circuit are made with Slider(path, low, high), not "
                f"{show(wrong[0])}"
            )
        return [s for s in given or () if isinstance(s, Slider)]

    def launch(self, x: float, y: float, *, backward: bool = False) -> None:
        """Start a run at a point of the plane, and draw."""
        self.starts.append((float(x), float(y), backward))
        self.refresh()

    def clear(self) -> None:
        """Take away all runs."""
        self.starts.clear()
        self.refresh()

    def restart(self) -> None:
        """Go back to the runs of the beginning."""
        self.starts = list(self._first_starts)

    def answer(self, event: Event) -> None:
        """Launch where the plane was clicked; move the start that is dragged."""
        if event.type == "click" and event.panel == 0:
            self.launch(event.x, event.y, backward=event.backward)
        elif event.type == "drag" and event.index < len(self.starts):
            self.starts[event.index] = (event.x, event.y, self.starts[event.index][2])
            self.refresh()

    def colour(self) -> None:
        """Colour the basins of attraction for the numbers of now."""
        self._readout.value = "Running a grid of 10,000 starts ..."
        self.basins = self._basins_key = None
        model = self.model
        if len(model.states) != 2:
            self._readout.value = (
                "Basins are drawn for circuits with two states: in a plane cut out of more "
                "dimensions a start is not told by the two that are shown."
            )
            return
        self.basins = basins(model, self._limits())
        self._basins_key = dict(self.values)
        self.refresh()

    def picture(self) -> Scene:
        """Compute and return what is shown."""
        model = self.model
        limits = self._limits()
        plane = self._plane(model)
        on = {name: tick.value for name, tick in self._ticks.items()}
        layers: list[Layer] = []
        if self.basins is not None and self._basins_key == self.values:
            layers.append(basin_layer(self.basins))
            layers += [cycle_layer(a) for a in self.basins.attractors if isinstance(a, LimitCycle)]
        if on["field"]:
            layers.append(field_layer(vector_field(model, limits, 20, **plane)))
        if on["nullclines"]:
            layers += nullcline_layers(nullclines(model, limits, 200, **plane))
        self.points = self._points(model)
        if on["saddles"] and len(model.states) == 2:
            layers += self._branches(model)
        if on["points"]:
            layers += point_layers(self.points, axes=self._columns(model))
        runs, panel = self._runs(model)
        layers += runs
        first, second = (axis_label(name) for name in short_names(self.shown))
        square = Panel(first, second, xlim=limits[0], ylim=limits[1], square=True, width=1.2,
                       events=("click", "keys", "hover"))  # fmt: skip
        title = f"Phase plane of {' and '.join(short_names(self.shown))}"
        return Scene(title, self._words(), [square, panel], layers)

    def _plane(self, model: Model) -> dict[str, Any]:
        """Return what the functions of the phase plane need for more than two states."""
        if len(model.states) == 2 and self.shown == model.states:
            return {}
        held = dict(zip(model.states, model.y0.tolist(), strict=True))
        for path in self.shown:
            del held[path]
        return {"states": self.shown, "hold": held}

    def _limits(self) -> list[tuple[float, float]]:
        """Return the bounds of the two states; for a pair by default all that can be reached."""
        if self.box:
            return [self.box[path] for path in self.shown]
        reachable = dict(zip(self.model.states, pair_box(self.model), strict=True))
        return [reachable[path] for path in self.shown]

    def _columns(self, model: Model) -> tuple[int, int]:
        first, second = (model.states.index(path) for path in self.shown)
        return first, second

    def _points(self, model: Model) -> list[FixedPoint]:
        if self.is_pair:
            return fixed_points(model)
        return [] if self.bounds is None else fixed_points(model, self.bounds)

    def _branches(self, model: Model) -> list[Layer]:
        layers: list[Layer] = []
        limits = np.array(self._limits())
        for point in self.points:
            inside = np.all((point.state > limits[:, 0]) & (point.state < limits[:, 1]))
            if point.kind != "saddle" or not inside:
                continue
            for both, label, dash in saddle_branches(model, point, AWAY * np.ptp(limits)):
                layers.append(
                    Line(
                        x=both[:, 0],
                        y=both[:, 1],
                        color="accent",
                        dash=dash,
                        width=1.6,
                        label="" if any(a.label == label for a in layers) else label,
                    )
                )
        return layers

    def _runs(self, model: Model) -> tuple[list[Layer], Panel]:
        """Return the launched runs, and the panel that shows the last of them in time."""
        time = self.time or 25 * slowest(model)
        columns = self._columns(model)
        layers: list[Layer] = []
        self.runs, shown = [], []
        for k, (*begin, backward) in enumerate(self.starts):
            start = model.y0.copy()
            start[list(columns)] = begin
            self.runs.append(orbit(model, start, time, backward=backward, rows=ROWS))
            shown = [self.runs[-1][:, column].copy() for column in columns]
            last = k == len(self.starts) - 1
            dash: Dash = "dashdot" if backward else "solid"
            width = 1.6 if last else 1.0
            layers.append(Line(x=shown[0], y=shown[1], width=width, dash=dash, cursor=last))
        ends = (0.0, time)
        low, high = float(np.min(self._limits())), float(np.max(self._limits()))
        middle = (low + high) / 2
        if not shown:
            layers.append(Note(panel=1, x=time / 2, y=middle, text=HOW, align="center"))
        else:
            backward = self.starts[-1][2]
            known = int(np.isfinite(shown[0]).sum()) - 1
            ends = (-time * (known or 1) / (ROWS - 1), 0.0) if backward else ends
            moments = Steps(0.0, (-time if backward else time) / (ROWS - 1), ROWS)
            layers += _courses(moments, shown, short_names(self.shown))
            xs, ys = (np.array([start[k] for start in self.starts]) for k in (0, 1))
            layers.append(Markers(x=xs, y=ys, filled=False, size=8, drag="start"))
        unit = read_pair(self._circuit).unit if self.is_pair and self._circuit else ""
        panel = Panel(
            time_label(unit), "activity" if self.is_pair else "state", xlim=ends,
            ylim=(low, high), width=1.3, cursor="time",
        )  # fmt: skip
        return layers, panel

    def _words(self) -> str:
        if self.is_pair or self.bounds is not None:
            text = points_text(self.points)
        else:
            text = "Fixed points are searched when box= gives bounds for every state."
        if not self.starts:
            return text + " Click in the plane, or use arrow keys and Enter, to launch a run."
        x, y, backward = self.starts[-1]
        place = self.runs[-1][-1, list(self._columns(self.model))]
        names = short_names(self.shown)
        shown = ", ".join(
            f"{n} = {v + 0.0:.4f}" for n, v in zip(names, place.round(4), strict=True)
        )
        how = "backward run" if backward else "run"
        ends = "leaves every bound" if np.isnan(place).any() else f"is at {shown} in the end"
        return f"{text}\nThe last {how}, from ({x:.3g}, {y:.3g}), {ends}."

    def settings(self) -> dict[str, Any]:
        """Return the arguments that make this explorer again."""
        starts = [(x, y, "backward") if back else (x, y) for x, y, back in self.starts]
        given: dict[str, Any] = {
            "layers": tuple(name for name, tick in self._ticks.items() if tick.value),
            "time": self.time,
        }
        if starts:
            given["starts"] = starts
        if self._given is not None:
            given["sliders"] = self._given
        if self.box:
            given |= {"box": self.box, "x": self.shown[0], "y": self.shown[1]}
        return super().settings() | given


def _courses(moments: Steps, values: Sequence[np.ndarray], names: Sequence[str]) -> list[Layer]:
    """Return two states in time, on the second panel."""
    return [
        Line(panel=1, x=moments, y=y, color=color, dash=dash, cursor=True, label=f"<i>{name}</i>")
        for name, y, (color, dash) in zip(names, values, LOOKS, strict=True)
    ]
