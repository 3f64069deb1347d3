"""The small compiler: machine code computes what the same text computes in Python."""

import ast
import gc

import numpy as np
import pytest

from wclab.engines.compiler import LIBM, compile_kernel
from wclab.equations import SAFE_SCALAR, SCALAR, array_namespace
from wclab.errors import OptionError

EXPRESSIONS = [
    "x + 2.0 * z - x / 3.0",
    "-x * (z - 1.0)",
    "x**3 - z**2 + x**-2 + x**0",
    "exp(x) + 1.0 / (1.0 + exp(-z))",
    "sqrt(absv(x)) + log(absv(z) + 1.0)",
    "sin(x) * cos(z) - tan(0.1 * x)",
    "sinh(x) - cosh(z) + tanh(x * z)",
    "arcsin(sin(x)) + arccos(cos(z)) + arctan(x)",
    "maxi(x, z) - mini(x, z) + sign(x) + heaviside(z)",
    "where(x < z, x, z) + where(x >= z, 1.0, 0.0) + where(x != z, 2.0, 3.0)",
    "where(x, z, 1.0) + power(absv(x), 1.5)",
    "x + n + 2 * n - n / 4",
]


def text(expression: str) -> str:
    return f"def f(n, x_, z_, out):\n    x = x_[0]\n    z = z_[0]\n    out[0] = {expression}\n"


@pytest.mark.parametrize("lanes", [1, 4, 32])
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_machine_code_computes_what_numpy_computes(expression, lanes, rng):
    x, z = rng.normal(size=(2, lanes)) * 3
    out = np.empty(lanes)
    kernel = compile_kernel(text(expression), ("int", "lanes", "lanes", "lanes"), lanes)
    kernel(5, x, z, out)
    code = compile(ast.parse(expression, mode="eval"), "test", "eval")
    with np.errstate(all="ignore"):
        expected = eval(code, {**array_namespace(), "x": x, "z": z, "n": 5})  # noqa: S307 - above
    # some ten operations, each rounded once; exp of many lanes errs by 2e-16 of its value
    np.testing.assert_allclose(out, expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize(
    "expression",
    ["maxi(x, z)", "maxi(z, x)", "mini(x, z)", "mini(z, x)", "sign(x)", "heaviside(x)"],
)
def test_what_is_not_a_number_stays_so_in_every_engine(expression, lanes):
    x, z, out = np.full(lanes, np.nan), np.ones(lanes), np.zeros(lanes)
    compile_kernel(text(expression), ("int", "lanes", "lanes", "lanes"), lanes)(0, x, z, out)
    assert np.isnan(out).all()
    for functions in (SCALAR, SAFE_SCALAR, array_namespace()):
        code = compile(ast.parse(expression, mode="eval"), "test", "eval")
        assert np.isnan(eval(code, {**functions, "x": np.nan, "z": 1.0}))  # noqa: S307 - above


def test_the_exponential_of_lanes_is_right_to_five_in_the_last_place():
    kernel = compile_kernel(
        "def f(n, x, y):\n    for i in range(n):\n        y[i] = exp(x[i])\n",
        ("int", "lanes", "lanes"), 8,
    )  # fmt: skip
    x = np.linspace(-708.0, 708.0, 80_000)
    y = np.empty_like(x)
    kernel(10_000, x, y)
    assert np.abs(y / np.exp(x) - 1).max() < 5 * 2.3e-16


def test_the_exponential_saturates_and_keeps_nan():
    kernel = compile_kernel(
        "def f(x, y):\n    y[0] = 1.0 / (1.0 + exp(x[0]))\n", ("lanes", "lanes"), 4
    )
    y = np.empty(4)
    kernel(np.array([-1e9, -np.inf, 1e9, np.nan]), y)
    assert y[:3].tolist() == pytest.approx([1.0, 1.0, 0.0], abs=1e-300)
    assert np.isnan(y[3])


def test_loops_count_and_carry():
    source = (
        "def f(n, m, out):\n    s = 0.0\n    for i in range(n):\n        for j in range(i, m):\n"
        "            s = s + i * j\n    out[0] = s\n"
    )
    out = np.empty(1)
    compile_kernel(source, ("int", "int", "lanes"))(4, 6, out)
    assert out[0] == sum(i * j for i in range(4) for j in range(i, 6))


def test_a_shared_array_gives_every_lane_the_same_number():
    kernel = compile_kernel(
        "def f(x, y):\n    y[0] = x[1]\n    y[1] = x[0]\n", ("shared", "lanes"), 4
    )
    y = np.empty((2, 4))
    kernel(np.array([1.0, 2.0]), y)
    assert y.tolist() == [[2.0] * 4, [1.0] * 4]


@pytest.mark.parametrize(
    "statement", ["while n: pass", "if n: pass", "x = [1.0]", "import os", "y[0] = n.real"]
)
def test_nothing_outside_the_restricted_language_is_compiled(statement):
    source = f"def f(n, y):\n    {statement}\n"
    with pytest.raises(OptionError, match="a kernel cannot hold"):
        compile_kernel(source, ("int", "lanes"))


def test_an_array_of_another_kind_is_refused():
    kernel = compile_kernel("def f(y):\n    y[0] = 1.0\n", ("lanes",))
    for array in (np.zeros(2, dtype=np.float32), np.zeros((4, 4))[:, 0]):
        with pytest.raises(TypeError, match="contiguous arrays of float64"):
            kernel(array)


def test_every_function_of_the_equations_is_known():
    special = {"exp", "sqrt", "absv", "maxi", "mini", "heaviside", "sign", "where"}
    assert set(array_namespace()) <= special | set(LIBM)


def test_while_if_and_break_decide_as_python_does():
    source = (
        "def f(n, x, out):\n    s = 0.0\n    k = 0\n    while s < x[0]:\n        if k == n:\n"
        "            break\n        k = k + 1\n        if s > 3.0:\n            s = s + 2.0\n"
        "        else:\n            s = s + 1.0\n    for i in range(10):\n"
        "        if i >= n:\n            break\n        while 1.0 < 2.0:\n            break\n"
        "        out[1] = i\n    out[0] = s\n    out[2] = k\n"
    )
    scope = {}
    exec(source, scope)  # noqa: S102 - the text above
    kernel = compile_kernel(source, ("int", "lanes", "lanes"))
    for n, x in [(3, 100.0), (50, 20.5), (50, 0.0), (0, 5.0), (5, np.nan), (5, np.inf)]:
        out, expected = np.zeros(3), np.zeros(3)
        kernel(n, np.array([x]), out)
        scope["f"](n, np.array([x]), expected)
        assert out.tolist() == expected.tolist()


@pytest.mark.parametrize(("lanes", "test"), [(4, "x[0] < 1.0"), (1, "x[0]"), (1, "n")])
def test_a_decision_is_a_comparison_of_single_numbers(lanes, test):
    with pytest.raises(OptionError, match="a kernel cannot hold: if"):
        compile_kernel(
            f"def f(n, x):\n    if {test}:\n        x[0] = 1.0\n", ("int", "lanes"), lanes
        )


def test_a_bound_kernel_keeps_its_code_and_its_arrays():
    call = compile_kernel("def f(h, x):\n    x[0] = x[0] + h\n", ("float", "lanes")).bind(
        x := np.zeros(1)
    )
    compile_kernel.cache_clear()
    gc.collect()
    call(2.0)
    call(0.5)
    assert x[0] == 2.5
