"""The derivatives of a circuit at many states at once, along a parameter.

The contract: a `Flow` takes states of shape (..., n) and one value of a parameter, and
returns the rates, their exact Jacobian and their derivative by the parameter.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wclab.bifurcation.question import block_of
from wclab.equations import array_namespace
from wclab.model import Model, Parameter
from wclab.phaseplane.structure import slopes, structure_of
from wclab.phaseplane.system import read_model
from wclab.program import instantiate

Rates = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Flow:
    """A circuit's derivatives as functions of its states and of one parameter.

    Attributes
    ----------
    states : tuple of str
        Paths of the states.
    """

    states: tuple[str, ...]
    value: Callable[[Any], tuple[Any, ...]]
    slopes: Callable[[Any], tuple[Any, ...]]

    def __call__(self, y: np.ndarray, parameter: float) -> Rates:
        """Return rates (..., n), Jacobian (..., n, n) and derivative by the parameter (..., n).

        Parameters
        ----------
        y : ndarray, shape (..., n)
        parameter : float
        """
        size = len(self.states)
        found = _filled(self.slopes, y, parameter, size * (size + 2))
        found = found.reshape(*y.shape[:-1], size, size + 2)
        return found[..., 0], found[..., 1:-1], found[..., -1]

    def rates(self, y: np.ndarray, parameter: float) -> np.ndarray:
        """Return the rates only, shape (..., n)."""
        return _filled(self.value, y, parameter, len(self.states))


def _filled(
    compute: Callable[[Any], tuple[Any, ...]], y: np.ndarray, parameter: float, count: int
) -> np.ndarray:
    """Return what a function gives as one array, shape (..., count)."""
    with np.errstate(all="ignore"):
        values = compute([*np.moveaxis(y, -1, 0), parameter])
    out = np.empty((*y.shape[:-1], count))
    for k, value in enumerate(values):
        out[..., k] = value
    return out


def read_flow(model: Model, parameter: Parameter) -> Flow:
    """Return the derivatives of a model as a `Flow` in one of its parameters.

    Raises
    ------
    PathError
        If the model has no such parameter.
    OptionError
        If it is no constant, or if the model's derivatives depend on more than its state:
        delays, inputs, time.
    """
    source = slopes(structure_of(read_model(model)), (block_of(model, parameter),))
    return Flow(model.states, *instantiate(source, model.constants(), array_namespace()))
