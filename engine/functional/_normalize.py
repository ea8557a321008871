"""Functions of a whole axis: softmax and its kin, standardization, one-hot."""

from __future__ import annotations

from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp

from .. import environ
from ..typing import ArrayLike, Axes
from ._units import Operand, number, of_numbers


@of_numbers
def softmax(x: ArrayLike, axis: Axes | None = -1, where=None, initial=None):
    r"""Exponentials that sum to one.

    .. math:: f(x)_i = e^{x_i} / \sum_j e^{x_j}

    Parameters
    ----------
    x : array
        Input, a number.
    axis : int or tuple of int, default -1
        Over which the sum runs.
    where : array of bool, optional
        Entries that take part; the others give 0, also when there is none.
    initial : float, optional
        Kept for old programs. It bounded the largest entry, on which softmax does not
        depend.
    """
    return jax.nn.softmax(x, axis=axis, where=where)  # type: ignore[arg-type]


@of_numbers
def log_softmax(x: ArrayLike, axis: Axes | None = -1, where=None, initial=None):
    r"""Logarithm of `softmax`: :math:`x_i - \log \sum_j e^{x_j}`.

    Parameters
    ----------
    x, axis, where, initial
        As for `softmax`; entries that do not take part give minus infinity.
    """
    return jax.nn.log_softmax(x, axis=axis, where=where)  # type: ignore[arg-type]


@of_numbers
def softmin(x: ArrayLike, axis: Axes | None = -1):
    r"""Softmax of the negative: :math:`e^{-x_i} / \sum_j e^{-x_j}`."""
    return jax.nn.softmax(-jnp.asarray(x), axis=axis)  # type: ignore[arg-type]


@of_numbers
def logsumexp(
    a: Operand,
    axis: Axes | None = None,
    b: ArrayLike | None = None,
    keepdims: bool = False,
    return_sign: bool = False,
    where=None,
):
    r"""Logarithm of a sum of exponentials, without overflow.

    .. math:: \log \sum_i b_i e^{a_i}

    Parameters
    ----------
    a : array
        Exponents, a number.
    axis : int or tuple of int, optional
        Over which the sum runs; all unless given.
    b : array, optional
        Factors, 1 unless given.
    keepdims : bool, default False
        Keep summed axes, of length 1.
    return_sign : bool, default False
        Return the sign of the sum too, and the logarithm of its absolute value.
    where : array of bool, optional
        Entries that take part.
    """
    return jax.nn.logsumexp(
        a,
        axis=axis,  # type: ignore[arg-type]
        b=b,  # type: ignore[arg-type]
        keepdims=keepdims,
        return_sign=return_sign,
        where=where,
    )


def standardize(
    x: ArrayLike,
    axis: Axes | None = -1,
    variance: ArrayLike | None = None,
    epsilon: float = 1e-5,
    where=None,
):
    r"""Shift and scale to mean 0 and variance 1.

    .. math:: f(x) = (x - \mu) / \sqrt{\sigma^2 + \epsilon}

    Parameters
    ----------
    x : array
        Input; of a quantity the number in its unit is taken.
    axis : int or tuple of int, default -1
        Over which mean and variance are taken.
    variance : array, optional
        The variance, where it is known.
    epsilon : float, default 1e-5
        Keeps the root from zero; in squared units of `x`.
    where : array of bool, optional
        Entries that take part in mean and variance.
    """
    return jax.nn.standardize(
        u.get_mantissa(x),
        axis=axis,  # type: ignore[arg-type]
        variance=variance,  # type: ignore[arg-type]
        epsilon=epsilon,
        where=where,
    )


def one_hot(x: Any, num_classes: int, *, dtype: Any = None, axis: int = -1):
    """Return vectors that are 1 at an index and 0 elsewhere.

    Parameters
    ----------
    x : array of int
        Indices; those outside of 0 to `num_classes` - 1 give zeros.
    num_classes : int
        Length of the new axis.
    dtype : dtype, optional
        Of the result; the floating-point type of `environ` unless given.
    axis : int, default -1
        Where the new axis is put.
    """
    indices = jnp.asarray(number(x, "one_hot"))
    dtype = environ.dftype() if dtype is None else dtype
    return jax.nn.one_hot(indices, num_classes, dtype=dtype, axis=axis)


def weight_standardization(
    w: ArrayLike, eps: float = 1e-4, gain: ArrayLike | None = None, out_axis: int = -1
):
    r"""Scaled weight standardization.

    .. math:: \hat w = g (w - \mu) / \sqrt{\max(n \sigma^2, \epsilon)}

    with mean and variance over the :math:`n` inputs of each output.

    Parameters
    ----------
    w : array
        Weights; of a quantity the number in its unit is taken.
    eps : float, default 1e-4
        Smallest value under the root.
    gain : array, optional
        The factor :math:`g`; 1 unless given.
    out_axis : int, default -1
        Axis of the outputs.

    References
    ----------
    Qiao et al., Micro-batch training with batch-channel normalization and weight
    standardization (2019); Brock et al., Characterizing signal propagation, ICLR
    (2021), eq. 2.
    """
    w = jnp.asarray(u.get_mantissa(w))
    axes = tuple(axis for axis in range(w.ndim) if axis != out_axis % w.ndim)
    fan_in = w.size // w.shape[out_axis]
    mean = w.mean(axes, keepdims=True)
    scale = jax.lax.rsqrt(jnp.maximum(w.var(axes, keepdims=True) * fan_in, eps))
    if gain is not None:
        scale = scale * gain
    return (w - mean) * scale
