"""Batch normalization."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from .. import environ, init
from .._state import LongTermState, ParamState
from ..typing import ArrayLike, Axes, Size
from ._errors import SizeError
from ._module import Module

ZERO = init.Constant(0.0)
ONE = init.Constant(1.0)


class _BatchNorm(Module):
    r"""Normalization of each feature over the batch.

    .. math:: y = \gamma \, (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta

    While ``environ`` says ``fit=True``, mean and variance are those of the batch, and
    their running means are updated; else the running means are used.

    Parameters
    ----------
    in_size : tuple of int
        Shape of the input without the batch axis: spatial axes, then features.
    feature_axis : int or tuple of int, default -1
        Axes of `in_size` that have statistics of their own.
    track_running_stats : bool, default True
        Keep running means. Without, the statistics are always those of the batch.
    epsilon : float, default 1e-5
        Keeps the root from zero.
    momentum : float, default 0.99
        Share of the running mean that an update keeps.
    affine : bool, default True
        Learn :math:`\gamma` and :math:`\beta`.
    bias_initializer, scale_initializer : callable or array
        First values of :math:`\beta` and :math:`\gamma`. Default 0 and 1.
    axis_name : str or sequence of str, optional
        Names of mapped axes over which the statistics are taken, too.
    axis_index_groups : sequence of sequences of int, optional
        Groups of indices of a mapped axis that share statistics.
    name : str, optional
        Name for messages and printing.
    dtype : dtype, optional
        Of states and output; the floating-point type of `environ` unless given.

    States
    ------
    weight : ParamState
        Dictionary of ``"scale"`` and ``"bias"``; shape of `in_size`, with 1 for every
        axis that has no statistics of its own.
    running_mean, running_var : LongTermState
        Of the same shape; the variance is that of the batch, not corrected.

    Raises
    ------
    SizeError
        If the input has another shape.
    UnknownNameError
        If ``environ`` does not say whether this is fitting.

    References
    ----------
    Ioffe and Szegedy, Batch normalization, ICML (2015), algorithm 1.
    """

    num_spatial_dims: ClassVar[int]

    def __init__(
        self,
        in_size: Size,
        feature_axis: Axes = -1,
        track_running_stats: bool = True,
        epsilon: float = 1e-5,
        momentum: float = 0.99,
        affine: bool = True,
        bias_initializer: Callable | ArrayLike = ZERO,
        scale_initializer: Callable | ArrayLike = ONE,
        axis_name: str | Sequence[str] | None = None,
        axis_index_groups: Sequence[Sequence[int]] | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(name=name)
        self.in_size = in_size
        self.out_size = in_size
        n_axes = self.num_spatial_dims + 1
        if len(self.in_size) != n_axes:
            raise SizeError(
                f"{type(self).__name__}.in_size is {self.in_size}; give "
                f"{self.num_spatial_dims} spatial axes and the number of features."
            )
        axes = np.atleast_1d(np.asarray(feature_axis, int)).tolist()
        self.feature_axis = tuple(axis % n_axes for axis in axes)
        self.track_running_stats = track_running_stats
        self.epsilon = epsilon
        self.momentum = momentum
        self.affine = affine
        self.axis_name = axis_name
        self.axis_index_groups = axis_index_groups
        self.dtype = environ.dftype() if dtype is None else dtype
        shape = tuple(
            size if axis in self.feature_axis else 1
            for axis, size in enumerate(self.in_size)
        )
        self.running_mean = self.running_var = self.weight = None
        if track_running_stats:
            self.running_mean = LongTermState(jnp.zeros(shape, self.dtype))
            self.running_var = LongTermState(jnp.ones(shape, self.dtype))
        if affine:
            given = {"bias": bias_initializer, "scale": scale_initializer}
            self.weight = ParamState(
                {
                    name: jnp.broadcast_to(
                        jnp.asarray(init.param(value, shape), self.dtype), shape
                    )
                    for name, value in given.items()
                }
            )

    def update(self, x):
        """Return the normalized `x`, shape (n_batch, *in_size) or `in_size`."""
        n_batch = x.ndim - len(self.in_size)
        if n_batch not in (0, 1) or tuple(x.shape[n_batch:]) != self.in_size:
            raise SizeError(
                f"{type(self).__name__}: the input has shape {tuple(x.shape)}; it must "
                f"be {self.in_size}, with at most one batch axis before."
            )
        x = jnp.asarray(x, self.dtype)
        mean, var = self._statistics(x, n_batch)
        y = (x - mean) * jax.lax.rsqrt(var + jnp.asarray(self.epsilon, self.dtype))
        if self.weight is not None:
            y = y * self.weight.value["scale"] + self.weight.value["bias"]
        return y

    def _statistics(self, x, n_batch: int):
        """Return mean and variance to use; update the running ones while fitting."""
        running_mean, running_var = self.running_mean, self.running_var
        if running_mean is None or running_var is None:
            return self._of_batch(x, n_batch)
        if not environ.get("fit", desc="whether this is fitting, True or False"):
            return running_mean.value, running_var.value
        mean, var = self._of_batch(x, n_batch)
        keep = self.momentum
        for running, new in ((running_mean, mean), (running_var, var)):
            shaped = new.reshape(running.value.shape)
            running.value = keep * running.value + (1 - keep) * shaped
        return mean, var

    def _of_batch(self, x, n_batch: int):
        axes = tuple(a for a in range(x.ndim) if a - n_batch not in self.feature_axis)
        mean = self._over_devices(jnp.mean(x, axes, keepdims=True))
        return mean, self._over_devices(jnp.mean((x - mean) ** 2, axes, keepdims=True))

    def _over_devices(self, x):
        if self.axis_name is None:
            return x
        groups = self.axis_index_groups
        return jax.lax.pmean(x, self.axis_name, axis_index_groups=groups)


class BatchNorm0d(_BatchNorm):
    __doc__ = _BatchNorm.__doc__
    num_spatial_dims = 0


class BatchNorm1d(_BatchNorm):
    __doc__ = _BatchNorm.__doc__
    num_spatial_dims = 1


class BatchNorm2d(_BatchNorm):
    __doc__ = _BatchNorm.__doc__
    num_spatial_dims = 2


class BatchNorm3d(_BatchNorm):
    __doc__ = _BatchNorm.__doc__
    num_spatial_dims = 3
