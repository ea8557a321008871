"""The product of spikes and a sparse matrix, with checks and units."""

from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from .. import environ
from .._errors import EngineError
from ._blocks import is_narrow, n_blocks
from ._memory import settled
from ._primitive import csr_push
from ._rule import event_product
from ._scatter import Table, scatter_linear

MAX_SYNAPSES = 2**31 - 1


class EventError(EngineError, ValueError):
    """Operands of an event product that do not fit together."""


product = event_product(csr_push, scatter_linear)


def split_unit(x: Any) -> tuple[jax.Array, u.Unit]:
    """Split an operand into array and unit."""
    if isinstance(x, u.Quantity):
        return jnp.asarray(x.mantissa), x.unit
    return jnp.asarray(x), u.UNITLESS


def join_unit(x: jax.Array, unit: u.Unit) -> Any:
    """Attach a unit, unless there is none."""
    return x if unit.is_unitless else u.Quantity(x, unit=unit)


def as_events(spikes: jax.Array, dtype: Any) -> jax.Array:
    """Keep bool; turn any other number into the dtype of the weights."""
    return spikes if spikes.dtype == jnp.bool_ else spikes.astype(dtype)


def as_weight(weight: jax.Array) -> jax.Array:
    """Turn whole numbers into real ones."""
    if jnp.issubdtype(weight.dtype, jnp.floating):
        return weight
    return weight.astype(environ.dftype())


def csr_matvec(
    spikes: Any,
    indptr: Any,
    indices: Any,
    weight: Any,
    n_post: int,
    out: Any = None,
) -> Any:
    r"""Sum the weights of the synapses that spikes arrive at.

    .. math:: y_j = out_j + \sum_{i:\, s_i \ne 0} s_i \sum_{k:\, indices_k = j} w_k,
              \qquad indptr_i \le k < indptr_{i+1}

    Parameters
    ----------
    spikes : bool or real array, shape (*batch, n_pre), any unit
        Events. Only neurons that are not zero cost time, and only they meet their
        weights: 0 times infinity does not occur.
    indptr : int32 array, shape (n_pre + 1,)
        Where the row of each source neuron begins. May be traced.
    indices : uint32 or int32 array, shape (capacity,)
        Target neurons; entries from ``indptr[-1]`` on are not looked at. May be
        traced, so that a table can be replaced without compiling again. See
        `check_table`. Of uint16 the targets are numbered in blocks of 2^16 neurons,
        and `indptr` has ``n_pre * n_blocks + 1`` entries.
    weight : real array, shape () or (capacity,), any unit
        One weight for all synapses, or one each.
    n_post : int
        Number of target neurons.
    out : array, shape (*batch, n_post), unit of the product, optional
        Added to; its memory is used again where possible. Left out, zero.

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
    unit: Any = spike_unit * weight_unit
    weight = as_weight(weight)
    table = Table(jnp.asarray(indptr), jnp.asarray(indices))
    if weight.shape == (1,) and table.indices.shape != (1,):
        weight = weight.reshape(())
    _check_operands(spikes, table, weight, n_post)
    shape = (*spikes.shape[:-1], n_post)
    if out is None:
        out = jnp.zeros(shape, weight.dtype)
    else:
        out = out.to_decimal(unit) if isinstance(out, u.Quantity) else out
        out = jnp.asarray(out, weight.dtype)
    if out.shape != shape:
        raise EventError(
            f"event.csr_matvec: out has shape {out.shape}, but spikes {spikes.shape} "
            f"and n_post = {n_post} need {shape}."
        )
    spikes = as_events(spikes, weight.dtype)
    return join_unit(product(out, spikes, table, weight), unit)


def csr_matvec_add(
    out: Any, spikes: Any, indptr: Any, indices: Any, weight: Any
) -> Any:
    """Add the product to `out`: `csr_matvec` with `n_post` from its last axis."""
    return csr_matvec(spikes, indptr, indices, weight, u.math.shape(out)[-1], out)


def _check_operands(
    spikes: jax.Array, table: Table, weight: jax.Array, n_post: int
) -> None:
    """Refuse operands whose shapes or dtypes do not fit together."""
    count = n_blocks(n_post) if is_narrow(table.indices) else 1
    if spikes.ndim == 0 or table.indptr.shape != (spikes.shape[-1] * count + 1,):
        raise EventError(
            f"event.csr_matvec: spikes have shape {spikes.shape} and indptr "
            f"{table.indptr.shape}. Give spikes (..., n_pre) and indptr (n_pre + 1,)."
        )
    if weight.shape not in ((), table.indices.shape):
        raise EventError(
            f"event.csr_matvec: weight has shape {weight.shape} and indices "
            f"{table.indices.shape}. Give one weight, or one for each of the indices."
        )
    if table.indptr.dtype != jnp.int32 or table.indices.dtype not in (
        jnp.int32,
        jnp.uint32,
        jnp.uint16,
    ):
        raise EventError(
            f"event.csr_matvec: indptr is {table.indptr.dtype} and indices "
            f"{table.indices.dtype}. Give int32, and uint32, int32 or uint16 (see "
            "event.check_table)."
        )


def check_table(
    indptr: Any, indices: Any, n_pre: int, n_post: int
) -> tuple[np.ndarray, np.ndarray]:
    """Check a table on the host, once, and give it the dtypes of the kernels.

    Parameters
    ----------
    indptr : int array, shape (n_pre + 1,)
    indices : int array, shape (capacity,)
    n_pre, n_post : int
        Number of source and target neurons.

    Returns
    -------
    indptr : int32 array
    indices : uint32 array

    Raises
    ------
    EventError
        If `indptr` does not rise from 0 to at most ``len(indices)``, or a target is
        not one of the `n_post` neurons.
    """
    indptr, indices = np.asarray(indptr), np.asarray(indices)
    if indptr.shape != (n_pre + 1,) or indices.ndim != 1:
        raise EventError(
            f"event.check_table: indptr has shape {indptr.shape} and indices "
            f"{indices.shape}; {n_pre} source neurons need ({n_pre + 1},) and one axis."
        )
    if indptr[0] != 0 or np.any(np.diff(indptr) < 0) or indptr[-1] > indices.size:
        raise EventError(
            f"event.check_table: indptr runs from {indptr[0]} to {indptr[-1]}; it must "
            f"rise from 0 to at most the number of indices, {indices.size}."
        )
    if indices.size > MAX_SYNAPSES:
        raise EventError(
            f"event.check_table: {indices.size} synapses; one table holds at most "
            f"{MAX_SYNAPSES}. Divide the projection."
        )
    used = indices[: indptr[-1]]
    if used.size and not (used.min() >= 0 and used.max() < n_post):
        raise EventError(
            f"event.check_table: targets run from {used.min()} to {used.max()}, but "
            f"there are only the neurons 0 to {n_post - 1}."
        )
    return settled(indptr, np.int32), settled(indices, np.uint32)
