r"""What the rows of a random table are made of: a few numbers, from which any row follows.

A row is made from the key and its number alone, so that a table can be drawn in any
order, by any number of threads, or never, each row being made when its neuron spikes.

*Random words.* Every stream is a SplitMix64 generator [1]_: word `i` of the stream of
state `s` is :math:`mix(s + (i + 1) \gamma)` modulo :math:`2^{64}`, where `mix` is the
finalizer of that generator. Output `row` of the generator of the key is the state of
the generator of the row; its output `attempt` that of an attempt; its output `segment`
that of a segment. The generator passes the tests of BigCrush. Two of `n` streams with
`m` words overlap with a probability below :math:`n^2 m / 2^{64}`.

*Pairs.* A row is cut into segments. In each, the places from one target to the next
are geometric, which makes every pair an independent draw; what reaches beyond the end
of a segment is dropped, as a geometric number has no memory. The number of places is
drawn by one or two digits of base `B`, which are independent, too; the largest first
digit means "at least so many, without a target", after which one draws again. Digits
come from alias tables [2]_ of whole numbers: every digit has its probability to
:math:`2^{-32}`, every pair has the probability `p` given all before it to
:math:`2^{-26}`, and results are the same bits on any machine.

*Fixed numbers of different targets.* Candidates are drawn as pairs with a somewhat
larger probability, again until there are enough, and thinned by choosing with the
probability (still needed) / (still there) [3]_. All sets of targets are equally likely
up to the resolution of a word, :math:`2^{-32}` for each candidate.

References
----------
.. [1] Steele, Lea, Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.
.. [2] Walker, An efficient method for generating discrete random variables with
       general distributions, ACM TOMS 3 (1977); tables as by Vose (1991).
.. [3] Fan, Muller, Rezucha, Development of sampling plans by using sequential
       selection techniques, J. Am. Stat. Assoc. 57 (1962).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

GAMMA = 0x9E3779B97F4A7C15
FIRST, SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
SHIFTS = (30, 27, 31)
MASK = 2**64 - 1
CHOICE = 2**32 - 1
"""Number of the stream by which targets are chosen, beside those of the segments."""

# places of the numbers
KEY_LOW, KEY_HIGH, COLUMNS, SKIPS_SELF, DEGREE, IS_MULTI = range(6)
DIGITS, BITS, SEGMENT_BITS, SEGMENTS, LEAP = range(6, 11)
TABLE = 16  # the first digit's; that of the second comes after it
MOST_BITS = 12
LENGTH = TABLE + 2 * 2**MOST_BITS
ANY = 2**32 - 1
"""Degree of rows that have as many targets as chance gives them."""
HITS_A_SEGMENT = 24  # or up to twice as many
MOST_SEGMENT_BITS = 24
_ONE = 2**96  # of the fixed-point numbers by which digits are computed


class Kind(NamedTuple):
    """What of a recipe decides about the code that makes rows.

    Attributes
    ----------
    is_fixed : bool
        Whether every row has as many targets.
    is_multi : bool
        Whether targets are drawn with replacement.
    """

    is_fixed: bool
    is_multi: bool

    @property
    def name(self) -> str:
        """Part of the names of functions."""
        number = "fixed" if self.is_fixed else "any"
        return f"{number}_multi" if self.is_multi else number


@dataclass(frozen=True)
class Recipe:
    """A random table that is not written out.

    Parameters
    ----------
    n_rows, n_columns : int
        Source and target neurons.
    words : uint32 array, shape (LENGTH,)
        The numbers.
    """

    n_rows: int
    n_columns: int
    words: np.ndarray

    @property
    def kind(self) -> Kind:
        """What of it decides about the code."""
        return Kind(bool(self.words[DEGREE] != ANY), bool(self.words[IS_MULTI]))


def mixed(z: int) -> int:
    """Finalize a word of SplitMix64."""
    z = ((z ^ z >> SHIFTS[0]) * FIRST) & MASK
    z = ((z ^ z >> SHIFTS[1]) * SECOND) & MASK
    return z ^ z >> SHIFTS[2]


def key_of(entropy: list[int]) -> int:
    """Return the key of 64 bits of a seed of any number of words."""
    key = len(entropy)
    for word in entropy:
        key = mixed(((key ^ word) + GAMMA) & MASK)
    return key


def recipe(
    n_rows: int,
    n_columns: int,
    entropy: list[int],
    *,
    prob: float | None = None,
    degree: int | None = None,
    skips_self: bool = False,
    is_multi: bool = False,
) -> Recipe:
    """Return the recipe of a table.

    Parameters
    ----------
    n_rows, n_columns : int
        Source and target neurons.
    entropy : list of int
        Words of the seed.
    prob, degree : float or int
        Probability of a pair, or number of targets of every row; one of them.
    skips_self : bool
        Whether neuron `i` is no target of neuron `i`.
    is_multi : bool
        Whether targets are drawn with replacement.
    """
    n_there = n_columns - skips_self
    if prob is None:
        assert degree is not None
        prob = 0.0 if is_multi else _candidates(degree, n_there)
    words = np.zeros(LENGTH, np.uint32)
    key = key_of(entropy)
    words[[KEY_LOW, KEY_HIGH]] = key & ANY, key >> 32
    words[[COLUMNS, SKIPS_SELF, IS_MULTI]] = n_there, skips_self, is_multi
    words[DEGREE] = ANY if degree is None else degree
    if prob > 0 and n_there > 0:
        _write_digits(words, prob, n_there)
    return Recipe(n_rows, n_columns, words)


def _candidates(degree: int, n: int) -> float:
    """Return the probability of candidates: nearly always enough, few too many."""
    if degree == 0:
        return 0.0
    wanted = degree + 2 * math.sqrt(degree) + 2
    return 1.0 if wanted > n / 2 else wanted / n


def _write_digits(words: np.ndarray, prob: float, n: int) -> None:
    """Write how places from one target to the next are drawn."""
    needed = max(math.ceil(math.log2(4 / prob)), 1)  # bits of the largest number
    digits = 1 if needed <= MOST_BITS else 2
    bits = min(math.ceil(needed / digits), MOST_BITS)
    base = 2**bits
    per_segment = math.ceil(math.log2(HITS_A_SEGMENT / prob))
    segment_bits = min(max(per_segment, 6), MOST_SEGMENT_BITS)
    words[[DIGITS, BITS, SEGMENT_BITS]] = digits, bits, segment_bits
    words[SEGMENTS] = -(-n // 2**segment_bits)
    words[LEAP] = (base - 1) * base ** (digits - 1)
    stay = _ONE - int(Fraction(prob) * _ONE)  # probability of no target at a place
    powers = _powers(stay, base)
    if digits == 1:
        words[TABLE : TABLE + base] = _alias(_quanta(powers[:base]), bits)
        return
    leaps = _powers(powers[base], base)[:base]
    words[TABLE : TABLE + base] = _alias(_quanta(leaps), bits)
    rest = powers[base]  # given that the number is below the base
    tails = [(x - rest) * _ONE // (_ONE - rest) for x in powers[:base]]
    words[TABLE + base : TABLE + 2 * base] = _alias(_quanta(tails), bits)


def _powers(x: int, n: int) -> list[int]:
    """Return the powers 0 to `n` of a fixed-point number."""
    found = [_ONE]
    for _ in range(n):
        found.append(found[-1] * x // _ONE)
    return found


def _quanta(tails: list[int]) -> list[int]:
    """Return probabilities in units of 2^-32 from those of "so much or more"."""
    half = _ONE >> 33
    rounded = [(x + half) >> (96 - 32) for x in tails]
    return [a - b for a, b in zip(rounded, [*rounded[1:], 0], strict=True)]


def _alias(quanta: list[int], bits: int) -> list[int]:
    """Return an alias table: of each entry a limit, and what stands beyond it.

    A word chooses an entry by its highest `bits`; the others are compared with the
    limit. Entries that are full name themselves.
    """
    room = 2 ** (32 - bits)
    left, limit, other = list(quanta), [0] * len(quanta), list(range(len(quanta)))
    small = [i for i, n in enumerate(left) if n < room]
    large = [i for i, n in enumerate(left) if n > room]
    while small:
        i, j = small.pop(), large[-1]
        limit[i], other[i] = left[i], j
        left[j] -= room - left[i]
        if left[j] <= room:
            large.pop()
            if left[j] < room:
                small.append(j)
    return [a << bits | b for a, b in zip(limit, other, strict=True)]
