"""Branches of rest states and of cycles, and where they change.

The contract: every function returns frozen records that can be printed, tabled and drawn.
"""

from wclab.bifurcation.curves import curve, diagram
from wclab.bifurcation.cycles import Cycles, SpecialCycle, cycles
from wclab.bifurcation.equilibria import equilibria
from wclab.bifurcation.hysteresis import Hysteresis, hysteresis
from wclab.bifurcation.records import Branch, Curve, Diagram, Plane, PlanePoint, SpecialPoint

__all__ = [
    "Branch",
    "Curve",
    "Cycles",
    "Diagram",
    "Hysteresis",
    "Plane",
    "PlanePoint",
    "SpecialCycle",
    "SpecialPoint",
    "curve",
    "cycles",
    "diagram",
    "equilibria",
    "hysteresis",
]
