"""Templates: YAML or Python to frozen records of operators, nodes, edges and circuits.

The contract: a record that exists is sound, and is a value: changing one makes another.
"""

from wclab.templates.circuits import Circuit, Place
from wclab.templates.edges import Edge, EdgeParts, MatrixEdges, make_edge, read_edge
from wclab.templates.loading import Record, library, list_templates, load
from wclab.templates.matrices import make_matrix
from wclab.templates.nodes import EdgeTemplate, NodeTemplate
from wclab.templates.operators import CONSTANTS, OperatorTemplate
from wclab.templates.variables import Variable, number
from wclab.templates.writing import to_text, write_yaml

__all__ = [
    "CONSTANTS",
    "Circuit",
    "Edge",
    "EdgeParts",
    "EdgeTemplate",
    "MatrixEdges",
    "NodeTemplate",
    "OperatorTemplate",
    "Place",
    "Record",
    "Variable",
    "library",
    "list_templates",
    "load",
    "make_edge",
    "make_matrix",
    "number",
    "read_edge",
    "to_text",
    "write_yaml",
]
