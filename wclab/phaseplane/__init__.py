"""The phase plane of a circuit: where it rests, where it goes, and what stands between.

The contract: every function takes a circuit, or a model, and plain numbers; what it returns is
computed from the circuit's own equations, and does not change.
"""

from wclab.phaseplane.curves import (
    PhaseLine,
    VectorField,
    nullclines,
    phase_line,
    vector_field,
)
from wclab.phaseplane.maps import PointMap
from wclab.phaseplane.points import FixedPoint, fixed_points, table

__all__ = [
    "FixedPoint",
    "PhaseLine",
    "PointMap",
    "VectorField",
    "fixed_points",
    "nullclines",
    "phase_line",
    "table",
    "vector_field",
]
