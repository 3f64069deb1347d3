"""The phase plane of a circuit: where it rests, where it goes, and what stands between.

The contract: every function takes a circuit, or a model, and plain numbers; what it returns is
computed from the circuit's own equations, and does not change.
"""

from wclab.phaseplane.attractors import Basins, basins
from wclab.phaseplane.curves import (
    PhaseLine,
    VectorField,
    nullclines,
    phase_line,
    vector_field,
)
from wclab.phaseplane.cycles import LimitCycle, limit_cycle
from wclab.phaseplane.drawing import (
    plot_basins,
    plot_count_map,
    plot_field,
    plot_fixed_points,
    plot_nullclines,
    plot_phase_line,
    plot_trajectories,
)
from wclab.phaseplane.flow import (
    Manifolds,
    Trajectories,
    manifolds,
    separatrices,
    trajectories,
)
from wclab.phaseplane.maps import PointMap
from wclab.phaseplane.points import FixedPoint, fixed_points, table
from wclab.phaseplane.pulses import StrengthDuration, pulse_threshold, strength_duration

__all__ = [
    "Basins",
    "FixedPoint",
    "LimitCycle",
    "Manifolds",
    "PhaseLine",
    "PointMap",
    "StrengthDuration",
    "Trajectories",
    "VectorField",
    "basins",
    "fixed_points",
    "limit_cycle",
    "manifolds",
    "nullclines",
    "phase_line",
    "plot_basins",
    "plot_count_map",
    "plot_field",
    "plot_fixed_points",
    "plot_nullclines",
    "plot_phase_line",
    "plot_trajectories",
    "pulse_threshold",
    "separatrices",
    "strength_duration",
    "table",
    "trajectories",
    "vector_field",
]
