"""The colours and lines of every picture, and the Axes they are drawn on.

E is solid, I dashed, in the same two colours everywhere, so that a picture can be read without
colour too.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#1b1b1b"
STYLES: dict[str, dict[str, Any]] = {
    "E": {"color": "#b2182b", "linestyle": "-"},
    "I": {"color": "#2166ac", "linestyle": "--"},
}
ROLES = {  # colours by what they are for, on a white page; the canvas has its own for a dark one
    "E": "#b2182b",
    "I": "#2166ac",
    "ink": INK,
    "muted": "#6b6b6b",
    "accent": "#7a5195",
    "second": "#00797a",
    "band": "#ebebeb",
    "warn": "#a05a00",
}
BASINS = ("#f4f4f4", "#c9d8e8", "#f2d5cf", "#d9e8cf", "#e6d9ef", "#f3e8c3", "#cfe8e6")
COUNTS = ("#ffffff", "#e9e9e9", "#f2d5cf", "#e0a090", "#c9d8e8", "#2166ac", "#7a5195")


def axes(ax: "Axes | None") -> "Axes":
    """Return the Axes given, or those of a new figure."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]


def short_names(states: Sequence[str]) -> tuple[str, ...]:
    """Return short names of states: E and I for the nodes e and i, else the ends of the paths."""
    nodes = tuple(path.split("/")[0] for path in states)
    if set(nodes) <= {"e", "i"} and len(set(nodes)) == len(states):
        return tuple(node.upper() for node in nodes)
    ends = tuple(path.split("/")[-1] for path in states)
    return ends if len(set(ends)) == len(states) else tuple(states)
