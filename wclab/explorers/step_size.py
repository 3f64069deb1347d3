"""What the step of a solver does: too long a step, its error, and a rhythm that it makes alone."""

from functools import lru_cache
from typing import Any

import ipywidgets
import numpy as np

from wclab.circuit import CircuitTemplate
from wclab.errors import OptionError, show
from wclab.explorers.base import Explorer
from wclab.explorers.controls import Slider
from wclab.explorers.layers import axis_label, time_label
from wclab.explorers.pairs import FOLDER
from wclab.scene import Layer, Line, Markers, Note, Panel, Rule, Scene

SOLVERS = ("euler", "heun", "rk4")
SYSTEMS = {"one population": "relaxation", "XPPAUT's pair": "focus"}
TAU, INPUT, START = 2.0, 3.0, 0.2  # of the one population, whose input is held: no feedback
TIMES = {"relaxation": 20.0, "focus": 150.0}
RANGE = (0.01, 6.0)  # of the step
FAR = 1e3  # what has left every picture
FOCUS_STATE = {"e/rate_op/r": 0.6, "i/rate_op/r": 0.6}
EXACT: dict[str, Any] = {"solver": "scipy", "method": "DOP853", "rtol": 1e-11, "atol": 1e-13}


class StepSize(Explorer):
    """A solver's steps beside the exact solution, and the error against the step.

    Parameters
    ----------
    system : {"relaxation", "focus"}, optional
        One population that follows a constant input, time constant 2; or the pair of XPPAUT's
        ``wc.ode``, whose activity settles while too long a step of Euler's method keeps it going.
    step : float, optional
        Length of a step, in units of time.
    solver : {"euler", "heun", "rk4"}, optional

    Raises
    ------
    OptionError
        If there is no such system or solver.

    Examples
    --------
    Halving the step of Euler's method halves its error:

    >>> from wclab.explorers import StepSize
    >>> explorer = StepSize(step=0.1)
    >>> f"{explorer.error(0.1) / explorer.error(0.05):.2f}"
    '2.02'
    """

    def __init__(
        self, system: str = "relaxation", step: float = 0.4, *, solver: str = "euler"
    ) -> None:
        for given, known in ((system, SYSTEMS.values()), (solver, SOLVERS)):
            if given not in known:
                raise OptionError(f"choose one of {', '.join(known)}; not {show(given)}")
        names = list(SYSTEMS.items())
        self._system = ipywidgets.Dropdown(options=names, value=system, description="system")
        self._solver = ipywidgets.Dropdown(options=SOLVERS, value=solver, description="solver")
        for menu in (self._system, self._solver):
            menu.layout.width = "17em"
            menu.observe(lambda _: self.refresh(), names="value")
        self._first = (system, solver)
        slider = Slider("step", *RANGE, step, scale="log", name="step")
        super().__init__(StepSize.picture, sliders=[slider], extra=[self._system, self._solver])

    def restart(self) -> None:
        """Go back to the system and the solver of the beginning."""
        self._system.value, self._solver.value = self._first

    def error(self, step: float) -> float:
        """Return the largest error of a run with a step, at its own moments."""
        return _error(self._system.value, self._solver.value, float(step))

    def picture(self) -> Scene:
        """Compute and return what is shown."""
        system, solver, step = self._system.value, self._solver.value, self.values["step"]
        times, steps = _run(system, step, solver=solver)
        moments, exact = _run(system, TIMES[system] / 1_000, **EXACT)
        if system == "relaxation":
            return self._relaxation(times, steps[:, 0], moments, exact[:, 0])
        return self._focus(times, steps, moments, exact)

    def _relaxation(
        self, times: np.ndarray, steps: np.ndarray, moments: np.ndarray, exact: np.ndarray
    ) -> Scene:
        solver, step = self._solver.value, self.values["step"]
        lengths = np.geomspace(0.02, 2 * TAU, 16)
        errors = np.array([max(self.error(length), 1e-16) for length in lengths])
        mine, half = self.error(step), self.error(step / 2)
        low = 10.0 ** np.floor(np.log10(min(errors.min(), mine, 1e-3)))
        panels = [
            Panel("time", "activity <i>r</i>", xlim=(0.0, TIMES["relaxation"]), ylim=(-0.1, 1.1),
                  width=1.4, events=("hover",)),
            Panel("step", "largest error", xlim=RANGE, ylim=(low, 10.0), xscale="log",
                  yscale="log"),
        ]  # fmt: skip
        layers: list[Layer] = [
            Line(x=moments, y=exact, color="muted", width=3.0, label="exact"),
            Line(x=times, y=steps, color="E", width=1.2, label=solver),
            Markers(x=times[:400], y=steps[:400], color="E", size=6),
            Line(panel=1, x=lengths, y=errors, color="E", label=solver),
            Markers(panel=1, x=[step], y=[float(np.clip(mine, low, 10.0))], color="E"),
        ]
        for at, words in ((TAU, "τ "), (2 * TAU, "2τ ")) if solver == "euler" else ():
            layers.append(Rule(panel=1, axis="x", at=at, dash="dotted"))
            layers.append(Note(panel=1, x=at, y=low * 3, text=words, align="right"))
        steady = TAU * float(_circuit("relaxation").model().rhs(0.0, [0.0])[0])
        text = (
            f"Steps of {step:.3g} with {solver}: {_verdict(steps - steady)} Largest error "
            f"{mine:.3g}; with half the step {half:.3g}"
        )
        text += f", {mine / half:.2f} times less." if np.isfinite(mine / half) else "."
        return Scene("Steps of a solver beside the exact solution", text, panels, layers)

    def _focus(
        self, times: np.ndarray, steps: np.ndarray, moments: np.ndarray, exact: np.ndarray
    ) -> Scene:
        solver, step = self._solver.value, self.values["step"]
        limits = (0.3, 0.9)
        panels = [
            Panel(time_label(), "activity <i>E</i>", xlim=(0.0, TIMES["focus"]), ylim=limits,
                  width=1.6),
            Panel(axis_label("E"), axis_label("I"), xlim=limits, ylim=limits, square=True),
        ]  # fmt: skip
        layers: list[Layer] = []
        for k, (x, states, color, name) in enumerate(
            ((moments, exact, "muted", "exact"), (times, steps, "E", solver))
        ):
            e, i = states[:, 0].copy(), states[:, 1].copy()
            width = 2.4 - k
            layers.append(Line(x=x, y=e, color=color, width=width, label=name))
            layers.append(Line(panel=1, x=e, y=i, color=color, width=width))
        before, late = (_swing(times, steps[:, 0], part) for part in (3, 4))
        truth = _swing(moments, exact[:, 0], 4)
        if not np.isfinite(late):
            says = "leaves every bound"
        elif late < 0.9 * before or late < 1e-3:
            says = "swings less and less, as that of the equations does"
        else:
            says = "keeps swinging, which that of the equations does not"
        text = (
            f"Steps of {step:.3g} with {solver}: the activity {says}. In the last fifth E swings "
            f"by {late:.4f}; the exact solution by {truth:.4f}."
        )
        return Scene("A pair that settles, and what the step makes of it", text, panels, layers)

    def settings(self) -> dict[str, Any]:
        """Return the arguments that make this explorer again."""
        return super().settings() | {"system": self._system.value, "solver": self._solver.value}


def _verdict(away: np.ndarray) -> str:
    """Say how steps approach a steady state, from their distances to it."""
    crossings = int(np.sum(away[:-1] * away[1:] < -1e-18))
    if not abs(away[-1]) < abs(away[0]):
        return "each step leads as far from the steady state as the one before, or further."
    if crossings:
        return "the steps overshoot, and the overshoots die out."
    return "the steps approach the steady state from one side."


def _swing(times: np.ndarray, values: np.ndarray, part: int) -> float:
    """Return largest minus smallest value in one fifth of the time."""
    length = times[-1] / 5
    chosen = values[(times >= part * length) & (times <= (part + 1) * length)]
    return float(np.ptp(chosen)) if len(chosen) and np.isfinite(chosen).all() else float("inf")


@lru_cache(maxsize=2)
def _circuit(system: str) -> CircuitTemplate:
    if system == "focus":
        return CircuitTemplate.from_yaml(f"{FOLDER}.conventions.xppaut").with_vars(FOCUS_STATE)
    single = CircuitTemplate.from_yaml(f"{FOLDER}.wilsoncowan.single_population")
    values = {"e/rate_op/tau": TAU, "e/se_op/r_ext": INPUT, "e/rate_op/r": START}
    return single.with_vars(values, [("e/rate_op/r", "e/se_op/r_in", {"weight": 0.0})])


@lru_cache(maxsize=512)
def _run(system: str, step: float, **options: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the moments and the states of a run; what left every bound is NaN."""
    circuit = _circuit(system)
    steps = max(1, int(np.floor(TIMES[system] / step + 1e-9))) + 1  # and a row at the end
    frame = circuit.run(steps * step, step, outputs=list(circuit.model().states), **options)
    values = frame.to_numpy()
    return frame.index.to_numpy(), np.where(np.abs(values) < FAR, values, np.nan)


@lru_cache(maxsize=512)
def _error(system: str, solver: str, step: float) -> float:
    """Return the largest difference from the exact solution at the moments of a run."""
    found, exact = (_run(system, step, **how)[1] for how in ({"solver": solver}, EXACT))
    largest = float(np.abs(found - exact).max())
    return largest if np.isfinite(largest) else float("inf")
