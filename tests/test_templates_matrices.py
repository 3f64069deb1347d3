"""Matrices of edges: the single edges they stand for, and changes to one of them."""

import numpy as np
import pytest
from scipy import sparse

from wclab.errors import OptionError, PathError
from wclab.templates import Circuit, MatrixEdges, NodeTemplate, OperatorTemplate


def ring(weight, attributes=None, template=None):
    op = OperatorTemplate("op", "r' = u - r", {"r": "output(1.0)", "u": "input"})
    nodes = {f"n{k}": NodeTemplate("n", op) for k in range(3)}
    edges = MatrixEdges(
        "op/r", "op/u", tuple(nodes), tuple(nodes), weight, template, attributes or {}
    )
    return Circuit("ring", nodes, {}, (edges,))


WEIGHT = np.array([[np.nan, 1.0, 2.0], [3.0, np.nan, 4.0], [5.0, 6.0, np.nan]])


@pytest.mark.parametrize("form", [np.array, lambda w: sparse.csr_array(np.nan_to_num(w))])
def test_matrix_edges_are_single_edges_from_column_to_row(form):
    found = {
        edge.ends(): edge.attributes["weight"] for edge in ring(form(WEIGHT)).edges[0].expand()
    }
    assert len(found) == 6
    assert found["n2/op/r", "n0/op/u"] == 2.0


@pytest.mark.parametrize("form", [np.array, lambda w: sparse.csr_array(np.nan_to_num(w))])
def test_one_edge_of_a_matrix_can_be_changed(form):
    first = ring(form(WEIGHT))
    other = first.with_vars(edge_vars=[("n2/op/r", "n0/op/u", {"weight": 9.0, "delay": 0.5})])
    edges = {edge.ends(): edge for edge in other.edges[0].expand()}
    assert edges["n2/op/r", "n0/op/u"].attributes == {"weight": 9.0, "delay": 0.5}
    assert edges["n1/op/r", "n0/op/u"].attributes == {"weight": 1.0, "delay": 0.0}
    assert next(first.edges[0].expand()).attributes == {"weight": 1.0}
    with pytest.raises(PathError, match="no edge leads from 'n0/op/r' to 'n0/op/u'"):
        first.with_vars(edge_vars=[("n0/op/r", "n0/op/u", {"weight": 9.0})])


@pytest.mark.parametrize("delay", [-1.0, np.diag([0.0, 0.0, -1.0])[::-1]])
def test_a_negative_delay_in_a_matrix_is_refused(delay):
    with pytest.raises(OptionError, match="cannot be negative"):
        ring(WEIGHT, {"delay": delay})


@pytest.mark.parametrize("form", [np.array, lambda w: sparse.csr_array(np.nan_to_num(w))])
def test_only_a_node_without_an_edge_takes_a_value_for_its_input(form):
    weight = WEIGHT.copy()
    weight[1] = np.nan
    some = ring(form(weight))
    assert some.with_vars({"n1/op/u": 4.0}).flat_nodes["n1"]["op"].variables["u"].value == 4.0
    with pytest.raises(OptionError, match=r"'n0/op/u' is fed by edges"):
        some.with_vars({"n0/op/u": 4.0})
