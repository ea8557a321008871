"""Synapses against their closed forms."""

import brainunit as u
import jax.numpy as jnp
import numpy as np
import pytest

from engine import init, nn

SPIKE_AT = 5


def response(run, ready, synapse, n=600):
    """Return `g` after one arrival of 2 nS, with the time since it in ms."""
    ready(synapse)

    def step(i):
        synapse.add_delta_input("arrival", jnp.where(i == SPIKE_AT, 2.0, 0.0) * u.nS)
        synapse()
        return synapse.g.value

    g = run(step, n)[:, 0]
    assert np.all(g[:SPIKE_AT] == 0)
    return g[SPIKE_AT:], 0.1 * np.arange(n - SPIKE_AT)


NS = {"g_initializer": init.ZeroInit(unit=u.nS)}


def test_expon_decays_exactly(run, ready):
    g, t = response(run, ready, nn.Expon(1, tau=5.0 * u.ms, **NS))
    assert np.allclose(g, 2.0 * np.exp(-t / 5.0), rtol=2e-5)


def test_alpha_is_exact_and_peaks_with_its_weight_at_tau(run, ready):
    g, t = response(run, ready, nn.Alpha(1, tau=4.0 * u.ms, **NS))
    assert np.allclose(g, 2.0 * t / 4.0 * np.exp(1 - t / 4.0), atol=2e-5)
    assert t[np.argmax(g)] == pytest.approx(4.0)
    assert g.max() == pytest.approx(2.0, rel=1e-5)


@pytest.mark.parametrize("synapse", [nn.Expon, nn.Alpha])
def test_arrival_by_call_by_delta_and_at_once_are_the_same(run, ready, synapse):
    called, summed, direct = (ready(synapse(2, **NS)) for _ in range(3))

    def step(i):
        x = jnp.where(i % 7 == 0, 1.0, 0.0) * u.nS
        called(x)
        summed.add_delta_input("x", x)
        summed()
        direct()
        direct.align_post_input_add(x)
        return called.g.value, summed.g.value, direct.g.value

    one, two, three = run(step, 60)
    assert one.max() > 0
    assert np.allclose(one, two, rtol=1e-6)
    assert np.allclose(one, three, rtol=1e-6)


@pytest.mark.parametrize(
    ("model", "alpha", "T", "steps"),
    [(nn.AMPA, 0.98, 0.5, 5), (nn.GABAa, 0.53, 1.0, 10)],
)
def test_receptors_open_for_a_pulse_and_close(run, ready, model, alpha, T, steps):
    receptors = ready(model(1))

    def step(i):
        receptors((i == SPIKE_AT)[None])
        return receptors.g.value

    g = run(step, 100)[:, 0]
    rate = alpha * T + 0.18
    rise = alpha * T / rate * (1 - np.exp(-rate * 0.1 * np.arange(1, steps + 1)))
    fall = rise[-1] * np.exp(-0.18 * 0.1 * np.arange(1, 100 - SPIKE_AT - steps + 1))
    assert np.all(g[:SPIKE_AT] == 0)
    assert np.allclose(g[SPIKE_AT:], np.concatenate([rise, fall]), rtol=2e-5)


def test_dg_is_the_equation():
    receptors = nn.AMPA(1)
    slope = receptors.dg(0.25, 0.0 * u.ms, 0.5 * u.mM)
    expected = 0.98 * 0.5 * 0.75 - 0.18 * 0.25
    assert float(slope.to_decimal(u.ms**-1)) == pytest.approx(expected)


def test_psp_of_an_exponential_current(run, ready):
    """Compare with the difference of exponentials, to first order in dt."""
    tau_m, tau_s, w = 20.0, 5.0, 100.0
    post = nn.LIF(1, R=100.0 * u.Mohm, tau=tau_m * u.ms, V_th=1e3 * u.mV)
    proj = nn.AlignPostProj(
        comm=lambda spike: spike * w * u.pA,
        syn=nn.Expon.desc(tau=tau_s * u.ms, g_initializer=init.ZeroInit(unit=u.pA)),
        out=nn.CUBA.desc(scale=1),
        post=post,
    )
    ready(post, proj)

    def step(i):
        proj(jnp.where(i == 0, 1.0, 0.0)[None])
        post()
        return post.V.value

    V = run(step, 1000)[:, 0]
    t = 0.1 * np.arange(1, 1001)
    scale = 0.1 * w * tau_s / (tau_m - tau_s)
    exact = scale * (np.exp(-t / tau_m) - np.exp(-t / tau_s))
    assert np.abs(V - exact).max() < 0.02 * exact.max()
    assert abs(t[V.argmax()] - t[exact.argmax()]) <= 0.1 + 1e-9


def test_reset_returns_to_the_initial_value(run, ready):
    for synapse in (nn.Expon(2, **NS), nn.Alpha(2, **NS)):
        ready(synapse)
        run(lambda i, synapse=synapse: synapse(jnp.ones(2) * u.nS), 3)
        assert np.all(u.get_mantissa(synapse.g.value) > 0)
        nn.reset_all_states(synapse)
        assert np.all(u.get_mantissa(synapse.g.value) == 0)
