"""Branches of rest states and of cycles, and where they change.

The contract: every function returns frozen records that can be printed, tabled and drawn.
"""

from wclab.bifurcation.curves import curve, diagram
from wclab.bifurcation.equilibria import equilibria
from wclab.bifurcation.records import Branch, Curve, Diagram, Plane, PlanePoint, SpecialPoint

__all__ = [
    "Branch",
    "Curve",
    "Diagram",
    "Plane",
    "PlanePoint",
    "SpecialPoint",
    "curve",
    "diagram",
    "equilibria",
]
