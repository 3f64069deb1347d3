"""The past of a variable: on a grid of steps, or as polynomials between chosen times.

Before t = 0 a variable has the value it has at t = 0. A delay of whole steps reads, in each
stage of a Runge-Kutta step, the same stage of an earlier step: what would be computed if the
past were part of the state (Bellen & Zennaro 2003, ch. 3). So the order is kept, and a jump
stays a jump. Other delays are read between the steps.
"""

import bisect
import itertools
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
    """Vectors at steps 0, 1, 2 ..., of which one reads certain entries, each some steps ago.

    Rows before step 0 hold the initial values; only the recent rows are kept.
    """

    def __init__(
        self, initial: np.ndarray, index: np.ndarray, lags: np.ndarray, degree: int
    ) -> None:
        self.initial, self.index, self.lags, self.degree = initial, index, lags, degree
        self.depth = math.ceil(lags.max()) + 4
        self.values = np.empty((2 * self.depth + 1024, len(initial)))
        self.values[: self.depth] = initial
        self.size, self.begin = self.depth, -self.depth
        self.back = index - np.floor(lags).astype(int) * len(initial)  # in the flat array
        self.exact = lags == np.floor(lags)
        self.whole = bool(self.exact.all())
        self.tables: dict[tuple[float, int], tuple[np.ndarray, np.ndarray]] = {}
        self.base, self.time = self, 0.0

    def of_stage(self, time: float) -> "ArrayHistory":
        """Return the history of a further stage, which lies `time` after its step's beginning."""
        history = ArrayHistory(self.initial, self.index, self.lags, self.degree)
        history.base, history.time = self, time
        return history

    def add(self, value: Any) -> None:
        """Append the vector of the next step."""
        if self.size == len(self.values):
            self.values[: self.depth] = self.values[self.size - self.depth :].copy()
            self.begin += self.size - self.depth
            self.size = self.depth
        self.values[self.size] = value
        self.size += 1

    def stage(self, k: int) -> np.ndarray:
        """Return what is read in step `k`; see `ListHistory.stage`."""
        place = (k - self.begin) * len(self.initial)
        found = self.values.ravel().take(self.back + place)
        if self.whole:
            return found
        return np.where(self.exact, found, self.base.between(k + self.time))

    def at(self, x: float) -> np.ndarray:
        """Return what is read at step `x`; see `ListHistory.at`."""
        return self.stage(int(x)) if self.whole and int(x) == x else self.between(x)

    def between(self, x: float) -> np.ndarray:
        """Return what is read at step `x`, by the polynomial through the neighbours."""
        k, newest = int(x), self.begin + self.size - 1
        key = (x - k, newest - k)
        table = self.tables.get(key)
        if table is None:
            table = self._table(*key, -k)
            if k > self.depth + self.degree:  # nothing that is read lies near t = 0 any more
                self.tables[key] = table
        places, weights = table
        rows = self.values.ravel().take(places + (k - self.begin) * len(self.initial))
        return np.asarray(np.einsum("ij,ij->j", weights, rows))

    def _table(self, fraction: float, last: int, zero: int) -> tuple[np.ndarray, np.ndarray]:
        """Return where the neighbours are that are read at a step plus `fraction`, and weights.

        Places are in the flat array, from that step on; `last` and `zero` are the last step that
        is known, and that at t = 0, counted from it too.
        """
        x = fraction - self.lags
        low = np.floor(x).astype(int)
        first = np.maximum(np.minimum(low - self.degree // 2, last - self.degree), zero)
        count = max(min(self.degree, last - zero) + 1, 1)
        weights = np.ones((count, len(x)))
        for i, j in itertools.permutations(range(count), 2):
            weights[i] *= (x - first - j) / (i - j)
        exact = (low == x) | (x <= zero)
        weights[:, exact] = (np.arange(count) == 0)[:, None]
        steps = np.where(exact, low, first) + np.arange(count)[:, None]
        return np.minimum(steps, max(last, zero)) * len(self.initial) + self.index, weights


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
