"""Random tables written out: the rows are counted first, then filled in their place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .._memory import blank, joined
from . import _library, _numpy
from ._recipe import ANY, DEGREE, IS_MULTI, Recipe

BLOCK = 2**17  # synapses drawn together
MAX_THREADS = 4

CSR = tuple[np.ndarray, np.ndarray]
Check = Callable[[int], None]


def _n_threads() -> int:
    if hasattr(os, "sched_getaffinity"):
        return min(MAX_THREADS, len(os.sched_getaffinity(0)))
    return min(MAX_THREADS, os.cpu_count() or 1)


def _each(jobs: list[range], do: Callable[[range], None]) -> None:
    """Do something for each part, on several threads."""
    n = min(_n_threads(), len(jobs))
    if n <= 1:
        for job in jobs:
            do(job)
        return
    with ThreadPoolExecutor(n) as pool:
        for _ in pool.map(do, jobs):  # raises what a thread raised
            pass


def _blocks(n_rows: int, degree: float) -> list[range]:
    """Divide rows into blocks of about equally many synapses."""
    step = max(1, int(BLOCK / max(degree, 1.0)))
    return [range(i, min(i + step, n_rows)) for i in range(0, n_rows, step)]


def draw(recipe: Recipe, degree: float, check: Check) -> CSR:
    """Write a table out.

    Parameters
    ----------
    recipe : Recipe
        Its rows.
    degree : float
        About how many targets a row has.
    check : callable
        Takes the number of synapses, and raises if these are too many.

    Returns
    -------
    indptr : int32 array, shape (n_rows + 1,)
    indices : uint32 array, sorted in each row
    """
    blocks = _blocks(recipe.n_rows, degree)
    if _library.problem() is not None:
        return _draw_slowly(recipe, blocks, check)
    indptr = blank(recipe.n_rows + 1, np.int32)
    counts = indptr[1:]
    count = lambda b: _library.call("nl_degrees", recipe, b.start, b.stop, counts)
    _each(blocks, count)
    indices = blank(_sum_up(counts, check), np.uint32)

    def fill(b: range) -> None:
        _library.call("nl_fill", recipe, b.start, b.stop, indptr, indices)
        if recipe.words[IS_MULTI]:
            _sort(recipe, indptr, indices, b)

    _each(blocks, fill)
    return indptr, indices


def _sum_up(counts: np.ndarray, check: Check) -> int:
    """Turn counts into the ends of rows, in their place; returns the last."""
    total = int(counts.sum(dtype=np.int64))
    check(total)
    np.cumsum(counts, out=counts)
    return total


def _sort(recipe: Recipe, indptr: np.ndarray, indices: np.ndarray, b: range) -> None:
    """Sort the targets of some rows; only those with replacement come unsorted."""
    part = indices[indptr[b.start] : indptr[b.stop]]
    if recipe.words[DEGREE] != ANY:
        part.reshape(len(b), -1).sort(axis=1)
        return
    degrees = np.diff(indptr[b.start : b.stop + 1])
    starts = np.repeat(np.arange(len(b), dtype=np.int64) * recipe.n_columns, degrees)
    places = starts + part
    places.sort()
    part[...] = places - starts


def _draw_slowly(recipe: Recipe, blocks: list[range], check: Check) -> CSR:
    parts = [_numpy.rows(recipe, b.start, b.stop) for b in blocks]
    indptr = blank(recipe.n_rows + 1, np.int32)
    if parts:
        indptr[1:] = np.concatenate([degrees for degrees, _ in parts])
        _sum_up(indptr[1:], check)
    return indptr, joined([targets for _, targets in parts], np.uint32)


def draw_transposed(recipe: Recipe, degree: float, check: Check) -> CSR:
    """Write out the table whose columns are the rows of a recipe.

    Parameters and results are as for `draw`, with as many rows as the recipe has
    columns. No other table is made on the way: rows are drawn once to count, and once
    to fill.
    """
    n = recipe.n_columns
    most = int(recipe.n_rows * degree / (4 * max(n, 1)))  # little memory for counts
    parts, counts = _tallied(recipe, most)
    jobs = [range(k, k + 1) for k in range(len(parts))]
    indptr = blank(n + 1, np.int32)
    np.add.reduce(counts.view(np.int32), axis=0, dtype=np.int32, out=indptr[1:])
    indices = blank(_sum_up(indptr[1:], check), np.uint32)
    place = indptr[:-1].astype(np.uint32)
    for row in counts:
        place += row
        np.subtract(place, row, out=row)

    def spread(job: range) -> None:
        part, places = parts[job.start], counts[job.start]
        _library.call("nl_spread", recipe, part.start, part.stop, places, indices)

    _each(jobs, spread)
    return indptr, indices


def _tallied(recipe: Recipe, most: int) -> tuple[list[range], np.ndarray]:
    """Return the rows of each of at most so many threads, and their counts of columns."""
    parts = list(_parts(recipe.n_rows, min(_n_threads(), most)))
    counts = np.zeros((len(parts), recipe.n_columns), np.uint32)

    def count(job: range) -> None:
        part = parts[job.start]
        _library.call("nl_tally", recipe, part.start, part.stop, counts[job.start])

    _each([range(k, k + 1) for k in range(len(parts))], count)
    return parts, counts


def in_degrees(recipe: Recipe) -> np.ndarray:
    """Return how often each column is a target; nothing is written out."""
    if _library.problem() is None:
        return _tallied(recipe, MAX_THREADS)[1].sum(axis=0, dtype=np.int64)
    total = np.zeros(recipe.n_columns, np.int64)
    for block in _blocks(recipe.n_rows, recipe.n_columns):
        targets = _numpy.rows(recipe, block.start, block.stop)[1]
        total += np.bincount(targets, minlength=recipe.n_columns)
    return total


def _parts(n_rows: int, n_parts: int) -> Iterator[range]:
    """Divide rows among threads, in order."""
    step = -(-n_rows // max(n_parts, 1)) or 1
    for i in range(0, n_rows, step):
        yield range(i, min(i + step, n_rows))
