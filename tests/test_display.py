"""What a notebook shows of a circuit: LaTeX that is valid, tables that are whole."""

import re

import numpy as np
import pytest
from helpers import WC, chain, leak, nested_pairs
from test_model import EVERY_CIRCUIT

from wclab import CircuitTemplate, NodeTemplate, OperatorTemplate
from wclab.display import MANY_ROWS


def network(n=100):
    circuit = CircuitTemplate("net_work", nodes={f"p_{k}": leak() for k in range(n)})
    names = list(circuit.nodes)
    return circuit.add_edges_from_matrix("op/x", "op/u", names, weight=np.eye(n) + 0.5)


def assert_valid(text):
    """Check what a LaTeX reader would stumble over."""
    assert text.count("$$") % 2 == 0
    blocks = text.split("$$")[1::2]
    inline = re.findall(r"(?<!\$)\$(?!\$)([^$]*)\$(?!\$)", text)
    for formula in [*blocks, *inline]:
        assert formula.strip()
        plain = formula.replace(r"\{", "").replace(r"\}", "")
        depth = 0
        for char in plain:
            depth += {"{": 1, "}": -1}.get(char, 0)
            assert depth >= 0, formula
        assert depth == 0, formula
        assert len(re.findall(r"\\left\b", formula)) == len(re.findall(r"\\right\b", formula))
        assert formula.count(r"\begin{") == formula.count(r"\end{")
        for words in re.findall(r"\\mathrm\{([^{}]*)\}", formula):
            assert not re.search(r"(?<!\\)[_#&%]", words), words
        assert not re.search(r"_\{[^{}]*\}_|_\w_", formula), formula  # a double index


@EVERY_CIRCUIT
def test_every_shipped_circuit_shows_itself_in_valid_latex(name):
    circuit = CircuitTemplate.from_yaml(name)
    text = circuit._repr_markdown_()
    assert_valid(text)
    assert_valid(f"$${circuit.model().latex()}$$")
    for path in circuit.model().states:
        assert f"`{path}`" in text or "more variables" in text


@pytest.mark.parametrize(
    "circuit",
    [network(), chain(0.5), chain(0.5, spread=0.2), nested_pairs(),
     CircuitTemplate("lag", nodes={"n_1": NodeTemplate("n", [OperatorTemplate(
         "an_op", "x_a' = -x_a(t - d) + pi*t", {"x_a": "output(1.0)", "d": 0.1})])})],
    ids=["network", "delay", "spread", "nested", "names"],
)  # fmt: skip
def test_other_circuits_show_themselves_in_valid_latex(circuit):
    assert_valid(circuit._repr_markdown_())


def test_wc_reads_as_on_a_page():
    latex = CircuitTemplate.from_yaml(WC).model().latex()
    assert r"\frac{dr_{\mathrm{e}}}{dt} &= " in latex
    assert r"w_{\mathrm{e}\mathrm{i}}" in latex
    assert latex.count("&=") == 2 + 2 + 2  # rates, responses, sums of inputs


def test_a_large_network_shows_one_node_of_a_kind_and_cuts_its_tables():
    text = network()._repr_markdown_()
    assert "100 nodes; one node of each kind stands for the others" in text
    assert "more connections" in text
    assert text.count("\n|") < 3 * MANY_ROWS + 10
    assert len(text) < 20_000


def test_tables_hold_every_number_and_every_edge():
    text = CircuitTemplate.from_yaml(WC)._repr_markdown_()
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(rows) == 4
    assert "| `i/rate_op/r` | `e/se_op/r_in` | -15 |" in text
    assert "delay" not in text  # an empty column is left out
    assert "| 0.5 ± 0.2 |" in chain(0.5, spread=0.2)._repr_markdown_()
    assert "`tsodyks_edge`" in CircuitTemplate.from_yaml(WC + "_stp")._repr_markdown_()
