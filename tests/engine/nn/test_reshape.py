"""Layers that only change the shape."""

import jax.numpy as jnp
import numpy as np
import pytest

from engine import nn

X = jnp.arange(120.0).reshape(2, 3, 4, 5)


def test_flatten_merges_axes():
    assert nn.Flatten()(X).shape == (120,)
    assert nn.Flatten(1, 2)(X).shape == (2, 12, 5)
    layer = nn.Flatten(in_size=(3, 4, 5))
    assert layer.out_size == (60,)
    np.testing.assert_array_equal(layer(X), X.reshape(2, 60))
    with pytest.raises(ValueError, match=r"must be \(3, 4\)"):
        nn.Flatten(in_size=(3, 4))(X)
    with pytest.raises(ValueError, match="Exchange them"):
        nn.Flatten(2, 1)(X)
    with pytest.raises(ValueError, match="start_axis is 4, but the input has 4 axes"):
        nn.Flatten(4)(X)


def test_unflatten_splits_an_axis():
    assert nn.Unflatten(2, (2, 2))(X).shape == (2, 3, 2, 2, 5)
    assert nn.Unflatten(-1, (-1, 1))(X).shape == (2, 3, 4, 5, 1)
    layer = nn.Unflatten(0, (2, -1), in_size=(6, 3))
    assert layer.out_size == (2, 3, 3)
    with pytest.raises(ValueError, match="not the product"):
        nn.Unflatten(2, (3, 2))(X)
