"""Short-term plasticity against the closed forms of Tsodyks and Markram."""

import brainunit as u
import numpy as np
import pytest

from engine import nn


def train(run, synapse, every, n_spikes):
    """Return release at each spike of a regular train, and states before each."""

    def step(i):
        before = synapse.x.value
        release = synapse((i % every == 0)[None])
        return release, before

    release, _ = run(step, every * n_spikes)
    at_spikes = release[::every, 0]
    assert np.count_nonzero(release) == n_spikes
    return at_spikes


@pytest.mark.parametrize(
    ("rate", "x"), [(5, 0.3623), (10, 0.2103), (20, 0.1143), (40, 0.0597)]
)
def test_depression_settles_at_the_published_resources(run, ready, rate, x):
    every = 10000 // rate
    spikes = max(12, 2 * rate)
    release = train(run, ready(nn.STD(1, tau=800.0 * u.ms, U=0.5)), every, spikes)
    assert release[0] == pytest.approx(0.5)
    assert release[-1] / 0.5 == pytest.approx(x, abs=1e-4)
    left = np.exp(-1 / (rate * 0.8))
    assert release[-1] / 0.5 == pytest.approx((1 - left) / (1 - 0.5 * left), rel=1e-3)


def test_total_release_tends_to_the_recovery_rate(run, ready):
    release = train(run, ready(nn.STD(1, tau=800.0 * u.ms, U=0.5)), 20, 2000)
    assert release[-1] * 500.0 == pytest.approx(1.25, rel=0.01)  # per second


@pytest.mark.parametrize("rate", [10, 25, 50])
def test_facilitation_settles_at_its_fixed_point(run, ready, rate):
    U, tau_f, tau_d = 0.1, 0.7, 0.2
    synapse = ready(nn.STP(1, U=U, tau_f=tau_f * 1e3 * u.ms, tau_d=tau_d * 1e3 * u.ms))
    release = train(run, synapse, 10000 // rate, 5 * rate)
    interval = 1 / rate
    used = U / (1 - (1 - U) * np.exp(-interval / tau_f))
    left = np.exp(-interval / tau_d)
    x = (1 - left) / (1 - (1 - used) * left)
    assert release[0] == pytest.approx(U)
    assert release[-1] == pytest.approx(used * x, rel=2e-3)


def test_facilitation_recursion_spike_by_spike(run, ready):
    U, tau_f, tau_d = 0.15, 1500.0, 200.0
    release = train(run, ready(nn.STP(1)), 200, 15)
    used, x, expected = 0.0, 1.0, []
    for _ in range(15):
        used = used + U * (1 - used)
        expected.append(used * x)
        x = 1 - (1 - x * (1 - used)) * np.exp(-20.0 / tau_d)
        used *= np.exp(-20.0 / tau_f)
    assert np.allclose(release, expected, rtol=1e-4)


def test_without_memory_of_facilitation_it_is_depression(run, ready):
    std = train(run, ready(nn.STD(1, tau=300.0 * u.ms, U=0.4)), 150, 10)
    both = nn.STP(1, U=0.4, tau_f=0.05 * u.ms, tau_d=300.0 * u.ms)
    assert np.allclose(train(run, ready(both), 150, 10), std, rtol=1e-5)
