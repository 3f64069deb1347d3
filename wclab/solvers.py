"""Solvers for y' = f(t, y): fixed steps, and SciPy's methods piece by piece.

Every stepper has the signature ``step(f, t, y, h) -> y_next``; ``y`` may have any shape.
Nothing here knows about models: `f` is a plain function.
Formulas: Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I, ch. II.1;
Euler-Maruyama: Kloeden & Platen, Numerical Solution of Stochastic Differential Equations,
ch. 10.2.
"""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from wclab.errors import OptionError, SolverError, nearest, show

Field = Callable[[float, Any], Any]
Stepper = Callable[[Field, float, Any, float], Any]

METHODS = ("RK45", "DOP853", "RK23", "Radau", "BDF", "LSODA")
RTOL, ATOL = 1e-6, 1e-9  # SciPy's own 1e-3 and 1e-6 leave errors that show in a figure


def euler_step(f: Field, t: float, y: Any, h: float) -> Any:
    """One forward Euler step, order 1."""
    return y + h * f(t, y)


def heun_step(f: Field, t: float, y: Any, h: float) -> Any:
    """One step of Heun's method (the explicit trapezoidal rule), order 2."""
    k1 = f(t, y)
    k2 = f(t + h, y + h * k1)
    return y + h / 2 * (k1 + k2)


def rk4_step(f: Field, t: float, y: Any, h: float) -> Any:
    """One classical Runge-Kutta step, order 4."""
    k1 = f(t, y)
    k2 = f(t + h / 2, y + h / 2 * k1)
    k3 = f(t + h / 2, y + h / 2 * k2)
    k4 = f(t + h, y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


STEPPERS: dict[str, Stepper] = {"euler": euler_step, "heun": heun_step, "rk4": rk4_step}


def fixed_step(
    f: Field,
    y0: Any,
    *,
    step: float,
    rows: int,
    every: int = 1,
    method: str = "euler",
    before_step: Callable[[int, float, Any], None] | None = None,
    report: Callable[[int, Any], None] | None = None,
) -> np.ndarray:
    """Integrate y' = f(t, y) from t = 0 with a fixed step.

    Parameters
    ----------
    f : callable
        ``f(t, y)``, the derivative; t in the unit of `step`.
    y0 : array_like
        State at t = 0, any shape.
    step : float
        Step size, above 0.
    rows : int
        Number of states returned, the first one included.
    every : int, optional
        Steps between two rows.
    method : {"euler", "heun", "rk4"}, optional
        Order 1, 2, 4.
    before_step : callable, optional
        Called as ``before_step(k, t, y)`` before step k: the place to set an input that is
        held during the step, or to draw noise.
    report : callable, optional
        Called as ``report(row, y)`` when a row is done.

    Returns
    -------
    ndarray, shape (rows, *y0.shape)
        Row k is the state at ``k * every * step``.

    Raises
    ------
    OptionError
        If `method` is none of the three, or the step is not above 0.

    Examples
    --------
    One leaky population, tau = 10, steady input 1: r(10) = 1 - 1/e = 0.632.

    >>> r = fixed_step(lambda t, r: (-r + 1.0) / 10.0, 0.0, step=0.1, rows=101, method="rk4")
    >>> f"{r[-1]:.6f}"
    '0.632121'
    """
    if method not in STEPPERS:
        raise OptionError(f"unknown method {show(method)}.{nearest(method, STEPPERS)}")
    if not step > 0:
        raise OptionError(f"step must be above 0, not {show(step)}")
    advance = STEPPERS[method]
    y = np.array(y0, dtype=float)
    result = np.empty((rows, *y.shape))
    result[0] = y
    for row in range(1, rows):
        for k in range((row - 1) * every, row * every):
            t = k * step
            if before_step is not None:
                before_step(k, t, y)
            y = advance(f, t, y, step)
        result[row] = y
        if report is not None:
            report(row, y)
    return result


def euler_maruyama(
    f: Field,
    noise: Any,
    y0: Any,
    *,
    step: float,
    rows: int,
    every: int = 1,
    seed: int | None = None,
) -> np.ndarray:
    """Integrate the Ito equation dy = f(t, y) dt + noise dW with fixed steps.

    Parameters
    ----------
    f : callable
        ``f(t, y)``, the drift.
    noise : array_like or callable
        Strength of the noise, in units of y per square root of time, of the shape of y; or
        a function ``noise(t, y)`` of the state at the beginning of the step (Ito).
    y0 : array_like
        State at t = 0.
    step, rows, every
        As in `fixed_step`.
    seed : int, optional
        The same seed gives the same path.

    Returns
    -------
    ndarray, shape (rows, *y0.shape)

    References
    ----------
    Kloeden & Platen (1992), ch. 10.2.
    """
    rng = np.random.default_rng(seed)
    kick = np.zeros(np.shape(y0))

    def draw(k: int, t: float, y: Any) -> None:
        strength = noise(t, y) if callable(noise) else noise
        kick[...] = np.asarray(strength) * rng.standard_normal(kick.shape) / np.sqrt(step)

    return fixed_step(
        lambda t, y: f(t, y) + kick, y0, step=step, rows=rows, every=every, before_step=draw
    )


def piecewise(
    f: Field,
    y0: Any,
    times: np.ndarray,
    *,
    stops: Iterable[float] = (),
    method: str = "RK45",
    rtol: float = RTOL,
    atol: float = ATOL,
    max_step: float = np.inf,
    jac: Callable[[float, Any], Any] | None = None,
    start_piece: Callable[[float], None] | None = None,
    end_piece: Callable[[Any], None] | None = None,
    report: Callable[[float], None] | None = None,
) -> np.ndarray:
    """Integrate y' = f(t, y) with `scipy.integrate.solve_ivp`, restarted at every stop.

    A stop is a time where f jumps. No step crosses it, so that a short pulse is never
    stepped over and the order of the method is kept.

    Parameters
    ----------
    f : callable
        ``f(t, y)``, the derivative.
    y0 : array_like, shape (n,)
        State at ``times[0]``.
    times : ndarray, shape (rows,)
        Increasing times of the rows.
    stops : iterable of float, optional
        Times where f jumps; those outside `times` are left out.
    method, rtol, atol, max_step, jac
        As in `solve_ivp`.
    start_piece : callable, optional
        Called with the time at which a piece begins: the place to change f's input.
    end_piece : callable, optional
        Called with the piece's dense solution (`scipy.integrate.OdeSolution`).
    report : callable, optional
        Called with the time reached.

    Returns
    -------
    ndarray, shape (rows, n)

    Raises
    ------
    SolverError
        If SciPy gives up; says when and what to try.
    """
    from scipy.integrate import solve_ivp

    y = np.array(y0, dtype=float)
    if method == "LSODA":
        f = _refuse_standstill(f, method, 10_000 + 100 * y.size)
    result = np.empty((len(times), y.size))
    start, end = float(times[0]), float(times[-1])
    result[0] = y
    inner = sorted({float(stop) for stop in stops if start < stop < end})
    edges = [start, *inner, end]
    done = 1
    options: dict[str, Any] = {"rtol": rtol, "atol": atol, "max_step": max_step}
    if method in ("Radau", "BDF", "LSODA") and jac is not None:
        options["jac"] = jac
    for left, right in itertools.pairwise(edges) if len(times) > 1 else ():
        if start_piece is not None:
            start_piece(left)
        upto = int(np.searchsorted(times, right, side="right"))
        wanted = times[done:upto]
        grid = wanted if len(wanted) and wanted[-1] == right else np.append(wanted, right)
        with np.errstate(all="ignore"):
            piece = solve_ivp(
                f,
                (left, right),
                y,
                method=method,
                t_eval=grid,
                dense_output=end_piece is not None,
                **options,
            )
        if piece.status != 0 or not np.all(np.isfinite(piece.y)):
            raise SolverError(_gave_up(piece, left, method))
        result[done:upto] = piece.y.T[: len(wanted)]
        done, y = upto, piece.y[:, -1]
        if end_piece is not None:
            end_piece(piece.sol)
        if report is not None:
            report(right)
    return result


def _refuse_standstill(f: Field, method: str, patience: int) -> Field:
    """Return `f` that raises once it is called `patience` times without any later time.

    Close to a pole LSODA takes steps of length zero for ever.
    """
    latest, calls = -np.inf, 0

    def advancing(t: float, y: Any) -> Any:
        nonlocal latest, calls
        calls += 1
        if t > latest:
            latest, calls = t, 0
        elif calls > patience:
            raise SolverError(f"{method} stopped after t = {t:.6g}: {_STANDSTILL}")
        return f(t, y)

    return advancing


def _gave_up(piece: Any, left: float, method: str) -> str:
    at = float(piece.t[-1]) if len(piece.t) else left
    finite = np.all(np.isfinite(piece.y)) if len(piece.t) else True
    return f"{method} stopped after t = {at:.6g}: {_STANDSTILL if finite else _INFINITE}"


_REMEDY = (
    "The solution grows without bound or the equations are stiff: look at the parameters, or try "
    'method="LSODA" or "Radau"'
)
_STANDSTILL = f"the step became smaller than double precision allows. {_REMEDY}"
_INFINITE = f"a rate is infinite. {_REMEDY}"


def check_method(method: object) -> str:
    """Return a `solve_ivp` method's name, or raise an `OptionError`."""
    if not isinstance(method, str) or method not in METHODS:
        same = [name for name in METHODS if name.upper() == str(method).upper()]
        hint = f" Did you mean {same[0]!r}?" if same else nearest(method, METHODS)
        raise OptionError(f"unknown method {show(method)} for solver='scipy'.{hint}")
    return method
