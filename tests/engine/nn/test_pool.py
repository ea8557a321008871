"""Pooling equals the same reduction over windows cut out by numpy."""

import brainunit as u
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from engine import nn

rng = np.random.default_rng(0)
SPACE = {1: (9,), 2: (7, 6), 3: (5, 4, 6)}
POOLS = [
    (n, kind, getattr(nn, f"{kind}Pool{n}d")) for n in SPACE for kind in ("Max", "Avg")
]
ADAPTIVE = [
    (n, kind, getattr(nn, f"Adaptive{kind}Pool{n}d"))
    for n in SPACE
    for kind in ("Max", "Avg")
]
REDUCE = {"Max": np.max, "Avg": np.mean}
each_pool = pytest.mark.parametrize(("n", "kind", "make"), POOLS)
each_adaptive = pytest.mark.parametrize(("n", "kind", "make"), ADAPTIVE)


def normal(*shape):
    return rng.normal(size=shape).astype(np.float32)


def windows(x, size, stride):
    """Return the windows of the first axes, channels last, batch none."""
    n = len(size)
    view = sliding_window_view(x, size, axis=tuple(range(n)))
    return view[tuple(slice(None, None, stride) for _ in range(n))]


@each_pool
@pytest.mark.parametrize("stride", [1, 2])
def test_windows_are_reduced(n, kind, make, stride):
    size = (2, 3, 2)[:n]
    x = normal(*SPACE[n], 2)
    cut = windows(x, size, stride)
    wanted = REDUCE[kind](cut, axis=tuple(range(-n, 0)))
    layer = make(size, stride)
    np.testing.assert_allclose(layer(x), wanted, rtol=1e-5)
    np.testing.assert_allclose(layer(x[None])[0], wanted, rtol=1e-5)
    first = make(size, stride, channel_axis=0)(np.moveaxis(x, -1, 0))
    np.testing.assert_allclose(np.moveaxis(first, 0, -1), wanted, rtol=1e-5)
    assert make(size, stride, in_size=x.shape).out_size == wanted.shape


def test_defaults_of_the_stride():
    x = normal(9, 1)
    assert nn.MaxPool1d(3)(x).shape == (3, 1)
    assert nn.AvgPool1d(3)(x).shape == (7, 1)


def test_what_lies_over_the_edge_does_not_count():
    x = np.full((4, 1), -5.0, np.float32)
    np.testing.assert_array_equal(nn.MaxPool1d(3, 1, "SAME")(x), x)
    np.testing.assert_array_equal(nn.AvgPool1d(3, 1, "SAME")(x), x)
    np.testing.assert_array_equal(nn.AvgPool1d(2, 1, ((1, 0),))(x), x)
    np.testing.assert_array_equal(nn.MaxPool1d(3, 1, 1)(x), x)


def test_integers_bools_and_units():
    ints = np.array([[3], [-7], [5]], np.int32)
    pooled = nn.MaxPool1d(2, 1)(ints)
    assert pooled.dtype == jnp.int32
    np.testing.assert_array_equal(pooled, [[3], [5]])
    np.testing.assert_array_equal(nn.AvgPool1d(2)(ints), [[-2.0], [-1.0]])
    assert nn.AvgPool1d(2)(jnp.ones((4, 1), jnp.bfloat16)).dtype == jnp.bfloat16
    assert nn.AvgPool1d(2)(ints).dtype == jnp.float32
    assert nn.MaxPool1d(2)(np.array([[True], [False]])).dtype == bool
    x = normal(4, 1)
    assert u.math.allclose(nn.MaxPool1d(2)(x * u.mV), nn.MaxPool1d(2)(x) * u.mV)


@each_adaptive
def test_adaptive_pieces_are_reduced(n, kind, make):
    target = (4, 3, 5)[:n]
    x = normal(*SPACE[n], 2)
    wanted = x
    for axis, pieces in enumerate(target):
        parts = np.array_split(wanted, pieces, axis)
        wanted = np.stack([REDUCE[kind](part, axis=axis) for part in parts], axis)
    np.testing.assert_allclose(make(target)(x), wanted, rtol=1e-5)
    assert make(target, in_size=x.shape).out_size == wanted.shape


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="too few for 5 windows"):
        nn.AdaptiveAvgPool1d(5)(normal(4, 1))
    with pytest.raises(ValueError, match="axes"):
        nn.MaxPool2d(2)(normal(4, 1))
