"""Seeds, keys and named streams."""

import inspect

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest

from engine import random


@pytest.fixture(autouse=True)
def _keep_default():
    with random.seed_context(0):
        yield


def test_seed_repeats():
    random.seed(3)
    first = random.rand(3)
    assert (random.rand(3) != first).any()
    random.seed(3)
    np.testing.assert_array_equal(random.rand(3), first)
    random.seed()
    assert (random.rand(3) != first).any()


def test_key_of_a_draw_is_jax_key_and_leaves_the_state():
    before = random.get_key()
    wanted = jr.uniform(jr.PRNGKey(123), (4, 3))
    for key in (123, np.int64(123), jr.PRNGKey(123), jr.key(123)):
        np.testing.assert_array_equal(random.rand(4, 3, key=key), wanted)
    assert random.get_key() is before


def test_a_state_of_its_own_draws_the_same_with_every_method():
    state = random.RandomState(5)
    wanted = random.RandomState(5).normal(size=3)
    np.testing.assert_array_equal(state.normal(size=3), wanted)
    random.seed(5)
    np.testing.assert_array_equal(random.normal(size=3), wanted)


def test_functions_are_the_methods_of_the_default_state():
    names = [n for n in dir(random.RandomState) if not n.startswith("_")]
    functions = [n for n in names if inspect.ismethod(getattr(random, n, None))]
    assert len(functions) >= 60
    for name in functions:
        assert getattr(random, name) == getattr(random.DEFAULT, name)


def test_seed_context_is_left_behind():
    random.seed(1)
    inside, after = None, None
    with random.seed_context(9):
        inside = random.rand()
    after = random.rand()
    assert inside == random.RandomState(9).rand()
    assert after == random.RandomState(1).rand()


def test_split_and_restore():
    state = random.RandomState(1)
    before = state.value
    assert state.split_key().shape == before.shape
    assert state.split_key(3).shape == (3, *before.shape)
    assert random.split_keys(2).shape == (2, *before.shape)
    state.set_key(before)
    state.self_assign_multi_keys(4)
    assert state.value.shape == (4, *before.shape)
    with pytest.raises(random.SeedError, match="Call restore_key first"):
        state.backup_key()
    state.restore_key()
    np.testing.assert_array_equal(state.value, before)
    with pytest.raises(random.SeedError, match="Call backup_key first"):
        state.restore_key()


def test_clone_is_independent():
    state = random.RandomState(1)
    other = state.clone()
    assert state.rand() != other.rand()


def test_default_rng():
    state = random.RandomState(1)
    assert random.default_rng() is random.DEFAULT
    assert random.default_rng(state) is state
    assert random.default_rng(1).rand() == random.RandomState(1).rand()


def test_seeds_beyond_32_bits_and_below_zero_differ():
    seeds = [0, 1, 2**32, 2**32 + 1, 2**70, -1, -(2**40)]
    keys = {tuple(np.asarray(random.make_key(s)).tolist()) for s in seeds}
    assert len(keys) == len(seeds)


@pytest.mark.parametrize("wrong", ["7", 1.5, np.zeros(3), np.zeros(2, np.int32)])
def test_what_is_no_seed_is_refused(wrong):
    with pytest.raises(random.SeedError, match="Give an int, or a key"):
        random.seed(wrong)


def test_seed_may_be_traced_and_a_known_seed_stays_known():
    @jax.jit
    def traced(seed):
        state = random.RandomState(seed)
        return state.rand()

    assert traced(7) == random.RandomState(7).rand()

    @jax.jit
    def known():
        random.seed(7)
        return jnp.zeros(())

    known()
    assert not isinstance(random.get_key(), jax.core.Tracer)


def test_deleted_key_is_replaced():
    state = random.RandomState(1)
    state.value.delete()
    assert 0 <= float(state.rand()) < 1


def test_stream_depends_on_every_part_of_its_name_and_on_nothing_else():
    names = [(1, "n1", "noise"), (1, "n2", "noise"), (1, "n1", "init")]
    names += [(2, "n1", "noise"), (1, "n", "1:noise"), (1, "n:1", "noise")]
    keys = [tuple(np.asarray(random.stream(*n)).tolist()) for n in names]
    assert len(set(keys)) == len(names)
    assert len({random.stream_seed(*n) for n in names}) == len(names)
    random.seed(5)
    assert tuple(np.asarray(random.stream(*names[0])).tolist()) == keys[0]
    np.testing.assert_array_equal(
        jax.jit(lambda seed: random.stream(seed, "n1", "noise"))(1), keys[0]
    )


def test_stream_is_the_hash_it_says():
    import hashlib

    digest = hashlib.blake2b(b"2:n1:noise", digest_size=8).digest()
    words = np.frombuffer(digest, "<u4")
    wanted = jr.fold_in(jr.fold_in(jr.PRNGKey(42), words[0]), words[1])
    np.testing.assert_array_equal(random.stream(42, "n1", "noise"), wanted)
