"""Dropout: `prob` is the share that is kept, and every sample draws for itself."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import environ, nn, random

CHANNELS = {2: nn.Dropout1d, 3: nn.Dropout2d, 4: nn.Dropout3d}
ALL = [
    nn.Dropout,
    *CHANNELS.values(),
    nn.AlphaDropout,
    nn.FeatureAlphaDropout,
]


@pytest.fixture(autouse=True)
def fit():
    random.seed(0)
    with environ.context(fit=True):
        yield


@pytest.mark.parametrize("prob", [0.2, 0.8])
def test_prob_is_the_probability_to_keep(prob):
    y = np.asarray(nn.Dropout(prob)(jnp.ones(20000)))
    assert abs((y != 0).mean() - prob) < 0.02
    np.testing.assert_allclose(y[y != 0], 1 / prob, rtol=1e-6)


@pytest.mark.parametrize("make", ALL)
def test_nothing_happens_unless_fitting(make):
    x = jax.random.normal(jax.random.key(0), (3, 2, 2, 2, 4))
    with environ.context(fit=False):
        assert make(0.5)(x) is x
    np.testing.assert_allclose(make(1.0)(x), x, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(make(0.0)(x), jnp.zeros_like(x))
    for prob in (-0.1, 1.5):
        with pytest.raises(ValueError, match="probability to keep"):
            make(prob)


@pytest.mark.parametrize("ndim", CHANNELS)
def test_whole_channels_each_sample_for_itself(ndim):
    # 0.1.0: all samples of a batch share one mask
    space = (3,) * (ndim - 1)
    y = np.asarray(CHANNELS[ndim](0.5)(jnp.ones((64, *space, 8))))
    flat = y.reshape(64, -1, 8)
    assert np.all(flat == flat[:, :1])
    assert set(np.unique(flat)) == {0.0, 2.0}
    assert len(np.unique(flat[:, 0], axis=0)) > 30
    first = np.asarray(CHANNELS[ndim](0.5, channel_axis=1)(jnp.ones((4, 8, *space))))
    flat = first.reshape(4, 8, -1)
    assert np.all(flat == flat[..., :1])
    with pytest.raises(ValueError, match=f"needs {ndim} axes or more"):
        CHANNELS[ndim](0.5)(jnp.ones((2,) * (ndim - 1)))


@pytest.mark.parametrize("make", [nn.AlphaDropout, nn.FeatureAlphaDropout])
@pytest.mark.parametrize("prob", [0.5, 0.9])
def test_alpha_dropout_keeps_mean_and_variance(make, prob):
    # 0.1.0: always an AttributeError
    x = jax.random.normal(jax.random.key(1), (2000, 5, 8))
    y = make(prob)(x)
    assert abs(y.mean()) < 0.05
    assert abs(y.var() - 1) < 0.1
    np.testing.assert_array_equal(make(1.0)(x), x)
    assert make(prob).forward(x).shape == x.shape


def test_feature_alpha_dropout_drops_whole_channels():
    x = jax.random.normal(jax.random.key(1), (6, 7, 4))
    y = np.asarray(nn.FeatureAlphaDropout(0.5)(x))
    scale = 1 / np.sqrt(0.5 + 1.7580993408473766**2 * 0.25)
    shift = scale * 1.7580993408473766 * 0.5
    is_kept = np.isclose(y, scale * x + shift, atol=1e-5)
    assert np.all(is_kept == is_kept[:, :1])
    assert 0 < is_kept.mean() < 1


def test_units_and_types_stay():
    y = nn.Dropout(0.5)(jnp.ones(100) * u.mV)
    assert y.unit == u.mV
    assert nn.Dropout(0.5)(jnp.ones(10, jnp.bfloat16)).dtype == jnp.bfloat16


def test_one_mask_for_all_steps():
    layer = nn.DropoutFixed((100,), 0.5)
    layer.init_state(batch_size=2)
    x = jnp.ones((2, 100))
    y = layer(x)
    np.testing.assert_array_equal(y, layer(x))
    assert len(np.unique(y, axis=0)) == 2
    layer.reset_state(batch_size=2)
    assert not np.array_equal(y, layer(x))
    with pytest.raises(ValueError, match=r"init_state\(batch_size\)"):
        layer(jnp.ones((3, 100)))
