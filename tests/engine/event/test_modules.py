"""The three layers multiply spikes with their weight."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import ParamState, event, init

N_PRE, N_POST = 20, 30
TABLE = event.sample_fixed_prob(N_PRE, N_POST, 0.2, 1)
LAYERS = {
    "Linear": lambda weight, **kw: event.Linear(N_PRE, N_POST, weight, **kw),
    "CSRLinear": lambda weight, **kw: event.CSRLinear(
        N_PRE, N_POST, *TABLE, weight, **kw
    ),
    "FixedProb": lambda weight, **kw: event.FixedProb(
        N_PRE, N_POST, 0.2, weight, seed=1, **kw
    ),
}
each_layer = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
each_weight = pytest.mark.parametrize("weight", [1.5, init.Normal(seed=1)])


def matrix(layer):
    """Write the layer's weight as a dense matrix."""
    weight = np.asarray(layer.weight.value)
    if isinstance(layer, event.Linear):
        return np.broadcast_to(weight, (N_PRE, N_POST))
    indices = np.asarray(layer.indices).ravel()
    pre = np.repeat(np.arange(N_PRE), np.diff(layer.indptr))
    dense = np.zeros((N_PRE, N_POST), np.float32)
    np.add.at(dense, (pre, indices), np.broadcast_to(weight.ravel(), indices.shape))
    return dense


@each_layer
@each_weight
def test_layer_is_a_matrix_product(make, weight):
    layer = make(weight)
    assert isinstance(layer.weight, ParamState)
    assert layer.in_size == (N_PRE,)
    assert layer.out_size == (N_POST,)
    spikes = np.random.default_rng(0).random((3, N_PRE)) < 0.3
    for x in (spikes[0], spikes[0].astype(np.float32), spikes, spikes * 0.5):
        np.testing.assert_allclose(
            layer(jnp.asarray(x)), x @ matrix(layer), rtol=1e-5, atol=1e-6
        )


@each_layer
@each_weight
@pytest.mark.parametrize("grad_mode", ["vjp", "jvp"])
def test_gradients_in_both_modes(make, weight, grad_mode):
    layer = make(weight, grad_mode=grad_mode)
    x = jnp.asarray(np.random.default_rng(0).normal(size=N_PRE), jnp.float32)
    value, dense = layer.weight.value, matrix(layer)

    def f(x, w):
        layer.weight.value = w
        y = layer(x)
        layer.weight.value = value
        return y

    dx = jax.grad(lambda x, w: (f(x, w) ** 2).sum())(x, value)
    np.testing.assert_allclose(dx, 2 * dense @ (x @ dense), rtol=1e-4, atol=1e-5)
    y, dy = jax.jvp(f, (x, value), (2 * x, 3 * value))  # bilinear: 2 + 3
    np.testing.assert_allclose(dy, 5 * y, rtol=1e-4, atol=1e-5)
    dw = jax.grad(lambda w: (f(x, w) ** 2).sum() / 2)(value)
    np.testing.assert_allclose(jnp.sum(dw * value), jnp.sum(y**2), rtol=1e-4)


@each_layer
def test_bool_spikes_have_no_gradient(make):
    with pytest.raises(TypeError):
        jax.grad(lambda x: make(1.0)(x).sum())(jnp.ones(N_PRE, bool))


@each_layer
def test_units(make):
    layer = make(init.Constant(6.0 * u.nS))
    y = layer(jnp.ones(N_PRE, bool))
    np.testing.assert_allclose(
        y.to_decimal(u.nS), make(6.0)(jnp.ones(N_PRE, bool)), rtol=1e-6
    )


def test_fixed_prob_gives_every_neuron_as_many_targets():
    layer = event.FixedProb(10, 50, 0.2, 1.0, allow_multi_conn=False, seed=1)
    assert layer.indices.shape == (10, 10)
    assert all(np.unique(row).size == 10 for row in np.asarray(layer.indices))
    again = event.FixedProb(10, 50, 0.2, 1.0, allow_multi_conn=False, seed=1)
    np.testing.assert_array_equal(layer.indices, again.indices)
    none = event.FixedProb(10, 50, 0.01, 1.0)
    np.testing.assert_array_equal(none(jnp.ones(10, bool)), np.zeros(50))


@each_layer
def test_silent_rows_never_meet_their_weights(make):
    layer = make(init.Normal(seed=1))
    layer.weight.value = jnp.full_like(layer.weight.value, jnp.inf)
    np.testing.assert_array_equal(layer(jnp.zeros(N_PRE, bool)), np.zeros(N_POST))


@each_layer
def test_wrong_arguments_are_named(make):
    with pytest.raises(event.EventError, match="'vjp' or 'jvp'"):
        make(1.0, grad_mode="both")
    with pytest.raises(ValueError, match="shape"):
        make(np.ones(3))


def test_wrong_probability_is_refused():
    with pytest.raises(event.EventError, match=r"\[0, 1\]"):
        event.FixedProb(3, 3, 2.0, 1.0)


def test_dense_product_needs_to_know_its_size():
    with pytest.raises(event.EventError, match="one weight and n_post"):
        event.dense_matvec(jnp.ones(3), 1.0)
