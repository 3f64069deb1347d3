"""Many sets of parameters: the numbers of single runs, whatever computes them."""

import sys

import numpy as np
import pandas as pd
import pytest
from helpers import WC, chain, interrupt_at, one

from wclab import CircuitTemplate, sweep
from wclab.errors import MemoryLimitError, OptionError, PathError
from wclab.inputs import pulse
from wclab.reductions import period

module = sys.modules["wclab.sweep"]  # the package's `sweep` is the function
jobs = sys.modules["wclab.jobs"]
DRIVE, TAU, THETA = "e/se_op/r_ext", "e/rate_op/tau", "i/si_op/theta"
LOOP = ("e/rate_op/r", "e/se_op/r_in")
OUTPUTS = {"E": "e/rate_op/r", "m": "e/se_op/m"}
TIMES = {"simulation_time": 60.0, "step_size": 0.1}
GRID = {DRIVE: [0.5, 1.0, 2.0], LOOP: [12.0, 18.0]}
NAMES = ("min", "max", "mean", "std", "last", "period")
BACKENDS = ["numpy", "compiled"]


@pytest.fixture(scope="module")
def wc():
    return CircuitTemplate.from_yaml(WC)


def singly(wc, row, **options):
    """Return the run of one row of GRID, by the ordinary engine."""
    drive, weight = row
    changed = wc.with_vars({DRIVE: drive}, [(*LOOP, {"weight": weight})])
    return changed.run(**TIMES, outputs=OUTPUTS, **options)


def reduced(window):
    """Return a frame's reductions in the order of `NAMES`."""
    columns = [window.min(), window.max(), window.mean(), window.std(ddof=0), window.iloc[-1]]
    times = window.index.to_numpy()
    columns.append(window.apply(lambda x: period(times, x.to_numpy())))
    return np.array(columns).T.ravel()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("solver", ["euler", "heun", "rk4"])
def test_a_sweep_gives_the_numbers_of_single_runs(wc, solver, backend):
    for names in (NAMES, NAMES[:5]):
        table = sweep(
            wc, GRID, **TIMES, outputs=OUTPUTS, solver=solver, backend=backend, reduce=names,
            window=(20.0, 50.0),
        )  # fmt: skip
        assert len(table) == 6
        for row, values in zip(table.index, table.to_numpy(), strict=True):
            run = singly(wc, row, solver=solver).iloc[200:500]
            expected = reduced(run).reshape(2, 6)[:, : len(names)].ravel()
            np.testing.assert_allclose(values, expected, rtol=1e-10, atol=1e-13)


def test_the_table_has_a_level_for_each_parameter_output_and_reduction(wc):
    table = sweep(wc, GRID, **TIMES, outputs={"r": "all/rate_op/r", "m": "e/se_op/m"})
    assert table.index.names == [DRIVE, "e/rate_op/r -> e/se_op/r_in"]
    assert table.index.tolist() == [(d, w) for d in GRID[DRIVE] for w in GRID[LOOP]]
    assert table.columns.names == ["output", "reduction"]
    assert table.columns.levels[0].tolist() == ["m", "r e", "r i"]
    assert table["m"].columns.tolist() == ["min", "max", "mean"]
    single = sweep(wc, {TAU: [5.0, 10.0]}, **TIMES, outputs="e/rate_op/r", reduce="max")
    assert single.index.name == TAU
    assert single.columns.tolist() == [("e/rate_op/r", "max")]


@pytest.mark.parametrize("backend", BACKENDS)
def test_without_reductions_whole_series_are_kept(wc, backend):
    table = sweep(
        wc, GRID, **TIMES, outputs=OUTPUTS, reduce=None, sampling_step_size=1.5,
        window=(10.0, 50.0), backend=backend,
    )  # fmt: skip
    assert table.columns.names == ["output", "time"]
    for row in table.index:
        run = singly(wc, row, solver="rk4", sampling_step_size=1.5).iloc[7:34]
        np.testing.assert_allclose(table.loc[row, "m"], run["m"], rtol=1e-10)
        np.testing.assert_allclose(table.loc[row, "E"].index, run.index, rtol=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_functions_of_the_user_see_times_and_values(wc, backend):
    def rise(times, values):
        return times[np.argmax(values > 0.1 * values.max())]

    names = {"rise": rise, "top": "max"}
    table = sweep(
        wc, GRID, **TIMES, outputs={"E": "e/rate_op/r"}, reduce=names, sampling_step_size=0.5,
        backend=backend,
    )  # fmt: skip
    for row in table.index:
        run = singly(wc, row, solver="rk4")["E"]
        thin = run.iloc[::5]
        assert table.loc[row, ("E", "rise")] == pytest.approx(rise(thin.index, thin.to_numpy()))
        assert table.loc[row, ("E", "top")] == pytest.approx(run.max(), rel=1e-10)


@pytest.mark.parametrize(
    "options", [{"solver": "scipy", "rtol": 1e-9, "method": "DOP853"}, {"solver": "dopri5"}]
)
def test_adaptive_solvers_and_their_options_go_one_by_one(wc, options):
    table = sweep(wc, GRID, **TIMES, outputs=OUTPUTS, reduce=NAMES, window=(20.0, 50.0), **options)
    for row, values in zip(table.index, table.to_numpy(), strict=True):
        expected = reduced(singly(wc, row, **options).iloc[200:500])
        np.testing.assert_allclose(values, expected, rtol=1e-12)


@pytest.mark.parametrize("strength", [0.01, "0.05 * r"])
@pytest.mark.parametrize("backend", [None, *BACKENDS])
def test_inputs_and_noise_are_those_of_each_run(wc, backend, strength):
    inputs = {"i/si_op/r_ext": pulse(60.0, 0.1, on=10.0, off=30.0), DRIVE: 1.0}
    noise = {"noise": {"e/rate_op/r": strength}, "seed": 3}
    table = sweep(
        wc, {THETA: [2.0, 3.0]}, **TIMES, inputs=inputs, outputs=OUTPUTS, solver="euler",
        reduce="last", backend=backend, **noise,
    )  # fmt: skip
    for theta in (2.0, 3.0):
        changed = wc.with_vars({THETA: theta})
        run = changed.run(**TIMES, inputs=inputs, outputs=OUTPUTS, **noise)
        np.testing.assert_allclose(table.loc[theta], run.iloc[-1], rtol=1e-12)


def test_initial_values_sets_of_nodes_and_numbered_edges_are_parameters(wc):
    grid = {"e/rate_op/r": [0.1, 0.3], "all/rate_op/tau": [5.0, 8.0], (*LOOP, 0): [10.0]}
    table = sweep(wc, grid, **TIMES, outputs=OUTPUTS, reduce="last")
    assert table.index.names[2] == "e/rate_op/r -> e/se_op/r_in #0"
    changed = wc.with_vars(
        {"e/rate_op/r": 0.3, "all/rate_op/tau": 5.0}, [(*LOOP, {"weight": 10.0})]
    )
    run = changed.run(**TIMES, outputs=OUTPUTS, solver="rk4")
    np.testing.assert_allclose(table.loc[0.3, 5.0, 10.0], run.iloc[-1], rtol=1e-12)


def test_edges_with_equations_have_weights_and_constants_too():
    stp = CircuitTemplate.from_yaml(WC + "_stp")
    grid = {LOOP: [3.0, 8.0], "e->i/tsodyks_op/U0": [0.2, 0.6]}
    table = sweep(stp, grid, **TIMES, outputs=OUTPUTS, reduce="last", inputs={DRIVE: 1.0})
    changed = stp.with_vars({"e->i/tsodyks_op/U0": 0.2}, [(*LOOP, {"weight": 8.0})])
    run = changed.run(**TIMES, outputs=OUTPUTS, solver="rk4", inputs={DRIVE: 1.0})
    np.testing.assert_allclose(table.loc[8.0, 0.2], run.iloc[-1], rtol=1e-12)


def test_a_table_of_sets_runs_row_by_row(wc):
    sets = {TAU: [5.0, 10.0, 20.0], DRIVE: [1.0, 2.0, 0.5]}
    table = sweep(wc, sets, product=False, **TIMES, outputs=OUTPUTS)
    assert table.index.tolist() == [(5.0, 1.0), (10.0, 2.0), (20.0, 0.5)]
    again = sweep(wc, pd.DataFrame(sets), **TIMES, outputs=OUTPUTS)
    pd.testing.assert_frame_equal(again, table)
    from_index = sweep(wc, table.index.to_frame(), **TIMES, outputs=OUTPUTS)
    pd.testing.assert_frame_equal(from_index, table)
    whole = sweep(wc, {key: sorted(set(v)) for key, v in sets.items()}, **TIMES, outputs=OUTPUTS)
    np.testing.assert_allclose(whole.loc[table.index], table, rtol=1e-12)


def test_an_edge_s_name_in_a_table_leads_back_to_the_edge(wc):
    table = sweep(wc, GRID, **TIMES, outputs=OUTPUTS)
    again = sweep(wc, table.index.to_frame(index=False), **TIMES, outputs=OUTPUTS)
    pd.testing.assert_frame_equal(again, table)


def test_delays_functions_and_networks_go_one_by_one(wc, monkeypatch):
    late = sweep(chain(0.5), {"a/op/x": [1.0, 2.0]}, **TIMES, outputs={"y": "b/op/x"}, reduce="max")
    assert late.loc[2.0, ("y", "max")] == pytest.approx(2 * late.loc[1.0, ("y", "max")])
    waving = {"inputs": {DRIVE: np.sin}, "outputs": OUTPUTS}
    table = sweep(wc, {THETA: [2.0, 3.0]}, **TIMES, **waving, reduce="last")
    run = wc.with_vars({THETA: 3.0}).run(**TIMES, **waving, solver="rk4")
    np.testing.assert_array_equal(table.loc[3.0], run.iloc[-1])
    expected = sweep(wc, GRID, **TIMES, outputs=OUTPUTS)
    monkeypatch.setattr("wclab.circuit.worth_grouping", lambda _: True)
    grouped = sweep(CircuitTemplate.from_yaml(WC), GRID, **TIMES, outputs=OUTPUTS)
    np.testing.assert_allclose(grouped, expected, rtol=1e-10)


def test_a_delay_that_is_a_parameter_is_followed():
    lagging = one("x' = -x(t - d)", {"x": "output(1.0)", "d": 0.5})
    table = sweep(lagging, {"n/op/d": [0.5, 1.0]}, **TIMES, outputs={"x": "n/op/x"}, reduce="last")
    run = lagging.with_vars({"n/op/d": 1.0}).run(**TIMES, solver="rk4")
    assert table.loc[1.0, ("x", "last")] == run.iloc[-1, 0]
    assert table.loc[0.5, ("x", "last")] != run.iloc[-1, 0]


@pytest.mark.parametrize("threads", [0, 2])
@pytest.mark.parametrize("options", [{}, {"backend": "compiled"}, {"solver": "scipy"}])
def test_chunks_and_threads_change_nothing(wc, threads, options):
    expected = sweep(wc, GRID, **TIMES, outputs=OUTPUTS, **options)
    table = sweep(wc, GRID, **TIMES, outputs=OUTPUTS, chunk=2, threads=threads, **options)
    pd.testing.assert_frame_equal(table, expected, rtol=1e-12)


@pytest.mark.parametrize("reduce", ["max", None, {"top": lambda _, x: x.max()}])
@pytest.mark.parametrize("options", [{"backend": b} for b in BACKENDS] + [{"vectorised": False}])
def test_a_set_that_blows_up_is_nan_and_one_warning_counts_them(options, reduce):
    growing = one("x' = a*x*x", {"x": "output(1.0)", "a": 0.0})
    grid = {"n/op/a": [-1.0, 2.0, 0.0, 5.0]}
    if options.pop("vectorised", None) is False:
        options["inputs"] = {"n/op/a": None}
        options.pop("inputs")
        options["solver"] = "euler"
    with pytest.warns(RuntimeWarning, match=r"2 of 4 .* the first at n/op/a = 2;") as caught:
        table = sweep(
            growing, grid, simulation_time=60.0, step_size=0.1, outputs={"x": "n/op/x"},
            reduce=reduce, **options,
        )  # fmt: skip
    assert len(caught) == 1
    assert np.isnan(table.loc[[2.0, 5.0]]).all(axis=None)
    assert np.isfinite(table.loc[[-1.0, 0.0]]).all(axis=None)


def test_an_interrupted_sweep_keeps_what_is_done(wc, monkeypatch):
    compute, calls = jobs.BatchJob.compute, []

    def until_the_third(self, rows):
        calls.append(len(rows))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return compute(self, rows)

    expected = sweep(wc, GRID, **TIMES, outputs=OUTPUTS)
    monkeypatch.setattr(jobs.BatchJob, "compute", until_the_third)
    with pytest.warns(RuntimeWarning, match="interrupted: 4 of 6 parameter sets are done"):
        table = sweep(wc, GRID, **TIMES, outputs=OUTPUTS, chunk=2)
    pd.testing.assert_frame_equal(table.iloc[:4], expected.iloc[:4])
    assert np.isnan(table.iloc[4:]).all(axis=None)


def test_an_interrupt_of_threads_keeps_what_is_done(wc, monkeypatch):
    expected = sweep(wc, GRID, **TIMES, outputs=OUTPUTS)
    monkeypatch.setattr("wclab.progress.Progress.__call__", interrupt_at(4))
    with pytest.warns(RuntimeWarning, match="interrupted: 4 of 6 parameter sets are done"):
        table = sweep(wc, GRID, **TIMES, outputs=OUTPUTS, chunk=2, threads=2)
    done = np.isfinite(table).all(axis=1)
    assert done.sum() == 4
    pd.testing.assert_frame_equal(table[done], expected[done], rtol=1e-12)


@pytest.mark.parametrize(
    ("grid", "error", "words"),
    [
        ({"e/rate_op/tua": [1.0]}, PathError, "Did you mean 'tau'"),
        ({"x/rate_op/tau": [1.0]}, PathError, "no node 'x'"),
        ({("e/rate_op/r", DRIVE): [1.0]}, PathError, "no edge leads from"),
        ({("e/rate_op/r", DRIVE, 0, 1): [1.0]}, OptionError, "the ends of an edge"),
        ({(*LOOP, 3): [1.0]}, OptionError, "edge number 3"),
        ({"e/se_op/m": [1.0]}, OptionError, "set by its equation"),
        ({"e/se_op/r_in": [1.0]}, OptionError, "fed by edges"),
        ({TAU: [[1.0]]}, OptionError, r"has shape \(1, 1\)"),
        ({TAU: []}, OptionError, r"has shape \(0,\)"),
        ({TAU: [1.0, np.nan]}, OptionError, "not finite at value 1"),
        ({TAU: ["slow"]}, OptionError, "must hold numbers"),
        ({}, OptionError, "a grid is a dict"),
        ([1.0], OptionError, "a grid is a dict"),
        ({LOOP: [1.0], "e/rate_op/r -> e/se_op/r_in": [2.0]}, OptionError, "a parameter twice"),
    ],
)
def test_a_grid_that_cannot_be_run_says_why(wc, grid, error, words):
    with pytest.raises(error, match=words):
        sweep(wc, grid, **TIMES, outputs=OUTPUTS)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"reduce": "median"}, "unknown reduction 'median'"),
        ({"reduce": ["maxx"]}, "Did you mean 'max'"),
        ({"reduce": {"all": lambda _, x: x}}, "(?s)returns .*, not a number"),
        ({"window": (50.0, 80.0)}, "holds no moment"),
        ({"window": (30.0, 30.0)}, "holds no moment"),
        ({"window": 30.0}, r"window is \(start, stop\)"),
        ({"window": (0.1, 0.4), "sampling_step_size": 0.5, "reduce": None}, "no moment lies"),
        ({"threads": -1}, "threads must be a whole number, 0 or more"),
        ({"threads": 1.5}, "threads must be a whole number"),
        ({"chunk": 0}, "chunk must be a whole number, 1 or more"),
        ({"solver": "rk5"}, "unknown solver 'rk5'"),
        ({"backend": "compiled", "inputs": {"i/si_op/r_ext": np.sin}}, "an input is a function"),
        ({"rtol": 1e-3}, "rtol=0.001 belongs to"),
        ({"tolerance": 1e-3}, "no keyword 'tolerance'"),
    ],
)
def test_an_option_that_cannot_be_used_says_why(wc, options, words):
    with pytest.raises(OptionError, match=words):
        sweep(wc, {TAU: [5.0]}, **TIMES, outputs=OUTPUTS, **options)


def test_what_an_input_drives_is_no_parameter(wc):
    with pytest.raises(OptionError, match="driven by an input"):
        sweep(wc, {DRIVE: [1.0]}, **TIMES, outputs=OUTPUTS, inputs={DRIVE: 2.0})


def test_tables_of_other_lengths_are_refused(wc):
    with pytest.raises(OptionError, match="product=True runs all combinations"):
        sweep(wc, {TAU: [5.0], DRIVE: [1.0, 2.0]}, product=False, **TIMES, outputs=OUTPUTS)


def test_a_table_that_would_not_fit_is_refused_before_it_is_made(wc):
    with pytest.raises(MemoryLimitError, match="Keep fewer numbers of each run"):
        sweep(
            wc, {TAU: np.linspace(1, 2, 10**6), DRIVE: np.linspace(0, 1, 10**6)}, **TIMES,
            outputs=OUTPUTS,
        )  # fmt: skip


def test_a_sine_has_its_period_and_rest_has_none():
    times = np.arange(0.0, 50.0, 0.1)
    assert period(times, 3 + np.sin(2 * np.pi * times / 7)) == pytest.approx(7, rel=1e-4)
    assert np.isnan(period(times, np.full(len(times), 0.3)))
    assert np.isnan(period(times, 0.3 + 1e-17 * np.cos(times)))
    assert np.isnan(period(times, times))


def test_a_known_limit_cycle_has_its_period():
    vdp = CircuitTemplate.from_yaml("model_templates.oscillators.vanderpol.vdp")
    table = sweep(
        vdp, {"p/vdp_op/mu": [1.0]}, simulation_time=200.0, step_size=0.01, window=(100.0, 200.0),
        outputs={"x": "p/vdp_op/x"}, reduce="period",
    )  # fmt: skip
    assert table.iloc[0, 0] == pytest.approx(6.6632868593, rel=1e-6)  # known to many digits


def test_where_xarray_is_parameters_become_dimensions(wc):
    pytest.importorskip("xarray")
    data = sweep(wc, GRID, **TIMES, outputs=OUTPUTS).to_xarray()
    assert dict(data.sizes) == {DRIVE: 3, "e/rate_op/r -> e/se_op/r_in": 2}
