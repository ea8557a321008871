"""Rows of a random table in machine code: see `_recipe` for how they are drawn."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from llvmlite import ir

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
from ._words import INT, LONG, POINTER, Local, Text, Word

COUNT, KEEP = "nl_row_count", "nl_row_keep"
KEPT = 1024  # candidates; of more the row is drawn a second time

OnHit = Callable[[Word, Word], None]
"""Takes a place, and whether it is hit; nothing may happen where it is not."""


class Row:
    """Writes what is done for each target of a row.

    Parameters
    ----------
    text : Text
        The function.
    recipe : pointer
        The numbers of the recipe, 32 bits each.
    kind : Kind
        What its rows are.
    """

    def __init__(self, text: Text, recipe: Any, kind: Kind):
        self.text, self.recipe, self.kind = text, recipe, kind
        read = lambda place: text.read(recipe, place)
        self.key = read(KEY_LOW) | read(KEY_HIGH) << 32
        self.columns, self.skips_self = read(COLUMNS), read(SKIPS_SELF)
        self.degree = read(DEGREE)
        self.digits, self.bits = read(DIGITS), read(BITS)
        self.segment_bits, self.segments = read(SEGMENT_BITS), read(SEGMENTS)
        self.leap = read(LEAP)

    def output(self, state: Word, number: Word | int) -> Word:
        """Return an output of a SplitMix64 generator, by number from 0 on."""
        if isinstance(number, int):
            return _mixed(state + (number + 1) * GAMMA % 2**64)
        return _mixed(state + (number + 1) * GAMMA)

    def targets(self, row: Word, low: Word, high: Word, do: OnHit) -> None:
        """Write what is done for each target from `low` to before `high`.

        Targets come in order, but for those with replacement.
        """
        text = self.text

        def deliver(column: Word, is_hit: Word) -> None:
            is_beyond = (column >= row).as_number() & self.skips_self
            post = column + is_beyond
            do(post, is_hit & (post >= low) & (post < high))

        def deliver_if_hit(column: Word, is_hit: Word) -> None:
            with text.when(is_hit):  # nearly always, so that a branch costs nothing
                deliver(column, always)

        always = text.word(0) >= 0

        state = self.output(self.key, row)
        if self.kind.is_multi:
            self._with_replacement(self.output(state, 0), deliver)
        elif self.kind.is_fixed:
            self._of_fixed_number(state, high, deliver)
        else:
            self.pairs(self.output(state, 0), low, high, deliver_if_hit)

    def number(self, row: Word) -> Word:
        """Return how many targets a row has."""
        attempt = self.output(self.output(self.key, row), 0)
        return self._number(attempt)

    def _number(self, attempt: Word) -> Word:
        return self.degree if self.kind.is_fixed else self._count(attempt)

    def _count(self, attempt: Word) -> Word:
        """Return how many places an attempt hits."""
        builder = self.text.builder
        module = builder.module
        function = module.globals.get(COUNT) or _count(module, self.kind)
        return Word(builder, builder.call(function, [self.recipe, attempt.value]))

    def _candidates(self, attempt: Word, found: Any) -> Word:
        """Return how many places an attempt hits; `found` holds the first of them."""
        builder = self.text.builder
        module = builder.module
        function = module.globals.get(KEEP) or _keep(module, self.kind)
        given = [self.recipe, attempt.value, found]
        return Word(builder, builder.call(function, given))

    def _with_replacement(self, attempt: Word, do: OnHit) -> None:
        for_each = self._each_choice(attempt, self._number(attempt))
        with for_each as choices:
            for _, word, is_one in choices:
                do(word * self.columns >> 32, is_one)

    @contextlib.contextmanager
    def _each_choice(self, attempt: Word, n: Word) -> Iterator[list[Any]]:
        """Write what is done for each of the words that choose targets, two at a time.

        Gives number, word, and whether it is one of the first `n`.
        """
        choice = self.output(attempt, CHOICE)
        with self.text.loop(0, (n + 1) >> 1) as pair:
            both, i = self.output(choice, pair), pair << 1
            always = self.text.word(0) >= 0
            yield [(i, both & ANY, always), (i + 1, both >> 32, (i + 1) < n)]

    def _of_fixed_number(self, state: Word, high: Word, do: OnHit) -> None:
        """Draw candidates until there are enough, and thin them."""
        text = self.text
        with text.builder.goto_entry_block():
            found = text.builder.alloca(INT, KEPT)
        number, there, attempt = (Local(text, 0) for _ in range(3))
        with text.while_() as go_on:
            attempt.set(self.output(state, number.get()))
            there.set(self._candidates(attempt.get(), found))
            number.set(number.get() + 1)
            go_on(there.get() < self.degree)
        n, needed = there.get(), Local(text, self.degree)
        with text.either(n < KEPT + 1) as (few, many):
            with few, self._each_choice(attempt.get(), n) as choices:
                for i, word, is_one in choices:
                    is_taken = is_one & ((word * (n - i) >> 32) < needed.get())
                    needed.set(needed.get() - is_taken.as_number())
                    do(text.read(found, i), is_taken)
            with many:
                self._thin(attempt.get(), n, high, do)

    def _thin(self, attempt: Word, n: Word, high: Word, do: OnHit) -> None:
        """Thin candidates that are too many to be kept: they are drawn again."""
        text = self.text
        needed, i = Local(text, self.degree), Local(text, 0)
        choice = self.output(attempt, CHOICE)

        def thin(column: Word, is_hit: Word) -> None:
            at = i.get()
            word = self.output(choice, at >> 1) >> ((at & 1) << 5) & ANY
            is_taken = is_hit & ((word * (n - at) >> 32) < needed.get())
            i.set(at + is_hit.as_number())
            needed.set(needed.get() - is_taken.as_number())
            do(column, is_taken)

        self.pairs(attempt, text.word(0), high, thin)

    def pairs(self, attempt: Word, low: Word, high: Word, do: OnHit) -> None:
        """Write what is done for each place that an attempt hits.

        Segments that end before `low` are left out, and all from `high` on.
        """
        text = self.text
        first = (low >= 1).chosen(low - 1, 0) >> self.segment_bits
        length = text.word(1) << self.segment_bits
        with text.loop(first, self.segments) as segment:
            place = segment << self.segment_bits
            with text.when(place < high):
                end = place + length
                for limit in (self.columns, high):
                    end = (end < limit).chosen(end, limit)
                stream = self.output(attempt, segment)
                with text.either(self.digits.equals(1)) as (one, two):
                    with one:
                        self._segment(stream, place, end, self._by_one_digit, do)
                    with two:
                        self._segment(stream, place, end, self._by_two_digits, do)

    def _segment(
        self, stream: Word, place: Word, end: Word, steps: Any, do: OnHit
    ) -> None:
        text = self.text
        at, state = Local(text, place), Local(text, stream)
        last = (text.word(1) << self.bits) - 1
        with text.while_() as go_on:
            go_on(at.get() < end)
            state.set(state.get() + GAMMA)
            for digit, gap in steps(_mixed(state.get())):
                is_hit = digit.differs(last)
                here = at.get() + is_hit.chosen(gap, self.leap)
                do(here, is_hit & (here < end))
                at.set(here + is_hit.as_number())

    def _by_one_digit(self, word: Word) -> list[tuple[Word, Word]]:
        halves = word & ANY, word >> 32
        digits = [self._digit(TABLE, half) for half in halves]
        return [(digit, digit) for digit in digits]

    def _by_two_digits(self, word: Word) -> list[tuple[Word, Word]]:
        base = self.text.word(1) << self.bits
        high = self._digit(TABLE, word >> 32)
        low = self._digit(base + TABLE, word & ANY)
        return [(high, (high << self.bits) + low)]

    def _digit(self, table: Word | int, word: Word) -> Word:
        """Return a digit by an alias table."""
        one, rest = self.text.word(1), self.text.word(32) - self.bits
        i = word >> rest
        entry = self.text.read(self.recipe, i + table)
        other = entry & ((one << self.bits) - 1)
        # no choice between two: it would become a branch that nobody can predict
        is_own = ((word & ((one << rest) - 1)) - (entry >> self.bits)).sign()
        return other ^ ((other ^ i) & is_own)


def _mixed(z: Word) -> Word:
    z = (z ^ z >> SHIFTS[0]) * FIRST
    z = (z ^ z >> SHIFTS[1]) * SECOND
    return z ^ z >> SHIFTS[2]


def _count(module: ir.Module, kind: Kind) -> ir.Function:
    """Write ``i64 (ptr recipe, i64 attempt)``: how many places an attempt hits."""
    text = Text(module, COUNT, [POINTER, LONG], LONG, is_internal=True)
    row = Row(text, text.argument(0), kind)
    found = Local(text, 0)
    zero = text.word(0)

    def add(_: Word, is_hit: Word) -> None:
        found.set(found.get() + is_hit.as_number())

    row.pairs(text.argument(1), zero, text.word(2**62), add)
    text.builder.ret(found.get().value)
    return text.function


def _keep(module: ir.Module, kind: Kind) -> ir.Function:
    """Write ``i64 (ptr recipe, i64 attempt, ptr found)``: as `_count`, and what it hits.

    Only the first `KEPT` places are written.
    """
    text = Text(module, KEEP, [POINTER, LONG, POINTER], LONG, is_internal=True)
    for i in (0, 2):
        text.function.args[i].add_attribute("noalias")
    row, found = Row(text, text.argument(0), kind), text.argument(2)
    n = Local(text, 0)

    def put(column: Word, is_hit: Word) -> None:
        with text.when(is_hit & (n.get() < KEPT)):
            text.write(column, found, n.get())
        n.set(n.get() + is_hit.as_number())

    row.pairs(text.argument(1), text.word(0), text.word(2**62), put)
    text.builder.ret(n.get().value)
    return text.function
