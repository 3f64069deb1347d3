"""Explorers: figures that follow sliders.

The contract: an explorer wraps functions of plain numbers; the computing half works and is
tested without a display. This is the only part of wclab that imports ipywidgets.
"""

from wclab.explorers.two_populations import TwoPopulations

__all__ = ["TwoPopulations"]
