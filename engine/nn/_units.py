"""Plain numbers out of quantities, converted where it costs nothing.

Inside a step every quantity is brought to the unit of the state once, as a scalar
where it is a scalar, so that no array is multiplied by a unit factor.
"""

from __future__ import annotations

import brainunit as u
import numpy as np

from .._host import on_host
from .._state import State
from ._errors import UnitError


def value_of(parameter):
    """Return the value of a parameter, which may be a State."""
    return parameter.value if isinstance(parameter, State) else parameter


def magnitude(value, unit, where: str):
    """Return the number of `value` in `unit`; `where` names it in the message."""
    value = value_of(value)
    if not isinstance(value, u.Quantity):
        if unit.is_unitless and unit.magnitude == 1:
            return value
        value = u.Quantity(value)
    if not unit.has_same_dim(value.unit):
        raise UnitError(
            f"{where} is given in {value.unit}, but {unit} is needed. "
            f"Give a quantity that converts to {unit}."
        )
    return value.to_decimal(unit)


def with_unit(number, unit):
    """Return a number with its unit; the inverse of `magnitude`."""
    return number if unit.is_unitless else u.Quantity(number, unit=unit)


def ratio(numerator, denominator, where: str):
    """Return `numerator / denominator` of two equal dimensions as a number."""
    denominator = value_of(denominator)
    unit = u.get_unit(denominator)
    return magnitude(numerator, unit, where) / u.get_mantissa(denominator)


def is_zero(value) -> bool:
    """Tell whether `value` is a zero known without running: never for tracers."""
    number = u.get_mantissa(value)
    return isinstance(number, (bool, int, float)) and number == 0


def blank(shape, dtype):
    """Return zeros, made on the host: nothing is compiled for them."""
    return on_host(np.zeros(shape, dtype))
