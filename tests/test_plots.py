"""Pictures for print: one Axes in, the same Axes out."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from wclab import plots

RUN = pd.DataFrame({"E": [0.0, 0.1, 0.2], "I": [0.0, 0.05, 0.3]}, index=[0.0, 0.5, 1.0])


@pytest.fixture
def ax():
    return Figure().subplots()


@pytest.mark.parametrize("draw", [plots.time_course, plots.trajectory])
def test_a_plot_returns_the_axes_it_was_given(draw, ax):
    assert draw(RUN, ax=ax) is ax


def test_e_is_solid_and_i_dashed_in_two_colours(ax):
    e, i = plots.time_course(RUN, ax=ax, time_unit="ms").lines
    assert (e.get_linestyle(), i.get_linestyle()) == ("-", "--")
    assert e.get_color() != i.get_color()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["E", "I"]
    assert ax.get_xlabel() == "time (ms)"
    assert ax.get_ylabel() == "activity"
    assert np.array_equal(i.get_ydata(), RUN["I"])


def test_other_variables_differ_in_colour_and_dash(ax):
    lines = plots.time_course(RUN.rename(columns={"E": "a", "I": "b"}), ax=ax).lines
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 2
    assert ax.get_xlabel() == "time"


def test_labels_of_several_levels_are_read_as_one(ax):
    columns = pd.MultiIndex.from_tuples([("x", "e", "rate_op/r"), ("x", "i", "rate_op/r")])
    plots.time_course(RUN.set_axis(columns, axis=1), ax=ax)
    assert ax.get_legend().get_texts()[0].get_text() == "x e rate_op/r"


def test_a_trajectory_starts_open_and_ends_filled(ax):
    path, start, end = plots.trajectory(RUN, ax=ax).lines
    assert np.array_equal(path.get_xdata(), RUN["E"])
    assert start.get_markerfacecolor() == "white"
    assert end.get_markerfacecolor() != "white"
    assert (end.get_xdata()[0], end.get_ydata()[0]) == (0.2, 0.3)


def test_without_axes_a_new_figure_is_made(monkeypatch):
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    ax = plots.time_course(RUN)
    assert plt.gcf() is ax.figure
    plt.close(ax.figure)
