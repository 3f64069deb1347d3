"""The exact Jacobian of a model: forward differentiation of its program.

Every algebraic variable carries its derivatives by the states; each line of the program
hands them on by the chain rule. For scalars this is generated code; for arrays the same rule
runs on matrices.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.equations import ZERO, Call, Name, Tree, derivative, names, to_code
from wclab.errors import OptionError, show

if TYPE_CHECKING:
    from wclab.model import Model


def jacobian(model: "Model", t: float, y: Any) -> np.ndarray:
    """Return the matrix of derivatives of `Model.rhs` by the states, shape (n, n)."""
    if model.program.delayed or model.program.drives:
        raise OptionError("the Jacobian of a circuit with delays depends on its past; use run()")
    return jacobian_at(model, t, state_vector(y, len(model.states)), ())


def state_vector(y: Any, count: int) -> np.ndarray:
    """Return `y` as an array of `count` numbers, or raise an `OptionError`."""
    try:
        values = np.asarray(y, dtype=float)
    except (TypeError, ValueError):
        raise OptionError(f"y must be {count} numbers (see .states), not {show(y)}") from None
    if values.shape != (count,):
        given = len(values) if values.ndim == 1 else show(y)
        raise OptionError(f"y needs {count} values (see .states), not {given}")
    return values


def jacobian_at(model: "Model", t: float, y: np.ndarray, u: Sequence[Any]) -> np.ndarray:
    """As `jacobian`, with values for the drives."""
    with np.errstate(all="ignore"):
        try:
            rows, compute = _partials(model, safe=False)
            values = compute(t, model.split(y), u, ())
        except (OverflowError, ZeroDivisionError, ValueError):
            try:
                rows, compute = _partials(model, safe=True)
                values = compute(t, list(y), u, ())
            except (OverflowError, ZeroDivisionError, ValueError):
                return np.full((len(y), len(y)), np.nan)
        return _chain(model, rows, values)


def _partials(model: "Model", *, safe: bool) -> tuple[list[tuple[str, str, int]], Any]:
    """Return (variable, by which, position) of every partial derivative, and their function."""
    cached = getattr(model.network, "_partials", None)
    if cached is None:
        blocks = model.network.blocks
        moving = {*model.network.order, *model.program.states}
        rows: list[tuple[str, str, int]] = []
        code: list[str] = []
        for name in (*model.network.order, *model.program.states):
            tree = blocks[name].tree
            assert tree is not None
            if isinstance(tree, Call) and tree.function in ("matvec", "take"):
                rows.append((name, tree.arguments[1].id, -1))  # type: ignore[union-attr]
                continue
            for other in dict.fromkeys(names(tree)):
                if other in moving and (part := derivative(tree, other)) != ZERO:
                    rows.append((name, other, len(code)))
                    code.append(to_code(part))
        inner = model.program.function("partials", code)
        cached = rows, model.program.factory(f"{inner}\nreturn partials")
        object.__setattr__(model.network, "_partials", cached)
    rows, source = cached
    key = f"_partials_function_{safe}"
    if key not in model.__dict__:
        model.__dict__[key] = model.functions(source, safe=safe)
    return rows, model.__dict__[key]


def _chain(model: "Model", rows: list[tuple[str, str, int]], values: tuple[Any, ...]) -> np.ndarray:
    """Apply the chain rule line by line; return the states' rows."""
    blocks, size = model.network.blocks, len(model.states)
    carried: dict[str, np.ndarray] = {}
    start = 0
    for name, members in zip(model.program.states, model.sizes, strict=True):
        carried[name] = np.eye(members, size, start)
        start += members
    state_rows = {name: np.zeros((m, size)) for name, m in zip(carried, model.sizes, strict=True)}
    inner: dict[str, Any] = {}
    for name, other, position in rows:
        source = carried[other] if other in carried else inner.get(other, 0.0)
        tree = blocks[name].tree
        if position < 0:
            part = _map(tree, blocks, source)
        else:
            factor = np.asarray(values[position])
            part = factor[:, None] * source if factor.ndim else factor * source
        if name in state_rows:
            state_rows[name] = state_rows[name] + part
        else:
            inner[name] = inner[name] + part if name in inner else part
    return np.concatenate(list(state_rows.values())) if state_rows else np.zeros((0, 0))


def _map(tree: Tree | None, blocks: Mapping[str, Any], source: Any) -> Any:
    assert isinstance(tree, Call)
    assert isinstance(tree.arguments[0], Name)
    matrix = blocks[tree.arguments[0].id].matrix
    if np.ndim(source) == 0:
        return 0.0
    return source[matrix] if tree.function == "take" else matrix @ source
