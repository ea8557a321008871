"""checkpoint: the same values and gradients, computed again instead of kept."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import ParamState, State, augment, compile, nn


@pytest.mark.parametrize("policy", [None, jax.checkpoint_policies.everything_saveable])
def test_values_and_gradients_stay(policy):
    w, n = ParamState(jnp.float32(0.5)), State(0)

    def f(x):
        n.value += 1
        return jnp.sin(jnp.sin(w.value * x))

    again = compile.checkpoint(f, policy=policy)
    x = jnp.array([1.0, 2.0])
    np.testing.assert_allclose(again(x), f(x), rtol=1e-6)
    assert n.value == 2
    ours = augment.grad(lambda: again(x).sum(), grad_states=w)()
    np.testing.assert_allclose(
        ours, augment.grad(lambda: f(x).sum(), grad_states=w)(), rtol=1e-6
    )


def test_inner_values_are_computed_again():
    def n_sines(f):
        jaxpr = jax.make_jaxpr(jax.grad(lambda x: f(x).sum()))(jnp.ones(2))
        return str(jaxpr).count("= sin")

    def f(x):
        return jnp.sin(jnp.sin(jnp.sin(x)))

    assert n_sines(compile.checkpoint(f)) > n_sines(f)
    assert n_sines(compile.remat(f)) == n_sines(jax.checkpoint(f))


def test_a_module_and_static_arguments():
    layer = nn.Linear(2, 3)
    x = jnp.ones((4, 2))
    np.testing.assert_allclose(compile.remat(layer)(x), layer(x), rtol=1e-6)

    @compile.checkpoint(static_argnums=1)
    def power(x, n):
        return x**n if isinstance(n, int) else None

    assert power(2.0, 3) == 8.0
