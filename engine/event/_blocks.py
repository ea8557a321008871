"""Tables whose targets take 16 bits: half the memory, and half the way to the cache.

Targets are numbered within blocks of 2^16 neurons. Where there are more, a row is
divided into its blocks: `indptr` has an entry for each block of each row, so that a
table is one of ``n_pre * n_blocks`` shorter rows, in the same order of synapses.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from ._backend import backend
from ._memory import settled

WIDTH = 2**16
FEWEST = 32  # synapses of a row in a block, on average: fewer cost more than they save
_AT_ONCE = 2**20  # synapses looked at together


def n_blocks(n_post: int) -> int:
    """Return how many blocks there are for so many targets."""
    return max(1, -(-n_post // WIDTH))


def is_narrow(indices: Any) -> bool:
    """Tell whether targets are numbered within blocks."""
    return indices.dtype == np.uint16


def blocks_of(indptr: Any, indices: Any, n_pre: int) -> int:
    """Return how many blocks each row of a table has."""
    return (indptr.shape[0] - 1) // n_pre if is_narrow(indices) and n_pre else 1


def is_dense(n: float, n_pre: int, n_post: int) -> bool:
    """Tell whether native code gains by blocks in a table of `n` synapses."""
    count = n_blocks(n_post)
    return n > 0 and (count == 1 or n >= FEWEST * n_pre * count)


def narrowed(
    indptr: np.ndarray, indices: np.ndarray, n_pre: int, n_post: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return a table with targets in 16 bits, or itself if nothing is gained.

    So it is where XLA runs it, where blocks would be nearly empty, and where the
    targets of a row are not in the order of blocks, as its weights have an order.
    """
    count = n_blocks(n_post)
    gains = is_dense(int(indptr[-1]), n_pre, n_post)
    if not gains or backend().name != "native":
        return indptr, indices
    rows = indptr if count == 1 else _block_ends(indptr, indices, count)
    if rows is None:
        return indptr, indices
    small = settled(indices.astype(np.uint16), np.uint16)  # the lower 16 bits
    return settled(rows, np.int32), small


def _block_ends(
    indptr: np.ndarray, indices: np.ndarray, count: int
) -> np.ndarray | None:
    """Return where each block of each row begins; None if rows are not in order."""
    n_pre = indptr.size - 1
    starts = np.empty(n_pre * count + 1, np.int32)
    at_once = max(1, int(_AT_ONCE * n_pre / max(int(indptr[-1]), 1)))
    for first in range(0, n_pre, at_once):
        last = min(first + at_once, n_pre)
        start, stop = indptr[first], indptr[last]
        keys = (indices[start:stop] >> 16).astype(np.int64)
        degrees = np.diff(indptr[first : last + 1])
        keys += np.repeat(np.arange(last - first) * count, degrees)
        if np.any(keys[1:] < keys[:-1]):
            return None
        numbers = np.arange((last - first) * count)
        place = slice(first * count, last * count)
        starts[place] = start + np.searchsorted(keys, numbers)
    starts[-1] = indptr[-1]
    return starts


def widened(indptr: Any, indices: Any, n_pre: int) -> tuple[Any, Any]:
    """Return a table whose targets are whole words, from either kind.

    Parameters
    ----------
    indptr, indices : arrays
        The table, of JAX or NumPy; may be traced.
    n_pre : int
        Number of source neurons.
    """
    if not is_narrow(indices):
        return indptr, indices
    count = blocks_of(indptr, indices, n_pre)
    whole = indices.astype(np.uint32)
    if count == 1:
        return indptr, whole
    if isinstance(indices, np.ndarray):
        n = np.diff(indptr)
        bases = np.repeat(np.arange(n.size, dtype=np.uint32) % np.uint32(count), n)
        whole[: bases.size] += bases * np.uint32(WIDTH)
    else:
        synapse = jnp.arange(indices.shape[0], dtype=indptr.dtype)
        row = jnp.searchsorted(indptr, synapse, side="right") - 1
        whole = whole + (row % count).astype(jnp.uint32) * jnp.uint32(WIDTH)
    return indptr[::count], whole
