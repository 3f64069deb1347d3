"""Memory of one population: slow ramps of its input, and what a pulse leaves behind."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import brentq

from wclab import inputs
from wclab.circuit import CircuitTemplate
from wclab.errors import OptionError, show
from wclab.explorers.base import Explorer
from wclab.explorers.controls import Key, Slider, button
from wclab.explorers.fi_curve import response
from wclab.explorers.layers import parted, time_label
from wclab.explorers.pairs import FOLDER
from wclab.model import Model
from wclab.scene import Dash, Layer, Line, Markers, Note, Panel, Rule, Scene, Steps

SPAN = (-0.5, 1.5)  # of the input
HOLD, PULSE, HEIGHT = 40.0, 5.0, 1.0  # of an event, in time constants; of a pulse to the input
STEP = 0.2  # of the solver, in time constants: Runge-Kutta errs by less than 1e-6 there
SHOWN = 800  # points of a curve
NOISE_TIME = 1.0  # correlation time of the noise, in time constants
FINE = np.linspace(-30.0, 40.0, 4_000)  # total inputs along the branch
EVENTS = ("evolve", "perturb")


class RampMemory(Explorer):
    """The input of a population goes slowly up and down again; then it is held, or pulsed.

    Parameters
    ----------
    circuit : CircuitTemplate, optional
        One population that feeds back to itself.
    speed : float, optional
        Change of the input per unit of time.
    input : float, optional
        What the input is held at after the ramps.
    sigma : float, optional
        Standard deviation of Ornstein-Uhlenbeck noise on the input.
    seed : int, optional
        Of the noise.
    events : sequence of tuple, optional
        What came after the ramps: ("evolve", input) held the input there, ("perturb", input) gave a
        pulse first.

    Raises
    ------
    OptionError
        If the circuit is no such population, or an event has another name.

    Examples
    --------
    >>> from wclab.explorers import RampMemory
    >>> memory = RampMemory(speed=1e-3)
    >>> [f"{fold:.6f}" for fold in memory.folds]
    ['0.121935', '0.813757']
    >>> memory.jumps[0] > memory.folds[1]   # a ramp jumps behind the fold
    True
    """

    def __init__(
        self,
        circuit: CircuitTemplate | None = None,
        *,
        speed: float = 0.01,
        input: float = 0.5,
        sigma: float = 0.0,
        seed: int = 1,
        events: Sequence[tuple[str, float]] = (),
    ) -> None:
        circuit = circuit or CircuitTemplate.from_yaml(f"{FOLDER}.wilsoncowan.single_population")
        response(circuit.model(), np.zeros(1))  # tells what is missing
        wrong = [name for name, _ in events if name not in EVENTS]
        if wrong:
            raise OptionError(f"an event is one of {', '.join(EVENTS)}; not {show(wrong[0])}")
        self.events = [(name, float(value)) for name, value in events]
        self._first = list(self.events)
        self.folds: list[float] = []
        self.jumps: list[float] = []
        self._weight, self._drive, self._tau, self._k = _keys(circuit.model())
        sliders = [
            Slider(self._weight, 0.0, 10.0, label="$w$", name="weight w of the feedback"),
            Slider("speed", 1e-3, 0.1, speed, name="speed of the ramp", scale="log"),
            Slider("input", *SPAN, input, 0.02, name="input that is held"),
            Slider("sigma", 0.0, 0.5, sigma, 0.01, label=r"$\sigma$", name="noise of the input"),
            Slider("seed", 0.0, 99.0, float(seed), 1.0, name="seed of the noise"),
        ]
        tools = [
            button("evolve", "Hold the input, from where the state is", self.evolve),
            button("perturb", "Give a pulse first, then hold the input", self.perturb),
        ]
        super().__init__(RampMemory.picture, circuit=circuit, sliders=sliders, extra=tools)

    def evolve(self) -> None:
        """Hold the input at the slider's value, from where the state is."""
        self._add("evolve")

    def perturb(self) -> None:
        """Give a pulse, then hold the input at the slider's value."""
        self._add("perturb")

    def _add(self, name: str) -> None:
        self.events.append((name, self.values["input"]))
        self.refresh()

    def restart(self) -> None:
        """Go back to the events of the beginning."""
        self.events = list(self._first)

    def picture(self) -> Scene:
        """Run, and return what is shown."""
        model = self.model
        tau = model.parameters[self._tau]
        step = STEP * tau
        ramp, signal = self._signal(step, tau)
        time = len(signal) * step
        noise: Any = 0.0
        if self.values["sigma"] > 0:
            noise = inputs.ornstein_uhlenbeck(
                time, step, tau=NOISE_TIME * tau, sigma=self.values["sigma"],
                seed=int(self.values["seed"]),
            )  # fmt: skip
        rate = self._run(signal + noise, step)
        branch_input, branch, stable, self.folds = branch_of(model, self._weight, self._k)
        self.jumps = [_jump(signal[part], rate[part]) for part in (ramp[0], ramp[1])]
        every = max(1, len(rate) // SHOWN)
        panels = [
            Panel("input <i>I</i>", "activity <i>r</i>", xlim=SPAN, ylim=(-0.15, 1.05)),
            Panel(time_label(), "<i>r</i> and <i>I</i>", xlim=(0.0, time), ylim=SPAN, width=1.6,
                  cursor="time"),
        ]  # fmt: skip
        layers: list[Layer] = [
            *(Rule(axis="x", at=fold, dash="dotted") for fold in self.folds),
            *(Note(x=fold, y=-0.1, text=f" {fold:.3f}") for fold in self.folds),
        ]
        looks: tuple[tuple[np.ndarray, Dash, str], ...] = (
            (stable, "solid", "stable"),
            (~stable, "dashed", "unstable"),
        )
        for keep, dash, label in looks:
            x, y = parted([branch_input, branch], keep)
            layers.append(Line(x=x, y=y, color="muted", dash=dash, width=3.0, label=label))
        up, down = (slice(part.start, part.stop, every) for part in ramp)
        layers += [
            Line(x=signal[up].copy(), y=rate[up].copy(), color="E", label="up"),
            Line(x=signal[down].copy(), y=rate[down].copy(), color="accent", dash="dashdot",
                 label="down"),
            Line(panel=1, x=Steps(0.0, every * step, len(rate[::every])),
                 y=signal[::every].copy(), color="muted", dash="dashed", label="<i>I</i>",
                 cursor=True),
            Line(panel=1, x=Steps(0.0, every * step, len(rate[::every])), y=rate[::every].copy(),
                 color="E", label="<i>r</i>", cursor=True),
        ]  # fmt: skip
        if self.events:
            after = slice(ramp[1].stop, None, every)
            layers.append(Line(x=signal[after].copy(), y=rate[after].copy(), color="ink"))
            layers.append(Markers(x=signal[-1:], y=rate[-1:]))
        return Scene("Ramps of the input, and memory", self._words(rate), panels, layers)

    def _signal(self, step: float, tau: float) -> tuple[tuple[slice, slice], np.ndarray]:
        """Return where the two ramps lie among the samples, and the input without noise."""
        low, high = SPAN
        count = max(20, round((high - low) / self.values["speed"] / step))
        up = low + (high - low) * (np.arange(count) + 0.5) / count
        parts = [up, up[::-1]]
        for name, held in self.events:
            samples = np.full(round(HOLD * tau / step), held)
            if name == "perturb":
                samples[: round(PULSE * tau / step)] += HEIGHT
            parts.append(samples)
        return (slice(0, count), slice(count, 2 * count)), np.concatenate(parts)

    def _run(self, signal: np.ndarray, step: float) -> np.ndarray:
        """Return the activity at the end of each step, from rest at the first input."""
        circuit = self.circuit
        state = circuit.model().states[0]
        first = circuit.with_vars({self._drive: float(signal[0])})
        settled = first.run(HOLD * step / STEP, step, outputs=[state], solver="rk4")
        begun = circuit.with_vars({state: float(settled.to_numpy()[-1, 0])})
        found = begun.run(
            len(signal) * step, step, inputs={self._drive: signal}, outputs=[state], solver="rk4"
        )
        return found.to_numpy()[:, 0]

    def _words(self, rate: np.ndarray) -> str:
        if len(self.folds) == 2:
            text = f"Folds at I = {self.folds[0]:.6f} and {self.folds[1]:.6f}."
        else:
            text = "No folds: one state of rest for each input."
        up, down = self.jumps
        if np.isfinite(up) and np.isfinite(down):
            text += f" The ramp jumps up at {up:.4f} and down at {down:.4f}."
        else:
            text += " No jump stands out on both ramps."
        if self.events:
            name, held = self.events[-1]
            done = "a pulse and then I" if name == "perturb" else "I"
            text += f"\nAfter {done} = {held:.2f} the activity is {rate[-1]:.4f}."
        return text

    def settings(self) -> dict[str, Any]:
        """Return the arguments that make this explorer again."""
        given = super().settings()
        return given | {"seed": int(given["seed"]), "events": tuple(self.events)}


def branch_of(
    model: Model, weight: Key, k: Key | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[float]]:
    """Return the states of rest of one population along its input, and the folds.

    At rest ``r = F(x)/(1 + k F(x))``, and the outside input is ``I = x - w r``: explicit over the
    total input x. A state is stable where I grows with x.

    Returns
    -------
    tuple
        Inputs and states in the range that is shown, both of shape (n,); which are stable; the
        inputs of all folds, sorted.
    """
    w = model.parameters[weight]
    factor = 0.0 if k is None else model.parameters[k]

    def rest(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        f, slope = response(model, x)
        return f / (1 + factor * f), 1 - w * slope / (1 + factor * f) ** 2

    states, growth = rest(FINE)
    places = np.flatnonzero(growth[:-1] * growth[1:] < 0)
    turns = [
        brentq(lambda x: float(rest(np.array([x]))[1][0]), FINE[j], FINE[j + 1], xtol=1e-13)
        for j in places
    ]
    folds = [x - w * float(rest(np.array([x]))[0][0]) for x in turns]
    place = FINE - w * states
    near = (place > SPAN[0] - 0.2) & (place < SPAN[1] + 0.2)
    shown = np.flatnonzero(near)[:: max(1, int(near.sum()) // SHOWN)]
    return place[shown], states[shown], growth[shown] > 0, sorted(folds)


def _jump(signal: np.ndarray, rate: np.ndarray) -> float:
    """Return the input at which the activity changes fastest, or NaN if it never leaps."""
    change = np.abs(np.gradient(rate, signal))
    place = int(change.argmax())
    return float(signal[place]) if change[place] > 5.0 else float("nan")


def _keys(model: Model) -> tuple[Key, str, str, str | None]:
    """Return the keys of the weight, the outside input, tau, and the refractory factor."""
    weight = next(key for key in model.parameters if isinstance(key, tuple))
    paths = {key.rpartition("/")[2]: key for key in model.parameters if isinstance(key, str)}
    return weight, paths["r_ext"], paths["tau"], paths.get("k")
