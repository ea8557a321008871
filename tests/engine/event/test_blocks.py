"""Tables with targets in 16 bits, beside those of whole words."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from native_steps import in_quarters, on_threads, same

from engine import compile, event
from engine.event import _blocks
from engine.event._blocks import narrowed, widened

SIZES = [1, 300, 2**16, 2**16 + 1, 140_000]


def table_of(rng, n_pre, n_post, each, is_sorted=True):
    """Return a table whose rows have up to `each` targets more than a few."""
    degrees = rng.integers(40 * _blocks.n_blocks(n_post), 60 + each, n_pre)
    indptr = np.concatenate([[0], np.cumsum(degrees)]).astype(np.int32)
    rows = [rng.integers(0, n_post, n) for n in degrees]
    rows = [np.sort(row) if is_sorted else row for row in rows]
    return indptr, np.concatenate(rows).astype(np.uint32)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 9), st.sampled_from(SIZES), st.integers(100, 400), st.integers(0, 99)
)
def test_there_and_back(n_pre, n_post, each, seed):
    table = table_of(np.random.default_rng(seed), n_pre, n_post, each)
    indptr, indices = narrowed(*table, n_pre, n_post)
    assert indices.dtype == np.uint16
    assert indptr.size == n_pre * _blocks.n_blocks(n_post) + 1
    for back in (
        widened(indptr, indices, n_pre),
        jax.jit(widened, static_argnums=2)(indptr, indices, n_pre),
    ):
        np.testing.assert_array_equal(back[0], table[0])
        np.testing.assert_array_equal(back[1], table[1])
        assert back[1].dtype == np.uint32


def test_tables_that_gain_nothing_stay():
    rng = np.random.default_rng(0)
    mixed = table_of(rng, 3, 140_000, 200, is_sorted=False)
    assert narrowed(*mixed, 3, 140_000)[1] is mixed[1]
    few = np.arange(4, dtype=np.int32), np.arange(3, dtype=np.uint32) * 60_000
    assert narrowed(*few, 3, 140_000)[1] is few[1]
    plain = table_of(rng, 3, 30, 9)
    with event.use_backend("xla"):
        assert narrowed(*plain, 3, 30)[1] is plain[1]
    assert narrowed(*plain, 3, 30)[1].dtype == np.uint16


@pytest.mark.parametrize("n_post", [300, 2**16, 140_000])
@pytest.mark.parametrize("dtype", [bool, np.float32])
@pytest.mark.parametrize("is_one", [True, False], ids=["one weight", "weights"])
@pytest.mark.parametrize("choice", ["native", "xla"])
def test_products_are_those_of_whole_words(n_post, dtype, is_one, choice):
    rng = np.random.default_rng(1)
    table = table_of(rng, 7, n_post, 100)
    narrow = narrowed(*table, 7, n_post)
    assert narrow[1].dtype == np.uint16
    shape = () if is_one else table[1].shape
    weight, spikes = in_quarters(rng, shape), (rng.random((3, 7)) < 0.5).astype(dtype)
    with event.use_backend(choice):
        for x in (spikes[0], spikes):
            found = jax.jit(lambda s: event.csr_matvec(s, *narrow, weight, n_post))(x)
            wanted = event.csr_matvec(x, *table, weight, n_post)
            np.testing.assert_array_equal(found, wanted)
    loss = lambda w, t: (event.csr_matvec(spikes[0], *t, w, n_post) ** 2).sum()
    slopes = [jax.grad(loss)(jnp.asarray(weight), t) for t in (narrow, table)]
    np.testing.assert_allclose(*slopes, rtol=1e-5)


def test_targets_and_rows_that_do_not_exist_are_left_out():
    indptr = np.array([0, 2, 900, 1200], np.int32)  # the last block ends too late
    indices = np.array([5, 65_000, 3, 60_000], np.uint16)
    spikes = np.array([True])
    found = event.csr_matvec(spikes, indptr, indices, 1.0, 2 * 2**16 + 5)
    assert np.flatnonzero(found).tolist() == [5, 65_000, 2**16 + 3, 2**16 + 60_000]


def test_a_table_of_another_number_of_blocks_is_refused():
    with pytest.raises(event.EventError, match="indptr"):
        event.csr_matvec(
            np.array([True]), np.arange(2), np.zeros(1, np.uint16), 1.0, 70_000
        )


@pytest.mark.parametrize("n_post", [50, 140_000])
def test_a_layer_gives_its_table_in_whole_words(n_post):
    table = table_of(np.random.default_rng(2), 4, n_post, 90)
    weight = np.arange(table[1].size, dtype=np.float32)
    layer = event.CSRLinear(4, n_post, *table, weight * u.nS)
    assert layer.indices.dtype == np.uint16
    for found, wanted in zip(layer.table, table, strict=True):
        np.testing.assert_array_equal(found, wanted)
    is_kept = np.arange(weight.size) % 3 > 0
    spikes = np.array([True, False, True, True])
    layer.keep(is_kept)
    np.testing.assert_array_equal(layer.table[1], table[1][is_kept])
    before = layer(spikes)
    layer.widen()
    assert layer.indices.dtype == np.uint32
    np.testing.assert_array_equal(before.mantissa, layer(spikes).mantissa)
    wanted = np.zeros(n_post, np.float32)
    source = np.repeat(np.arange(4), np.diff(table[0]))
    chosen = is_kept & spikes[source]
    np.add.at(wanted, table[1][chosen], weight[chosen])
    np.testing.assert_allclose(before.mantissa, wanted, rtol=1e-5)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("n_post", [60, 70_000])
@pytest.mark.parametrize("is_one", [True, False], ids=["one weight", "weights"])
def test_native_steps(threads, n_post, is_one):
    rng = np.random.default_rng(3)
    table = table_of(rng, 40, n_post, 70)
    narrow = narrowed(*table, 40, n_post)
    weight = in_quarters(rng, () if is_one else table[1].shape)

    def step(s, p, i):
        a, g = s
        a = 0.9 * a + 0.4
        spikes = a > 2.0
        g = 0.5 * g + event.csr_matvec(spikes, *p[1:], p[0], n_post)
        return (jnp.where(spikes, 0.0, a), g), (spikes, jnp.max(g))

    start = rng.normal(size=40).astype("f4"), np.zeros(n_post, np.float32)
    with on_threads(threads):
        same(step, start, weight, *narrow, rtol=1e-5, chunks=(13, 27))


@pytest.mark.parametrize("n_post", [50, 2 * 2**16 + 50])
def test_native_loops_leave_out_what_does_not_exist(n_post):
    rng = np.random.default_rng(4)
    wide = table_of(rng, 5, n_post, 200)
    indptr, indices = narrowed(*wide, 5, n_post)
    indices = indices.copy()
    indices[::7] = 60_000  # in the last block there are no 60 000 neurons
    spikes = jnp.asarray(rng.random((20, 5)) < 0.4)

    def run(indices):
        def step(x):
            return event.csr_matvec(x, indptr, indices, 1.0, n_post)

        return compile.for_loop(step, spikes)

    found = run(indices), jax.jit(run)(indices)
    with event.use_backend("xla"):
        wanted = run(indices)
    for one in found:
        np.testing.assert_array_equal(one, wanted)
