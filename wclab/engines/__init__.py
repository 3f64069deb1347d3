"""Engines: how a model is integrated fast.

The contract: an engine takes a `Task` and returns a `Trace`; all of them take the same
steps and agree to rounding.
"""

from wclab.engines.adaptive import run_adaptive
from wclab.engines.dopri5 import run_dopri5
from wclab.engines.ensemble import fits_a_batch, run_ensemble
from wclab.engines.fixed import run_fixed
from wclab.engines.task import Task, Trace

__all__ = [
    "Task",
    "Trace",
    "fits_a_batch",
    "run_adaptive",
    "run_dopri5",
    "run_ensemble",
    "run_fixed",
]
