"""Recurrent cells follow their equations, written out in numpy."""

import jax.numpy as jnp
import numpy as np
import pytest

from engine import ParamState, augment, compile, functional, nn, random

N_IN, N_OUT, N_STEPS = 3, 4, 6
XS = np.random.default_rng(0).normal(size=(N_STEPS, 2, N_IN)).astype(np.float32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def affine(layer):
    """Return the map of a Linear layer in numpy."""
    w = {name: np.asarray(value) for name, value in layer.weight.value.items()}
    return lambda *parts: np.concatenate(parts, -1) @ w["weight"] + w.get("bias", 0)


def vanilla(cell, x, h, c):
    return np.maximum(affine(cell.W)(x, h), 0), c


def gru(cell, x, h, c):
    r, z = np.split(sigmoid(affine(cell.Wrz)(x, h)), 2, -1)
    return (1 - z) * h + z * np.tanh(affine(cell.Wh)(x, r * h)), c


def mgu(cell, x, h, c):
    f = sigmoid(affine(cell.Wf)(x, h))
    return (1 - f) * h + f * np.tanh(affine(cell.Wh)(x, f * h)), c


def lstm(cell, x, h, c):
    i, g, f, o = np.split(affine(cell.W)(x, h), 4, -1)
    c = sigmoid(f + 1) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def ur_lstm(cell, x, h, c):
    f, r, new, o = np.split(affine(cell.W)(x, h), 4, -1)
    bias = np.asarray(cell.bias.value)
    f, r = sigmoid(f + bias), sigmoid(r - bias)
    gate = 2 * r * f + (1 - 2 * r) * f**2
    c = gate * c + (1 - gate) * np.tanh(new)
    return sigmoid(o) * np.tanh(c), c


CELLS = {
    nn.ValinaRNNCell: vanilla,
    nn.GRUCell: gru,
    nn.MGUCell: mgu,
    nn.LSTMCell: lstm,
    nn.URLSTMCell: ur_lstm,
}
each_cell = pytest.mark.parametrize(("make", "equation"), CELLS.items())


@each_cell
def test_follows_its_equations(make, equation):
    random.seed(0)
    cell = make(N_IN, N_OUT)
    cell.init_state(2)
    ours = compile.for_loop(cell, XS)
    h = c = np.zeros((2, N_OUT), np.float32)
    for x, y in zip(XS, ours, strict=True):
        h, c = equation(cell, x, h, c)
        np.testing.assert_allclose(y, h, rtol=1e-4, atol=1e-5)
    cell.reset_state(2)
    assert not cell.h.value.any()
    assert (cell.in_size, cell.out_size) == ((N_IN,), (N_OUT,))


def test_gradients_through_time_reach_the_weights():
    cell = nn.GRUCell(N_IN, N_OUT)

    def loss():
        cell.init_state(2)
        return (compile.for_loop(cell, XS) ** 2).sum()

    slopes = augment.grad(loss, cell.states(ParamState))()
    assert all(jnp.abs(slope["weight"]).sum() > 0 for slope in slopes.values())


def test_forget_gates_begin_uniform():
    bias = nn.URLSTMCell(2, 5000).bias.value
    share = np.sort(sigmoid(np.asarray(bias)))
    assert np.abs(share - np.linspace(0, 1, 5000)).max() < 0.03


def test_activations_by_name():
    assert nn.ValinaRNNCell(2, 3, activation="tanh").activation is functional.tanh
    assert nn.ValinaRNNCell(2, 3, activation=jnp.sin).activation is jnp.sin
    with pytest.raises(ValueError, match=r"'sigmiod'.*Did you mean 'sigmoid'"):
        nn.GRUCell(2, 3, activation="sigmiod")
