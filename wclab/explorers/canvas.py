"""The canvas: one widget that draws any scene in the browser and says where it was touched.

The contract: Python computes and sends a scene as one message, its arrays as float32 bytes; the
module ``static/canvas.js`` draws it, at most once per frame of the screen and always the newest.
What the reader does comes back as events.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from wclab.scene import Scene, pack

STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Event:
    """What the reader did on a panel.

    Attributes
    ----------
    type : {"click", "drag"}
    panel : int
    x, y : float
        Where, in the units of the panel's axes.
    name : str
        Of the mark that was dragged.
    index : int
        Which of its points.
    backward : bool
        Whether a click asks for time to run backward.
    end : bool
        Whether this is where a drag ended.
    """

    type: str
    panel: int
    x: float
    y: float
    name: str = ""
    index: int = 0
    backward: bool = False
    end: bool = True


class Canvas(anywidget.AnyWidget):
    """A live picture.

    Parameters
    ----------
    on_event : callable, optional
        Called with an `Event` for each click and each step of a drag.

    Examples
    --------
    >>> from wclab.scene import Line, Panel, Scene
    >>> canvas = Canvas()
    >>> canvas.show(Scene("A line", "It rises.", [Panel()], [Line(x=[0, 1], y=[0, 1])]))
    >>> canvas.frame["seq"], len(canvas.data)
    (1, 16)
    """

    _esm = STATIC / "canvas.js"
    _css = STATIC / "canvas.css"
    frame = traitlets.Dict().tag(sync=True)
    data = traitlets.Bytes().tag(sync=True)
    acknowledged = traitlets.Int().tag(sync=True)

    def __init__(self, on_event: Callable[[Event], None] | None = None) -> None:
        super().__init__()
        self._number = 0
        self._on_event = on_event
        self.on_msg(self._receive)

    def show(self, scene: Scene) -> None:
        """Draw a scene."""
        self._number += 1
        frame, data = pack(scene, self._number)
        with self.hold_sync():
            self.data = data
            self.frame = frame

    def copy_picture(self) -> None:
        """Ask the browser to put the picture on the clipboard."""
        self.send({"type": "copy"})

    def copy_text(self, text: str) -> None:
        """Ask the browser to put a text on the clipboard."""
        self.send({"type": "copy", "text": text})

    def _receive(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Handle one message; whatever happens, tell the browser that it may send the next."""
        try:
            event = Event(**{k: v for k, v in content.items() if k in Event.__annotations__})
            if self._on_event is not None:
                self._on_event(event)
        finally:
            self.acknowledged = int(content.get("event", self.acknowledged))
