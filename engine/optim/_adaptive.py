"""Optimizers with a rate for each weight, from its gradients so far."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .._state import State
from ._base import OptimizerError, RuleOptimizer
from ._schedule import LearningRateScheduler

Rate = float | State | LearningRateScheduler


def _mean(old, new, keep):
    """Return the running mean that keeps a share of the old one."""
    return keep * old + (1 - keep) * new


def _corrected(mean, keep, t):
    """Return a running mean without the zero that it began with."""
    return mean / (1 - keep**t)


def _check_shares(where: str, shares: dict[str, float]) -> None:
    for name, share in shares.items():
        if not 0 <= share < 1:
            raise OptimizerError(
                f"{where}.{name} is {share}; give a number from 0 to below 1."
            )


class Adagrad(RuleOptimizer):
    r"""Gradient descent divided by the root of the sum of all squared gradients.

    .. math:: G_t = G_{t-1} + g_t^2, \qquad
        \theta_t = (1 - \lambda) \theta_{t-1} - \eta g_t / \sqrt{G_t + \epsilon}

    Parameters
    ----------
    lr : float, State or LearningRateScheduler
        Learning rate :math:`\eta`.
    weight_decay : float, optional
        The share :math:`\lambda`; not multiplied by the learning rate.
    epsilon : float, default 1e-6
        Keeps the root from zero.

    States
    ------
    cache_states : dict of OptimState
        The sum :math:`G`.

    References
    ----------
    Duchi et al., Adaptive subgradient methods, JMLR 12 (2011), fig. 1.
    """

    slots = ("cache_states",)

    def __init__(
        self, lr: Rate, weight_decay: float | None = None, epsilon: float = 1e-6
    ):
        super().__init__(lr, weight_decay)
        self.epsilon = epsilon

    def rule(self, lr, t, p, g, *kept):
        """Return the new weights and the sum of squares."""
        total = kept[0] + g * g
        return self._decayed(p) - lr * g * jax.lax.rsqrt(total + self.epsilon), total


class Adadelta(RuleOptimizer):
    r"""Steps scaled by the ratio of the root mean squares of steps and gradients.

    .. math::
        s_t = \rho s_{t-1} + (1 - \rho) g_t^2, \qquad
        d_t = g_t \sqrt{x_{t-1} + \epsilon} / \sqrt{s_t + \epsilon}, \\
        x_t = \rho x_{t-1} + (1 - \rho) d_t^2, \qquad
        \theta_t = (1 - \lambda) \theta_{t-1} - \eta d_t

    Parameters
    ----------
    lr : float, State or LearningRateScheduler, default 0.01
        Learning rate :math:`\eta`; 1 gives the rule of the paper.
    weight_decay : float, optional
        The share :math:`\lambda`; not multiplied by the learning rate.
    epsilon : float, default 1e-6
        Keeps the roots from zero, and sets the size of the first steps.
    rho : float, default 0.95
        Share of the running means that a step keeps.

    States
    ------
    cache_states, delta_states : dict of OptimState
        The means :math:`s` and :math:`x`.

    References
    ----------
    Zeiler, ADADELTA: an adaptive learning rate method (2012), algorithm 1.
    """

    slots = ("cache_states", "delta_states")

    def __init__(
        self,
        lr: Rate = 0.01,
        weight_decay: float | None = None,
        epsilon: float = 1e-6,
        rho: float = 0.95,
    ):
        super().__init__(lr, weight_decay)
        _check_shares("Adadelta", {"rho": rho})
        self.epsilon = epsilon
        self.rho = rho

    def rule(self, lr, t, p, g, *kept):
        """Return the new weights and the two means."""
        s = _mean(kept[0], g * g, self.rho)
        d = g * jnp.sqrt(kept[1] + self.epsilon) / jnp.sqrt(s + self.epsilon)
        return self._decayed(p) - lr * d, s, _mean(kept[1], d * d, self.rho)


class RMSProp(RuleOptimizer):
    r"""Gradient descent divided by the root mean square of gradients.

    .. math:: c_t = \rho c_{t-1} + (1 - \rho) g_t^2, \qquad
        \theta_t = (1 - \lambda) \theta_{t-1} - \eta g_t / \sqrt{c_t + \epsilon}

    Parameters
    ----------
    lr : float, State or LearningRateScheduler
        Learning rate :math:`\eta`.
    weight_decay : float, optional
        The share :math:`\lambda`; not multiplied by the learning rate.
    epsilon : float, default 1e-6
        Keeps the root from zero.
    rho : float, default 0.9
        Share of the running mean that a step keeps.

    States
    ------
    cache_states : dict of OptimState
        The mean :math:`c`.

    References
    ----------
    Tieleman and Hinton, Lecture 6.5: rmsprop, Neural networks for machine learning (2012).
    """

    slots = ("cache_states",)

    def __init__(
        self,
        lr: Rate,
        weight_decay: float | None = None,
        epsilon: float = 1e-6,
        rho: float = 0.9,
    ):
        super().__init__(lr, weight_decay)
        _check_shares("RMSProp", {"rho": rho})
        self.epsilon = epsilon
        self.rho = rho

    def rule(self, lr, t, p, g, *kept):
        """Return the new weights and the mean of squares."""
        c = _mean(kept[0], g * g, self.rho)
        return self._decayed(p) - lr * g * jax.lax.rsqrt(c + self.epsilon), c


class Adam(RuleOptimizer):
    r"""Running mean of gradients over the root of that of their squares.

    .. math::
        m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t, \qquad
        v_t = \beta_2 v_{t-1} + (1 - \beta_2) g_t^2, \\
        \theta_t = (1 - \lambda) \theta_{t-1}
        - \eta \frac{m_t / (1 - \beta_1^t)}{\sqrt{v_t / (1 - \beta_2^t)} + \epsilon}

    Parameters
    ----------
    lr : float, State or LearningRateScheduler
        Learning rate :math:`\eta`.
    beta1, beta2 : float, default 0.9, 0.999
        Shares of the running means that a step keeps.
    eps : float, default 1e-8
        Keeps the quotient finite.
    weight_decay : float, optional
        The share :math:`\lambda`; not multiplied by the learning rate.

    States
    ------
    m1_states, m2_states : dict of OptimState
        The means :math:`m` and :math:`v`.

    References
    ----------
    Kingma and Ba, Adam: a method for stochastic optimization, ICLR (2015), algorithm 1.
    """

    slots = ("m1_states", "m2_states")

    def __init__(
        self,
        lr: Rate,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float | None = None,
    ):
        super().__init__(lr, weight_decay)
        _check_shares(type(self).__name__, {"beta1": beta1, "beta2": beta2})
        self.beta1 = beta1
        self.beta2 = beta2
        self.eps = eps

    def rule(self, lr, t, p, g, *kept):
        """Return the new weights and the two means."""
        m = _mean(kept[0], g, self.beta1)
        v = _mean(kept[1], g * g, self.beta2)
        size = jnp.sqrt(_corrected(v, self.beta2, t)) + self.eps
        return self._decayed(p) - lr * _corrected(m, self.beta1, t) / size, m, v


class AdamW(Adam):
    r"""Adam with weight decay in proportion to the learning rate.

    .. math:: \theta_t = (1 - \eta \lambda) \theta_{t-1}
        - \eta \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}

    with :math:`\hat m, \hat v` the corrected means of `Adam`; with `amsgrad`, the largest
    :math:`\hat v` so far.

    Parameters
    ----------
    lr, beta1, beta2, eps
        As for `Adam`.
    weight_decay : float, default 0.01
        The factor :math:`\lambda`; None for 0.
    amsgrad : bool, default False
        Never let the divisor shrink.

    States
    ------
    m1_states, m2_states : dict of OptimState
        The means :math:`m` and :math:`v`.
    vmax_states : dict of OptimState
        The largest :math:`\hat v`, only with `amsgrad`.

    References
    ----------
    Loshchilov and Hutter, Decoupled weight decay regularization, ICLR (2019), algorithm
    2; Reddi et al., On the convergence of Adam and beyond, ICLR (2018), algorithm 2.
    """

    def __init__(
        self,
        lr: Rate,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float | None = 1e-2,
        amsgrad: bool = False,
    ):
        if amsgrad:
            self.slots = (*Adam.slots, "vmax_states")  # type: ignore[misc]
        super().__init__(lr, beta1, beta2, eps, weight_decay)
        self.amsgrad = amsgrad

    def rule(self, lr, t, p, g, *kept):
        """Return the new weights, the two means, and the largest second one."""
        m = _mean(kept[0], g, self.beta1)
        v = _mean(kept[1], g * g, self.beta2)
        square = _corrected(v, self.beta2, t)
        if self.amsgrad:
            square = jnp.maximum(kept[2], square)
        direction = _corrected(m, self.beta1, t) / (jnp.sqrt(square) + self.eps)
        new = p - lr * (direction + (self.weight_decay or 0.0) * p)
        return (new, m, v, square) if self.amsgrad else (new, m, v)


class Adan(RuleOptimizer):
    r"""Adaptive Nesterov momentum.

    .. math::
        m_t = (1 - \beta_1) m_{t-1} + \beta_1 g_t, \qquad
        v_t = (1 - \beta_2) v_{t-1} + \beta_2 (g_t - g_{t-1}), \\
        n_t = (1 - \beta_3) n_{t-1} + \beta_3 (g_t + (1 - \beta_2)(g_t - g_{t-1}))^2, \\
        d_t = (\hat m_t + (1 - \beta_2) \hat v_t) / (\sqrt{\hat n_t} + \epsilon), \qquad
        \theta_t = (\theta_{t-1} - \eta d_t) / (1 + \eta \lambda)

    with the means corrected as in `Adam`, and :math:`g_0 = g_1`.

    Parameters
    ----------
    lr : float, State or LearningRateScheduler, default 0.001
        Learning rate :math:`\eta`.
    betas : tuple of float, default (0.02, 0.08, 0.01)
        Shares of the running means that a step renews: one minus those of other
        libraries.
    eps : float, default 1e-8
        Keeps the quotient finite.
    weight_decay : float, default 0.02
        The factor :math:`\lambda`; None for 0.
    no_prox : bool, default False
        Decay as `AdamW` does:
        :math:`\theta_t = (1 - \eta \lambda) \theta_{t-1} - \eta d_t`.

    States
    ------
    exp_avg_states, exp_avg_diff_states, exp_avg_sq_states : dict of OptimState
        The means :math:`m, v, n`.
    pre_grad_states : dict of OptimState
        The last gradient.

    Raises
    ------
    OptimizerError
        If a setting is out of its range.

    References
    ----------
    Xie et al., Adan: adaptive Nesterov momentum algorithm, IEEE TPAMI 46 (2024),
    algorithm 1.
    """

    slots = (
        "exp_avg_states",
        "exp_avg_diff_states",
        "exp_avg_sq_states",
        "pre_grad_states",
    )

    def __init__(
        self,
        lr: Rate = 1e-3,
        betas: tuple[float, float, float] = (0.02, 0.08, 0.01),
        eps: float = 1e-8,
        weight_decay: float | None = 0.02,
        no_prox: bool = False,
    ):
        super().__init__(lr, weight_decay)
        if len(betas) != 3:
            raise OptimizerError(f"Adan.betas is {betas}; give three numbers.")
        _check_shares("Adan", {f"betas[{n}]": share for n, share in enumerate(betas)})
        if eps < 0:
            raise OptimizerError(f"Adan.eps is {eps}; it cannot be negative.")
        self.betas = tuple(betas)
        self.eps = eps
        self.no_prox = no_prox

    def rule(self, lr, t, p, g, *kept):
        """Return the new weights, the three means and the gradient."""
        keep1, keep2, keep3 = (1 - beta for beta in self.betas)
        change = jnp.where(t == 1, 0.0, g - kept[3])
        m = _mean(kept[0], g, keep1)
        v = _mean(kept[1], change, keep2)
        n = _mean(kept[2], (g + keep2 * change) ** 2, keep3)
        ahead = _corrected(m, keep1, t) + keep2 * _corrected(v, keep2, t)
        d = ahead / (jnp.sqrt(_corrected(n, keep3, t)) + self.eps)
        decay = lr * (self.weight_decay or 0.0)
        new = p * (1 - decay) - lr * d if self.no_prox else (p - lr * d) / (1 + decay)
        return new, m, v, n, g
