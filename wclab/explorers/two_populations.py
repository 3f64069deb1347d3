"""Two populations under a pulse of input: their course in time, and their path E against I."""

from typing import Any

import ipywidgets
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from wclab import inputs, plots
from wclab.circuit import CircuitTemplate
from wclab.explorers.picture import Picture

LIMITS = (-0.12, 0.52)  # activity: what is shown; the ceiling with k = 1 is 0.5
TICKS = np.arange(-0.1, 0.51, 0.1)


class TwoPopulations(ipywidgets.VBox):
    """A slider for the height of a pulse to E, and what the two populations do.

    Parameters
    ----------
    circuit : CircuitTemplate, optional
        With the states ``e/rate_op/r`` and ``i/rate_op/r``; WC by default.
    drive : str, optional
        Path of the variable that the pulse goes to.
    height : float, optional
        Where the slider starts, from 0 to 3.
    on, off, simulation_time : float, optional
        When the pulse begins and ends, and the run, in ms.
    step_size : float, optional
        Step of the Runge-Kutta solver, in ms; at 0.1 (tau/100) its error is below 1e-8.

    Raises
    ------
    PathError
        If the circuit has no such states or drive.

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
        drive: str = "e/se_op/r_ext",
        height: float = 1.0,
        on: float = 25.0,
        off: float = 100.0,
        simulation_time: float = 125.0,
        step_size: float = 0.1,
    ) -> None:
        name = "model_templates.neural_mass_models.wilsoncowan.WC"
        self.circuit = circuit or CircuitTemplate.from_yaml(name)
        self.drive, self.on, self.off = drive, on, off
        self.simulation_time, self.step_size = simulation_time, step_size
        self.results = self.run(height)
        self.text = describe(self.results, height)
        figure = self.figure()
        self._time, self._plane = figure.axes
        moving = [*self._time.lines, *self._plane.lines]
        self._picture = Picture(figure, moving)
        self.slider = ipywidgets.FloatSlider(
            value=height, min=0.0, max=3.0, step=0.05, description="pulse height",
            readout_format=".2f", style={"description_width": "initial"},
            layout=ipywidgets.Layout(width="28em"),
        )  # fmt: skip
        reset = ipywidgets.Button(
            description="reset", tooltip="Back to the first height", layout={"width": "6em"}
        )
        reset.on_click(lambda _: self.slider.set_trait("value", height))
        self._readout = ipywidgets.HTML()
        self.slider.observe(lambda change: self.update(change["new"]), names="value")
        self.update(height)
        row = ipywidgets.HBox([self.slider, reset])
        super().__init__([row, self._picture, self._readout])

    def run(self, height: float) -> pd.DataFrame:
        """Return the course of E and I for one height of the pulse."""
        pulse = inputs.pulse(
            self.simulation_time, self.step_size, on=self.on, off=self.off, height=height
        )
        return self.circuit.run(
            self.simulation_time, self.step_size, inputs={self.drive: pulse},
            outputs={"E": "e/rate_op/r", "I": "i/rate_op/r"}, solver="rk4",
        )  # fmt: skip

    def update(self, height: float) -> None:
        """Show another height."""
        self.results = self.run(height)
        self.text = describe(self.results, height)
        times = self.results.index.to_numpy()
        e, i = self.results["E"].to_numpy(), self.results["I"].to_numpy()
        for line, values in zip(self._time.lines, (e, i), strict=True):
            line.set_data(times, values)
        path, start, end = self._plane.lines
        path.set_data(e, i)
        start.set_data(e[:1], i[:1])
        end.set_data(e[-1:], i[-1:])
        self._picture.show(self.text)
        self._readout.value = self.text

    def figure(self) -> Figure:
        """Return a matplotlib Figure of what is shown."""
        figure = Figure(figsize=(9.0, 3.4), dpi=110, layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1.7, 1.0), gridspec_kw={"wspace": 0.06})
        plots.time_course(self.results, ax=left, time_unit="ms")
        plots.trajectory(self.results, ax=right)
        left.axvspan(self.on, self.off, color="0.92", zorder=0)
        left.set(xlim=(0.0, self.simulation_time), ylim=LIMITS, yticks=TICKS)
        right.set(xlim=LIMITS, ylim=LIMITS, xticks=TICKS, yticks=TICKS)
        for ax in (left, right):
            ax.grid(color="0.88", linewidth=0.6)
            ax.set_axisbelow(True)
        return figure

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widget, and for pages without a kernel a picture."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["image/png"] = self._picture.png()
        data["text/plain"] = f"TwoPopulations: {self.text}"
        return bundle


def describe(results: pd.DataFrame, height: float) -> str:
    """Return in words what a run shows."""
    last, lowest = results.iloc[-1], results["E"].min()
    peak = results["E"].max()
    below = f" E falls below zero (lowest {lowest:.4f})." if lowest < -5e-5 else ""
    return (
        f"Pulse height {height:.2f}: E rises to {peak:.4f}; at the end E = {last['E']:.4f}, "
        f"I = {last['I']:.4f}.{below}"
    )
