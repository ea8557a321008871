"""Functions of a whole axis agree with scipy.special and numpy."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special

from engine import environ, functional as F

X = np.random.default_rng(0).normal(size=(3, 4, 5))
MASK = X > -0.2


@pytest.mark.parametrize("axis", [-1, 0, (0, 2), None])
def test_softmax_and_its_kin(axis):
    x = jnp.asarray(X, jnp.float32)
    close = {"rtol": 2e-5, "atol": 1e-6}
    np.testing.assert_allclose(F.softmax(x, axis), special.softmax(X, axis), **close)
    np.testing.assert_allclose(F.softmin(x, axis), special.softmax(-X, axis), **close)
    np.testing.assert_allclose(
        F.log_softmax(x, axis), special.log_softmax(X, axis), **close
    )
    np.testing.assert_allclose(
        F.logsumexp(x, axis), special.logsumexp(X, axis), **close
    )


def test_signs_and_factors_of_logsumexp():
    b = np.where(X > 0, 1.0, -0.5)
    ours = F.logsumexp(jnp.asarray(X), 1, b, keepdims=True, return_sign=True)
    wanted = special.logsumexp(X, 1, b, keepdims=True, return_sign=True)
    for a, c in zip(ours, wanted, strict=True):
        np.testing.assert_allclose(a, c, rtol=1e-4, atol=1e-5)


def test_only_some_entries_take_part():
    x = jnp.asarray(X, jnp.float32)
    wanted = special.softmax(np.where(MASK, X, -np.inf), -1)
    np.testing.assert_allclose(F.softmax(x, where=MASK), wanted, rtol=1e-5, atol=1e-7)
    with np.errstate(divide="ignore"):
        log = np.log(wanted)
    np.testing.assert_allclose(F.log_softmax(x, where=MASK), log, rtol=1e-4, atol=1e-5)
    nobody = np.zeros_like(MASK)
    assert not F.softmax(x, where=nobody).any()
    assert np.all(F.log_softmax(x, where=nobody) == -np.inf)
    grad = jax.grad(lambda x: F.softmax(x, where=MASK)[0, 0].sum())(
        jnp.where(MASK, x, jnp.inf)
    )
    assert np.isfinite(grad).all()


def test_standardized_axes_have_mean_zero_and_variance_one():
    x = jnp.asarray(X, jnp.float32)
    y = np.asarray(F.standardize(x, axis=(0, 1)))
    np.testing.assert_allclose(y.mean((0, 1)), 0, atol=1e-6)
    np.testing.assert_allclose(y.var((0, 1)), 1, rtol=1e-3)
    known = F.standardize(x, variance=jnp.full((3, 4, 1), 4.0), epsilon=0.0)
    np.testing.assert_allclose(known, (X - X.mean(-1, keepdims=True)) / 2, atol=1e-6)
    np.testing.assert_allclose(F.standardize(x * u.mV), F.standardize(x), rtol=1e-6)


def test_one_hot():
    np.testing.assert_array_equal(
        F.one_hot([1, 5, -1], 3), [[0, 1, 0], [0] * 3, [0] * 3]
    )
    assert F.one_hot([1], 3).dtype == environ.dftype()
    assert F.one_hot([[1, 2]], 3, axis=0, dtype=jnp.int8).shape == (3, 1, 2)


def test_standardized_weights():
    w = X[0]
    scaled = (w - w.mean(0)) / np.sqrt(4 * w.var(0))
    np.testing.assert_allclose(F.weight_standardization(w), scaled, rtol=1e-5)
    first = F.weight_standardization(w.T, out_axis=0, gain=jnp.full((5, 1), 2.0))
    np.testing.assert_allclose(first, 2 * scaled.T, rtol=1e-5)
    assert not F.weight_standardization(jnp.ones((4, 2))).any()


@pytest.mark.parametrize("norm_type", [None, 1.0, 2.0, "inf"])
def test_gradients_are_clipped_together(norm_type):
    grads = {"a": jnp.array([3.0, 4.0]), "b": jnp.array([[12.0]])}
    flat = np.array([3.0, 4.0, 12.0])
    order = {None: 2, "inf": np.inf}.get(norm_type, norm_type)
    norm = np.linalg.norm(flat, order)
    clipped = F.clip_grad_norm(grads, 1.0, norm_type)
    np.testing.assert_allclose(clipped["b"], [[12.0 / norm]], rtol=1e-5)
    same = F.clip_grad_norm(grads, 100.0, norm_type)
    np.testing.assert_allclose(same["a"], grads["a"], rtol=1e-6)
    mixed = F.clip_grad_norm([3.0 * u.mV, jnp.float32(4.0)], 1.0)
    assert u.math.allclose(mixed[0], 0.6 * u.mV, rtol=1e-5)
    assert F.clip_grad_norm({}, 1.0) == {}
