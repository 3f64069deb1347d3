"""The plane of trace and determinant, where the kind of a fixed point can be read off."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from wclab.circuit import CircuitTemplate
from wclab.explorers.arguments import pair_box
from wclab.explorers.base import Explorer
from wclab.explorers.canvas import Event
from wclab.explorers.controls import Slider
from wclab.explorers.layers import (
    axis_label,
    count_words,
    eigenvalue_words,
    field_layer,
    mark,
    nullcline_layers,
    point_layers,
)
from wclab.explorers.pairs import PRESETS, SYMBOLS, pair_sliders, read_pair
from wclab.phaseplane import VectorField, fixed_points, nullclines, vector_field
from wclab.phaseplane.kinds import kind_of
from wclab.scene import Layer, Line, Note, Panel, Rule, Scene
from wclab.styles import short_names

LINEAR = {"Hopf point": "centre", "fold": "a line of points of rest"}  # no higher terms
TRACES, DETERMINANTS = (-3.0, 3.0), (-2.0, 3.0)
BOX = 2.0  # half a side of the linear flow's picture
STEPS, TIME = 240, 12.0  # of a linear run
ANGLES = np.arange(8) * np.pi / 4  # where linear runs start, on a circle


class TraceDeterminant(Explorer):
    """A fixed point's trace and determinant, and the flow around it.

    Without a circuit a point of the plane can be dragged, and the linear system
    ``x' = y, y' = -det x + trace y`` follows. With one, every fixed point is a dot, and moves with
    the sliders.

    Parameters
    ----------
    circuit : CircuitTemplate, optional
        A pair with the nodes e and i.
    trace, determinant : float, optional
        Where the point begins, without a circuit.
    sliders : sequence of str, optional
        Of a pair: P, Q, w_ee, w_ei, w_ie, w_ii, tau_e, tau_i.

    Raises
    ------
    OptionError
        If the circuit is no pair.

    Examples
    --------
    >>> from wclab.explorers import TraceDeterminant
    >>> TraceDeterminant(trace=-0.5, determinant=1.0).text
    'trace -0.500, determinant 1.000: stable focus, λ = -0.25 ± 0.9682i.'
    """

    def __init__(
        self,
        circuit: CircuitTemplate | None = None,
        *,
        trace: float = -0.5,
        determinant: float = 1.0,
        sliders: Sequence[str] = SYMBOLS,
    ) -> None:
        self.symbols = tuple(sliders)
        if circuit is None:
            super().__init__(
                TraceDeterminant.linear,
                sliders=[
                    Slider("trace", *TRACES, trace, 0.05),
                    Slider("determinant", *DETERMINANTS, determinant, 0.05),
                ],
                on_event=self.answer,
            )
            return
        read_pair(circuit)
        super().__init__(
            TraceDeterminant.dots,
            circuit=circuit,
            sliders=lambda circuit: pair_sliders(circuit, self.symbols),
            presets=PRESETS,
        )

    def answer(self, event: Event) -> None:
        """Move the point to where it was dragged, or clicked."""
        if event.panel == 0:
            x = float(np.clip(event.x, *TRACES))
            self.set({"trace": x, "determinant": float(np.clip(event.y, *DETERMINANTS))})

    def linear(self) -> Scene:
        """Return the point and its linear flow."""
        trace, determinant = self.values["trace"], self.values["determinant"]
        matrix = np.array([[0.0, 1.0], [-determinant, trace]])
        eigenvalues = np.linalg.eigvals(matrix)
        kind = kind_of(matrix, eigenvalues)
        kind = LINEAR.get(kind, kind)
        layers = [
            *_regions(TRACES, DETERMINANTS),
            mark([trace], [determinant], kind, drag="point", size=11, color="accent"),
        ]
        side = np.linspace(-BOX, BOX, 17)
        x, y = np.meshgrid(side, side)
        u, v = np.tensordot(matrix, np.array([x, y]), axes=1)
        layers.append(field_layer(VectorField(("x", "y"), side, side, u, v), 1))
        layers += _linear_runs(matrix)
        layers.append(mark([0.0], [0.0], kind, panel=1))
        panels = [
            Panel("trace", "determinant", xlim=TRACES, ylim=DETERMINANTS,
                  events=("click", "keys", "hover")),
            Panel("<i>x</i>", "<i>y</i>", xlim=(-BOX, BOX), ylim=(-BOX, BOX), square=True),
        ]  # fmt: skip
        text = (
            f"trace {trace:.3f}, determinant {determinant:.3f}: {kind}, "
            f"λ = {eigenvalue_words(eigenvalues)}."
        )
        return Scene("Trace and determinant, and the linear flow", text, panels, layers)

    def dots(self) -> Scene:
        """Return the dots of a circuit's fixed points, and its phase portrait."""
        model = self.model
        points = fixed_points(model)
        traces = np.array([p.trace for p in points])
        determinants = np.array([p.determinant for p in points])
        across, up = (
            _round_up(1.2 * np.abs(traces).max()),
            _round_up(1.2 * np.abs(determinants).max()),
        )
        xlim, ylim = (-across, across), (-up, up)
        layers = _regions(xlim, ylim)
        for k, (point, x, y) in enumerate(zip(points, traces, determinants, strict=True), 1):
            layers.append(mark([x], [y], point.kind, size=10, color="accent"))
            layers.append(Note(x=x, y=y + 0.06 * up, text=str(k), align="center"))
            e, i = point.state.tolist()
            layers.append(Note(panel=1, x=e + 0.02, y=i + 0.03, text=str(k)))
        box = pair_box(model)
        layers.append(field_layer(vector_field(model, box, 18), 1))
        layers += nullcline_layers(nullclines(model, box, 200), 1)
        layers += point_layers(points, 1)
        first, second = (axis_label(name) for name in short_names(model.states))
        panels = [
            Panel("trace", "determinant", xlim=xlim, ylim=ylim),
            Panel(first, second, xlim=box[0], ylim=box[1], square=True),
        ]
        said = [
            f"{k} at ({p.state[0].round(4) + 0.0:.4f}, {p.state[1].round(4) + 0.0:.4f}) {p.kind}, "
            f"trace {p.trace:.4f}, determinant {p.determinant:.6f}"
            for k, p in enumerate(points, 1)
        ]
        text = f"{count_words(len(points), 'fixed point')}: {'; '.join(said)}."
        return Scene("Trace and determinant of every fixed point", text, panels, layers)

    def settings(self) -> dict[str, Any]:
        """Return the arguments that make this explorer again."""
        return super().settings() | {"sliders": self.symbols}


def _regions(xlim: tuple[float, float], ylim: tuple[float, float]) -> list[Layer]:
    """Return the parabola and the axes that part the kinds, and the kinds' names."""
    x = np.linspace(*xlim, 121)
    layers: list[Layer] = [
        Rule(axis="x", at=0.0),
        Rule(axis="y", at=0.0),
        Line(x=x, y=x**2 / 4, color="muted", dash="dashed", label="trace² = 4 determinant"),
    ]
    wide, high = 0.97 * xlim[1], ylim[1]
    focus = 0.9 * high
    node = min(0.6 * wide**2 / 4, 0.12 * high)
    for sign, word, align in ((-1, "stable", "left"), (1, "unstable", "right")):
        near: Any = {"align": "right" if sign < 0 else "left"}
        layers.append(Note(x=sign * 0.04 * wide, y=focus, text=f"{word} focus", **near))
        if wide**2 / 4 > 0.3 * high:  # else there is no room under the parabola
            far: Any = {"align": align}
            layers.append(Note(x=sign * wide, y=node, text=f"{word} node", **far))
    layers.append(Note(x=0.04 * wide, y=0.6 * ylim[0], text="saddle"))
    return layers


def _linear_runs(matrix: np.ndarray) -> list[Layer]:
    """Return runs of a linear system from a circle, both ways in time."""
    from scipy.linalg import expm

    layers: list[Layer] = []
    for sign in (1.0, -1.0):
        step = expm(sign * TIME / STEPS * matrix)
        states = np.empty((STEPS + 1, 2, len(ANGLES)))
        states[0] = 0.5 * BOX * np.array([np.cos(ANGLES), np.sin(ANGLES)])
        for k in range(STEPS):
            states[k + 1] = step @ states[k]
        states[np.abs(states) > 3 * BOX] = np.nan
        gap = np.full((1, 2, len(ANGLES)), np.nan)
        runs = np.concatenate([states, gap]).transpose(2, 0, 1).reshape(-1, 2)
        layers.append(Line(panel=1, x=runs[:, 0].copy(), y=runs[:, 1].copy(), width=1.1, alpha=0.8))
    return layers


def _round_up(value: float) -> float:
    """Return the next of 1, 2, 5, 10, 20, ... times a power of ten."""
    power = 10.0 ** np.floor(np.log10(max(value, 1e-9)))
    return float(next(k * power for k in (1, 2, 5, 10) if k * power >= value * (1 - 1e-12)))
