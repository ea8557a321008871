"""What every initializer is: a callable from a shape to an array."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import index
from typing import Any

import brainunit as u
import jax.numpy as jnp
import numpy as np

from .. import environ, random
from .._errors import EngineError
from ..typing import Size


class InitError(EngineError, ValueError):
    """An initial value that does not fit what it is for."""


def to_size(x: Size | None) -> tuple[int, ...] | None:
    """Give a shape: an int becomes a tuple of one, None stays None.

    Parameters
    ----------
    x : int, sequence of int, or None

    Raises
    ------
    InitError
        If it is anything else.
    """
    if x is None:
        return None
    try:
        if isinstance(x, Sequence | np.ndarray) and not isinstance(x, str):
            return tuple(index(n) for n in x)
        return (index(x),)  # type: ignore[arg-type]
    except TypeError:
        raise InitError(
            f"init.to_size: got {x!r} as a size. Give an int or a tuple of int."
        ) from None


class Initializer:
    """Base of every initializer: subclass it and write ``__call__(shape, dtype)``.

    Its instances stand wherever `engine` asks for an initial value.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Give an array of the shape asked for."""
        raise TypeError(
            f"{type(self).__name__} makes no values. Write "
            "__call__(self, shape, dtype=None)."
        )

    def __repr__(self) -> str:
        fields = ", ".join(f"{k}={v!r}" for k, v in vars(self).items() if k != "rng")
        return f"{type(self).__name__}({fields})"


@dataclass(repr=False, eq=False)
class RandomInitializer(Initializer):
    """An initializer that draws from `engine.random`.

    With a seed it has a stream of its own; without, it draws from `random.DEFAULT`.
    """

    rng: random.RandomState = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.default_rng(getattr(self, "seed", None))


def need_size(shape: Size) -> tuple[int, ...]:
    """Give the shape as a tuple; None is refused."""
    size = to_size(shape)
    if size is None:
        raise InitError("init: the shape is None. Give an int or a tuple of int.")
    return size


def need_dtype(dtype: Any) -> Any:
    """Give the dtype, or the environment's for real numbers."""
    return environ.dftype() if dtype is None else dtype


def attach_unit(value: Any, unit: u.Unit) -> Any:
    """Multiply by `unit`; a value that has one already keeps it if `unit` is bare."""
    if unit.is_unitless:
        return value
    if isinstance(value, u.Quantity) and not value.is_unitless:
        return value.in_unit(unit)  # raises with both units if they differ
    return u.Quantity(jnp.asarray(value), unit=unit)
