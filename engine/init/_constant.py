"""Initializers that draw nothing."""

from dataclasses import dataclass
from typing import Any

import brainunit as u
import jax.numpy as jnp

from ._base import InitError, Initializer, attach_unit, need_dtype, need_size


@dataclass(repr=False, eq=False)
class ZeroInit(Initializer):
    """Zeros.

    Parameters
    ----------
    unit : Unit
        Default unitless.
    """

    unit: u.Unit = u.UNITLESS

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """Give zeros of this shape."""
        return attach_unit(jnp.zeros(need_size(shape), need_dtype(dtype)), self.unit)


@dataclass(repr=False, eq=False)
class Constant(Initializer):
    """One value everywhere.

    Parameters
    ----------
    value : array that broadcasts to the shape, any unit
        Default 1.
    """

    value: Any = 1.0

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """Give the value, repeated to this shape."""
        bare, unit = u.split_mantissa_unit(self.value)
        full = jnp.full(need_size(shape), bare, need_dtype(dtype))
        return attach_unit(full, unit)


@dataclass(repr=False, eq=False)
class Identity(Initializer):
    """One value on the diagonal, zero beside it.

    Parameters
    ----------
    value : scalar, any unit
        Default 1.
    unit : Unit
        Unit of `value` where it has none. Default unitless.

    Raises
    ------
    InitError
        If the shape has more than two axes; one axis gives a square matrix.
    """

    value: Any = 1.0
    unit: u.Unit = u.UNITLESS

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """Give the matrix of this shape."""
        size = need_size(shape)
        if len(size) not in (1, 2):
            raise InitError(
                f"init.Identity: shape {size} is no matrix. Give one or two axes."
            )
        bare, own = u.split_mantissa_unit(self.value)
        unit = own if self.unit.is_unitless else self.unit
        eye = jnp.eye(size[0], size[-1], dtype=need_dtype(dtype))
        return attach_unit(bare * eye, unit)
