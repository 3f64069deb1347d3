"""The colours and lines of every picture, and the Axes they are drawn on.

E is solid, I dashed, in the same two colours everywhere, so that a picture can be read without
colour too.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#1b1b1b"
STYLES: dict[str, dict[str, Any]] = {
    "E": {"color": "#b2182b", "linestyle": "-"},
    "I": {"color": "#2166ac", "linestyle": "--"},
}


def axes(ax: "Axes | None") -> "Axes":
    """Return the Axes given, or those of a new figure."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]
