"""Sweeps on a Dask cluster: the numbers of the local run, also when a worker is lost."""

import os
import signal
import threading
import time

import numpy as np
import pandas as pd
import pytest
from helpers import WC, interrupt_at

from wclab import CircuitTemplate, sweep

distributed = pytest.importorskip("distributed")

GRID = {
    "e/se_op/r_ext": np.linspace(0.5, 4, 24),
    ("e/rate_op/r", "e/se_op/r_in"): np.linspace(5, 25, 10),
}
OPTIONS = {
    "simulation_time": 400.0,
    "step_size": 0.1,
    "outputs": {"E": "e/rate_op/r"},
    "window": (100.0, 400.0),
}


def slow_top(times, values):
    """Return the largest value, half a second for each chunk of 24 later."""
    time.sleep(0.02)
    return values.max()


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def wc():
    return CircuitTemplate.from_yaml(WC)


@pytest.mark.parametrize("options", [{}, {"reduce": None, "sampling_step_size": 10.0}])
def test_a_cluster_gives_the_numbers_of_the_local_run(wc, client, options):
    here = sweep(wc, GRID, **OPTIONS | options)
    there = sweep(wc, GRID, **OPTIONS | options, client=client, chunk=50)
    pd.testing.assert_frame_equal(there, here, rtol=1e-12)


def test_models_one_by_one_go_to_a_cluster_too(wc, client):
    grid = {"e/se_op/r_ext": [1.0, 2.0, 3.0]}
    options = {**OPTIONS, "solver": "scipy", "inputs": {"i/si_op/r_ext": lambda t: np.sin(t)}}
    here = sweep(wc, grid, **options)
    there = sweep(wc, grid, **options, client=client)
    pd.testing.assert_frame_equal(there, here)


def test_nothing_is_lost_or_twice_when_a_worker_is_killed(wc, client):
    options = {**OPTIONS, "reduce": {"top": slow_top}, "backend": "numpy"}
    workers = client.run(os.getpid)
    killed, seen = [], []

    def kill_one_at_work():
        while not killed:
            busy = [address for address, keys in client.processing().items() if keys]
            done = sum(len(keys) for keys in client.has_what().values())
            if len(busy) == 2 and done >= 3:  # some chunks are done, others are being computed
                os.kill(workers[busy[0]], signal.SIGKILL)
                killed.append(busy[0])
            time.sleep(0.05)

    killer = threading.Thread(target=kill_one_at_work, daemon=True)
    killer.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wclab.progress.Progress.__call__", lambda _, done: seen.append(done))
        there = sweep(wc, GRID, **options, client=client, chunk=24)
    killer.join(10)
    assert killed
    assert killed[0] not in client.scheduler_info()["workers"]
    assert seen == [24 * k for k in range(1, 11)]  # ten chunks, each of them once
    here = sweep(wc, GRID, **{**options, "reduce": {"top": "max"}})
    pd.testing.assert_frame_equal(there, here, rtol=1e-12)


def test_an_interrupt_keeps_what_is_done_and_leaves_the_cluster_usable(wc, client, monkeypatch):
    monkeypatch.setattr("wclab.progress.Progress.__call__", interrupt_at(48))
    with pytest.warns(RuntimeWarning, match="interrupted: 48 of 240 parameter sets are done"):
        table = sweep(wc, GRID, **OPTIONS, client=client, chunk=24)
    monkeypatch.undo()
    here = sweep(wc, GRID, **OPTIONS)
    done = np.isfinite(table).all(axis=1)
    assert done.sum() == 48
    pd.testing.assert_frame_equal(table[done], here[done], rtol=1e-12)
    pd.testing.assert_frame_equal(sweep(wc, GRID, **OPTIONS, client=client), here, rtol=1e-12)
