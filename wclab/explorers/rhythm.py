"""A rhythm against a parameter: where it is born, how large and how slow it is."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from wclab.bifurcation import cycles, equilibria
from wclab.circuit import CircuitTemplate
from wclab.errors import SolverError
from wclab.explorers.arguments import slowest
from wclab.explorers.base import Explorer
from wclab.explorers.canvas import Event
from wclab.explorers.controls import Key
from wclab.explorers.layers import eigenvalue_words, mark, parted, time_label
from wclab.explorers.pairs import PRESETS, Pair, key_of, pair_slider, pair_sliders, read_pair
from wclab.explorers.settled import Settled, settle
from wclab.model import Model
from wclab.phaseplane import FixedPoint, fixed_points
from wclab.scene import Layer, Line, Markers, Note, Panel, Rule, Scene, Steps

PUSH = 0.02  # off the point of rest, where a run begins
OTHERS = ((0.3, 0.1), (0.1, 0.3), (0.45, 0.05))  # more starts, where rest is stable too
ROUNDS = 6  # periods that are shown
SHORT = {"hopf": "H", "fold": "F", "branch point": "BP"}


class Rhythm(Explorer):
    """Size and period of a pair's rhythm over a parameter, the eigenvalues, and a run.

    The line at the present value can be dragged, or moved by the arrow keys.

    Parameters
    ----------
    circuit : CircuitTemplate, optional
        A pair with the nodes e and i; by default that of Neuromatch's rhythm.
    parameter : str or tuple of str, optional
        A symbol (P, Q, w_ee, w_ei, w_ie, w_ii, tau_e, tau_i), a path, or an edge.
    range : tuple of float, optional
        Of the parameter; by default around the circuit's value.
    sliders : sequence of str, optional
        More sliders, by symbol; each move computes the branches again, in about a quarter of a
        second.

    Raises
    ------
    OptionError
        If the circuit is no pair, or has no such symbol.

    Examples
    --------
    >>> from wclab.explorers import Rhythm
    >>> rhythm = Rhythm()
    >>> f"{rhythm.settled.period:.4f}"
    '21.5206'
    >>> f"{rhythm.hopf[0].parameter:.6f}"
    '1.489176'
    """

    def __init__(
        self,
        circuit: CircuitTemplate | None = None,
        *,
        parameter: str | tuple[str, str] = "tau_i",
        range: tuple[float, float] | None = None,
        sliders: Sequence[str] = (),
    ) -> None:
        circuit = circuit or CircuitTemplate.from_yaml(PRESETS["Neuromatch, rhythm"])
        self.parameter, self.symbols = parameter, tuple(sliders)
        self.pair: Pair = read_pair(circuit)
        self.varied: Key = key_of(self.pair, parameter)
        self._kept: tuple[Any, ...] = ()
        self.hopf: list[Any] = []
        self.point: FixedPoint | None = None
        main = pair_slider(circuit, parameter, range)
        self.limits = (main.low, main.high)
        super().__init__(
            Rhythm.picture,
            circuit=circuit,
            sliders=[main, *pair_sliders(circuit, self.symbols)],
            on_event=self.answer,
        )

    def answer(self, event: Event) -> None:
        """Move the value to where its line was dragged."""
        if event.name == "value":
            self.set({self.varied: float(np.clip(event.x, *self.limits))})

    def picture(self) -> Scene:
        """Compute and return what is shown."""
        model, value = self.model, self.values[self.varied]
        diagram, rhythms = self._branches(model)
        self.hopf = diagram.special_points("hopf")
        points = fixed_points(model)
        self.point = max(points, key=_swirl)
        self.settled = self._settle(model, points, rhythms)
        name = self._controls[self.varied].slider.words
        sizes = [*(b.states[:, 0] for b in diagram.branches), *(r.maximum[:, 0] for r in rhythms)]
        top = 1.15 * max(float(s.max()) for s in sizes)
        bottom = min(-0.05, 1.1 * min(float(s.min()) for s in sizes))
        late = self._late()
        largest = self._largest(rhythms, self.settled.period)
        panels = [
            Panel(name, "<i>E</i>: rest, and largest and smallest", xlim=self.limits,
                  ylim=(bottom, top)),
            Panel(name, "period", xlim=self.limits, ylim=(0.0, largest)),
            Panel("real part of λ", "imaginary part", xlim=_around(self.point, "real"),
                  ylim=_around(self.point, "imag"), width=0.8),
            Panel(time_label(self.pair.unit), "activity", xlim=(0.0, float(late[0][-1])),
                  ylim=(bottom, max(top, 1.1 * float(late[1].max()))), width=1.2, cursor="time"),
        ]  # fmt: skip
        layers = [
            *_size_layers(diagram, rhythms),
            *self._period_layers(diagram, rhythms),
            *_eigenvalue_layers(self.point),
            *_courses(*late),
        ]
        for panel in (0, 1):
            layers.append(
                Rule(panel=panel, axis="x", at=value, color="accent", dash="dashed", drag="value")
            )
        if np.isfinite(self.settled.period):
            layers.append(Markers(panel=1, x=[value], y=[self.settled.period], color="accent"))
        return Scene("A rhythm against a parameter", self._words(value), panels, layers)

    def _branches(self, model: Model) -> tuple[Any, list[Any]]:
        """Return the states of rest and the cycles; computed again when other numbers change."""
        others = tuple(v for k, v in model.parameters.items() if k != self.varied)
        if not self._kept or self._kept[0] != others:
            diagram = equilibria(model, self.varied, self.limits)
            rhythms = []
            for point in diagram.special_points("hopf"):
                try:
                    rhythms.append(cycles(model, point))
                except SolverError:  # no branch leaves it: the picture goes without
                    continue
            self._kept = (others, diagram, rhythms)
        return self._kept[1], self._kept[2]

    def _settle(self, model: Model, points: list[FixedPoint], rhythms: list[Any]) -> Settled:
        """Return where a run ends: on the rhythm, if there is one at this value."""
        assert self.point is not None
        longest = slowest(model)
        found = settle(model, self.point.state + np.array([PUSH, 0.0]), longest)
        value = self.values[self.varied]
        rhythmic = any(r.parameter.min() <= value <= r.parameter.max() for r in rhythms)
        for start in OTHERS if rhythmic and np.isnan(found.period) else ():
            other = settle(model, np.array(start), longest)
            if np.isfinite(other.period):
                return other
        return found

    def _late(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the end of the run: a few periods, or a third of it at rest."""
        time, states = self.settled.time, self.settled.states
        if np.isfinite(self.settled.period):
            rows = int(ROUNDS * self.settled.period / (time[1] - time[0])) + 2
            time, states = time[-rows:], states[-rows:]
        return time - time[0], states

    def _largest(self, rhythms: list[Any], period: float) -> float:
        """Return the top of the axis of periods."""
        seen = [period] if np.isfinite(period) else []
        for rhythm in rhythms:
            inside = (rhythm.parameter >= self.limits[0]) & (rhythm.parameter <= self.limits[1])
            seen += rhythm.period[inside].tolist()
        typical = float(np.median(seen)) if seen else 10.0
        return 1.1 * min(max(seen, default=10.0), 5 * typical)

    def _period_layers(self, diagram: Any, rhythms: list[Any]) -> list[Layer]:
        layers: list[Layer] = []
        for branch in diagram.branches:
            turning = np.abs(branch.eigenvalues.imag).max(axis=1)
            with np.errstate(divide="ignore"):
                naive = np.where(turning > 0, 2 * np.pi / turning, np.nan)
            layers.append(Line(panel=1, x=branch.parameter, y=naive, color="muted", dash="dotted",
                               label="2π / Im λ"))  # fmt: skip
        for rhythm in rhythms:
            layers.append(Line(panel=1, x=rhythm.parameter, y=rhythm.period, color="E",
                               label="period"))  # fmt: skip
        return layers

    def _words(self, value: float) -> str:
        assert self.point is not None
        eigenvalues = self.point.eigenvalues
        name = self._controls[self.varied].slider.words
        text = f"At {value:.4g} ({name}): {self.point.kind}, λ = {eigenvalue_words(eigenvalues)}. "
        turning = float(np.abs(np.imag(eigenvalues)).max())
        if np.isfinite(self.settled.period):
            text += f"The rhythm has the period {self.settled.period:.4f}"
            if self.pair.unit == "ms":
                text += f" ms ({1000 / self.settled.period:.3f} Hz)"
            text += "; " if turning else ". "
        else:
            text += "The run comes to rest. "
        if turning:
            text += f"2π / Im λ = {2 * np.pi / turning:.4f}. "
        places = [f"{point.parameter:.6f}" for point in self.hopf]
        text += (
            f"Hopf point{'s' * (len(places) > 1)} at {', '.join(places)}."
            if places
            else (f"No Hopf point from {self.limits[0]:g} to {self.limits[1]:g}.")
        )
        return text

    def settings(self) -> dict[str, Any]:
        """Return the arguments that make this explorer again."""
        given = {"parameter": self.parameter, "range": self.limits, "sliders": self.symbols}
        return super().settings() | given


def _swirl(point: FixedPoint) -> tuple[bool, float]:
    """Order points by what turns, and grows."""
    return bool(np.iscomplexobj(point.eigenvalues)), float(point.eigenvalues.real.max())


def _size_layers(diagram: Any, rhythms: list[Any]) -> list[Layer]:
    """Return rest as lines, stable ones solid, and the extremes of cycles as marks."""
    layers: list[Layer] = []
    for branch in diagram.branches:
        for keep, dash in ((branch.stable, "solid"), (~branch.stable, "dashed")):
            x, y = parted([branch.parameter, branch.states[:, 0]], keep)
            look: Any = {"color": "ink", "dash": dash}
            label = "rest, stable" if dash == "solid" else "rest, unstable"
            layers.append(Line(x=x, y=y, label=label if keep.any() else "", **look))
    for rhythm in rhythms:
        for stable in (True, False):
            keep = rhythm.stable == stable
            if keep.any():
                x = np.tile(rhythm.parameter[keep], 2)
                y = np.concatenate([rhythm.minimum[keep, 0], rhythm.maximum[keep, 0]])
                label = "cycle, stable" if stable else "cycle, unstable"
                layers.append(Markers(x=x, y=y, filled=stable, size=6, color="E", label=label))
    for point in diagram.special:
        if point.kind in SHORT:
            at, size = point.parameter, float(point.state[0])
            layers.append(Markers(x=[at], y=[size], shape="diamond", color="accent"))
            layers.append(Note(x=at, y=size, text=f"  {SHORT[point.kind]}"))
    return layers


def _eigenvalue_layers(point: FixedPoint) -> list[Layer]:
    values = point.eigenvalues
    return [
        Rule(panel=2, axis="x", at=0.0, color="ink"),
        Rule(panel=2, axis="y", at=0.0),
        mark(values.real.copy(), np.imag(values).copy(), point.kind, panel=2),
    ]


def _around(point: FixedPoint, part: str) -> tuple[float, float]:
    """Return limits that hold the eigenvalues and zero."""
    largest = float(np.abs(getattr(point.eigenvalues, part)).max())
    power = 2.0 ** np.ceil(np.log2(1.1 * max(largest, 1e-3)))
    return -power, power


def _courses(time: np.ndarray, states: np.ndarray) -> list[Layer]:
    moments = Steps(0.0, float(time[1] - time[0]), len(time))
    e, i = (states[:, k].copy() for k in (0, 1))
    return [
        Line(panel=3, x=moments, y=e, color="E", label="<i>E</i>", cursor=True),
        Line(panel=3, x=moments, y=i, color="I", dash="dashed", label="<i>I</i>", cursor=True),
    ]
