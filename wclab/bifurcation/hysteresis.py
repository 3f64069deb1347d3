"""Slow ramps of a parameter up and down, and where the state jumps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.bifurcation.equilibria import equilibria
from wclab.bifurcation.exact import Rates
from wclab.bifurcation.question import block_of, check_range, title
from wclab.bifurcation.records import Diagram, SpecialPoint
from wclab.errors import OptionError, SolverError, show
from wclab.model import Model, Parameter
from wclab.phaseplane.system import read_model

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from wclab.circuit import CircuitTemplate

SAMPLES = 2_001  # of each ramp
BETWEEN, RHYTHM = -1, -2  # instead of the number of a branch
TURNS = 20  # of a state that oscillates, in one stretch
NEAR = 0.02  # of the spread of the states: a state this near a branch rests there
SLOW = 5_000.0  # times the fastest time constant: how long a ramp takes by default


@dataclass(frozen=True, eq=False)
class Jump:
    """A place where a ramp leaves one branch of stable states for another, or for a rhythm.

    Attributes
    ----------
    parameter : float
        Where the state changes fastest: behind the fold, the more so the faster the ramp.
    direction : str
        "up" or "down": of the ramp.
    before, after : ndarray, shape (n,)
        The states where it left and where it arrived.
    fold : float or None
        The fold that it passed last, in the direction of the ramp; None for the end of a rhythm.
    leaves, arrives : str
        "rest", or "rhythm" where the state goes round between.
    """

    parameter: float
    direction: str
    before: np.ndarray
    after: np.ndarray
    fold: float | None
    leaves: str = "rest"
    arrives: str = "rest"

    @property
    def lag(self) -> float | None:
        """How far behind the fold the jump is, or None if there is no fold."""
        return None if self.fold is None else abs(self.parameter - self.fold)

    def __repr__(self) -> str:
        fold = "no fold" if self.fold is None else f"fold at {self.fold:.6g}"
        ends = "" if self.leaves == self.arrives else f" from {self.leaves} to {self.arrives}"
        return f"<jump{ends} at {self.parameter:.6g} on the way {self.direction}, {fold}>"


@dataclass(frozen=True, eq=False)
class Hysteresis:
    """A ramp up and the ramp down that follows it, with what they passed.

    Attributes
    ----------
    varied : str or (str, str)
        The parameter.
    names : tuple of str
        Paths of the states.
    speed : float
        Change of the parameter per unit of time.
    parameter : ndarray, shape (m,)
        Ascending; the ramp down visits the same values backwards.
    up, down : ndarray, shape (m, n)
        States at `parameter` on either way.
    jumps : tuple of Jump
    diagram : Diagram
        The branches of states of rest in the range.
    """

    varied: Parameter
    names: tuple[str, ...]
    speed: float
    parameter: np.ndarray
    up: np.ndarray
    down: np.ndarray
    jumps: tuple[Jump, ...]
    diagram: Diagram

    @property
    def up_jump(self) -> float | None:
        """Where the first jump on the way up happens, or None."""
        return next((jump.parameter for jump in self.jumps if jump.direction == "up"), None)

    @property
    def down_jump(self) -> float | None:
        """Where the first jump on the way down happens, or None."""
        return next((jump.parameter for jump in self.jumps if jump.direction == "down"), None)

    @property
    def folds(self) -> list[SpecialPoint]:
        """The folds in the range."""
        return self.diagram.special_points("fold")

    @property
    def width(self) -> float | None:
        """How far apart the first jumps up and down are, or None if one is missing."""
        if self.up_jump is None or self.down_jump is None:
            return None
        return self.up_jump - self.down_jump

    def to_frame(self) -> "pd.DataFrame":
        """Return every sample: direction, parameter, one column per state."""
        import pandas as pd

        parts = []
        for name, states, order in (("up", self.up, 1), ("down", self.down, -1)):
            columns: dict[str, Any] = {"direction": name, "parameter": self.parameter[::order]}
            columns |= dict(zip(self.names, states[::order].T, strict=True))
            parts.append(pd.DataFrame(columns))
        return pd.concat(parts, ignore_index=True)

    def jump_table(self) -> "pd.DataFrame":
        """Return the jumps: direction, parameter, the fold before it, how far behind it."""
        import pandas as pd

        rows = [(j.direction, j.parameter, j.fold, j.lag) for j in self.jumps]
        return pd.DataFrame(rows, columns=["direction", "parameter", "fold", "lag"])

    def plot(self, state: str | None = None, *, ax: "Axes | None" = None) -> "Axes":
        """Draw both ramps over the branches; see `wclab.bifurcation.drawing.ramps`."""
        from wclab.bifurcation import drawing

        return drawing.ramps(self, state, ax=ax)

    def __repr__(self) -> str:
        lines = [f"<ramps of {title(self.varied)} at {self.speed:.3g} per unit of time"]
        return "\n".join([*lines, *(f"  {jump!r}" for jump in self.jumps)]) + ">"


def hysteresis(
    circuit: "CircuitTemplate | Model",
    parameter: Parameter,
    limits: Sequence[float],
    *,
    speed: float | None = None,
    start: Sequence[float] | None = None,
    rtol: float = 1e-8,
    box: Any = None,
) -> Hysteresis:
    """Ramp a parameter slowly up and down again, and find where the state jumps.

    Parameters
    ----------
    circuit : CircuitTemplate or Model
        Without delays, and without ``t`` in its equations.
    parameter : str or (str, str)
        A path, or the source and target of an edge.
    limits : (float, float)
        Where the ramp begins and turns.
    speed : float, optional
        Change of the parameter per unit of time (the unit of the circuit's time constants). By
        default a ramp takes 5,000 times the fastest time constant. A jump comes behind its
        fold by about ``speed ** (2/3)``.
    start : sequence of float, optional
        State from which the circuit first settles at the lower limit; by default its initial
        values.
    rtol : float, optional
        Relative tolerance of the run (SciPy's LSODA).
    box : array_like, optional
        For `equilibria`.

    Returns
    -------
    Hysteresis
        ``up_jump``, ``down_jump``, ``jumps``, ``folds``, ``to_frame()``, ``plot()``.

    Raises
    ------
    PathError, OptionError
        As `equilibria`; also if the speed is not positive.
    SolverError
        If the run leaves every bound.

    References
    ----------
    Wilson & Cowan (1972), Biophys. J. 12:1-24, Fig. 5; Strogatz, Nonlinear Dynamics and Chaos,
    section 3.6.

    Examples
    --------
    >>> from wclab import CircuitTemplate
    >>> from wclab.bifurcation import hysteresis
    >>> one = CircuitTemplate.from_yaml(
    ...     "model_templates.neural_mass_models.wilsoncowan.single_population")
    >>> loop = hysteresis(one, "e/se_op/r_ext", (-0.5, 1.5), speed=1e-4)
    >>> f"{loop.up_jump:.2f}, behind the fold at {loop.jumps[0].fold:.4f}"
    '0.82, behind the fold at 0.8138'
    """
    model = read_model(circuit)
    block = block_of(model, parameter)
    low, high = check_range(limits)
    rates = Rates(model, [block])
    first = np.array(model.y0 if start is None else start, dtype=float)
    if first.shape != (rates.size,):
        raise OptionError(f"start needs {rates.size} values, one for each state, not {show(start)}")
    fast = float(np.abs(rates.slopes(np.append(first, low))[1][:, : rates.size]).max())
    if speed is None:
        speed = (high - low) * (fast if 0 < fast < np.inf else 1.0) / SLOW
    if not 0 < speed < np.inf:
        raise OptionError(f"speed must be above 0, not {show(speed)}")
    diagram = equilibria(model, parameter, (low, high), box=box)
    settled = _ramp(rates, first, low, 0.0, 100.0 / max(fast, 1e-12), rtol)[-1]
    up = _ramp(rates, settled, low, speed, (high - low) / speed, rtol)
    down = _ramp(rates, up[-1], high, -speed, (high - low) / speed, rtol)[::-1]
    values = np.linspace(low, high, SAMPLES)
    jumps = [
        *_jumps(diagram, rates, values, up, "up"),
        *_jumps(diagram, rates, values[::-1], down[::-1], "down"),
    ]
    return Hysteresis(
        parameter, model.states, float(speed), values, up, down, tuple(jumps), diagram
    )


def _ramp(
    rates: Rates, state: np.ndarray, begin: float, speed: float, time: float, rtol: float
) -> np.ndarray:
    """Return the states along a ramp at evenly spaced moments, shape (SAMPLES, n)."""
    from scipy.integrate import solve_ivp

    size = rates.size

    def whole(t: float, y: np.ndarray) -> np.ndarray:
        return rates.value(np.append(y, begin + speed * t))

    def slopes(t: float, y: np.ndarray) -> np.ndarray:
        return rates.slopes(np.append(y, begin + speed * t))[1][:, :size]

    run = solve_ivp(
        whole, (0.0, time), state, method="LSODA", jac=slopes, rtol=rtol, atol=1e-3 * rtol,
        t_eval=np.linspace(0.0, time, SAMPLES),
    )  # fmt: skip
    if not run.success or not np.isfinite(run.y).all():
        raise SolverError(
            f"the ramp stopped at t = {run.t[-1] if len(run.t) else 0.0:.6g}: {run.message}. Try a "
            "smaller range"
        )
    return run.y.T


def _jumps(
    diagram: Diagram, rates: Rates, values: np.ndarray, states: np.ndarray, way: str
) -> list[Jump]:
    """Return where a ramp goes from one stretch of stable states to another."""
    sheet = _with_rhythms(_sheets(diagram, values, states), states)
    rested = np.flatnonzero(sheet != BETWEEN)
    rate = np.array([
        np.abs(rates.value(np.append(x, v))).max() for x, v in zip(states, values, strict=True)
    ])  # fmt: skip
    folds = np.array([p.parameter for p in diagram.special_points("fold")])
    found = []
    for i, j in zip(rested[:-1].tolist(), rested[1:].tolist(), strict=True):
        if sheet[i] == sheet[j]:
            continue
        k = i + int(np.argmax(rate[i : j + 1]))
        passed = folds[folds <= values[k]] if way == "up" else folds[folds >= values[k]]
        fold = None
        if len(passed) and sheet[i] != RHYTHM:
            fold = float(passed.max() if way == "up" else passed.min())
        names = ["rhythm" if sheet[at] == RHYTHM else "rest" for at in (i, j)]
        found.append(Jump(float(values[k]), way, states[i], states[j], fold, *names))
    return found


def _with_rhythms(sheet: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Mark stretches between rests in which the state turns round again and again."""
    out = np.concatenate([[False], sheet == BETWEEN, [False]]).astype(int)
    edges = np.flatnonzero(np.diff(out))
    sheet = sheet.copy()
    for i, j in zip(edges[::2], edges[1::2], strict=True):
        turns = np.diff(np.sign(np.diff(states[i:j], axis=0)), axis=0) != 0
        if turns.size and turns.sum(axis=0).max() >= TURNS:
            sheet[i:j] = RHYTHM
    return sheet


def _sheets(diagram: Diagram, values: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return the number of the stretch of stable states that each state rests on, or -1."""
    spread = np.maximum(np.ptp(states, axis=0), 1e-9)
    nearest = np.full(len(values), NEAR)
    sheet = np.full(len(values), BETWEEN)
    number = 0
    for branch in diagram.branches:
        turns = np.flatnonzero(np.diff(np.sign(np.diff(branch.parameter))) != 0) + 1
        for part in np.split(np.arange(len(branch)), turns):
            ends = np.arange(part[0], min(part[-1] + 2, len(branch)))
            for stretch in _stable_runs(branch.stable, ends):
                number += 1
                order = stretch[np.argsort(branch.parameter[stretch])]
                p = branch.parameter[order]
                inside = (values >= p[0]) & (values <= p[-1])
                there = np.stack([np.interp(values, p, x) for x in branch.states[order].T], axis=1)
                away = (np.abs(there - states) / spread).max(axis=1)
                better = inside & (away < nearest)
                nearest, sheet = np.where(better, away, nearest), np.where(better, number, sheet)
    return sheet


def _stable_runs(stable: np.ndarray, part: np.ndarray) -> list[np.ndarray]:
    """Return the runs of stable points in a part of a branch, with the points that end them."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], stable[part].astype(int), [0]])))
    runs = []
    for i, j in zip(edges[::2], edges[1::2], strict=True):
        run = part[max(i - 1, 0) : j + 1]
        if len(run) > 1:
            runs.append(run)
    return runs
