"""The progress bar: only in long work."""

import pytest
import tqdm.auto
from helpers import WC

from wclab import CircuitTemplate, progress


class Bar:
    """Stands in for tqdm's bar and notes what happens to it."""

    made: list["Bar"] = []  # noqa: RUF012 - emptied by the fixture

    def __init__(self, total, unit, leave):
        self.total, self.n, self.closed = total, 0, False
        Bar.made.append(self)

    def update(self, steps):
        self.n += steps

    def close(self):
        self.closed = True


@pytest.fixture
def clock(monkeypatch):
    """Return the present time, to be set by hand."""
    now = [0.0]
    Bar.made.clear()
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(tqdm.auto, "tqdm", Bar)
    return now


def test_no_bar_appears_before_the_patience_is_over(clock):
    with progress.Progress(10, "rows") as report:
        report(3)
        clock[0] = progress.PATIENCE - 0.1
        report(9)
    assert Bar.made == []


def test_a_bar_appears_afterwards_counts_on_and_is_closed(clock):
    with progress.Progress(10, "rows") as report:
        report(3)
        clock[0] = progress.PATIENCE + 0.1
        report(5)
        report(10)
    (bar,) = Bar.made
    assert (bar.total, bar.n, bar.closed) == (10, 10, True)


def test_no_bar_appears_for_the_last_step(clock):
    with progress.Progress(10, "rows") as report:
        clock[0] = 60.0
        report(10)
    assert Bar.made == []


def test_a_bar_is_closed_when_the_work_fails(clock):
    def work():
        with progress.Progress(10, "rows") as report:
            clock[0] = 60.0
            report(1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert Bar.made[0].closed


@pytest.mark.parametrize("solver", ["euler", "scipy"])
def test_a_short_run_shows_nothing(solver, clock, capsys):
    CircuitTemplate.from_yaml(WC).run(10, 0.1, solver=solver)
    assert Bar.made == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("vectorize", [True, False], ids=["arrays", "scalar"])
@pytest.mark.parametrize("solver", ["euler", "scipy"])
def test_a_long_run_shows_a_bar(solver, vectorize, clock, monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", -1.0)
    monkeypatch.setattr("wclab.circuit.worth_grouping", lambda _: True)
    monkeypatch.setattr("wclab.engines.scalar.CHUNK", 10)
    monkeypatch.setattr("wclab.engines.arrays.CHUNK", 10)
    drive = {"e/se_op/r_ext": 1.0}
    CircuitTemplate.from_yaml(WC).run(10, 0.1, drive, solver=solver, vectorize=vectorize)
    (bar,) = Bar.made
    assert (bar.total, bar.n, bar.closed) == (100, 100, True)
