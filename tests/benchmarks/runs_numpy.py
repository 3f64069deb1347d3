"""Noise and networks as one writes them by hand in NumPy."""

from typing import Any

import problem_many as many


def noise() -> Any:
    """Prepare an ensemble: arrays of all realisations, numbers of SFC64."""
    return many.euler_maruyama, many.check_noise


def dense(nodes: int) -> Any:
    """Prepare a network: a product of matrix and vector in every step."""
    weights = many.matrix(nodes)
    return lambda: many.network(weights, many.NETWORK_STEPS[nodes]), many.check_network(nodes)
