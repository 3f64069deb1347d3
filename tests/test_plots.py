"""Pictures for print: one Axes in, the same Axes out."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from wclab import plots
from wclab.errors import OptionError

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


def sweep_table(parameters, **columns):
    """Return a table as a sweep gives it, over parameters of two values each."""
    index = pd.MultiIndex.from_product([[1.0, 2.0]] * len(parameters), names=parameters)
    index = index if len(parameters) > 1 else index.get_level_values(0)
    labels = pd.MultiIndex.from_tuples([tuple(name.split("_")) for name in columns])
    table = pd.DataFrame(np.array(list(columns.values())).T, index=index, columns=labels)
    return table.iloc[::-1]  # in no special order


def test_a_heatmap_has_the_first_parameter_up_and_the_second_to_the_right(ax):
    table = sweep_table(["P", "w"], E_max=[0.1, 0.2, 0.3, np.nan])
    assert plots.heatmap(table["E", "max"], ax=ax) is ax
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("w", "P")
    shown = ax.collections[0].get_array()
    np.testing.assert_array_equal(shown.filled(np.nan), [[0.1, 0.2], [0.3, np.nan]])
    assert ax.figure.axes[1].get_ylabel() == "E max"


def test_sweep_lines_are_a_band_from_minimum_to_maximum_and_lines(ax):
    table = sweep_table(["P"], E_min=[0.0, 0.1], E_max=[0.2, 0.5], E_mean=[0.1, 0.3])
    assert plots.sweep_lines(table, ax=ax) is ax
    assert ax.get_xlabel() == "P"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "E: minimum to maximum", "E: mean",
    ]  # fmt: skip
    low, high, mean = (line.get_ydata() for line in ax.lines)
    assert (low.tolist(), high.tolist(), mean.tolist()) == ([0.0, 0.1], [0.2, 0.5], [0.1, 0.3])
    assert len(ax.collections) == 1


def test_a_plot_of_a_sweep_says_how_many_parameters_it_shows(ax):
    one, two = sweep_table(["P"], E_max=[0.1, 0.2]), sweep_table(["P", "w"], E_max=[0.0] * 4)
    with pytest.raises(OptionError, match="two parameters; this index has 1 level"):
        plots.heatmap(one["E", "max"], ax=ax)
    with pytest.raises(OptionError, match="one parameter, not 2; pick one row"):
        plots.sweep_lines(two, ax=ax)


def test_pictures_drawn_elsewhere_are_found_here_too():
    from wclab.bifurcation import drawing as of_branches
    from wclab.phaseplane import drawing as of_planes

    assert plots.plot_nullclines is of_planes.plot_nullclines
    assert plots.ramps is of_branches.ramps
    assert all(callable(getattr(plots, name)) for name in plots.ELSEWHERE)
    with pytest.raises(AttributeError, match="Did you mean 'plot_nullclines'"):
        _ = plots.plot_nullcline
