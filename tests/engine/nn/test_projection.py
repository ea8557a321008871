"""Projections: when spikes arrive, and that merging changes nothing."""

import brainunit as u
import jax.numpy as jnp
import numpy as np
import pytest

import engine
from engine import environ, init, nn

SILENT = {"V_th": 1e6 * u.mV, "tau": 1e9 * u.ms, "R": 1.0 * u.Mohm}
SPIKE_AT = 3


class Pulse(nn.SpikeSource):
    """One spike of every neuron, in step SPIKE_AT."""

    def update(self):
        """Return it."""
        return self._emit(jnp.full(self.varshape, environ.get("i") == SPIKE_AT))


def weigh(unit):
    """Return connections one to one, of weight 1 in a unit."""
    return lambda spike: jnp.asarray(spike, jnp.float32) * unit


def current_unit(kind):
    """Return what `g` is weighed with, and its output."""
    return u.pA if kind is nn.CUBA else u.nS


def expon():
    return nn.Expon.desc(tau=5.0 * u.ms, g_initializer=init.ZeroInit(unit=u.pA))


def plain_expon(size):
    return nn.Expon(size, tau=5.0 * u.ms, g_initializer=init.ZeroInit())


def align_post(pre, delay, post):
    return nn.AlignPostProj(
        pre.prefetch("spike").delay.at(delay),
        comm=weigh(u.pA),
        syn=expon(),
        out=nn.CUBA.desc(scale=1),
        post=post,
    )


def align_post_alone(pre, delay, post):
    return nn.FullProjAlignPost(
        pre,
        delay,
        weigh(u.pA),
        nn.Expon(1, g_initializer=init.ZeroInit(unit=u.pA)),
        nn.CUBA(1),
        post,
    )


def align_post_merged(pre, delay, post):
    out = nn.CUBA.desc(scale=1)
    return nn.FullProjAlignPostMg(pre, delay, weigh(u.pA), expon(), out, post)


def delta(pre, delay, post):
    source = pre.prefetch("spike").delay.at(delay)
    return nn.DeltaProj(source, comm=weigh(u.mV), post=post)


def delta_full(pre, delay, post):
    return nn.FullProjDelta(pre, delay, weigh(u.mV), post)


def current(pre, delay, post):
    source = pre.prefetch("spike").delay.at(delay)
    return nn.CurrentProj(source, weigh(u.pA), nn.CUBA(1), post)


def align_pre(form, described):
    syn = (lambda: nn.Expon.desc(g_initializer=init.ZeroInit())) if described else None
    sd = "SD" in form.__name__

    def make(pre, delay, post):
        synapse = syn() if described else plain_expon(1)
        first = (synapse, delay) if sd else (delay, synapse)
        return form(pre, *first, weigh(u.pA), nn.CUBA(1), post)

    make.__name__ = form.__name__
    return make


FAMILIES = [
    align_post,
    align_post_alone,
    align_post_merged,
    delta,
    delta_full,
    current,
    align_pre(nn.FullProjAlignPreSD, described=False),
    align_pre(nn.FullProjAlignPreSDMg, described=True),
    align_pre(nn.FullProjAlignPreDS, described=False),
    align_pre(nn.FullProjAlignPreDSMg, described=True),
]


def first_change(V):
    return int(np.flatnonzero(V[:, 0] != 0)[0])


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    ("k", "source_first"),
    [(0, True), (1, True), (1, False), (2, True), (2, False), (9, True), (9, False)],
)
def test_spike_of_step_m_arrives_in_step_m_plus_k(run, ready, family, k, source_first):
    pre, post = Pulse(1), nn.LIF(1, **SILENT)
    proj = family(pre, 0.1 * k * u.ms, post)
    ready(pre, post, proj)

    def step(i):
        if source_first:
            pre()
        proj()
        if not source_first:
            pre()
        post()
        return post.V.value

    assert first_change(run(step, 20)) == SPIKE_AT + k


def test_half_forms_take_the_spikes_as_argument(run, ready):
    for make in (
        lambda post: nn.HalfProjDelta(weigh(u.mV), post),
        lambda post: nn.HalfProjAlignPostMg(
            weigh(u.pA), expon(), nn.CUBA.desc(scale=1), post
        ),
        lambda post: nn.HalfProjAlignPost(
            weigh(u.pA), expon()(in_size=1), nn.CUBA(1), post
        ),
        lambda post: nn.VanillaProj(weigh(u.pA), nn.CUBA(1), post),
    ):
        post = nn.LIF(1, **SILENT)
        proj = make(post)
        ready(post, proj)

        def step(i, proj=proj, post=post):
            proj((i == SPIKE_AT)[None])
            post()
            return post.V.value

        assert first_change(run(step, 6)) == SPIKE_AT


def test_delay_may_be_traced_up_to_its_capacity(run, ready):
    pre, post = Pulse(1), nn.LIF(1, **SILENT)
    source = pre.prefetch("spike").delay.at(0.1 * u.ms, capacity=1.0 * u.ms)
    proj = nn.DeltaProj(source, comm=weigh(u.mV), post=post)
    ready(pre, post, proj)

    for k in (0, 1, 4, 10):
        nn.reset_all_states(post)
        nn.reset_all_states(pre)

        def step(i, k=k):
            source.time = (k + 0 * i) * 0.1 * u.ms
            pre()
            proj()
            post()
            return post.V.value

        assert first_change(run(step, 16)) == SPIKE_AT + k


def test_delay_of_each_presynaptic_neuron(run, ready):
    pre, post = Pulse(3), nn.LIF(3, **SILENT)
    source = pre.prefetch("spike").delay.at(np.array([0.1, 0.5, 1.2]) * u.ms)
    proj = nn.DeltaProj(source, comm=weigh(u.mV), post=post)
    ready(pre, post, proj)

    def step(i):
        pre()
        proj()
        post()
        return post.V.value

    V = run(step, 20)
    arrivals = [int(np.flatnonzero(V[:, neuron])[0]) for neuron in range(3)]
    assert arrivals == [SPIKE_AT + 1, SPIKE_AT + 5, SPIKE_AT + 12]


def test_one_ring_serves_all_delays_of_a_variable(ready):
    pre, post = Pulse(2), nn.LIF(2, **SILENT)
    short = delta(pre, 0.3 * u.ms, post)
    long = delta(pre, 1.5 * u.ms, post)
    ready(pre, post, short, long)
    ring = short.modules[0].buffer
    assert ring is long.modules[0].buffer
    assert ring.history.shape == (16, 2)
    assert ring.history.dtype == bool


def random_network(merged):
    """Return three projections to one population, with merged synapses or without."""
    weights = np.random.default_rng(0).normal(size=(3, 4, 5)).astype(np.float32)
    post = nn.LIF(5, R=1.0 * u.Mohm, V_th=30.0 * u.mV, tau=10.0 * u.ms)

    def synapse(tau):
        given = {"tau": tau, "g_initializer": init.ZeroInit(unit=u.nS)}
        return nn.Expon.desc(**given) if merged else nn.Expon(5, **given)

    def output():
        return nn.COBA.desc(E=50.0 * u.mV) if merged else nn.COBA(E=50.0 * u.mV)

    projections = [
        nn.AlignPostProj(
            comm=lambda spike, w=w: (spike @ w) * u.nS,
            syn=synapse(tau),
            out=output(),
            post=post,
        )
        for w, tau in zip(weights, np.array([5.0, 5.0, 9.0]) * u.ms, strict=True)
    ]
    return post, projections


def test_merging_changes_nothing_but_the_number_of_synapses(run, ready):
    spikes = np.random.default_rng(1).random((200, 3, 4)) < 0.05
    traces = []
    for merged, synapses in ((True, 2), (False, 3)):
        post, projections = random_network(merged)
        ready(post, *projections)
        assert len({id(proj.syn) for proj in projections}) == synapses
        arriving = jnp.asarray(spikes, jnp.float32)

        def step(i, projections=projections, post=post, arriving=arriving):
            for n, proj in enumerate(projections):
                proj(arriving[i, n])
            post()
            return post.V.value

        traces.append(run(step, 200))
    assert np.abs(traces[0]).max() > 0.1
    assert np.allclose(*traces, atol=1e-5)


def test_descriptions_that_differ_in_one_number_are_not_merged():
    post = nn.LIF(2)
    tau = np.full(2000, 5.0)
    other = tau.copy()
    other[1000] = 6.0
    made = [
        nn.AlignPostProj(
            comm=weigh(u.mS),
            syn=nn.Expon.desc(tau=values * u.ms),
            out=nn.COBA.desc(E=0.0 * u.mV),
            post=nn.LIF(2000) if n == 0 else post,
        )
        for n, values in enumerate([tau])
    ]
    big = made[0].post
    again, differs = (
        nn.AlignPostProj(
            comm=weigh(u.mS),
            syn=nn.Expon.desc(tau=values * u.ms),
            out=nn.COBA.desc(E=0.0 * u.mV),
            post=big,
        )
        for values in (tau.copy(), other)
    )
    assert again.syn is made[0].syn
    assert differs.syn is not made[0].syn


def test_align_pre_by_description_shares_one_synapse():
    pre = Pulse(4)
    described = nn.Expon.desc(tau=3.0 * u.ms)
    assert pre.align_pre(described) is pre.align_pre(nn.Expon.desc(tau=3.0 * u.ms))
    assert pre.align_pre(described) is not pre.align_pre(nn.Expon.desc(tau=4.0 * u.ms))


def test_refused_parts_say_what_to_give():
    post = nn.LIF(2)
    with pytest.raises(ValueError, match="no AlignPost"):
        nn.AlignPostProj(comm=weigh(1), syn=nn.AMPA(2), out=nn.COBA(0.0), post=post)
    with pytest.raises(ValueError, match=r"syn is a module; give a description"):
        nn.HalfProjAlignPostMg(weigh(1), nn.Expon(2), nn.COBA.desc(E=0.0), post)
    with pytest.raises(ValueError, match=r"out is a description; give a module"):
        nn.HalfProjAlignPost(weigh(1), nn.Expon(2), nn.COBA.desc(E=0.0), post)
    with pytest.raises(ValueError, match="has no update"):
        nn.Projection()()


def test_output_without_conductance_says_so(ready):
    post = nn.LIF(2)
    proj = nn.VanillaProj(weigh(u.mS), nn.COBA(0.0 * u.mV), post)
    ready(post, proj)
    with environ.context(dt=0.1 * u.ms):
        proj(jnp.ones(2))
        post()
        with pytest.raises(ValueError, match="Run the projection before"):
            post()


def small_network():
    """Return a population that excites itself, and its projection."""
    cells = nn.LIFRef(3, tau=2.0 * u.ms, tau_ref=0.5 * u.ms, R=1.0 * u.ohm)
    weights = engine.ParamState(jnp.linspace(0.1, 0.9, 9).reshape(3, 3))
    proj = nn.AlignPostProj(
        cells.prefetch("spike").delay.at(0.3 * u.ms),
        comm=lambda spike: (spike.astype(jnp.float32) @ weights.value) * u.mA,
        syn=nn.Expon.desc(tau=1.0 * u.ms, g_initializer=init.ZeroInit(unit=u.mA)),
        out=nn.CUBA.desc(scale=1),
        post=cells,
    )
    return cells, proj


def spikes_of(run, cells, proj, n=60, shape=(3,)):
    drive = jnp.broadcast_to(jnp.array([0.5, 1.5, 2.5]), shape) * u.mA

    def step(i):
        proj()
        cells(drive)
        return cells.spike.value

    return run(step, n)


def test_clone_of_a_network_does_the_same_on_its_own(run, ready):
    cells, proj = small_network()
    ready(proj)
    other = engine.graph.clone(proj)
    assert other.post is not cells
    first = spikes_of(run, cells, proj)
    assert first.any()
    assert np.array_equal(spikes_of(run, other.post, other), first)


def test_batch_of_networks_is_each_network(run, ready):
    cells, proj = small_network()
    ready(proj)
    alone = spikes_of(run, cells, proj)
    ready(proj, batch_size=2)
    batch = spikes_of(run, cells, proj, shape=(2, 3))
    assert np.array_equal(batch[:, 0], alone)
    assert np.array_equal(batch[:, 1], alone)


def test_gradient_reaches_the_weights_through_delay_and_synapse(ready):
    pre = nn.LIF(2, tau=2.0 * u.ms)
    post = nn.LIF(1, tau=2.0 * u.ms, V_th=1e6 * u.mV)
    weights = engine.ParamState(jnp.array([[0.3], [0.7]]))
    proj = nn.AlignPostProj(
        pre.prefetch("V").delay.at(0.2 * u.ms),
        pre.get_spike,
        comm=lambda spike: (spike @ weights.value) * u.mA,
        syn=nn.Expon.desc(tau=1.0 * u.ms, g_initializer=init.ZeroInit(unit=u.mA)),
        out=nn.CUBA.desc(scale=1),
        post=post,
    )
    ready(proj)

    def loss():
        nn.reset_all_states(proj)

        def step(i):
            with environ.context(i=i, dt=0.1 * u.ms):
                proj()
                pre(jnp.array([1.5, 2.5]) * u.mA)
                post()
                return u.get_mantissa(post.V.value).sum()

        return engine.compile.for_loop(step, jnp.arange(40)).sum()

    gradient = engine.augment.grad(loss, weights)()
    base = weights.value
    for row in range(2):  # the loss is linear in the weights
        weights.value = base.at[row, 0].add(1.0)
        up = loss()
        weights.value = base
        assert gradient[row, 0] > 0
        assert np.isclose(gradient[row, 0], up - loss(), rtol=1e-4)


def test_delay_of_each_synapse_by_projections_that_share_one(run, ready):
    delays = np.array([[1, 4], [6, 2]])  # steps, from row to column
    pre, post = Pulse(2), nn.LIF(2, **SILENT)

    def projection(k):
        table = jnp.asarray(delays == k, jnp.float32)
        return nn.AlignPostProj(
            pre.prefetch("spike").delay.at(0.1 * k * u.ms),
            comm=lambda spike: (spike.astype(jnp.float32) @ table) * u.pA,
            syn=nn.Expon.desc(tau=1e6 * u.ms, g_initializer=init.ZeroInit(unit=u.pA)),
            out=nn.CUBA.desc(scale=1),
            post=post,
        )

    projections = [projection(int(k)) for k in np.unique(delays)]
    ready(pre, post, *projections)
    synapse = projections[0].syn
    assert all(proj.syn is synapse for proj in projections)

    def step(i):
        for proj in projections:
            proj()
        pre()
        post()
        return synapse.g.value

    g = run(step, 15)
    for neuron in range(2):
        arrivals = np.flatnonzero(np.diff(g[:, neuron]) > 0.5) + 1 - SPIKE_AT
        assert list(arrivals) == sorted(delays[:, neuron])
