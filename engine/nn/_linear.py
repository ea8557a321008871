"""Dense layers: linear maps of the last axis."""

from __future__ import annotations

from collections.abc import Callable

import brainunit as u
import jax.numpy as jnp

from .. import functional, init
from .._state import ParamState
from ..typing import ArrayLike, Size
from ._errors import ShapeError, SizeError
from ._module import Module

KAIMING = init.KaimingNormal()
ZERO = init.ZeroInit()

LEADING = (
    "{where}: in_size is {given} and out_size is {other}, but only their last axes may "
    "differ. Make the leading ones equal, or flatten first."
)


SHAPE = (
    "{where}: the input has the shape {shape}; its last axis needs to have the length "
    "{n}, the last of in_size {in_size}. {cure}"
)
TURNED = "Its first axis has that length: is it transposed?"
OTHER = "Reshape the input, or make the layer for another in_size."


class _Dense(Module):
    """What the dense layers share: the sizes, and one matrix of the last axes."""

    def __init__(self, in_size: Size, out_size: Size, name: str | None):
        super().__init__(name=name)
        self.in_size = in_size
        self.out_size = out_size
        if self.in_size[:-1] != self.out_size[:-1] and len(self.in_size) > 1:
            raise SizeError(
                LEADING.format(
                    where=type(self).__name__, given=self.in_size, other=self.out_size
                )
            )

    def _matrix(self, w_init, allow_none: bool = False):
        """Return the initial value of something of the shape of the weights."""
        shape = (self.in_size[-1], self.out_size[-1])
        return init.param(w_init, shape, allow_none=allow_none)

    def _check_input(self, x) -> None:
        shape, n = u.math.shape(x), self.in_size[-1]
        if not shape or shape[-1] != n:
            where = type(self).__name__ + (f" {self.name!r}" if self.name else "")
            cure = TURNED if shape and shape[0] == n else OTHER
            text = SHAPE.format(
                where=where, shape=shape, n=n, in_size=self.in_size, cure=cure
            )
            raise ShapeError(text)

    def _bias(self, b_init):
        return init.param(b_init, (self.out_size[-1],), allow_none=False)


class Linear(_Dense):
    r"""Dense layer: a linear map of the last axis.

    .. math:: y = x (W \odot M) + b

    Parameters
    ----------
    in_size, out_size : int or tuple of int
        Shapes without batch axes; only the last axes may differ.
    w_init : callable or array, shape (n_in, n_out)
        Weights. Default ``KaimingNormal()``.
    b_init : callable, array of shape (n_out,), or None
        Bias; None for a layer without. Default zero.
    w_mask : callable or array, shape (n_in, n_out), optional
        The factor :math:`M` of the weights; 1 unless given.
    name : str, optional
        Name for messages and printing.

    States
    ------
    weight : ParamState
        Dictionary of ``"weight"``, shape (n_in, n_out), and ``"bias"``, shape (n_out,).

    Raises
    ------
    SizeError
        If leading axes of the sizes differ.
    """

    def __init__(
        self,
        in_size: Size,
        out_size: Size,
        w_init: Callable | ArrayLike = KAIMING,
        b_init: Callable | ArrayLike | None = ZERO,
        w_mask: Callable | ArrayLike | None = None,
        name: str | None = None,
    ):
        super().__init__(in_size, out_size, name)
        self.w_mask = self._matrix(w_mask, allow_none=True)
        params = {"weight": self._matrix(w_init)}
        if b_init is not None:
            params["bias"] = self._bias(b_init)
        self.weight = ParamState(params)

    def update(self, x):
        """Return the output for `x` of shape (..., n_in)."""
        self._check_input(x)
        params = self.weight.value
        weight = params["weight"]
        if self.w_mask is not None:
            weight = weight * self.w_mask
        y = u.math.matmul(x, weight)
        return y + params["bias"] if "bias" in params else y


class ScaledWSLinear(_Dense):
    r"""Dense layer whose weights are standardized for each output.

    .. math:: y = x (\hat W \odot M) + b, \qquad
        \hat W = g (W - \mu) / \sqrt{\max(n \sigma^2, \epsilon)}

    Parameters
    ----------
    in_size, out_size, w_init, b_init, w_mask, name
        As for `Linear`.
    ws_gain : bool, default True
        Learn the factors :math:`g`, one for each output.
    eps : float, default 1e-4
        Smallest value under the root.

    States
    ------
    weight : ParamState
        Dictionary of ``"weight"``, ``"bias"`` and ``"gain"``, shape (1, n_out).

    References
    ----------
    Brock et al., Characterizing signal propagation to close the performance gap in
    unnormalized ResNets, ICLR (2021), eq. 2.
    """

    def __init__(
        self,
        in_size: Size,
        out_size: Size,
        w_init: Callable | ArrayLike = KAIMING,
        b_init: Callable | ArrayLike | None = ZERO,
        w_mask: Callable | ArrayLike | None = None,
        ws_gain: bool = True,
        eps: float = 1e-4,
        name: str | None = None,
    ):
        super().__init__(in_size, out_size, name)
        self.w_mask = self._matrix(w_mask, allow_none=True)
        self.eps = eps
        params = {"weight": self._matrix(w_init)}
        if b_init is not None:
            params["bias"] = self._bias(b_init)
        if ws_gain:
            params["gain"] = jnp.ones((1, self.out_size[-1]), params["weight"].dtype)
        self.weight = ParamState(params)

    def update(self, x):
        """Return the output for `x` of shape (..., n_in)."""
        self._check_input(x)
        params = self.weight.value
        weight = functional.weight_standardization(
            params["weight"], self.eps, params.get("gain")
        )
        if self.w_mask is not None:
            weight = weight * self.w_mask
        y = u.math.matmul(x, weight)
        return y + params["bias"] if "bias" in params else y


class SignedWLinear(_Dense):
    r"""Dense layer whose weights keep their signs (Dale's law).

    .. math:: y = x (|W| \odot S)

    Parameters
    ----------
    in_size, out_size, w_init, name
        As for `Linear`.
    w_sign : array, broadcasting with (n_in, n_out), optional
        The signs :math:`S`; all positive unless given. Shape (n_in, 1) gives one sign
        to each presynaptic unit.

    States
    ------
    weight : ParamState, shape (n_in, n_out)
    """

    def __init__(
        self,
        in_size: Size,
        out_size: Size,
        w_init: Callable | ArrayLike = KAIMING,
        w_sign: ArrayLike | None = None,
        name: str | None = None,
    ):
        super().__init__(in_size, out_size, name)
        self.w_sign = w_sign
        self.weight = ParamState(self._matrix(w_init))

    def update(self, x):
        """Return the output for `x` of shape (..., n_in)."""
        self._check_input(x)
        weight = u.math.abs(self.weight.value)
        return u.math.matmul(x, weight if self.w_sign is None else weight * self.w_sign)


class AllToAll(_Dense):
    r"""Dense layer that may leave out the way from a unit to itself.

    .. math:: y_j = \sum_i x_i w_{ij}, \qquad \text{without } i = j \text{ on demand}

    Parameters
    ----------
    in_size, out_size, name
        As for `Linear`.
    w_init : callable, array of shape (n_in, n_out), or scalar
        Weights; a scalar is one weight for all, and costs a sum only.
        Default ``KaimingNormal()``.
    include_self : bool, default True
        Whether unit `i` drives unit `i` of the output.

    States
    ------
    weight : ParamState, shape () or (n_in, n_out)
    """

    def __init__(
        self,
        in_size: Size,
        out_size: Size,
        w_init: Callable | ArrayLike = KAIMING,
        include_self: bool = True,
        name: str | None = None,
    ):
        super().__init__(in_size, out_size, name)
        self.include_self = include_self
        self.weight = ParamState(self._matrix(w_init))

    def update(self, pre_val):
        """Return the output for `pre_val` of shape (..., n_in)."""
        self._check_input(pre_val)
        weight = self.weight.value
        n_in, n_out = self.in_size[-1], self.out_size[-1]
        if u.math.ndim(weight) == 2:
            if not self.include_self:
                weight = weight * (
                    1 - jnp.eye(n_in, n_out, dtype=u.math.get_dtype(weight))
                )
            return u.math.matmul(pre_val, weight)
        total = u.math.sum(pre_val, axis=-1, keepdims=True)
        total = u.math.broadcast_to(total, (*total.shape[:-1], n_out))
        if self.include_self:
            return weight * total
        own = pre_val[..., : min(n_in, n_out)]
        missing = [(0, 0)] * (own.ndim - 1) + [(0, n_out - own.shape[-1])]
        own = u.Quantity(jnp.pad(u.get_mantissa(own), missing), unit=u.get_unit(own))
        return weight * (total - u.maybe_decimal(own))
