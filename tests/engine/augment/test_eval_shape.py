"""Shapes of outputs and modules, with nothing computed and nothing left behind."""

import jax
import jax.numpy as jnp
import numpy as np

from engine import State, augment, nn, random


def test_shapes_of_arrays():
    out = augment.eval_shape(lambda x: {"y": x @ jnp.ones((3, 2))}, jnp.ones((4, 3)))
    assert (out["y"].shape, out["y"].dtype) == ((4, 2), jnp.float32)
    big = jax.ShapeDtypeStruct((10**6, 10**6), jnp.float32)
    assert augment.eval_shape(lambda x: x.sum(), big).shape == ()


def test_modules_hold_shapes_in_place_of_values():
    model = augment.eval_shape(lambda: nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)))
    assert isinstance(model, nn.Sequential)
    weight = model[1].weight.value["weight"]
    assert isinstance(weight, jax.ShapeDtypeStruct)
    assert weight.shape == (3, 1)


def test_states_and_random_keys_are_as_before():
    count, key = State(0), np.asarray(random.DEFAULT.value)

    def f():
        count.value += 1
        return random.rand(3)

    assert augment.eval_shape(f).shape == (3,)
    assert count.value == 0
    assert np.array_equal(random.DEFAULT.value, key)
    assert "RandomState" in repr(random.DEFAULT)
