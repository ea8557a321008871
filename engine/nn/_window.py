"""Windows that slide over the last axes: kernel sizes, strides and paddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._errors import SizeError, check_choice

PADDINGS = ("SAME", "VALID")
Padding = str | tuple[tuple[int, int], ...]


def one_each(value: Any, n: int, where: str) -> tuple[Any, ...]:
    """Return `n` values: the one given, or those given."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return (value,) * n
    if len(value) in (1, n):
        return tuple(value) * (n if len(value) == 1 else 1)
    raise SizeError(f"{where} is {value!r}; give one value, or {n} of them.")


def _is_pair(value: Any) -> bool:
    return isinstance(value, Sequence) and len(value) == 2


def window_padding(padding: Any, n: int, where: str, one_pair: bool) -> Padding:
    """Return the padding before and after on each of `n` axes, or its name.

    `one_pair` tells how integers are read: as (before, after) of every axis, or as one
    of each axis, the same on both sides.
    """
    if isinstance(padding, str):
        return check_choice(where, padding.upper(), PADDINGS)
    if isinstance(padding, int):
        return ((padding, padding),) * n
    if one_pair and _is_pair(padding) and isinstance(padding[0], int):
        return ((padding[0], padding[1]),) * n
    pairs = [
        (one, one) if isinstance(one, int) else tuple(one)
        for one in one_each(padding, n, where)
    ]
    if not all(_is_pair(pair) for pair in pairs):
        raise SizeError(
            f"{where} is {padding!r}; give 'SAME', 'VALID', an integer, or a pair of "
            f"integers for each of {n} axes."
        )
    return tuple((int(low), int(high)) for low, high in pairs)
