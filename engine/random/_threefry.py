"""Keys of known keys by NumPy: bit for bit those of JAX, without a program to compile.

The first split of a session costs a tenth of a second in XLA; here it costs nothing.
Threefry-2x32 with 20 rounds: Salmon et al., "Parallel random numbers: as easy as
1, 2, 3", SC 2011.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.random as jr
import numpy as np

from .._host import on_host
from .._tracing import is_traced, is_tracing

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = np.uint32(0x1BD11BDA)


def _is_ours(key: Any) -> bool:
    """Tell whether a key is raw, known, and split the way that is written here.

    In a trace a known key is its constant, and what is split off is computed there.
    """
    config: Any = jax.config
    return (
        not is_tracing()
        and not is_traced(key)
        and getattr(key, "dtype", None) == np.uint32
        and np.shape(key) == (2,)
        and config.jax_default_prng_impl == "threefry2x32"
        and bool(config.jax_threefry_partitionable)
    )


def _block(key: np.ndarray, high: np.ndarray, low: np.ndarray) -> np.ndarray:
    """Encrypt counters ``high, low`` of shape [n] to words [n, 2]."""
    words = (key[0], key[1], key[0] ^ key[1] ^ _PARITY)
    x, y = high + words[0], low + words[1]
    for group in range(5):
        for by in _ROTATIONS[group % 2]:
            x = x + y
            y = ((y << np.uint32(by)) | (y >> np.uint32(32 - by))) ^ x
        x = x + words[(group + 1) % 3]
        y = y + words[(group + 2) % 3] + np.uint32(group + 1)
    return np.stack([x, y], axis=-1)


def split_off(key: Any, n: int | None) -> tuple[jax.Array, jax.Array]:
    """Split a key into the next one, and `n` to use; one without an axis if None."""
    count, fresh = (2, 1) if n is None else (n + 1, slice(1, None))
    if not _is_ours(key):
        keys = jr.split(key, count)
        return keys[0], keys[fresh]
    low = np.arange(count, dtype=np.uint32)
    known = _block(np.asarray(key), np.zeros_like(low), low)
    return on_host(known[0]), on_host(known[fresh])


def fold_in(key: Any, word: int) -> jax.Array:
    """Give ``jax.random.fold_in(key, word)``."""
    if not _is_ours(key):
        return jr.fold_in(key, word)
    zero, low = np.zeros(1, np.uint32), np.array([word], np.uint32)
    return on_host(_block(np.asarray(key), zero, low)[0])


def of_seed(seed: int) -> jax.Array:
    """Give ``jax.random.PRNGKey(seed)``."""
    key = np.array([0, seed & 0xFFFFFFFF], np.uint32)
    if not 0 <= seed < 2**31 or not _is_ours(key):
        return jr.PRNGKey(seed)
    return on_host(key)
