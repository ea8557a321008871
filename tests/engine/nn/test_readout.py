"""Readouts: sums that leak, and neurons driven by weighted spikes."""

import brainunit as u
import jax.numpy as jnp
import numpy as np

from engine import nn

rng = np.random.default_rng(0)
W = rng.normal(size=(3, 2)).astype(np.float32)
SPIKES = (rng.random((20, 3)) < 0.4).astype(np.float32)


def test_a_rate_is_a_leaky_sum(run, ready):
    layer = ready(nn.LeakyRateReadout(3, 2, tau=2.0 * u.ms, w_init=W))
    rates = run(lambda i: layer(jnp.asarray(SPIKES)[i]), 20)
    decay, r = np.exp(-0.1 / 2.0), np.zeros(2)
    for spikes, rate in zip(SPIKES, rates, strict=True):
        r = decay * r + spikes @ W
        np.testing.assert_allclose(rate, r, rtol=1e-4, atol=1e-5)
    nn.reset_all_states(layer)
    assert not layer.r.value.any()


def test_a_spiking_readout_leaks_jumps_and_resets(run, ready):
    weight = np.array([[0.0, 30.0], [0.0, 30.0]], np.float32) * u.mV
    layer = ready(nn.LeakySpikeReadout(2, tau=5.0 * u.ms, w_init=weight))

    def step(i):
        out = layer(np.ones(2, np.float32))
        return out, layer.V.value

    spikes, V = run(step, 60)
    assert not spikes[:, 0].any()
    assert spikes[:, 1].any()
    decay, v = np.exp(-0.1 / 5.0), 0.0
    for spike, value in zip(spikes[:, 1], V[:, 1], strict=True):
        v = v - (v >= 1.0)
        v = decay * v + (1 - decay) * 60.0
        assert np.isclose(value, v, rtol=1e-4)
        assert spike == (v >= 1.0)
