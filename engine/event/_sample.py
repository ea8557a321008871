"""Who is connected to whom, drawn on the host.

Every row of a random table follows from the seed and its number alone (`_rows`), so
that the table depends on the seed and the sizes only, never on the number of threads,
and so that a row can be made when its neuron spikes, without any table.
"""

import secrets
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ._csr import MAX_SYNAPSES, EventError
from ._memory import blank
from ._rows import Recipe, draw, draw_transposed, problem, recipe

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


def check_size(where: str, n_synapses: float) -> None:
    """Refuse tables that are too large to be indexed."""
    if n_synapses > MAX_SYNAPSES:
        raise EventError(
            f"event.{where}: about {n_synapses:.3g} synapses, but one table holds at "
            f"most {MAX_SYNAPSES}. Divide the projection, or lower the probability."
        )


def _check_sizes(where: str, n_pre: int, n_post: int) -> None:
    """Refuse more neurons than a word of 32 bits can count, with a sign."""
    if max(n_pre, n_post) > MAX_SYNAPSES:
        raise EventError(
            f"event.{where}: {n_pre} and {n_post} neurons, but there can be at most "
            f"{MAX_SYNAPSES} on a side. Divide the population."
        )


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

    Notes
    -----
    A row follows from the seed and its number alone: `JITFixedProb` has the same
    connections without a table. The probability of each pair, given all pairs before
    it, is `prob` to 2^-26.
    """
    rows = recipe_fixed_prob(
        "sample_fixed_prob", n_pre, n_post, prob, seed, allow_self, allow_multi
    )
    check_size("sample_fixed_prob", prob * n_pre * n_post)
    return draw(rows, prob * n_post, partial(check_size, "sample_fixed_prob"))


def recipe_fixed_prob(
    where: str,
    n_pre: int,
    n_post: int,
    prob: float,
    seed: Any,
    allow_self: bool,
    allow_multi: bool,
) -> Recipe:
    """Return the rows of `sample_fixed_prob`, which are not yet written out."""
    _check_sizes(where, n_pre, n_post)
    if not 0 <= prob <= 1:
        raise EventError(f"event.{where}: prob = {prob}, but it must lie in [0, 1].")
    return recipe(
        n_pre,
        n_post,
        _entropy(seed),
        prob=float(prob),
        skips_self=_n_columns(n_pre, n_post, allow_self)[1],
        is_multi=allow_multi,
    )


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

    Notes
    -----
    All sets of targets are equally likely, to 2^-32 for each candidate. A row follows
    from the seed and its number alone, as `JITFixedOutDegree` needs it.
    """
    where = "sample_fixed_out_degree"
    rows = recipe_fixed_degree(
        where, n_pre, n_post, degree, seed, allow_self, allow_multi
    )
    check_size(where, float(n_pre) * degree)
    return draw(rows, degree, partial(check_size, where))


def recipe_fixed_degree(
    where: str,
    n_pre: int,
    n_post: int,
    degree: int,
    seed: Any,
    allow_self: bool,
    allow_multi: bool,
) -> Recipe:
    """Return the rows of `sample_fixed_out_degree`, which are not yet written out."""
    _check_sizes(where, n_pre, n_post)
    n_columns, skips_self = _n_columns(n_pre, n_post, allow_self)
    _check_degree(where, degree, n_columns, allow_multi)
    return recipe(
        n_pre,
        n_post,
        _entropy(seed),
        degree=int(degree),
        skips_self=skips_self,
        is_multi=allow_multi,
    )


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
    where = "sample_fixed_in_degree"
    rows = recipe_fixed_degree(
        where, n_post, n_pre, degree, seed, allow_self, allow_multi
    )
    check_size(where, float(n_post) * degree)
    check = partial(check_size, where)
    if problem() is None:
        return draw_transposed(rows, degree, check)
    return transpose_table(*draw(rows, degree, check), n_pre)


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
    check_size("sample_fixed_total", total)
    sequence = np.random.SeedSequence([*_entropy(seed), 0])
    rng = np.random.Generator(np.random.SFC64(sequence))
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
