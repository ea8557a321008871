"""Learning rates that change from epoch to epoch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import environ
from .._errors import EngineError
from .._state import LongTermState, State
from ..graph import Node


class ScheduleError(EngineError, ValueError):
    """A setting of a schedule that is out of its range."""


class RateTypeError(EngineError, TypeError):
    """Something that is no learning rate."""


def check_setting(
    where: str, name: str, value: Any, is_right: bool, needed: str
) -> None:
    """Raise `ScheduleError` unless a setting is right."""
    if not is_right:
        raise ScheduleError(f"{where}.{name} is {value!r}; give {needed}.")


class LearningRateScheduler(Node):
    """Learning rate as a function of the epoch.

    Calling it gives the rate: of epoch `i`, or of the epoch after `last_epoch`.

    Parameters
    ----------
    lr : float or State
        First rate. A State is shared: changing it changes the rate.
    last_epoch : int, default -1
        The epoch before the first.

    States
    ------
    last_epoch : LongTermState, shape (), int
        Counts up by `step_epoch`.

    Raises
    ------
    ScheduleError
        If `last_epoch` is below -1, or a rate is no scalar.
    """

    def __init__(self, lr: float | State[Any], last_epoch: int = -1):
        where = type(self).__name__
        check_setting(where, "last_epoch", last_epoch, last_epoch >= -1, "-1 or more")
        dtype = environ.dftype()
        if isinstance(lr, State):
            lr.value = jnp.asarray(lr.value, dtype)
            self._lr = lr
        else:
            self._lr = LongTermState(jnp.asarray(lr, dtype))
        self.last_epoch = LongTermState(jnp.asarray(last_epoch, environ.ditype()))

    @property
    def lr(self) -> Any:
        """The first rate; setting it needs no new compilation."""
        return self._lr.value

    @lr.setter
    def lr(self, value: Any) -> None:
        value = value.value if isinstance(value, State) else value
        where = type(self).__name__
        check_setting(where, "lr", value, np.ndim(value) == 0, "one number")
        self._lr.value = jnp.asarray(value, self._lr.value.dtype)

    def step_epoch(self) -> None:
        """Count one epoch."""
        self.last_epoch.value = self.last_epoch.value + 1

    def step_call(self) -> None:
        """Count one call of an optimizer; for schedules that go by calls."""

    def _index(self, i: Any) -> Any:
        """Return the epoch or call that is asked for."""
        return self.last_epoch.value + 1 if i is None else i

    @abstractmethod
    def __call__(self, i: Any = None) -> Any:
        """Return the rate of epoch `i`, by default the present one."""


class ConstantLR(LearningRateScheduler):
    """One learning rate for all epochs.

    Parameters
    ----------
    lr : float or State
        The rate.
    last_epoch : int, default -1
        The epoch before the first.
    """

    def __call__(self, i: Any = None) -> Any:
        """Return the rate."""
        return self.lr


class StepLR(LearningRateScheduler):
    r"""Learning rate that falls by a factor every so many epochs.

    .. math:: \eta_i = \eta_0 \gamma^{\lfloor i / n \rfloor}

    Parameters
    ----------
    lr : float or State
        First rate :math:`\eta_0`.
    step_size : int
        Number of epochs :math:`n`.
    gamma : float, default 0.1
        The factor, from 0 to 1.
    last_epoch : int, default -1
        The epoch before the first.
    """

    def __init__(
        self,
        lr: float | State[Any],
        step_size: int,
        gamma: float = 0.1,
        last_epoch: int = -1,
    ):
        super().__init__(lr, last_epoch)
        check_setting("StepLR", "step_size", step_size, step_size >= 1, "1 or more")
        check_setting("StepLR", "gamma", gamma, 0 <= gamma <= 1, "a number from 0 to 1")
        self.step_size = step_size
        self.gamma = gamma

    def __call__(self, i: Any = None) -> Any:
        """Return the rate of epoch `i`, by default the present one."""
        return self.lr * self.gamma ** jnp.floor_divide(self._index(i), self.step_size)


class MultiStepLR(LearningRateScheduler):
    r"""Learning rate that falls by a factor at given epochs.

    .. math:: \eta_i = \eta_0 \gamma^{|\{m : m \le i\}|}

    Parameters
    ----------
    lr : float or State
        First rate :math:`\eta_0`.
    milestones : sequence of int
        The epochs :math:`m`, increasing.
    gamma : float, default 0.1
        The factor, from 0 to 1.
    last_epoch : int, default -1
        The epoch before the first.
    """

    def __init__(
        self,
        lr: float | State[Any],
        milestones: Sequence[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ):
        super().__init__(lr, last_epoch)
        given = tuple(milestones)
        is_rising = bool(given) and all(
            before < after for before, after in pairwise(given)
        )
        check_setting(
            "MultiStepLR", "milestones", given, is_rising, "increasing epochs"
        )
        check_setting(
            "MultiStepLR", "gamma", gamma, 0 <= gamma <= 1, "a number from 0 to 1"
        )
        self.milestones = given
        self.gamma = gamma

    def __call__(self, i: Any = None) -> Any:
        """Return the rate of epoch `i`, by default the present one."""
        passed = jnp.sum(self._index(i) >= jnp.asarray(self.milestones))
        return self.lr * self.gamma**passed


class CosineAnnealingLR(LearningRateScheduler):
    r"""Learning rate that follows half a period of a cosine.

    .. math:: \eta_i = \eta_{min} + (\eta_0 - \eta_{min}) (1 + \cos(\pi i / T)) / 2

    Parameters
    ----------
    lr : float or State
        First rate :math:`\eta_0`.
    T_max : int
        Number of epochs :math:`T` until the smallest rate; later it rises again.
    eta_min : float, default 0
        Smallest rate.
    last_epoch : int, default -1
        The epoch before the first.

    References
    ----------
    Loshchilov and Hutter, SGDR, ICLR (2017), eq. 5, without restarts.
    """

    def __init__(
        self,
        lr: float | State[Any],
        T_max: int,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ):
        super().__init__(lr, last_epoch)
        check_setting("CosineAnnealingLR", "T_max", T_max, T_max >= 1, "1 or more")
        self.T_max = T_max
        self.eta_min = eta_min

    def __call__(self, i: Any = None) -> Any:
        """Return the rate of epoch `i`, by default the present one."""
        share = (1 + jnp.cos(jnp.pi * self._index(i) / self.T_max)) / 2
        return self.eta_min + (self.lr - self.eta_min) * share


class ExponentialLR(LearningRateScheduler):
    r"""Learning rate that falls by a factor every epoch: :math:`\eta_0 \gamma^i`.

    Parameters
    ----------
    lr : float or State
        First rate :math:`\eta_0`.
    gamma : float
        The factor, from 0 to 1.
    last_epoch : int, default -1
        The epoch before the first.
    """

    def __init__(self, lr: float | State[Any], gamma: float, last_epoch: int = -1):
        super().__init__(lr, last_epoch)
        check_setting(
            "ExponentialLR", "gamma", gamma, 0 <= gamma <= 1, "a number from 0 to 1"
        )
        self.gamma = gamma

    def __call__(self, i: Any = None) -> Any:
        """Return the rate of epoch `i`, by default the present one."""
        return self.lr * self.gamma ** self._index(i)


def make_schedule(
    lr: float | State[Any] | LearningRateScheduler,
) -> LearningRateScheduler:
    """Return the schedule given, or a constant one of the rate given.

    Raises
    ------
    RateTypeError
        If `lr` is neither.
    """
    if isinstance(lr, LearningRateScheduler):
        return lr
    if isinstance(lr, State) or (jnp.isscalar(lr) and not isinstance(lr, (str, bool))):
        return ConstantLR(lr)
    raise RateTypeError(
        f"lr is a {type(lr).__name__}; give a number, a State or a LearningRateScheduler."
    )
