"""The tables of event products, as threads and rings of sums want them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..event._blocks import WIDTH, blocks_of, is_narrow
from ._turns import GRAIN

_AT_ONCE = 2**20  # synapses looked at together


def within(targets: np.ndarray, n: int) -> np.ndarray:
    """Send what is out of range to the spare element after the last.

    Native code looks at no bounds, but where targets are numbered in blocks.
    """
    if is_narrow(targets):
        is_wrong = n < WIDTH and targets.size and targets.max() >= n
        return np.minimum(targets, np.uint16(n)) if is_wrong else targets
    numbers = np.ascontiguousarray(targets).view(np.uint32)
    if numbers.size and numbers.max() >= n:
        return np.minimum(numbers, np.uint32(n)).view(targets.dtype)
    return targets


def _share(n_post: int, n_parts: int) -> int:
    """Return how many targets a part has, at most."""
    units = -(-n_post // GRAIN)
    return -(-units // n_parts) * GRAIN


def parts_of(
    indptr: np.ndarray, indices: np.ndarray, n_pre: int, n_post: int, n_parts: int
) -> np.ndarray | None:
    """Return where each part of each row begins, and where the last ends.

    Returns None if the targets of a row are not in order.
    """
    ends, count = indptr, blocks_of(indptr, indices, n_pre)
    indptr = indptr[::count]
    each = _share(n_post, n_parts)
    found = np.empty((n_parts + 1, n_pre), np.int32)
    bounds = np.minimum(indptr.astype(np.int64), indices.size)
    found[0], found[-1] = bounds[:-1], bounds[1:]
    at_once = max(1, int(_AT_ONCE / max(indices.size / max(n_pre, 1), 1)))
    for first in range(0, n_pre, at_once):
        last = min(first + at_once, n_pre)
        rows = np.arange(last - first, dtype=np.int64)
        start = bounds[first]
        width = n_post + 1  # the spare element is a target too
        here = ends[first * count : last * count + 1].astype(np.int64)
        keys = _targets(here, indices, count)
        keys += np.repeat(rows * width, np.diff(bounds[first : last + 1]))
        if n_parts > 1 and np.any(keys[1:] < keys[:-1]):
            return None
        for part in range(1, n_parts):
            limits = rows * width + min(part * each, n_post)
            found[part, first:last] = start + np.searchsorted(keys, limits)
    return found


def _targets(ends: np.ndarray, indices: np.ndarray, count: int) -> np.ndarray:
    """Return the targets of some rows, whose blocks end there, as long numbers."""
    ends = np.minimum(ends, indices.size)
    if not is_narrow(indices):
        return indices.view(np.uint32)[ends[0] : ends[-1]].astype(np.int64)
    bases = np.arange(ends.size - 1, dtype=np.int64) % count * WIDTH
    return indices[ends[0] : ends[-1]] + np.repeat(bases, np.diff(ends))


def by_source(
    indptr: np.ndarray,
    indices: np.ndarray,
    weights: np.ndarray | None,
    n_pre: int,
    n_post: int,
    n_parts: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Sort a table that is in the order of delays by source neuron.

    Parameters
    ----------
    indptr : int array, shape (n_delays * n_pre + 1,)
        Where the synapses of a delay and a neuron begin, delay by delay.
    indices : int array, shape (n_synapses,)
        Targets; what is out of range is left out.
    weights : array, shape (n_synapses,), or None
    n_pre, n_post, n_parts : int
        Number of sources, of targets, and of parts that targets are divided into.

    Returns
    -------
    rows : int32 array, shape (n_parts * (n_pre + 1),)
        For each part where the synapses of each neuron begin, and the end.
    places : uint32 array
        Targets in a ring with a row for each delay, the shortest first.
    weights : array or None
    """
    ends = np.minimum(indptr.astype(np.int64), indices.size)
    row = np.repeat(np.arange(ends.size - 1, dtype=np.int32), np.diff(ends))
    target = np.ascontiguousarray(indices).view(np.uint32)[ends[0] : ends[-1]]
    delay, source = np.divmod(row, np.int32(max(n_pre, 1)))
    key = source if n_parts == 1 else _part(target, n_post, n_parts) * n_pre + source
    order = np.argsort(key, kind="stable")
    order = order[target[order] < n_post]
    starts = np.searchsorted(key[order], np.arange(n_parts * n_pre + 1))
    rows = np.empty((n_parts, n_pre + 1), np.int32)
    rows[:, :-1] = starts[:-1].reshape(n_parts, n_pre)
    rows[:, -1] = starts[n_pre::n_pre] if n_pre else 0
    places = delay.astype(np.uint32)[order] * np.uint32(n_post) + target[order]
    own = None if weights is None else weights[ends[0] : ends[-1]][order]
    return rows.reshape(-1), places, own


def _part(target: np.ndarray, n_post: int, n_parts: int) -> Any:
    """Return the part of the targets that each belongs to."""
    each = np.uint32(max(_share(n_post, n_parts), 1))
    return np.minimum(target // each, n_parts - 1).astype(np.int32)
