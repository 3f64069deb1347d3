"""exp(x) for all lanes of a compiled kernel at once: the C library has it for one number only."""

import math
from functools import lru_cache, partial, reduce
from typing import Any

import numpy as np
from llvmlite import ir

_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10  # fdlibm e_exp.c
_ROUND = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to a whole number


def exponential(build: ir.IRBuilder, x: Any, lanes: int, multiply_add: Any) -> Any:
    """Write exp(x) of all lanes, as 2**n times a polynomial.

    Arguments beyond 708 in size count as 708, where the result is as good as 0 or infinity.
    """
    whole = ir.VectorType(ir.IntType(64), lanes)
    fma = partial(build.call, multiply_add)

    def constant(value: float) -> Any:
        return x.type([value] * lanes)

    for sign, bound in (("<", -708.0), (">", 708.0)):
        beyond = build.fcmp_ordered(sign, x, constant(bound))
        x = build.select(beyond, constant(bound), x)
    shifted = fma([x, constant(1 / math.log(2)), constant(_ROUND)])
    n = build.fsub(shifted, constant(_ROUND))
    r = fma([n, constant(-_LN2_HIGH), x])
    r = fma([n, constant(-_LN2_LOW), r])
    series = [constant(c) for c in _exponential_series()]
    square = build.fmul(r, r)
    sums = (series[::2], series[1::2])  # which do not wait for each other
    even, odd = (reduce(lambda a, c: fma([a, square, c]), part[::-1]) for part in sums)
    power = fma([odd, r, even])
    bits = build.shl(build.bitcast(shifted, whole), whole([52] * lanes))
    scale = build.add(bits, whole([1023 << 52] * lanes))
    return build.fmul(power, build.bitcast(scale, x.type), flags=("contract",))


@lru_cache(maxsize=1)
def _exponential_series() -> list[float]:
    """Return the polynomial of degree 10 that is nearest to exp between -log(2)/2 and log(2)/2."""
    a, f = math.log(2) / 2, math.factorial
    sizes = [  # exp(a x) = I_0(a) T_0(x) + 2 I_1(a) T_1(x) + 2 I_2(a) T_2(x) + ...
        sum((a / 2) ** (2 * k + n) / (f(k) * f(n + k)) for k in range(9)) for n in range(11)
    ]
    series = np.polynomial.Chebyshev(2 * np.array(sizes), domain=[-a, a]) - sizes[0]
    return [float(c) for c in series.convert(kind=np.polynomial.Polynomial).coef]
