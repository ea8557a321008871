"""Inputs by key, updates in their order, and prefetched variables."""

import brainunit as u
import jax.numpy as jnp
import numpy as np
import pytest

import engine
from engine import environ, nn


def test_value_is_used_once_and_a_function_every_time():
    cells = nn.Dynamics(2)
    cells.add_current_input("once", 2.0)
    cells.add_current_input("always", lambda: 5.0)
    assert cells.sum_current_inputs(1.0) == 8.0
    assert cells.sum_current_inputs(1.0) == 6.0
    assert list(cells.current_inputs) == ["always"]


def test_functions_get_the_arguments_of_the_sum():
    cells = nn.Dynamics(2)
    cells.add_delta_input("a", lambda V, scale: V * scale)
    assert cells.sum_delta_inputs(1.0, 3.0, scale=2.0) == 7.0


def test_label_takes_only_its_part():
    cells = nn.Dynamics(2)
    cells.add_current_input("x", 1.0, label="dendrite")
    cells.add_current_input("x", 10.0, label="soma")
    cells.add_current_input("dendrite", 100.0)
    assert cells.sum_current_inputs(0.0, label="dendrite") == 1.0
    assert cells.sum_current_inputs(0.0) == 110.0


@pytest.mark.parametrize("add", ["add_current_input", "add_delta_input"])
def test_key_is_taken_only_once(add):
    cells = nn.Dynamics(2)
    getattr(cells, add)("x", 1.0)
    with pytest.raises(ValueError, match="'x' is there already"):
        getattr(cells, add)("x", 2.0)


def test_unknown_input_lists_the_known():
    cells = nn.Dynamics(2)
    cells.add_current_input("here", 1.0)
    assert cells.get_input("here") == 1.0
    with pytest.raises(ValueError, match=r"no input 'there'.*'here'"):
        cells.get_input("there")


@pytest.mark.parametrize("size", [[], "many", 2.5, None, (2, "a"), True])
def test_size_is_an_integer_or_several(size):
    with pytest.raises(ValueError, match="in_size"):
        nn.Dynamics(size)


def test_updates_run_around_update_in_their_order():
    seen = []

    class Cells(nn.Dynamics):
        def update(self, x):
            seen.append(("update", x))
            return x + 1

    cells = Cells(1)
    cells.add_before_update("b", lambda: seen.append("before"))
    cells.add_after_update("a", lambda out: seen.append(("after", out)))
    assert cells(1) == 2
    assert seen == ["before", ("update", 1), ("after", 2)]
    assert list(cells.before_updates) == ["b"]
    assert list(cells.after_updates) == ["a"]


def test_currents_are_summed_without_waste(ready):
    cells = ready(nn.LIF(3))
    V = cells.V.value
    assert cells.current_and_slope(0.0 * u.mA, V) == (None, None)
    cells.add_current_input("a", jnp.ones(3) * u.pA)
    current, slope = cells.current_and_slope(0.0 * u.mA, V)
    assert current.unit == u.pA
    assert slope is None
    current, slope = cells.current_and_slope(2.0 * u.mA, V)
    assert current == 2.0 * u.mA
    assert slope is None


def test_slopes_of_several_currents_add_up(ready):
    cells = ready(nn.LIF(3))
    cells.add_current_input("quadratic", lambda V: V * V * u.nS / u.mV)
    cells.add_current_input("linear", lambda V: -2.0 * u.nS * V)
    V = np.array([1.0, 2.0, 3.0]) * u.mV
    current, slope = cells.current_and_slope(1.0 * u.pA, V)
    assert np.allclose(current.to_decimal(u.pA), [0.0, 1.0, 4.0])
    assert np.allclose(slope.to_decimal(u.nS), [0.0, 2.0, 4.0])


@pytest.mark.parametrize("item", ["V", "spike"])
@pytest.mark.parametrize("k", [None, 0, 1, 4])
def test_prefetch_gives_the_value_at_the_end_of_step_n_minus_k(run, ready, item, k):
    cells = nn.LIF(2, tau=1.0 * u.ms)
    delay = None if k is None else 0.1 * k * u.ms
    read = cells.prefetch(item).delay.at(delay)
    ready(cells)

    def step(i):
        cells(jnp.array([2.0, 3.0]) * u.mA)
        return read(), getattr(cells, item).value

    past, present = run(step, 40)
    shift = k or 0
    assert present.any()
    assert np.array_equal(past[shift:], present[: 40 - shift])
    assert past.dtype == present.dtype


def test_prefetch_reads_plain_attributes():
    cells = nn.LIF(2)
    cells.level = 3.0
    assert cells.prefetch("level")() == 3.0


def test_align_pre_runs_the_synapse_after_the_population(run, ready):
    cells = nn.LIF(2, tau=1.0 * u.ms)
    synapse = nn.AMPA(2)
    assert cells.align_pre(synapse) is synapse
    ready(cells)

    def step(i):
        cells(3.0 * u.mA)
        return cells.spike.value, synapse.g.value

    spike, g = run(step, 20)
    first = int(np.flatnonzero(spike[:, 0])[0])
    assert np.all(g[:first] == 0)
    assert np.all(g[first] > 0)


def test_align_pre_builds_a_description_once():
    # 0.1.0: always a TypeError
    cells = nn.LIF(2)
    synapse = cells.align_pre(nn.Expon.desc(tau=5.0 * u.ms))
    assert isinstance(synapse, nn.Expon)
    assert synapse.in_size == (2,)
    assert cells.align_pre(nn.Expon.desc(tau=5.0 * u.ms)) is synapse
    assert cells.align_pre(nn.Expon.desc(tau=6.0 * u.ms)) is not synapse


def test_group_runs_projections_before_dynamics(run, ready):
    seen = []

    class Other(nn.Module):
        def update(self):
            seen.append("other")

    class Watched(nn.Dynamics):
        def update(self, *args):
            seen.append(("dynamics", *args))

    class Delivering(nn.Projection):
        def update(self):
            seen.append("projection")

    group = nn.DynamicsGroup(Other(), Watched(1), late=Delivering())
    group(7)
    assert seen == ["projection", ("dynamics", 7), "other"]
    assert isinstance(group.late, Delivering)


def test_coba_network_runs_and_stays_finite(run, ready):
    """A small balanced network fires irregularly and its states stay finite."""
    from engine import init

    n, n_e = 400, 320
    rng = np.random.default_rng(3)
    weights = (rng.random((n, n)) < 0.05).astype(np.float32)
    cells = nn.LIFRef(
        n,
        R=100.0 * u.Mohm,
        tau=20.0 * u.ms,
        tau_ref=5.0 * u.ms,
        V_th=-50.0 * u.mV,
        V_reset=-60.0 * u.mV,
        V_rest=-60.0 * u.mV,
        V_initializer=rng.normal(-55.0, 5.0, n).astype(np.float32) * u.mV,
        spk_reset="hard",
    )
    noise = nn.NoiseCurrent(n, 90.0 * u.pA, 60.0 * u.pA)

    def projection(rows, g, tau, E):
        return nn.AlignPostProj(
            cells.prefetch("spike").delay.at(0.1 * u.ms),
            lambda spike: spike[rows].astype(np.float32),
            comm=lambda spike: (spike @ weights[rows]) * (g * u.nS),
            syn=nn.Expon.desc(tau=tau * u.ms, g_initializer=init.ZeroInit(unit=u.nS)),
            out=nn.COBA.desc(E=E * u.mV),
            post=cells,
        )

    e = projection(slice(0, n_e), 1.0, 5.0, 0.0)
    i = projection(slice(n_e, n), 8.0, 10.0, -80.0)
    ready(cells, noise, e, i)

    def step(_):
        e()
        i()
        cells(noise())
        return cells.spike.value, cells.V.value, e.syn.g.value

    spikes, V, g = run(step, 1000)
    rate = spikes.mean() / 1e-4
    assert 1.0 < rate < 60.0
    assert np.isfinite(V).all()
    assert np.isfinite(g).all()
    assert g.min() >= 0
    counts = spikes.sum(0)
    assert counts.std() > 0
    with environ.context(dt=0.1 * u.ms):
        nn.reset_all_states(cells)
    assert not np.asarray(cells.spike.value).any()


def test_copy_has_inputs_and_wiring_of_its_own():
    post = nn.LIF(2)
    proj = nn.DeltaProj(comm=lambda x: x, post=post)
    other = engine.graph.clone(proj)
    assert other.post is not post
    proj.post.add_delta_input("x", 1.0)
    assert list(post.delta_inputs) == ["x"]
    assert not other.post.delta_inputs
