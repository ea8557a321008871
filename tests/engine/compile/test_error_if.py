"""Errors out of compiled code: told when the condition is true, and only then."""

import jax
import jax.numpy as jnp
import pytest

from engine import augment, compile


def check(x, /, *args, **kwargs):
    compile.jit_error_if(x > 1, *args, **kwargs)
    return x


def test_raises_at_once_outside_of_a_trace():
    assert check(0.5, "too large") == 0.5
    with pytest.raises(compile.JitError, match=r"^too large$"):
        check(2.0, "too large")


@pytest.mark.parametrize("transform", [compile.jit, jax.jit, augment.vmap])
def test_raises_when_the_program_runs(transform):
    x = 2.0 if transform is not augment.vmap else jnp.array([0.0, 2.0])
    f = transform(lambda x: check(x, "x is {x}", x=x))
    f(x * 0)
    with pytest.raises(jax.errors.JaxRuntimeError, match=r"x is 2\.0"):
        jax.block_until_ready((f(x), jax.effects_barrier()))


def test_names_the_elements_and_lanes():
    x = jnp.zeros((3, 4)).at[1, 2].set(5.0).at[2, 0].set(5.0)
    with pytest.raises(compile.JitError, match=r"large \(at \[1, 2\], \[2, 0\]\)"):
        check(x, "large")
    lanes = augment.vmap(augment.vmap(lambda x: check(x, "large {0}", x)))
    with pytest.raises(Exception, match=r"large 5\.0 \(at \[1, 2\], \[2, 0\]\)"):
        jax.block_until_ready(lanes(x))


def test_many_places_are_cut_short():
    with pytest.raises(compile.JitError, match=r"\(at 0, 1, 2, 3, 4, \.\.\.\)"):
        check(jnp.full(9, 2.0), "large")


def test_a_function_makes_the_message_or_raises():
    with pytest.raises(compile.JitError, match=r"got 2\.0 of 3"):
        check(2.0, lambda x, n: f"got {x} of {n}", 2.0, n=3)

    def raises(x):
        raise ValueError(f"not {x}")

    with pytest.raises(compile.JitError, match=r"ValueError: not 2\.0"):
        check(2.0, raises, 2.0)


def test_the_message_is_not_made_while_the_condition_is_false():
    def never(*_):
        raise AssertionError

    check(0.0, never)
    jax.block_until_ready(compile.jit(lambda x: check(x, never))(0.0))


def test_gradients_pass_through():
    assert augment.grad(lambda x: check(x, "large") ** 2)(0.5) == 1.0
