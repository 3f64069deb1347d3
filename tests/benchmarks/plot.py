"""One figure of the results: how cost grows. Readable without colour."""

from pathlib import Path
from typing import Any

from growth import GROWTHS

STYLES = {  # marker, line, filled
    "C": ("o", "-", True),
    "wclab, compiled": ("s", "-", False),
    "wclab": ("^", "--", True),
    "wclab, made": ("v", ":", False),
    "PyRates": ("D", "-.", False),
}


def draw(growths: dict[str, Any], to: Path) -> None:
    """Draw CPU time by size, one panel for each thing that grows, into a small PNG."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import NullFormatter

    figure, axes = plt.subplots(1, 4, figsize=(10, 3.2), layout="constrained", sharey=True)
    handles: dict[str, Any] = {}
    for ax, growth in zip(axes, GROWTHS, strict=True):
        for name, curve in growths.get(growth.key, {"curves": {}})["curves"].items():
            marker, line, filled = STYLES[name]
            times = [median for _, median, _ in curve["cpu"]]
            (handles[name],) = ax.loglog(
                curve["sizes"], times, line, color="black", marker=marker, markersize=4.5,
                linewidth=0.9, markerfacecolor="black" if filled else "white",
            )  # fmt: skip
            middle = len(times) // 2
            ax.annotate(
                f"{curve['exponent']:.2f}", (curve["sizes"][middle], times[middle]),
                xytext=(3, -9) if name == "C" else (-3, 4), textcoords="offset points",
                fontsize=7, ha="left" if name == "C" else "right",
            )  # fmt: skip
        ax.set_xlabel(growth.axis)
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.grid(alpha=0.3, linewidth=0.5)
    axes[0].set_ylabel("CPU time (s)")
    figure.legend(
        handles.values(), handles, loc="outside upper center", ncols=len(handles), frameon=False
    )
    figure.savefig(to, dpi=80, metadata={"Software": None})
    plt.close(figure)
