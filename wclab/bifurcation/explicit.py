"""Every state of rest of a pair of populations along one input, in closed form.

Let z and v be what the two response curves of a pair are evaluated at (`wclab.phaseplane.pair`).
Rest of the second population ties its state to z; then the first one's state, its v and
the input follow one after another, without an iteration:

    y = r2(z),   x = (z - w22 y - g2)/w21,   v = r1^-1(x),   input = (v - w11 x - w12 y - g1)/b

Walking z therefore visits every state of rest for every value of the input, and a fold or a
Hopf point is a root of a function of one number. Where the first population saturates, x
hardly changes and v is walked instead; z then follows by Newton's method.

Source: Wilson & Cowan (1972), eqs 13-14, solved for the input.
"""

import itertools
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit as logistic

from wclab.phaseplane.pair import Pair

CORE = 200  # points along one arc, apart from its tails
EDGE = 6.0  # beyond this |v| the first population counts as saturated
Piece = tuple[float, float, float, float]  # z at both ends, what is heard there

FAR = 600.0  # of |v|: exp does not overflow


@dataclass(frozen=True, eq=False)
class Points:
    """Points on the curve of states of rest: what the curves get, states, input, Jacobian.

    `walked` says which of z and v was given (False: z, True: v).
    """

    z: np.ndarray
    v: np.ndarray
    first: np.ndarray
    second: np.ndarray
    input: np.ndarray
    det: np.ndarray
    trace: np.ndarray
    walked: np.ndarray


class Explicit:
    """The curve of states of rest of one pair, along what its first population is given.

    Parameters
    ----------
    pair : Pair
        One pair of numbers, `bounded`.
    offset, factor : float
        The first population's g is ``offset + factor * input``.
    """

    def __init__(self, pair: Pair, offset: float = 0.0, factor: float = 1.0) -> None:
        self.c1, self.c2 = (tuple(row) for row in pair.c.tolist())
        (self.w11, self.w12), (self.w21, self.w22) = pair.w.tolist()
        self.g2, self.offset, self.factor = float(pair.g[1]), offset, factor
        (a, b, c, d), (e, f, g, h) = self.c1, self.c2
        self.m1, self.m2 = b * c - a * d, f * g - e * h
        self.ends = (-a / b, -(a + c) / (b + d))  # of the first state, for S = 0 and 1

    # --- one point or many ---

    def second(self, s: Any) -> Any:
        """Return the second population's state for its S."""
        e, f, g, h = self.c2
        return -(e + g * s) / (f + h * s)

    def first(self, s: Any) -> Any:
        """Return the first population's state for its S."""
        a, b, c, d = self.c1
        return -(a + c * s) / (b + d * s)

    def odds(self, x: Any) -> Any:
        """Return S/(1 - S) of the first population at rest in x, which is exp(v)."""
        a, b, c, d = self.c1
        return -(a + b * x) / (a + c + (b + d) * x)

    def heard(self, z: Any, s: Any) -> Any:
        """Return ``w21 x``: what the second population hears of the first, at rest."""
        return z - self.w22 * self.second(s) - self.g2

    def heard_slope(self, s: Any) -> Any:
        """Return the derivative of `heard` by z."""
        q = self.c2[1] + self.c2[3] * s
        return 1 + self.w22 * self.m2 * s * (1 - s) / (q * q)

    def tests(self, s1: Any, r1: Any, s2: Any, r2: Any) -> tuple[Any, Any]:
        """Return determinant and trace of the Jacobian; r is 1 - S."""
        q1, q2 = self.c1[1] + self.c1[3] * s1, self.c2[1] + self.c2[3] * s2
        h1, h2 = self.m1 * s1 * r1 / q1, self.m2 * s2 * r2 / q2
        j11, j22 = q1 + h1 * self.w11, q2 + h2 * self.w22
        return j11 * j22 - h1 * h2 * self.w12 * self.w21, j11 + j22

    def given(self, v: Any, x: Any, y: Any) -> Any:
        """Return the input at which both states rest."""
        return (v - self.w11 * x - self.w12 * y - self.offset) / self.factor

    def point(self, at: float, walked: bool, near: float) -> tuple[float, ...]:
        """Return (z, v, x, y, input, det, trace) at a z, or at a v with z `near` a value."""
        if walked:
            v, z = at, near
            s1, r1 = sigmoid(v), sigmoid(-v)
            x = self.first(s1)
            for _ in range(40 if self.w21 else 0):
                s2 = sigmoid(z)
                step = (self.heard(z, s2) - self.w21 * x) / self.heard_slope(s2)
                z -= step
                if abs(step) <= 1e-15 * (1 + abs(z)):
                    break
            s2 = sigmoid(z)
        else:
            z, s2 = at, sigmoid(at)
            x = self.heard(z, s2) / self.w21
            odds = self.odds(x)
            v = math.log(odds) if odds > 0 else math.nan
            s1, r1 = odds / (1 + odds), 1 / (1 + odds)
        y = self.second(s2)
        det, trace = self.tests(s1, r1, s2, sigmoid(-z))
        return z, v, x, y, self.given(v, x, y), det, trace

    # --- the whole curve ---

    @cached_property
    def turns(self) -> list[float]:
        """The z where `heard` turns: two at most."""
        _e, f, _g, h = self.c2
        k = self.w22 * self.m2
        a, b, c = h * h - k, 2 * f * h + k, f * f
        inside = b * b - 4 * a * c
        if k == 0 or inside <= 0:
            return []
        half = -0.5 * (b + math.copysign(math.sqrt(inside), b))
        roots = [half / a if a else math.inf, c / half if half else math.inf]
        return sorted(math.log(s / (1 - s)) for s in roots if 0 < s < 1)

    def _inverse(self, heard: float, low: float, high: float) -> float:
        """Return the z in [low, high], where `heard` is monotone, that gives a value."""
        return float(brentq(lambda z: self.heard(z, sigmoid(z)) - heard, low, high, xtol=1e-14))

    def _pieces(self) -> list[Piece]:
        """Return z and `heard` at the ends of every monotone piece that the first can reach."""
        limits = sorted(self.w21 * x for x in self.ends)
        seconds = sorted(self.w22 * self.second(s) for s in (0.0, 1.0))
        low, high = limits[0] + seconds[0] + self.g2 - 1, limits[1] + seconds[1] + self.g2 + 1
        edges = [low, *(z for z in self.turns if low < z < high), high]
        found = []
        for a, b in itertools.pairwise(edges):
            h_a, h_b = (self.heard(z, sigmoid(z)) for z in (a, b))
            ends = []
            for z, h in ((a, h_a), (b, h_b)):
                cut = min(max(h, limits[0]), limits[1])
                if (cut - h_a) * (cut - h_b) > 0:
                    break
                ends.append((z if cut == h else self._inverse(cut, a, b), cut))
            if len(ends) == 2 and ends[0][0] < ends[1][0]:
                found.append((ends[0][0], ends[1][0], ends[0][1], ends[1][1]))
        return found

    def arcs(self, low: float, high: float) -> list[Points]:
        """Return every connected piece of the curve, with points a little beyond the range."""
        reach = self._reach(low, high)
        if self.w21 == 0:
            v = np.arange(-reach[0], reach[1] + 0.1, 0.1)
            return [self._filled(np.full_like(v, z), v, np.ones(len(v), bool)) for z in self._own()]
        joined: list[list[Piece]] = []
        for piece in self._pieces():
            if joined and joined[-1][-1][1] == piece[0]:
                joined[-1].append(piece)
            else:
                joined.append([piece])
        return [self._arc(pieces, reach) for pieces in joined]

    def _reach(self, low: float, high: float) -> tuple[float, float]:
        """Return how far v goes down and up for inputs in a range."""
        given = [self.offset + self.factor * value for value in (low, high)]
        firsts = [self.w11 * x for x in self.ends]
        seconds = [self.w12 * self.second(s) for s in (0.0, 1.0)]
        least = min(given) + min(firsts) + min(seconds) - 1
        most = max(given) + max(firsts) + max(seconds) + 1
        return min(max(-least, EDGE + 1), FAR), min(max(most, EDGE + 1), FAR)

    def _own(self) -> list[float]:
        """Return each z at which the second population rests where it hears itself alone."""
        low, high = sorted(self.w22 * self.second(s) for s in (0.0, 1.0))
        edges = [low + self.g2 - 1, *self.turns, high + self.g2 + 1]
        values = [self.heard(z, sigmoid(z)) for z in edges]
        return [
            self._inverse(0.0, a, b)
            for a, b, u, w in zip(edges, edges[1:], values, values[1:], strict=False)
            if u * w < 0
        ]

    def _arc(self, pieces: list[Piece], reach: tuple[float, float]) -> Points:
        """Return points along joined pieces: a tail, the core, a tail."""
        left = self._tail(pieces[0], reach)
        a, b, h_a, h_b = pieces[-1]
        right = self._tail((b, a, h_b, h_a), reach)
        start = float(left[0, 0]) if len(left) else pieces[0][0]
        stop = float(right[0, 0]) if len(right) else b
        z = np.linspace(start, stop, CORE)
        if not len(left) or not len(right):  # an end in the saturated part: come close, not there
            z = 0.5 * (start + stop) - 0.5 * (stop - start) * np.cos(np.linspace(0, np.pi, CORE))
        with np.errstate(all="ignore"):
            v = np.log(self.odds(self.heard(z, logistic(z)) / self.w21))
            good = np.isfinite(v)
            z, v = z[good], v[good]
            length = np.cumsum(np.hypot(np.diff(z, prepend=z[0]), np.diff(v, prepend=v[0])))
            z = np.interp(np.linspace(0.0, length[-1], CORE), length, z)
            v = np.log(self.odds(self.heard(z, logistic(z)) / self.w21))
        before, after = left[:0:-1], right[1:]
        walked = np.repeat([True, False, True], [len(before), len(z), len(after)])
        z, v = (
            np.concatenate([before[:, k], middle, after[:, k]]) for k, middle in ((0, z), (1, v))
        )
        return self._filled(z, v, walked)

    def _tail(self, piece: Piece, reach: tuple[float, float]) -> np.ndarray:
        """Return (z, v) from the edge of the core to the first end of a piece, shape (m, 2).

        Nothing if the first population does not saturate there, or all along the piece.
        """
        end, other, at_end, at_other = piece
        limits = [self.w21 * x for x in self.ends]
        if at_end not in limits:
            return np.zeros((0, 2))
        up = at_end == limits[1]
        edge = EDGE if up else -EDGE
        inner = self.w21 * self.first(sigmoid(edge))
        if (inner - at_end) * (inner - at_other) >= 0:
            return np.zeros((0, 2))
        far = reach[1] if up else reach[0]
        sizes = EDGE * (far / EDGE) ** np.linspace(0.0, 1.0, 2 + min(int((far - EDGE) * 4), 40))
        v = sizes if up else -sizes
        heard = self.w21 * self.first(logistic(v))
        slope = self.heard_slope(sigmoid(end))
        edge_z = self._inverse(inner, min(end, other), max(end, other))
        guess = end + (heard - at_end) / (slope or 1.0)
        z = np.clip(guess, min(edge_z, end), max(edge_z, end))
        for _ in range(12):
            s = logistic(z)
            step = (self.heard(z, s) - heard) / self.heard_slope(s)
            z = z - step
            if np.abs(step).max() < 1e-14 * (1 + abs(end)):
                break
        return np.stack([z, v], axis=1) if np.isfinite(z).all() else np.zeros((0, 2))

    def _filled(self, z: np.ndarray, v: np.ndarray, walked: np.ndarray) -> Points:
        s1, s2 = logistic(v), logistic(z)
        r1, r2 = logistic(-v), logistic(-z)
        y = self.second(s2)
        x = self.first(s1) if self.w21 == 0 else np.where(
            walked, self.first(s1), self.heard(z, s2) / (self.w21 or 1.0)
        )  # fmt: skip
        det, trace = self.tests(s1, r1, s2, r2)
        return Points(z, v, x, y, self.given(v, x, y), det, trace, walked)


def sigmoid(z: float) -> float:
    """Return 1/(1 + exp(-z)) of one number, precise near 0 too."""
    if z >= 0:
        return 1 / (1 + math.exp(-z))
    power = math.exp(z) if z > -745 else 0.0
    return power / (1 + power)
