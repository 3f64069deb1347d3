"""Where a branch of cycles starts: the mode of a Hopf point, or a run that has settled."""

from typing import Any

import numpy as np

from wclab.bifurcation.cycles_collocation import DEGREE, NODES, Shape
from wclab.bifurcation.cycles_field import Flow
from wclab.errors import OptionError, show

NONLINEAR = 0.05  # share of the rates that the first cycle's amplitude makes nonlinear


def hopf_mode(
    flow: Flow, state: np.ndarray, parameter: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return state, eigenvector and frequency of a Hopf point, made exact by Newton's method.

    Raises
    ------
    OptionError
        If no pair of eigenvalues is imaginary there.
    """
    _, jacobian, _ = flow(state, parameter)
    values, vectors = np.linalg.eig(jacobian)
    turning = np.flatnonzero(values.imag > 0)
    if not len(turning):
        raise OptionError(
            f"no eigenvalues turn at {parameter:.6g}: this is no Hopf point (at a neutral saddle "
            "two real ones of opposite sign are equal in size, and no cycle is born)"
        )
    k = turning[np.argmin(np.abs(values[turning].real))]
    if abs(values[k].real) > 1e-3 * values[k].imag:
        raise OptionError(
            f"the eigenvalues {values[k]:.4g} at {parameter:.6g} are not imaginary: this is no "
            "Hopf point of this circuit. Give the circuit that its diagram was made of"
        )
    vector = vectors[:, k]
    return state, vector / np.abs(vector).max(), float(values[k].imag)


def locate_hopf(
    flow: Flow, state: np.ndarray, parameter: float, frequency: float, step: float
) -> tuple[np.ndarray, float, float] | None:
    """Return state, parameter and frequency of the Hopf point near a guess, or None."""

    def growth(p: float) -> float | None:
        """Return the real part of the eigenvalue near the frequency, at the rest near the last."""
        nonlocal state, frequency
        rest = rest_near(flow, state, p)
        if rest is None:
            return None
        values = np.linalg.eigvals(flow(rest, p)[1])
        value = values[np.argmin(np.abs(values - 1j * frequency))]
        state, frequency = rest, float(value.imag)
        return float(value.real) if value.imag > 0 else None

    old, new = parameter, parameter + step
    before, now = growth(old), growth(new)
    for _ in range(40):
        if before is None or now is None or now == before:
            return None
        old, new = new, new - now * (new - old) / (now - before)
        before, now = now, growth(new)
        if now is not None and abs(now) < 1e-12 * frequency:
            return state, new, frequency
    return None


def rest_near(flow: Flow, state: np.ndarray, parameter: float) -> np.ndarray | None:
    """Return the state of rest that Newton's method finds from a guess, or None."""
    for _ in range(30):
        rates, jacobian, _ = flow(state, parameter)
        try:
            step = np.linalg.solve(jacobian, rates)
        except np.linalg.LinAlgError:
            return None
        if not np.isfinite(step).all():
            return None
        state = state - step
        if np.abs(step).max() <= 1e-13 * max(1.0, float(np.abs(state).max())):
            return state
    return None


def first_guess(
    flow: Flow,
    state: np.ndarray,
    vector: np.ndarray,
    frequency: float,
    parameter: float,
    count: int,
) -> Shape:
    """Return a small ellipse around a Hopf point, where the field is still nearly linear."""
    turns = np.exp(2j * np.pi * np.arange(16) / 16)
    mode = (vector * turns[:, None]).real
    slope = mode @ flow(state, parameter)[1].T
    amplitude = 1.0
    for _ in range(60):
        parts = amplitude * np.array([0.4, 0.6, 0.8, 1.0])[:, None, None]
        error = np.abs(flow.rates(state + parts * mode, parameter) - parts * slope)
        if np.all(error <= NONLINEAR * amplitude * np.abs(slope).max(axis=0) + 1e-300):
            break
        amplitude *= 0.7
    widths = np.full(count, 1.0 / count)
    starts = np.arange(count) / count
    phase = np.exp(2j * np.pi * (starts[:, None] + np.concatenate([[0.0], NODES]) / count))
    values = state + amplitude * (vector * phase[..., None]).real
    assert values.shape[1] == DEGREE + 1
    return Shape(
        widths, values[:, 0], values[:, 1:], float(np.log(2 * np.pi / frequency)), parameter
    )


def settled_state(states: tuple[str, ...], start: Any) -> np.ndarray:
    """Return the last state of a run (a table of all states), or a state as it was given.

    Raises
    ------
    OptionError
        If the table lacks a state, or the state has another length.
    """
    if hasattr(start, "columns"):
        missing = [path for path in states if path not in start.columns]
        if missing:
            raise OptionError(
                f"the run holds no {missing[0]!r}: give a run of all states, run(...) without "
                "outputs=, or one state as an array"
            )
        start = start[list(states)].iloc[-1].to_numpy()
    try:
        state = np.asarray(start, dtype=float)
    except (TypeError, ValueError):
        raise OptionError(
            "cycles start from a Hopf point, diagram.special_points('hopf')[0], from a run that "
            f"has settled on a cycle, or from a state on it, not from {show(start)}"
        ) from None
    if state.shape != (len(states),) or not np.isfinite(state).all():
        raise OptionError(
            f"a start on a cycle is one run or {len(states)} finite numbers "
            f"({', '.join(states[:4])}{', ...' if len(states) > 4 else ''}), not {show(start)}"
        )
    return state


def follow_run(flow: Flow, state: np.ndarray, parameter: float, count: int) -> Shape:
    """Return the cycle that a run from a state settles on, roughly.

    Raises
    ------
    OptionError
        If the run comes to rest, or does not repeat itself.
    """
    from scipy.integrate import solve_ivp

    def rates(_: float, y: np.ndarray) -> np.ndarray:
        return flow.rates(y, parameter)

    values = np.linalg.eigvals(flow(state, parameter)[1])
    unit = 1.0 / max(float(np.abs(values).max()), 1e-300)
    low = high = state
    for turn in range(12):
        span = 40.0 * unit * 2.0**turn
        run = solve_ivp(rates, (0.0, span), state, rtol=1e-8, atol=1e-10, dense_output=True)
        if not run.success or not np.isfinite(run.y).all():
            break
        late = run.y[:, run.t > 0.5 * span]
        low, high = late.min(axis=1), late.max(axis=1)
        extent = high - low
        if np.all(extent <= 1e-7 * np.maximum(1e-3, np.abs(late).max(axis=1))):
            raise OptionError(
                f"the run from this start comes to rest at {_few(run.y[:, -1])}; cycles() needs a "
                "start that ends on a rhythm"
            )
        period = _return_time(run, flow, parameter, span, extent)
        state = run.y[:, -1]
        if period is not None:
            widths = np.full(count, 1.0 / count)
            begin = run.t[-1] - period
            starts = begin + period * np.arange(count) / count
            inner = np.concatenate([[0.0], NODES]) * period / count
            points = run.sol((starts[:, None] + inner).ravel())
            points = points.T.reshape(count, DEGREE + 1, -1)
            return Shape(widths, points[:, 0], points[:, 1:], float(np.log(period)), parameter)
    raise OptionError(
        "the run from this start does not repeat itself: it has not settled on a cycle. Give a "
        "later state of a longer run"
    )


def _return_time(
    run: Any, flow: Flow, parameter: float, span: float, extent: np.ndarray
) -> float | None:
    """Return after what time the end of a run came back to itself, if it did."""
    last = run.y[:, -1]
    normal = flow.rates(last, parameter) / np.maximum(extent, 1e-300) ** 2
    times = np.linspace(0.5 * span, span, 4_001)
    offsets = normal @ (run.sol(times) - last[:, None])
    rising = np.flatnonzero((offsets[:-1] < 0) & (offsets[1:] >= 0))
    for k in rising[::-1]:
        if times[k + 1] == times[-1]:
            continue
        part = offsets[k] / (offsets[k] - offsets[k + 1])
        moment = times[k] + part * (times[k + 1] - times[k])
        miss = np.abs(run.sol(moment) - last) / np.maximum(extent, 1e-300)
        if miss.max() < 1e-2:
            return float(span - moment)
    return None


def _few(values: np.ndarray) -> str:
    shown = ", ".join(f"{value:.4g}" for value in values[:4])
    return f"({shown}{', ...' if len(values) > 4 else ''})"
