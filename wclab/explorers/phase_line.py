"""One state on a line: where it rests, which way it goes, and how it gets there in time."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import ipywidgets
import numpy as np

from wclab.circuit import CircuitTemplate
from wclab.errors import OptionError, show
from wclab.explorers.arguments import slowest
from wclab.explorers.base import Explorer
from wclab.explorers.canvas import Event
from wclab.explorers.controls import Slider, button
from wclab.explorers.layers import count_words, mark, time_label
from wclab.explorers.pairs import FOLDER
from wclab.model import Model
from wclab.phaseplane import FixedPoint, phase_line
from wclab.phaseplane import PhaseLine as Line_
from wclab.phaseplane.orbits import orbit
from wclab.scene import Field, Layer, Line, Markers, Panel, Rule, Scene, Steps
from wclab.styles import short_names

RANGE = (-0.15, 1.05)  # of an activity: what can be reached, and a margin
ROWS = 301
VIEWS = {"speed: dr/dt against r": "speed", "line and curve: r and F": "balance"}


class PhaseLine(Explorer):
    """The derivative of the only state of a circuit over that state, and runs in time.

    On the canvas: a click on either panel starts a run at that value; starts can be dragged, or
    moved by the arrow keys.

    Parameters
    ----------
    circuit : CircuitTemplate, optional
        With one state; one population with feedback by default.
    starts : sequence of float, optional
        Where runs start.
    view : {"speed", "balance"}, optional
        The derivative, which is zero at a fixed point; or, for a population, the line r and the
        curve F(w r + I), which meet there.
    sliders : sequence of Slider, optional
        By default the weight and the input of a population.
    box : tuple of float, optional
        What is shown of the state, and where fixed points are searched.
    time : float, optional
        How long runs are; by default 20 times the time constant.

    Raises
    ------
    OptionError
        If the circuit has more than one state, or there is no such view.

    Examples
    --------
    >>> from wclab.explorers import PhaseLine
    >>> line = PhaseLine()
    >>> line.set({"e/se_op/r_ext": 0.5})
    >>> [f"{point.state[0]:.4f}" for point in line.points]
    ['0.0415', '0.4471', '0.8997']
    """

    def __init__(
        self,
        circuit: CircuitTemplate | None = None,
        *,
        starts: Sequence[float] = (0.2,),
        view: str = "speed",
        sliders: Sequence[Slider] | None = None,
        box: tuple[float, float] = RANGE,
        time: float | None = None,
    ) -> None:
        circuit = circuit or CircuitTemplate.from_yaml(f"{FOLDER}.wilsoncowan.single_population")
        states = circuit.model().states
        if len(states) != 1:
            raise OptionError(
                f"a phase line is that of a circuit with one state; this one has {len(states)}. "
                "PhasePlane shows two of them"
            )
        if view not in VIEWS.values():
            raise OptionError(f"view is one of {', '.join(VIEWS.values())}; not {show(view)}")
        self.box, self.time = (float(box[0]), float(box[1])), time
        self.starts = [float(start) for start in starts]
        self._first = list(self.starts), view
        self._given = None if sliders is None else list(sliders)
        self.points: list[FixedPoint] = []
        self.runs: list[np.ndarray] = []
        self._view = ipywidgets.Dropdown(
            options=list(VIEWS.items()), value=view, description="left", layout={"width": "21em"}
        )
        self._view.observe(lambda _: self.refresh(), names="value")
        super().__init__(
            PhaseLine.picture,
            circuit=circuit,
            sliders=_sliders(circuit) if sliders is None else sliders,
            extra=[self._view, button("clear runs", "Take away what was started", self.clear)],
            on_event=self.answer,
        )

    def launch(self, start: float) -> None:
        """Start a run, and draw."""
        self.starts.append(float(start))
        self.refresh()

    def clear(self) -> None:
        """Take away all runs."""
        self.starts.clear()
        self.refresh()

    def restart(self) -> None:
        """Go back to the runs and the view of the beginning."""
        self.starts = list(self._first[0])
        self._view.value = self._first[1]

    def answer(self, event: Event) -> None:
        """Start where a panel was clicked; move the start that is dragged."""
        value = event.x if event.panel == 0 else event.y
        if event.type == "click":
            self.launch(value)
        elif event.index < len(self.starts):
            self.starts[event.index] = value
            self.refresh()

    def picture(self) -> Scene:
        """Compute and return what is shown."""
        model = self.model
        line = phase_line(model, self.box)
        self.points = line.points
        name = short_names(model.states)[0] if "/rate_op/" not in model.states[0] else "r"
        height = 1.1 * max(float(np.abs(line.dx).max()), 1e-6)
        view = self._view.value
        left = self._speed(line, height) if view == "speed" else self._balance(model, line)
        time = self.time or 20 * slowest(model)
        moments = Steps(0.0, time / (ROWS - 1), ROWS)
        self.runs = [orbit(model, [start], time, rows=ROWS)[:, 0] for start in self.starts]
        layers: list[Layer] = [
            *left,
            *(Rule(panel=1, axis="y", at=float(p.state[0]), dash="solid" if p.stable else "dotted")
              for p in self.points),
            *(Line(panel=1, x=moments, y=run, color="E", width=1.6) for run in self.runs),
        ]  # fmt: skip
        if self.starts:
            starts = np.array(self.starts)
            level = np.zeros(len(starts)) if view == "speed" else starts
            shape: Any = {"shape": "triangle", "size": 11, "color": "accent", "drag": "start"}
            layers.append(Markers(x=starts, y=level, label="start", **shape))
            layers.append(Markers(panel=1, x=np.zeros(len(starts)), y=starts, **shape))
        speed = Panel(f"<i>{name}</i>", f"d<i>{name}</i>/d<i>t</i>", xlim=self.box,
                      ylim=(-height, height), events=("click", "keys", "hover"))  # fmt: skip
        balance = Panel(f"<i>{name}</i>", f"<i>{name}</i> and <i>F</i>", xlim=self.box,
                        ylim=self.box, events=("click", "keys", "hover"))  # fmt: skip
        course = Panel(time_label(), f"<i>{name}</i>", xlim=(0.0, time), ylim=self.box, width=1.2,
                       events=("click", "hover"))  # fmt: skip
        panels = [speed if view == "speed" else balance, course]
        return Scene("Phase line, and runs in time", self._words(name), panels, layers)

    def _speed(self, line: Line_, height: float) -> list[Layer]:
        """Return the derivative with arrows along the axis and the fixed points on it."""
        ends = [line.x[0], *(float(p.state[0]) for p in line.points), line.x[-1]]
        at = np.unique(np.concatenate([np.linspace(a, b, 4)[1:-1] for a, b in pairwise(ends)]))
        way = np.sign(np.interp(at, line.x, line.dx))
        layers: list[Layer] = [
            Rule(axis="y", at=0.0),
            Line(x=line.x, y=line.dx, color="E", label="speed"),
            Field(x=at, y=np.zeros(len(at)), u=way, v=np.zeros(len(at)), color="ink"),
        ]
        return layers + [mark(p.state[:1], [0.0], p.kind, label=_kind(p)) for p in line.points]

    def _balance(self, model: Model, line: Line_) -> list[Layer]:
        """Return the line r and the curve that it is drawn to."""
        tau = slowest(model)
        layers: list[Layer] = [
            Line(x=line.x, y=line.x, color="muted", dash="dashed", label="<i>r</i>"),
            Line(x=line.x, y=line.x + tau * line.dx, color="E", label="<i>F</i>"),
        ]
        return layers + [
            mark(p.state[:1], p.state[:1], p.kind, label=_kind(p)) for p in line.points
        ]

    def _words(self, name: str) -> str:
        """Return the fixed points, their growth rates, and where the runs go."""
        said = [
            f"{_kind(p)} at {name} = {p.state[0].round(4) + 0.0:.4f} "
            f"(λ = {p.eigenvalues[0].real:.4f})"
            for p in self.points
        ]
        text = (
            f"{count_words(len(said), 'fixed point')}: {'; '.join(said)}."
            if said
            else (f"No fixed point between {self.box[0]:g} and {self.box[1]:g}.")
        )
        for start, run in zip(self.starts[-3:], self.runs[-3:], strict=True):
            end = f"{run[-1]:.4f}" if np.isfinite(run[-1]) else "beyond every bound"
            text += f"\nThe run from {start:.3g} ends at {end}."
        return text

    def settings(self) -> dict[str, Any]:
        """Return the arguments that make this explorer again."""
        given: dict[str, Any] = {
            "starts": tuple(self.starts),
            "view": self._view.value,
            "time": self.time,
        }
        if self._given is not None:
            given["sliders"] = self._given
        return super().settings() | given | {"box": self.box}


def _kind(point: FixedPoint) -> str:
    """Return in a word whether a point of a line attracts."""
    return "stable" if point.stable else "unstable"


def _sliders(circuit: CircuitTemplate) -> list[Slider]:
    """Return sliders for the weight and the input of a population, as far as it has them."""
    sliders = []
    for key in circuit.model().parameters:
        if isinstance(key, tuple):
            sliders.append(Slider(key, 0.0, 10.0, label="$w$", name="weight w of the feedback"))
        elif key.endswith("/r_ext"):
            sliders.append(Slider(key, -1.0, 2.0, label="$I$", name="input I from outside"))
    return sliders
