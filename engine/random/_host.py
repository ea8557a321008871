"""Draws for known keys: many lengths share one compiled program.

With the counters of Threefry the first numbers of a longer draw are those of a shorter
one, so a draw is made for a length that many share, and cut. The shifting and
stretching is done by NumPy, which compiles nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from .._tracing import is_traced

SMALLEST, LARGEST = 4096, 2**16


def standard(
    sample: Callable[..., jax.Array], key: Any, shape: tuple[int, ...], dtype: Any
) -> np.ndarray | None:
    """Draw standard numbers of a known key; None where this is not the way.

    Parameters
    ----------
    sample : callable ``(key, shape, dtype)``
        Draws each number from its own counter.
    key : key
    shape : tuple of int
    dtype : dtype
    """
    n = math.prod(shape)
    if (
        n > LARGEST or is_traced(key) or not jax.config.jax_threefry_partitionable  # pyright: ignore[reportAttributeAccessIssue]
    ):
        return None
    room = max(SMALLEST, 1 << max(n - 1, 0).bit_length())
    with jax.ensure_compile_time_eval():
        return np.asarray(sample(key, (room,), dtype))[:n].reshape(shape)
