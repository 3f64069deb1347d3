"""The lessons as documents: run in order, self-contained, readable, and true.

What the code cells print is checked against fresh runs by nbval; here are the rules for the
text, and the numbers that stand in it.
"""

import ast
import itertools
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from helpers import FACTS

from wclab import CircuitTemplate
from wclab.inputs import pulse

FOLDER = Path(__file__).parents[2] / "notebooks"
FILES = sorted(FOLDER.glob("*.ipynb"))
LESSONS = [file for file in FILES if file.stem != "index"]
WC = "model_templates.neural_mass_models.wilsoncowan.WC"
RATES = {"E": "e/rate_op/r", "I": "i/rate_op/r"}


def cells(file: Path, kind: str) -> list[nbformat.NotebookNode]:
    """Return the cells of one kind that are not empty."""
    notebook = nbformat.read(file, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == kind and cell.source.strip()]


def prose(file: Path) -> str:
    """Return the text of a notebook."""
    return "\n\n".join(cell.source for cell in cells(file, "markdown"))


def by_name(file: Path) -> str:
    return file.stem


def test_there_is_an_index_and_a_lesson():
    assert FOLDER / "index.ipynb" in FILES
    assert LESSONS


@pytest.mark.parametrize("file", FILES, ids=by_name)
def test_every_cell_was_run_in_order_from_a_fresh_kernel(file):
    counts = [cell.execution_count for cell in cells(file, "code")]
    assert counts == list(range(1, len(counts) + 1))


@pytest.mark.parametrize("file", FILES, ids=by_name)
def test_nothing_stored_depends_on_the_machine(file):
    text = file.read_text(encoding="utf-8")
    assert not re.search(r'"(/root|/home/|/usr/|/tmp/|C:\\\\|/Users/)', text)
    assert "Traceback" not in text
    notebook = nbformat.read(file, as_version=4)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert set(notebook.metadata.language_info) == {"name"}


@pytest.mark.parametrize("file", FILES, ids=by_name)
def test_links_lead_somewhere(file):
    for target in re.findall(r"\]\(([^)]+)\)", prose(file)):
        assert target.startswith("https://") or (FOLDER / target.partition("#")[0]).is_file()


@pytest.mark.parametrize("file", FILES, ids=by_name)
def test_headings_form_a_ladder(file):
    levels = [len(marks) for marks in re.findall(r"^(#+) ", prose(file), flags=re.M)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


@pytest.mark.parametrize("file", FILES, ids=by_name)
def test_code_cells_are_short_and_imports_stand_at_the_top(file):
    code = cells(file, "code")
    for number, cell in enumerate(code):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= 8, cell.source
        assert not lines[-1].rstrip().endswith(";"), "the notebook checker ignores ';'"
        found = [
            n for n in ast.parse(cell.source).body if isinstance(n, ast.Import | ast.ImportFrom)
        ]
        assert number == 0 or not found, "imports belong into the first cell"


@pytest.mark.parametrize("file", LESSONS, ids=by_name)
def test_a_lesson_has_its_frame(file):
    text = prose(file)
    opening = cells(file, "markdown")[0].source
    assert "You will be able to" in opening
    assert "minutes" in opening
    for part in ("## Predict", "## How the model fails here", "## In three lines"):
        assert part in text
    assert "(index.ipynb)" in cells(file, "markdown")[-1].source
    assert 600 <= len(text.split()) <= 1_700


# --- what lesson 05 says in words ---


@pytest.fixture(scope="module")
def wc():
    return CircuitTemplate.from_yaml(WC)


def after(wc, height, time, **options):
    """Return E and I at the end of a run with a push from 25 to 100 ms."""
    push = {"e/se_op/r_ext": pulse(time, 0.1, on=25.0, off=100.0, height=height)}
    return wc.run(time, 0.1, inputs=push, outputs=RATES, solver="rk4", **options).iloc[-1]


def test_05_e_ends_below_zero_near_minus_0033(wc):
    assert after(wc, 1.0, 125.0)["E"] == pytest.approx(-0.033, abs=5e-4)


def test_05_halving_the_euler_step_halves_its_error(wc):
    ends = []
    for solver, step in [("euler", 0.1), ("euler", 0.05), ("rk4", 0.1), ("rk4", 0.025)]:
        push = {"e/se_op/r_ext": pulse(125.0, step, on=25.0, off=100.0)}
        run = wc.run(125.0, step, inputs=push, outputs=RATES, solver=solver, sampling_step_size=0.1)
        ends.append(run["E"].iloc[-1])
    assert (ends[0] - ends[3]) / (ends[1] - ends[3]) == pytest.approx(2.0, abs=0.3)
    assert ends[2] == pytest.approx(ends[3], abs=5e-7)


@pytest.mark.parametrize(
    ("height", "sign"), [(0.05, 1), (0.3, -1), (0.4, 1), (0.5, -1), (1.0, -1), (2.0, -1), (3.0, -1)]
)
def test_05_where_e_rests_depends_on_the_push_and_not_monotonically(wc, height, sign):
    rest = {1: 0.0655692927, -1: -0.0884737934}[sign]
    assert after(wc, height, 400.0)["E"] * sign > 0.05  # what the explorer shows
    assert after(wc, height, 1_000.0)["E"] == pytest.approx(rest, abs=1e-4)


def test_05_silence_is_a_saddle_though_the_trace_is_negative(wc):
    jacobian = wc.model().jacobian([0.0, 0.0])
    assert wc.model().rhs(0.0, [0.0, 0.0]).tolist() == [0.0, 0.0]
    assert np.trace(jacobian) == pytest.approx(-0.0478280672, abs=1e-9)
    assert np.linalg.det(jacobian) == pytest.approx(-0.00291378236762, abs=1e-12)


@pytest.mark.parametrize(
    ("kick", "end"), [(1e-6, (0.0655692927, 0.0291751523)), (-1e-6, (-0.0884737934, -0.006233433))]
)
def test_05_a_kick_decides_where_the_circuit_settles(wc, kick, end):
    kicked = wc.with_vars({"e/rate_op/r": kick})
    last = kicked.run(1_000.0, 0.1, outputs=RATES, solver="rk4").iloc[-1]
    assert tuple(last) == pytest.approx(end, abs=5e-5)


def test_05_figure_10_differs_in_one_weight_and_rests_on_a_saddle_too(wc):
    fig10 = CircuitTemplate.from_yaml(f"{WC}72_fig10")
    weights = [{edge[:2]: edge[3]["weight"] for edge in circuit.edges} for circuit in (wc, fig10)]
    different = {ends for ends in weights[0] if weights[0][ends] != weights[1][ends]}
    assert different == {("i/rate_op/r", "i/si_op/r_in")}
    assert weights[1][different.pop()] == -3.0
    # fact B4 of the reference, in units of 1/tau^2; tau is 10 ms
    det = np.linalg.det(fig10.model().jacobian([0.0, 0.0]))
    assert det * 100 == pytest.approx(FACTS["B4"]["det_J_at_rest"], abs=1e-8)
    assert [point["kind"] for point in FACTS["B4"]["with_papers_k"]].count("saddle") == 1


def test_05_the_drive_is_negative_while_i_exceeds_e_after_the_push(wc):
    names = {**RATES, "m": "e/se_op/m"}
    push = {"e/se_op/r_ext": pulse(125.0, 0.1, on=25.0, off=100.0)}
    after = wc.run(125.0, 0.1, inputs=push, outputs=names, solver="rk4").loc[100.05:]
    assert ((after["m"] < 0) == (after["E"] < after["I"])).all()
    edges = {edge[:2]: edge[3]["weight"] for edge in wc.edges}
    assert edges["e/rate_op/r", "e/se_op/r_in"] == 15.0
    assert edges["i/rate_op/r", "e/se_op/r_in"] == -15.0


@pytest.mark.parametrize("strength", [1.0, 10.0, 100.0, 1e4])
def test_05_a_steady_rate_stays_below_its_ceiling(wc, strength):
    steady = wc.run(400.0, 0.1, inputs={"e/se_op/r_ext": strength}, outputs=RATES, solver="rk4")
    most = 1 - 1 / (1 + np.exp(2.0))
    assert most == pytest.approx(0.881, abs=5e-4)
    assert steady["E"].iloc[-1] <= most / (1 + most) + 1e-9 < FACTS["B8"]["ceiling"]
    assert most / (1 + most) == pytest.approx(0.468, abs=5e-4)


def test_05_a_deviation_grows_e_fold_in_28_ms(wc):
    growth = np.linalg.eigvals(wc.model().jacobian([0.0, 0.0])).real.max()
    assert 1 / growth == pytest.approx(28, abs=0.5)
