"""The models that ship: every circuit runs, and does what its file says.

Points and periods are facts of `data/wc_facts.json`: computed independently (fixed points by
a scan and Brent's method, periods by DOP853 at 1e-12), most of them published.
"""

import numpy as np
import pytest
from helpers import FACTS

from wclab import CircuitTemplate
from wclab.templates import Circuit, library, list_templates

FOLDER = library() / "model_templates"
CIRCUITS = [name for name, record in list_templates(FOLDER) if isinstance(record, Circuit)]
MASS = "model_templates.neural_mass_models"
PAIR = ("e/rate_op/r", "i/rate_op/r")

# circuit, points, unit of time of the eigenvalues, changed values
POINTS = [
    ("wilsoncowan.WC", FACTS["P1"]["at_0"], 1.0, {}),
    ("wilsoncowan.WC", FACTS["P1"]["at_1"], 1.0, {"e/se_op/r_ext": 1.0}),
    ("wilsoncowan.WC72_fig4", FACTS["B1"]["points"], 8.0, {}),
    ("wilsoncowan.WC72_fig7", FACTS["B3"]["points_at_P0"], 8.0, {}),
    ("wilsoncowan.WC72_fig6", FACTS["B3"]["points_at_P0"], 8.0, {}),
    ("wilsoncowan.WC72_fig10", FACTS["B4"]["points"], 10.0, {}),
    ("wilsoncowan.WC72_fig11", FACTS["B5"]["point"], 8.0, {}),
    ("conventions.neuromatch", FACTS["C1"]["points"], 1.0, {}),
    ("conventions.neuromatch_cycle", FACTS["C3"]["point"], 1.0, {}),
    ("conventions.xppaut", FACTS["E1"]["points"], 1.0, {}),
    ("conventions.hoppensteadt_izhikevich", FACTS["D1"]["point"], 1.0, {}),
    ("conventions.daffertshofer_van_wijk", FACTS["F1"]["points"], 10.0, {}),
    ("conventions.neurolib", FACTS["I1"]["points"], 1.0, {}),
]
VAN_DER_POL = 6.663286859  # mu = 1: LSODA, DOP853 and a power series in mu agree to 10 digits
# circuit, output, period, changed values
PERIODS = [
    ("neural_mass_models.wilsoncowan.WC72_fig11", PAIR[0], 8.0 * FACTS["B5"]["period_tau"], {}),
    ("neural_mass_models.conventions.neuromatch_cycle", PAIR[0], FACTS["C3"]["period"], {}),
    ("neural_mass_models.conventions.hoppensteadt_izhikevich", PAIR[0], FACTS["D1"]["period"], {}),
    (
        "neural_mass_models.conventions.daffertshofer_van_wijk",
        PAIR[0],
        10.0 * FACTS["F1"]["period_tau"],
        {},
    ),
    (
        "neural_mass_models.conventions.neurolib",
        PAIR[0],
        FACTS["I1"]["table"][0]["period_ms"],
        {"e/plain_op/r_ext": 1.0},
    ),
    ("oscillators.vanderpol.vdp", "p/vdp_op/x", VAN_DER_POL, {}),
    ("oscillators.stuartlandau.sl", "p/sl_op/x", 2 * np.pi, {}),
]


@pytest.mark.parametrize("name", CIRCUITS)
def test_every_circuit_runs_and_says_what_it_is(name):
    circuit = CircuitTemplate.from_yaml(name)
    step = 1e-3 if "jansenrit" in name else 0.05
    result = circuit.run(200 * step, step, solver="heun")
    assert result.shape == (200, len(circuit.model().states))
    assert np.isfinite(result.to_numpy()).all()
    assert circuit.description
    assert circuit.name in circuit._repr_markdown_()


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.yaml")), ids=lambda file: file.stem)
def test_every_file_opens_with_words_and_a_source(file):
    comments = [line for line in file.read_text().splitlines() if line.startswith("#")]
    assert len(comments) >= 5
    assert any("ource" in line for line in comments)


@pytest.mark.parametrize(("name", "points", "unit", "changes"), POINTS)
def test_steady_states_are_where_the_facts_say(name, points, unit, changes):
    model = CircuitTemplate.from_yaml(f"{MASS}.{name}").with_vars(changes).model()
    assert model.states == PAIR
    for point in points:
        state = [point["E"], point["I"]]
        # facts hold 12 digits; slopes are at most 36 per unit of time
        assert model.rhs(0.0, state) * unit == pytest.approx([0.0, 0.0], abs=1e-9)
        expected = np.sort_complex([complex(v["re"], v["im"]) for v in point["eig"]])
        found = np.sort_complex(np.linalg.eigvals(model.jacobian(state)) * unit)
        assert np.allclose(found, expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize(("name", "output", "period", "changes"), PERIODS)
def test_rhythms_have_the_period_of_the_facts(name, output, period, changes):
    circuit = CircuitTemplate.from_yaml(f"model_templates.{name}").with_vars(changes)
    step = period / 400
    x = circuit.run(60 * period, step, outputs=[output], solver="rk4")[output].to_numpy()
    level = (x[-2_000:].min() + x[-2_000:].max()) / 2
    up = np.flatnonzero((x[:-1] < level) & (x[1:] >= level))
    times = step * np.array([up_crossing(x, k, level) for k in up[-11:]])
    # Runge-Kutta at 400 steps a period errs below 1e-7 of it; crossings are cubic
    assert (times[-1] - times[0]) / 10 == pytest.approx(period, rel=2e-7)


def up_crossing(x: np.ndarray, k: int, level: float) -> float:
    """Return the step at which x passes a level, by the cubic through four rows."""
    offsets = np.array([-1.0, 0.0, 1.0, 2.0])
    roots = (np.polynomial.Polynomial.fit(offsets, x[k - 1 : k + 3], 3) - level).roots()
    real = roots[np.abs(roots.imag) < 1e-9].real
    return k + float(real[(real >= 0) & (real <= 1)][0])


def test_the_single_population_has_its_three_states():
    model = CircuitTemplate.from_yaml(f"{MASS}.wilsoncowan.single_population")
    model = model.with_vars({"e/se_op/r_ext": 0.5}).model()
    for rate, slope in zip(FACTS["A1"]["r"], FACTS["A1"]["eigenvalue"], strict=True):
        assert model.rhs(0.0, [rate]) == pytest.approx([0.0], abs=1e-11)
        assert model.jacobian([rate])[0, 0] == pytest.approx(slope, abs=1e-9)


def test_the_qif_population_has_its_three_states():
    model = CircuitTemplate.from_yaml(f"{MASS}.qif.qif").model()
    for point in FACTS["Q1"]["points"]:
        assert model.rhs(0.0, [point["r"], point["v"]]) == pytest.approx([0.0, 0.0], abs=1e-9)


def test_the_two_ways_to_write_jansen_rit_give_the_same_rhythm():
    parts = CircuitTemplate.from_yaml(f"{MASS}.jansenrit.JRC").run(
        2.0, 1e-3, outputs={"e": "pc/rpo_e_in/v", "i": "pc/rpo_i/v"}, solver="rk4"
    )
    whole = CircuitTemplate.from_yaml(f"{MASS}.jansenrit.JRC2").run(
        2.0, 1e-3, outputs={"e": "jrc/jrc_op/V_e", "i": "jrc/jrc_op/V_i"}, solver="rk4"
    )
    potential = (parts["e"] + parts["i"]).to_numpy()
    assert potential == pytest.approx((whole["e"] - whole["i"]).to_numpy(), abs=1e-12)
    # Jansen & Rit 1995: an alpha rhythm, 8 to 12 Hz
    late = potential[1_000:] - potential[1_000:].mean()
    assert 8 <= np.argmax(np.abs(np.fft.rfft(late))) <= 12


def test_stuart_landau_stays_on_the_unit_circle():
    result = CircuitTemplate.from_yaml("model_templates.oscillators.stuartlandau.sl").run(
        10.0, 0.01, outputs={"x": "p/sl_op/x", "z": "p/sl_op/z"}, solver="rk4"
    )
    t = result.index.to_numpy()
    assert result["x"].to_numpy() == pytest.approx(np.cos(t), abs=1e-9)
    assert result["z"].to_numpy() == pytest.approx(-np.sin(t), abs=1e-9)


def test_two_oscillators_that_repel_settle_half_a_turn_apart():
    circuit = CircuitTemplate.from_yaml("model_templates.oscillators.kuramoto.kmo_2coupled")
    phases = circuit.with_vars({"p2/phase_op/theta": 0.1}).run(5.0, 0.001, solver="rk4").iloc[-1]
    apart = phases["p2/phase_op/theta"] - phases["p1/phase_op/theta"]
    assert abs(apart) == pytest.approx(np.pi, abs=1e-6)
