"""Folds and Hopf points in the plane of two parameters: one curve, or all of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.bifurcation.along_curve import follow_curve
from wclab.bifurcation.along_input import read_input
from wclab.bifurcation.equilibria import equilibria
from wclab.bifurcation.exact import Rates
from wclab.bifurcation.in_inputs import plane_of_inputs
from wclab.bifurcation.on_grid import plane_on_grid
from wclab.bifurcation.question import block_of, check_range
from wclab.bifurcation.records import Curve, Plane, PlanePoint, SpecialPoint
from wclab.errors import OptionError, show
from wclab.model import Model, Parameter
from wclab.phaseplane.system import read_model

if TYPE_CHECKING:
    from wclab.circuit import CircuitTemplate

EVERYWHERE = (-np.inf, np.inf)
SLICES = 5  # values of the second parameter at which curves are looked for
SAME = 0.02  # of the size of the plane: a curve that passes this near is the same
METHODS = ("auto", "explicit", "continuation")


def curve(
    circuit: "CircuitTemplate | Model",
    special_point: SpecialPoint,
    second_parameter: Parameter,
    limits: Sequence[float],
    *,
    first_limits: Sequence[float] | None = None,
    method: str = "auto",
) -> Curve:
    """Follow a fold or a Hopf point while a second parameter changes.

    Parameters
    ----------
    circuit : CircuitTemplate or Model
        The circuit in which the point was found.
    special_point : SpecialPoint
        A fold or a Hopf point of `equilibria`.
    second_parameter : str or (str, str)
        Path of a constant, or source and target of an edge; not the one of `special_point`.
    limits : (float, float)
        Lowest and highest value of the second parameter, in its unit.
    first_limits : (float, float), optional
        The same for the first one; everywhere by default.
    method : str, optional
        "explicit" (pairs of populations with logistic responses, the parameters the inputs of
        both), "continuation" (any circuit), or "auto".

    Returns
    -------
    Curve
        ``parameter``, shape (m, 2), ``states``, and ``special``: cusps and Bogdanov-Takens points
        of folds, Bogdanov-Takens and generalised Hopf points of Hopf curves. Only what is
        connected to the point; for every curve see `diagram`.

    Raises
    ------
    PathError
        If there is no such parameter.
    OptionError
        If the point is of another kind, or the parameters or the range do not fit.
    SolverError
        If the curve cannot be left from the point.

    References
    ----------
    Kuznetsov (2004), Elements of Applied Bifurcation Theory, chs 8 and 10.

    Examples
    --------
    >>> from wclab import CircuitTemplate
    >>> from wclab.bifurcation import curve, equilibria
    >>> wc = CircuitTemplate.from_yaml(
    ...     "model_templates.neural_mass_models.wilsoncowan.WC72_fig11")
    >>> hopf = equilibria(wc, "e/se_op/r_ext", (-2, 6)).special_points("hopf")[0]
    >>> line = curve(wc, hopf, "i/si_op/r_ext", (-6, 6))
    >>> [(p.kind, f"{p.parameter[0]:.4f}") for p in line.special_points("generalised hopf")]
    [('generalised hopf', '0.2246')]
    """
    if special_point.kind not in ("fold", "hopf"):
        raise OptionError(f"a curve starts at a fold or a Hopf point, not at {special_point!r}")
    varied = (special_point.varied, second_parameter)
    model, blocks = _both(circuit, varied, method)
    ranges = (
        EVERYWHERE if first_limits is None else check_range(first_limits, "first_limits"),
        check_range(limits),
    )
    now = (special_point.parameter, float(model.values(blocks[1])[0]))
    for value, (low, high), name in zip(now, ranges, varied, strict=True):
        if not low <= value <= high:
            raise OptionError(
                f"the point lies at {show(name)} = {value:.6g}, outside of ({low:g}, {high:g})"
            )
    u = np.concatenate([special_point.state, now])
    plane = None
    if method != "continuation" and _inputs(model, blocks) is not None:
        plane = _explicit(model, blocks, varied, ranges)
    if plane is not None:
        same = [line for line in plane.curves if line.kind == special_point.kind]
        if same:
            return min(same, key=lambda line: _distance(line, u, np.ones(len(u))))
    found = follow_curve(Rates(model, blocks), special_point.kind, varied, u, ranges)
    if found is None:
        raise OptionError(f"{special_point!r} is no {special_point.kind} of this circuit")
    return found


def diagram(
    circuit: "CircuitTemplate | Model",
    first: tuple[Parameter, Sequence[float]],
    second: tuple[Parameter, Sequence[float]],
    *,
    method: str = "auto",
) -> Plane:
    """Find the fold and Hopf curves of a circuit in the plane of two parameters.

    Parameters
    ----------
    circuit : CircuitTemplate or Model
        Without delays, and without ``t`` in its equations.
    first, second : (str or (str, str), (float, float))
        A parameter (a path, or an edge's source and target) and its range.
    method : str, optional
        "explicit" (pairs of populations with logistic responses and the inputs of both: walked
        in closed form, without starting points; where weights are extreme, a stretch of a curve
        that fits between two steps, or the last bit before a border, can be missing),
        "continuation" (any circuit: the curves that cross one of a few values of the second
        parameter), or "auto": the closed form, else for a pair with one input a grid, else
        continuation.

    Returns
    -------
    Plane
        ``curves``, and ``special``: every cusp, Bogdanov-Takens and generalised Hopf point.

    Raises
    ------
    PathError, OptionError
        As `equilibria`.

    References
    ----------
    Hoppensteadt & Izhikevich (1997), Weakly Connected Neural Networks, section 2.4.

    Examples
    --------
    >>> from wclab import CircuitTemplate
    >>> from wclab.bifurcation import diagram
    >>> wc = CircuitTemplate.from_yaml(
    ...     "model_templates.neural_mass_models.wilsoncowan.WC72_fig11")
    >>> plane = diagram(wc, ("e/se_op/r_ext", (-4, 6)), ("i/si_op/r_ext", (-6, 4)))
    >>> [f"{p.parameter[0]:.6f}" for p in plane.special_points("cusp")]
    ['3.878120', '1.152365']
    """
    try:
        (one, limits), (other, more) = first, second
    except (TypeError, ValueError):
        raise OptionError(
            f"first and second are each (parameter, (low, high)), not {show(first)}, {show(second)}"
        ) from None
    varied = (one, other)
    model, blocks = _both(circuit, varied, method)
    ranges = check_range(limits, "first range"), check_range(more, "second range")
    plane = _explicit(model, blocks, varied, ranges) if method != "continuation" else None
    if plane is not None:
        return plane
    rates = Rates(model, blocks)
    scale = np.array([1.0] * rates.size + [high - low for low, high in ranges])
    curves: list[Curve] = []
    for value in np.linspace(*ranges[1], SLICES + 2)[1:-1].tolist():
        here = model.with_parameters({other: value})
        for point in equilibria(here, one, ranges[0]).special:
            u = np.concatenate([point.state, [point.parameter, value]])
            if point.kind not in ("fold", "hopf"):
                continue
            known = (line for line in curves if line.kind == point.kind)
            if any(_distance(line, u, scale) < SAME for line in known):
                continue
            found = follow_curve(rates, point.kind, varied, u, ranges)
            if found is not None and len(found.parameter) > 1:
                curves.append(found)
    return Plane(varied, tuple(curves), tuple(_once([p for c in curves for p in c.special], scale)))


def _both(
    circuit: "CircuitTemplate | Model", varied: tuple[Parameter, Parameter], method: str
) -> tuple[Model, tuple[str, str]]:
    """Return the model and the blocks of both parameters, checked."""
    if method not in METHODS:
        raise OptionError(f"method must be one of {', '.join(METHODS)}, not {show(method)}")
    model = read_model(circuit)
    blocks = block_of(model, varied[0]), block_of(model, varied[1])
    if blocks[0] == blocks[1]:
        raise OptionError(f"both parameters are {show(varied[0])}; a plane needs two")
    if method == "explicit" and _inputs(model, blocks) is None:
        raise OptionError(
            "the closed form needs two states with logistic responses, and the inputs of both as "
            'parameters; use method="continuation"'
        )
    return model, blocks


def _inputs(model: Model, blocks: tuple[str, str]) -> Any:
    """Return what `read_input` says of both blocks, in the order of the states, if it fits."""
    found = [read_input(model, block) for block in blocks]
    if any(item is None for item in found):
        return None
    return found if {item[1] for item in found if item} == {0, 1} else None


def _explicit(
    model: Model,
    blocks: tuple[str, str],
    varied: tuple[Parameter, Parameter],
    ranges: tuple[tuple[float, float], tuple[float, float]],
) -> Plane | None:
    """Return the whole plane in closed form, or None if there is none."""
    found = _inputs(model, blocks)
    if found is None:
        return _on_grid(model, blocks, varied, ranges)
    pair = found[0][0]
    if pair.w[0, 1] == 0 or pair.w[1, 0] == 0:  # then a curve may be a line of constant S
        return None
    turned = found[0][1] == 1
    pair = pair.swapped() if turned else pair
    plane = plane_of_inputs(
        pair, varied, model.states, (found[0][2], found[1][2]), (found[0][3], found[1][3]), ranges
    )
    return _swapped(plane) if turned else plane


def _on_grid(
    model: Model,
    blocks: tuple[str, str],
    varied: tuple[Parameter, Parameter],
    ranges: tuple[tuple[float, float], tuple[float, float]],
) -> Plane | None:
    """Return the plane of an input and another parameter of a pair, or None if it is none."""
    for k, turned in ((0, False), (1, True)):
        found = read_input(model, blocks[k])
        if found is not None and np.isfinite(ranges[1 - k]).all():
            order = (1, 0) if turned else (0, 1)
            plane = plane_on_grid(
                model,
                (varied[order[0]], varied[order[1]]),
                (blocks[order[0]], blocks[order[1]]),
                found[1],
                (ranges[order[0]], ranges[order[1]]),
            )
            if plane is not None:
                return _transposed(plane) if turned else plane
    return None


def _transposed(plane: Plane) -> Plane:
    """Return a plane with its two parameters in the other order."""

    def turn(p: PlanePoint) -> PlanePoint:
        return PlanePoint(p.kind, p.parameter[::-1], p.state)

    curves = tuple(
        Curve(
            c.kind, c.varied[::-1], c.parameter[:, ::-1], c.states, tuple(map(turn, c.special)),
            c.names,
        )
        for c in plane.curves
    )  # fmt: skip
    return Plane(plane.varied[::-1], curves, tuple(map(turn, plane.special)))


def _swapped(plane: Plane) -> Plane:
    """Return a plane with the states in the other order."""

    def turn(p: PlanePoint) -> PlanePoint:
        return PlanePoint(p.kind, p.parameter, p.state[::-1])

    curves = tuple(
        Curve(
            c.kind, c.varied, c.parameter, c.states[:, ::-1], tuple(map(turn, c.special)), c.names
        )
        for c in plane.curves
    )
    return Plane(plane.varied, curves, tuple(map(turn, plane.special)))


def _distance(line: Curve, u: np.ndarray, scale: np.ndarray) -> float:
    """Return how far a point is from a curve, in units of `scale`."""
    w = (np.concatenate([line.states, line.parameter], axis=1) - u) / scale
    step = np.diff(w, axis=0)
    length = np.maximum((step * step).sum(axis=1), 1e-300)
    part = np.clip(-(w[:-1] * step).sum(axis=1) / length, 0, 1)
    return float(np.sqrt(((w[:-1] + part[:, None] * step) ** 2).sum(axis=1)).min())


def _once(points: list[PlanePoint], scale: np.ndarray) -> list[PlanePoint]:
    """Leave out points that two curves share."""
    kept: list[PlanePoint] = []
    for p in points:
        u = np.concatenate([p.state, p.parameter])
        others = (np.concatenate([q.state, q.parameter]) for q in kept if q.kind == p.kind)
        if not any(np.abs((u - other) / scale).max() < 1e-6 for other in others):
            kept.append(p)
    return kept
