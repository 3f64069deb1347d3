"""Tests of programs: the code is printed once for equal equations."""

from helpers import WC, leak, one

from wclab import CircuitTemplate


def test_circuits_that_differ_in_numbers_share_a_program():
    wc = CircuitTemplate.from_yaml(WC)
    other = wc.with_vars({"i/rate_op/tau": 5.0, "e/rate_op/r": 0.1})
    assert other.model().program is wc.model().program
    assert (other.model().rhs(0.0, [0.1, 0.1]) != wc.model().rhs(0.0, [0.1, 0.1])).any()


def test_circuits_of_other_equations_have_programs_of_their_own():
    first = one("x' = -x/tau", {"x": "output(1.0)", "tau": 2.0})
    second = one("x' = x/tau", {"x": "output(1.0)", "tau": 2.0})
    assert first.model().rhs(0.0, [1.0]) == [-0.5]
    assert second.model().rhs(0.0, [1.0]) == [0.5]


def test_a_driven_input_has_a_program_of_its_own():
    circuit = CircuitTemplate("one", nodes={"n": leak(1.0)})
    assert circuit.run(1.0, 0.5)["n/op/x"].tolist() == [1.0, 0.5]
    assert circuit.run(1.0, 0.5, {"n/op/u": 1.0})["n/op/x"].tolist() == [1.0, 1.0]
