"""Explorers: figures that follow sliders, clicks and keys.

The contract: an explorer wraps functions of plain numbers; the computing half works and is
tested without a display. This is the only part of wclab that imports ipywidgets.
"""

from wclab.explorers.base import Explorer
from wclab.explorers.canvas import Canvas, Event
from wclab.explorers.controls import Slider
from wclab.explorers.fi_curve import FICurve
from wclab.explorers.parameter_plane import ParameterPlane
from wclab.explorers.phase_line import PhaseLine
from wclab.explorers.phase_plane import PhasePlane
from wclab.explorers.ramp_memory import RampMemory
from wclab.explorers.rhythm import Rhythm
from wclab.explorers.step_size import StepSize
from wclab.explorers.trace_determinant import TraceDeterminant
from wclab.explorers.two_populations import TwoPopulations

__all__ = [
    "Canvas",
    "Event",
    "Explorer",
    "FICurve",
    "ParameterPlane",
    "PhaseLine",
    "PhasePlane",
    "RampMemory",
    "Rhythm",
    "Slider",
    "StepSize",
    "TraceDeterminant",
    "TwoPopulations",
]
