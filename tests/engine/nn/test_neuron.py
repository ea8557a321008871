"""Neurons against the solutions of their equations."""

import re

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import environ, init, nn

R = 100.0 * u.Mohm
PHYSIOLOGICAL = {
    "R": R,
    "tau": 20.0 * u.ms,
    "V_th": -50.0 * u.mV,
    "V_reset": -60.0 * u.mV,
    "V_rest": -60.0 * u.mV,
    "V_initializer": init.Constant(-60.0 * u.mV),
    "spk_reset": "hard",
}
MODELS = [nn.IF, nn.LIF, nn.LIFRef, nn.ALIF]


def spike_steps(spikes, neuron=0):
    return np.flatnonzero(spikes[:, neuron])


@pytest.mark.parametrize("tau_ref", [0.0, 2.0, 5.0])
def test_f_i_curve_is_exact_to_one_step(run, ready, tau_ref):
    drive = np.array([101.0, 120.0, 200.0, 500.0])  # pA, 100 pA being the threshold
    cells = ready(nn.LIFRef(4, tau_ref=tau_ref * u.ms, **PHYSIOLOGICAL))
    spikes = run(lambda i: cells(drive * u.pA), 4000)
    RI = drive * 0.1  # mV
    period = tau_ref + 20.0 * np.log(RI / (RI - 10.0))
    for neuron, expected in enumerate(period):
        intervals = np.diff(spike_steps(spikes, neuron)) * 0.1
        assert len(intervals) > 0
        assert np.all(intervals >= expected - 1e-3)
        assert np.all(intervals <= expected + 0.1 + 1e-3)


def test_subthreshold_response_is_the_exact_exponential(run, ready):
    cells = ready(nn.LIF(1, **PHYSIOLOGICAL))

    def step(i):
        cells(50.0 * u.pA)
        return cells.V.value

    V = run(step, 1000)[:, 0]
    t = 0.1 * np.arange(1, 1001)
    assert np.allclose(V, -60.0 + 5.0 * (1 - np.exp(-t / 20.0)), atol=2e-4)


def test_constant_conductance_gives_the_exact_effective_membrane(run, ready):
    cells = ready(nn.LIF(1, **PHYSIOLOGICAL))
    out = nn.COBA(-70.0 * u.mV)
    cells.add_current_input("g", out)

    def step(i):
        out.bind_cond(30.0 * u.nS)
        cells()
        return cells.V.value

    V = run(step, 300)[:, 0]
    leak = 1 + 0.1 * 30.0  # R g
    settled = (-60.0 + 0.1 * 30.0 * -70.0) / leak
    t = 0.1 * np.arange(1, 301)
    expected = settled + (-60.0 - settled) * np.exp(-t * leak / 20.0)
    assert np.allclose(V, expected, atol=2e-4)


def test_current_that_is_any_function_of_the_potential(run, ready):
    one, other = (ready(nn.LIF(1, **PHYSIOLOGICAL)) for _ in range(2))
    out = nn.COBA(-70.0 * u.mV)
    one.add_current_input("g", out)
    other.add_current_input("g", lambda V: 30.0 * u.nS * (-70.0 * u.mV - V))

    def step(i):
        out.bind_cond(30.0 * u.nS)
        one()
        other()
        return one.V.value, other.V.value

    a, b = run(step, 50)
    assert np.allclose(a, b, rtol=1e-6)


def test_hard_reset_is_exact_and_the_neuron_is_held_there(run, ready):
    cells = ready(nn.LIFRef(1, tau_ref=2.0 * u.ms, **PHYSIOLOGICAL))

    def step(i):
        cells(400.0 * u.pA)
        return cells.V.value, cells.spike.value

    V, spike = run(step, 400)
    first, second = spike_steps(spike)[:2]
    assert V[first, 0] >= -50.0
    assert np.all(V[first + 1 : first + 21, 0] == np.float32(-60.0))
    assert V[first + 21, 0] > -60.0
    assert second > first + 21


def test_refractory_neurons_ignore_jumps(run, ready):
    cells = ready(nn.LIFRef(1, tau_ref=1.0 * u.ms, **PHYSIOLOGICAL))

    def step(i):
        cells.add_delta_input("jump", 100.0 * u.mV)
        return cells()

    assert list(spike_steps(run(step, 50))) == list(range(0, 50, 11))


def test_soft_reset_keeps_the_overshoot(run, ready):
    cells = ready(nn.LIF(1, **PHYSIOLOGICAL | {"spk_reset": "soft", "tau": 1e9 * u.ms}))

    def step(i):
        jump = jnp.where(i == 0, 13.0, 0.0)
        cells.add_delta_input("jump", jump * u.mV)
        cells()
        return cells.V.value

    V = run(step, 3)[:, 0]
    assert np.allclose(V, [-47.0, -57.0, -57.0], atol=1e-4)


def test_soft_reset_cannot_fire_while_refractory(run, ready):
    cells = ready(
        nn.LIFRef(1, tau_ref=1.0 * u.ms, **PHYSIOLOGICAL | {"spk_reset": "soft"})
    )

    def step(i):
        cells.add_delta_input("jump", jnp.where(i == 0, 1000.0, 0.0) * u.mV)
        return cells()

    assert list(spike_steps(run(step, 40))) == [0]


@pytest.mark.parametrize("model", [nn.LIF, nn.LIFRef, nn.ALIF])
def test_initial_potential_is_exact_and_above_threshold_spikes_at_once(
    run, ready, model
):
    V_init = np.array([-49.0, -61.25, -50.5], np.float32)
    given = PHYSIOLOGICAL | {"V_initializer": V_init * u.mV}
    cells = ready(model(3, **given))
    assert np.array_equal(u.get_mantissa(cells.V.value), V_init)
    spikes = run(lambda i: cells(), 5)
    assert list(spikes[0]) == [1, 0, 0]
    assert spikes.sum() == 1


def test_refractory_period_counts_steps_at_any_step(run, ready):
    cells = ready(nn.LIFRef(1, tau_ref=0.7 * u.ms, **PHYSIOLOGICAL))

    def step(i):
        cells.add_delta_input("jump", 20.0 * u.mV)
        return cells()

    for start in (0, 10**9):
        nn.reset_all_states(cells)
        assert list(spike_steps(run(step, 33, start=start))) == [0, 8, 16, 24, 32]


def test_refractory_period_may_be_traced(ready):
    cells = ready(nn.LIFRef(1, tau_ref=1.0 * u.ms, **PHYSIOLOGICAL))

    def refractory_steps(milliseconds):
        cells.tau_ref = milliseconds * u.ms
        nn.reset_all_states(cells)
        with environ.context(dt=0.1 * u.ms, i=0):
            cells.add_delta_input("jump", 20.0 * u.mV)
            cells()
        return cells.refractory.value

    compiled = jax.jit(refractory_steps)
    assert [int(compiled(t)[0]) for t in (0.0, 0.34, 2.0)] == [0, 3, 20]


def test_adaptation_rises_by_one_and_decays(run, ready):
    cells = ready(nn.ALIF(1, tau_a=50.0 * u.ms, beta=1.0 * u.mV, **PHYSIOLOGICAL))

    def step(i):
        cells.add_delta_input("jump", jnp.where(i == 0, 20.0, 0.0) * u.mV)
        cells()
        return cells.a.value

    a = run(step, 101)[:, 0]
    assert a[0] == 0
    assert np.allclose(a[1:], np.exp(-0.1 * np.arange(1, 101) / 50.0), rtol=1e-5)


def test_adaptive_threshold_lengthens_the_intervals(run, ready):
    cells = ready(nn.ALIF(1, tau_a=200.0 * u.ms, beta=2.0 * u.mV, **PHYSIOLOGICAL))
    intervals = np.diff(spike_steps(run(lambda i: cells(300.0 * u.pA), 3000)))
    assert len(intervals) > 5
    assert np.all(np.diff(intervals[:5]) > 0)


def test_if_leaks_to_zero_and_resets_by_the_threshold(run, ready):
    cells = ready(nn.IF(1, R=1.0 * u.ohm, tau=5.0 * u.ms, V_th=1.0 * u.mV))

    def step(i):
        cells(0.8 * u.mA)
        return cells.V.value

    V = run(step, 200)[:, 0]
    t = 0.1 * np.arange(1, 201)
    assert np.allclose(V, 0.8 * (1 - np.exp(-t / 5.0)), atol=1e-5)


@pytest.mark.parametrize("model", MODELS)
def test_spike_state_is_what_update_returned(run, ready, model):
    cells = ready(model(5))

    def step(i):
        returned = cells(jnp.linspace(0.5, 4.0, 5) * u.mA)
        return returned, cells.spike.value, cells.get_spike()

    returned, kept, again = run(step, 300)
    assert kept.dtype == bool
    assert kept.any()
    assert np.array_equal(returned != 0, kept)
    assert np.array_equal(returned, again)


@pytest.mark.parametrize("reset", ["soft", "hard"])
def test_gradient_flows_through_spike_and_reset(ready, reset):
    cells = ready(nn.LIF(1, spk_reset=reset, tau=5.0 * u.ms))

    def total(current):
        nn.reset_all_states(cells)
        spikes = 0.0
        with environ.context(dt=1.0 * u.ms):
            for _ in range(6):
                spikes = spikes + cells(current * u.mA).sum()
        return spikes

    slope = jax.grad(total)(1.4)
    assert np.isfinite(slope)
    assert slope != 0


def test_gradient_of_the_hard_reset_is_that_of_its_formula():
    from engine.nn._neuron_base import _where_spike

    V = jnp.array([0.5, 1.5])
    slope = jnp.array([0.3, 0.2])  # surrogate derivative

    def formula(V):
        spike = (
            jax.lax.stop_gradient((V >= 1.0).astype(V.dtype) - slope * V) + slope * V
        )
        return V * (1 - spike) + 0.1 * spike

    def ours(V):
        spike = (
            jax.lax.stop_gradient((V >= 1.0).astype(V.dtype) - slope * V) + slope * V
        )
        return _where_spike(V >= 1.0, spike, jnp.full(2, 0.1), V)

    for f in (jax.jacfwd, jax.jacrev):
        assert np.allclose(f(ours)(V), f(formula)(V), rtol=1e-6)


def test_models_run_without_units(run, ready):
    cells = ready(
        nn.LIF(
            2,
            R=1.0,
            tau=10.0,
            V_th=1.0,
            V_reset=0.0,
            V_rest=0.0,
            V_initializer=init.ZeroInit(),
        ),
        dt=0.1,
    )

    def step(i):
        cells(0.5)
        return cells.V.value

    V = run(step, 100, dt=0.1)[:, 0]
    assert np.allclose(V, 0.5 * (1 - np.exp(-0.01 * np.arange(1, 101))), atol=1e-5)


def test_batch_axis_leads(ready):
    cells = ready(nn.LIFRef((2, 3)), batch_size=4)
    assert cells.V.value.shape == (4, 2, 3)
    assert cells.spike.value.shape == (4, 2, 3)
    assert cells.refractory.value.shape == (4, 2, 3)


def test_unknown_reset_names_the_choices():
    with pytest.raises(
        ValueError, match=r"spk_reset is 'hrad'.*'soft', 'hard'.*'hard'"
    ):
        nn.LIF(1, spk_reset="hrad")


def test_wrong_unit_names_the_parameter(ready):
    with pytest.raises(TypeError, match=r"LIF\.V_th .* mV"):
        ready(nn.LIF(1, V_th=3.0 * u.ms))


def test_one_exponential_a_neuron_and_none_for_a_scalar_leak(ready):
    cells = ready(nn.LIFRef(4, **PHYSIOLOGICAL))
    out = nn.COBA(0.0 * u.mV)
    cells.add_current_input("g", out)

    def step(g):
        out.bind_cond(g * u.nS)
        with environ.context(dt=0.1 * u.ms):
            return cells()

    text = str(jax.make_jaxpr(step)(jnp.ones(4)))
    assert len(re.findall(r"= exp\b", text)) == 1
    assert "expm1" not in text


@pytest.mark.parametrize("model", [nn.IF, nn.LIF])
def test_spikes_are_a_state_only_where_something_reads_them(run, ready, model):
    plain, read, fetched = model(4), model(4), model(4)
    spike_of = fetched.prefetch("spike")
    for cells in (plain, read, fetched):
        ready(cells)
    assert list(plain.states()) == [("V",)]
    assert not read.spike.value.any()  # from now on it is kept
    assert len(read.states()) == len(fetched.states()) == 2

    def step(i):
        x = jnp.linspace(0.5, 4.0, 4) * u.mA
        return plain(x), read(x), fetched(x), spike_of()

    one, two, three, kept = run(step, 200)
    assert one.any()
    assert np.array_equal(one, two)
    assert np.array_equal(one, three)
    assert np.array_equal(one != 0, kept)
    assert plain.spike.value.tolist() == (one[-1] != 0).tolist()
    nn.reset_all_states(plain)
    assert not plain.spike.value.any()


def test_spikes_need_a_potential_first():
    with pytest.raises(AttributeError, match=r"LIF has no 'spike' yet.*init_state"):
        nn.LIF(1).spike  # noqa: B018
    with pytest.raises(AttributeError, match="spikes"):
        nn.LIF(1).spikes  # noqa: B018
