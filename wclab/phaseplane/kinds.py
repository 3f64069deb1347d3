"""What a fixed point is: its eigenvalues and its name.

Names are Strogatz's (Nonlinear Dynamics and Chaos, ch. 5): node, focus (his spiral), saddle,
centre, and the degenerate ones between them.
"""

import numpy as np

ROUNDING = 1e-9  # an eigenvalue this small, against the largest entry of the Jacobian, is zero

PLANAR = (
    "stable node",
    "stable focus",
    "unstable node",
    "unstable focus",
    "saddle",
    "centre",
    "stable degenerate node",
    "unstable degenerate node",
    "stable star node",
    "unstable star node",
    "fold",
    "double zero",
)


def planar_kinds(jacobian: np.ndarray) -> np.ndarray:
    """Return the place in `PLANAR` of the name of each point, from Jacobians (2, 2, ...).

    A trace, a determinant or a discriminant counts as zero if it is at most `ROUNDING` in units
    of the largest entry.
    """
    (a, b), (c, d) = jacobian
    scale = np.maximum(np.abs(jacobian).max(axis=(0, 1)), 1e-300)
    trace, det = (a + d) / scale, (a * d - b * c) / scale**2
    square = 0.25 * trace * trace - det
    unstable = trace > 0
    is_focus = square < 0
    out = 2 * unstable + is_focus
    repeated = np.abs(square) <= ROUNDING
    star = repeated & (np.maximum(np.abs(b), np.abs(c)) <= ROUNDING * scale)
    out = np.where(repeated, 6 + unstable, out)
    out = np.where(star, 8 + unstable, out)
    out = np.where((np.abs(trace) <= ROUNDING) & (det > ROUNDING), 5, out)
    out = np.where(det < 0, 4, out)
    out = np.where(np.abs(det) <= ROUNDING, 10 + (np.abs(trace) <= ROUNDING), out)
    return out.astype(np.int8)


def planar_eigenvalues(jacobian: np.ndarray) -> np.ndarray:
    """Return both eigenvalues of Jacobians (2, 2, ...): complex, shape (2, ...), larger last."""
    (a, b), (c, d) = jacobian
    half = 0.5 * (a + d)
    root = np.sqrt((0.25 * (a - d) ** 2 + b * c).astype(complex))
    return np.array([half - root, half + root])


def kind_of(jacobian: np.ndarray, eigenvalues: np.ndarray) -> str:
    """Return the name of one fixed point with one state, or three or more."""
    small = ROUNDING * max(float(np.abs(jacobian).max()), 1e-300)
    real, oscillates = eigenvalues.real, bool(np.any(np.abs(eigenvalues.imag) > small))
    if np.any(np.abs(eigenvalues) <= small):
        return "fold"
    if np.any(np.abs(real) <= small):
        return "Hopf point"
    stable, unstable = bool((real < 0).all()), bool((real > 0).all())
    if not stable and not unstable:
        return "saddle focus" if oscillates else "saddle"
    return f"{'stable' if stable else 'unstable'} {'focus' if oscillates else 'node'}"


def is_stable(kind: str) -> bool:
    """Tell whether a kind attracts in its linear part."""
    return kind.startswith("stable")
