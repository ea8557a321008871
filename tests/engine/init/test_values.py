"""Parameters from numbers, arrays, functions and states."""

import brainunit as u
import jax.numpy as jnp
import numpy as np
import pytest

from engine import ParamState, State, init


@pytest.mark.parametrize(
    ("given", "size"),
    [(None, None), (3, (3,)), ((2, 3), (2, 3)), ([2, np.int64(3)], (2, 3))],
)
def test_to_size(given, size):
    assert init.to_size(given) == size


@pytest.mark.parametrize("wrong", ["3", 1.5, (2, "x")])
def test_what_is_no_size_is_refused(wrong):
    with pytest.raises(init.InitError, match="as a size"):
        init.to_size(wrong)


def test_param_lets_scalars_through():
    for value in (1, 2.5, True, np.float32(3), jnp.float32(1), 2.0 * u.mV):
        assert init.param(value, (2, 3)) is value
    assert init.param(None, 3) is None


def test_param_calls_functions_with_the_shape():
    assert init.param(jnp.zeros, (2, 3)).shape == (2, 3)
    assert init.param(jnp.zeros, 3, batch_size=4).shape == (4, 3)


def test_param_repeats_arrays_along_a_batch():
    row = np.arange(3.0) * u.mV
    assert init.param(row, 3) is row
    values = init.param(row, 3, batch_size=2)
    np.testing.assert_array_equal(values.to_decimal(u.mV), [[0, 1, 2]] * 2)
    assert init.param(np.zeros((2, 3)), 3, batch_size=2).shape == (2, 3)
    with pytest.raises(init.InitError, match="5 batch elements"):
        init.param(np.zeros((5, 3)), 3, batch_size=2)


def test_param_keeps_the_kind_of_state():
    state = ParamState(np.zeros(3))
    assert init.param(state, 3) is state
    batched = init.param(state, 3, batch_size=2)
    assert isinstance(batched, ParamState)
    assert batched.value.shape == (2, 3)


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (np.zeros(4), {}, r"does not broadcast to \(2, 3\)"),
        (None, {"allow_none": False}, "the value is None"),
        (1.0, {"allow_scalar": False}, "got the scalar 1.0"),
        ("x", {}, "got a str"),
    ],
)
def test_param_says_what_is_wrong(value, options, text):
    with pytest.raises(init.InitError, match=text):
        init.param(value, (2, 3), **options)


def test_state():
    assert isinstance(init.state(jnp.zeros, 3), State)
    assert init.state(jnp.zeros, 3, batch_size=2).value.shape == (2, 3)
    assert init.state(np.zeros(3)).value.shape == (3,)
    assert init.state(np.zeros(3), 3, 2).value.shape == (2, 3)
    with pytest.raises(init.InitError, match="needs the shape"):
        init.state(jnp.zeros)
    with pytest.raises(init.InitError, match="sizes is"):
        init.state(np.zeros(3), 4)


def test_noise():
    assert init.noise(None, 3) is None
    assert init.noise(abs, 3) is abs
    assert init.noise(0.5, 3)("anything") == 0.5
    assert init.noise(0.5, 3, num_vars=3, noise_idx=1)() == (None, 0.5, None)
