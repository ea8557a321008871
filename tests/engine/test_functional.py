"""trace: what a function touches, and what is left of it as a function of values."""

import jax.numpy as jnp
import numpy as np
import pytest
from nests import PAIRS, Model, X

from engine import State, StateTraceStack, compile
from engine._functional import TransformationError, trace


def test_effects_are_in_the_order_of_first_touch_and_know_what_is_written():
    model = Model()
    traced = trace(model, X)
    assert traced.effects.states == (model.a, model.b)
    assert traced.effects.is_written == (True, False)
    assert traced.out.shape == (3,)
    new, y = traced.call([jnp.float32(2.0), jnp.float32(0.0)], X)
    np.testing.assert_allclose(y, 2 * X)
    np.testing.assert_allclose(new, [np.sin(2.0), 0.0], rtol=1e-6)


def test_states_made_inside_are_no_inputs():
    def f(x):
        inner = State(x)
        inner.value += 1
        return inner.value

    assert trace(f, 1.0).effects.states == ()
    assert compile.jit(f)(1.0) == 2.0


def test_a_returned_state_is_refused_by_name():
    state = State(1.0, name="weight")
    with pytest.raises(TransformationError, match=r"'weight'.*state\.value"):
        compile.jit(lambda: {"a": state})()


def test_an_outer_watcher_sees_reads_and_writes_through_a_transformation():
    model = Model()
    for name, (ours, _) in PAIRS.items():
        with StateTraceStack() as seen:
            ours(model, model)(X)
        assert {model.a, model.b} <= set(seen.states), name
        assert seen.get_write_states() == (model.a,), name


def test_a_value_with_structure_goes_through_everything():
    state = State({"w": jnp.ones(2), "n": {"k": jnp.int32(0)}})

    def step(x):
        old = state.value
        state.value = {"w": old["w"] + x, "n": {"k": old["n"]["k"] + 1}}
        return state.value["w"].sum()

    ys = compile.jit(lambda: compile.for_loop(step, jnp.arange(3.0)))()
    np.testing.assert_allclose(ys, [2, 4, 8])
    assert state.value["n"]["k"] == 3
