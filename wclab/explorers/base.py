"""What all explorers share: controls beside one canvas, and a function from numbers to a scene.

The contract: the function gets the numbers of all sliders and returns a `wclab.scene.Scene`; it
knows nothing of widgets. An explorer sends the scene to its canvas, writes its text under it,
draws it for print, and tells the code that makes it again.
"""

import html
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import ipywidgets

from wclab.circuit import CircuitTemplate
from wclab.errors import OptionError, PathError, WclabError, nearest, show
from wclab.explorers.canvas import Canvas, Event
from wclab.explorers.code import circuit_code, explorer_code, own_code
from wclab.explorers.controls import Control, Key, Slider, button, choose, row
from wclab.model import Model
from wclab.printing import draw_scene
from wclab.scene import Scene

Sliders = Sequence[Slider] | Callable[[CircuitTemplate], Sequence[Slider]]
Values = dict[Key, float]


class Explorer(ipywidgets.VBox):
    """A live figure: sliders, a canvas, a line of text.

    Parameters
    ----------
    compute : callable
        Takes the explorer, whose `values`, `model` and `circuit` follow the sliders, and returns
        a `wclab.scene.Scene`.
    circuit : CircuitTemplate, optional
        What sliders with paths or edges act on.
    sliders : sequence of Slider, or callable
        Or a function of the circuit that returns them, if presets have different variables.
    presets : mapping, optional
        Names to circuits, or to paths of templates, for a menu.
    extra : sequence of Widget, optional
        Shown under the sliders.
    on_event : callable, optional
        Called with an `Event` when the reader clicks or drags on the canvas.

    Attributes
    ----------
    scene : Scene
        What is shown.
    text : str
        The same in words.

    Examples
    --------
    A picture of one's own, here of any function with a number:

    >>> import numpy as np
    >>> from wclab.explorers import Explorer, Slider
    >>> from wclab.scene import Line, Panel, Scene
    >>> def wave(explorer):
    ...     x = np.linspace(0, 10, 200)
    ...     y = np.sin(explorer.values["frequency"] * x)
    ...     panel = Panel(xlabel="time", xlim=(0, 10), ylim=(-1, 1))
    ...     return Scene("A wave", f"{len(x)} points", [panel], [Line(x=x, y=y)])
    >>> explorer = Explorer(wave, sliders=[Slider("frequency", 0, 5, 1)])
    >>> explorer.set({"frequency": 2})
    >>> explorer.values
    {'frequency': 2.0}
    """

    def __init__(
        self,
        compute: Callable[[Any], Scene],
        *,
        circuit: CircuitTemplate | None = None,
        sliders: Sliders = (),
        presets: Mapping[str, CircuitTemplate | str] | None = None,
        extra: Sequence[ipywidgets.Widget] = (),
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self._compute, self._make_sliders = compute, sliders
        self._presets = dict(presets or {})
        self._paused = False
        self._canvas = Canvas(on_event)
        self._readout = ipywidgets.HTML()
        self._readout.add_class("wclab-readout")
        self._code = ipywidgets.Textarea(
            description="code", layout={"width": "100%", "height": "7em"}
        )
        self._code.tooltip = "The code that makes this figure again"
        self._controls_box = row()
        self._use(circuit)
        self._start = circuit
        self._menu = self._make_menu()
        tools = [
            button("reset", "Back to the numbers at the start", self.reset),
            button("export as code", "Show the code that makes this figure again", self._export),
            button("copy picture", "Put the picture on the clipboard", self._canvas.copy_picture),
        ]
        menu = [self._menu] if self._menu else []
        self._code_box = ipywidgets.VBox([])
        self.refresh()
        super().__init__(
            [self._controls_box, row(*extra, *menu, *tools), self._canvas, self._readout,
             self._code_box]
        )  # fmt: skip
        self.add_class("wclab-explorer")

    @property
    def values(self) -> Values:
        """The numbers of all sliders."""
        return {key: control.value for key, control in self._controls.items()}

    @property
    def model(self) -> Model:
        """The circuit's model with the numbers of the sliders."""
        model = self._known_model
        if model is None:
            raise OptionError("this explorer was made without a circuit: it has no model")
        return model.with_parameters({k: v for k, v in self.values.items() if self._sets(k)})

    @property
    def circuit(self) -> CircuitTemplate:
        """The circuit with the numbers of the sliders."""
        if self._circuit is None:
            raise OptionError("this explorer was made without a circuit")
        paths, edges = self._changes()
        return self._circuit.with_vars(paths, edges) if paths or edges else self._circuit

    def set(self, values: Mapping[Key, float]) -> None:
        """Set sliders, and draw once.

        Raises
        ------
        PathError
            If a key is that of no slider.
        """
        with self._pause():
            for key, value in values.items():
                if key not in self._controls:
                    known = [str(known) for known in self._controls]
                    raise PathError(f"{show(key)} is no slider here.{nearest(key, known)}")
                self._controls[key].value = float(value)

    def reset(self) -> None:
        """Go back to the numbers at the start."""
        with self._pause():
            if self._menu and self._menu.value != self._menu.options[0]:
                self._menu.value = self._menu.options[0]
            for control in self._controls.values():
                control.value = control.start
            self.restart()

    def restart(self) -> None:
        """Forget what was launched or dragged; for explorers that keep such things."""

    def refresh(self) -> None:
        """Compute and draw; an error of the model is told under the picture."""
        if self._paused:
            return
        try:
            self.scene = self._compute(self)
        except WclabError as error:
            self.text = f"There is no picture for these numbers. {error}"
            if not self._canvas.frame:
                raise
            self._readout.value = f"<span role='alert'>{html.escape(self.text)}</span>"
            return
        self.text = self.scene.text
        self._canvas.show(self.scene)
        self._readout.value = html.escape(self.text).replace("\n", "<br>")

    def figure(self) -> Any:
        """Return what is shown as a matplotlib Figure."""
        return draw_scene(self.scene)

    def settings(self) -> dict[str, Any]:
        """Return the arguments, besides the circuit, that make this explorer again."""
        return {str(key): value for key, value in self.values.items() if not self._sets(key)}

    def code(self) -> str:
        """Return the code of a cell that makes what is on the screen."""
        circuit = ""
        if self._circuit is not None:
            circuit = circuit_code(self._circuit.path, *self._changes(changed_only=True))
        if type(self) is Explorer:
            name = getattr(self._compute, "__name__", "compute")
            return own_code(name, circuit, self.values)
        return explorer_code(type(self), circuit, self.settings())

    def _changes(self, *, changed_only: bool = False) -> tuple[dict[str, float], list[Any]]:
        """Return the arguments of `with_vars` for the sliders."""
        paths: dict[str, float] = {}
        edges: list[Any] = []
        for key, control in self._controls.items():
            value = control.value
            if not self._sets(key) or (changed_only and value == self._own(key)):
                continue
            if isinstance(key, str):
                paths[key] = value
            else:
                edges.append((*key, {"weight": value}))
        return paths, edges

    def _use(self, circuit: CircuitTemplate | None) -> None:
        """Take a circuit, and make the sliders for it."""
        self._circuit = circuit
        self._known_model = None if circuit is None else circuit.model()
        made = self._make_sliders
        if callable(made):
            assert circuit is not None
            made = made(circuit)
        self._controls = {}
        for slider in made:
            self._controls[slider.key] = self._control(slider)
        self._controls_box.children = tuple(self._controls.values())

    def _control(self, slider: Slider) -> Control:
        value = slider.value
        if value is None:
            if not self._sets(slider.key):
                known = [] if self._known_model is None else list(self._known_model.parameters)
                raise PathError(
                    f"slider {show(slider.key)} has no value, and names no parameter of the "
                    f"circuit.{nearest(slider.key, [str(k) for k in known])}"
                )
            value = self._own(slider.key)
        return Control(slider, float(value), self.refresh)

    def _sets(self, key: Key) -> bool:
        """Tell whether a key names a parameter or an initial value of the circuit."""
        model = self._known_model
        return model is not None and (key in model.parameters or key in model.states)

    def _own(self, key: Key) -> float:
        """Return the circuit's own value."""
        model = self._known_model
        assert model is not None
        if key in model.parameters:
            return model.parameters[key]
        return float(model.y0[model.states.index(str(key))])

    def _make_menu(self) -> Any:
        if not self._presets:
            return None
        menu = ipywidgets.Dropdown(
            options=["as given", *self._presets], description="preset",
            tooltip="Published sets of numbers", layout={"width": "22em"},
        )  # fmt: skip
        menu.observe(lambda change: self.load(change["new"]), names="value")
        return menu

    def load(self, preset: str) -> None:
        """Take the circuit of a preset by its name.

        Raises
        ------
        OptionError
            If there is no preset of that name.
        """
        circuit = self._start
        if preset != "as given":
            found = choose(self._presets, preset, "preset")
            circuit = CircuitTemplate.from_yaml(found) if isinstance(found, str) else found
        with self._pause():
            self._use(circuit)
            self.restart()

    def _export(self) -> None:
        self._code.value = self.code()
        self._code.rows = self._code.value.count("\n") + 1
        self._code_box.children = (self._code,)
        self._canvas.copy_text(self._code.value)

    @contextmanager
    def _pause(self) -> Iterator[None]:
        """Draw once at the end, not for each change."""
        outer, self._paused = self._paused, True
        try:
            yield
        finally:
            self._paused = outer
        self.refresh()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widget, and for pages without a kernel a picture and its text."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        file = io.BytesIO()
        self.figure().savefig(file, format="png", metadata={"Software": None})
        data["image/png"] = file.getvalue()
        data["text/plain"] = f"{type(self).__name__}: {self.text}"
        return data, {**metadata, "image/png": {"alt": self.text}}
