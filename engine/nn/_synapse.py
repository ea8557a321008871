"""Synaptic dynamics: conductances after a population, and AMPA and GABAa gates."""

from __future__ import annotations

from collections.abc import Callable

import brainunit as u
import jax.numpy as jnp

from .. import environ, init
from .._state import HiddenState, ShortTermState
from ..mixin import AlignPost
from ._clock import whole_steps
from ._dynamics import Dynamics
from ._units import magnitude, ratio, value_of


class Synapse(Dynamics):
    """Population of synapses; the base of all synapse models.

    Parameters
    ----------
    in_size : int or tuple of int
        Shape: that of the population it is aligned to.
    name : str, optional
        Name for messages and printing.
    """


def decay(tau, where: str):
    """Return `exp(-dt / tau)`."""
    return jnp.exp(-ratio(environ.get_dt(), tau, f"{where}: dt over tau, dt"))


class Expon(Synapse, AlignPost):
    r"""Synapses that decay exponentially.

    .. math:: \tau \dot g = -g, \qquad g \leftarrow g + w \text{ at each arrival}

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population it is aligned to.
    name : str, optional
        Name for messages and printing.
    tau : array, shape () or in_size, time
        Time constant of the decay. Default 8 ms.
    g_initializer : callable or array
        Initial `g`; its unit is that of the weights. Default 0 mS.

    States
    ------
    g : HiddenState, shape (batch?, *in_size), unit of the weights

    Notes
    -----
    Exact. In a step `g` decays first and then takes what arrives, so an arrival has
    its full size in the step in which it arrives.

    References
    ----------
    Gerstner et al., Neuronal Dynamics (2014), eq. 3.2.
    """

    def __init__(
        self,
        in_size,
        name: str | None = None,
        tau=8.0 * u.ms,
        g_initializer: Callable = init.ZeroInit(unit=u.mS),  # noqa: B008
    ):
        super().__init__(in_size, name=name)
        self.tau = init.param(tau, self.varshape)
        self.g_initializer = g_initializer

    def init_state(self, batch_size: int | None = None, **kwargs):
        """Make `g` as `g_initializer` says."""
        self.g = HiddenState(self.initial(self.g_initializer, batch_size))

    def reset_state(self, batch_size: int | None = None, **kwargs):
        """Set `g` back to its initial value, drawing a random one anew."""
        self.g.value = self.initial(self.g_initializer, batch_size)

    def align_post_input_add(self, x):
        """Add an arrival to `g` at once."""
        self.g.value = self.g.value + x

    def update(self, x=None):
        """Advance one step and take the arrivals `x` and the delta inputs."""
        g = self.sum_delta_inputs(self.g.value * decay(self.tau, "Expon"))
        self.g.value = g if x is None else g + x
        return self.g.value


class Alpha(Synapse, AlignPost):
    r"""Synapses with the shape of an alpha function, of peak `w` at time `tau`.

    .. math:: \tau \dot g = h - g, \qquad \tau \dot h = -h, \qquad
              h \leftarrow h + e\,w \text{ at each arrival}

    so that one arrival gives :math:`g(t) = w\,(t/\tau)\,e^{1 - t/\tau}`.

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population it is aligned to.
    name : str, optional
        Name for messages and printing.
    tau : array, shape () or in_size, time
        Time to peak. Default 8 ms.
    g_initializer : callable or array
        Initial `g`; its unit is that of the weights. Default 0 mS.

    States
    ------
    g, h : HiddenState, shape (batch?, *in_size), unit of the weights
        Conductance, and the auxiliary variable that arrivals jump.

    Notes
    -----
    Exact, by the propagator of the linear system. `h` jumps in the step of arrival,
    `g` grows from the next step on.

    References
    ----------
    Rotter & Diesmann, Biol. Cybern. 81 (1999), section 3.1.2.
    """

    def __init__(
        self,
        in_size,
        name: str | None = None,
        tau=8.0 * u.ms,
        g_initializer: Callable = init.ZeroInit(unit=u.mS),  # noqa: B008
    ):
        super().__init__(in_size, name=name)
        self.tau = init.param(tau, self.varshape)
        self.g_initializer = g_initializer

    def init_state(self, batch_size: int | None = None, **kwargs):
        """Make `g` as `g_initializer` says, and `h` zero."""
        g = self.initial(self.g_initializer, batch_size)
        self.g = HiddenState(g)
        self.h = HiddenState(u.math.zeros_like(g))

    def reset_state(self, batch_size: int | None = None, **kwargs):
        """Set `g` back to its initial value, and `h` to zero."""
        g = self.initial(self.g_initializer, batch_size)
        self.g.value = g
        self.h.value = u.math.zeros_like(g)

    def align_post_input_add(self, x):
        """Add an arrival to `h` at once."""
        self.h.value = self.h.value + jnp.e * x

    def update(self, x=None):
        """Advance one step and take the arrivals `x` and the delta inputs."""
        steps = ratio(environ.get_dt(), self.tau, "Alpha: dt over tau, dt")
        left = jnp.exp(-steps)
        g, h = self.g.value, self.h.value
        self.g.value = left * (g + steps * h)
        h = left * h
        if self.delta_inputs:
            h = h + jnp.e * self.sum_delta_inputs(u.math.zeros_like(h))
        self.h.value = h if x is None else h + jnp.e * x
        return self.g.value


class AMPA(Synapse):
    r"""Fraction of open AMPA receptors, driven by pulses of transmitter.

    .. math:: \dot g = \alpha [T] (1 - g) - \beta g

    where :math:`[T]` is `T` for `T_dur` from the last spike on, and 0 otherwise.

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population it is aligned to.
    name : str, optional
        Name for messages and printing.
    alpha : array, 1 / (time concentration)
        Binding rate. Default 0.98 / (ms mM).
    beta : array, 1 / time
        Unbinding rate. Default 0.18 / ms.
    T : array, concentration
        Transmitter in a pulse. Default 0.5 mM.
    T_dur : array, time
        Length of a pulse, rounded to steps. Default 0.5 ms.
    g_initializer : callable or array
        Initial `g`. Default 0.

    States
    ------
    g : HiddenState, shape (batch?, *in_size), no unit
    pulse : ShortTermState, shape (batch?, *in_size), int32
        Steps for which the transmitter will still be there.

    Notes
    -----
    Exact, since the rates are constant within a step. A spike in the last step of a
    pulse makes it longer; pulses do not add up.

    References
    ----------
    Destexhe, Mainen & Sejnowski, Neural Comput. 6 (1994), eq. 7.
    """

    def __init__(
        self,
        in_size,
        name: str | None = None,
        alpha=0.98 / (u.ms * u.mM),
        beta=0.18 / u.ms,
        T=0.5 * u.mM,
        T_dur=0.5 * u.ms,
        g_initializer: Callable = init.ZeroInit(),  # noqa: B008
    ):
        super().__init__(in_size, name=name)
        self.alpha = init.param(alpha, self.varshape)
        self.beta = init.param(beta, self.varshape)
        self.T = init.param(T, self.varshape)
        self.T_dur = init.param(T_dur, self.varshape)
        self.g_initializer = g_initializer

    def init_state(self, batch_size: int | None = None):
        """Make the states: `g` as `g_initializer` says, no transmitter."""
        g = self.initial(self.g_initializer, batch_size)
        self.g = HiddenState(g)
        self.pulse = ShortTermState(jnp.zeros(g.shape, jnp.int32))

    def reset_state(self, batch_or_mode: int | None = None, **kwargs):
        """Set the states back to their initial values."""
        g = self.initial(self.g_initializer, batch_or_mode)
        self.g.value = g
        self.pulse.value = jnp.zeros(g.shape, jnp.int32)

    def dg(self, g, t, TT):
        """Return the derivative of `g` with transmitter `TT`; `t` plays no part."""
        del t
        return value_of(self.alpha) * TT * (1 - g) - value_of(self.beta) * g

    def update(self, pre_spike):
        """Advance one step with the spikes of this step; return `g`."""
        length = whole_steps(self.T_dur, f"{type(self).__name__}.T_dur")
        arrived = u.math.asarray(pre_spike) != 0
        pulse = jnp.where(arrived, length, self.pulse.value)
        dt = environ.get_dt()
        where = f"{type(self).__name__}: rates times dt"
        binding = magnitude(
            value_of(self.alpha) * value_of(self.T) * dt, u.UNITLESS, where
        )
        closing = magnitude(value_of(self.beta) * dt, u.UNITLESS, where)
        opening = binding + closing
        g = self.g.value
        target = binding / opening
        self.g.value = jnp.where(
            pulse > 0,
            target + (g - target) * jnp.exp(-opening),
            g * jnp.exp(-closing),
        )
        self.pulse.value = jnp.maximum(pulse - 1, 0)
        return self.g.value


class GABAa(AMPA):
    r"""Fraction of open GABA-A receptors; the equation and states are those of `AMPA`.

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population it is aligned to.
    name : str, optional
        Name for messages and printing.
    alpha : array, 1 / (time concentration)
        Binding rate. Default 0.53 / (ms mM).
    beta : array, 1 / time
        Unbinding rate. Default 0.18 / ms.
    T : array, concentration
        Transmitter in a pulse. Default 1 mM.
    T_dur : array, time
        Length of a pulse, rounded to steps. Default 1 ms.
    g_initializer : callable or array
        Initial `g`. Default 0.

    References
    ----------
    Destexhe, Mainen & Sejnowski, J. Comput. Neurosci. 1 (1994), table 1.
    """

    def __init__(
        self,
        in_size,
        name: str | None = None,
        alpha=0.53 / (u.ms * u.mM),
        beta=0.18 / u.ms,
        T=1.0 * u.mM,
        T_dur=1.0 * u.ms,
        g_initializer: Callable = init.ZeroInit(),  # noqa: B008
    ):
        super().__init__(
            in_size,
            name=name,
            alpha=alpha,
            beta=beta,
            T=T,
            T_dur=T_dur,
            g_initializer=g_initializer,
        )
