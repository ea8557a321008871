"""Layers that put the same numbers into another shape."""

from __future__ import annotations

import math

import brainunit as u

from ..typing import Size
from ._errors import SizeError
from ._module import Module, as_size


def _axis(axis: int, ndim: int, where: str) -> int:
    """Return `axis` counted from the front."""
    if not -ndim <= axis < ndim:
        raise SizeError(f"{where} is {axis}, but the input has {ndim} axes.")
    return axis % ndim


class Flatten(Module):
    """Layer that merges neighbouring axes into one.

    Parameters
    ----------
    start_axis, end_axis : int, default 0, -1
        First and last axis that are merged. With `in_size` they are axes of it.
    in_size : int or tuple of int, optional
        Shape of the input without batch axes, which then stay as they are.

    Raises
    ------
    SizeError
        If an axis does not exist, or the input does not end with `in_size`.
    """

    def __init__(
        self, start_axis: int = 0, end_axis: int = -1, in_size: Size | None = None
    ):
        super().__init__()
        self.start_axis = start_axis
        self.end_axis = end_axis
        if in_size is not None:
            self.in_size = in_size
            self.out_size = self._shape(self.in_size)

    def _shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape that `shape` becomes."""
        start = _axis(self.start_axis, len(shape), "Flatten.start_axis")
        end = _axis(self.end_axis, len(shape), "Flatten.end_axis")
        if end < start:
            raise SizeError(
                f"Flatten: start_axis {self.start_axis} comes after end_axis "
                f"{self.end_axis}. Exchange them."
            )
        merged = math.prod(shape[start : end + 1])
        return (*shape[:start], merged, *shape[end + 1 :])

    def update(self, x):
        """Return `x` in its new shape."""
        shape = tuple(x.shape)
        n_batch = 0 if self.in_size is None else len(shape) - len(self.in_size)
        if self.in_size is not None and (
            n_batch < 0 or shape[n_batch:] != self.in_size
        ):
            raise SizeError(
                f"Flatten: the input has shape {shape}; its last axes must be "
                f"{self.in_size}, the in_size."
            )
        return u.math.reshape(x, (*shape[:n_batch], *self._shape(shape[n_batch:])))


class Unflatten(Module):
    """Layer that splits one axis into several.

    Parameters
    ----------
    axis : int
        Axis that is split.
    sizes : tuple of int
        What it becomes; one of them may be -1, for what is left.
    name : str, optional
        Name for messages and printing.
    in_size : int or tuple of int, optional
        Shape of the input without batch axes; sets `out_size`.

    Raises
    ------
    SizeError
        If the axis does not exist, or is not as long as the product of `sizes`.
    """

    def __init__(
        self,
        axis: int,
        sizes: tuple[int, ...],
        name: str | None = None,
        in_size: Size | None = None,
    ):
        super().__init__(name=name)
        self.axis = axis
        self.sizes = as_size(sizes, "Unflatten.sizes")
        if in_size is not None:
            self.in_size = in_size
            self.out_size = self._shape(self.in_size)

    def _shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape that `shape` becomes."""
        axis = _axis(self.axis, len(shape), "Unflatten.axis")
        known = math.prod(size for size in self.sizes if size != -1)
        missing = shape[axis] // known if known else 0
        sizes = tuple(missing if size == -1 else size for size in self.sizes)
        if math.prod(sizes) != shape[axis]:
            raise SizeError(
                f"Unflatten: axis {self.axis} has {shape[axis]} entries, which is not "
                f"the product of {self.sizes}."
            )
        return (*shape[:axis], *sizes, *shape[axis + 1 :])

    def update(self, x):
        """Return `x` in its new shape."""
        return u.math.reshape(x, self._shape(tuple(x.shape)))
