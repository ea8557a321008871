"""Smooth steps: curves that rise from 0 to 1 through the threshold."""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from ._base import Surrogate


@dataclass(frozen=True)
class Sigmoid(Surrogate):
    r"""Logistic curve.

    .. math:: g(x) = \frac{1}{1 + e^{-\alpha x}}, \qquad
              g'(x) = \alpha\, g(x) (1 - g(x))

    Parameters
    ----------
    alpha : float, unitless
        Steepness. Default 4.
    """

    alpha: float = 4.0

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`."""
        return jax.nn.sigmoid(self.alpha * x)


@dataclass(frozen=True)
class PiecewiseQuadratic(Surrogate):
    r"""Quadratic spline whose derivative is a triangle.

    .. math:: g'(x) = \max(0,\; \alpha - \alpha^2 |x|)

    with :math:`g` rising from 0 at :math:`x = -1/\alpha` to 1 at :math:`1/\alpha`.

    Parameters
    ----------
    alpha : float, unitless
        Inverse half-width of the triangle, and its height. Default 1.

    References
    ----------
    Esser et al., PNAS 113 (2016), eq. 6 (the triangle).
    """

    alpha: float = 1.0

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`."""
        z = jnp.clip(self.alpha * x, -1.0, 1.0)
        return 0.5 + z - 0.5 * z * jnp.abs(z)

    def surrogate_grad(self, x: Any) -> jax.Array:
        """Give :math:`g'(x)`, written out for its kinks."""
        return self.alpha * jnp.maximum(0.0, 1.0 - jnp.abs(self.alpha * x))


@dataclass(frozen=True)
class PiecewiseExp(Surrogate):
    r"""Two exponentials joined at zero.

    .. math:: g(x) = \tfrac12 + \tfrac12 \operatorname{sgn}(x)(1 - e^{-\alpha|x|}),
              \qquad g'(x) = \tfrac{\alpha}{2} e^{-\alpha |x|}

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
        return 0.5 - 0.5 * jnp.sign(x) * jnp.expm1(-jnp.abs(self.alpha * x))

    def surrogate_grad(self, x: Any) -> jax.Array:
        """Give :math:`g'(x)`, written out for its kink."""
        return 0.5 * self.alpha * jnp.exp(-jnp.abs(self.alpha * x))


@dataclass(frozen=True)
class SoftSign(Surrogate):
    r"""Soft sign, shifted to run from 0 to 1.

    .. math:: g(x) = \tfrac12 + \tfrac12 \frac{\alpha x}{1 + |\alpha x|}, \qquad
              g'(x) = \frac{\alpha}{2 (1 + |\alpha x|)^2}

    Parameters
    ----------
    alpha : float, unitless
        Inverse width. Default 1.

    References
    ----------
    Zenke and Ganguli, Neural Computation 30 (2018), eq. 2.14 (its derivative).
    """

    alpha: float = 1.0

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`."""
        return 0.5 + 0.5 * self.alpha * x / (1.0 + jnp.abs(self.alpha * x))

    def surrogate_grad(self, x: Any) -> jax.Array:
        """Give :math:`g'(x)`, written out for its kink."""
        return 0.5 * self.alpha / (1.0 + jnp.abs(self.alpha * x)) ** 2


@dataclass(frozen=True)
class Arctan(Surrogate):
    r"""Arc tangent.

    .. math:: g(x) = \tfrac12 + \tfrac1\pi \arctan(\tfrac\pi2 \alpha x), \qquad
              g'(x) = \frac{\alpha}{2 (1 + (\tfrac\pi2 \alpha x)^2)}

    Parameters
    ----------
    alpha : float, unitless
        Inverse width. Default 1.

    References
    ----------
    Fang et al., ICCV (2021).
    """

    alpha: float = 1.0

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`."""
        return 0.5 + jnp.arctan(0.5 * jnp.pi * self.alpha * x) / jnp.pi


@dataclass(frozen=True)
class ERF(Surrogate):
    r"""Error function.

    .. math:: g(x) = \tfrac12 (1 + \operatorname{erf}(\alpha x)), \qquad
              g'(x) = \frac{\alpha}{\sqrt\pi} e^{-\alpha^2 x^2}

    Parameters
    ----------
    alpha : float, unitless
        Inverse width. Default 1.
    """

    alpha: float = 1.0

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`."""
        return 0.5 * jax.scipy.special.erfc(-self.alpha * x)


@dataclass(frozen=True)
class QPseudoSpike(Surrogate):
    r"""Power-law tails, from a q-Gaussian pseudo-spike.

    .. math:: g'(x) = \left(1 + \frac{2 |x|}{\alpha - 1}\right)^{-\alpha}

    with :math:`g` rising from 0 to 1.

    Parameters
    ----------
    alpha : float, above 1, unitless
        Tail exponent: the lower, the fatter. Default 2.

    References
    ----------
    Herranz-Celotti and Rouat, arXiv:2202.00282 (2022).
    """

    alpha: float = 2.0

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`."""
        tail = 0.5 * (1 + 2 * jnp.abs(x) / (self.alpha - 1)) ** (1 - self.alpha)
        return jnp.where(x < 0, tail, 1.0 - tail)

    def surrogate_grad(self, x: Any) -> jax.Array:
        """Give :math:`g'(x)`, written out for its kink."""
        return (1 + 2 * jnp.abs(x) / (self.alpha - 1)) ** (-self.alpha)


@dataclass(frozen=True)
class SquarewaveFourierSeries(Surrogate):
    r"""First terms of the Fourier series of a square wave.

    .. math:: g(x) = \tfrac12 + \tfrac2\pi \sum_{i=1}^{n}
              \frac{\sin((2i - 1) \omega x)}{2i - 1}, \qquad
              g'(x) = \frac4T \sum_{i=1}^{n} \cos((2i - 1) \omega x),
              \qquad \omega = 2\pi / T

    Parameters
    ----------
    n : int
        Number of terms. Default 2.
    t_period : float, unitless
        Period :math:`T`. Default 8.
    """

    n: int = 2
    t_period: float = 8.0

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`."""
        odd = [2 * i - 1 for i in range(1, self.n + 1)]
        omega = 2.0 * jnp.pi / self.t_period
        waves = sum((jnp.sin(k * omega * x) / k for k in odd), jnp.zeros_like(x))
        return 0.5 + 2.0 / jnp.pi * waves
