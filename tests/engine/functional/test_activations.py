"""Every activation equals its formula in double precision, with units as they mean."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special

from engine import functional as F, random

X = np.concatenate([np.linspace(-8, 8, 33), [-1e-3, 1e-3, 0.5, -0.5]])


def sigma(x):
    return special.expit(x)


def softplus(x):
    return np.logaddexp(x, 0)


def clip6(x):
    return np.clip(x + 3, 0, 6) / 6


ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805

# name: the formula of numbers
NUMBERS = {
    "tanh": np.tanh,
    "tanh_shrink": lambda x: x - np.tanh(x),
    "squareplus": lambda x: (x + np.sqrt(x**2 + 4)) / 2,
    "softplus": softplus,
    "soft_sign": lambda x: x / (1 + np.abs(x)),
    "sigmoid": sigma,
    "log_sigmoid": lambda x: -softplus(-x),
    "hard_sigmoid": clip6,
    "silu": lambda x: x * sigma(x),
    "swish": lambda x: x * sigma(x),
    "hard_silu": lambda x: x * clip6(x),
    "hard_swish": lambda x: x * clip6(x),
    "mish": lambda x: x * np.tanh(softplus(x)),
    "sparse_plus": lambda x: np.where(
        x >= 1, x, np.where(x <= -1, 0, (x + 1) ** 2 / 4)
    ),
    "sparse_sigmoid": lambda x: np.clip((x + 1) / 2, 0, 1),
    "relu6": lambda x: np.clip(x, 0, 6),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "celu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "selu": lambda x: SCALE * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0))),
    "gelu": lambda x: (
        0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    ),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "soft_shrink": lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
    "hard_shrink": lambda x: np.where(np.abs(x) > 0.5, x, 0),
}
# and of quantities too: positive factors pass through
HOMOGENEOUS = {
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x >= 0, x, 0.01 * x),
    "prelu": lambda x: np.where(x >= 0, x, 0.25 * x),
}


@pytest.mark.parametrize("name", [*NUMBERS, *HOMOGENEOUS])
def test_equals_its_formula(name):
    wanted = (NUMBERS | HOMOGENEOUS)[name](X)
    y = getattr(F, name)(jnp.asarray(X, jnp.float32))
    np.testing.assert_allclose(y, wanted, rtol=3e-5, atol=3e-6)


@pytest.mark.parametrize("name", [*NUMBERS, *HOMOGENEOUS])
def test_gradient_is_the_slope_of_the_formula(name):
    formula = (NUMBERS | HOMOGENEOUS)[name]
    x = X[(np.abs(X % 0.5) > 1e-2) & (np.abs(X) > 0.1)] + 0.01  # away from kinks
    slope = (formula(x + 1e-5) - formula(x - 1e-5)) / 2e-5
    ours = jax.vmap(jax.grad(getattr(F, name)))(jnp.asarray(x, jnp.float32))
    np.testing.assert_allclose(ours, slope, rtol=1e-3, atol=1e-4)


BOUNDED = ("hard_tanh", "soft_shrink", "hard_shrink")  # bounds may have a unit


@pytest.mark.parametrize("name", [name for name in NUMBERS if name not in BOUNDED])
def test_numbers_only(name):
    function = getattr(F, name)
    with pytest.raises(TypeError, match=r"defined for numbers, but got mV"):
        function(1.0 * u.mV)
    assert np.isclose(function(u.Quantity(0.3)), function(0.3))


@pytest.mark.parametrize("name", [*HOMOGENEOUS, "rrelu"])
def test_quantities_keep_their_unit(name):
    y = getattr(F, name)(jnp.asarray(X) * u.mV)
    assert y.unit == u.mV
    np.testing.assert_array_equal(y.mantissa[X > 0], jnp.asarray(X)[X > 0])


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float16, jnp.float32])
def test_types_stay(dtype):
    x = jnp.asarray(X[:5], dtype)
    for name in (*NUMBERS, *HOMOGENEOUS, "rrelu", "softmax", "log_softmax", "glu"):
        if name == "glu":
            x = x[:4]
        assert getattr(F, name)(x).dtype == dtype, name


def test_parameters_reach_the_formula():
    x = jnp.asarray(X)
    pairs = [
        (F.leaky_relu(x, 0.3), np.where(X >= 0, X, 0.3 * X)),
        (F.elu(x, 2.0), np.where(X > 0, X, 2 * np.expm1(np.minimum(X, 0)))),
        (F.celu(x, 2.0), np.where(X > 0, X, 2 * np.expm1(np.minimum(X, 0) / 2))),
        (F.hard_tanh(x, -2.0, 3.0), np.clip(X, -2, 3)),
        (F.hard_shrink(x, 2.0), np.where(np.abs(X) > 2, X, 0)),
        (F.squareplus(x, 1.0), (X + np.sqrt(X**2 + 1)) / 2),
        (F.gelu(x, approximate=False), X * (1 + special.erf(X / np.sqrt(2))) / 2),
        (F.glu(x[:8]), X[:4] * sigma(X[4:8])),
    ]
    for ours, wanted in pairs:
        np.testing.assert_allclose(ours, wanted, rtol=3e-5, atol=3e-6)


@pytest.mark.parametrize("name", BOUNDED)
def test_bounds_have_the_unit_of_the_input(name):
    function, n_bounds = getattr(F, name), 2 if name == "hard_tanh" else 1
    bounds = (-0.5, 0.5)[-n_bounds:]
    y = function(jnp.asarray(X) * u.mV, *(bound * u.mV for bound in bounds))
    assert u.math.allclose(y, function(jnp.asarray(X), *bounds) * u.mV)
    with pytest.raises(u.UnitMismatchError):
        function(1.0 * u.mV)


def test_slopes_are_drawn_between_their_bounds():
    random.seed(0)
    y = -F.rrelu(-jnp.ones(10000), 0.2, 0.4)
    assert 0.2 <= y.min() < 0.201
    assert 0.399 < y.max() <= 0.4
    assert abs(y.mean() - 0.3) < 0.005


def test_edges_of_gradients():
    assert [float(jax.grad(F.relu6)(x)) for x in (0.0, 6.0)] == [0, 0]
    assert jax.grad(F.relu)(0.0) == 0
    assert jax.grad(F.softplus)(-jnp.inf) == 0
    assert jax.grad(F.softplus)(0.0) == 0.5


def test_logic_on_spikes_is_that_on_bools():
    a, b = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    bools = a.astype(bool), b.astype(bool)
    table = {
        "or": bools[0] | bools[1],
        "and": bools[0] & bools[1],
        "iand": ~bools[0] & bools[1],
        "xor": bools[0] ^ bools[1],
        "ixor": bools[0] ^ bools[1],
    }
    for op, wanted in table.items():
        np.testing.assert_array_equal(F.spike_bitwise(a, b, op), wanted)
        np.testing.assert_array_equal(getattr(F, f"spike_bitwise_{op}")(a, b), wanted)
    np.testing.assert_array_equal(F.spike_bitwise_not(a), ~bools[0])
    np.testing.assert_array_equal(F.spike_bitwise(a, b, "add"), a + b)
    with pytest.raises(ValueError, match=r"'nor'.*Did you mean"):
        F.spike_bitwise(a, b, "nor")
