"""Rows of a random table in NumPy: where there is no machine code, and to compare."""

from __future__ import annotations

import numpy as np

from ._recipe import (
    ANY,
    BITS,
    CHOICE,
    COLUMNS,
    DEGREE,
    DIGITS,
    FIRST,
    GAMMA,
    IS_MULTI,
    KEY_HIGH,
    KEY_LOW,
    LEAP,
    SECOND,
    SEGMENT_BITS,
    SEGMENTS,
    SHIFTS,
    SKIPS_SELF,
    TABLE,
    Recipe,
)

AT_ONCE = 32  # words of a stream that are drawn together

Rows = tuple[np.ndarray, np.ndarray]


def _streams(states: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return outputs of SplitMix64 generators, by number from 0 on."""
    z = states + (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(GAMMA)
    z = (z ^ z >> np.uint64(SHIFTS[0])) * np.uint64(FIRST)
    z = (z ^ z >> np.uint64(SHIFTS[1])) * np.uint64(SECOND)
    return z ^ z >> np.uint64(SHIFTS[2])


def rows(recipe: Recipe, first: int, last: int) -> Rows:
    """Return number and targets of the rows from `first` to `last`.

    Returns
    -------
    degrees : int64 array, shape (last - first,)
    targets : uint32 array
        In ascending order within a row.
    """
    words = recipe.words.astype(np.int64)
    numbers = np.arange(first, last)
    key = recipe.words[[KEY_LOW, KEY_HIGH]].astype(np.uint64)
    state = _streams(key[:1] | key[1:] << np.uint64(32), numbers)
    if words[IS_MULTI]:
        row, column = _with_replacement(words, state)
    elif words[DEGREE] != ANY:
        row, column = _of_fixed_number(words, state)
    else:
        row, column = _pairs(words, _streams(state, np.zeros(1)))
    order = np.argsort(row * words[COLUMNS] + column)
    row, column = row[order], column[order]
    if words[SKIPS_SELF]:
        column += column >= numbers[row]
    degrees = np.bincount(row, minlength=numbers.size)
    return degrees, column.astype(np.uint32)


def _pairs(words: np.ndarray, attempt: np.ndarray) -> Rows:
    """Return row and column of what an attempt hits."""
    n = int(words[SEGMENTS])
    segment = np.tile(np.arange(n), attempt.size)
    row = np.repeat(np.arange(attempt.size), n)
    stream = _streams(attempt[row], segment)
    place = segment << words[SEGMENT_BITS]
    end = np.minimum(place + (1 << words[SEGMENT_BITS]), words[COLUMNS])
    found: list[Rows] = []
    drawn = 0
    while row.size:
        step, is_hit = _steps(words, stream, drawn)
        after = place[:, None] + np.cumsum(step, axis=1)
        at = after - 1
        is_hit &= at < end[:, None]
        found.append((np.broadcast_to(row[:, None], at.shape)[is_hit], at[is_hit]))
        place = after[:, -1]
        goes_on = place < end
        row, stream, place, end = (x[goes_on] for x in (row, stream, place, end))
        drawn += AT_ONCE
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))  # type: ignore[return-value]


def _steps(words: np.ndarray, stream: np.ndarray, drawn: int) -> Rows:
    """Return how far the next draws go, and whether there is a target at their end."""
    word = _streams(stream[:, None], np.arange(drawn, drawn + AT_ONCE))
    low, high = _halves(word)
    base = 1 << words[BITS]
    if words[DIGITS] == 1:
        both = np.stack([low, high], axis=-1).reshape(stream.size, -1)
        digit = gap = _digit(words, TABLE, both)
    else:
        digit = _digit(words, TABLE, high)
        gap = digit * base + _digit(words, TABLE + base, low)
    is_hit = digit != base - 1
    return np.where(is_hit, gap + 1, words[LEAP]), is_hit


def _halves(word: np.ndarray) -> Rows:
    """Return low and high half of words."""
    low, high = word & np.uint64(ANY), word >> np.uint64(32)
    return low.astype(np.int64), high.astype(np.int64)


def _digit(words: np.ndarray, table: int, word: np.ndarray) -> np.ndarray:
    bits = words[BITS]
    i = word >> (32 - bits)
    entry = words[table + i]
    is_own = (word & ((1 << (32 - bits)) - 1)) < entry >> bits
    return np.where(is_own, i, entry & ((1 << bits) - 1))


def _choices(attempt: np.ndarray, n: int) -> np.ndarray:
    """Return `n` words of each attempt by which targets are chosen."""
    stream = _streams(attempt, np.full(1, CHOICE))
    low, high = _halves(_streams(stream[:, None], np.arange(-(-n // 2))[None]))
    return np.stack([low, high], axis=-1).reshape(attempt.size, -1)[:, :n]


def _with_replacement(words: np.ndarray, state: np.ndarray) -> Rows:
    attempt = _streams(state, np.zeros(1))
    if words[DEGREE] != ANY:
        degree = np.full(state.size, words[DEGREE])
    else:
        degree = np.bincount(_pairs(words, attempt)[0], minlength=state.size)
    word = _choices(attempt, int(degree.max(initial=0)))
    row, i = np.nonzero(np.arange(word.shape[1]) < degree[:, None])
    product = word[row, i].astype(np.uint64) * np.uint64(words[COLUMNS])
    return row, (product >> np.uint64(32)).astype(np.int64)


def _of_fixed_number(words: np.ndarray, state: np.ndarray) -> Rows:
    """Draw candidates until there are enough, and thin them."""
    found: list[Rows] = []
    degree, left = int(words[DEGREE]), np.arange(state.size)
    number = 0
    while degree and left.size:
        attempt = _streams(state[left], np.full(1, number))
        row, column = _pairs(words, attempt)
        order = np.lexsort((column, row))
        row, column = row[order], column[order]
        there = np.bincount(row, minlength=left.size)
        chosen = _thinned(attempt, there, degree)
        is_enough = there >= degree
        chosen &= is_enough[row]
        found.append((left[row[chosen]], column[chosen]))
        left, number = left[~is_enough], number + 1
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))  # type: ignore[return-value]


def _thinned(attempt: np.ndarray, there: np.ndarray, degree: int) -> np.ndarray:
    """Tell of the candidates of all rows, one row after the other, which are taken."""
    most = int(there.max(initial=0))
    word = _choices(attempt, most)
    is_taken = np.zeros((attempt.size, most), bool)
    needed = np.full(attempt.size, degree)
    for i in range(most):
        left = np.maximum(there - i, 0)
        is_taken[:, i] = (word[:, i] * left >> 32) < needed
        is_taken[:, i] &= left > 0
        needed -= is_taken[:, i]
    return is_taken[np.arange(most) < there[:, None]]
