"""Sliders, each with a box for the number.

A slider sets a parameter of the circuit, or a number that only the explorer knows. Every handle has
an accessible name: the slider's tooltip, which the canvas copies to the handle.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import ipywidgets
import numpy as np

from wclab.errors import OptionError, nearest, show

Key = str | tuple[str, str]
LOG_STEP = 0.02  # of a logarithm to the base ten


@dataclass(frozen=True)
class Slider:
    """What a slider sets, and how it is labelled.

    Parameters
    ----------
    key : str or tuple of str
        Path of a parameter of the circuit, the (source, target) of an edge, whose weight it
        sets, or any name for a number that is no parameter.
    low, high : float
        Range.
    value : float, optional
        Where it starts; for a parameter by default the circuit's own.
    step : float, optional
        By default a hundredth of the range, rounded to 1, 2 or 5 times a power of ten.
    label : str, optional
        Shown before the slider; may hold LaTeX between dollars.
    name : str, optional
        The same in words, for those who hear it; by default the label.
    unit : str, optional
    scale : {"linear", "log"}, optional
        Whether the handle moves evenly in the number or in its logarithm.
    """

    key: Key
    low: float
    high: float
    value: float | None = None
    step: float | None = None
    label: str = ""
    name: str = ""
    unit: str = ""
    scale: Literal["linear", "log"] = "linear"

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise OptionError(
                f"slider {show(self.key)} goes from {self.low:g} to {self.high:g}: the lower end "
                "must be below the upper"
            )
        if self.scale == "log" and self.low <= 0:
            raise OptionError(f"slider {show(self.key)} is logarithmic: its range is above zero")

    @property
    def words(self) -> str:
        """Its name, with the unit."""
        plain = self.key if isinstance(self.key, str) else f"weight {self.key[0]} to {self.key[1]}"
        name = self.name or (self.label if "$" not in self.label else "") or plain
        return f"{name} ({self.unit})" if self.unit else name

    def rounded_step(self) -> float:
        """Return the step: as given, or about a hundredth of the range."""
        if self.step is not None:
            return self.step
        rough = (self.high - self.low) / 100
        power = 10.0 ** np.floor(np.log10(rough))
        return float(power * min((1, 2, 5, 10), key=lambda k: abs(k - rough / power)))


class Control(ipywidgets.HBox):
    """A slider and a box for its number.

    The number is what was set last. The handle can only stand on its grid, and would bring every
    number to it; so it is put on the nearest place, and its answer is not taken for a move.

    Parameters
    ----------
    slider : Slider
    value : float
        Where it starts.
    changed : callable
        Called when the number has changed.
    """

    def __init__(self, slider: Slider, value: float, changed: Callable[[], None]) -> None:
        self.slider, self.start, self._value, self._changed = slider, value, value, changed
        self._following = False
        step = slider.rounded_step()
        low, high = min(slider.low, value), max(slider.high, value)
        label = slider.label or (slider.key if isinstance(slider.key, str) else "weight")
        text = ipywidgets.HTMLMath(
            f"{label} ({slider.unit})" if slider.unit else label,
            layout={"min_width": "3.2em", "max_width": "11em", "margin": "0 0.4em 0 0.8em"},
        )
        text.add_class("wclab-label")
        common: dict[str, Any] = {"readout": False, "tooltip": slider.words}
        common["layout"] = {"width": "11em"}
        self._is_log = slider.scale == "log"
        if self._is_log:
            self.handle = ipywidgets.FloatLogSlider(
                value=value, min=np.log10(low), max=np.log10(high), step=LOG_STEP, **common
            )
        else:
            self.handle = ipywidgets.FloatSlider(
                value=value, min=low, max=high, step=step, **common
            )
        self.box = ipywidgets.BoundedFloatText(
            value=value, min=low, max=high, step=step, layout={"width": "6em"},
            tooltip=slider.words,
        )  # fmt: skip
        self._follow()
        self.handle.observe(self._moved, names="value")
        self.box.observe(self._typed, names="value")
        super().__init__([text, self.handle, self.box], layout={"align_items": "center"})
        self.add_class("wclab-control")

    @property
    def value(self) -> float:
        """The number."""
        return self._value

    @value.setter
    def value(self, value: float) -> None:
        low, high = self.box.min, self.box.max
        if not low <= value <= high:  # as a preset may be
            self._following = True
            self.box.min, self.box.max = min(low, value), max(high, value)
            ends = self.box.min, self.box.max
            self.handle.min, self.handle.max = np.log10(ends) if self._is_log else ends
        self._take(float(value))

    def _moved(self, change: Any) -> None:
        near = 1e-9 * max(abs(change["new"]), self.box.max - self.box.min)
        if not self._following and abs(change["new"] - self._place()) > near:
            self._take(float(f"{change['new']:.10g}"))  # 0.2, not 0.20000000000000018

    def _typed(self, change: Any) -> None:
        if not self._following:
            self._take(float(change["new"]))

    def _take(self, value: float) -> None:
        self._value = value
        self._follow()
        self._changed()

    def _follow(self) -> None:
        """Show the number in the box, and bring the handle to it."""
        self._following = True
        try:
            self.box.value, self.handle.value = self._value, self._place()
        finally:
            self._following = False

    def _place(self) -> float:
        """Return the place on the handle's grid that is nearest to the number."""
        low, step = self.handle.min, self.handle.step
        at = np.log10(self._value) if self._is_log else self._value
        place = min(low + round((at - low) / step) * step, self.handle.max)
        return float(10**place if self._is_log else place)


def choose(given: Mapping[str, Any], name: str, what: str) -> Any:
    """Return the entry of a name; an error lists the others."""
    if name not in given:
        raise OptionError(f"there is no {what} {show(name)}.{nearest(name, list(given))}")
    return given[name]


def button(label: str, hint: str, pressed: Callable[[], None]) -> ipywidgets.Button:
    """Return a button that says in its tooltip what it does."""
    made = ipywidgets.Button(description=label, tooltip=hint, layout={"width": "auto"})
    made.on_click(lambda _: pressed())
    return made


def checkbox(label: str, value: bool, changed: Callable[[], None]) -> ipywidgets.Checkbox:
    """Return a box to tick, as wide as its text."""
    made = ipywidgets.Checkbox(
        value=value, description=label, indent=False, layout={"width": "auto"}
    )
    made.observe(lambda _: changed(), names="value")
    return made


def row(*children: ipywidgets.Widget | Sequence[ipywidgets.Widget]) -> ipywidgets.HBox:
    """Return widgets side by side, on as many lines as they need."""
    return ipywidgets.HBox(
        list(children), layout={"flex_flow": "row wrap", "align_items": "center"}
    )
