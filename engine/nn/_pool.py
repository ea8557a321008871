"""Pooling: windows of the input become their largest value, or their mean."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import brainunit as u
import jax
import jax.numpy as jnp

from ..typing import Size
from ._errors import SizeError
from ._module import Module, as_size
from ._window import one_each, window_padding


class _Pooling(Module):
    """What all poolings share: which axes they work on, and their sizes."""

    num_spatial_dims: ClassVar[int]

    def __init__(
        self, channel_axis: int | None, name: str | None, in_size: Size | None
    ):
        super().__init__(name=name)
        self.channel_axis = channel_axis
        if in_size is not None:
            self.in_size = in_size

    def _set_out_size(self) -> None:
        if self.in_size is not None:
            probe = jax.ShapeDtypeStruct(self.in_size, jnp.float32)
            self.out_size = jax.eval_shape(self.update, probe).shape

    def _axes(self, ndim: int) -> tuple[int, ...]:
        """Return the spatial axes: the last ones that do not hold the channels."""
        axes = list(range(ndim))
        n, kind = self.num_spatial_dims, type(self).__name__
        if self.channel_axis is not None:
            if not -ndim <= self.channel_axis < ndim:
                raise SizeError(
                    f"{kind}.channel_axis is {self.channel_axis}, but the input has "
                    f"{ndim} axes."
                )
            axes.remove(self.channel_axis % ndim)
        if len(axes) < n:
            raise SizeError(
                f"{kind}: the input has {ndim} axes; it needs {n} spatial axes"
                f"{'' if self.channel_axis is None else ' and one of channels'}."
            )
        return tuple(axes[-n:])


class _WindowPool(_Pooling):
    """Pooling over windows of fixed size."""

    def __init__(
        self,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None,
        padding: Any,
        channel_axis: int | None,
        name: str | None,
        in_size: Size | None,
    ):
        super().__init__(channel_axis, name, in_size)
        n, kind = self.num_spatial_dims, type(self).__name__
        stride = kernel_size if stride is None else stride
        self.kernel_size = one_each(kernel_size, n, f"{kind}.kernel_size")
        self.stride = one_each(stride, n, f"{kind}.stride")
        self.padding = window_padding(padding, n, f"{kind}.padding", one_pair=False)
        self._set_out_size()

    def _windows(self, x, initial, operation: Callable):
        """Reduce the windows of `x`, a plain array."""
        axes = self._axes(x.ndim)

        def spread(values, other) -> Any:
            found = dict(zip(axes, values, strict=True))
            return tuple(found.get(axis, other) for axis in range(x.ndim))

        padding = self.padding
        if not isinstance(padding, str):
            padding = spread(padding, (0, 0))
        return jax.lax.reduce_window(
            x,
            initial,
            operation,
            spread(self.kernel_size, 1),
            spread(self.stride, 1),
            padding,
        )

    @abstractmethod
    def _reduce(self, x):
        """Return the windows of `x`, a plain array, each as one number."""

    def update(self, x):
        """Return the pooled `x`; quantities keep their unit."""
        pooled = self._reduce(jnp.asarray(u.get_mantissa(x)))
        return u.maybe_decimal(u.Quantity(pooled, unit=u.get_unit(x)))


class _MaxPool(_WindowPool):
    """Largest value of every window.

    Parameters
    ----------
    kernel_size : int or tuple of int
        Length of the window on each spatial axis.
    stride : int or tuple of int, optional
        Step of the window; its length unless given.
    padding : {"SAME", "VALID"}, int, ints or pairs of int, default "VALID"
        How far windows reach over the edge: the same on all sides, one for each axis,
        or (before, after) for each axis.
    channel_axis : int or None, default -1
        Axis that is left alone. The spatial axes are the last of the others; None if
        there are no channels.
    name : str, optional
        Name for messages and printing.
    in_size : tuple of int, optional
        Shape of the input without batch axes; sets `out_size`.

    Raises
    ------
    SizeError
        If the input has too few axes.
    """

    def __init__(
        self,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
        padding: Any = "VALID",
        channel_axis: int | None = -1,
        name: str | None = None,
        in_size: Size | None = None,
    ):
        super().__init__(kernel_size, stride, padding, channel_axis, name, in_size)

    def _reduce(self, x):
        if jnp.issubdtype(x.dtype, jnp.floating):
            return self._windows(x, -jnp.inf, jax.lax.max)
        lowest = False if x.dtype == bool else jnp.iinfo(x.dtype).min
        return self._windows(x, lowest, jax.lax.max)


class _AvgPool(_WindowPool):
    """Mean of every window; what lies over the edge does not count.

    Parameters
    ----------
    kernel_size : int or tuple of int
        Length of the window on each spatial axis.
    stride : int or tuple of int, default 1
        Step of the window.
    padding, channel_axis, name, in_size
        As for `MaxPool1d`.

    Raises
    ------
    SizeError
        If the input has too few axes.
    """

    def __init__(
        self,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        padding: Any = "VALID",
        channel_axis: int | None = -1,
        name: str | None = None,
        in_size: Size | None = None,
    ):
        super().__init__(kernel_size, stride, padding, channel_axis, name, in_size)

    def _reduce(self, x):
        x = x.astype(jnp.result_type(x, float))
        total = self._windows(x, 0.0, jax.lax.add)
        if self.padding == "VALID":
            return total / math.prod(self.kernel_size)
        return total / self._windows(jnp.ones_like(x), 0.0, jax.lax.add)


class _AdaptivePool(_Pooling):
    """Pooling to a fixed number of windows, whatever the size of the input.

    An axis of `n` entries is cut into `m` pieces; the first ``n % m`` pieces are one
    longer than the others.

    Parameters
    ----------
    target_size : int or tuple of int
        Number of windows on each spatial axis.
    channel_axis : int or None, default -1
        Axis that is left alone. The spatial axes are the last of the others; None if
        there are no channels.
    name : str, optional
        Name for messages and printing.
    in_size : tuple of int, optional
        Shape of the input without batch axes; sets `out_size`.

    Raises
    ------
    SizeError
        If the input has too few axes, or fewer entries than windows.
    """

    _operation: ClassVar[Callable]

    def __init__(
        self,
        target_size: int | tuple[int, ...],
        channel_axis: int | None = -1,
        name: str | None = None,
        in_size: Size | None = None,
    ):
        super().__init__(channel_axis, name, in_size)
        n, where = self.num_spatial_dims, f"{type(self).__name__}.target_size"
        self.target_size = as_size(one_each(target_size, n, where), where)
        self._set_out_size()

    def update(self, x):
        """Return the pooled `x`; quantities keep their unit."""
        pooled = jnp.asarray(u.get_mantissa(x))
        for axis, target in zip(self._axes(x.ndim), self.target_size, strict=True):
            pooled = self._along(pooled, axis, target)
        return u.maybe_decimal(u.Quantity(pooled, unit=u.get_unit(x)))

    def _along(self, x, axis: int, target: int):
        """Pool one axis to `target` pieces."""
        n = x.shape[axis]
        if n < target:
            raise SizeError(
                f"{type(self).__name__}: axis {axis} has {n} entries, too few for "
                f"{target} windows."
            )
        short, n_long = divmod(n, target)
        x = jnp.moveaxis(x, axis, -1)
        edge = n_long * (short + 1)
        parts = (
            (x[..., :edge], n_long, short + 1),
            (x[..., edge:], target - n_long, short),
        )
        pooled = [
            self._operation(part.reshape(*part.shape[:-1], count, length), axis=-1)
            for part, count, length in parts
            if count
        ]
        return jnp.moveaxis(jnp.concatenate(pooled, axis=-1), -1, axis)


class _AdaptiveAvgPool(_AdaptivePool):
    __doc__ = _AdaptivePool.__doc__
    _operation = staticmethod(jnp.mean)


class _AdaptiveMaxPool(_AdaptivePool):
    __doc__ = _AdaptivePool.__doc__
    _operation = staticmethod(jnp.max)


class MaxPool1d(_MaxPool):
    __doc__ = _MaxPool.__doc__
    num_spatial_dims = 1


class MaxPool2d(_MaxPool):
    __doc__ = _MaxPool.__doc__
    num_spatial_dims = 2


class MaxPool3d(_MaxPool):
    __doc__ = _MaxPool.__doc__
    num_spatial_dims = 3


class AvgPool1d(_AvgPool):
    __doc__ = _AvgPool.__doc__
    num_spatial_dims = 1


class AvgPool2d(_AvgPool):
    __doc__ = _AvgPool.__doc__
    num_spatial_dims = 2


class AvgPool3d(_AvgPool):
    __doc__ = _AvgPool.__doc__
    num_spatial_dims = 3


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    __doc__ = _AdaptivePool.__doc__
    num_spatial_dims = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    __doc__ = _AdaptivePool.__doc__
    num_spatial_dims = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    __doc__ = _AdaptivePool.__doc__
    num_spatial_dims = 3


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    __doc__ = _AdaptivePool.__doc__
    num_spatial_dims = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    __doc__ = _AdaptivePool.__doc__
    num_spatial_dims = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    __doc__ = _AdaptivePool.__doc__
    num_spatial_dims = 3
