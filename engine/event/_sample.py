"""Who is connected to whom, drawn on the host.

Rows are drawn in blocks, each from a generator of its own (seed, block number), so
the table depends on the seed and the sizes only, never on the number of threads.
"""

import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ._csr import MAX_SYNAPSES, EventError
from ._memory import blank, joined

BLOCK = 2**17  # synapses drawn together: about 1 MB, stays in a core's cache
MAX_THREADS = 4

CSR = tuple[np.ndarray, np.ndarray]


def _entropy(seed: Any) -> list[int]:
    """Turn a seed or a key into the words of a NumPy seed sequence."""
    if seed is None:
        return [secrets.randbits(64)]
    if isinstance(seed, jax.Array) and jnp.issubdtype(seed.dtype, jax.dtypes.prng_key):
        seed = jax.random.key_data(seed)
    words = np.atleast_1d(
        np.asarray(seed, dtype=object if np.ndim(seed) == 0 else None)
    )
    return [int(word) % 2**64 for word in words.ravel()]


def _generator(entropy: list[int], block: int) -> np.random.Generator:
    """Make the generator of one block."""
    sequence = np.random.SeedSequence([*entropy, block])
    return np.random.Generator(np.random.SFC64(sequence))


def _check(where: str, n_synapses: float) -> None:
    """Refuse tables that are too large to be indexed."""
    if n_synapses > MAX_SYNAPSES:
        raise EventError(
            f"event.{where}: about {n_synapses:.3g} synapses, but one table holds at "
            f"most {MAX_SYNAPSES}. Divide the projection, or lower the probability."
        )


def _by_blocks(
    draw: Callable[[np.random.Generator, int, int], CSR],
    n_rows: int,
    degree: float,
    seed: Any,
) -> CSR:
    """Draw all rows by ``draw(generator, first, last) -> (degrees, columns)``."""
    entropy = _entropy(seed)
    rows_at_once = max(1, int(BLOCK / max(degree, 1.0)))
    starts = range(0, n_rows, rows_at_once)

    def block(i: int) -> CSR:
        first = starts[i]
        return draw(_generator(entropy, i), first, min(first + rows_at_once, n_rows))

    n_threads = min(MAX_THREADS, os.cpu_count() or 1, len(starts))
    if n_threads > 1:
        with ThreadPoolExecutor(n_threads) as pool:
            parts = list(pool.map(block, range(len(starts))))
    else:
        parts = [block(i) for i in range(len(starts))]
    indptr = np.zeros(n_rows + 1, np.int64)
    np.cumsum(
        np.concatenate([np.zeros(0, np.int64), *(d for d, _ in parts)]), out=indptr[1:]
    )
    _check("sample", indptr[-1])
    columns = [c for _, c in parts]
    del parts
    return indptr.astype(np.int32), joined(columns, np.uint32)


def _split_positions(
    positions: np.ndarray, first: int, last: int, n_columns: int, skips_self: bool
) -> CSR:
    """Split sorted positions in the grid of some rows into degrees and columns."""
    bounds = np.arange(last - first + 1, dtype=np.int64) * n_columns
    degrees = np.diff(np.searchsorted(positions, bounds))
    columns = positions - np.repeat(bounds[:-1], degrees)
    if skips_self:
        columns += columns >= np.repeat(np.arange(first, last), degrees)
    return degrees, columns.astype(np.uint32)


def _n_columns(n_pre: int, n_post: int, allow_self: bool) -> tuple[int, bool]:
    """Give the number of possible targets, and whether one's own place is left out."""
    skips_self = not allow_self and n_pre == n_post
    return n_post - skips_self, skips_self


def sample_fixed_prob(
    n_pre: int,
    n_post: int,
    prob: float,
    seed: Any = None,
    allow_self: bool = True,
    allow_multi: bool = False,
) -> CSR:
    """Connect every pair with the same probability.

    Parameters
    ----------
    n_pre, n_post : int
        Number of source and target neurons.
    prob : float, in [0, 1]
        Probability of a connection.
    seed : int or key, optional
        From system entropy if left out.
    allow_self : bool
        Whether neuron i may connect to neuron i; it is looked at for equal numbers
        only. Default True.
    allow_multi : bool
        False: each pair is connected at most once (exact Bernoulli draws). True: as
        many connections, to targets drawn with replacement. Default False.

    Returns
    -------
    indptr : int32 array, shape (n_pre + 1,)
    indices : uint32 array, sorted in each row

    Raises
    ------
    EventError
        If `prob` is no probability, or there are too many synapses.
    """
    if not 0 <= prob <= 1:
        raise EventError(
            f"event.sample_fixed_prob: prob = {prob}, but it must lie in [0, 1]."
        )
    n_columns, skips_self = _n_columns(n_pre, n_post, allow_self)
    _check("sample_fixed_prob", prob * n_pre * n_columns)

    def draw(rng: np.random.Generator, first: int, last: int) -> CSR:
        size = (last - first) * n_columns
        if allow_multi:
            degrees = rng.binomial(n_columns, prob, last - first)
            rows = np.repeat(np.arange(last - first, dtype=np.int64), degrees)
            positions = rows * n_columns + rng.integers(0, max(n_columns, 1), rows.size)
            positions.sort()
        else:
            positions = _bernoulli_positions(rng, size, prob)
        return _split_positions(positions, first, last, n_columns, skips_self)

    return _by_blocks(draw, n_pre, prob * n_columns, seed)


def _bernoulli_positions(
    rng: np.random.Generator, size: int, prob: float
) -> np.ndarray:
    """Choose each of `size` places with probability `prob`, from gap to gap."""
    if prob in (0.0, 1.0) or size == 0:
        return np.arange(size if prob else 0, dtype=np.int64)
    rate = -np.log1p(-prob)
    parts, last = [], -1
    while last < size:
        expected = (size - last) * prob
        n = int(expected + 4 * np.sqrt(expected) + 8)
        gaps = np.minimum(rng.standard_exponential(n) / rate, float(size))
        part = np.cumsum(gaps.astype(np.int64) + 1) + last
        parts.append(part)
        last = int(part[-1])
    positions = np.concatenate(parts) if len(parts) > 1 else parts[0]
    return positions[: np.searchsorted(positions, size)]


def sample_fixed_out_degree(
    n_pre: int,
    n_post: int,
    degree: int,
    seed: Any = None,
    allow_self: bool = True,
    allow_multi: bool = False,
) -> CSR:
    """Give every source neuron the same number of targets.

    Parameters
    ----------
    degree : int
        Targets of each source neuron.
    n_pre, n_post, seed, allow_self, allow_multi
        As for `sample_fixed_prob`.

    Raises
    ------
    EventError
        If there are not so many different targets.
    """
    n_columns, skips_self = _n_columns(n_pre, n_post, allow_self)
    _check_degree("sample_fixed_out_degree", degree, n_columns, allow_multi)
    _check("sample_fixed_out_degree", float(n_pre) * degree)

    def draw(rng: np.random.Generator, first: int, last: int) -> CSR:
        shape = (last - first, degree)
        if allow_multi:
            columns = np.sort(rng.integers(0, max(n_columns, 1), shape), axis=1)
        else:
            columns = _distinct(rng, *shape, n_columns)
        if skips_self:
            columns += columns >= np.arange(first, last)[:, None]
        degrees = np.full(last - first, degree, np.int64)
        return degrees, columns.ravel().astype(np.uint32)

    return _by_blocks(draw, n_pre, degree, seed)


def _check_degree(where: str, degree: int, n: int, allow_multi: bool) -> None:
    """Refuse a degree that there are not enough neurons for."""
    if degree < 0 or (degree > 0 and n < (1 if allow_multi else degree)):
        raise EventError(
            f"event.{where}: degree {degree}, but there are {n} neurons to choose "
            "from. Lower the degree, or allow multiple connections."
        )


def _distinct(rng: np.random.Generator, n_rows: int, k: int, n: int) -> np.ndarray:
    """Draw k different numbers below n for each row, sorted; all sets equally likely.

    Numbers that came twice are drawn again: that is the set of the first k different
    numbers of a sequence.
    """
    if k > n // 2:
        is_chosen = np.ones((n_rows, n), bool)
        np.put_along_axis(is_chosen, _distinct(rng, n_rows, n - k, n), False, axis=1)
        return np.nonzero(is_chosen)[1].reshape(n_rows, k)
    chosen = np.sort(rng.integers(0, max(n, 1), (n_rows, k)), axis=1)
    while True:
        is_double = chosen[:, 1:] == chosen[:, :-1]
        rows = np.flatnonzero(is_double.any(axis=1))
        if rows.size == 0:
            return chosen
        again = chosen[rows]
        again[:, 1:][is_double[rows]] = rng.integers(0, n, np.count_nonzero(is_double))
        chosen[rows] = np.sort(again, axis=1)


def sample_fixed_in_degree(
    n_pre: int,
    n_post: int,
    degree: int,
    seed: Any = None,
    allow_self: bool = True,
    allow_multi: bool = False,
) -> CSR:
    """Give every target neuron the same number of sources.

    Parameters
    ----------
    degree : int
        Sources of each target neuron.
    n_pre, n_post, seed, allow_self, allow_multi
        As for `sample_fixed_prob`.

    Raises
    ------
    EventError
        If there are not so many different sources.
    """
    _check_degree(
        "sample_fixed_in_degree",
        degree,
        _n_columns(n_post, n_pre, allow_self)[0],
        allow_multi,
    )
    table = sample_fixed_out_degree(
        n_post, n_pre, degree, seed, allow_self, allow_multi
    )
    return transpose_table(*table, n_pre)


def transpose_table(indptr: np.ndarray, indices: np.ndarray, n_columns: int) -> CSR:
    """Turn rows of targets into rows of sources, each sorted."""
    from scipy.sparse import csr_array  # slow to import, and rarely needed

    data = np.ones(indices.size, np.int8)
    matrix = csr_array(
        (data, indices.astype(np.int32), indptr), (indptr.size - 1, n_columns)
    ).tocsc()
    return matrix.indptr.astype(np.int32), matrix.indices.astype(np.uint32)


def sample_fixed_total(
    n_pre: int,
    n_post: int,
    total: int,
    seed: Any = None,
    allow_self: bool = True,
    allow_multi: bool = False,
) -> CSR:
    """Connect a given number of pairs, all equally likely.

    Parameters
    ----------
    total : int
        Number of connections.
    n_pre, n_post, seed, allow_self, allow_multi
        As for `sample_fixed_prob`.

    Raises
    ------
    EventError
        If there are not so many different pairs.
    """
    n_columns, skips_self = _n_columns(n_pre, n_post, allow_self)
    _check_degree("sample_fixed_total", total, n_pre * n_columns, allow_multi)
    _check("sample_fixed_total", total)
    rng = _generator(_entropy(seed), 0)
    if allow_multi:
        positions = np.sort(rng.integers(0, max(n_pre * n_columns, 1), total))
    else:
        positions = _distinct(rng, 1, total, n_pre * n_columns)[0]
    degrees, columns = _split_positions(positions, 0, n_pre, n_columns, skips_self)
    return _indptr(degrees), columns


def _indptr(degrees: np.ndarray) -> np.ndarray:
    """Sum degrees to the beginnings of rows."""
    return np.concatenate([[0], np.cumsum(degrees)]).astype(np.int32)


def one_to_one(n: int) -> CSR:
    """Connect neuron i to neuron i."""
    return np.arange(n + 1, dtype=np.int32), np.arange(n, dtype=np.uint32)


def all_to_all(n_pre: int, n_post: int, allow_self: bool = True) -> CSR:
    """Connect every pair; without those of a neuron and itself if so wished."""
    return sample_fixed_prob(n_pre, n_post, 1.0, 0, allow_self)


def pad_table(indptr: np.ndarray, indices: np.ndarray, capacity: int) -> CSR:
    """Give a table spare room, so that a larger one fits its place later.

    Parameters
    ----------
    capacity : int
        Length of the new `indices`.

    Raises
    ------
    EventError
        If the table has more synapses than that.
    """
    if indices.size > capacity:
        raise EventError(
            f"event.pad_table: {indices.size} synapses do not fit {capacity}."
        )
    padded = blank(capacity, indices.dtype)
    padded[: indices.size] = indices
    return indptr, padded
