"""Branches of states of rest along one parameter, with their special points."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from wclab.bifurcation.along_any import diagram_along_any
from wclab.bifurcation.along_input import diagram_along_input, read_input
from wclab.bifurcation.question import block_of, check_range
from wclab.bifurcation.records import Diagram
from wclab.errors import OptionError, show
from wclab.model import Model, Parameter
from wclab.phaseplane.system import read_model

if TYPE_CHECKING:
    from wclab.circuit import CircuitTemplate

METHODS = ("auto", "explicit", "continuation")


def equilibria(
    circuit: "CircuitTemplate | Model",
    parameter: Parameter,
    limits: Sequence[float],
    *,
    method: str = "auto",
    box: Any = None,
) -> Diagram:
    """Find the states of rest of a circuit along a parameter.

    Parameters
    ----------
    circuit : CircuitTemplate or Model
        Without delays, and without ``t`` in its equations.
    parameter : str or (str, str)
        Path of a constant or of an unfed input, or the source and target of an edge, whose
        weight then varies.
    limits : (float, float)
        Lowest and highest value of the parameter, in its unit.
    method : str, optional
        "explicit" (pairs of populations with logistic responses, the parameter an input of
        either: nothing in the range is missed), "continuation" (any circuit and parameter:
        what is connected to a state of rest at one of a few values; a closed branch between
        two of these values is missed), or "auto".
    box : array_like, shape (n, 2), optional
        Lower and upper bound of each state: where states of rest are looked for, and where a
        branch ends. By default everywhere for pairs, and for other circuits around a run.

    Returns
    -------
    Diagram
        ``branches``, ``special``, ``special_points("fold")``, ``to_frame()``, ``plot()``.

    Warns
    -----
    RuntimeWarning
        If a branch ends early; says where and why. The branch so far is returned.

    Raises
    ------
    PathError
        If there is no such parameter.
    OptionError
        If the circuit cannot be at rest, the range is turned inside out, or `method` does
        not fit.

    References
    ----------
    Wilson & Cowan (1972), Biophys. J. 12:1-24. Kuznetsov (2004), Elements of Applied
    Bifurcation Theory, chs 3, 5, 10.

    Examples
    --------
    >>> from wclab import CircuitTemplate
    >>> from wclab.bifurcation import equilibria
    >>> wc = CircuitTemplate.from_yaml(
    ...     "model_templates.neural_mass_models.wilsoncowan.WC72_fig11")
    >>> diagram = equilibria(wc, "e/se_op/r_ext", (-2, 6))
    >>> [f"{point.parameter:.6f}" for point in diagram.special_points("fold")]
    ['1.083016', '0.903197']
    >>> diagram.special_points("hopf")
    [<hopf at 1.909252718, state (0.251794, 0.20344), supercritical, period 18.6485>]
    """
    if method not in METHODS:
        raise OptionError(f"method must be one of {', '.join(METHODS)}, not {show(method)}")
    model = read_model(circuit)
    block = block_of(model, parameter)
    low, high = check_range(limits)
    found = None if box is not None or method == "continuation" else read_input(model, block)
    if found is not None:
        return diagram_along_input(model, parameter, found, low, high)
    if method == "explicit":
        raise OptionError(
            "the closed form needs two states with logistic responses, and an input of one of them "
            'as parameter; use method="continuation"'
        )
    return diagram_along_any(model, block, parameter, low, high, box)
