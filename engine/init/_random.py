"""Initializers with independent, identically distributed elements."""

from dataclasses import dataclass
from typing import Any

import brainunit as u

from ..random import SeedOrKey
from ._base import RandomInitializer, attach_unit, need_dtype, need_size


@dataclass(repr=False, eq=False)
class Normal(RandomInitializer):
    """Normal numbers.

    Parameters
    ----------
    mean, scale : scalar or array, any unit (the same)
        Mean and standard deviation. Default 0 and 1.
    unit : Unit
        Unit of both where they have none. Default unitless.
    seed : int or key, optional
        A stream of its own; left out, `random.DEFAULT`.
    """

    mean: Any = 0.0
    scale: Any = 1.0
    unit: u.Unit = u.UNITLESS
    seed: SeedOrKey | None = None

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """Draw an array of this shape."""
        size, dtype = need_size(shape), need_dtype(dtype)
        draw = self.rng.normal(self.mean, self.scale, size, dtype=dtype)
        return attach_unit(draw, self.unit)


@dataclass(repr=False, eq=False)
class TruncatedNormal(RandomInitializer):
    """Normal numbers within bounds.

    Parameters
    ----------
    loc, scale : scalar or array, any unit (the same for all)
        Mean and standard deviation before the restriction. Default 0 and 1.
    unit : Unit
        Unit of all where they have none. Default unitless.
    lower, upper : scalar or array, optional
        Bounds of the draw itself. Left out, there is none on that side.
    seed : int or key, optional
        A stream of its own; left out, `random.DEFAULT`.
    """

    loc: Any = 0.0
    scale: Any = 1.0
    unit: u.Unit = u.UNITLESS
    lower: Any = None
    upper: Any = None
    seed: SeedOrKey | None = None

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """Draw an array of this shape."""
        size, dtype = need_size(shape), need_dtype(dtype)
        far = float("inf") * u.get_unit(self.scale)
        lower = -far if self.lower is None else self.lower
        upper = far if self.upper is None else self.upper
        draw = self.rng.truncated_normal(
            lower, upper, size, self.loc, self.scale, dtype=dtype
        )
        return attach_unit(draw, self.unit)


@dataclass(repr=False, eq=False)
class Uniform(RandomInitializer):
    """Numbers spread evenly over [min_val, max_val).

    Parameters
    ----------
    min_val, max_val : scalar or array, any unit (the same)
        Bounds. Default 0 and 1.
    seed : int or key, optional
        A stream of its own; left out, `random.DEFAULT`.
    unit : Unit
        Unit of both where they have none. Default unitless.
    """

    min_val: Any = 0.0
    max_val: Any = 1.0
    seed: SeedOrKey | None = None
    unit: u.Unit = u.UNITLESS

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """Draw an array of this shape."""
        size, dtype = need_size(shape), need_dtype(dtype)
        draw = self.rng.uniform(self.min_val, self.max_val, size, dtype=dtype)
        return attach_unit(draw, self.unit)
