"""What the library computes, as layers of a scene: nullclines, field, points, branches, runs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from wclab.model import Model
from wclab.phaseplane import Basins, FixedPoint, LimitCycle, VectorField
from wclab.phaseplane.orbits import orbit
from wclab.scene import Dash, Field, Heat, Layer, Line, Markers, Shape
from wclab.styles import short_names

LOOKS: tuple[tuple[str, Dash], ...] = (("E", "solid"), ("I", "dashed"))
NAMES = {"E": "<i>E</i> (excitatory activity)", "I": "<i>I</i> (inhibitory activity)"}
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def joined(pieces: Sequence[np.ndarray]) -> np.ndarray:
    """Return curves, each of shape (points, n), as one with rows of NaN between them."""
    if not pieces:
        return np.empty((0, 2))
    gap = np.full((1, pieces[0].shape[1]), np.nan)
    parts = [part for piece in pieces for part in (piece, gap)][:-1]
    return np.concatenate(parts)


def nullcline_layers(curves: Mapping[str, Sequence[np.ndarray]], panel: int = 0) -> list[Layer]:
    """Return the two nullclines: the first state's solid, the second's dashed."""
    layers: list[Layer] = []
    for name, pieces, (color, dash) in zip(
        short_names(tuple(curves)), curves.values(), LOOKS, strict=True
    ):
        points = joined(pieces)
        layers.append(
            Line(
                panel=panel,
                x=points[:, 0],
                y=points[:, 1],
                color=color,
                dash=dash,
                label=f"d<i>{name}</i>/d<i>t</i> = 0",
            )
        )
    return layers


def field_layer(field: VectorField, panel: int = 0) -> Field:
    """Return the arrows of a vector field."""
    x, y = np.meshgrid(field.x, field.y)
    return Field(panel=panel, x=x.ravel(), y=y.ravel(), u=field.dx.ravel(), v=field.dy.ravel())


def mark(x: Any, y: Any, kind: str, *, panel: int = 0, **more: Any) -> Markers:
    """Return marks for a kind of fixed point: filled if stable, open if not, saddles square."""
    shape: Shape = "square" if "saddle" in kind else "circle"
    return Markers(panel=panel, x=np.atleast_1d(x), y=np.atleast_1d(y), shape=shape,
                   filled=kind.startswith("stable"), **more)  # fmt: skip


def point_layers(
    points: Iterable[FixedPoint], panel: int = 0, *, axes: tuple[int, int] = (0, 1), **more: Any
) -> list[Layer]:
    """Return the marks of fixed points, one layer for each kind; `axes` picks two states."""
    groups: dict[str, list[FixedPoint]] = {}
    for point in points:
        groups.setdefault(point.kind, []).append(point)
    layers: list[Layer] = []
    for kind, group in groups.items():
        x, y = (np.array([p.state[k] for p in group]) for k in axes)
        layers.append(mark(x, y, kind, panel=panel, label=kind, **more))
    return layers


def cycle_layer(cycle: LimitCycle, panel: int = 0) -> Line:
    """Return a limit cycle: solid if it attracts, dotted if not."""
    return Line(
        panel=panel, x=cycle.orbit[:, 0], y=cycle.orbit[:, 1], width=2.4, color="accent",
        dash="solid" if cycle.stable else "dotted",
        label="limit cycle" if cycle.stable else "unstable cycle",
    )  # fmt: skip


def basin_layer(basins: Basins, panel: int = 0) -> Heat:
    """Return the basins of attraction as a grid of colours; what reaches nothing is empty."""
    values = np.where(basins.labels < 0, np.nan, basins.labels.astype(float))
    return Heat(panel=panel, x=_edges(basins.x), y=_edges(basins.y), values=values,
                palette="basins", vmin=0, vmax=max(len(basins.attractors) - 1, 1))  # fmt: skip


def parted(values: Sequence[np.ndarray], keep: np.ndarray) -> list[np.ndarray]:
    """Return arrays with NaN where a line is not kept; the ends of a part touch its neighbours."""
    wide = keep.copy()
    wide[1:] |= keep[:-1]
    return [np.where(wide, x, np.nan) for x in values]


def _edges(centres: np.ndarray) -> tuple[float, float]:
    half = (centres[-1] - centres[0]) / (len(centres) - 1) / 2
    return float(centres[0] - half), float(centres[-1] + half)


def axis_label(name: str, unit: str = "") -> str:
    """Return the label of a state's axis."""
    label = NAMES.get(name, f"<i>{name}</i>")
    return f"{label} ({unit})" if unit else label


def time_label(unit: str = "") -> str:
    """Return the label of the axis of time."""
    return f"time ({unit})" if unit else "time"


def count_words(number: int, noun: str) -> str:
    """Return a number and a noun: "Three fixed points"."""
    word = NUMBERS[number] if number < len(NUMBERS) else str(number)
    return f"{word} {noun}{'s' * (number != 1)}"


def point_words(point: FixedPoint, digits: int = 4) -> str:
    """Return a fixed point in words: its kind, its place and its eigenvalues."""
    names = short_names(point.states)
    place = ", ".join(
        f"{n} = {x + 0.0:.{digits}f}" for n, x in zip(names, point.state.round(digits), strict=True)
    )
    return f"{point.kind} at {place} (λ = {eigenvalue_words(point.eigenvalues)})"


def eigenvalue_words(values: np.ndarray) -> str:
    """Return eigenvalues as text, a conjugate pair once."""
    if len(values) == 2 and np.iscomplexobj(values) and values[0].imag != 0:
        return f"{values[0].real:.4g} ± {abs(values[0].imag):.4g}i"
    return ", ".join(
        f"{v.real:.4g}" if v.imag == 0 else f"{v.real:.4g}{v.imag:+.4g}i" for v in values
    )


def points_text(points: Sequence[FixedPoint]) -> str:
    """Return all fixed points in words."""
    head = count_words(len(points), "fixed point")
    return f"{head}: " + "; ".join(map(point_words, points)) + "." if points else f"{head}."


def saddle_branches(
    model: Model, saddle: FixedPoint, away: float
) -> Iterator[tuple[np.ndarray, str, Dash]]:
    """Yield the curves along which runs leave and reach a saddle, with a label and a dash."""
    looks: tuple[tuple[str, Dash], ...] = (
        ("arrives at the saddle", "dotted"),
        ("leaves the saddle", "solid"),
    )
    for column, (label, dash) in enumerate(looks):
        push = away * saddle.eigenvectors[:, column].real
        time = 25 / float(np.abs(saddle.eigenvalues[column].real))
        halves = [
            orbit(model, saddle.state + side * push, time, backward=column == 0, rows=200)
            for side in (1.0, -1.0)
        ]
        yield np.concatenate([halves[0][::-1], halves[1]]), label, dash
