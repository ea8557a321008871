"""while loops, plain and with a bound that gives them a gradient."""

import jax.numpy as jnp
import numpy as np
import pytest

from engine import State, augment, compile


def bounded(cond, body, init):
    return compile.bounded_while_loop(cond, body, init, max_steps=50, base=4)


each_form = pytest.mark.parametrize("loop", [compile.while_loop, bounded])


@each_form
def test_runs_while_the_condition_holds(loop):
    n = State(0)

    def body(x):
        n.value += 1
        return 2 * x

    assert loop(lambda x: x < 100, body, 3) == 192
    assert n.value == 6


@each_form
def test_everything_may_be_in_states(loop):
    n, stop = State(0), State(5)

    def body(_):
        n.value += 1

    assert loop(lambda _: n.value < stop.value, body, None) is None
    assert n.value == 5
    assert compile.jit(lambda: loop(lambda _: n.value < 9, body, None))() is None
    assert n.value == 9


@each_form
def test_no_turn_if_the_condition_is_false(loop):
    state = State(1.0)
    out = loop(lambda x: x > 10, lambda x: x + state.value, 0.0)
    assert (out, state.value) == (0.0, 1.0)


@each_form
def test_a_structured_value(loop):
    value = {"n": 0, "x": jnp.ones(2)}

    def body(v):
        return {"n": v["n"] + 1, "x": v["x"] * 0.5}

    out = loop(lambda v: v["n"] < 3, body, value)
    np.testing.assert_allclose(out["x"], [0.125, 0.125])


def test_lanes_stop_on_their_own():
    f = augment.vmap(lambda x: compile.while_loop(lambda v: v < 10, lambda v: v * 2, x))
    np.testing.assert_array_equal(f(jnp.array([1.0, 3.0, 20.0])), [16, 12, 20])


def test_a_bounded_loop_has_the_gradient_of_its_turns():
    w = State(jnp.float32(1.5))

    def f(x):
        return bounded(lambda v: v < 10.0, lambda v: v * w.value, x)

    # 2 * 1.5^4 = 10.1
    of_w, of_x = augment.grad(f, grad_states=w, argnums=0)(2.0)
    np.testing.assert_allclose([of_w, of_x], [4 * 2 * 1.5**3, 1.5**4], rtol=1e-5)


def test_a_bounded_loop_stops_at_its_bound():
    n = State(0)

    def body(x):
        n.value += 1
        return x + 1

    out = compile.bounded_while_loop(lambda x: True, body, 0, max_steps=7)
    assert (out, n.value) == (7, 7)
    assert compile.bounded_while_loop(lambda x: True, body, 0, max_steps=0) == 0


@pytest.mark.parametrize("steps", [-1, 2.5])
def test_a_bound_is_a_number_of_turns(steps):
    with pytest.raises(compile.LoopError, match=f"max_steps is {steps}"):
        compile.bounded_while_loop(lambda x: True, lambda x: x, 0, max_steps=steps)


@each_form
def test_the_condition_may_not_write(loop):
    state = State(0, name="n")

    def cond(x):
        state.value += 1
        return x < 3

    with pytest.raises(compile.LoopError, match=r"condition writes.*named 'n'"):
        loop(cond, lambda x: x + 1, 0)
    assert state.value == 0


def test_the_value_keeps_its_structure():
    with pytest.raises(TypeError):
        compile.while_loop(lambda x: x < 3, lambda x: (x, x), 0)
