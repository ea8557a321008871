"""Descent along the gradient, and along its running mean."""

from __future__ import annotations

import jax.numpy as jnp

from .._state import State
from ._base import RuleOptimizer
from ._schedule import LearningRateScheduler

Rate = float | State | LearningRateScheduler


class SGD(RuleOptimizer):
    r"""Stochastic gradient descent.

    .. math:: \theta_t = (1 - \lambda) \theta_{t-1} - \eta g_t

    Parameters
    ----------
    lr : float, State or LearningRateScheduler
        Learning rate :math:`\eta`.
    weight_decay : float, optional
        The share :math:`\lambda`; not multiplied by the learning rate.

    References
    ----------
    Robbins and Monro, A stochastic approximation method, Ann. Math. Statist. 22 (1951).
    """

    def rule(self, lr, t, p, g, *kept):
        """Return the new weights."""
        return (self._decayed(p) - lr * g,)


class Momentum(RuleOptimizer):
    r"""Gradient descent with momentum.

    .. math:: v_t = \mu v_{t-1} + g_t, \qquad
        \theta_t = (1 - \lambda) \theta_{t-1} - \eta v_t

    Parameters
    ----------
    lr : float, State or LearningRateScheduler
        Learning rate :math:`\eta`.
    momentum : float, default 0.9
        Share :math:`\mu` of the last direction that is kept.
    weight_decay : float, optional
        The share :math:`\lambda`; not multiplied by the learning rate.

    States
    ------
    momentum_states : dict of OptimState
        The direction :math:`v`.

    References
    ----------
    Polyak, Some methods of speeding up the convergence of iteration methods (1964);
    Sutskever et al., On the importance of initialization and momentum, ICML (2013).
    """

    slots = ("momentum_states",)

    def __init__(
        self, lr: Rate, momentum: float = 0.9, weight_decay: float | None = None
    ):
        super().__init__(lr, weight_decay)
        self.momentum = momentum

    def rule(self, lr, t, p, g, *kept):
        """Return the new weights and the direction."""
        v = self.momentum * kept[0] + g
        return self._decayed(p) - lr * v, v


class MomentumNesterov(RuleOptimizer):
    r"""Gradient descent with the momentum of Nesterov, which looks ahead.

    .. math:: v_t = \mu v_{t-1} + g_t, \qquad
        \theta_t = (1 - \lambda) \theta_{t-1} - \eta (g_t + \mu v_t)

    Parameters
    ----------
    lr : float, State or LearningRateScheduler
        Learning rate :math:`\eta`.
    weight_decay : float, optional
        The share :math:`\lambda`; not multiplied by the learning rate.
    momentum : float, default 0.9
        Share :math:`\mu` of the last direction that is kept.

    States
    ------
    momentum_states : dict of OptimState
        The direction :math:`v`.

    References
    ----------
    Sutskever et al., On the importance of initialization and momentum, ICML (2013), eq. 3
    and 4, with the weights taken at the point ahead.
    """

    slots = ("momentum_states",)

    def __init__(
        self, lr: Rate, weight_decay: float | None = None, momentum: float = 0.9
    ):
        super().__init__(lr, weight_decay)
        self.momentum = momentum

    def rule(self, lr, t, p, g, *kept):
        """Return the new weights and the direction."""
        v = self.momentum * kept[0] + g
        return self._decayed(p) - lr * (g + self.momentum * v), v


class LARS(RuleOptimizer):
    r"""Momentum with a rate for each array, in proportion to its norm.

    .. math:: d_t = g_t + \lambda \theta_{t-1}, \qquad
        v_t = \mu v_{t-1} + \eta \, c \frac{\|\theta_{t-1}\|}{\|d_t\| + \epsilon} d_t,
        \qquad \theta_t = \theta_{t-1} - v_t

    Where one of the norms is zero, the factor of :math:`\eta d_t` is 1.

    Parameters
    ----------
    lr : float, State or LearningRateScheduler
        Learning rate :math:`\eta`.
    momentum : float, default 0.9
        Share :math:`\mu` of the last step that is kept.
    weight_decay : float, default 1e-4
        Factor :math:`\lambda` of the weights in the gradient; None for 0.
    tc : float, default 0.001
        Trust coefficient :math:`c`.
    eps : float, default 1e-5
        Keeps the quotient finite.

    States
    ------
    momentum_states : dict of OptimState
        The step :math:`v`.

    References
    ----------
    You et al., Large batch training of convolutional networks (2017), algorithm 1, with
    the norm of the sum in place of the sum of norms.
    """

    slots = ("momentum_states",)

    def __init__(
        self,
        lr: Rate,
        momentum: float = 0.9,
        weight_decay: float | None = 1e-4,
        tc: float = 1e-3,
        eps: float = 1e-5,
    ):
        super().__init__(lr, weight_decay)
        self.momentum = momentum
        self.tc = tc
        self.eps = eps

    def rule(self, lr, t, p, g, *kept):
        """Return the new weights and the step."""
        direction = g + (self.weight_decay or 0.0) * p
        of_p, of_d = (jnp.sqrt(jnp.sum(x * x)) for x in (p, direction))
        trust = self.tc * of_p / (of_d + self.eps)
        ratio = jnp.where((of_p == 0) | (of_d == 0), 1.0, trust)
        v = self.momentum * kept[0] + lr * ratio * direction
        return p - v, v
