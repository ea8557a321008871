"""cond, switch, ifelse: one branch runs, all branches keep all States."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import State, augment, compile

SIGNS = [-2.0, 0.5, 3.0]


def test_only_the_chosen_branch_writes():
    a, b = State(1.0), State(10.0)

    def left():
        a.value += 1

    def right():
        b.value += 1

    for pred, expected in ((True, (2, 10)), (False, (2, 11)), (jnp.array(1), (3, 11))):
        compile.cond(pred, left, right)
        assert (a.value, b.value) == expected


@pytest.mark.parametrize("x", SIGNS)
def test_cond_is_that_of_jax_also_when_traced(x):
    ours = lambda x: compile.cond(x > 0, jnp.sin, jnp.cos, x)
    theirs = lambda x: jax.lax.cond(x > 0, jnp.sin, jnp.cos, x)
    for transform in (lambda f: f, compile.jit, augment.grad):
        assert np.isclose(transform(ours)(x), transform(theirs)(x))


@pytest.mark.parametrize(("index", "place"), [(-1, 0), (0, 0), (1, 1), (2, 2), (5, 2)])
def test_switch_clamps_its_index(index, place):
    state = State(0)
    branches = [lambda x, n=n: _set(state, n) + x for n in (10, 20, 30)]
    for run in (compile.switch, compile.jit(compile.switch, static_argnums=1)):
        if run is compile.switch:
            assert run(index, branches, 1) == 10 * (place + 1) + 1
    out = compile.jit(lambda i: compile.switch(i, branches, 1))(index)
    assert out == 10 * (place + 1) + 1
    assert state.value == 10 * (place + 1)


def _set(state, value):
    state.value = value
    return state.value


def test_switch_of_one_branch():
    assert compile.switch(3, [lambda x: x + 1], 2.0) == 3.0


def test_ifelse_takes_the_first_that_is_true():
    def classify(x):
        return compile.ifelse([x > 10, x > 1], [2, lambda: 1, lambda: jnp.int32(0)])

    for run in (classify, compile.jit(classify)):
        assert [int(run(x)) for x in (20, 5, 0)] == [2, 1, 0]
    np.testing.assert_array_equal(
        augment.vmap(classify)(jnp.array([20, 5, 0])), [2, 1, 0]
    )


def test_ifelse_conditions_may_be_python_bools():
    assert compile.ifelse([False, True], [lambda: 1, lambda: 2]) == 2
    assert compile.ifelse([True], [lambda x: x], 7) == 7


def test_ifelse_with_no_true_condition_says_so():
    # 0.1.0: an IndexError inside of the message
    with pytest.raises(Exception, match="no condition is true"):
        compile.ifelse([False, False], [lambda: 1, lambda: 2])
    with pytest.raises(Exception, match="no condition is true"):
        compile.jit(lambda x: compile.ifelse([x > 1, x > 2], [1, 2]))(0.0)
    assert compile.ifelse([False, False], [1, 2], check_cond=False) == 1


def test_gradient_of_ifelse_is_that_of_the_branch():
    def f(x):
        return compile.ifelse(
            [x > 1, x > 0], [lambda x: x**3, lambda x: 2 * x, lambda x: 0 * x], x
        )

    assert [float(augment.grad(f)(x)) for x in (2.0, 0.5, -1.0)] == [12, 2, 0]


def test_under_vmap_every_lane_has_its_branch():
    f = augment.vmap(lambda p, x: compile.cond(p, jnp.sin, jnp.cos, x))
    p, x = jnp.array([True, False, True]), jnp.array(SIGNS)
    np.testing.assert_allclose(f(p, x), np.where(p, np.sin(x), np.cos(x)), rtol=1e-6)


def test_what_does_not_fit_is_refused():
    with pytest.raises(compile.BranchError, match="no branch"):
        compile.switch(0, [])
    with pytest.raises(compile.BranchError, match=r"float32\[\].*single integer"):
        compile.switch(0.5, [lambda: 1])
    with pytest.raises(compile.BranchError, match="1 conditions for 3 branches"):
        compile.ifelse([True], [1, 2, 3])
    with pytest.raises(TypeError):
        compile.cond(True, lambda: 1.0, lambda: jnp.ones(2))
