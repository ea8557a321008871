"""Activations that are linear on one side, or on both."""

from __future__ import annotations

import brainunit as u
import jax
import jax.numpy as jnp

from .. import random
from ._units import Operand, keeps_unit, of_numbers


@keeps_unit
def relu(x: Operand):
    r"""Rectify: :math:`\max(x, 0)`, with gradient 0 at 0."""
    return jax.nn.relu(x)


@of_numbers
def relu6(x: Operand):
    r"""Rectify and bound: :math:`\min(\max(x, 0), 6)`, gradient 0 at 0 and at 6."""
    return jax.nn.relu6(x)


@keeps_unit
def leaky_relu(x: Operand, negative_slope: Operand = 0.01):
    r"""Keep positive values, multiply negative ones by a slope.

    .. math:: f(x) = x \text{ for } x \ge 0, \qquad a x \text{ for } x < 0

    Parameters
    ----------
    x : array
        Input; quantities keep their unit.
    negative_slope : float, default 0.01
        The slope :math:`a`.
    """
    return jax.nn.leaky_relu(x, negative_slope)


@keeps_unit
def prelu(x: Operand, a: Operand = 0.25):
    """Keep positive values, multiply negative ones by a learned slope.

    Parameters
    ----------
    x : array
        Input; quantities keep their unit.
    a : array, default 0.25
        The slope; broadcasts to `x`.

    References
    ----------
    He et al., Delving deep into rectifiers, ICCV (2015), eq. 1.
    """
    return jnp.where(jnp.greater_equal(x, 0), x, a * x)


@keeps_unit
def rrelu(x: Operand, lower: float = 0.125, upper: float = 0.3333333333333333):
    """Keep positive values, multiply each negative one by a slope drawn anew.

    Parameters
    ----------
    x : array
        Input; quantities keep their unit.
    lower, upper : float, default 1/8, 1/3
        Bounds of the uniform distribution of the slopes.

    References
    ----------
    Xu et al., Empirical evaluation of rectified activations (2015).
    """
    x = jnp.asarray(x)
    dtype = jnp.result_type(x, float)
    slope = random.uniform(lower, upper, size=x.shape).astype(dtype)
    return jnp.where(x >= 0, x, slope * x)


@of_numbers
def elu(x: Operand, alpha: Operand = 1.0):
    r"""Exponential linear unit.

    .. math:: f(x) = x \text{ for } x > 0, \qquad \alpha (e^x - 1) \text{ for } x \le 0

    Parameters
    ----------
    x : array
        Input, a number.
    alpha : float, default 1
        Negative of the limit at minus infinity.

    References
    ----------
    Clevert et al., Fast and accurate deep network learning by ELUs, ICLR (2016),
    eq. 15.
    """
    return jax.nn.elu(x, alpha)


@of_numbers
def celu(x: Operand, alpha: Operand = 1.0):
    r"""Continuously differentiable exponential linear unit.

    .. math:: f(x) = \max(x, 0) + \min(\alpha (e^{x / \alpha} - 1), 0)

    Parameters
    ----------
    x : array
        Input, a number.
    alpha : float, default 1
        Negative of the limit at minus infinity.

    References
    ----------
    Barron, Continuously differentiable exponential linear units (2017), eq. 2.
    """
    return jax.nn.celu(x, alpha)


@of_numbers
def selu(x: Operand):
    r"""Scaled exponential linear unit, which keeps mean 0 and variance 1 of its input.

    .. math:: f(x) = \lambda \, \mathrm{elu}(x, \alpha),
        \qquad \lambda \approx 1.0507, \quad \alpha \approx 1.6733

    References
    ----------
    Klambauer et al., Self-normalizing neural networks, NeurIPS (2017), eq. 2.
    """
    return jax.nn.selu(x)


def hard_tanh(x: Operand, min_val: Operand = -1.0, max_val: Operand = 1.0):
    r"""Bound: :math:`\min(\max(x, x_{min}), x_{max})`.

    Parameters
    ----------
    x : array
        Input; a quantity if the bounds are of its unit.
    min_val, max_val : array, default -1, 1
        The bounds.
    """
    return u.math.where(x > max_val, max_val, u.math.where(x < min_val, min_val, x))


def soft_shrink(x: Operand, lambd: Operand = 0.5):
    r"""Move towards zero: :math:`\mathrm{sign}(x) \max(|x| - \lambda, 0)`.

    Parameters
    ----------
    x : array
        Input; a quantity if `lambd` is of its unit.
    lambd : float, default 0.5
        How far; not negative.
    """
    zero = u.math.zeros_like(x)
    below = u.math.where(x < -lambd, x + lambd, zero)
    return u.math.where(x > lambd, x - lambd, below)


def hard_shrink(x: Operand, lambd: Operand = 0.5):
    r"""Set small values to zero: :math:`x` where :math:`|x| > \lambda`.

    Parameters
    ----------
    x : array
        Input; a quantity if `lambd` is of its unit.
    lambd : float, default 0.5
        How large a value has to be; not negative.
    """
    return u.math.where(abs(x) > lambd, x, u.math.zeros_like(x))
