"""Whole steps: States in place, rings, event products, records; as `lax.scan` does."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from jax import lax
from native_steps import both, in_quarters, on_threads, same, table_of

from engine import event, fuse


@pytest.fixture(params=[1, 3], ids=["one thread", "three threads"])
def threads(request):
    with on_threads(request.param):
        yield request.param


X = np.arange(13, dtype=np.float32)
Y = np.linspace(-1, 1, 13).astype(np.float32)

STEPS = {
    "swap": (lambda s, p, i: ((s[1], s[0]), (s[0],)), [X, Y]),
    "rotate three": (
        lambda s, p, i: ((s[1], s[2], s[0]), (s[1] + s[2],)),
        [X, Y, X * Y],
    ),
    "same for two": (lambda s, p, i: ((s[0] + s[1],) * 2, ()), [X, Y]),
    "keeps": (lambda s, p, i: ((s[0], s[1] + s[0]), (s[1],)), [X, Y]),
    "resets to a constant": (
        lambda s, p, i: ((jnp.zeros_like(s[0]), s[0] + 1.0), (s[1],)),
        [X, Y],
    ),
    "old and new": (
        lambda s, p, i: ((s[0] * 0.5, s[1] + s[0]), (s[0] - s[1],)),
        [X, Y],
    ),
    "mean field": (
        lambda s, p, i: ((s[0] + 0.1 * (jnp.max(s[0]) - s[0]),), (s[0],)),
        [X],
    ),
    "two reductions": (
        lambda s, p, i: (
            (jnp.where(s[0] > jnp.min(s[0]), s[0] - 1, s[0] + jnp.max(s[1])), s[1]),
            (s[0],),
        ),
        [X, Y],
    ),
    "any and all": (
        lambda s, p, i: (
            (jnp.where(jnp.any(s[0] > 12) & jnp.all(s[0] > -99), s[0] - 1, s[0] + 1),),
            (s[0] > 3,),
        ),
        [X],
    ),
    "scalar States": (
        lambda s, p, i: ((s[0] + 1, s[1] * 1.01 + s[0]), (s[0], s[1])),
        [np.float32(0), np.float32(2)],
    ),
    "counter": (lambda s, p, i: ((s[0] + i.astype(jnp.float32),), (s[0],)), [X]),
    "one neuron": (lambda s, p, i: ((s[0] * 0.9 + 1,), (s[0] > 5, s[0])), [X[:1]]),
    "concatenate": (
        lambda s, p, i: ((s[0] + 1, s[1] * 2), (jnp.concatenate([s[0], s[1]]),)),
        [X, Y[:5]],
    ),
    "chosen neurons": (
        lambda s, p, i: ((s[0] + 1,), (s[0][np.array([3, 0, 12])],)),
        [X],
    ),
    "sizes apart": (
        lambda s, p, i: ((s[0] + 1, s[1] + jnp.sum(s[0] > 5)), (s[0] > s[0][2], s[1])),
        [X, Y[:4]],
    ),
    "parts of a population": (
        lambda s, p, i: (
            (s[0] * 0.9 + 1, s[1] + (0.5 * s[0] + 1)[8:]),
            (s[0][:5] > s[1], s[0]),
        ),
        [X, Y[:5]],
    ),
    "whole numbers and bits": (
        lambda s, p, i: ((jnp.maximum(s[0] - 1, 0), s[1] ^ (s[0] == 0)), (s[1],)),
        [np.arange(13, dtype=np.int32), np.arange(13) % 3 == 0],
    ),
    "rows by number, of which some do not exist": (
        lambda s, p, i: (
            (s[0].at[i % 5].set(s[1]), s[1] + 1, s[2].at[i % 7 - 5].set(s[1][0])),
            (s[0], s[2]),
        ),
        [np.zeros((3, 13), np.float32), X, np.zeros(4, np.float32)],
    ),
    "a ring of pictures": (
        lambda s, p, i: (
            (s[0].at[i % 4].set(s[1]), s[1] + s[0][(i + 1) % 4]),
            (s[0][i % 4],),
        ),
        [np.zeros((4, 3, 2), np.float32), np.ones((3, 2), np.float32)],
    ),
    "a number by its place": (
        lambda s, p, i: ((s[0] * s[1][i % 13], s[1]), (s[0] + s[1][i % 3],)),
        [X, np.linspace(0.9, 1.1, 13).astype(np.float32)],
    ),
    "sign of a quotient": (
        lambda s, p, i: ((s[0] + 0.3,), ((s[0] - 9) / 3 >= 0, (s[0] - 9) / -3 < 0)),
        [X],
    ),
    "keys split off": (
        lambda s, p, i: with_keys(s),
        [np.arange(2, dtype=np.uint32), X],
    ),
}


def with_keys(s):
    first, *more = jax.random.split(jax.random.wrap_key_data(s[0]), 3)
    kept = jax.random.key_data(jax.random.split(more[1]))[1]
    noise = jax.random.uniform(first, s[1].shape) - jax.random.uniform(more[0])
    return (kept, s[1] + noise), (s[1],)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("chunks", [(40,), (1, 39), (7,) * 5 + (5,)])
def test_awkward_steps_are_those_of_a_scan(name, chunks, threads):
    step, states = STEPS[name]
    same(step, states, chunks=chunks)


def ring(delay):
    def step(s, p, i):
        table, x = s
        length = table.shape[0]
        old = lax.dynamic_index_in_dim(table, (i - delay) % length, 0, keepdims=False)
        x = x + jnp.where(old, 1.0, -0.5) if old.dtype == bool else x * 0.9 + old
        fires = x > 3
        new = fires if old.dtype == bool else x
        x = jnp.where(fires, 0.0, x)
        table = lax.dynamic_update_index_in_dim(table, new, i % length, 0)
        return (table, x), (fires, x)

    return step


@pytest.mark.parametrize("delay", [0, 1, 2, 6])
@pytest.mark.parametrize("dtype", [bool, np.float32])
def test_rings_keep_the_past(delay, dtype, threads):
    table = np.zeros((7, 13), dtype)
    same(ring(delay), [table, X], chunks=(3, 20, 17))


def test_a_ring_is_read_after_it_was_written_in_the_same_step():
    def step(s, p, i):
        table = lax.dynamic_update_index_in_dim(s[0], s[1], i % 4, 0)
        now = lax.dynamic_index_in_dim(table, i % 4, 0, keepdims=False)
        return (table, s[1] + 1), (now,)

    same(step, [np.zeros((4, 13), np.float32), X])


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.integers(0, 2000),
    st.integers(0, 2**16),
    st.sampled_from(["one", "each"]),
    st.integers(1, 4),
)
def test_networks_of_event_products_are_those_of_xla(
    n_pre, n_post, n, seed, weights, n_threads
):
    rng = np.random.default_rng(seed)
    indptr, indices = table_of(rng, n_pre, n_post, n)
    back = table_of(rng, n_post, n_pre, n)
    weight = rng.normal(size=() if weights == "one" else n).astype(np.float32)
    indices_back = back[1]

    def step(s, p, i):
        a, b, spikes, other = s
        w, iptr, idx, bptr, bidx = p
        b = 0.8 * b + event.csr_matvec(spikes, iptr, idx, w, n_post)
        a = 0.9 * a + 1.0 + event.csr_matvec(other, bptr, bidx, 0.25, n_pre)
        spikes, other = a > 3.0, b > 0.5
        return (jnp.where(spikes, 0.0, a), jnp.where(other, 0.0, b), spikes, other), (
            spikes,
            other,
        )

    start = rng.normal(size=n_pre).astype(np.float32)
    states = [start, np.zeros(n_post, np.float32), start > 0, np.zeros(n_post, bool)]
    tables = indptr, indices, back[0], indices_back
    with on_threads(n_threads):
        same(step, states, weight, *tables, chunks=(13, 27))


def decaying(n_pre, n_post, is_seen, is_late, times, scale):
    """Return a step with a sum of spikes that decays, read by a loop or recorded."""

    def step(s, p, i):
        a, g, top = s
        factor, weight, indptr, indices = p
        a = 0.9 * a + 0.4
        spikes = a > 2.0
        arriving = event.csr_matvec(spikes, indptr, indices, weight, n_post)
        for _ in range(times - 1):
            arriving += event.csr_matvec(spikes, indptr, indices, weight, n_post)
        g = g * factor + (arriving if scale is None else scale * arriving)
        top = jnp.maximum(top, 2.0 * g)
        rows = (spikes, top) + ((g,) if is_seen else ())
        rows += (jnp.max(g),) if is_late else ()
        return (jnp.where(spikes, 0.0, a), g, top), rows

    return step


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 150),
    st.integers(1, 150),
    st.integers(0, 900),
    st.integers(0, 2**16),
    st.booleans(),
    st.booleans(),
    st.integers(1, 2),
    st.sampled_from([None, 1e-3, -0.25]),
    st.integers(1, 3),
)
def test_what_decays_and_takes_spikes_is_that_of_xla(
    n_pre, n_post, n, seed, is_seen, is_late, times, scale, n_threads
):
    rng = np.random.default_rng(seed)
    table = table_of(rng, n_pre, n_post, n)
    step = decaying(n_pre, n_post, is_seen, is_late, times, scale)
    start = rng.normal(size=n_pre).astype("f4"), rng.normal(size=n_post).astype("f4")
    states = [*start, np.zeros(n_post, np.float32)]
    given = states, np.float32(0.7), in_quarters(rng, ()), *table
    with on_threads(n_threads):
        same(step, *given, rtol=1e-5, chunks=(1, 13, 26))
        at_once, in_parts = both(step, *given)[1], both(step, *given, chunks=(9, 31))[1]
    for a, b in zip(jax.tree.leaves(at_once), jax.tree.leaves(in_parts), strict=True):
        np.testing.assert_array_equal(a, b)


def counting(s, p, i):
    """Count down from a number, which is a parameter."""
    left, v = s
    is_free = left <= 0
    v = jnp.where(is_free, v + 0.3, v)
    spikes = v > 1.0
    left = jnp.where(spikes, p[0], jnp.maximum(left - 1, 0))
    return (left, jnp.where(spikes, 0.0, v)), (spikes, left)


@pytest.mark.parametrize("threads", [1, 3], indirect=True, ids=["one", "three"])
@pytest.mark.parametrize("left", [3, 65_535, 70_000, -2])
@pytest.mark.parametrize("at_first", [0, 200, 65_536, -1])
def test_a_counter_may_be_larger_than_16_bits(left, at_first, threads):
    states = [np.full(5, at_first, np.int32), np.linspace(0, 1, 5, dtype=np.float32)]
    same(counting, states, np.int32(left), chunks=(7, 33))


def test_a_counter_is_kept_small_until_it_no_longer_fits():
    states = [np.zeros(4, np.int32), np.linspace(0, 1, 4, dtype=np.float32)]

    def pair(*leaves):
        new, out = counting(leaves[:2], leaves[2:-1], leaves[-1])
        return (*new, *out)

    leaves = [*states, np.int32(5)]
    code = fuse.Code(jax.make_jaxpr(pair)(*leaves, np.int32(0)), 2)
    kernel = fuse.Kernel(code, 50)
    for i, leaf in enumerate(leaves):
        kernel.load(i, leaf)
    kernel.run(0, 20)
    assert kernel.peek(0).dtype == np.uint16
    assert kernel.read(0).dtype == np.int32
    before = kernel.read(0), kernel.read(1)
    kernel.load(2, np.int32(100_000))
    done, found = kernel.run(20, 10)
    assert done == 10
    assert kernel.peek(0).dtype == np.int32
    new = tuple(map(jnp.asarray, before))
    for k in range(10):
        new, (_, left) = counting(new, [jnp.int32(100_000)], k)
        np.testing.assert_array_equal(found[1][k], left)


@pytest.mark.parametrize("scale", [None, 1e-3])
def test_a_sum_that_decays_is_made_where_it_is(scale):
    step = decaying(5, 7, False, False, 1, scale)
    rows = table_of(np.random.default_rng(1), 5, 7, 20)
    states = [np.zeros(5, "f4"), np.zeros(7, "f4"), np.zeros(7, "f4")]
    leaves = [*states, np.float32(0.7), np.float32(1.0), *rows, np.int32(0)]

    def pair(*leaves):
        new, out = step(leaves[:3], leaves[3:-1], leaves[-1])
        return (*new, *out)

    code = fuse.Code(jax.make_jaxpr(pair)(*leaves), 3)
    push = next(op for op in code.flow.ops if op.kind == "push")
    assert code.places.home[push.out] == 1


def test_room_for_spikes_ends_a_call_and_nothing_is_lost():
    def step(s, p, i):
        return (s[0] + 1,), (s[0] >= 0,)

    same(step, [np.zeros(3000, np.float32)])


def test_an_index_out_of_range_writes_nowhere():
    indptr, indices = np.array([0, 3], np.int32), np.array([0, 99, 2], np.uint32)
    same(
        lambda s, p, i: (
            (s[0] + event.csr_matvec(jnp.ones(1, bool), p[0], p[1], 1.0, 4),),
            (s[0],),
        ),
        [np.zeros(4, np.float32)],
        indptr,
        indices,
    )


def test_infinite_and_missing_numbers_pass_through():
    values = np.array([np.nan, np.inf, -np.inf, 1.0, 0.0], np.float32)
    same(lambda s, p, i: ((s[0] * 0.5 + 1.0,), (s[0] > 1, s[0])), [values])
