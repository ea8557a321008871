"""The sparse product in XLA operations: the fallback, and the linear form for grad."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from ._blocks import widened

PIECE_MIN, PIECE_MAX = 16, 4096  # synapses of a row that a turn handles
EXACT = 2**24  # whole numbers up to here are single precision numbers
# Synapses that a turn handles on an accelerator: a share of all, within bounds.
BLOCK_SHARE, BLOCK_MIN, BLOCK_MAX = 256, 512, 65536


class Table(NamedTuple):
    """Which neurons are connected, by rows of source neurons.

    Attributes
    ----------
    indptr : int32 array, shape (n_pre + 1,)
        Where each row begins in `indices`; the last entry is the synapse count.
    indices : uint32 or int32 array, shape (capacity,)
        Targets. Entries from ``indptr[-1]`` on are spare room. Of uint16 they are
        numbered in blocks, and `indptr` has more entries: see `_blocks`.
    """

    indptr: jax.Array
    indices: jax.Array


def scatter_rows(
    out: jax.Array, spikes: jax.Array, table: Table, weight: jax.Array
) -> jax.Array:
    """Add the rows of the active neurons to `out`, one piece of a row a turn.

    For CPUs: a turn costs little there, and long prefix sums much. All operands are
    unbatched.
    """
    indptr, indices = widened(*table, spikes.shape[0])
    n_pre, n_post, capacity = spikes.shape[0], out.shape[0], indices.shape[0]
    if n_pre == 0 or capacity == 0:
        return out
    piece = min(max(capacity // n_pre, PIECE_MIN), PIECE_MAX, capacity)
    n_active, active = compact(spikes)

    def turn(carry: tuple[jax.Array, ...]) -> tuple[jax.Array, ...]:
        z, done, out = carry
        pre = active[z]
        first, last = indptr[pre] + done, jnp.minimum(indptr[pre + 1], capacity)
        begin = jnp.minimum(first, capacity - piece)  # where the slice would clamp to
        k = begin + jnp.arange(piece, dtype=begin.dtype)
        post = lax.dynamic_slice_in_dim(indices, begin, piece).astype(jnp.uint32)
        one = lax.dynamic_slice_in_dim(weight, begin, piece) if weight.ndim else weight
        if spikes.dtype != jnp.bool_:
            one = one * spikes[pre]
        post = jnp.where((k >= first) & (k < last), post, n_post)
        out = out.at[post].add(one, mode="drop")
        is_last = first + piece >= last
        return z + is_last, jnp.where(is_last, 0, done + piece), out

    start = (jnp.zeros_like(n_active), jnp.zeros_like(indptr[0]), out)
    return lax.while_loop(lambda carry: carry[0] < n_active, turn, start)[2]


def compact(spikes: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Give the number of active neurons and a list that begins with them, in order."""
    n = spikes.shape[0]
    is_active = spikes != 0
    if n <= EXACT:
        rank = prefix_sum(is_active.astype(jnp.float32)).astype(jnp.int32)
    else:
        rank = jnp.cumsum(is_active, dtype=jnp.int32)
    place = jnp.where(is_active, rank - 1, n)
    ids = (
        jnp.zeros(n, jnp.int32)
        .at[place]
        .set(jnp.arange(n, dtype=jnp.int32), mode="drop")
    )
    return rank[-1], ids


def prefix_sum(x: jax.Array) -> jax.Array:
    """Sum from the left, by 16 at a time: many times faster than cumsum on a CPU.

    Exact for up to `EXACT` flags.
    """
    width = 16
    n = x.shape[0]
    groups = jnp.pad(x, (0, -n % width)).reshape(-1, width)
    triangle = jnp.triu(jnp.ones((width, width), x.dtype))
    inner = jnp.matmul(groups, triangle, precision=lax.Precision.HIGHEST)
    if inner.shape[0] > 1:
        inner = inner + (prefix_sum(inner[:, -1]) - inner[:, -1])[:, None]
    return inner.reshape(-1)[:n]


def scatter_blocks(
    out: jax.Array, spikes: jax.Array, table: Table, weight: jax.Array
) -> jax.Array:
    """Add the rows of the active neurons to `out`, a block of synapses a turn.

    For accelerators: few turns, each with much to do. The synapses of all active rows
    are numbered through, so that the shapes are static and nothing is left out. All
    operands are unbatched.
    """
    indptr, indices = widened(*table, spikes.shape[0])
    n_pre, n_post, capacity = spikes.shape[0], out.shape[0], indices.shape[0]
    if n_pre == 0 or capacity == 0:
        return out
    block = min(max(capacity // BLOCK_SHARE, BLOCK_MIN), BLOCK_MAX)
    active = jnp.nonzero(spikes, size=n_pre, fill_value=n_pre)[0].astype(jnp.int32)
    start = indptr[jnp.minimum(active, n_pre - 1)]
    stop = jnp.minimum(indptr[jnp.minimum(active, n_pre - 1) + 1], capacity)
    degree = jnp.where(active < n_pre, stop - start, 0)
    ends = jnp.cumsum(degree, dtype=jnp.int32)

    def turn(carry: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        first, out = carry
        number = first + jnp.arange(block, dtype=ends.dtype)
        row = jnp.minimum(jnp.searchsorted(ends, number, side="right"), n_pre - 1)
        k = jnp.clip(start[row] + number - (ends[row] - degree[row]), 0, capacity - 1)
        one = weight[k] if weight.ndim else weight
        if spikes.dtype != jnp.bool_:
            one = one * spikes[jnp.minimum(active[row], n_pre - 1)]
        post = jnp.where(number < ends[-1], indices[k].astype(jnp.uint32), n_post)
        return first + block, out.at[post].add(one, mode="drop")

    zero = jnp.zeros((), ends.dtype)
    return lax.while_loop(lambda carry: carry[0] < ends[-1], turn, (zero, out))[1]


def source_of_synapse(table: Table) -> jax.Array:
    """Give the source neuron of each synapse, `n_pre` for those of no row.

    By bisection: XLA would spend minutes to fold a prefix sum of a constant table.
    """
    synapse = jnp.arange(table.indices.shape[0], dtype=table.indptr.dtype)
    row = jnp.searchsorted(table.indptr, synapse, side="right") - 1
    return jnp.where(row < 0, table.indptr.shape[0] - 1, row)


def scatter_linear(
    spikes: jax.Array, table: Table, weight: jax.Array, n_post: int
) -> jax.Array:
    """Compute the product over all synapses, linear in `spikes` and in `weight`.

    JAX differentiates and transposes it by itself; it stands in wherever a tangent
    or cotangent flows, and those are not sparse.
    """
    table = Table(*widened(*table, spikes.shape[-1]))
    pre = source_of_synapse(table)
    real = spikes.astype(weight.dtype)
    sent = real.at[..., pre].get(mode="fill", fill_value=0) * weight
    is_used = pre < spikes.shape[-1]
    post: Any = jnp.where(is_used, table.indices.astype(jnp.uint32), n_post)
    zeros = jnp.zeros((*spikes.shape[:-1], n_post), weight.dtype)
    return zeros.at[..., post].add(sent, mode="drop")
