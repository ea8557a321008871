"""Activations as layers are the functions they name."""

import inspect

import jax.numpy as jnp
import numpy as np
import pytest

from engine import functional, nn
from engine.nn._activation import _Activation

X = jnp.linspace(-3.0, 3.0, 12).reshape(2, 6)
# as in 0.1.0, where layer and function disagree
OTHER_DEFAULTS = {
    nn.GELU: {"approximate": False},
    nn.Softmax: {"axis": None},
    nn.LogSoftmax: {"axis": None},
    nn.Softmin: {"axis": None},
}
LAYERS = sorted(_Activation.__subclasses__(), key=lambda cls: cls.__name__)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_is_its_function(layer):
    module = layer()
    if layer is nn.RReLU:  # random while fitting
        return
    function = layer._function
    given = OTHER_DEFAULTS.get(layer, {})
    np.testing.assert_allclose(module(X), function(X, **given), rtol=1e-6)
    assert getattr(nn, layer.__name__) is layer
    assert function.__name__ in (layer.__doc__ or "")
    assert "name" in inspect.signature(layer).parameters


def test_parameters_reach_the_function():
    np.testing.assert_array_equal(nn.LeakyReLU(0.3)(X), functional.leaky_relu(X, 0.3))
    np.testing.assert_array_equal(
        nn.Hardtanh(min_val=-2.0, max_val=1.0)(X), jnp.clip(X, -2, 1)
    )
    np.testing.assert_allclose(nn.Softmax(dim=0)(X).sum(0), 1, rtol=1e-6)
    with pytest.raises(TypeError):
        nn.ReLU(3, 4, 5)


def test_softmax_over_channels():
    y = nn.Softmax2d()(jnp.arange(24.0).reshape(2, 3, 4))
    assert y.shape == (2, 3, 4)
    np.testing.assert_allclose(y.sum(-3), 1, rtol=1e-6)


def test_threshold_and_identity():
    np.testing.assert_array_equal(
        nn.Threshold(0.5, 20.0)(jnp.array([0.5, 0.6, -1.0])),
        np.float32([20.0, 0.6, 20.0]),
    )
    assert nn.Identity()(X) is X


@pytest.mark.parametrize("n", [1, 6])
def test_slopes_are_learned(n):
    layer = nn.PReLU(n, init=0.1)
    assert layer.weight.value.shape == (n,)
    np.testing.assert_allclose(layer(X), np.where(X > 0, X, 0.1 * X), rtol=1e-6)


@pytest.mark.parametrize("op", ["or", "and", "iand", "xor", "ixor"])
def test_spikes_are_combined_bit_by_bit(op):
    x, y = jnp.array([0.0, 0, 1, 1]), jnp.array([0.0, 1, 0, 1])
    a, b = np.asarray(x, bool), np.asarray(y, bool)
    wanted = {
        "or": a | b,
        "and": a & b,
        "iand": ~a & b,
        "xor": a ^ b,
        "ixor": a ^ b,  # as in 0.1.0
    }[op]
    np.testing.assert_array_equal(nn.SpikeBitwise(op)(x, y), wanted)
    with pytest.raises(ValueError, match="'nand'"):
        nn.SpikeBitwise("nand")
