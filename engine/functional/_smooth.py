"""Activations that are smooth, and their piecewise stand-ins."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ._units import Operand, of_numbers


@of_numbers
def tanh(x: Operand):
    r"""Hyperbolic tangent: :math:`(e^x - e^{-x}) / (e^x + e^{-x})`."""
    return jnp.tanh(x)


@of_numbers
def tanh_shrink(x: Operand):
    r"""Subtract the hyperbolic tangent: :math:`x - \tanh x`."""
    return x - jnp.tanh(x)


@of_numbers
def squareplus(x: Operand, b: Operand = 4):
    r"""Smooth rectifier without exponentials: :math:`(x + \sqrt{x^2 + b}) / 2`.

    Parameters
    ----------
    x : array
        Input, a number.
    b : float, default 4
        How wide the bend is; 0 gives the rectifier.
    """
    return jax.nn.squareplus(x, b)


@of_numbers
def softplus(x: Operand):
    r"""Smooth rectifier: :math:`\log(1 + e^x)`, exact for large :math:`|x|` too."""
    return jax.nn.softplus(x)


@of_numbers
def soft_sign(x: Operand):
    r"""Smooth sign: :math:`x / (1 + |x|)`."""
    return jax.nn.soft_sign(x)


@of_numbers
def sigmoid(x: Operand):
    r"""Logistic curve: :math:`1 / (1 + e^{-x})`."""
    return jax.nn.sigmoid(x)


@of_numbers
def log_sigmoid(x: Operand):
    r"""Logarithm of the logistic curve: :math:`-\log(1 + e^{-x})`."""
    return jax.nn.log_sigmoid(x)


@of_numbers
def hard_sigmoid(x: Operand):
    r"""Logistic curve in three pieces: :math:`\min(\max(x + 3, 0), 6) / 6`."""
    return jax.nn.hard_sigmoid(x)


@of_numbers
def silu(x: Operand):
    r"""Sigmoid-weighted linear unit, also called swish: :math:`x / (1 + e^{-x})`."""
    return jax.nn.silu(x)


@of_numbers
def hard_silu(x: Operand):
    r"""Swish in three pieces: :math:`x \min(\max(x + 3, 0), 6) / 6`."""
    return jax.nn.hard_silu(x)


swish = silu
hard_swish = hard_silu


@of_numbers
def gelu(x: Operand, approximate: bool = True):
    r"""Gaussian error linear unit: :math:`x \Phi(x)`, with the normal distribution.

    Parameters
    ----------
    x : array
        Input, a number.
    approximate : bool, default True
        Use a hyperbolic tangent for :math:`\Phi`; the error is below 0.001.

    References
    ----------
    Hendrycks and Gimpel, Gaussian error linear units (2016), sec. 2.
    """
    return jax.nn.gelu(x, approximate=approximate)


@of_numbers
def glu(x: Operand, axis: int = -1):
    r"""Gated linear unit: the first half times the logistic curve of the second.

    Parameters
    ----------
    x : array
        Input, a number; even in length along `axis`.
    axis : int, default -1
        Axis that is halved.

    References
    ----------
    Dauphin et al., Language modeling with gated convolutional networks, ICML (2017).
    """
    return jax.nn.glu(x, axis=axis)


@of_numbers
def mish(x: Operand):
    r"""Self-regularized activation: :math:`x \tanh(\log(1 + e^x))`.

    References
    ----------
    Misra, Mish: a self regularized non-monotonic activation function (2019), eq. 1.
    """
    return x * jnp.tanh(jax.nn.softplus(x))


@of_numbers
def sparse_plus(x: Operand):
    r"""Smooth rectifier that is 0 below -1 and :math:`x` above 1.

    .. math:: f(x) = (x + 1)^2 / 4 \text{ for } -1 < x < 1
    """
    return jax.nn.sparse_plus(x)


@of_numbers
def sparse_sigmoid(x: Operand):
    r"""Differentiate `sparse_plus`: :math:`\min(\max((x + 1) / 2, 0), 1)`."""
    return jax.nn.sparse_sigmoid(x)
