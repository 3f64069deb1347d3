"""What a pair of logistic populations does near a state of rest, from the z of both alone.

At rest the Jacobian, and all higher derivatives, depend only on what both response curves are
evaluated at. Every function takes floats or arrays.
"""

from typing import Any, NamedTuple

from wclab.phaseplane.pair import Pair


class Here(NamedTuple):
    """States, Jacobian and the numbers that higher derivatives need; s is S, r is 1 - S."""

    states: tuple[Any, Any]
    j: tuple[Any, Any, Any, Any]  # j11, j12, j21, j22
    mixed: tuple[Any, Any]  # of each population: c3 s r
    gains: tuple[Any, Any]  # c2 + c3 x
    bends: tuple[tuple[Any, Any], tuple[Any, Any]]  # second and third derivative of S

    @property
    def det(self) -> Any:
        """Determinant of the Jacobian."""
        return self.j[0] * self.j[3] - self.j[1] * self.j[2]

    @property
    def trace(self) -> Any:
        """Trace of the Jacobian."""
        return self.j[0] + self.j[3]


class Local:
    """The numbers of one pair, or of many at once, for `Here` and for what follows from it."""

    def __init__(self, pair: Pair) -> None:
        one = pair.c.ndim == 2
        self.c: Any = pair.c.tolist() if one else pair.c
        self.w: Any = pair.w.tolist() if one else pair.w
        self.m = tuple(c[1] * c[2] - c[0] * c[3] for c in self.c)

    def here(self, s: tuple[Any, Any], r: tuple[Any, Any]) -> Here:
        """Return the state at rest, and its derivatives."""
        x, q, h, mixed, gain, bend = self._one(0, s[0], r[0])
        x2, q2, h2, mixed2, gain2, bend2 = self._one(1, s[1], r[1])
        (w11, w12), (w21, w22) = self.w
        j = q + h * w11, h * w12, h2 * w21, q2 + h2 * w22
        return Here((x, x2), j, (mixed, mixed2), (gain, gain2), (bend, bend2))

    def _one(self, k: int, s: Any, r: Any) -> tuple[Any, ...]:
        """Return what is known of one population: state, slopes by state and z, higher ones."""
        a, b, c, d = self.c[k]
        steep, q = s * r, b + d * s
        gain = self.m[k] / q
        bend = steep * (r - s), steep * (1 - 6 * steep)
        return -(a + c * s) / q, q, gain * steep, d * steep, gain, bend

    def second(self, at: Here, u: Any, v: Any) -> tuple[Any, Any]:
        """Return the second derivative of both rates in two directions."""
        found = []
        for k, (own, other) in enumerate(self.w):
            a, b = own * u[0] + other * u[1], own * v[0] + other * v[1]
            found.append(at.mixed[k] * (u[k] * b + v[k] * a) + at.gains[k] * at.bends[k][0] * a * b)
        return found[0], found[1]

    def third(self, at: Here, u: Any, v: Any, x: Any) -> tuple[Any, Any]:
        """Return the third derivative of both rates in three directions."""
        found = []
        for k, (own, other) in enumerate(self.w):
            a, b = own * u[0] + other * u[1], own * v[0] + other * v[1]
            d = own * x[0] + other * x[1]
            inner = self.c[k][3] * (u[k] * b * d + v[k] * a * d + x[k] * a * b)
            found.append(at.bends[k][0] * inner + at.gains[k] * at.bends[k][1] * a * b * d)
        return found[0], found[1]

    def cusp(self, at: Here) -> Any:
        """Return the quadratic coefficient of a fold, up to a positive factor; 0 at a cusp."""
        j11, j12, j21, _ = at.j
        bent = self.second(at, (j12, -j11), (j12, -j11))
        return j21 * bent[0] - j11 * bent[1]

    def lyapunov(self, at: Here) -> Any:
        """Return the first Lyapunov coefficient where trace is 0 and det above 0.

        Kuznetsov (2004), eq. 3.18, with an eigenvector of length 1.
        """
        j11, j12, j21, _j22 = at.j
        omega = abs(at.det) ** 0.5
        size = (j12 * j12 + j11 * j11 + omega * omega) ** 0.5
        q = (j12 / size, (1j * omega - j11) / size)
        q_ = (j12 / size, (-1j * omega - j11) / size)
        # conj(p).q = 1 for p of the transposed matrix and -i omega: conj(p) = (j21, i omega - j11)
        p = (j21, 1j * omega - j11)
        norm = p[0] * q[0] + p[1] * q[1]
        qq, qc = self.second(at, q, q), self.second(at, q, q_)
        cubic = self.third(at, q, q, q_)
        g20, g11, g21 = ((p[0] * x[0] + p[1] * x[1]) / norm for x in (qq, qc, cubic))
        return (1j * g20 * g11 + omega * g21).real / (2 * omega * omega)
