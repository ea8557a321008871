"""Sources of current."""

from __future__ import annotations

from typing import Literal, get_args

import brainunit as u
import jax
import jax.numpy as jnp

from .. import environ, init
from .._state import HiddenState
from ._clock import current_step
from ._dynamics import Dynamics
from ._errors import check_choice
from ._inputs import expected, is_active, step_key
from ._units import ratio, value_of

NoiseKind = Literal["ou", "white"]


class CurrentSource(Dynamics):
    """Population of currents that come from outside; a call gives those of a step.

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population.
    start, stop : time, optional
        Window in which there is current, from `start` to just before `stop`.
    name : str, optional
        Name for messages and printing.

    Notes
    -----
    Currents equal for all neurons are returned as a scalar, which broadcasts.
    """

    def __init__(self, in_size, start=None, stop=None, name: str | None = None):
        super().__init__(in_size, name=name)
        self.start = start
        self.stop = stop

    def _windowed(self, current):
        """Return `current` within the window, and zero outside of it."""
        active = is_active(self.start, self.stop)
        if active is None:
            return current
        return u.math.where(active, current, u.math.zeros_like(current))


class ConstantCurrent(CurrentSource):
    """The same current in every step.

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population.
    amplitude : array, shape () or in_size, current
        The current.
    name : str, optional
        Name for messages and printing.
    """

    def __init__(self, in_size, amplitude, name: str | None = None):
        super().__init__(in_size, name=name)
        self.amplitude = init.param(amplitude, self.varshape)

    def update(self):
        """Return the current of this step."""
        return value_of(self.amplitude)


class StepCurrent(CurrentSource):
    """A constant current in a window of time, and zero outside of it.

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population.
    amplitude : array, shape () or in_size, current
        The current.
    start, stop : time, optional
        From `start` to just before `stop`; open where not given.
    name : str, optional
        Name for messages and printing.
    """

    def __init__(
        self, in_size, amplitude, start=None, stop=None, name: str | None = None
    ):
        super().__init__(in_size, start=start, stop=stop, name=name)
        self.amplitude = init.param(amplitude, self.varshape)

    def update(self):
        """Return the current of this step."""
        return self._windowed(value_of(self.amplitude))


class SineCurrent(CurrentSource):
    r"""A current that goes up and down.

    .. math:: I(t) = I_0 + A \sin(2 \pi f t + \phi), \qquad t = n\,dt

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population.
    amplitude : array, shape () or in_size, current
        `A`, half the distance from trough to peak.
    frequency : array, shape () or in_size, frequency
        `f`.
    phase : array, shape () or in_size
        Phase at `t = 0` in radians. Default 0.
    offset : array, shape () or in_size, current, optional
        Mean current `I_0`. Default none.
    start, stop : time, optional
        From `start` to just before `stop`; open where not given.
    name : str, optional
        Name for messages and printing.
    """

    def __init__(
        self,
        in_size,
        amplitude,
        frequency,
        phase=0.0,
        offset=None,
        start=None,
        stop=None,
        name: str | None = None,
    ):
        super().__init__(in_size, start=start, stop=stop, name=name)
        self.amplitude = init.param(amplitude, self.varshape)
        self.frequency = init.param(frequency, self.varshape)
        self.phase = init.param(phase, self.varshape)
        self.offset = init.param(offset, self.varshape)

    def update(self):
        """Return the current of this step."""
        turn = turns(current_step(), expected(self.frequency, "SineCurrent.frequency"))
        angle = 2 * jnp.pi * turn + value_of(self.phase)
        current = value_of(self.amplitude) * jnp.sin(angle)
        if self.offset is not None:
            current = current + value_of(self.offset)
        return self._windowed(current)


def turns(step, per_step):
    """Return the fractional part of `step * per_step`, exact for large steps.

    The step is taken byte by byte, and whole turns are dropped after each, so that no
    bits are lost to them.
    """
    step, weight, total = jnp.asarray(step), _fraction(per_step), 0.0
    for _ in range(4):
        total = _fraction(total + _fraction((step % 256) * weight))
        step, weight = step // 256, _fraction(weight * 256)
    return total


def _fraction(x):
    return x - jnp.floor(x)


class NoiseCurrent(CurrentSource):
    r"""Noise around a mean current.

    Ornstein-Uhlenbeck noise has the standard deviation `sigma` and the correlation
    time `tau`,

    .. math:: \tau \dot I = \mu - I + \sigma \sqrt{2 \tau}\, \xi(t)

    and white noise is what it becomes for fast `tau` at equal power,

    .. math:: I_n = \mu + \sigma \sqrt{2 \tau / dt}\; \xi_n

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population; each neuron has its own noise.
    mean : array, shape () or in_size, current
        Mean.
    sigma : array, shape () or in_size, current
        Standard deviation of the Ornstein-Uhlenbeck noise.
    tau : array, shape () or in_size, time
        Correlation time. Default 5 ms.
    kind : {"ou", "white"}, default "ou"
        Ornstein-Uhlenbeck or white.
    start, stop : time, optional
        From `start` to just before `stop`; open where not given.
    key : JAX random key, optional
        As in `PoissonSpike`.
    name : str, optional
        Name for messages and printing.

    States
    ------
    I : HiddenState, shape (batch?, *in_size), current
        "ou" only; the mean at first.

    Raises
    ------
    ChoiceError
        If `kind` is neither "ou" nor "white".

    Notes
    -----
    The Ornstein-Uhlenbeck step is exact for any `dt`; the effect of white noise does
    not depend on `dt`.

    References
    ----------
    Gillespie, Phys. Rev. E 54 (1996), eq. 1.9.
    """

    def __init__(
        self,
        in_size,
        mean,
        sigma,
        tau=5.0 * u.ms,
        kind: NoiseKind = "ou",
        start=None,
        stop=None,
        key=None,
        name: str | None = None,
    ):
        super().__init__(in_size, start=start, stop=stop, name=name)
        self.mean = init.param(mean, self.varshape)
        self.sigma = init.param(sigma, self.varshape)
        self.tau = init.param(tau, self.varshape)
        self.kind = check_choice("NoiseCurrent.kind", kind, get_args(NoiseKind))
        self.key = key
        self._batch: tuple[int, ...] = ()

    def init_state(self, batch_size: int | None = None, **kwargs):
        """Make the state: the mean."""
        self._batch = () if batch_size is None else (batch_size,)
        if self.kind == "ou":
            self.I = HiddenState(self.initial(self.mean, batch_size))

    def reset_state(self, batch_size: int | None = None, **kwargs):
        """Set the current back to its mean."""
        self._batch = () if batch_size is None else (batch_size,)
        if self.kind == "ou":
            self.I.value = self.initial(self.mean, batch_size)

    def update(self):
        """Draw the current of this step."""
        shape = (*self._batch, *self.varshape)
        dtype = environ.dftype()
        noise = jax.random.normal(step_key(self.key), shape, dtype)
        rate = ratio(environ.get_dt(), self.tau, "NoiseCurrent: dt over tau, dt")
        mean, sigma = value_of(self.mean), value_of(self.sigma)
        if self.kind == "white":
            return self._windowed(mean + sigma * (noise * jnp.sqrt(2 / rate)))
        spread = sigma * (noise * jnp.sqrt(-jnp.expm1(-2 * rate)))
        current = mean + (self.I.value - mean) * jnp.exp(-rate) + spread
        self.I.value = current
        return self._windowed(current)
