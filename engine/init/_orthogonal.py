"""Initializers with orthogonal rows or columns."""

import math
from dataclasses import dataclass
from typing import Any

import brainunit as u
import jax.numpy as jnp

from ..random import RandomState, SeedOrKey
from ._base import InitError, RandomInitializer, attach_unit, need_dtype, need_size


@dataclass(repr=False, eq=False)
class Orthogonal(RandomInitializer):
    """A matrix with orthonormal rows or columns, whichever are fewer.

    Parameters
    ----------
    scale : float
        Factor on the matrix. Default 1.
    axis : int
        Axis kept as the columns; all others together are the rows. Default -1.
    seed : int or key, optional
        A stream of its own; left out, `random.DEFAULT`.
    unit : Unit
        Default unitless.

    Raises
    ------
    InitError
        If the shape has fewer than two axes.

    References
    ----------
    Saxe, McClelland and Ganguli, ICLR (2014).
    """

    scale: float = 1.0
    axis: int = -1
    seed: SeedOrKey | RandomState | None = None
    unit: u.Unit = u.UNITLESS

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """Draw a matrix of this shape."""
        size, dtype = need_size(shape), need_dtype(dtype)
        if len(size) < 2:
            raise InitError(
                f"init.Orthogonal: shape {size} is no matrix. Give two or more axes."
            )
        n_columns = size[self.axis]
        n_rows = math.prod(size) // max(n_columns, 1)
        tall = (max(n_rows, n_columns), min(n_rows, n_columns))
        q, r = jnp.linalg.qr(self.rng.normal(size=tall, dtype=jnp.float32))
        q = q * jnp.where(jnp.diag(r) < 0, -1.0, 1.0)  # makes the draw uniform (Haar)
        if n_rows < n_columns:
            q = q.T
        others = [n for i, n in enumerate(size) if i != self.axis % len(size)]
        q = jnp.moveaxis(q.reshape(*others, n_columns), -1, self.axis)
        return attach_unit(self.scale * q.astype(dtype), self.unit)


@dataclass(repr=False, eq=False)
class DeltaOrthogonal(RandomInitializer):
    """A convolution that is an orthogonal matrix at its centre and zero beside it.

    Parameters
    ----------
    scale : float
        Factor on the matrix. Default 1.
    axis : int
        As in `Orthogonal`. Default -1.
    seed : int or key, optional
        A stream of its own; left out, `random.DEFAULT`.
    unit : Unit
        Default unitless.

    Raises
    ------
    InitError
        If the shape has not three to five axes, or fewer outputs than inputs.

    References
    ----------
    Xiao et al., ICML (2018).
    """

    scale: float = 1.0
    axis: int = -1
    seed: SeedOrKey | None = None
    unit: u.Unit = u.UNITLESS

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """Draw a kernel of this shape, (*window, n_in, n_out)."""
        size, dtype = need_size(shape), need_dtype(dtype)
        if len(size) not in (3, 4, 5) or size[-1] < size[-2]:
            raise InitError(
                f"init.DeltaOrthogonal: shape {size}, but it must have three to five "
                "axes and at least as many outputs (last) as inputs (last but one)."
            )
        matrix = Orthogonal(self.scale, self.axis, seed=self.rng)(size[-2:], dtype)
        centre = tuple((n - 1) // 2 for n in size[:-2])
        return attach_unit(jnp.zeros(size, dtype).at[centre].set(matrix), self.unit)
