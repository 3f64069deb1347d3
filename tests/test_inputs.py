"""Inputs: shapes on a time grid, noise with the right statistics, and what a run accepts."""

import numpy as np
import pytest

from wclab import inputs
from wclab.errors import MemoryLimitError, OptionError
from wclab.inputs import Signal, merge, read_signal

# --- shapes ---


def test_a_pulse_is_high_from_on_to_just_before_off():
    samples = inputs.pulse(10.0, 0.5, on=2.0, off=4.0, height=3.0)
    t = np.arange(20) * 0.5
    np.testing.assert_array_equal(samples, np.where((t >= 2) & (t < 4), 3.0, 0.0))


def test_the_seed_protocol_has_its_area():
    samples = inputs.pulse(125.0, 5e-4, on=25.0, off=100.0)
    assert samples.shape == (250_000,)
    assert samples.sum() * 5e-4 == pytest.approx(75.0, rel=1e-12)


@pytest.mark.parametrize(
    ("on", "off", "high"),
    [(-5, 2, 2), (8, 99, 2), (-5, 99, 10), (-5, -2, 0), (20, 30, 0), (3, 3, 0),
     (3, np.inf, 7), (-np.inf, np.inf, 10)],
)  # fmt: skip
def test_a_pulse_may_reach_beyond_the_run(on, off, high):
    assert inputs.pulse(10.0, 1.0, on=on, off=off).sum() == high


def test_a_step_stays_high_and_one_after_the_end_is_never_seen():
    assert inputs.step(10.0, 1.0, at=4.0, height=2.0).tolist() == [0.0] * 4 + [2.0] * 6
    assert not inputs.step(10.0, 1.0, at=12.0).any()


def test_a_ramp_is_straight_and_a_sine_has_its_period():
    ramp = inputs.ramp(4.0, 1.0, start=1.0, end=3.0)
    assert ramp.tolist() == [1.0, 1.5, 2.0, 2.5]
    wave = inputs.sine(8.0, 0.5, period=4.0, amplitude=2.0, mean=1.0)
    # rounding of pi in the argument
    np.testing.assert_allclose(wave[:8], wave[8:], atol=1e-14)
    np.testing.assert_allclose(wave[[0, 2, 6]], [1.0, 3.0, -1.0], atol=1e-14)


@pytest.mark.parametrize("number", [np.float32(0.5), np.int64(1), 1, 0.5])
def test_any_real_number_is_a_step(number):
    assert len(inputs.ramp(10, number)) == round(10 / float(number))


@pytest.mark.parametrize("value", [0, -1.0, np.nan, np.inf, "1", None, 1j, [1.0]])
@pytest.mark.parametrize("name", ["simulation_time", "step_size"])
def test_times_that_are_no_positive_numbers_are_refused(name, value):
    times = {"simulation_time": 10.0, "step_size": 1.0, name: value}
    with pytest.raises(OptionError, match=f"{name} must be a number above 0, not"):
        inputs.ramp(**times)


def test_an_input_that_would_fill_the_memory_is_refused():
    with pytest.raises(MemoryLimitError, match=r"Take a larger step_size"):
        inputs.ramp(1e9, 1e-9)


@pytest.mark.parametrize("ends", [(5, 2), (np.nan, 2), (1, np.nan)])
def test_a_pulse_that_ends_before_it_begins_is_refused(ends):
    with pytest.raises(OptionError, match="a pulse ends after it begins"):
        inputs.pulse(10.0, 1.0, on=ends[0], off=ends[1])


# --- coloured noise ---


@pytest.mark.parametrize("step", [0.1, 2.0])
def test_ornstein_uhlenbeck_has_its_moments_at_every_step(step):
    tau, sigma, mean, n = 5.0, 2.0, 3.0, 200_000
    x = inputs.ornstein_uhlenbeck(n * step, step, tau=tau, sigma=sigma, mean=mean, seed=1)
    independent = n * step / (2 * tau)  # length over twice the correlation time
    error = 4 / np.sqrt(independent)  # four standard errors
    assert x.mean() == pytest.approx(mean, abs=error * sigma)
    assert x.std() == pytest.approx(sigma, rel=error)
    lag = np.corrcoef(x[:-1], x[1:])[0, 1]
    assert 1 - lag == pytest.approx(1 - np.exp(-step / tau), rel=error)


def test_ornstein_uhlenbeck_starts_stationary():
    first = [
        inputs.ornstein_uhlenbeck(1.0, 0.5, tau=5.0, sigma=2.0, seed=seed)[0]
        for seed in range(2000)
    ]
    # the standard error of a standard deviation is sigma / sqrt(2 n): 1.6 %, four of them
    assert np.std(first) == pytest.approx(2.0, rel=0.065)


def test_the_same_seed_gives_the_same_noise_and_no_sigma_none():
    def noise(**options):
        return inputs.ornstein_uhlenbeck(10.0, 0.1, tau=2.0, **options)

    np.testing.assert_array_equal(noise(sigma=1.0, seed=3), noise(sigma=1.0, seed=3))
    assert not np.array_equal(noise(sigma=1.0, seed=3), noise(sigma=1.0, seed=4))
    assert (noise(sigma=0.0, mean=2.0) == 2.0).all()
    slow = inputs.ornstein_uhlenbeck(1.0, 0.1, tau=1e20, sigma=1.0, seed=0)
    assert np.ptp(slow) < 1e-8  # it has no time to move


@pytest.mark.parametrize("wrong", [{"tau": 0}, {"tau": np.nan}, {"sigma": -1}, {"sigma": np.nan}])
def test_noise_without_sense_is_refused(wrong):
    options = {"tau": 1.0, "sigma": 1.0, **wrong}
    with pytest.raises(OptionError, match="tau must be above 0 and sigma not negative"):
        inputs.ornstein_uhlenbeck(1.0, 0.1, **options)


def test_a_period_of_zero_is_refused():
    with pytest.raises(OptionError, match="period must be above 0, not 0"):
        inputs.sine(1.0, 0.1, period=0)


# --- what a run reads ---


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.array(2.0), [2.0] * 4])
def test_a_number_or_an_array_is_held_step_by_step(value):
    signal = read_signal(value, "e/op/u", steps=4, members=1)
    assert [signal.held(k) for k in range(4)] == [2.0] * 4
    assert signal.take(1, 3).tolist() == [2.0, 2.0]
    assert signal.jumps.size == 0


def test_samples_may_be_one_column_or_one_per_member():
    column = read_signal(np.arange(4.0)[:, None], "u", steps=4, members=1)
    assert column.samples.shape == (4,)
    assert column.jumps.tolist() == [1, 2, 3]
    members = read_signal(np.arange(8.0).reshape(4, 2), "all/op/u", steps=4, members=2)
    assert members.held(2).tolist() == [4.0, 5.0]
    assert (members.width, members.column(1).tolist()) == (2, [1.0, 3.0, 5.0, 7.0])


def test_jumps_are_the_steps_at_which_a_held_value_changes():
    signal = read_signal([0, 0, 1, 1, 0.5, 0.5], "u", steps=6, members=1)
    assert signal.jumps.tolist() == [2, 4]
    assert Signal(samples=signal.samples, hold=10).jumps.tolist() == [20, 40]


def test_a_function_of_time_is_kept():
    signal = read_signal(lambda t: 2 * t, "u", steps=4, members=1)
    assert signal.rows(1, np.array([0.0, 0.5])).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.zeros(5), r"has shape \(5,\), but the run has 4 steps .* array of shape \(4,\)"),
        (np.zeros((4, 3)), r"has shape \(4, 3\)"),
        (np.zeros((4, 1, 1)), r"has shape \(4, 1, 1\)"),
        ([], r"has shape \(0,\)"),
        ([0, 1, np.nan, 0], "is not finite at sample 2"),
        (np.inf, "is not finite at sample 0"),
        ("5", "must be a number, an array or a function of t, not '5'"),
        (None, "must be a number, an array or a function of t, not None"),
        (1j, "must be a number, an array or a function of t"),
        (np.array([1j] * 4), "must be a number, an array or a function of t"),
        ({"a": 1}, "must be a number, an array or a function of t"),
        ([[1], [1, 2]], "must be a number, an array or a function of t"),
        (lambda: 1.0, "the function of t fails at t = 0: .*takes 0 positional arguments"),
        (lambda t: "high", "the function of t fails at t = 0: could not convert"),
        (lambda t: None, r"the function returns None, not 1 number\(s\)"),
        (lambda t: [1.0, 2.0], r"the function returns \[1.0, 2.0\], not 1 number\(s\)"),
    ],
)
def test_what_is_no_input_is_refused_by_name(value, words):
    with pytest.raises(OptionError, match=r"inputs\['e/op/u'\].*") as caught:
        read_signal(value, "e/op/u", steps=4, members=1)
    caught.match(words)


def test_signals_of_a_group_keep_the_order_of_its_members():
    both = Signal(samples=np.arange(8.0).reshape(4, 2))
    assert merge([(both, 0), (both, 1)]) is both
    np.testing.assert_array_equal(merge([(both, 1), (both, 0)]).samples, both.samples[:, ::-1])
    mixed = merge([(Signal(samples=np.array([5.0])), 0), (both, 1)])
    np.testing.assert_array_equal(mixed.samples, np.stack([[5.0] * 4, both.samples[:, 1]], axis=1))
