"""StatefulFunction and make_jaxpr: every State is an input, the written an output."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import State, compile, environ, random


@pytest.fixture
def model():
    a, b = State(jnp.float32(1.0)), State(jnp.ones(2))

    def f(x):
        a.value = a.value + x.sum()
        return b.value * x

    return a, b, f


def test_make_jaxpr_lists_states_and_has_no_constants(model):
    a, b, f = model
    jaxpr, states = compile.make_jaxpr(f)(jnp.zeros(2))
    assert states == (a, b)
    assert jaxpr.consts == []
    assert len(jaxpr.in_avals) == 1 + 2  # x, then both States
    assert [v.shape for v in jaxpr.out_avals] == [(2,), ()]  # out, then the written
    x, a_in, b_in = jnp.array([1.0, 2.0]), jnp.float32(5.0), jnp.array([3.0, 4.0])
    out, a_out = jax.extend.core.jaxpr_as_fun(jaxpr)(x, a_in, b_in)
    np.testing.assert_array_equal(out, [3, 8])
    assert a_out == 8
    assert a.value == 1.0


def test_the_random_key_is_a_state_like_any_other():
    jaxpr, states = compile.make_jaxpr(lambda x: x + random.rand())(1.0)
    assert states == (random.DEFAULT,)
    assert len(jaxpr.in_avals) == len(jaxpr.out_avals) == 2


def test_which_states_are_listed_can_be_chosen(model):
    a, b, f = model
    x = jnp.zeros(2)
    assert compile.make_jaxpr(f, state_returns="write")(x)[1] == (a,)
    assert compile.make_jaxpr(f, state_returns="read")(x)[1] == (b,)
    _, shapes, states = compile.make_jaxpr(f, return_shape=True)(x)
    assert (shapes.shape, states) == ((2,), (a, b))
    with pytest.raises(ValueError, match=r"'wrote'; it needs.*Did you mean 'write'"):
        compile.make_jaxpr(f, state_returns="wrote")


def test_a_stateful_function_tells_what_it_found(model):
    a, b, f = model
    stateful = compile.StatefulFunction(f)
    assert stateful.make_jaxpr(jnp.zeros(2)) is stateful
    assert stateful.get_states() == (a, b)
    assert stateful.get_write_states() == (a,)
    assert stateful.get_read_states() == (b,)
    assert stateful.get_out_shapes().shape == (2,)
    assert stateful.get_out_treedef() == jax.tree.structure(0)
    record = stateful.get_state_trace()
    assert record.states == [a, b]
    assert record.been_writen == [True, False]
    key = stateful.get_arg_cache_key(jnp.zeros(2))
    assert stateful.get_jaxpr(key) is stateful.get_jaxpr()
    assert stateful.compile_function_and_get_states(jnp.zeros(2)) == (a, b)
    assert stateful.compile_function_and_get_state_trace(jnp.zeros(2)).states == [a, b]
    stateful.clear_cache()
    with pytest.raises(KeyError, match=r"make_jaxpr\(\*args\)"):
        stateful.get_jaxpr()


def test_calls_by_values_touch_no_state_calls_with_states_do(model):
    a, _, f = model
    stateful = compile.StatefulFunction(f)
    x = jnp.ones(2)
    new, out = stateful.jaxpr_call([jnp.float32(0.0), jnp.full(2, 2.0)], x)
    np.testing.assert_array_equal(out, [2, 2])
    assert new[0] == 2.0
    assert a.value == 1.0
    np.testing.assert_array_equal(stateful(x), [1, 1])
    assert a.value == 3.0


@pytest.mark.parametrize(
    ("args", "others"),
    [
        ((jnp.ones(2),), (jnp.zeros(2),)),
        ((1,), (2,)),
        ((np.float32(1),), (np.float32(2),)),
        (({"a": 1.0},), ({"a": 3.0},)),
    ],
)
def test_keys_do_not_depend_on_values(args, others):
    key_of = compile.StatefulFunction(lambda x: x).get_arg_cache_key
    assert key_of(*args) == key_of(*others)
    assert hash(key_of(*args)) == hash(key_of(*others))


@pytest.mark.parametrize(
    ("args", "others"),
    [
        ((jnp.ones(2),), (jnp.ones(3),)),
        ((jnp.ones(2),), (jnp.ones(2, jnp.int32),)),
        ((1,), (1.0,)),
        ((True,), (1,)),
        (({"a": 1.0},), ({"b": 1.0},)),
    ],
)
def test_keys_depend_on_shape_type_and_structure(args, others):
    key_of = compile.StatefulFunction(lambda x: x).get_arg_cache_key
    assert key_of(*args) != key_of(*others)


def test_keys_depend_on_settings_by_value_and_not_on_the_clock():
    key_of = compile.StatefulFunction(lambda: 0).get_arg_cache_key
    keys = []
    for settings in ({}, {"dt": 0.1}, {"dt": 0.2}, {"dt": np.float64(0.1)}):
        with environ.context(**settings):
            keys.append(key_of())
    assert len(set(keys)) == 4
    with environ.context(dt=np.float64(0.1)):
        assert key_of() == keys[3]
    with environ.context(i=1, t=0.1):
        first = key_of()
    with environ.context(i=2, t=0.2):
        assert key_of() == first


def test_static_arguments_belong_to_the_key():
    stateful = compile.StatefulFunction(lambda x, n: x * n, static_argnums=1)
    assert stateful(2.0, 3) == 6.0
    assert stateful(2.0, 4) == 8.0
    assert stateful.get_arg_cache_key(1.0, 3) != stateful.get_arg_cache_key(1.0, 4)


def test_a_trace_with_tracers_in_it_is_not_kept():
    stateful = compile.StatefulFunction(lambda: 0)

    @jax.jit
    def outer(y):
        stateful.fun = lambda: y + 1  # closes over a tracer
        return stateful()

    assert outer(1.0) == 2.0
    stateful.fun = lambda: 5
    assert stateful() == 5
