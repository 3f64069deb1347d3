"""Many connections at once, from a matrix of weights."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from wclab.errors import OptionError, PathError, nearest, show
from wclab.templates.circuits import Circuit
from wclab.templates.edges import NUMBERS, MatrixEdges
from wclab.templates.nodes import EdgeTemplate


def make_matrix(
    circuit: Circuit,
    source_var: str,
    target_var: str,
    source_nodes: Iterable[str],
    target_nodes: Iterable[str] | None,
    weight: Any,
    template: EdgeTemplate | None,
    attributes: Mapping[str, Any],
    min_weight: float,
) -> MatrixEdges:
    """Return the connections; see `CircuitTemplate.add_edges_from_matrix` for the arguments."""
    sources = _nodes(circuit, source_nodes)
    targets = sources if target_nodes is None else _nodes(circuit, target_nodes)
    shape = (len(targets), len(sources))
    checked = {
        str(key): _of_shape(value, f"edge_attr[{show(key)}]", shape)
        for key, value in attributes.items()
        if key != "weight"
    }
    if weight is None:
        weight = attributes.get("weight", 1.0)
    matrix = _weights(weight, shape, min_weight)
    edges = MatrixEdges(source_var, target_var, sources, targets, matrix, template, checked)
    for key in checked:
        if key not in NUMBERS and template is None:
            raise OptionError(
                f"edge_attr has no attribute {show(key)} without an edge template."
                f"{nearest(key, NUMBERS)}"
            )
    return edges


def _nodes(circuit: Circuit, given: Iterable[str]) -> tuple[str, ...]:
    """Return the paths of nodes given by label, pattern or path."""
    found: list[str] = []
    for pattern in [given] if isinstance(given, str) else given:
        paths = circuit.nodes_like(str(pattern))
        if not paths:
            known = circuit.flat_nodes
            raise PathError(f"no node is named {show(pattern)}.{nearest(pattern, known)}")
        found += paths
    return tuple(found)


def _weights(weight: Any, shape: tuple[int, int], min_weight: float) -> Any:
    """Return the matrix with what is smaller than `min_weight` left out: NaN, or not stored."""
    if hasattr(weight, "tocsr"):
        matrix = weight.tocsr().astype(float)
        if matrix.shape != shape:
            raise OptionError(_wrong_shape("weight", matrix.shape, shape))
        if not np.all(np.isfinite(matrix.data)):
            raise OptionError("weight holds a value that is not finite")
        matrix.data[np.abs(matrix.data) <= min_weight] = 0.0
        matrix.eliminate_zeros()
        return matrix
    matrix = np.array(np.broadcast_to(_of_shape(weight, "weight", shape), shape), dtype=float)
    matrix[np.abs(matrix) <= min_weight] = np.nan
    return matrix


def _of_shape(value: Any, name: str, shape: tuple[int, int]) -> Any:
    """Return one value as it is, anything else as a finite array of the right shape."""
    if np.ndim(value) == 0:
        if isinstance(value, int | float) and not np.isfinite(value):
            raise OptionError(f"{name} is not finite")
        if name == "weight" and np.asarray(value).dtype.kind not in "fiub":
            raise OptionError(f"{name} must hold numbers, not {show(value)}")
        return value
    array = np.asarray(value)
    if array.ndim == 1 and 1 in shape and array.size == max(shape):
        array = array.reshape(shape)
    if array.shape != shape:
        raise OptionError(_wrong_shape(name, array.shape, shape))
    if array.dtype.kind not in "fiub":
        raise OptionError(f"{name} must hold numbers, not {array.dtype}")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        raise OptionError(f"{name} is not finite at [target, source] = {bad[0].tolist()}")
    return array.astype(float)


def _wrong_shape(name: str, given: tuple[int, ...], wanted: tuple[int, int]) -> str:
    turned = " (its transpose would fit)" if given == wanted[::-1] else ""
    return (
        f"{name} has shape {given}, but {wanted[0]} targets and {wanted[1]} sources need "
        f"{wanted}: {name}[target, source]{turned}"
    )
