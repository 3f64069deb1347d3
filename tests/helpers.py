"""Small circuits that several test modules build, and the facts they are held to."""

import json
from pathlib import Path

from wclab import CircuitTemplate, NodeTemplate, OperatorTemplate

# Independent values: see the file itself for parameters, methods and sources.
FACTS = {
    fact["id"]: fact["value"]
    for fact in json.loads((Path(__file__).parent / "data" / "wc_facts.json").read_text())["facts"]
}
WC = "model_templates.neural_mass_models.wilsoncowan.WC"


def node(equations, variables, name="op"):
    """Return a node of one operator."""
    return NodeTemplate("n", [OperatorTemplate(name, equations, variables)])


def one(equations, variables):
    """Return a circuit of one node "n" with one operator "op"."""
    return CircuitTemplate("one", nodes={"n": node(equations, variables)})


def leak(start=0.0, tau=1.0):
    """Return a node with the operator ``x' = (u - x)/tau``."""
    return node("x' = (u - x)/tau", {"x": f"output({start})", "u": "input(0.0)", "tau": tau})


def chain(delay, start=1.0, **edge):
    """Return a -> b with a delay: x decays from `start`, y follows x as it was `delay` ago."""
    attributes = {"weight": 1.0, "delay": delay, **edge}
    return CircuitTemplate(
        "chain",
        nodes={"a": leak(start), "b": leak()},
        edges=[("a/op/x", "b/op/u", None, attributes)],
    )


def everything_as_arrays(monkeypatch):
    """Make every circuit run as arrays, unless it says ``vectorize=False``."""
    monkeypatch.setattr("wclab.circuit.worth_grouping", lambda _: True)


def nested_pairs():
    """Return two circuits of two leaky nodes each, one node driving another across them."""
    inner = CircuitTemplate("pair", nodes={"a": leak(1.0), "b": leak(2.0)})
    return CircuitTemplate(
        "nested", circuits={"c1": inner, "c2": inner}, edges=[("c1/a/op/x", "c2/b/op/u")]
    )


def interrupt_at(count):
    """Return what stands in for `Progress.__call__` and interrupts when so many are done."""

    def report(_, done):
        if done >= count:
            raise KeyboardInterrupt

    return report
