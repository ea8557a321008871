"""Synapses with delays of their own, against sums written out."""

import brainunit as u
import jax.numpy as jnp
import numpy as np
import pytest

import engine
from engine import event, nn

N_PRE, N_POST, N_STEPS = 7, 5, 40


def table(seed=0, n=60):
    rng = np.random.default_rng(seed)
    degrees = rng.multinomial(n, np.ones(N_PRE) / N_PRE)
    indptr = np.concatenate([[0], np.cumsum(degrees)])
    return indptr, rng.integers(0, N_POST, n)


def written_out(spikes, indptr, indices, weight, steps):
    rows = np.repeat(np.arange(N_PRE), np.diff(indptr))
    weight = np.broadcast_to(weight, indices.shape)
    found = np.zeros((len(spikes), N_POST))
    for n in range(len(spikes)):
        for pre, post, w, k in zip(rows, indices, weight, steps, strict=True):
            if n >= k and spikes[n - k, pre]:
                found[n, post] += w
    return found


class Source(nn.Dynamics):
    """Spikes that are given."""

    def __init__(self, spikes):
        super().__init__(N_PRE)
        self.spikes = jnp.asarray(spikes)

    def init_state(self, *args, **kwargs):
        self.spike = engine.ShortTermState(jnp.zeros(N_PRE, bool))

    def update(self):
        self.spike.value = self.spikes[engine.environ.get("i")]


def run(spikes, layer, capacity=2.0 * u.ms):
    source = Source(spikes)
    past = source.prefetch("spike").delay.past(capacity)
    with engine.environ.context(dt=0.1 * u.ms):
        for module in (source, layer):
            nn.init_all_states(module)

        def step(i):
            with engine.environ.context(i=i, t=i * engine.environ.get_dt()):
                arrived = layer(past())
                source()
                return arrived

        return engine.compile.for_loop(step, jnp.arange(len(spikes)))


@pytest.fixture
def spikes():
    return np.random.default_rng(3).random((N_STEPS, N_PRE)) < 0.2


@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("backend", ["xla", "auto"])
def test_a_spike_arrives_after_the_delay_of_each_synapse(spikes, each, backend):
    indptr, indices = table()
    rng = np.random.default_rng(1)
    steps = rng.integers(1, 20, indices.size)
    weight = rng.normal(size=indices.size) if each else 1.5
    layer = event.DelayedCSRLinear(
        N_PRE, N_POST, indptr, indices, weight * u.nS, 0.1 * steps * u.ms
    )
    with event.use_backend(backend):
        found = run(spikes, layer)
    wanted = written_out(spikes, indptr, indices, weight, steps)
    np.testing.assert_allclose(found.to_decimal(u.nS), wanted, atol=1e-5)


def test_delays_are_rounded_and_kept_between_a_step_and_the_longest(spikes):
    indptr, indices = table()
    delay = np.linspace(-1.0, 3.0, indices.size)
    layer = event.DelayedCSRLinear(
        N_PRE, N_POST, indptr, indices, 1.0, delay * u.ms, longest=1.5 * u.ms
    )
    steps = np.clip(np.rint(delay * 10), 1, 15).astype(int)
    wanted = written_out(spikes, indptr, indices, 1.0, steps)
    np.testing.assert_allclose(run(spikes, layer), wanted)


def test_delays_are_drawn_by_an_initializer(spikes):
    indptr, indices = table()
    delay = engine.init.Uniform(0.5 * u.ms, 1.0 * u.ms, seed=4)
    layer = event.DelayedCSRLinear(N_PRE, N_POST, indptr, indices, 1.0, delay)
    run(spikes, layer)
    assert layer.delay.shape == indices.shape
    assert len(np.unique(layer._steps)) > 3
    assert layer._steps.min() >= 5
    assert layer._steps.max() <= 10


def test_another_time_step_keeps_every_weight_at_its_synapse(spikes):
    indptr, indices = table()
    rng = np.random.default_rng(1)
    weight = rng.normal(size=indices.size)
    delay = rng.uniform(0.2, 1.8, indices.size)
    layer = event.DelayedCSRLinear(N_PRE, N_POST, indptr, indices, weight, delay * u.ms)
    with engine.environ.context(dt=0.4 * u.ms):
        nn.init_all_states(layer)
    found = run(spikes, layer)
    steps = np.rint(delay * 10).astype(int)
    wanted = written_out(spikes, indptr, indices, weight, steps)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_the_derivative_by_the_weights_counts_arrivals(spikes):
    indptr, indices = table()
    steps = np.random.default_rng(1).integers(1, 20, indices.size)
    layer = event.DelayedCSRLinear(
        N_PRE, N_POST, indptr, indices, np.ones(indices.size), 0.1 * steps * u.ms
    )
    run(spikes, layer)
    states = {"w": layer.weight}
    gradient = engine.augment.grad(lambda: run(spikes, layer)[:, 2].sum(), states)()
    rows = np.repeat(np.arange(N_PRE), np.diff(indptr))
    arrivals = [
        spikes[: N_STEPS - k, pre].sum() * (post == 2)
        for pre, post, k in zip(rows, indices, steps, strict=True)
    ]
    np.testing.assert_allclose(gradient["w"], np.array(arrivals)[layer._order])


def test_a_past_that_is_too_short_is_refused(spikes):
    indptr, indices = table()
    layer = event.DelayedCSRLinear(N_PRE, N_POST, indptr, indices, 1.0, 1.9 * u.ms)
    with pytest.raises(event.EventError, match=r"up to 19 steps.*capacity"):
        run(spikes, layer, capacity=1.0 * u.ms)


def test_delays_in_another_unit_are_refused():
    indptr, indices = table()
    layer = event.DelayedCSRLinear(N_PRE, N_POST, indptr, indices, 1.0, 1.9 * u.mV)
    with (
        engine.environ.context(dt=0.1 * u.ms),
        pytest.raises(TypeError, match="delay is given in mV"),
    ):
        nn.init_all_states(layer)


def test_as_many_delays_as_synapses_are_needed():
    indptr, indices = table()
    with pytest.raises(engine.init.InitError, match="shape"):
        event.DelayedCSRLinear(N_PRE, N_POST, indptr, indices, 1.0, np.ones(3) * u.ms)


def test_tables_are_sorted_by_delay():
    indptr, indices = table()
    steps = np.random.default_rng(1).integers(1, 4, indices.size)
    starts, targets, order = event._delayed.by_delay(indptr, indices, steps)
    assert starts[-1] == indices.size
    assert starts.size == 3 * N_PRE + 1
    rows = np.repeat(np.arange(N_PRE), np.diff(indptr))
    np.testing.assert_array_equal(targets, indices[order])
    np.testing.assert_array_equal(
        np.repeat(np.arange(3 * N_PRE), np.diff(starts)),
        (steps[order] - 1) * N_PRE + rows[order],
    )
