"""Circuits: made from templates or paths, looked at, changed, written to YAML and read again."""

import os

import numpy as np
import pandas as pd
import pytest
from helpers import WC, chain, leak, nested_pairs, node
from scipy import sparse
from test_model import CIRCUITS, EVERY_CIRCUIT

from wclab import CircuitTemplate, EdgeTemplate, NodeTemplate, OperatorTemplate, WclabError
from wclab.errors import OptionError, PathError, TemplateError, TemplateTypeError

LOOP = ("e/rate_op/r", "e/se_op/r_in")
FOLDER = WC.rpartition(".")[0]
DRIVE = {"e/se_op/r_ext": 1.0}


def wc():
    return CircuitTemplate.from_yaml(WC)


def run_of(circuit):
    return circuit.run(2, 0.1, inputs=DRIVE)


# --- made ---


def in_python():
    """Return WC, written out in Python."""
    text = "m = sigmoid(s*(r_in + r_ext - theta)) - sigmoid(-s*theta)"

    def variables(s, theta):
        return {"r_in": "input(0.0)", "r_ext": "input(0.0)", "m": "output(0.0)", "s": s,
                "theta": theta}  # fmt: skip

    rate = OperatorTemplate(
        "rate_op", "r' = (-r + (1.0 - k*r)*m)/tau",
        {"m": "input", "r": "output(0.0)", "k": 1.0, "tau": 10.0},
    )  # fmt: skip
    se = OperatorTemplate("se_op", [text], variables(1.0, 2.0))
    si = OperatorTemplate("si_op", [text], variables(2.0, 2.5))
    return CircuitTemplate(
        "WC",
        nodes={"e": NodeTemplate("exc", [se, rate]), "i": NodeTemplate("inh", [si, rate])},
        edges=[
            (*LOOP, None, {"weight": 15.0}),
            ("i/rate_op/r", "e/se_op/r_in", None, {"weight": -15.0}),
            {"source": "e/rate_op/r", "target": "i/si_op/r_in", "template": None,
             "variables": {"weight": 15.0}},
            ["i/rate_op/r", "i/si_op/r_in", None, {"weight": -4.0}],
        ],
    )  # fmt: skip


def test_the_same_circuit_in_python_and_in_yaml_runs_the_same():
    pd.testing.assert_frame_equal(run_of(in_python()), run_of(wc()))


def test_constructors_take_paths_as_well_as_templates():
    circuit = CircuitTemplate(
        "WC",
        nodes={"e": f"{FOLDER}.exc_pop", "i": NodeTemplate.from_yaml(f"{FOLDER}.inh_pop")},
        edges=wc().edges,
    )
    pd.testing.assert_frame_equal(run_of(circuit), run_of(wc()))
    made = NodeTemplate("n", [f"{FOLDER}.se_op", f"{FOLDER}.rate_op"])
    assert made["rate_op"]["tau"] == 10.0
    made = NodeTemplate("n", {f"{FOLDER}.rate_op": {"tau": 3.0}})
    assert made["rate_op"]["tau"] == 3.0


def test_circuits_nest_and_take_paths():
    circuit = CircuitTemplate("two", circuits={"c1": WC, "c2": wc()})
    assert circuit.get_nodes() == ["c1/e", "c1/i", "c2/e", "c2/i"]
    run = circuit.run(2, 0.1, inputs={"all/e/se_op/r_ext": 1.0})
    np.testing.assert_array_equal(run.to_numpy()[:, :2], run_of(wc()))
    np.testing.assert_array_equal(run.to_numpy()[:, 2:], run_of(wc()))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"nodes": {"a": 3}}, TemplateTypeError, "'a' must be a NodeTemplate, not 3"),
        ({"nodes": ["a"]}, TemplateTypeError, "nodes is a dict such as"),
        ({"circuits": ["a"]}, TemplateTypeError, "circuits is a dict such as"),
        ({"nodes": {"a": leak()}, "circuits": {"c": WC}}, TemplateError, "not both"),
        ({"circuits": {"a": leak()}}, TemplateTypeError, "is not a CircuitTemplate"),
        ({"nodes": {"a/b": leak()}}, TemplateError, "cannot name a node"),
        ({"nodes": {"all": leak()}}, TemplateError, "cannot name a node"),
        ({"nodes": {"a": f"{FOLDER}.exc_popp"}}, PathError, "Did you mean 'exc_pop'"),
        ({"nodes": {"a": WC}}, TemplateTypeError, "is a CircuitTemplate, not a NodeTemplate"),
        ({"edges": [("a/op/x", "b/op/u")]}, PathError, "no node 'a'"),
    ],
)
def test_parts_of_the_wrong_kind_are_named(arguments, error, words):
    with pytest.raises(error, match=words):
        CircuitTemplate("c", **arguments)


@pytest.mark.parametrize(
    "template", [OperatorTemplate, NodeTemplate, EdgeTemplate], ids=lambda t: t.__name__
)
def test_a_template_of_another_kind_is_a_type_error(template):
    with pytest.raises(TypeError, match=r"is a CircuitTemplate, not an? "):
        template.from_yaml(WC)


# --- looked at ---


def test_indexing_goes_down_to_a_number():
    circuit = wc()
    assert circuit["e"]["rate_op"]["tau"] == circuit["e/rate_op/tau"] == 10.0
    assert circuit["e"]["rate_op"]["r"] == "output(0.0)"
    assert nested_pairs()["c2"]["a"]["op"]["tau"] == nested_pairs()["c2/a/op/tau"] == 1.0


@pytest.mark.parametrize(
    ("key", "words"),
    [("x", "no node 'x'. Known: e, i."), ("e/rate_o", "Did you mean 'rate_op'"), (0, "no node '0'"),
     ("e/rate_op/ta", "Did you mean 'tau'"), ("e/rate_op/tau/x", "nothing lies below a variable")],
)  # fmt: skip
def test_indexing_by_an_unknown_name_says_what_exists(key, words):
    with pytest.raises(PathError) as error:
        wc()[key]
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [("all", ["c1/a", "c1/b", "c2/a", "c2/b"]), ("c1", ["c1/a", "c1/b"]),
     ("c1/all", ["c1/a", "c1/b"]),
     ("all/b", ["c1/b", "c2/b"]), (["c1", "all"], ["c1/a", "c1/b"]), ("c2/a", ["c2/a"])],
)  # fmt: skip
def test_patterns_stand_for_nodes(pattern, found):
    assert nested_pairs().get_nodes(pattern) == found


def test_nodes_can_be_asked_for_by_what_they_have():
    assert wc().get_nodes("all", ("se_op", "m")) == ["e"]
    assert wc().get_nodes("all", "rate_op/r") == ["e", "i"]
    with pytest.raises(PathError, match=r"no node is named 'x'. Known: e, i"):
        wc().get_nodes("x")


def test_a_circuit_tells_its_parts():
    circuit = wc()
    assert (circuit.name, circuit.path) == ("WC", WC)
    assert repr(circuit) == "<CircuitTemplate 'WC': 2 nodes>"
    assert list(circuit.nodes) == ["e", "i"]
    assert circuit.edges[0] == (*LOOP, None, {"weight": 15.0})
    assert list(nested_pairs().circuits) == ["c1", "c2"]


# --- changed ---


def test_with_vars_makes_a_new_circuit_and_leaks_nothing():
    circuit, before = wc(), run_of(wc())
    other = circuit.with_vars({"e/rate_op/tau": 5.0}, [(*LOOP, {"weight": 12.0})])
    assert other["e/rate_op/tau"] == 5.0
    assert other.edges[0][3] == {"weight": 12.0}
    assert circuit["e/rate_op/tau"] == 10.0
    pd.testing.assert_frame_equal(run_of(circuit), before)
    assert not run_of(other).equals(before)


def test_update_var_changes_this_circuit_and_no_other():
    circuit, twin, before = wc(), wc(), run_of(wc())
    shared = circuit["e"]
    assert circuit.update_var({"e/rate_op/tau": 5.0}) is circuit
    assert circuit["e/rate_op/tau"] == 5.0
    assert shared["rate_op"]["tau"] == 10.0
    for other in (twin, wc()):
        pd.testing.assert_frame_equal(run_of(other), before)
    assert not run_of(circuit).equals(before)


def test_circuits_made_from_one_part_are_changed_separately():
    circuit = nested_pairs()
    circuit.update_var({"c1/a/op/tau": 7.0})
    assert (circuit["c1/a/op/tau"], circuit["c2/a/op/tau"]) == (7.0, 1.0)


def test_an_update_after_a_run_takes_effect():
    circuit = wc()
    run_of(circuit)
    circuit.update_var({"e/rate_op/r": 0.5})
    assert run_of(circuit).iloc[0, 0] == 0.5


def test_all_takes_one_number_or_one_for_each():
    assert wc().with_vars({"all/rate_op/tau": 3})["i/rate_op/tau"] == 3.0
    circuit = wc().with_vars({"all/rate_op/tau": np.array([3.0, 4.0])})
    assert (circuit["e/rate_op/tau"], circuit["i/rate_op/tau"]) == (3.0, 4.0)


@pytest.mark.parametrize("number", [3, 3.0, np.int64(3), np.float32(3), np.float64(3), "3"])
def test_every_kind_of_number_sets_a_variable(number):
    circuit = wc().with_vars({"e/rate_op/tau": number}, [(*LOOP, {"weight": number})])
    assert circuit["e/rate_op/tau"] == 3.0
    assert circuit.model().parameters[LOOP] == 3.0


@pytest.mark.parametrize(
    ("node_vars", "edge_vars", "words"),
    [
        ({"e/rate_op/tua": 1}, None, "no variable 'tua'. Did you mean 'tau'?"),
        ({"e": 1}, None, "a path is 'node/operator/variable'"),
        ([1], None, "node_vars is a dict such as"),
        ("e/rate_op/tau", None, "node_vars is a dict such as"),
        ({"e/rate_op/tau": "slow"}, None, "variable tau: 'slow'"),
        ({"e/rate_op/tau": None}, None, "None is not a number"),
        ({"e/rate_op/tau": np.nan}, None, "nan is not a finite number"),
        ({"e/rate_op/tau": [1, 2]}, None, "stands for 1 variable(s), but got 2 values"),
        ({"e/se_op/m": 1}, None, "'e/se_op/m' is set by its equation"),
        (None, [(*LOOP, {"wieght": 1})], "no attribute 'wieght'. Did you mean 'weight'?"),
        (None, [(*LOOP, {"weight": "strong"})], "weight: 'strong' is not a number"),
        (None, [(*LOOP, 12)], "attributes are a dict such as {'weight': 1.0}, not 12"),
        (None, [LOOP], "edge_vars takes (source, target, {'weight': ...})"),
        (None, (*LOOP, {"weight": 1}), "edge_vars takes (source, target, {'weight': ...})"),
        (None, [(LOOP[0], "e/se_op/r_ext", {"weight": 1})], "no edge leads from"),
        (None, [(*LOOP, {"delay": -1})], "cannot be negative"),
        (None, [(*LOOP, {"spread": 1})], "spread needs a delay above 0"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["with_vars", "update_var"])
def test_a_change_that_cannot_be_says_why_and_changes_nothing(method, node_vars, edge_vars, words):
    circuit = wc()
    with pytest.raises(WclabError) as error:
        getattr(circuit, method)(node_vars, edge_vars)
    assert words in str(error.value)
    pd.testing.assert_frame_equal(run_of(circuit), run_of(wc()))


def test_a_child_circuit_updates_nodes_and_appends_edges():
    circuit = wc()
    child = circuit.update_template(
        name="child", nodes={"z": f"{FOLDER}.exc_pop"}, edges=[("z/rate_op/r", "e/se_op/r_in")]
    )
    assert (child.name, child.get_nodes()) == ("child", ["e", "i", "z"])
    assert len(child.edges) == 5
    assert (circuit.name, len(circuit.edges)) == ("WC", 4)
    assert circuit.update_template(edges=child.edges[:1], in_place=True) is circuit
    assert len(circuit.edges) == 5


# --- many edges at once ---


def line(n=4):
    return CircuitTemplate("line", nodes={f"p{k}": leak(0.1 * k) for k in range(n)})


NAMES = [f"p{k}" for k in range(4)]


@pytest.mark.parametrize(
    "form", [np.asarray, sparse.csr_matrix, sparse.coo_array, np.ndarray.tolist]
)
@pytest.mark.parametrize("delay", [None, 0.2, "matrix"])
def test_a_matrix_of_weights_is_its_edges_one_by_one(form, delay, rng):
    weight = rng.normal(size=(4, 4)) * (rng.random((4, 4)) < 0.6)
    delays = {None: None, 0.2: np.full((4, 4), 0.2)}.get(delay, 0.1 * rng.integers(1, 5, (4, 4)))
    matrix = line().add_edges_from_matrix(
        "op/x", "op/u", NAMES, weight=form(weight),
        edge_attr=None if delay is None else {"delay": 0.2 if delay == 0.2 else delays},
    )  # fmt: skip
    edges = [
        (f"p{s}/op/x", f"p{t}/op/u", None,
         {"weight": weight[t, s]} | ({} if delay is None else {"delay": delays[t, s]}))
        for s in range(4) for t in range(4) if weight[t, s]
    ]  # fmt: skip
    single = line().update_template(edges=edges)
    np.testing.assert_allclose(matrix.run(2, 0.1), single.run(2, 0.1), rtol=1e-13, atol=1e-15)


def test_a_matrix_from_some_nodes_to_others():
    circuit = line().add_edges_from_matrix(
        "op/x", "op/u", ["p1", "p2"], ["p3"], weight=[[2.0, 1e-9]], min_weight=1e-6
    )
    assert circuit.edges == [("p1/op/x", "p3/op/u", None, {"weight": 2.0})]


def test_a_matrix_of_edges_with_equations_of_their_own():
    operator = OperatorTemplate("sat", "y = tanh(v)", {"v": "input", "y": "output"})
    edge = EdgeTemplate("sat_edge", [operator])
    circuit = line().add_edges_from_matrix(
        "op/x", "op/u", NAMES, weight=np.eye(4) * 2.0, template=edge
    )
    run = circuit.run(0.2, 0.1, outputs=["p3/op/u"])
    assert run.iloc[0, 0] == pytest.approx(2 * np.tanh(0.3), rel=1e-14)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"weight": np.ones((2, 3))}, "weight has shape (2, 3), but 4 targets and 4 sources"),
        ({"target_nodes": ["p0"], "weight": np.ones((4, 1))}, "its transpose would fit"),
        ({"weight": np.full((4, 4), np.nan)}, "not finite at [target, source] = [0, 0]"),
        ({"weight": "strong"}, "weight must hold numbers, not 'strong'"),
        ({"edge_attr": {"dely": 1}}, "Did you mean 'delay'?"),
        ({"edge_attr": {"delay": np.ones(3)}}, "edge_attr['delay'] has shape (3,)"),
        ({"source_nodes": ["q"]}, "no node is named 'q'"),
        ({"source_var": "op/y"}, "has no variable 'y'"),
    ],
)
def test_a_matrix_that_does_not_fit_says_why(arguments, words):
    circuit = line()
    usual = {"source_var": "op/x", "target_var": "op/u", "source_nodes": NAMES}
    with pytest.raises(WclabError) as error:
        circuit.add_edges_from_matrix(**usual | arguments)
    assert words in str(error.value)
    assert circuit.edges == []


# --- written and read ---


def reloaded(circuit, folder="saved"):
    circuit.to_yaml(f"{folder}/file.yaml")
    return CircuitTemplate.from_yaml(f"{folder}/file/{circuit.name}")


def same(circuit, other, step):
    """Tell that two circuits have the same variables and the same course."""
    first, second = circuit.run(50 * step, step), other.run(50 * step, step)
    assert sorted(first.columns) == sorted(second.columns)
    np.testing.assert_allclose(second[first.columns], first, rtol=1e-14, atol=1e-300)


@EVERY_CIRCUIT
def test_every_shipped_circuit_is_the_same_after_writing_and_reading(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    circuit = CircuitTemplate.from_yaml(name)
    same(circuit, reloaded(circuit), 1e-4 if "jansenrit" in name else 1e-2)


def with_matrix():
    circuit = line()
    weight = np.arange(16.0).reshape(4, 4) / 10
    return circuit.add_edges_from_matrix(
        "op/x", "op/u", NAMES, weight=weight, edge_attr={"delay": 0.01 * (1 + weight)}
    )


@pytest.mark.parametrize(
    "make",
    [
        nested_pairs,
        with_matrix,
        lambda: chain(0.1, spread=0.05),
        lambda: nested_pairs().with_vars({"c1/a/op/tau": 3.0, "all/b/op/x": [0.2, 0.3]}),
        lambda: wc().with_vars({"e/rate_op/tau": np.float64(3)}, [(*LOOP, {"weight": np.int8(2)})]),
        lambda: CircuitTemplate.from_yaml(WC + "_stp").with_vars({"e->i/tsodyks_op/U0": 0.3}),
        lambda: CircuitTemplate("x", circuits={"c1": wc(), "c2": WC + "_stp"}),
        lambda: CircuitTemplate("deep", circuits={"d": nested_pairs()}),
        lambda: CircuitTemplate("c", nodes={"op": node("x' = -x", {"x": "output(1e-30)"})}),
    ],
    ids=["nested", "matrix", "spread", "nested with_vars", "with_vars", "edge with_vars", "mixed",
         "deep", "names"],
)  # fmt: skip
def test_a_circuit_made_in_python_is_the_same_after_writing_and_reading(
    make, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    circuit = make()
    once = reloaded(circuit)
    same(circuit, once, 1e-2)
    same(circuit, reloaded(once, "again"), 1e-2)


def test_two_different_operators_of_one_name_cannot_go_to_one_file(tmp_path):
    other = node("x' = -2*x", {"x": "output(1.0)"})
    circuit = CircuitTemplate("c", nodes={"a": leak(), "b": other})
    with pytest.raises(TemplateError, match=r"two different operators are named 'op'.*rename"):
        circuit.to_yaml(tmp_path / "c.yaml")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("path", ["", 3, None])
def test_a_file_without_a_name_is_refused(path):
    with pytest.raises(PathError, match="to_yaml takes the name of a file"):
        wc().to_yaml(path)


def test_a_file_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PathError, match="cannot be written"):
        wc().to_yaml(tmp_path / "file" / "wc.yaml")


def test_an_edited_file_is_read_anew(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    old = reloaded(wc())
    file = tmp_path / "saved" / "file.yaml"
    file.write_text(file.read_text().replace("tau: 10.0", "tau: 5.0"))
    new = CircuitTemplate.from_yaml("saved.file.WC")
    assert (old["e/rate_op/tau"], new["e/rate_op/tau"]) == (10.0, 5.0)
    pd.testing.assert_frame_equal(run_of(new), run_of(wc().with_vars({"all/rate_op/tau": 5.0})))


def test_the_same_name_in_two_folders_is_two_files(tmp_path, monkeypatch):
    for folder, tau in (("one", 5.0), ("two", 20.0)):
        (tmp_path / folder).mkdir()
        wc().with_vars({"all/rate_op/tau": tau}).to_yaml(tmp_path / folder / "model.yaml")
    found = []
    for folder in ("one", "two", "one"):
        monkeypatch.chdir(tmp_path / folder)
        found.append(CircuitTemplate.from_yaml("model.WC")["e/rate_op/tau"])
    assert found == [5.0, 20.0, 5.0]


def test_the_library_is_found_from_any_folder(tmp_path, monkeypatch):
    expected = run_of(wc())
    monkeypatch.chdir(tmp_path)
    pd.testing.assert_frame_equal(run_of(wc()), expected)
    assert len(CIRCUITS) > 15


def test_an_option_error_is_a_value_error_and_a_path_error_a_lookup_error():
    assert issubclass(OptionError, ValueError)
    assert issubclass(PathError, LookupError)
