"""Rows of a random table in XLA operations on 32-bit words: for any device.

Words of 64 bits are pairs (low, high), as XLA has none unless double precision is on.
Several rows are made side by side, one a lane; what is done with their targets is
said by a function that takes places and whether these are hit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from ._recipe import (
    ANY,
    BITS,
    CHOICE,
    COLUMNS,
    DEGREE,
    DIGITS,
    FIRST,
    GAMMA,
    KEY_HIGH,
    KEY_LOW,
    LEAP,
    SECOND,
    SEGMENT_BITS,
    SEGMENTS,
    SHIFTS,
    SKIPS_SELF,
    TABLE,
    Kind,
)

AT_ONCE = 32  # words of a stream that are drawn together

Pair = tuple[jax.Array, jax.Array]
Do = Callable[[Any, jax.Array, jax.Array], Any]
"""``do(carry, places, is_hit) -> carry``, with arrays of shape (lanes, width)."""


def _word(number: int) -> jax.Array:
    return jnp.asarray(number, jnp.uint32)


def _wide(a: jax.Array, b: jax.Array) -> Pair:
    """Multiply two words to a pair, by halves of 16 bits."""
    half, mask = _word(16), _word(0xFFFF)
    a_low, a_high, b_low, b_high = a & mask, a >> half, b & mask, b >> half
    middle = a_high * b_low + (a_low * b_low >> half)
    cross = a_low * b_high + (middle & mask)
    high = a_high * b_high + (middle >> half) + (cross >> half)
    return a * b, high


def _plus(a: Pair, b: Pair) -> Pair:
    low = a[0] + b[0]
    return low, a[1] + b[1] + (low < a[0]).astype(jnp.uint32)


def _times(a: Pair, number: int) -> Pair:
    low, high = _word(number & ANY), _word(number >> 32)
    product, carry = _wide(a[0], low)
    return product, carry + a[0] * high + a[1] * low


def _shifted(a: Pair, n: int) -> Pair:
    """Return ``a ^ (a >> n)`` for n below 32."""
    right, left = _word(n), _word(32 - n)
    return a[0] ^ (a[0] >> right | a[1] << left), a[1] ^ a[1] >> right


def _output(state: Pair, number: jax.Array) -> Pair:
    """Return outputs of SplitMix64 generators, by number from 0 on."""
    after = number + _word(1)
    count = after, (after == 0).astype(jnp.uint32)
    z = _plus(state, _times(count, GAMMA))
    z = _times(_shifted(z, SHIFTS[0]), FIRST)
    z = _times(_shifted(z, SHIFTS[1]), SECOND)
    return _shifted(z, SHIFTS[2])


def _beside(pair: Pair) -> Pair:
    """Give the words of each lane an axis for those that follow."""
    return pair[0][:, None], pair[1][:, None]


def _halves(pair: Pair) -> jax.Array:
    """Return low and high halves in turn, along the last axis."""
    both = jnp.stack(pair, axis=-1)
    return both.reshape(*both.shape[:-2], -1)


def for_each_target(
    words: jax.Array, kind: Kind, rows: jax.Array, is_row: jax.Array, do: Do, carry: Any
) -> Any:
    """Do something with the targets of some rows.

    Parameters
    ----------
    words : uint32 array, shape (LENGTH,)
        The recipe.
    kind : Kind
        What of it decides about the program.
    rows : uint32 array, shape (lanes,)
    is_row : bool array, shape (lanes,)
        Lanes that are in use.
    do, carry
        What is done, as ``carry = do(carry, places, is_hit)``.
    """

    def deliver(carry: Any, columns: jax.Array, is_hit: jax.Array) -> Any:
        skips = (words[SKIPS_SELF] != 0) & (columns >= rows[:, None])
        return do(carry, columns + skips.astype(jnp.uint32), is_hit)

    state = _output((words[KEY_LOW], words[KEY_HIGH]), rows)
    attempt = _output(state, jnp.zeros_like(rows))
    if kind.is_multi:
        degree = jnp.where(is_row, words[DEGREE], _word(0))
        if not kind.is_fixed:
            degree = _counted(words, attempt, is_row)
        return _with_replacement(words, attempt, degree, deliver, carry)
    if not kind.is_fixed:
        return _pairs(words, attempt, is_row, deliver, carry)
    attempt, there = _enough(words, state, is_row)
    return _thinned(words, attempt, there, is_row, deliver, carry)


def _pairs(
    words: jax.Array, attempt: Pair, is_row: jax.Array, do: Do, carry: Any
) -> Any:
    """Do something with the places that an attempt hits, a piece of a segment a turn."""
    length = _word(1) << words[SEGMENT_BITS]
    zero = jnp.zeros(is_row.shape, jnp.uint32)

    def goes_on(state: Any) -> jax.Array:
        return jnp.any(is_row & (state[0] < words[SEGMENTS]))

    def turn(state: Any) -> Any:
        segment, drawn, place, carry = state
        end = jnp.minimum((segment << words[SEGMENT_BITS]) + length, words[COLUMNS])
        step, is_hit = _steps(words, _output(attempt, segment), drawn)
        after = place[:, None] + jnp.cumsum(step, axis=1, dtype=jnp.uint32)
        at = after - _word(1)
        is_used = is_row & (segment < words[SEGMENTS])
        is_hit &= (at < end[:, None]) & is_used[:, None]
        carry = do(carry, at, is_hit)
        is_over = after[:, -1] >= end
        segment = segment + is_over.astype(jnp.uint32)
        drawn = jnp.where(is_over, zero, drawn + _word(AT_ONCE))
        place = jnp.where(is_over, segment << words[SEGMENT_BITS], after[:, -1])
        return segment, drawn, place, carry

    return lax.while_loop(goes_on, turn, (zero, zero, zero, carry))[3]


def _steps(words: jax.Array, stream: Pair, drawn: jax.Array) -> Pair:
    """Return how far the next draws go, and whether there is a target at their end.

    With two digits every second step is none.
    """
    number = drawn[:, None] + jnp.arange(AT_ONCE, dtype=jnp.uint32)
    pair = _output(_beside(stream), number)
    base, last = _word(1) << words[BITS], (_word(1) << words[BITS]) - _word(1)
    one = _digit(words, _word(TABLE), _halves(pair))
    is_hit = one != last
    gap = one
    low = _digit(words, _word(TABLE) + base, pair[0])
    high = _digit(words, _word(TABLE), pair[1])
    two = _halves((high * base + low, jnp.zeros_like(low)))
    two_hit = _halves((high != last, jnp.zeros_like(low, bool)))
    is_one = words[DIGITS] == 1
    is_hit = jnp.where(is_one, is_hit, two_hit)
    step = jnp.where(is_hit, jnp.where(is_one, gap, two) + _word(1), words[LEAP])
    is_none = ~is_one & (jnp.arange(step.shape[1]) % 2 == 1)
    most = (_word(1) << words[SEGMENT_BITS]) + _word(1)  # sums stay below 2^32
    return jnp.where(is_none, _word(0), jnp.minimum(step, most)), is_hit


def _digit(words: jax.Array, table: jax.Array, word: jax.Array) -> jax.Array:
    bits = words[BITS]
    rest = _word(32) - bits
    i = word >> rest
    entry = words[table + i]
    is_own = (word & ((_word(1) << rest) - _word(1))) < entry >> bits
    return jnp.where(is_own, i, entry & ((_word(1) << bits) - _word(1)))


def _counted(words: jax.Array, attempt: Pair, is_row: jax.Array) -> jax.Array:
    def add(n: jax.Array, _: jax.Array, is_hit: jax.Array) -> jax.Array:
        return n + is_hit.sum(axis=1, dtype=jnp.uint32)

    return _pairs(words, attempt, is_row, add, jnp.zeros(is_row.shape, jnp.uint32))


def _with_replacement(
    words: jax.Array, attempt: Pair, degree: jax.Array, do: Do, carry: Any
) -> Any:
    choice = _output(attempt, _word(CHOICE))

    def turn(state: Any) -> Any:
        first, carry = state
        pair = first // _word(2) + jnp.arange(AT_ONCE, dtype=jnp.uint32)
        word = _halves(_output(_beside(choice), pair[None]))
        number = first + jnp.arange(2 * AT_ONCE, dtype=jnp.uint32)
        column = _wide(word, words[COLUMNS])[1]
        carry = do(carry, column, number < degree[:, None])
        return first + _word(2 * AT_ONCE), carry

    goes_on = lambda state: jnp.any(state[0] < degree)
    return lax.while_loop(goes_on, turn, (_word(0), carry))[1]


def _enough(words: jax.Array, state: Pair, is_row: jax.Array) -> tuple[Pair, jax.Array]:
    """Return the first attempt with enough candidates, and how many these are."""

    def needs_more(carry: Any) -> jax.Array:
        return is_row & (carry[1] < words[DEGREE])

    def turn(carry: Any) -> Any:
        number, there = carry
        is_open = needs_more(carry)
        again = jnp.where(is_open, number + _word(1), number)
        counted = _counted(words, _output(state, again), is_open)
        return again, jnp.where(is_open, counted, there)

    first = jnp.zeros(is_row.shape, jnp.uint32)
    start = first, _counted(words, _output(state, first), is_row)
    number, there = lax.while_loop(lambda c: jnp.any(needs_more(c)), turn, start)
    return _output(state, number), there


def _thinned(
    words: jax.Array,
    attempt: Pair,
    there: jax.Array,
    is_row: jax.Array,
    do: Do,
    carry: Any,
) -> Any:
    choice = _output(attempt, _word(CHOICE))

    def thin(state: Any, at: jax.Array, is_hit: jax.Array) -> Any:
        seen, needed, carry = state
        hits = jnp.cumsum(is_hit, axis=1, dtype=jnp.uint32)
        number = seen[:, None] + hits - is_hit.astype(jnp.uint32)
        low, high = _output(_beside(choice), number >> _word(1))
        word = jnp.where(number & _word(1) != 0, high, low)
        limit = _wide(word, there[:, None] - number)[1]

        def choose(needed: jax.Array, column: Any) -> tuple[jax.Array, jax.Array]:
            is_taken = column[0] & (column[1] < needed)
            return needed - is_taken.astype(jnp.uint32), is_taken

        needed, is_taken = lax.scan(choose, needed, (is_hit.T, limit.T))
        return seen + hits[:, -1], needed, do(carry, at, is_taken.T)

    seen = jnp.zeros(is_row.shape, jnp.uint32)
    needed = jnp.broadcast_to(words[DEGREE], is_row.shape)
    return _pairs(words, attempt, is_row, thin, (seen, needed, carry))[2]
