"""Spike sources against counts, rates and the times they were given."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from engine import environ, nn
from engine.nn._inputs import bernoulli

KEY = jax.random.key(7)


def test_spike_times_arrive_in_their_steps(run, ready):
    times = np.array([1.0, 0.3, 0.3, 0.30001, 2.0, 2.0]) * u.ms
    source = ready(nn.SpikeTime(3, indices=[0, 1, 2, 1, 2, 2], times=times))
    spikes = run(lambda i: source(), 30)
    assert {tuple(at) for at in np.argwhere(spikes)} == {
        (10, 0),
        (3, 1),
        (3, 2),
        (20, 2),
    }
    assert spikes.dtype == bool


def test_spike_times_do_not_depend_on_earlier_steps(run, ready):
    source = ready(nn.SpikeTime(2, [0, 1], np.array([0.5, 1.5]) * u.ms))
    whole = run(lambda i: source(), 20)
    assert np.array_equal(run(lambda i: source(), 10, start=10), whole[10:])


def test_spike_times_in_two_dimensions_and_batches(run, ready):
    source = nn.SpikeTime((2, 2), [3], np.array([0.2]) * u.ms, spk_type=jnp.float32)
    ready(source, batch_size=3)
    spikes = run(lambda i: source(), 4)
    assert spikes.shape == (4, 3, 2, 2)
    assert spikes.dtype == np.float32
    assert np.array_equal(np.argwhere(spikes)[:, 0], [2, 2, 2])
    assert np.all(spikes[2, :, 1, 1] == 1)


def test_spike_times_without_any(run, ready):
    source = ready(nn.SpikeTime(2, [], np.zeros(0) * u.ms))
    assert not run(lambda i: source(), 3).any()


def test_spike_times_work_from_the_time_alone():
    source = nn.SpikeTime(1, [0], np.array([0.4]) * u.ms)
    with environ.context(dt=0.1 * u.ms):
        seen = []
        for i in range(6):
            with environ.context(t=i * 0.1 * u.ms):
                seen.append(bool(source()[0]))
    assert seen == [False] * 4 + [True, False]


@pytest.mark.parametrize(
    ("indices", "text"), [([0, 1], "2 indices"), ([2], "from 2 to 2"), ([-1], "-1")]
)
def test_spike_times_refuse_what_does_not_fit(indices, text):
    with pytest.raises(ValueError, match=text):
        nn.SpikeTime(2, indices, np.array([0.1]) * u.ms)


@pytest.mark.parametrize("p", [0.0, 1e-4, 0.3, 1.0])
def test_bernoulli_has_its_probability(p):
    n = 400_000
    count = int(bernoulli(KEY, p, (n,)).sum())
    assert abs(count - n * p) <= 5 * np.sqrt(n * p * (1 - p))


def test_poisson_counts_have_the_mean_and_variance_of_their_rate(run, ready):
    rates = np.array([20.0, 100.0, 500.0])
    source = nn.PoissonSpike((200, 3), np.tile(rates, (200, 1)) * u.Hz, key=KEY)
    ready(source)
    counts = run(lambda i: source(), 1000).sum(0)  # 100 ms
    p = rates * 1e-4
    mean, variance = 1000 * p, 1000 * p * (1 - p)
    assert np.all(np.abs(counts.mean(0) - mean) < 5 * np.sqrt(variance / 200))
    assert np.allclose(counts.var(0), variance, rtol=0.5)


@pytest.mark.parametrize("mean", [0.01, 0.8, 4.0, 25.0])
def test_many_sources_give_poisson_counts(run, ready, mean):
    source = nn.PoissonSpike(
        4000, mean * 10 * u.Hz, spk_type=int, key=KEY, n_sources=1000
    )
    ready(source)
    drawn = run(lambda i: source(), 100).ravel()
    n = np.arange(stats.poisson.isf(1e-3, mean) + 2)
    expected = np.append(stats.poisson.pmf(n[:-1], mean), stats.poisson.sf(n[-2], mean))
    found = np.bincount(np.minimum(drawn, n[-1]).astype(int), minlength=n.size)
    enough = expected * drawn.size > 5
    rest = [found[~enough].sum(), expected[~enough].sum() * drawn.size]
    observed = np.append(found[enough], rest[0])
    wanted = np.append(expected[enough] * drawn.size, rest[1])
    chi = np.sum((observed - wanted) ** 2 / np.maximum(wanted, 1e-9) * (wanted > 1))
    assert chi < stats.chi2.isf(1e-4, max(1, (wanted > 1).sum() - 1))
    assert drawn.max() < mean + 12 * np.sqrt(mean) + 3


def test_counts_are_kept_and_given_as_numbers(ready):
    source = ready(nn.PoissonSpike(50, 20.0 * u.Hz, key=KEY, n_sources=1000))
    with environ.context(i=0, dt=0.1 * u.ms):
        counts = source()
    assert jnp.issubdtype(counts.dtype, jnp.floating)
    np.testing.assert_array_equal(counts, source.spike.value)
    assert counts.max() > 1


@pytest.mark.parametrize(
    ("n", "text"), [(0, "give 1 source or more"), (10**6, "can be counted")]
)
def test_sources_that_cannot_be_counted(ready, n, text):
    setting = environ.context(i=0, dt=0.1 * u.ms)
    with setting, pytest.raises(ValueError, match=text):
        ready(nn.PoissonSpike(2, 10.0 * u.Hz, key=KEY, n_sources=n))()


def test_stream_is_that_of_the_step_alone(run, ready):
    make = lambda: ready(nn.PoissonSpike(50, 1000.0 * u.Hz, key=KEY))
    one, other = make(), make()
    whole = run(lambda i: one(), 20)
    late, early = (run(lambda i: other(), 10, start=start) for start in (10, 0))
    assert np.array_equal(whole, np.concatenate([early, late]))
    assert whole.any()
    assert not np.array_equal(whole[:10], whole[10:])


def test_common_random_state_moves_on(run, ready):
    source = ready(nn.PoissonSpike(100, 2000.0 * u.Hz))
    spikes = run(lambda i: source(), 20)
    assert 0 < spikes.sum() < spikes.size
    assert len({row.tobytes() for row in spikes}) > 15


def test_window_is_open_at_start_and_closed_before_stop(run, ready):
    source = nn.PoissonSpike(20, 1e4 * u.Hz, start=0.5 * u.ms, stop=0.8 * u.ms, key=KEY)
    ready(source)
    spikes = run(lambda i: source(), 12)
    assert list(np.flatnonzero(spikes.all(1))) == [5, 6, 7]
    assert spikes.sum() == 60


def test_encoder_takes_its_rates_at_each_step(run, ready):
    encoder = ready(nn.PoissonEncoder(1000, spk_type=jnp.float32, key=KEY))
    p = run(lambda i: encoder(jnp.where(i < 5, 0.0, 5000.0) * u.Hz), 10).mean(1)
    assert np.all(p[:5] == 0)
    assert np.allclose(p[5:], 0.5, atol=0.1)


def test_last_spikes_can_be_prefetched(run, ready):
    source = nn.PoissonSpike(10, 3000.0 * u.Hz, key=KEY)
    read = source.prefetch("spike")
    ready(source)

    def step(i):
        before = read()
        return before, source()

    before, spikes = run(step, 10)
    assert np.array_equal(before[1:], spikes[:-1])
    assert not before[0].any()


def test_sources_work_without_states():
    with environ.context(dt=0.1 * u.ms, i=0, t=0.0 * u.ms):
        assert nn.PoissonSpike(4, 1e4 * u.Hz)().all()
        assert nn.PoissonEncoder(4)(np.full((2, 4), 1e4) * u.Hz).shape == (2, 4)
        assert nn.SpikeTime(1, [0], [0.0] * u.ms)().all()


def test_rate_of_the_wrong_unit_is_named():
    with (
        environ.context(dt=0.1 * u.ms, i=0),
        pytest.raises(TypeError, match=r"PoissonSpike\.freqs"),
    ):
        nn.PoissonSpike(4, 10.0 * u.mV)()
