"""wclab: learn the Wilson-Cowan model.

Load a model from YAML, run it, look at it::

    from wclab import CircuitTemplate
    wc = CircuitTemplate.from_yaml("model_templates.neural_mass_models.wilsoncowan.WC")
    wc.run(simulation_time=100.0, step_size=0.01, outputs={"E": "e/rate_op/r"})
"""

from wclab.circuit import CircuitTemplate
from wclab.errors import WclabError
from wclab.grid import (
    circuit_from_yaml,
    clear,
    clear_frontend_caches,
    grid_search,
    integrate,
)
from wclab.sweep import sweep
from wclab.templates import EdgeTemplate, NodeTemplate, OperatorTemplate

__all__ = [
    "CircuitTemplate",
    "EdgeTemplate",
    "NodeTemplate",
    "OperatorTemplate",
    "WclabError",
    "circuit_from_yaml",
    "clear",
    "clear_frontend_caches",
    "grid_search",
    "integrate",
    "sweep",
]
