"""The past of a variable: on a grid of steps, or as polynomials between chosen times.

Before t = 0 a variable has the value it has at t = 0. A delay of whole steps reads, in each
stage of a Runge-Kutta step, the same stage of an earlier step: what would be computed if the
past were part of the state (Bellen & Zennaro 2003, ch. 3). So the order is kept, and a jump
stays a jump. Other delays are read between the steps.
"""

import bisect
import math
from typing import Any

import numpy as np

NODES = -np.cos(np.pi * np.arange(8) / 7)  # Chebyshev points: degree 7, as DOP853 interpolates
_WEIGHTS = np.array([0.5, -1, 1, -1, 1, -1, 1, -0.5])  # Berrut & Trefethen 2004, eq. 5.4


class ListHistory:
    """Numbers at steps 0, 1, 2 ...; only the recent ones are kept."""

    def __init__(self, initial: float, depth: float, degree: int) -> None:
        self.values: list[float] = []
        self.add = self.values.append
        self.begin = 0  # step of values[0]
        self.initial = initial
        self.depth = math.ceil(depth) + 4
        self.degree = degree

    def trim(self) -> None:
        """Forget what is older than any delay."""
        surplus = len(self.values) - self.depth
        if surplus > 0:
            del self.values[:surplus]
            self.begin += surplus

    def at(self, x: float) -> float:
        """Return the value at step `x`, by the polynomial through its neighbours.

        The polynomial has degree 1 (Euler) or 3 (Heun, Runge-Kutta); no neighbour lies
        before t = 0, where the history has a corner.
        """
        values, begin = self.values, self.begin
        if x <= 0:
            return self.initial
        low = int(x)
        if low == x:
            return values[low - begin]
        last = len(values) - 1
        first = max(min(low - begin - self.degree // 2, last - self.degree), 0)
        neighbours = range(first, min(first + self.degree, last) + 1)
        total, x = 0.0, x - begin
        for i in neighbours:
            weight = 1.0
            for j in neighbours:
                if i != j:
                    weight *= (x - j) / (i - j)
            total += weight * values[i]
        return total

    def stage(self, k: int) -> float:
        """Return the value added in step `k`; a history holds one stage of all steps."""
        return self.values[k - self.begin] if k >= 0 else self.initial


class ArrayHistory:
    """Vectors at steps 0, 1, 2 ...; only the recent ones are kept."""

    def __init__(self, initial: np.ndarray, depth: float, degree: int) -> None:
        self.depth = math.ceil(depth) + 4
        self.values = np.empty((2 * self.depth + 1024, len(initial)))
        self.initial = initial
        self.size = 0
        self.begin = 0
        self.degree = degree

    def add(self, value: Any) -> None:
        """Append the vector of the next step."""
        if self.size == len(self.values):
            kept = self.values[self.size - self.depth :].copy()
            self.begin += self.size - len(kept)
            self.values[: len(kept)] = kept
            self.size = len(kept)
        self.values[self.size] = value
        self.size += 1

    def at(self, x: np.ndarray, index: np.ndarray) -> np.ndarray:
        """Return entries ``index`` at steps ``x``; see `ListHistory.at`."""
        low = np.floor(x).astype(int)
        last = self.size - 1
        first = np.minimum(low - self.begin - self.degree // 2, last - self.degree)
        first = np.maximum(first, 0)
        degree = min(self.degree, last)  # -1 while nothing was added
        total = np.zeros(len(x))
        place = x - self.begin
        for i in range(degree + 1):
            weight = np.ones(len(x))
            for j in range(degree + 1):
                if i != j:
                    weight *= (place - first - j) / (i - j)
            total += weight * self.values[first + i, index]
        exact = self.values[np.clip(low - self.begin, 0, max(last, 0)), index]
        total = np.where(low == x, exact, total)
        return np.where(x <= 0, self.initial[index], total)

    def stage(self, k: np.ndarray, index: np.ndarray) -> np.ndarray:
        """Return entries ``index`` of steps ``k``; see `ListHistory.stage`."""
        place = np.clip(k.astype(int) - self.begin, 0, max(self.size - 1, 0))
        return np.where(k < 0, self.initial[index], self.values[place, index])


class Past:
    """A vector as a polynomial in each of the intervals from t = 0 on."""

    def __init__(self, initial: np.ndarray) -> None:
        self.initial = initial
        self.ends: list[float] = [0.0]
        self.values: list[np.ndarray] = []  # (8, width) each, at `NODES`

    def add(self, end: float, values: np.ndarray) -> None:
        """Append an interval that begins where the last one ended."""
        self.ends.append(end)
        self.values.append(values)

    def at(self, t: float) -> np.ndarray:
        """Return the vector at time `t`."""
        if t <= 0 or not self.values:
            return self.initial
        k = min(max(bisect.bisect_left(self.ends, t), 1), len(self.values))
        left, right = self.ends[k - 1], self.ends[k]
        distance = 2 * (t - left) / (right - left) - 1 - NODES
        if not distance.all():
            return np.asarray(self.values[k - 1][int(np.argmin(np.abs(distance)))])
        weights = _WEIGHTS / distance
        return np.asarray(weights @ self.values[k - 1] / weights.sum())

    def earlier(self, t: float, delays: np.ndarray, index: np.ndarray) -> np.ndarray:
        """Return entry ``index[i]`` of the vector at time ``t - delays[i]``, for each i."""
        result = np.empty(len(delays))
        for delay in np.unique(delays):
            chosen = delays == delay
            result[chosen] = self.at(t - delay)[index[chosen]]
        return result
