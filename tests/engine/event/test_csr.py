"""The sparse product is the dense one, whatever runs it and whatever transforms it."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from jax.test_util import check_grads

from engine import event
from engine.event import _scatter

BACKENDS = ("native", "xla") if event.backend().name == "native" else ("xla",)
each_backend = pytest.mark.parametrize("backend", BACKENDS)
each_weight = pytest.mark.parametrize("one_weight", [True, False], ids=["one", "many"])
each_event = pytest.mark.parametrize("is_bool", [True, False], ids=["bool", "real"])
SHAPES = [(1, 1), (61, 200), (200, 33)]


def make(n_pre, n_post, seed=0, spare=3, max_degree=9):
    """Rows of 0 to `max_degree` targets with doubles, and spare room full of traps."""
    rng = np.random.default_rng(seed)
    degrees = rng.integers(0, max_degree + 1, n_pre)
    degrees[rng.integers(0, n_pre, 1 + n_pre // 4)] = 0
    indptr = np.concatenate([[0], np.cumsum(degrees)]).astype(np.int32)
    indices = rng.integers(0, n_post, indptr[-1] + spare).astype(np.uint32)
    weight = rng.normal(size=indices.size).astype(np.float32)
    weight[indptr[-1] :] = np.nan
    return indptr, indices, weight


def reference(spikes, indptr, indices, weight, n_post, out=None):
    """Sum in numpy, in the order of neurons and of their synapses."""
    weight = np.broadcast_to(weight, indices.shape)
    y = np.zeros(n_post, weight.dtype) if out is None else np.array(out)
    for i in np.flatnonzero(spikes):
        row = slice(indptr[i], indptr[i + 1])
        sent = weight[row]
        if spikes.dtype != bool:
            sent = sent * spikes[i].astype(weight.dtype)
        np.add.at(y, indices[row], sent)
    return y


@jax.jit
def accelerator(out, spikes, indptr, indices, weight):
    """Run the form for accelerators, which works on a CPU too."""
    table = _scatter.Table(indptr, indices)
    return _scatter.scatter_blocks(out, spikes, table, jnp.asarray(weight))


@each_event
@given(
    shape=st.sampled_from(SHAPES),
    seed=st.integers(0, 2**32 - 1),
    share=st.sampled_from([0.0, 0.05, 0.5, 1.0]),
    one_weight=st.booleans(),
    special=st.sampled_from([None, np.nan, np.inf, -np.inf]),
)
@settings(max_examples=25, deadline=None, derandomize=True)
def test_equals_the_sum_over_active_rows(
    is_bool, shape, seed, share, one_weight, special
):
    n_pre, n_post = shape
    rng = np.random.default_rng(seed)
    indptr, indices, weight = make(n_pre, n_post, seed)
    fixed = np.zeros(600 if n_pre == 200 else 300, np.uint32)  # few shapes to compile
    if indices.size <= fixed.size:
        fixed[: indices.size], indices = indices, fixed
        weight = np.pad(weight, (0, fixed.size - weight.size))
    weight[rng.integers(0, weight.size)] = 1.0 if special is None else special
    weight = np.float32(0.3) if one_weight else weight
    spikes = rng.random(n_pre) < share
    if not is_bool:
        spikes = np.where(spikes, rng.normal(size=n_pre), 0).astype(np.float32)
    out = rng.normal(size=n_post).astype(np.float32)
    wanted = reference(spikes, indptr, indices, weight, n_post, out)
    got = {"blocks": accelerator(out, spikes, indptr, indices, weight)}
    for backend in BACKENDS:
        with event.use_backend(backend):
            got[backend] = event.csr_matvec_add(out, spikes, indptr, indices, weight)
    for name, y in got.items():
        if is_bool:  # the same order of the same sums: the same bits
            np.testing.assert_array_equal(y, wanted, err_msg=name)
        else:
            np.testing.assert_allclose(y, wanted, rtol=2e-5, atol=2e-6, err_msg=name)


@each_backend
@each_weight
@each_event
def test_transformations(backend, one_weight, is_bool):
    n_pre, n_post = 30, 20
    indptr, indices, weight = make(n_pre, n_post)
    weight = jnp.float32(0.5) if one_weight else jnp.asarray(weight)
    rng = np.random.default_rng(1)
    spikes = rng.random((4, n_pre)) < 0.3
    spikes = jnp.asarray(spikes if is_bool else spikes.astype(np.float32))
    wanted = np.stack(
        [
            reference(np.asarray(s), indptr, indices, np.asarray(weight), n_post)
            for s in spikes
        ]
    )

    def product(s, w=weight, p=indptr, i=indices):
        return event.csr_matvec(s, p, i, w, n_post)

    def step(out, s):
        out = event.csr_matvec_add(out, s, indptr, indices, weight)
        return out, out

    with event.use_backend(backend):
        close = {"rtol": 1e-5, "atol": 1e-6}
        np.testing.assert_allclose(product(spikes), wanted, **close)
        np.testing.assert_allclose(
            jax.jit(jax.vmap(product, 1))(spikes.T), wanted, **close
        )
        _, sums = jax.lax.scan(step, jnp.zeros(n_post), spikes)
        np.testing.assert_allclose(sums, np.cumsum(wanted, 0), rtol=1e-5, atol=1e-5)
        twice = jnp.stack([weight, 2 * weight])
        both = jax.vmap(lambda w: jax.vmap(lambda s: product(s, w))(spikes))(twice)
        np.testing.assert_allclose(both, np.stack([wanted, 2 * wanted]), **close)
        grid = jax.vmap(lambda s: jax.vmap(lambda w: product(s, w))(twice))(spikes)
        np.testing.assert_allclose(grid, np.swapaxes(both, 0, 1), **close)
        tables = jnp.stack([indices, (indices + 1) % n_post])
        moved = jax.vmap(lambda i: product(spikes, i=i))(tables)
        np.testing.assert_allclose(moved[1], np.roll(wanted, 1, -1), **close)


@each_backend
@each_weight
def test_derivatives(backend, one_weight):
    n_pre, n_post = 9, 7
    indptr, indices, weight = make(n_pre, n_post, spare=0)
    weight = np.float64(0.7) if one_weight else weight.astype(np.float64)
    rng = np.random.default_rng(2)
    spikes = np.where(rng.random(n_pre) < 0.5, rng.normal(size=n_pre), 0)
    dense = np.zeros((indices.size, n_post))
    dense[np.arange(indices.size), indices] = 1
    pre = np.repeat(np.arange(n_pre), np.diff(indptr))

    def plain(out, s, w):
        return out + (s[pre] * w) @ dense

    def product(out, s, w):
        return event.csr_matvec_add(out, s, indptr, indices, w)

    with jax.enable_x64(True), event.use_backend(backend):
        operands = (jnp.ones(n_post), jnp.asarray(spikes), jnp.asarray(weight))
        check_grads(product, operands, order=1, modes=("fwd", "rev"), eps=1e-3)
        tangents = tuple(jnp.asarray(rng.normal(size=x.shape)) for x in operands)
        got = jax.jvp(product, operands, tangents)
        np.testing.assert_allclose(got, jax.jvp(plain, operands, tangents), rtol=1e-10)
        cotangent = jnp.asarray(rng.normal(size=n_post))
        got, wanted = (
            jax.jit(lambda *x, f=f: jax.vjp(f, *x)[1](cotangent))(*operands)
            for f in (product, plain)
        )
        for a, b in zip(got, wanted, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
        got, wanted = (  # second derivatives: the product is linear in each operand
            jax.jit(jax.jacfwd(jax.grad(lambda s, w, f=f: f(0.0, s, w)[2]), 1))(
                *operands[1:]
            )
            for f in (lambda _, s, w: product(jnp.zeros(n_post), s, w), plain)
        )
        np.testing.assert_allclose(got, wanted, atol=1e-12)
        batch = jnp.stack([operands[1], 2 * operands[1]])
        slopes = jax.vmap(jax.grad(lambda s: product(operands[0], s, weight).sum()))
        wanted = jax.grad(lambda s: plain(operands[0], s, weight).sum())(operands[1])
        np.testing.assert_allclose(slopes(batch), [wanted, wanted], rtol=1e-10)


def test_gradient_of_weights_reaches_active_synapses_only():
    indptr, indices, weight = make(12, 8)
    spikes = np.arange(12) % 3 == 0
    slope = jax.grad(lambda w: event.csr_matvec(spikes, indptr, indices, w, 8)[2])(
        jnp.nan_to_num(weight)
    )
    pre = np.repeat(np.arange(12), np.diff(indptr))
    wanted = np.zeros(indices.size)
    wanted[: indptr[-1]] = spikes[pre] & (indices[: indptr[-1]] == 2)
    np.testing.assert_array_equal(slope, wanted)


@each_backend
def test_tables_may_be_replaced_without_another_trace(backend):
    n_traces = 0

    @jax.jit
    def step(spikes, indptr, indices, weight):
        nonlocal n_traces
        n_traces += 1
        return event.csr_matvec(spikes, indptr, indices, weight, 20)

    spikes = np.random.default_rng(0).random(30) < 0.5
    with event.use_backend(backend):
        for seed in range(3):
            indptr, indices, _ = make(30, 20, seed, spare=0)
            padded = event.pad_table(indptr, indices, 300)[1]
            got = step(spikes, indptr, padded, np.float32(0.5))
            wanted = reference(spikes, indptr, indices, np.float32(0.5), 20)
            np.testing.assert_array_equal(got, wanted)
    assert n_traces == 1


@each_backend
def test_wrong_tables_never_write_outside(backend):
    spikes = np.ones(3, bool)
    indptr = np.array([0, 2, 3, 90], np.int32)
    indices = np.array([1, 2**32 - 1, 4, 0, 70_000], np.uint32)
    with event.use_backend(backend):
        got = event.csr_matvec(spikes, indptr, indices, np.float32(1), 4)
    np.testing.assert_array_equal(got, [1, 1, 0, 0])


@each_backend
def test_empty_operands(backend):
    none = np.zeros(0, np.uint32)
    with event.use_backend(backend):
        for weight in (np.float32(1), np.zeros(0, np.float32)):
            y = event.csr_matvec(
                np.ones(3, bool), np.zeros(4, np.int32), none, weight, 2
            )
            np.testing.assert_array_equal(y, [0, 0])
        y = event.csr_matvec(
            np.ones(0, bool), np.zeros(1, np.int32), none, np.float32(1), 2
        )
        np.testing.assert_array_equal(y, [0, 0])


def test_other_dtypes_take_the_fallback_and_agree():
    indptr, indices, weight = make(30, 20, spare=0)
    spikes = np.arange(30) % 2 == 0
    wanted = reference(spikes, indptr, indices, weight, 20)
    half = event.csr_matvec(spikes, indptr, indices, weight.astype(jnp.bfloat16), 20)
    assert half.dtype == jnp.bfloat16
    np.testing.assert_allclose(half.astype(np.float32), wanted, atol=0.1)
    counted = event.csr_matvec(spikes.astype(np.int32), indptr, indices, 2, 20)
    assert counted.dtype == jnp.float32
    np.testing.assert_array_equal(
        counted, reference(spikes, indptr, indices, np.float32(2), 20)
    )


def test_units_multiply():
    indptr, indices, _ = make(30, 20)
    spikes = np.arange(30) % 2 == 0
    bare = event.csr_matvec(spikes, indptr, indices, 6.0, 20)
    with_unit = event.csr_matvec(spikes, indptr, indices, 6.0 * u.nS, 20)
    np.testing.assert_allclose(with_unit.to_decimal(u.nS), bare)
    out = jnp.ones(20) * 0.001 * u.uS
    added = event.csr_matvec_add(out, spikes, indptr, indices, 6.0 * u.nS)
    np.testing.assert_allclose(added.to_decimal(u.nS), bare + 1, rtol=1e-6)
    rate = spikes.astype(np.float32) * u.Hz
    product = event.csr_matvec(rate, indptr, indices, 6.0 * u.pA, 20)
    np.testing.assert_allclose(product.to_decimal(u.pA * u.Hz), bare)
    with pytest.raises(u.UnitMismatchError):
        event.csr_matvec_add(jnp.ones(20) * u.mV, spikes, indptr, indices, 6.0 * u.nS)


def test_shapes_that_do_not_fit_are_named():
    indptr, indices, weight = make(30, 20)
    spikes = np.zeros(30, bool)
    with pytest.raises(event.EventError, match=r"indptr \(n_pre \+ 1,\)"):
        event.csr_matvec(spikes[:-1], indptr, indices, weight, 20)
    with pytest.raises(event.EventError, match="one weight, or one for each"):
        event.csr_matvec(spikes, indptr, indices, weight[:-1], 20)
    with pytest.raises(event.EventError, match="out has shape"):
        event.csr_matvec(spikes, indptr, indices, weight, 20, out=jnp.zeros(19))
    with pytest.raises(event.EventError, match="int32"):
        event.csr_matvec(spikes, indptr.astype(np.int16), indices, weight, 20)


WRONG_TABLES = [
    ([0, 2], [0, 1], "source neurons need"),
    ([1, 2, 2], [0, 1], "must rise from 0"),
    ([0, 2, 1], [0, 1], "must rise from 0"),
    ([0, 2, 3], [0, 1], "must rise from 0"),
    ([0, 1, 2], [0, 4], "only the neurons 0 to 3"),
    ([0, 1, 2], [-1, 0], "only the neurons 0 to 3"),
]


@pytest.mark.parametrize(("indptr", "indices", "text"), WRONG_TABLES)
def test_wrong_tables_are_refused_when_built(indptr, indices, text):
    with pytest.raises(event.EventError, match=text):
        event.check_table(indptr, indices, 2, 4)


def test_checked_tables_have_the_dtypes_of_the_kernels():
    indptr, indices = event.check_table([0, 1, 2], [3, 0, 99], 2, 4)
    assert (indptr.dtype, indices.dtype) == (np.int32, np.uint32)
