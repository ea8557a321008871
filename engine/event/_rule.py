"""One rule for every event product: forward by events, derivatives by a linear form."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero

Forward = Callable[[jax.Array, jax.Array, Any, jax.Array], jax.Array]
Linear = Callable[[jax.Array, Any, jax.Array, int], jax.Array]


def event_product(forward: Forward, linear: Linear) -> Forward:
    r"""Make the differentiable product :math:`out + s W` of spikes and weights.

    Parameters
    ----------
    forward : callable
        ``forward(out, spikes, table, weight)``; its cost follows the spikes.
    linear : callable
        ``linear(spikes, table, weight, n_post)``, the same without `out`, in JAX
        operations and linear in `spikes` and in `weight`.

    Returns
    -------
    callable
        As `forward`. Its derivative is
        :math:`d\,out + linear(ds, W) + linear(s, dW)`, where parts without a tangent
        are left out; reverse mode is that form transposed by JAX, and `vmap` batches
        both forms.
    """

    @jax.custom_jvp
    def product(out: Any, spikes: Any, table: Any, weight: Any) -> jax.Array:
        return forward(out, spikes, table, weight)

    def rule(primals: tuple, tangents: tuple) -> tuple[jax.Array, jax.Array]:
        out, spikes, table, weight = primals
        d_out, d_spikes, _, d_weight = tangents
        y = product(out, spikes, table, weight)
        dy = jnp.zeros_like(y) if isinstance(d_out, SymbolicZero) else d_out
        n_post = y.shape[-1]
        if not isinstance(d_spikes, SymbolicZero):
            dy = dy + linear(d_spikes, table, weight, n_post)
        if not isinstance(d_weight, SymbolicZero):
            dy = dy + linear(spikes, table, d_weight, n_post)
        return y, dy

    product.defjvp(rule, symbolic_zeros=True)
    return product
