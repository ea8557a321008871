"""Ramps: curves that keep growing on one side of the threshold or both."""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from ._base import Surrogate


@dataclass(frozen=True)
class NonzeroSignLog(Surrogate):
    r"""Signed logarithm, whose derivative never vanishes.

    .. math:: g(x) = \operatorname{sgn}(x) \ln(1 + |\alpha x|), \qquad
              g'(x) = \frac{\alpha}{1 + |\alpha x|}

    Parameters
    ----------
    alpha : float, unitless
        Inverse width. Default 1.
    """

    alpha: float = 1.0

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`."""
        return jnp.sign(x) * jnp.log1p(jnp.abs(self.alpha * x))

    def surrogate_grad(self, x: Any) -> jax.Array:
        """Give :math:`g'(x)`, written out for its kink."""
        return self.alpha / (1.0 + jnp.abs(self.alpha * x))


@dataclass(frozen=True)
class PiecewiseLeakyRelu(Surrogate):
    r"""Ramp of half-width `w` with leaky ends.

    .. math:: g'(x) = \begin{cases} 1 / (2w) & |x| \le w \\ c & |x| > w \end{cases}

    with :math:`g(-w) = 0`, :math:`g(w) = 1`.

    Parameters
    ----------
    c : float, unitless
        Slope outside of the ramp. Default 0.01.
    w : float, unitless
        Half-width of the ramp. Default 1.
    """

    c: float = 0.01
    w: float = 1.0

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`."""
        inside = jnp.clip(x, -self.w, self.w)
        return 0.5 + inside / (2.0 * self.w) + self.c * (x - inside)

    def surrogate_grad(self, x: Any) -> jax.Array:
        """Give :math:`g'(x)`, written out for its jumps."""
        return jnp.where(jnp.abs(x) <= self.w, 0.5 / self.w, self.c)


@dataclass(frozen=True)
class S2NN(Surrogate):
    r"""Logistic curve below threshold, logarithm above.

    .. math:: g(x) = \begin{cases} 1 / (1 + e^{-\alpha x}) & x < 0 \\
              \tfrac12 + \beta \ln(x + 1 + \varepsilon) & x \ge 0 \end{cases}

    Parameters
    ----------
    alpha : float, unitless
        Steepness below threshold. Default 4.
    beta : float, unitless
        Slope just above threshold. Default 1.
    epsilon : float, unitless
        Keeps the logarithm finite. Default 1e-8.

    References
    ----------
    Suetake et al., Neural Networks 159 (2023).
    """

    alpha: float = 4.0
    beta: float = 1.0
    epsilon: float = 1e-8

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`."""
        above = jnp.where(x < 0, 0.0, x)  # keeps the unused branch finite
        log = 0.5 + self.beta * jnp.log(above + 1.0 + self.epsilon)
        return jnp.where(x < 0, jax.nn.sigmoid(self.alpha * x), log)


@dataclass(frozen=True)
class LeakyRelu(Surrogate):
    r"""Leaky rectifier.

    .. math:: g(x) = \begin{cases} \alpha x & x < 0 \\ \beta x & x \ge 0 \end{cases}

    Parameters
    ----------
    alpha : float, unitless
        Slope below threshold. Default 0.1.
    beta : float, unitless
        Slope above threshold. Default 1.
    """

    alpha: float = 0.1
    beta: float = 1.0

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`."""
        return jnp.where(x < 0, self.alpha, self.beta) * x


@dataclass(frozen=True)
class LogTailedRelu(Surrogate):
    r"""Rectifier whose upper tail is a logarithm.

    .. math:: g(x) = \begin{cases} \alpha x & x \le 0 \\ x & 0 < x \le 1 \\
              1 + \ln x & x > 1 \end{cases}

    Parameters
    ----------
    alpha : float, unitless
        Slope below threshold. Default 0.

    References
    ----------
    Cai et al., CVPR (2017), section 4.2, with the tail beginning at 1.
    """

    alpha: float = 0.0

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give :math:`g(x)`."""
        tail = 1.0 + jnp.log(jnp.maximum(x, 1.0))
        return jnp.where(x <= 0, self.alpha * x, jnp.where(x <= 1, x, tail))

    def surrogate_grad(self, x: Any) -> jax.Array:
        """Give :math:`g'(x)`, written out for its kinks."""
        return jnp.where(x <= 0, self.alpha, 1.0 / jnp.maximum(x, 1.0))
