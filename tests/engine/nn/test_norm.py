"""Batch normalization: statistics of the batch while fitting, running ones after."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import environ, nn

rng = np.random.default_rng(0)
NORM = {0: nn.BatchNorm0d, 1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
SPACE = {0: (), 1: (6,), 2: (4, 5), 3: (3, 2, 4)}
each_rank = pytest.mark.parametrize("n", NORM)


@each_rank
def test_output_has_mean_zero_and_variance_one(n):
    x = rng.normal(3.0, 2.0, (50, *SPACE[n], 2)).astype(np.float32)
    axes = tuple(range(n + 1))
    layer = NORM[n]((*SPACE[n], 2))
    with environ.context(fit=True):
        y = layer(x)
    mean, var = x.mean(axes), x.var(axes)
    np.testing.assert_allclose(
        y, (x - mean) / np.sqrt(var + 1e-5), rtol=1e-3, atol=1e-4
    )
    np.testing.assert_allclose(layer.running_mean.value.ravel(), 0.01 * mean, rtol=1e-4)
    np.testing.assert_allclose(
        layer.running_var.value.ravel(), 0.99 + 0.01 * var, rtol=1e-4
    )
    with environ.context(fit=False):
        z = layer(x)
    running = layer.running_mean.value, layer.running_var.value
    np.testing.assert_allclose(
        z, (x - running[0]) / np.sqrt(running[1] + 1e-5), rtol=1e-4
    )


def test_scale_and_bias_are_learned():
    layer = nn.BatchNorm1d((10, 2), scale_initializer=2.0, bias_initializer=3.0)
    assert layer.weight.value["scale"].shape == (1, 2)
    x = rng.normal(size=(40, 10, 2)).astype(np.float32)
    with environ.context(fit=True):
        y = layer(x)
    np.testing.assert_allclose(y.mean((0, 1)), [3, 3], atol=1e-4)
    np.testing.assert_allclose(y.std((0, 1)), [2, 2], rtol=1e-3)
    assert nn.BatchNorm1d((10, 2), affine=False).weight is None


def test_without_running_statistics_the_batch_always_counts():
    layer = nn.BatchNorm0d(3, track_running_stats=False)
    x = rng.normal(5.0, 1.0, (100, 3)).astype(np.float32)
    np.testing.assert_allclose(layer(x).mean(0), 0, atol=1e-5)
    assert len(layer.states()) == 1


def test_several_feature_axes():
    layer = nn.BatchNorm1d((4, 3), feature_axis=(0, 1))
    x = rng.normal(size=(64, 4, 3)).astype(np.float32)
    with environ.context(fit=True):
        y = layer(x)
    np.testing.assert_allclose(y.mean(0), np.zeros((4, 3)), atol=1e-5)
    np.testing.assert_allclose(y.std(0), np.ones((4, 3)), atol=1e-3)


def test_statistics_over_a_named_axis():
    layer = nn.BatchNorm0d(2, axis_name="devices", track_running_stats=False)
    x = rng.normal(2.0, 3.0, (4, 25, 2)).astype(np.float32)
    y = jax.vmap(layer, axis_name="devices")(x)
    flat = x.reshape(-1, 2)
    wanted = (x - flat.mean(0)) / np.sqrt(flat.var(0) + 1e-5)
    np.testing.assert_allclose(y, wanted, rtol=1e-3, atol=1e-4)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="give 2 spatial axes and the number of feat"):
        nn.BatchNorm2d((3, 2))
    with pytest.raises(ValueError, match="at most one batch axis"):
        nn.BatchNorm1d((3, 2))(jnp.ones((4, 5, 3, 2)))
    with pytest.raises(KeyError, match="'fit'"):
        nn.BatchNorm1d((3, 2))(jnp.ones((3, 2)))
