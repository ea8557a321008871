"""Dense layers are matrix products of the last axis."""

import brainunit as u
import jax.numpy as jnp
import numpy as np
import pytest

from engine import ParamState, nn

rng = np.random.default_rng(0)


def normal(*shape):
    return rng.normal(size=shape).astype(np.float32)


X, W, BIAS = normal(5, 3), normal(3, 2), normal(2)


def test_linear_is_a_product_and_keeps_one_state():
    layer = nn.Linear(3, 2, w_init=W, b_init=BIAS)
    np.testing.assert_allclose(layer(X), X @ W + BIAS, rtol=1e-5)
    np.testing.assert_allclose(layer(X[0]), X[0] @ W + BIAS, rtol=1e-5)
    assert list(layer.states()) == [("weight",)]
    assert set(layer.weight.value) == {"weight", "bias"}
    assert set(nn.Linear(3, 2, b_init=None).weight.value) == {"weight"}


def test_masks_and_leading_axes():
    mask = np.array([[1, 0], [0, 1], [1, 1]], np.float32)
    layer = nn.Linear((4, 3), (4, 2), w_init=W, b_init=None, w_mask=mask)
    x = normal(2, 4, 3)
    np.testing.assert_allclose(layer(x), x @ (W * mask), rtol=1e-4, atol=1e-6)
    with pytest.raises(ValueError, match="only their last axes may differ"):
        nn.Linear((4, 3), (5, 2))


def test_units_multiply():
    layer = nn.Linear(3, 2, w_init=W * u.mS, b_init=None)
    assert u.math.allclose(layer(X * u.mV), (X @ W) * u.mS * u.mV, rtol=1e-5)


def test_standardized_weights():
    layer = nn.ScaledWSLinear(3, 2, w_init=W, b_init=None)
    layer.weight.value = {**layer.weight.value, "gain": jnp.array([[2.0, 3.0]])}
    scaled = (W - W.mean(0)) / np.sqrt(3 * W.var(0)) * [2, 3]
    np.testing.assert_allclose(layer(X), X @ scaled, rtol=1e-4, atol=1e-5)
    assert "gain" not in nn.ScaledWSLinear(3, 2, ws_gain=False).weight.value


def test_weights_keep_their_signs():
    sign = np.array([[1], [-1], [1]], np.float32)
    layer = nn.SignedWLinear(3, 2, w_init=W, w_sign=sign)
    np.testing.assert_allclose(layer(X), X @ (np.abs(W) * sign), rtol=1e-4, atol=1e-6)
    plain = nn.SignedWLinear(3, 2, w_init=W)
    np.testing.assert_allclose(plain(X), X @ np.abs(W), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("n_in", "n_out"), [(3, 3), (4, 2), (2, 4)])
@pytest.mark.parametrize("is_scalar", [True, False])
@pytest.mark.parametrize("include_self", [True, False])
def test_all_to_all_with_and_without_self(n_in, n_out, is_scalar, include_self):
    weight = np.float32(0.5) if is_scalar else normal(n_in, n_out)
    layer = nn.AllToAll(n_in, n_out, w_init=weight, include_self=include_self)
    full = np.broadcast_to(weight, (n_in, n_out))
    wanted = full if include_self else full * (1 - np.eye(n_in, n_out))
    x = normal(6, n_in)
    np.testing.assert_allclose(layer(x), x @ wanted, rtol=1e-4, atol=1e-5)
    quantity = layer(x * u.mV)
    assert u.math.allclose(quantity, (x @ wanted) * u.mV, rtol=1e-4, atol=1e-5 * u.mV)


def test_embedding_looks_up():
    table = normal(4, 3)
    layer = nn.Embedding(4, 3, embedding_init=table)
    np.testing.assert_array_equal(layer(jnp.array([[0, 3]])), table[[[0, 3]]])
    assert isinstance(layer.weight, ParamState)
    with pytest.raises(ValueError, match="num_embeddings is -1"):
        nn.Embedding(-1, 3)
