"""Current sources against their formulas and moments."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import nn
from engine.nn._inputs_current import turns

KEY = jax.random.key(11)


def test_constant_current_is_its_amplitude(run, ready):
    source = ready(nn.ConstantCurrent(3, np.array([1.0, 2.0, 3.0]) * u.pA))
    assert np.array_equal(run(lambda i: source(), 4), [[1.0, 2.0, 3.0]] * 4)


@pytest.mark.parametrize(
    ("start", "stop", "on"),
    [(None, None, range(10)), (0.3, None, range(3, 10)), (None, 0.3, range(3)),
     (0.3, 0.6, range(3, 6))],
)  # fmt: skip
def test_step_current_is_on_in_its_window(run, ready, start, stop, on):
    window = {
        name: value * u.ms
        for name, value in {"start": start, "stop": stop}.items()
        if value is not None
    }
    source = ready(nn.StepCurrent(1, 5.0 * u.pA, **window))
    current = run(lambda i: source(), 10)
    assert list(np.flatnonzero(current)) == list(on)
    assert current.max() == 5.0


def test_sine_current_follows_the_sine(run, ready):
    source = nn.SineCurrent(
        1, 3.0 * u.pA, 40.0 * u.Hz, phase=0.7, offset=1.0 * u.pA, stop=80.0 * u.ms
    )
    ready(source)
    t = 1e-4 * np.arange(1000)
    expected = np.where(t < 0.08 - 1e-9, 1 + 3 * np.sin(2 * np.pi * 40 * t + 0.7), 0)
    assert np.allclose(run(lambda i: source(), 1000), expected, atol=1e-4)


def test_whole_turns_are_dropped_without_loss():
    steps = np.array([0, 1, 4095, 4096, 10**6 + 7, 2**31 - 1])
    per_step = 1 / 1024 + 1 / 8192  # exact in float32
    exact = (steps * per_step) % 1
    assert np.allclose(turns(jnp.asarray(steps), per_step), exact, atol=1e-6)


@pytest.mark.parametrize("dt", [0.1, 1.0, 20.0])
def test_ou_noise_has_its_variance_and_correlation_for_any_step(run, ready, dt):
    source = nn.NoiseCurrent(2000, 10.0 * u.pA, 3.0 * u.pA, tau=5.0 * u.ms, key=KEY)
    ready(source, dt=dt * u.ms)
    run(lambda i: source(), int(40 / dt) + 1, dt=dt * u.ms)
    one, other = run(lambda i: source(), 2, start=10**6, dt=dt * u.ms)
    assert one.mean() == pytest.approx(10.0, abs=5 * 3 / np.sqrt(2000))
    assert one.std() == pytest.approx(3.0, rel=0.1)
    correlation = np.corrcoef(one, other)[0, 1]
    assert correlation == pytest.approx(np.exp(-dt / 5.0), abs=0.1)


@pytest.mark.parametrize("dt", [0.1, 0.4])
def test_effect_of_white_noise_does_not_depend_on_the_step(run, ready, dt):
    """A membrane under white noise has the variance of Gillespie's formula."""
    sigma, tau = 10.0, 2.0
    cells = nn.LIF(1500, R=1.0 * u.Mohm, tau=5.0 * u.ms, V_th=1e6 * u.mV)
    noise = nn.NoiseCurrent(
        1500, 0.0 * u.nA, sigma * u.nA, tau=tau * u.ms, kind="white", key=KEY
    )
    ready(cells, noise, dt=dt * u.ms)
    run(lambda i: cells(noise()), int(30 / dt), dt=dt * u.ms)
    V = np.asarray(cells.V.value.to_decimal(u.mV))
    assert V.std() == pytest.approx(sigma * np.sqrt(tau / 5.0), rel=0.08)


def test_noise_begins_at_the_mean_and_batches(ready):
    source = nn.NoiseCurrent((2,), 4.0 * u.pA, 1.0 * u.pA, key=KEY)
    ready(source, batch_size=3)
    assert source.I.value.shape == (3, 2)
    assert np.all(source.I.value.mantissa == 4.0)


def test_unknown_kind_of_noise_is_refused():
    with pytest.raises(ValueError, match=r"kind is 'pink'.*'ou', 'white'"):
        nn.NoiseCurrent(1, 0.0 * u.pA, 1.0 * u.pA, kind="pink")
