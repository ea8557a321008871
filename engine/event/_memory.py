"""Memory for tables: where JAX takes it as it is, and in large pages."""

from typing import Any

import numpy as np

LINE = 64  # JAX uses memory that begins at such a place without a copy


def blank(size: int, dtype: Any) -> np.ndarray:
    """Return zeros that `jax.device_put` does not copy.

    NumPy asks the system for large pages where an array is large: rows of a table
    are read in no order, and with small pages every row would miss its address.
    """
    n_bytes = size * np.dtype(dtype).itemsize
    raw = np.zeros(n_bytes + LINE, np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + n_bytes].view(dtype)


def settled(array: np.ndarray, dtype: Any) -> np.ndarray:
    """Return an array in such memory; itself if it is."""
    is_there = array.dtype == dtype and array.flags.c_contiguous
    if is_there and array.ctypes.data % LINE == 0:
        return array
    place = blank(array.size, dtype)
    place[...] = array.reshape(-1)
    return place.reshape(array.shape)


def joined(parts: list[np.ndarray], dtype: Any) -> np.ndarray:
    """Return parts one after the other, and empty the list as they are copied."""
    whole = blank(sum(part.size for part in parts), dtype)
    end = whole.size
    while parts:
        part = parts.pop()
        whole[end - part.size : end] = part
        end -= part.size
    return whole
