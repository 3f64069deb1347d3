"""What diffrax (jax) does in the benchmarks; double precision, compiled in the first call."""

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import problem
import problem_many as many

REST_E, REST_I = float(many.REST_E), float(many.REST_I)


class RK4(diffrax.AbstractERK):
    """The classical Runge-Kutta method, which diffrax does not have."""

    tableau: ClassVar[diffrax.ButcherTableau] = diffrax.ButcherTableau(
        a_lower=(np.array([0.5]), np.array([0.0, 0.5]), np.array([0.0, 0.0, 1.0])),
        b_sol=np.array([1.0, 2.0, 2.0, 1.0]) / 6,
        b_error=np.zeros(4),
        c=np.array([0.5, 0.5, 1.0]),
    )
    interpolation_cls: ClassVar[Callable[..., Any]] = (
        diffrax.ThirdOrderHermitePolynomialInterpolation.from_k
    )

    def order(self, terms: Any) -> int:
        """Return 4."""
        return 4


def _field(y: Any, drive: Any, weight: Any = 15.0) -> Any:
    e, i = y
    m_e = jax.nn.sigmoid(weight * e - 15.0 * i + drive - 2.0) - REST_E
    m_i = jax.nn.sigmoid(2.0 * (15.0 * e - 4.0 * i - 2.5)) - REST_I
    return (-e + (1 - e) * m_e) / 10.0, (-i + (1 - i) * m_i) / 10.0


START = (0.0, 0.0)


@cache
def _euler() -> Any:
    step, times = problem.STEP, np.arange(0.0, problem.TIME, problem.SAMPLING)
    saved = diffrax.SaveAt(ts=jnp.asarray(times))

    def rate(t: Any, y: Any, drive: Any) -> Any:
        return _field(y, drive[jnp.round(t / step).astype(int)])

    @jax.jit
    def call(drive: Any) -> Any:
        return diffrax.diffeqsolve(
            diffrax.ODETerm(rate), diffrax.Euler(), 0.0, times[-1], step, START, args=drive,
            saveat=saved, max_steps=None,
        ).ys  # fmt: skip

    return call


def euler() -> Any:
    """Prepare 250,000 Euler steps."""
    call, drive = _euler(), problem.pulse(problem.STEP)
    return lambda: np.stack(call(drive), axis=1)


@cache
def _precise() -> Any:
    times = np.arange(round(problem.TIME / problem.COARSE)) * problem.COARSE
    jumps = jnp.array([problem.ON, problem.OFF])
    control = diffrax.PIDController(problem.RTOL, problem.ATOL, jump_ts=jumps)

    def rate(t: Any, y: Any, _: Any) -> Any:
        return _field(y, jnp.where((t >= problem.ON) & (t < problem.OFF), problem.HEIGHT, 0.0))

    @jax.jit
    def call() -> Any:
        return diffrax.diffeqsolve(
            diffrax.ODETerm(rate), diffrax.Dopri5(), 0.0, times[-1], 0.1, START,
            saveat=diffrax.SaveAt(ts=jnp.asarray(times)), stepsize_controller=control,
        ).ys  # fmt: skip

    return call


def precise() -> Any:
    """Prepare the seed's run to 1e-6."""
    call = _precise()
    return lambda: np.stack(call(), axis=1)


@cache
def _sweep() -> Any:
    times = np.arange(many.FIRST, many.STEPS) * many.STEP

    def one(drive: Any, weight: Any) -> Any:
        rate = diffrax.ODETerm(lambda t, y, _: _field(y, drive, weight))
        e, _ = diffrax.diffeqsolve(
            rate, RK4(), 0.0, times[-1], many.STEP, START,
            saveat=diffrax.SaveAt(ts=jnp.asarray(times)), max_steps=None,
        ).ys  # fmt: skip
        return jnp.stack([e.min(), e.max(), e.mean()])

    return jax.jit(jax.vmap(one, out_axes=1))


def sweep(count: int) -> Any:
    """Prepare some of the sets."""
    call, sets = _sweep(), many.sets(count)
    return lambda: np.asarray(call(*sets)), many.check_sweep
