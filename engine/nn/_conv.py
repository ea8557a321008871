"""Convolutions over one, two or three axes, with channels last."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import brainunit as u
import jax
import jax.numpy as jnp

from .. import functional, init
from .._state import ParamState
from ..typing import ArrayLike, Size
from ._errors import SizeError
from ._module import Module
from ._window import one_each, window_padding

XAVIER = init.XavierNormal()


class _Conv(Module):
    r"""Convolution, channels last.

    .. math:: y_{p,c} = b_c + \sum_{k, i} W_{k,i,c} \, x_{p s + k, i}

    Parameters
    ----------
    in_size : tuple of int
        Shape of the input without batch axes: spatial axes, then channels.
    out_channels : int
        Number of output channels.
    kernel_size : int or tuple of int
        Length of the window on each spatial axis.
    stride : int or tuple of int, default 1
        Step :math:`s` of the window.
    padding : {"SAME", "VALID"}, int, pair of int, or pairs of int, default "SAME"
        Zeros around the input: the same on all sides, (before, after) on all axes, or
        (before, after) on each.
    lhs_dilation, rhs_dilation : int or tuple of int, default 1
        Distance at which input entries, or kernel entries, are spread out.
    groups : int, default 1
        Groups of channels that do not mix; divides both numbers of channels.
    w_init : callable or array, shape (*kernel_size, in_channels / groups, out_channels)
        Weights. Default ``XavierNormal()``.
    b_init : callable, array of shape (1, ..., out_channels), or None
        Bias; none by default.
    w_mask : callable or array, optional
        Factor of the weights, of their shape.
    name : str, optional
        Name for messages and printing.

    States
    ------
    weight : ParamState
        Dictionary of ``"weight"`` and, if there is one, ``"bias"``.

    Raises
    ------
    SizeError
        If sizes do not fit each other, or the input does not end with `in_size`.
    """

    num_spatial_dims: ClassVar[int]

    def __init__(
        self,
        in_size: Size,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        padding: Any = "SAME",
        lhs_dilation: int | tuple[int, ...] = 1,
        rhs_dilation: int | tuple[int, ...] = 1,
        groups: int = 1,
        w_init: Callable | ArrayLike = XAVIER,
        b_init: Callable | ArrayLike | None = None,
        w_mask: Callable | ArrayLike | None = None,
        name: str | None = None,
    ):
        super().__init__(name=name)
        n, kind = self.num_spatial_dims, type(self).__name__
        self.in_size = in_size
        if len(self.in_size) != n + 1:
            raise SizeError(
                f"{kind}.in_size is {self.in_size}; give {n} spatial axes and the "
                f"number of channels."
            )
        self.in_channels = self.in_size[-1]
        self.out_channels = out_channels
        for what, channels in (("input", self.in_channels), ("output", out_channels)):
            if channels % groups:
                raise SizeError(
                    f"{kind}: {channels} {what} channels cannot be shared out among "
                    f"{groups} groups."
                )
        self.kernel_size = one_each(kernel_size, n, f"{kind}.kernel_size")
        self.stride = one_each(stride, n, f"{kind}.stride")
        self.lhs_dilation = one_each(lhs_dilation, n, f"{kind}.lhs_dilation")
        self.rhs_dilation = one_each(rhs_dilation, n, f"{kind}.rhs_dilation")
        self.padding = window_padding(padding, n, f"{kind}.padding", one_pair=True)
        if isinstance(self.padding, str):
            self.padding = self._spelled_out(self.padding)
        self.groups = groups
        self.kernel_shape = (
            *self.kernel_size,
            self.in_channels // groups,
            out_channels,
        )
        self.w_mask = init.param(w_mask, self.kernel_shape)
        self.weight = ParamState(self._params(w_init, b_init))
        probe = jax.ShapeDtypeStruct((1, *self.in_size), jnp.float32)
        shaped = jax.eval_shape(self._convolve, probe, self.weight.value["weight"])
        self.out_size = shaped.shape[1:]

    def _spelled_out(self, padding: str) -> list[tuple[int, int]]:
        """Return padding by a word as numbers: JAX has no words for spread inputs."""
        spread = [
            (size - 1) * by + 1
            for size, by in zip(self.in_size[:-1], self.lhs_dilation, strict=True)
        ]
        window = [
            (size - 1) * by + 1
            for size, by in zip(self.kernel_size, self.rhs_dilation, strict=True)
        ]
        return list(jax.lax.padtype_to_pads(spread, window, self.stride, padding))

    def _params(self, w_init, b_init) -> dict[str, Any]:
        params = {"weight": init.param(w_init, self.kernel_shape, allow_none=False)}
        if b_init is not None:
            shape = (*(1,) * self.num_spatial_dims, self.out_channels)
            params["bias"] = init.param(b_init, shape, allow_none=False)
        return params

    def _kernel(self, params):
        """Return the weights as they are used."""
        return params["weight"]

    def _convolve(self, x, weight):
        """Return the convolution of `x`, shape (n_batch, *in_size), without bias."""
        spatial = "XYZ"[: self.num_spatial_dims]
        x, weight = jnp.asarray(u.get_mantissa(x)), u.get_mantissa(weight)
        dtype = jnp.result_type(x, weight)
        return jax.lax.conv_general_dilated(
            x.astype(dtype),
            weight.astype(dtype),
            window_strides=self.stride,
            padding=self.padding,
            lhs_dilation=self.lhs_dilation,
            rhs_dilation=self.rhs_dilation,
            feature_group_count=self.groups,
            dimension_numbers=(f"N{spatial}C", f"{spatial}IO", f"N{spatial}C"),
        )

    def update(self, x):
        """Return the output for `x` of shape (..., *in_size)."""
        n_batch = x.ndim - len(self.in_size)
        batch, own = (
            tuple(x.shape[: max(n_batch, 0)]),
            tuple(x.shape[-len(self.in_size) :]),
        )
        if own != self.in_size:
            raise SizeError(
                f"{type(self).__name__}: the input has shape {tuple(x.shape)}; its "
                f"last axes must be {self.in_size}, the in_size."
            )
        params = self.weight.value
        weight = self._kernel(params)
        if self.w_mask is not None:
            weight = weight * self.w_mask
        flat = u.math.reshape(x, (math.prod(batch), *own))
        y = self._convolve(flat, weight).reshape(*batch, *self.out_size)
        unit = u.get_unit(x) * u.get_unit(weight)
        y = u.maybe_decimal(u.Quantity(y, unit=unit))
        return y + params["bias"] if "bias" in params else y


class Conv1d(_Conv):
    __doc__ = _Conv.__doc__
    num_spatial_dims = 1


class Conv2d(_Conv):
    __doc__ = _Conv.__doc__
    num_spatial_dims = 2


class Conv3d(_Conv):
    __doc__ = _Conv.__doc__
    num_spatial_dims = 3


class _ScaledWSConv(_Conv):
    r"""Convolution whose weights are standardized for each output channel.

    .. math:: \hat W = g (W - \mu) / \sqrt{\max(n \sigma^2, \epsilon)}

    Parameters
    ----------
    in_size, out_channels, kernel_size, stride, padding, lhs_dilation, rhs_dilation, \
    groups, w_init, b_init, w_mask, name
        As for `Conv1d`.
    ws_gain : bool, default True
        Learn the factors :math:`g`, one for each output channel.
    eps : float, default 1e-4
        Smallest value under the root.

    States
    ------
    weight : ParamState
        Dictionary of ``"weight"``, ``"gain"`` and ``"bias"``, as far as they exist.

    References
    ----------
    Brock et al., Characterizing signal propagation to close the performance gap in
    unnormalized ResNets, ICLR (2021), eq. 2.
    """

    def __init__(
        self,
        in_size: Size,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        padding: Any = "SAME",
        lhs_dilation: int | tuple[int, ...] = 1,
        rhs_dilation: int | tuple[int, ...] = 1,
        groups: int = 1,
        ws_gain: bool = True,
        eps: float = 1e-4,
        w_init: Callable | ArrayLike = XAVIER,
        b_init: Callable | ArrayLike | None = None,
        w_mask: Callable | ArrayLike | None = None,
        name: str | None = None,
    ):
        self.ws_gain = ws_gain
        self.eps = eps
        super().__init__(
            in_size=in_size,
            out_channels=out_channels,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            lhs_dilation=lhs_dilation,
            rhs_dilation=rhs_dilation,
            groups=groups,
            w_init=w_init,
            b_init=b_init,
            w_mask=w_mask,
            name=name,
        )

    def _params(self, w_init, b_init) -> dict[str, Any]:
        params = super()._params(w_init, b_init)
        if self.ws_gain:
            shape = (*(1,) * (len(self.kernel_shape) - 1), self.out_channels)
            params["gain"] = jnp.ones(shape, params["weight"].dtype)
        return params

    def _kernel(self, params):
        gain = params.get("gain")
        return functional.weight_standardization(params["weight"], self.eps, gain)


class ScaledWSConv1d(_ScaledWSConv):
    __doc__ = _ScaledWSConv.__doc__
    num_spatial_dims = 1


class ScaledWSConv2d(_ScaledWSConv):
    __doc__ = _ScaledWSConv.__doc__
    num_spatial_dims = 2


class ScaledWSConv3d(_ScaledWSConv):
    __doc__ = _ScaledWSConv.__doc__
    num_spatial_dims = 3
