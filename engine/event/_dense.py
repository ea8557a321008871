"""The product of spikes and a dense matrix."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from ._csr import EventError, as_events, as_weight, join_unit, split_unit
from ._rule import event_product
from ._scatter import compact


def _add_rows(out: jax.Array, spikes: jax.Array, weight: jax.Array) -> jax.Array:
    """Add the rows of the active neurons, one after another."""
    n_active, active = compact(spikes)
    real = spikes.astype(weight.dtype)

    def turn(z: jax.Array, out: jax.Array) -> jax.Array:
        return out + real[active[z]] * weight[active[z]]

    return lax.fori_loop(0, n_active, turn, out)


def _add_masked(out: jax.Array, spikes: jax.Array, weight: jax.Array) -> jax.Array:
    """Add all rows at once, with zero for those of silent neurons."""
    column = spikes[:, None]
    sent = jnp.where(column != 0, column.astype(weight.dtype) * weight, 0)
    return out + jnp.sum(sent, axis=0)


def _forward(
    out: jax.Array, spikes: jax.Array, table: None, weight: jax.Array
) -> jax.Array:
    """Pick by shape and platform: silent rows are not read on a CPU."""
    if weight.ndim == 0 or spikes.ndim > 1 or 0 in weight.shape:
        return out + _linear(spikes, table, weight, out.shape[-1])
    return lax.platform_dependent(
        out, spikes, weight, cpu=_add_rows, default=_add_masked
    )


def _linear(
    spikes: jax.Array, table: None, weight: jax.Array, n_post: int
) -> jax.Array:
    """Compute the plain matrix product."""
    del table
    real = spikes.astype(weight.dtype)
    if weight.ndim == 0:
        total = jnp.sum(real, axis=-1, keepdims=True) * weight
        return jnp.broadcast_to(total, (*spikes.shape[:-1], n_post))
    return real @ weight


_product = event_product(_forward, _linear)


def dense_matvec(spikes: Any, weight: Any, n_post: int | None = None) -> Any:
    r"""Sum the rows of a matrix that spikes pick.

    .. math:: y_j = \sum_{i:\, s_i \ne 0} s_i W_{ij}

    Parameters
    ----------
    spikes : bool or real array, shape (*batch, n_pre), any unit
        Events.
    weight : real array, shape (n_pre, n_post) or (), any unit
        A matrix, or one weight for all pairs.
    n_post : int, optional
        Number of target neurons; needed for one weight only.

    Returns
    -------
    array, shape (*batch, n_post), unit of `spikes` times unit of `weight`

    Raises
    ------
    EventError
        If shapes do not fit together.
    """
    spikes, spike_unit = split_unit(spikes)
    weight, weight_unit = split_unit(weight)
    weight = as_weight(weight)
    if weight.size == 1 and n_post is not None:
        weight = weight.reshape(())
    if weight.ndim == 2:
        n_post = weight.shape[1] if n_post is None else n_post
    if n_post is None or (weight.ndim and weight.shape != (spikes.shape[-1], n_post)):
        raise EventError(
            f"event.dense_matvec: spikes have shape {spikes.shape}, weight "
            f"{weight.shape} and n_post is {n_post}. Give a matrix (n_pre, n_post), or "
            "one weight and n_post."
        )
    out = jnp.zeros((*spikes.shape[:-1], n_post), weight.dtype)
    spikes = as_events(spikes, weight.dtype)
    unit: Any = spike_unit * weight_unit
    return join_unit(_product(out, spikes, None, weight), unit)
