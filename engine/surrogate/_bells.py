"""Bells: curves that are known by their derivative around the threshold."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm

from ._base import Surrogate


@dataclass(frozen=True)
class ReluGrad(Surrogate):
    r"""Triangle around the threshold.

    .. math:: g'(x) = \alpha \max(0,\; w - |x|)

    Parameters
    ----------
    alpha : float, unitless
        Slope of the sides. Default 0.3.
    width : float, unitless
        Half-width :math:`w`. Default 1.

    References
    ----------
    Neftci, Mostafa and Zenke, IEEE Signal Processing Magazine 36 (2019).
    """

    alpha: float = 0.3
    width: float = 1.0

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`, the integral of the triangle from its left corner."""
        z = jnp.clip(x, -self.width, self.width)
        return self.alpha * (self.width * (z + 0.5 * self.width) - 0.5 * z * jnp.abs(z))

    def surrogate_grad(self, x: Any) -> jax.Array:
        """Give :math:`g'(x)`, written out for its kinks."""
        return self.alpha * jnp.maximum(0.0, self.width - jnp.abs(x))


@dataclass(frozen=True)
class GaussianGrad(Surrogate):
    r"""Gaussian bell around the threshold.

    .. math:: g'(x) = \alpha\, \mathcal N(x;\, 0, \sigma^2)

    Parameters
    ----------
    sigma : float, unitless
        Standard deviation. Default 0.5.
    alpha : float, unitless
        Area under the bell. Default 0.5.

    References
    ----------
    Yin, Corradi and Bohté, Nature Machine Intelligence 3 (2021).
    """

    sigma: float = 0.5
    alpha: float = 0.5

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`."""
        return self.alpha * norm.cdf(x, 0.0, self.sigma)

    def surrogate_grad(self, x: Any) -> jax.Array:
        """Give :math:`g'(x)`."""
        return self.alpha * norm.pdf(x, 0.0, self.sigma)


@dataclass(frozen=True)
class MultiGaussianGrad(Surrogate):
    r"""Gaussian bell with negative shoulders.

    .. math:: g'(x) = \gamma \left[ (1 + h)\, \mathcal N(x; 0, \sigma^2)
              - h\, \mathcal N(x; \sigma, (s \sigma)^2)
              - h\, \mathcal N(x; -\sigma, (s \sigma)^2) \right]

    Parameters
    ----------
    h : float, unitless
        Weight of the shoulders. Default 0.15.
    s : float, unitless
        Width of the shoulders over that of the bell. Default 6.
    sigma : float, unitless
        Standard deviation of the bell. Default 0.5.
    scale : float, unitless
        Overall factor :math:`\gamma`. Default 0.5.

    References
    ----------
    Yin, Corradi and Bohté, Nature Machine Intelligence 3 (2021), eq. 10.
    """

    h: float = 0.15
    s: float = 6.0
    sigma: float = 0.5
    scale: float = 0.5

    def _mix(self, curve: Callable[..., jax.Array], x: Any) -> jax.Array:
        """Mix one bell and two shoulders of `curve`."""
        wide = self.s * self.sigma
        bell = (1.0 + self.h) * curve(x, 0.0, self.sigma)
        sides = curve(x, self.sigma, wide) + curve(x, -self.sigma, wide)
        return self.scale * (bell - self.h * sides)

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`."""
        return self._mix(norm.cdf, x)

    def surrogate_grad(self, x: Any) -> jax.Array:
        """Give :math:`g'(x)`."""
        return self._mix(norm.pdf, x)


@dataclass(frozen=True)
class InvSquareGrad(Surrogate):
    r"""Inverse square around the threshold (SuperSpike).

    .. math:: g(x) = \frac{x}{1 + \alpha |x|}, \qquad
              g'(x) = \frac{1}{(1 + \alpha |x|)^2}

    Parameters
    ----------
    alpha : float, unitless
        Inverse width. Default 100.

    References
    ----------
    Zenke and Ganguli, Neural Computation 30 (2018), eq. 2.14.
    """

    alpha: float = 100.0

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`."""
        return x / (1.0 + self.alpha * jnp.abs(x))

    def surrogate_grad(self, x: Any) -> jax.Array:
        """Give :math:`g'(x)`, written out for its kink."""
        return 1.0 / (1.0 + self.alpha * jnp.abs(x)) ** 2


@dataclass(frozen=True)
class SlayerGrad(Surrogate):
    r"""Two-sided exponential around the threshold.

    .. math:: g(x) = \operatorname{sgn}(x) \frac{1 - e^{-\alpha |x|}}{\alpha},
              \qquad g'(x) = e^{-\alpha |x|}

    Parameters
    ----------
    alpha : float, unitless
        Inverse width. Default 1.

    References
    ----------
    Shrestha and Orchard, NeurIPS (2018).
    """

    alpha: float = 1.0

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`."""
        return -jnp.sign(x) * jnp.expm1(-self.alpha * jnp.abs(x)) / self.alpha

    def surrogate_grad(self, x: Any) -> jax.Array:
        """Give :math:`g'(x)`, written out for its kink."""
        return jnp.exp(-self.alpha * jnp.abs(x))
