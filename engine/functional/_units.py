"""How functions of arrays treat quantities."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import brainunit as u

from .._errors import EngineError

F = TypeVar("F", bound=Callable)

Operand: TypeAlias = Any
"""An array or a quantity for the caller; the decorators below hand on plain numbers."""


class NumberError(EngineError, TypeError):
    """A quantity with a unit where a function is defined for numbers only."""


def number(x, where: str):
    """Return `x` without the unit one; refuse any other unit."""
    if not isinstance(x, u.Quantity):
        return x
    if not x.is_unitless:
        raise NumberError(
            f"{where} is defined for numbers, but got {x.unit}. Divide by a scale of "
            f"that unit first, such as `x / (1 * {x.unit})`."
        )
    return x.to_decimal()


def of_numbers(function: F) -> F:
    """Refuse quantities: the function is not homogeneous, so units have no meaning."""

    @functools.wraps(function)
    def checked(x, *args, **kwargs):
        return function(number(x, function.__name__), *args, **kwargs)

    return checked  # type: ignore[return-value]


def keeps_unit(function: F) -> F:
    r"""Carry the unit over: :math:`f(c x) = c f(x)` for every :math:`c > 0`."""

    @functools.wraps(function)
    def carried(x, *args, **kwargs):
        out = function(u.get_mantissa(x), *args, **kwargs)
        return u.maybe_decimal(u.Quantity(out, unit=u.get_unit(x)))

    return carried  # type: ignore[return-value]
