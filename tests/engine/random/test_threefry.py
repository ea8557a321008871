"""Keys by NumPy are those of JAX."""

import jax
import jax.random as jr
import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine import random
from engine.random import _threefry

seeds = st.integers(-(2**31), 2**32 - 1)
words = st.integers(0, 2**32 - 1)


@given(seeds)
def test_a_seed_makes_the_key_of_jax(seed):
    np.testing.assert_array_equal(_threefry.of_seed(seed), jr.PRNGKey(seed))


@given(st.tuples(words, words), words)
def test_folding_in(key, word):
    key = np.array(key, np.uint32)
    np.testing.assert_array_equal(_threefry.fold_in(key, word), jr.fold_in(key, word))


@given(st.tuples(words, words), st.one_of(st.none(), st.integers(0, 5)))
def test_splitting(key, n):
    key = np.array(key, np.uint32)
    first, fresh = _threefry.split_off(key, n)
    wanted = jr.split(key, 2 if n is None else n + 1)
    np.testing.assert_array_equal(first, wanted[0])
    np.testing.assert_array_equal(fresh, wanted[1] if n is None else wanted[1:])


@pytest.mark.parametrize("key", [jr.key(3), jr.key(3, impl="rbg")])
def test_typed_keys_are_left_to_jax(key):
    first, fresh = _threefry.split_off(key, None)
    wanted = jr.split(key)
    assert first.dtype == wanted.dtype
    np.testing.assert_array_equal(jr.key_data(first), jr.key_data(wanted[0]))
    np.testing.assert_array_equal(jr.key_data(fresh), jr.key_data(wanted[1]))


def test_a_state_splits_alike_in_a_trace_and_out_of_one():
    def draw():
        return random.rand(3), random.get_key()

    def traced(key):
        random.set_key(key)
        return draw()

    with random.seed_context(11):
        key = random.get_key()
        wanted = draw()
        found = jax.jit(traced)(key)
        random.set_key(key)
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(a, b)
