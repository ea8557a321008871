"""Loops over steps: States are part of the carry."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import State, augment, compile, random

XS = jnp.linspace(-1.0, 1.0, 7)
LOOPS = {
    "plain": (compile.scan, compile.for_loop),
    "checkpointed": (compile.checkpointed_scan, compile.checkpointed_for_loop),
}
each_form = pytest.mark.parametrize(("scan", "for_loop"), LOOPS.values(), ids=LOOPS)


@each_form
def test_for_loop_stacks_and_states_go_on(scan, for_loop):
    total = State(0.0)

    def step(x):
        total.value += x
        return total.value, x

    sums, xs = for_loop(step, XS)
    np.testing.assert_allclose(sums, np.cumsum(XS), atol=1e-6)
    np.testing.assert_array_equal(xs, XS)
    assert np.isclose(total.value, sums[-1])
    total.value += 1  # still a value like any other


@each_form
def test_scan_is_that_of_jax(scan, for_loop):
    def step(carry, x):
        return carry * 0.9 + x["a"], carry - x["b"].sum()

    xs = {"a": XS, "b": jnp.outer(XS, jnp.arange(2.0))}
    ours, theirs = scan(step, 0.5, xs), jax.lax.scan(step, 0.5, xs)
    jax.tree.map(np.testing.assert_allclose, ours, theirs)


@each_form
def test_length_alone_and_nothing_returned(scan, for_loop):
    n = State(0)

    def count():
        n.value += 1

    assert for_loop(count, length=5) is None
    assert n.value == 5
    assert for_loop(count, length=1) is None
    assert n.value == 6


@each_form
def test_gradients_agree_with_a_python_loop(scan, for_loop):
    w = State(jnp.float32(0.7))

    def loss(loop):
        h = State(jnp.float32(0.1))

        def step(x):
            h.value = jnp.tanh(w.value * h.value + x)
            return h.value

        if loop is None:
            return jnp.stack([step(x) for x in XS]).sum()
        return loop(step, XS).sum()

    ours = augment.grad(lambda: loss(for_loop), grad_states=w)()
    wanted = augment.grad(lambda: loss(None), grad_states=w)()
    np.testing.assert_allclose(ours, wanted, rtol=1e-5)


def test_reverse_and_several_arguments():
    total = State(0.0)

    def step(x, y):
        total.value += x * y
        return total.value

    out = compile.for_loop(step, XS, 2 * XS, reverse=True, unroll=3)
    np.testing.assert_allclose(out, np.cumsum((2 * XS**2)[::-1])[::-1], rtol=1e-5)


@pytest.mark.parametrize("base", [2, 3, 16])
@pytest.mark.parametrize("n", [1, 2, 8, 9, 17])
def test_checkpointed_loops_run_the_steps_they_are_asked_for(n, base):
    count = State(0)

    def step(x):
        count.value += 1
        return 2 * x

    ys = compile.checkpointed_for_loop(step, jnp.arange(n), base=base)
    np.testing.assert_array_equal(ys, 2 * np.arange(n))
    assert count.value == n


def test_random_numbers_differ_from_step_to_step_and_repeat_by_seed():
    random.seed(3)
    first = compile.for_loop(lambda i: random.rand(), jnp.arange(5))
    assert len(set(np.asarray(first).tolist())) == 5
    random.seed(3)
    with_python = [float(random.rand()) for _ in range(5)]
    np.testing.assert_allclose(first, with_python)


def test_the_step_is_traced_once():
    n_traces = 0

    def step(x):
        nonlocal n_traces
        n_traces += 1
        return x

    compile.for_loop(step, XS)
    assert n_traces == 1


def test_a_carry_of_python_numbers_takes_the_type_of_the_step():
    carry, _ = compile.scan(lambda c, x: (c + x, None), 0, XS)
    assert carry.dtype == jnp.float32
    state = State(0)
    for _ in range(2):
        compile.for_loop(lambda: _add(state), length=3)
    assert state.value == 6


def _add(state):
    state.value = state.value + 1


def test_arguments_that_do_not_fit_are_refused():
    step = lambda *x: x
    with pytest.raises(compile.LoopError, match=r"lengths \[6, 7\]"):
        compile.for_loop(step, XS, XS[:6])
    with pytest.raises(compile.LoopError, match=r"lengths \[5, 7\]"):
        compile.for_loop(step, XS, length=5)
    with pytest.raises(compile.LoopError, match="nothing to loop over"):
        compile.for_loop(lambda: 1)
    with pytest.raises(compile.LoopError, match="scalar"):
        compile.for_loop(step, 1.0)
    with pytest.raises(compile.LoopError, match="base is 1"):
        compile.checkpointed_for_loop(step, XS, base=1)
    with pytest.raises(compile.LoopError, match=r"\(carry, output\)"):
        compile.scan(lambda c, x: c, 0.0, XS)
    with pytest.raises(TypeError):
        compile.scan(lambda c, x: (jnp.ones(2), x), 0.0, XS)
