"""The work of a sweep in chunks: what one is, and who computes them.

A job is a picklable object with ``compute(rows)``: parameter sets, shape (sets, parameters),
to their results, shape (sets, variables, labels), and which of them blew up.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from wclab.engines.batch import Batch, record, reduce
from wclab.errors import SolverError
from wclab.points import Place, Points, Target, Variant, changed
from wclab.reductions import View
from wclab.templates import Circuit

Result = tuple[np.ndarray, np.ndarray]
RETRIES = 3  # how often a cluster may repeat a chunk that failed


class Job(Protocol):
    """What a chunk of a sweep is computed by."""

    def compute(self, rows: np.ndarray) -> Result:
        """Return the results of some parameter sets, and which of them blew up."""


@dataclass(frozen=True, eq=False)
class BatchJob:
    """Models side by side in one kernel; `batch` is the one with the circuit's own numbers.

    `places` says for each parameter which rows of the batch's constants (True) or initial
    values (False) it fills.
    """

    batch: Batch
    places: Sequence[Sequence[tuple[bool, int]]]
    method: str
    watched: Sequence[str]
    view: View
    engine: str

    def compute(self, rows: np.ndarray) -> Result:
        """Return the results of some parameter sets, and which of them blew up."""
        base, view = self.batch, self.view
        constants = np.repeat(base.constants, len(rows), axis=1)
        y0 = np.repeat(base.y0, len(rows), axis=1)
        for column, places in zip(rows.T, self.places, strict=True):
            for is_constant, row in places:
                (constants if is_constant else y0)[row] = column
        batch = Batch(base.program, constants, y0, base.drives, base.step)
        names = list(dict.fromkeys(self.watched))
        order = [names.index(name) for name in self.watched]
        if view.streams:
            hows: list[Any] = list(view.reductions.values())
            found = reduce(batch, self.method, names, (view.first, view.last), hows, self.engine)
            values = np.stack([found[how][order] for how in hows], axis=-1).swapaxes(0, 1)
            return values, np.isnan(values).all(axis=(1, 2))
        moments = view.moments(view.spacing)
        series = record(
            batch, self.method, len(moments), view.spacing, self.engine, watched=names,
            first=moments.start,
        )[:, order]  # fmt: skip
        failed = np.isnan(series).all(axis=(0, 1))
        values = np.full((len(rows), len(order), len(view.labels)), np.nan)
        for k in np.flatnonzero(~failed):
            values[k] = view.of(series[:, :, k].T)
        return values, failed


@dataclass(frozen=True, eq=False)
class SingleJob:
    """Models one after another by the ordinary engines.

    `places` holds where each parameter goes, or None if the circuit must be built anew.
    """

    circuit: Circuit
    targets: Sequence[Target]
    places: Sequence[Sequence[Place]] | None
    paths: Sequence[str]
    view: View
    run: Mapping[str, Any]

    def compute(self, rows: np.ndarray) -> Result:
        """Return the results of some parameter sets, and which of them blew up."""
        view = self.view
        circuit = Variant._of(self.circuit)
        moments = view.moments(view.spacing)
        chosen = slice(moments.start // view.spacing, moments.start // view.spacing + len(moments))
        values = np.full((len(rows), len(self.paths), len(view.labels)), np.nan)
        failed = np.zeros(len(rows), dtype=bool)
        for k, row in enumerate(rows.tolist()):
            try:
                frame = changed(circuit, self.targets, self.places, row).run(
                    outputs=list(dict.fromkeys(self.paths)),
                    sampling_step_size=view.spacing * view.step,
                    **self.run,
                )
            except SolverError:
                failed[k] = True
                continue
            values[k] = view.of(frame[list(self.paths)].to_numpy()[chosen].T)
        return values, failed


def results(
    job: Job, points: Points, size: int, threads: int, client: Any
) -> Iterator[tuple[slice, Result]]:
    """Compute chunks of `size` sets, here or on a cluster; yield each as it is done."""
    chunks = [slice(k, min(k + size, len(points))) for k in range(0, len(points), size)]
    if client is not None:
        with _on_cluster(job, points, chunks, client) as finished:
            yield from finished
    elif threads == 1 or len(chunks) == 1:
        for chunk in chunks:
            yield chunk, job.compute(points.rows(chunk.start, chunk.stop))
    else:
        pool = ThreadPoolExecutor(threads or os.cpu_count())
        try:
            futures = {pool.submit(job.compute, points.rows(c.start, c.stop)): c for c in chunks}
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _on_cluster(
    job: Job, points: Points, chunks: Sequence[slice], client: Any
) -> Iterator[Iterator[tuple[slice, Result]]]:
    """Send chunks to the workers of a `distributed.Client`.

    What all chunks share is sent once, as the result of a task: if the worker that holds it
    is lost, it is made again, as is every chunk that was lost with it.
    """
    from distributed import as_completed as completed

    shared = client.submit(_itself, job, pure=False, retries=RETRIES)
    futures = {
        client.submit(
            _compute, shared, points.rows(c.start, c.stop), pure=False, retries=RETRIES
        ): c
        for c in chunks
    }
    try:
        yield ((futures[future], future.result()) for future in completed(futures))
    finally:
        client.cancel([*futures, shared])


def _itself(job: Job) -> Job:
    return job


def _compute(job: Job, rows: np.ndarray) -> Result:
    return job.compute(rows)
