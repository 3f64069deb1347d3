"""A picture as data: panels and the layers on them, for the canvas in a notebook and for print.

The contract: a scene holds plain numbers and arrays and knows no drawing library. Colours are
roles ("E", "I", "ink", ...), so that each theme has its own. Arrays that two layers share are one
object, and travel once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

import numpy as np

Dash = Literal["solid", "dashed", "dotted", "dashdot"]
Shape = Literal["circle", "square", "diamond", "triangle", "cross"]


@dataclass(frozen=True, eq=False)
class Steps:
    """The numbers start, start + step, ...: an array that needs no bytes."""

    start: float
    step: float
    n: int

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return (self.start + self.step * np.arange(self.n)).astype(dtype or float)


Numbers = np.ndarray | Steps | Sequence[float]


@dataclass(frozen=True, eq=False)
class Panel:
    """A pair of axes.

    Attributes
    ----------
    xlabel, ylabel, title : str
        May hold ``<i>``, ``<sub>`` and ``<sup>``.
    xlim, ylim : tuple of float
        What is shown.
    xscale, yscale : {"linear", "log"}
    width : float
        Relative to the panels beside it.
    square : bool
        Whether it is as high as wide where there is room.
    events : tuple of str
        What it answers: "click", "keys", "hover".
    cursor : str
        "time" if a pointer over it marks one moment on all layers that have ``cursor``.
    """

    xlabel: str = ""
    ylabel: str = ""
    title: str = ""
    xlim: tuple[float, float] = (0.0, 1.0)
    ylim: tuple[float, float] = (0.0, 1.0)
    xscale: Literal["linear", "log"] = "linear"
    yscale: Literal["linear", "log"] = "linear"
    width: float = 1.0
    square: bool = False
    events: tuple[str, ...] = ("hover",)
    cursor: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Layer:
    """What all layers have: the panel they are on, a colour's role, a name in the legend."""

    panel: int = 0
    color: str = "ink"
    label: str = ""
    alpha: float = 1.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Line(Layer):
    """A line through points; NaN breaks it."""

    kind: str = field(default="line", init=False)
    x: Numbers
    y: Numbers
    dash: Dash = "solid"
    width: float = 1.8
    cursor: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Markers(Layer):
    """Filled or open marks; with a name in `drag` they can be moved."""

    kind: str = field(default="markers", init=False)
    x: Numbers
    y: Numbers
    shape: Shape = "circle"
    filled: bool = True
    size: float = 9.0
    drag: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Field(Layer):
    """Arrows of one length on the screen along (u, v), darker where faster."""

    kind: str = field(default="field", init=False)
    x: Numbers
    y: Numbers
    u: Numbers
    v: Numbers
    color: str = "muted"


@dataclass(frozen=True, eq=False, kw_only=True)
class Span(Layer):
    """A shaded band between two values of x (or y), over the whole panel."""

    kind: str = field(default="span", init=False)
    axis: Literal["x", "y"] = "x"
    start: float
    stop: float
    color: str = "band"


@dataclass(frozen=True, eq=False, kw_only=True)
class Region(Layer):
    """A filled polygon."""

    kind: str = field(default="region", init=False)
    x: Numbers
    y: Numbers
    alpha: float = 0.25


@dataclass(frozen=True, eq=False, kw_only=True)
class Rule(Layer):
    """A straight line at one x (or y); with a name in `drag` it can be moved."""

    kind: str = field(default="rule", init=False)
    axis: Literal["x", "y"] = "x"
    at: float
    dash: Dash = "solid"
    color: str = "muted"
    drag: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Heat(Layer):
    """A grid of values as colours; `values` has shape (ny, nx), row 0 lowest, NaN is empty."""

    kind: str = field(default="heat", init=False)
    x: tuple[float, float]
    y: tuple[float, float]
    values: np.ndarray
    palette: Literal["basins", "counts", "sequential"] = "sequential"
    vmin: float = 0.0
    vmax: float = 1.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Note(Layer):
    """A small text at a point."""

    kind: str = field(default="note", init=False)
    x: float
    y: float
    text: str
    align: Literal["left", "center", "right"] = "left"


@dataclass(frozen=True, eq=False)
class Scene:
    """Panels, the layers on them in the order of drawing, and what they show in words.

    Attributes
    ----------
    label : str
        Name of the picture.
    text : str
        What it shows, for those who cannot see it, and as the line under it.
    panels : sequence of Panel
    layers : sequence of Layer
    """

    label: str
    text: str
    panels: Sequence[Panel]
    layers: Sequence[Layer]


def pack(scene: Scene, seq: int) -> tuple[dict[str, Any], bytes]:
    """Return a scene as a JSON object and the bytes of its arrays (float32, little endian).

    Parameters
    ----------
    scene : Scene
    seq : int
        Number of this picture.

    Returns
    -------
    tuple of dict and bytes
        An array of the scene is ``{"at": first float, "n": count}`` in the object; an array that
        several layers share is in the bytes once.
    """
    store = _Store()
    layers = [store.layer(layer) for layer in scene.layers]
    frame = {
        "seq": seq,
        "label": scene.label,
        "text": scene.text,
        "panels": [_plain(panel) for panel in scene.panels],
        "layers": layers,
    }
    return frame, b"".join(store.chunks)


class _Store:
    """Arrays packed so far."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.seen: dict[int, tuple[Any, dict[str, int]]] = {}
        self.count = 0

    def layer(self, layer: Layer) -> dict[str, Any]:
        packed = _plain(layer)
        names = {"values"} if isinstance(layer, Heat) else {"x", "y", "u", "v"}
        for name in names & packed.keys() if not isinstance(layer, Note) else ():
            packed[name] = self.reference(packed[name])
        if isinstance(layer, Heat):
            packed["ny"], packed["nx"] = layer.values.shape
        if isinstance(layer, Span):
            packed["from"], packed["to"] = packed.pop("start"), packed.pop("stop")
        return packed

    def reference(self, numbers: Any) -> dict[str, Any]:
        if isinstance(numbers, Steps):
            return {"start": numbers.start, "step": numbers.step, "n": numbers.n}
        known = self.seen.get(id(numbers))
        if known is None:
            array = np.asarray(numbers, dtype="<f4").ravel()
            known = numbers, {"at": self.count, "n": array.size}  # the object keeps its id alive
            self.seen[id(numbers)] = known
            self.chunks.append(array.tobytes())
            self.count += array.size
        return known[1]


def _plain(record: Any) -> dict[str, Any]:
    """Return the fields of a record that are not empty, numbers as Python's own."""
    values = {f.name: getattr(record, f.name) for f in fields(record)}
    return {
        name: value.item() if isinstance(value, np.generic) else _limits(value)
        for name, value in values.items()
        if not isinstance(value, str) or value
    }


def _limits(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    return [x if isinstance(x, str) else float(x) for x in value]
