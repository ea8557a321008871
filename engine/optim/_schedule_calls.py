"""Learning rates that change from call to call of an optimizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp

from .. import environ
from .._state import LongTermState, State
from ._schedule import LearningRateScheduler, check_setting


class CallBasedLRScheduler(LearningRateScheduler):
    """Learning rate as a function of the number of calls.

    Parameters
    ----------
    lr, last_epoch
        As for `LearningRateScheduler`.
    last_call : int, default -1
        The call before the first.

    States
    ------
    last_call : LongTermState, shape (), int
        Counts up by `step_call`, which every step of an optimizer does.
    """

    def __init__(
        self, lr: float | State[Any], last_epoch: int = -1, last_call: int = -1
    ):
        super().__init__(lr, last_epoch)
        check_setting(
            type(self).__name__, "last_call", last_call, last_call >= -1, "-1 or more"
        )
        self.last_call = LongTermState(jnp.asarray(last_call, environ.ditype()))

    def step_call(self) -> None:
        """Count one call."""
        self.last_call.value = self.last_call.value + 1

    def _index(self, i: Any) -> Any:
        return self.last_call.value + 1 if i is None else i


class CosineAnnealingWarmRestarts(CallBasedLRScheduler):
    r"""Learning rate that falls along a cosine, again and again.

    .. math:: \eta = \eta_{min} + (\eta_0 - \eta_{min}) (1 + \cos(\pi T_{cur} / T_i)) / 2

    with :math:`T_{cur}` the epochs since the last restart, and :math:`T_i = T_0 m^i`
    epochs to the next.

    Parameters
    ----------
    lr : float or State
        Rate :math:`\eta_0` after each restart.
    num_call_per_epoch : int
        Calls that make an epoch.
    T_0 : int
        Epochs until the first restart.
    T_mult : int, default 1
        Factor :math:`m` by which the time between restarts grows.
    eta_min : float, default 0
        Smallest rate.
    last_epoch, last_call : int, default -1
        The epoch and call before the first.

    References
    ----------
    Loshchilov and Hutter, SGDR, ICLR (2017), eq. 5.
    """

    def __init__(
        self,
        lr: float | State[Any],
        num_call_per_epoch: int,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
        last_call: int = -1,
    ):
        super().__init__(lr, last_epoch, last_call)
        counts = {
            "num_call_per_epoch": num_call_per_epoch,
            "T_0": T_0,
            "T_mult": T_mult,
        }
        for name, count in counts.items():
            is_right = isinstance(count, int) and count >= 1
            check_setting(
                type(self).__name__, name, count, is_right, "an integer of 1 or more"
            )
        self.num_call_per_epoch = num_call_per_epoch
        self.T_0 = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min

    def current_epoch(self, i: Any = None) -> Any:
        """Return the epoch of call `i`, by default of the present one."""
        return jnp.floor_divide(self._index(i), self.num_call_per_epoch)

    def _since_restart(self, epoch: Any) -> tuple[Any, Any]:
        """Return the epochs since the last restart, and from it to the next."""
        if self.T_mult == 1:
            return epoch % self.T_0, self.T_0
        ratio = self.T_mult

        def start(n: Any) -> Any:
            return self.T_0 * (ratio**n - 1) // (ratio - 1)

        grown = epoch / self.T_0 * (ratio - 1) + 1
        n = jnp.floor(jnp.log(grown) / jnp.log(ratio)).astype(jnp.int32)
        n = jnp.where(start(n + 1) <= epoch, n + 1, n)  # the logarithm rounds
        n = jnp.where(start(n) > epoch, n - 1, n)
        return epoch - start(n), self.T_0 * ratio**n

    def __call__(self, i: Any = None) -> Any:
        """Return the rate of call `i`, by default of the present one."""
        passed, length = self._since_restart(self.current_epoch(i))
        share = (1 + jnp.cos(jnp.pi * passed / length)) / 2
        return self.eta_min + (self.lr - self.eta_min) * share


class ExponentialDecayLR(CallBasedLRScheduler):
    r"""Learning rate that falls by a factor every so many calls, smoothly.

    .. math:: \eta_i = \eta_0 r^{i / n}

    Parameters
    ----------
    lr : float or State
        First rate :math:`\eta_0`.
    decay_steps : int
        Number of calls :math:`n`.
    decay_rate : float
        The factor :math:`r`.
    last_epoch, last_call : int, default -1
        The epoch and call before the first.
    """

    def __init__(
        self,
        lr: float | State[Any],
        decay_steps: int,
        decay_rate: float,
        last_epoch: int = -1,
        last_call: int = -1,
    ):
        super().__init__(lr, last_epoch, last_call)
        check_setting(
            type(self).__name__,
            "decay_steps",
            decay_steps,
            decay_steps > 0,
            "1 or more",
        )
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate

    def __call__(self, i: Any = None) -> Any:
        """Return the rate of call `i`, by default of the present one."""
        return self.lr * self.decay_rate ** (self._index(i) / self.decay_steps)


class InverseTimeDecayLR(ExponentialDecayLR):
    r"""Learning rate that falls as one over time: :math:`\eta_0 / (1 + r i / n)`.

    Parameters
    ----------
    lr : float or State
        First rate :math:`\eta_0`.
    decay_steps : int
        Number of calls :math:`n`.
    decay_rate : float
        The factor :math:`r`.
    staircase : bool, default False
        Round :math:`i / n` down.
    last_epoch, last_call : int, default -1
        The epoch and call before the first.
    """

    def __init__(
        self,
        lr: float | State[Any],
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        last_epoch: int = -1,
        last_call: int = -1,
    ):
        super().__init__(lr, decay_steps, decay_rate, last_epoch, last_call)
        self.staircase = staircase

    def __call__(self, i: Any = None) -> Any:
        """Return the rate of call `i`, by default of the present one."""
        passed = self._index(i) / self.decay_steps
        passed = jnp.floor(passed) if self.staircase else passed
        return self.lr / (1 + self.decay_rate * passed)


class PolynomialDecayLR(CallBasedLRScheduler):
    r"""Learning rate that falls to a last value along a power.

    .. math:: \eta_i = \eta_1 + (\eta_0 - \eta_1) (1 - \min(i, n) / n)^k

    Parameters
    ----------
    lr : float or State
        First rate :math:`\eta_0`.
    decay_steps : int
        Number of calls :math:`n` to the last rate.
    final_lr : float
        Last rate :math:`\eta_1`.
    power : float, default 1
        The power :math:`k`; 1 is a straight line.
    last_epoch, last_call : int, default -1
        The epoch and call before the first.
    """

    def __init__(
        self,
        lr: float | State[Any],
        decay_steps: int,
        final_lr: float,
        power: float = 1.0,
        last_epoch: int = -1,
        last_call: int = -1,
    ):
        super().__init__(lr, last_epoch, last_call)
        check_setting(
            "PolynomialDecayLR",
            "decay_steps",
            decay_steps,
            decay_steps > 0,
            "1 or more",
        )
        self.decay_steps = decay_steps
        self.final_lr = final_lr
        self.power = power

    def __call__(self, i: Any = None) -> Any:
        """Return the rate of call `i`, by default of the present one."""
        passed = jnp.minimum(self._index(i), self.decay_steps) / self.decay_steps
        return self.final_lr + (self.lr - self.final_lr) * (1 - passed) ** self.power


class PiecewiseConstantLR(CallBasedLRScheduler):
    """Learning rate that takes one value after the other.

    Parameters
    ----------
    boundaries : sequence of int
        Last call of every value but the last one, increasing.
    values : sequence of float
        The rates, one more than boundaries.
    last_epoch, last_call : int, default -1
        The epoch and call before the first.

    Raises
    ------
    ScheduleError
        If there is not one value more than boundaries.
    """

    def __init__(
        self,
        boundaries: Sequence[int],
        values: Sequence[float],
        last_epoch: int = -1,
        last_call: int = -1,
    ):
        super().__init__(0.0, last_epoch, last_call)
        self.boundaries = tuple(boundaries)
        self.values = tuple(values)
        is_one_more = len(self.values) == len(self.boundaries) + 1
        needed = f"{len(self.boundaries) + 1} of them, one more than boundaries"
        check_setting("PiecewiseConstantLR", "values", self.values, is_one_more, needed)

    def __call__(self, i: Any = None) -> Any:
        """Return the rate of call `i`, by default of the present one."""
        passed = jnp.sum(self._index(i) > jnp.asarray(self.boundaries))
        return jnp.asarray(self.values, environ.dftype())[passed]
