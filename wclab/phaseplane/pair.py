"""Pairs of populations with logistic responses: the form in which every steady state is explicit.

Each of the two states obeys ``r' = c0 + c1 r + (c2 + c3 r) S(z)``, with S the logistic curve and
``z`` a sum of both states with constant weights. All Wilson-Cowan pairs have this form, with or
without refractory term and shift, however their equations are written. Then

* a nullcline is ``r = -(c0 + c2 S)/(c1 + c3 S)``, monotone in S;
* with ``z`` of one population as parameter, both states on its nullcline are explicit.

Source: the reduction follows from Wilson & Cowan (1972), eqs 13-14, solved for the inputs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from wclab.equations import (
    ONE,
    ZERO,
    Call,
    Name,
    Tree,
    array_namespace,
    derivative,
    names,
    substitute,
    to_code,
)
from wclab.model import Model
from wclab.phaseplane.structure import Structure, expanded, structure_of
from wclab.program import instantiate
from wclab.simplify import linear_terms

SIGMOID = Name("_S")


@dataclass(frozen=True, eq=False)
class Pair:
    """The numbers of one pair, or of many pairs at once.

    `c` has shape (2, 4, ...): the coefficients of each state's equation; `w` (2, 2, ...): the
    weights in z, [target, source]; `g` (2, ...): what is constant in z.
    """

    c: np.ndarray
    w: np.ndarray
    g: np.ndarray

    def swapped(self) -> "Pair":
        """Return the same pair with its two states in the other order."""
        return Pair(self.c[::-1], self.w[::-1, ::-1], self.g[::-1])

    def take(self, chosen: np.ndarray) -> "Pair":
        """Return some of many pairs, by index or mask."""
        return Pair(self.c[..., chosen], self.w[..., chosen], self.g[..., chosen])

    def along(self, states: np.ndarray) -> "Pair":
        """Return this one pair with its numbers in the shape that goes with states (2, n)."""
        return Pair(
            *(x.reshape(*x.shape, *[1] * (states.ndim - 1)) for x in (self.c, self.w, self.g))
        )

    def rate(self, k: int, sigmoid: np.ndarray) -> np.ndarray:
        """Return state k at rest, for a value of its S."""
        c = self.c[k]
        return -(c[0] + c[2] * sigmoid) / (c[1] + c[3] * sigmoid)

    def input(self, k: int, state: np.ndarray) -> np.ndarray:
        """Return z of population k; `state` has shape (2, ...)."""
        return self.w[k, 0] * state[0] + self.w[k, 1] * state[1] + self.g[k]

    def field(self, state: np.ndarray) -> np.ndarray:
        """Return both derivatives, shape (2, ...)."""
        return self.linear(state)[0]

    def jacobian(self, state: np.ndarray) -> np.ndarray:
        """Return the exact Jacobian, shape (2, 2, ...)."""
        return self.linear(state)[1]

    def linear(self, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return both derivatives and their Jacobian."""
        c0, c1, c2, c3 = self.c[:, 0], self.c[:, 1], self.c[:, 2], self.c[:, 3]
        s = logistic(self.w[:, 0] * state[0] + self.w[:, 1] * state[1] + self.g)
        drive = c2 + c3 * state
        matrix = (drive * s * (1 - s))[:, None] * self.w
        gain = c1 + c3 * s
        matrix[0, 0] += gain[0]
        matrix[1, 1] += gain[1]
        return c0 + c1 * state + drive * s, matrix

    @property
    def bounded(self) -> np.ndarray:
        """Whether both nullclines are free of poles, so that every rest lies in `bounds`."""
        ends = self.c[:, 1] * (self.c[:, 1] + self.c[:, 3])
        return np.asarray((ends > 0).all(axis=0))

    def bounds(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return between what state k rests, whatever the input."""
        ends = self.rate(k, np.zeros(())), self.rate(k, np.ones(()))
        return np.minimum(*ends), np.maximum(*ends)


def logistic(z: Any) -> Any:
    """Return 1/(1 + exp(-z)), without overflow."""
    return 0.5 + 0.5 * np.tanh(0.5 * np.asarray(z))


def read_pair(model: Model, values: Mapping[str, np.ndarray] | None = None) -> Pair | None:
    """Return a model's numbers as a `Pair`, or None if it does not have that form.

    Parameters
    ----------
    model : Model
        Of single numbers (not grouped), with two states.
    values : mapping, optional
        Name of a constant block to an array of values, for many pairs at once.
    """
    source = None if model.network.grouped else _source(structure_of(model))
    if source is None:
        return None
    given = values or {}
    constants = [
        given.get(name, value)
        for name, value in zip(model.program.constants, model.constants(), strict=True)
    ]
    with np.errstate(all="ignore"):
        found = instantiate(source, constants, array_namespace())
    numbers = np.empty((len(found), *np.broadcast_shapes(*(np.shape(x) for x in found))))
    for k, number in enumerate(found):
        numbers[k] = number
    c = numbers[0:8].reshape(2, 4, *numbers.shape[1:])
    w = numbers[8:12].reshape(2, 2, *numbers.shape[1:])
    return Pair(c, w, numbers[12:14]) if np.all(np.isfinite(numbers)) else None


@lru_cache(maxsize=64)
def _source(structure: Structure) -> str | None:
    """Return code that computes the 14 numbers of a pair from the constants."""
    program = structure.program
    if len(program.states) != 2 or program.drives or program.delayed or program.uses_time:
        return None
    states, constants = program.states, program.constants
    trees = expanded(structure)
    known = frozenset(constants)
    coefficients: list[Tree] = []
    weights: list[Tree] = []
    shifts: list[Tree] = []
    for tree, own in zip(trees, states, strict=True):
        curves = list(dict.fromkeys(_logistics(tree, known)))
        if len(curves) != 1:
            return None
        fixed, terms = linear_terms(_argument(curves[0]), known)
        if not all(isinstance(key, Name) and key.id in states for key in terms):
            return None
        rest = _replace(tree, curves[0])
        by_s, by_r = derivative(rest, SIGMOID.id), derivative(rest, own)
        both = derivative(by_s, own)
        second = (derivative(by_s, SIGMOID.id), derivative(by_r, own), both)
        if any(set(names(part)) - known for part in second) or set(names(rest)) - known - {
            own,
            SIGMOID.id,
        }:
            return None
        at = {own: ZERO, SIGMOID.id: ZERO}
        coefficients += [substitute(part, at) for part in (rest, by_r, by_s, both)]
        weights += [terms.get(Name(state), ZERO) for state in states]
        shifts.append(fixed)
    codes = [to_code(tree) for tree in (*coefficients, *weights, *shifts)]
    unpacked = f"({''.join(f'{name}, ' for name in constants)}) = p" if constants else "pass"
    return f"def build(p):\n    {unpacked}\n    return ({', '.join(codes)})"


def _logistics(tree: Tree, constants: frozenset[str]) -> Sequence[Tree]:
    """Return the logistic curves in a tree whose arguments vary."""
    if not isinstance(tree, Call):
        return []
    if _argument(tree) is not None and set(names(tree)) - constants:
        return [tree]
    return [found for argument in tree.arguments for found in _logistics(argument, constants)]


def _argument(tree: Tree) -> Any:
    """Return x of ``sigmoid(x)`` or ``1/(1 + exp(-x))``, else None."""
    match tree:
        case Call("sigmoid", (x,)):
            return x
        case Call("/", (one, Call("+", (a, b)))) if one == ONE and ONE in (a, b):
            match b if a == ONE else a:
                case Call("exp", (x,)):
                    return Call("neg", (x,))
    return None


def _replace(tree: Tree, curve: Tree) -> Tree:
    """Return a tree with a part of it called S."""
    if tree == curve:
        return SIGMOID
    if not isinstance(tree, Call):
        return tree
    return Call(tree.function, tuple(_replace(argument, curve) for argument in tree.arguments))
