"""Spikes of earlier steps, and those on their way to synapses with delays."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from jax import lax
from native_steps import in_quarters, on_threads, same, table_of

from engine import event, fuse
from engine.event._delayed import by_delay, delayed_push


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 200),
    st.integers(1, 200),
    st.integers(0, 1500),
    st.integers(1, 50),
    st.integers(0, 2**16),
    st.sampled_from(["one", "each"]),
    st.integers(1, 3),
)
def test_delays_of_synapses_are_those_of_xla(
    n_pre, n_post, n, longest, seed, weights, n_threads
):
    rng = np.random.default_rng(seed)
    indptr, indices = table_of(rng, n_pre, n_post, n)
    steps = rng.integers(1, longest + 1, n)
    indptr, indices, _ = by_delay(indptr, indices, steps)
    weight = in_quarters(rng, () if weights == "one" else n)
    length = int(steps.max(initial=1)) + 1

    def step(s, p, i):
        ring, a, b = s
        w, iptr, idx = p
        arriving = delayed_push(jnp.zeros(n_post), ring, iptr, idx, w, i)
        a = 0.9 * a + 0.4
        spikes = a > 2.0
        ring = lax.dynamic_update_index_in_dim(ring, spikes, i % length, 0)
        return (ring, jnp.where(spikes, 0.0, a), b + arriving), (spikes, arriving)

    states = [np.zeros((length, n_pre), bool), rng.normal(size=n_pre).astype("f4")]
    states.append(np.zeros(n_post, np.float32))
    with on_threads(n_threads):
        same(step, states, weight, indptr, indices, chunks=(13, 27))


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 200),
    st.integers(1, 200),
    st.integers(0, 1500),
    st.integers(0, 12),
    st.integers(0, 2**16),
    st.booleans(),
    st.integers(1, 3),
)
def test_spikes_of_the_past_are_those_of_xla(
    n_pre, n_post, n, delay, seed, is_recorded, n_threads
):
    rng = np.random.default_rng(seed)
    table, weight = table_of(rng, n_pre, n_post, n), in_quarters(rng, ())
    length = 1 + max(delay, 1)

    def step(s, p, i):
        ring, a, b = s
        before = lax.dynamic_index_in_dim(ring, (i - delay) % length, 0, False)
        early = event.csr_matvec(before, p[1], p[2], p[0], n_post)
        a = 0.9 * a + 0.4
        spikes = a > 2.0
        ring = lax.dynamic_update_index_in_dim(ring, spikes, i % length, 0)
        after = lax.dynamic_index_in_dim(ring, (i - delay) % length, 0, False)
        late = event.csr_matvec(after, p[1], p[2], p[0], n_post)
        rows = (spikes, early) if is_recorded else (early,)
        return (ring, jnp.where(spikes, 0.0, a), b + late), rows

    states = [rng.random((length, n_pre)) < 0.2, rng.normal(size=n_pre).astype("f4")]
    states.append(np.zeros(n_post, np.float32))
    with on_threads(n_threads):
        same(step, states, weight, *table, chunks=(1, 13, 26))


def test_a_ring_that_is_made_anew_has_the_same_bits():
    rng = np.random.default_rng(5)
    n, longest, length = 40, 9, 10
    indptr, indices = table_of(rng, n, n, 900)
    indptr, indices, _ = by_delay(indptr, indices, rng.integers(1, longest + 1, 900))
    weight = rng.normal(size=900).astype(np.float32)

    def step(ring, weight, indptr, indices, i):
        out = delayed_push(jnp.zeros(n), ring, indptr, indices, weight, i)
        return ring, out

    given = [rng.random((length, n)) < 0.3, weight, indptr, indices]
    code = fuse.Code(jax.make_jaxpr(step)(*given, np.int32(0)), 1)
    found = []
    for is_interrupted in (False, True):
        kernel = fuse.Kernel(code, 30)
        for i, leaf in enumerate(given):
            kernel.load(i, leaf)
        rows = []
        for first in range(0, 30, 5):
            rows += list(kernel.run(first, 5)[1][0])
            if is_interrupted:
                kernel.load(0, kernel.read(0).reshape(length, n))
        found.append(np.array(rows))
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("changed", ["weight", "history", "table", "step"])
def test_what_is_changed_between_calls_acts_on_spikes_on_their_way(changed):
    """A ring of sums holds what was known when a neuron spiked: it is made anew."""
    rng = np.random.default_rng(3)
    n, longest, length = 30, 12, 13
    tables = []
    for _ in range(2):
        indptr, indices = table_of(rng, n, n, 200)
        steps = rng.integers(1, longest + 1, 200)
        steps[0] = longest
        tables.append(by_delay(indptr, indices, steps)[:2])

    def step(ring, weight, indptr, indices, i):
        out = delayed_push(jnp.zeros(n), ring, indptr, indices, weight, i)
        return ring, out

    given = [rng.random((length, n)) < 0.3, np.float32(0.5), *tables[0]]
    code = fuse.Code(jax.make_jaxpr(step)(*given, np.int32(0)), 1)
    kernel = fuse.Kernel(code, 10)
    for i, leaf in enumerate(given):
        kernel.load(i, leaf)
    kernel.run(0, 5)
    first = 5
    if changed == "weight":
        given[1] = np.float32(0.25)
    if changed == "history":
        given[0] = ~given[0]
    if changed == "table":
        given[2:] = tables[1]
    if changed == "step":
        first = 2
    for i, leaf in enumerate(given):
        if changed != "step":
            kernel.keep(i, leaf) if i else kernel.load(i, leaf)
    _, found = kernel.run(first, 5)
    for k in range(5):
        wanted = step(*map(jnp.asarray, given), jnp.int32(first + k))[1]
        np.testing.assert_array_equal(found[0][k], wanted)


def test_a_ring_that_would_be_very_large_is_not_made(monkeypatch):
    """The synapses of each delay are looked up in the step in which they act."""
    from engine.fuse import _past

    monkeypatch.setattr(_past, "MOST_SUMS", 100)
    rng = np.random.default_rng(8)
    n, longest, length = 30, 12, 13
    indptr, indices = table_of(rng, n, n, 300)
    steps = rng.integers(1, longest + 1, 300)
    indptr, indices, _ = by_delay(indptr, indices, steps, longest)
    weight = in_quarters(rng, 300)

    def step(s, p, i):
        ring, a = s
        arriving = delayed_push(jnp.zeros(n), ring, p[1], p[2], p[0], i)
        a = 0.9 * a + 0.4
        spikes = a > 2.0
        ring = lax.dynamic_update_index_in_dim(ring, spikes, i % length, 0)
        return (ring, jnp.where(spikes, 0.0, a)), (spikes, arriving)

    states = [rng.random((length, n)) < 0.2, rng.normal(size=n).astype("f4")]
    same(step, states, weight, indptr, indices, chunks=(13, 27))
