"""Two populations under a pulse of input: their course in time, and their path E against I."""

from typing import Any

import pandas as pd

from wclab import inputs
from wclab.circuit import CircuitTemplate
from wclab.explorers.base import Explorer
from wclab.explorers.controls import Slider, checkbox
from wclab.explorers.layers import axis_label, time_label
from wclab.explorers.pairs import PRESETS, pair_sliders, read_pair
from wclab.scene import Layer, Line, Markers, Panel, Rule, Scene, Span, Steps

POINTS = 1_250
LIMITS = (-0.12, 0.52)  # activity: what is shown at least; the ceiling with k = 1 is 0.5


class TwoPopulations(Explorer):
    """A pulse to E, and what the two populations do; one cursor marks a moment on both panels.

    Parameters
    ----------
    circuit : CircuitTemplate, optional
        A pair with the nodes e and i; WC by default.
    drive : str, optional
        Path of the variable that the pulse goes to; the outside input of E by default.
    height : float, optional
        Of the pulse, from 0 to 3.
    on, off, simulation_time : float, optional
        When the pulse begins and ends, and the run, in the circuit's unit of time.
    step_size : float, optional
        From one point of the curves to the next, by default 1,250 to the end. The solver, that of
        Dormand and Prince, takes steps of its own and errs by less than 1e-8.
    pulse : bool, optional
        Whether the pulse is on.
    sliders : tuple of str, optional
        More sliders, by symbol: P, Q, w_ee, w_ei, w_ie, w_ii, tau_e, tau_i.

    Raises
    ------
    PathError
        If the circuit has no such drive.
    OptionError
        If the circuit is no pair.

    Examples
    --------
    >>> from wclab.explorers import TwoPopulations
    >>> explorer = TwoPopulations()
    >>> f"{explorer.results['E'].min():.4f}"
    '-0.0327'
    """

    def __init__(
        self,
        circuit: CircuitTemplate | None = None,
        *,
        drive: str | None = None,
        height: float = 1.0,
        on: float = 25.0,
        off: float = 100.0,
        simulation_time: float = 125.0,
        step_size: float | None = None,
        pulse: bool = True,
        sliders: tuple[str, ...] = (),
    ) -> None:
        circuit = circuit or CircuitTemplate.from_yaml(PRESETS["PyRates gallery"])
        self.drive, self.on, self.off = drive, on, off
        self.simulation_time, self.step_size = simulation_time, step_size
        self.symbols = sliders
        self.results = pd.DataFrame()
        self._pulse = checkbox("pulse", pulse, self.refresh)
        height_slider = Slider("height", 0.0, 3.0, height, 0.05, label="pulse height")
        super().__init__(
            TwoPopulations.picture,
            circuit=circuit,
            sliders=lambda circuit: [height_slider, *pair_sliders(circuit, sliders)],
            presets=PRESETS if sliders else None,
            extra=[self._pulse],
        )

    def run(self, height: float) -> pd.DataFrame:
        """Return the course of E and I for one height of the pulse."""
        circuit = self.circuit
        pair = read_pair(circuit)
        step = self.step_size or self.simulation_time / POINTS
        pulse = inputs.pulse(self.simulation_time, step, on=self.on, off=self.off, height=height)
        return circuit.run(
            self.simulation_time, step, inputs={self.drive or str(pair.keys["P"]): pulse},
            outputs={"E": pair.e, "I": pair.i}, solver="dopri5", rtol=1e-9, atol=1e-11,
        )  # fmt: skip

    def picture(self) -> Scene:
        """Run, and return what is shown."""
        height = self.values["height"] if self._pulse.value else 0.0
        self.results = self.run(height)
        e, i = (self.results[name].to_numpy() for name in ("E", "I"))
        times = Steps(0.0, float(self.results.index[1]), len(e))
        unit = read_pair(self.circuit).unit
        low = min(LIMITS[0], 1.1 * float(min(e.min(), i.min())))
        high = max(LIMITS[1], 1.05 * float(max(e.max(), i.max())))
        shared: dict[str, Any] = {"ylim": (low, high), "events": ("hover",)}
        panels = [
            Panel(time_label(unit), "activity", xlim=(0.0, self.simulation_time),
                  width=1.7, cursor="time", **shared),
            Panel(axis_label("E"), axis_label("I"), xlim=(low, high), square=True, **shared),
        ]  # fmt: skip
        layers: list[Layer] = [
            Rule(axis="y", at=0.0, color="muted"),
            Line(x=times, y=e, color="E", label="<i>E</i>", cursor=True),
            Line(x=times, y=i, color="I", dash="dashed", label="<i>I</i>", cursor=True),
            Line(panel=1, x=e, y=i, width=1.4, cursor=True),
            Markers(panel=1, x=e[:1], y=i[:1], filled=False),
            Markers(panel=1, x=e[-1:], y=i[-1:]),
        ]
        if self._pulse.value:
            layers.insert(0, Span(start=self.on, stop=self.off))
        return Scene(
            "Activity of E and I in time, and I against E", self.words(height), panels, layers
        )

    def words(self, height: float) -> str:
        """Return what the run shows."""
        last, lowest = self.results.iloc[-1], self.results["E"].min()
        below = f" E falls below zero (lowest {lowest:.4f})." if lowest < -5e-5 else ""
        return (
            f"Pulse height {height:.2f}: E rises to {self.results['E'].max():.4f}; at the end "
            f"E = {last['E']:.4f}, I = {last['I']:.4f}.{below}"
        )

    def settings(self) -> dict[str, Any]:
        """Return the arguments that make this explorer again."""
        given: dict[str, Any] = {
            "drive": self.drive, "on": self.on, "off": self.off, "pulse": self._pulse.value,
            "simulation_time": self.simulation_time, "step_size": self.step_size,
            "sliders": self.symbols,
        }  # fmt: skip
        return super().settings() | given
