"""What a sweep keeps of a run: a few numbers for each variable, or its whole course."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from wclab.errors import OptionError, nearest, show

STREAMED = ("min", "max", "mean", "std", "last")  # brought up to date at every step
NAMES = (*STREAMED, "period", "series")
Reduction = str | Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True, eq=False)
class View:
    """What is kept: the moments before steps ``first`` ... ``last - 1``, reduced.

    Without reductions it is the values every `every` steps; what is not streamed sees these
    too.
    """

    step: float
    first: int
    last: int
    every: int
    reductions: Mapping[str, Reduction]

    @property
    def streams(self) -> bool:
        """Tell whether no moment has to be stored."""
        return bool(self.reductions) and set(self.reductions.values()) <= set(STREAMED)

    @property
    def spacing(self) -> int:
        """Steps between the moments that must be known."""
        return 1 if set(STREAMED) & set(self.reductions.values()) else self.every

    def moments(self, spacing: int) -> range:
        """Return the steps before which the values are looked at."""
        return range(-(-self.first // spacing) * spacing, self.last, spacing)

    @cached_property
    def times(self) -> np.ndarray:
        """Time of each moment that whole series hold."""
        return np.array(self.moments(self.every)) * self.step

    @property
    def labels(self) -> list[Any]:
        """Name of each reduction, or each time."""
        return list(self.reductions) or self.times.tolist()

    def of(self, series: np.ndarray) -> np.ndarray:
        """Reduce one model's values, shape (variables, moments), to (variables, labels)."""
        start = self.moments(self.every).start - self.moments(self.spacing).start
        thin = series[:, start // self.spacing :: self.every // self.spacing]
        if not self.reductions:
            return thin
        columns = [
            [_reduced(how, self.times, some) for some in (series if how in STREAMED else thin)]
            for how in self.reductions.values()
        ]
        return np.array(columns).T


def _reduced(how: Reduction, times: np.ndarray, values: np.ndarray) -> float:
    """Return one number for the course of one variable."""
    match how:
        case "last":
            return float(values[-1])
        case "period":
            return period(times, values)
        case str():
            return float(getattr(np, how)(values))
    found = how(times, values)
    try:
        return float(found)
    except (TypeError, ValueError):
        name = getattr(how, "__name__", "a function")
        raise OptionError(f"reduce: {name} returns {show(found)}, not a number") from None


def period(times: np.ndarray, values: np.ndarray) -> float:
    """Return the mean time between upward crossings of the middle between minimum and maximum.

    Crossings lie on the straight lines between the moments. It is NaN if there are fewer than
    two, or if the values differ by no more than rounding (1e-9 of the largest).
    """
    low, high = values.min(), values.max()
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        return np.nan
    middle = low + (high - low) / 2
    before = np.flatnonzero((values[:-1] < middle) & (values[1:] >= middle))
    if len(before) < 2:
        return np.nan
    k = before[[0, -1]]
    part = (middle - values[k]) / (values[k + 1] - values[k])
    first, last = times[k] + part * (times[k + 1] - times[k])
    return float((last - first) / (len(before) - 1))


def read_reductions(given: Any) -> dict[str, Reduction]:
    """Check what a user wants kept; nothing stands for whole series."""
    if given is None or isinstance(given, str):
        given = () if given in (None, "series") else (given,)
    elif not isinstance(given, Iterable):
        given = (given,)
    found = dict(given) if isinstance(given, Mapping) else {name: name for name in given}
    for how in found.values():
        if not callable(how) and (how not in NAMES or how == "series"):
            raise OptionError(
                f"unknown reduction {show(how)}.{nearest(how, NAMES)} A function of (times, "
                "values) goes into a dict: {'name': function}"
            )
    return found
