"""A matplotlib figure in a notebook that is updated and never rebuilt.

Axes, ticks and labels are drawn once and kept as pixels; an update draws the lines alone on
top of them and sends one image, with a text for those who cannot see it.
"""

import base64
import html
import io
from collections.abc import Sequence
from typing import Any

import ipywidgets
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image


class Picture(ipywidgets.HTML):
    """The image of a figure.

    Parameters
    ----------
    figure : matplotlib Figure
        Not one of pyplot's.
    moving : sequence of Artist
        What an update draws anew.
    """

    def __init__(self, figure: Figure, moving: Sequence[Artist]) -> None:
        super().__init__()
        self.figure, self.moving = figure, list(moving)
        self.canvas = FigureCanvasAgg(figure)
        for artist in self.moving:
            artist.set_animated(True)
        self.background: Any = None

    def show(self, text: str) -> None:
        """Draw the moving parts where they are now; `text` describes the picture."""
        if self.background is None:
            self.canvas.draw()
            self.background = self.canvas.copy_from_bbox(self.figure.bbox)
        self.canvas.restore_region(self.background)
        for artist in self.moving:
            artist.axes.draw_artist(artist) if artist.axes else self.figure.draw_artist(artist)
        source = base64.b64encode(self.png(level=1)).decode()
        alt = html.escape(text, quote=True)
        self.value = f'<img alt="{alt}" src="data:image/png;base64,{source}" width="100%">'

    def png(self, *, level: int = 6) -> bytes:
        """Return the picture as PNG."""
        pixels = Image.fromarray(np.asarray(self.canvas.buffer_rgba())).convert("RGB")
        file = io.BytesIO()
        pixels.save(file, format="png", compress_level=level)
        return file.getvalue()
