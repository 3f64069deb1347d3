"""What brainmass (jax) does in the benchmarks: its Wilson-Cowan step, which has WC's equations.

Double precision; loops are compiled once, in the first call.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import brainmass
import brainstate
import brainunit as u
import jax.numpy as jnp
import numpy as np
import problem
import problem_many as many

brainstate.environ.set(precision=64)
loop = brainstate.transform.for_loop


def _model(size: int, method: str, weight: Any = 15.0) -> Any:
    return brainmass.WilsonCowanStep(
        size, tau_E=10.0 * u.ms, a_E=1.0, theta_E=2.0, tau_I=10.0 * u.ms, a_I=2.0, theta_I=2.5,
        wEE=weight, wIE=15.0, wEI=15.0, wII=4.0, r=1.0, method=method,
    )  # fmt: skip


def _compiled(model: Any, step: float, body: Callable[..., Any]) -> Callable[..., np.ndarray]:
    """Return a compiled function that sets the model to rest and calls `body`."""
    brainstate.nn.init_all_states(model)
    size = model.rE.value.shape
    model.rE.value, model.rI.value = jnp.zeros(size, float), jnp.zeros(size, float)

    @brainstate.transform.jit
    def call(e: float, i: float, *arguments: Any) -> Any:
        model.rE.value, model.rI.value = jnp.full(size, e, float), jnp.full(size, i, float)
        return body(*arguments)

    def run(*arguments: Any) -> np.ndarray:
        with brainstate.environ.context(dt=step * u.ms):
            return np.asarray(call(*arguments))

    return run


@cache
def _euler() -> Callable[..., np.ndarray]:
    model = _model(1, "euler")

    def row(drives: Any) -> Any:
        now = jnp.stack([model.rE.value[0], model.rI.value[0]])
        loop(lambda drive: (model.update(drive), None)[1], drives)
        return now

    return _compiled(model, problem.STEP, lambda drives: loop(row, drives))


def euler() -> Any:
    """Prepare 250,000 Euler steps."""
    drives = problem.pulse(problem.STEP).reshape(-1, round(problem.SAMPLING / problem.STEP))
    call = _euler()
    return lambda: call(0.0, 0.0, drives)


@cache
def _sweep(count: int) -> Callable[..., np.ndarray]:
    drives, weights = many.sets(count)
    model = _model(count, "rk4", weights)
    kept = [brainstate.ShortTermState(jnp.zeros(count)) for _ in range(3)]

    def step(_: Any) -> None:
        model.update(drives)

    def watched(_: Any) -> None:
        e = model.rE.value
        for state, take in zip(kept, (jnp.minimum, jnp.maximum, jnp.add), strict=True):
            state.value = take(state.value, e)
        model.update(drives)

    def body() -> Any:
        loop(step, jnp.arange(many.FIRST))
        for state, value in zip(kept, (jnp.inf, -jnp.inf, 0.0), strict=True):
            state.value = jnp.full(count, value, float)
        loop(watched, jnp.arange(many.STEPS - many.FIRST))
        low, high, total = (state.value for state in kept)
        return jnp.stack([low, high, total / (many.STEPS - many.FIRST)])

    return _compiled(model, many.STEP, body)


def sweep(count: int) -> Any:
    """Prepare some of the sets."""
    call = _sweep(count)
    return lambda: call(0.0, 0.0), many.check_sweep


@cache
def _noise() -> Callable[..., np.ndarray]:
    model = _model(many.RUNS, "euler")
    kick = many.STRENGTH * many.STEP**0.5

    def step(_: Any) -> None:
        model.update(many.DRIVE)
        draws = brainstate.random.normal(size=(2, many.RUNS))
        model.rE.value = model.rE.value + kick * draws[0]
        model.rI.value = model.rI.value + kick * draws[1]

    return _compiled(model, many.STEP, lambda: _rows(model, many.NOISE_STEPS, 100, step))


def _rows(model: Any, steps: int, every: int, step: Callable[[Any], None]) -> Any:
    def row(_: Any) -> Any:
        now = model.rE.value
        loop(step, jnp.arange(every))
        return now

    return loop(row, jnp.arange(steps // every))


def noise() -> Any:
    """Prepare an ensemble."""
    call = _noise()
    return lambda: call(0.0, 0.0), many.check_noise


@cache
def _dense(nodes: int) -> Callable[..., np.ndarray]:
    model, weights = _model(nodes, "euler"), jnp.asarray(many.matrix(nodes))

    def step(_: Any) -> None:
        model.update(weights @ model.rE.value + many.DRIVE)

    steps, every = many.NETWORK_STEPS[nodes], many.NETWORK_EVERY
    return _compiled(model, many.STEP, lambda: _rows(model, steps, every, step))


def dense(nodes: int) -> Any:
    """Prepare a network in which everyone hears every other."""
    call = _dense(nodes)
    return lambda: call(many.START_E, many.START_I), many.check_network(nodes)
