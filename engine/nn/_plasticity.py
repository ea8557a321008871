"""Short-term plasticity: synapses that depress and facilitate."""

from __future__ import annotations

import brainunit as u
import jax.numpy as jnp

from .. import environ, init
from .._state import HiddenState
from ._synapse import Synapse, decay
from ._units import ratio, value_of


def _recovered(x, tau, where: str):
    """Return resources one step later: `dx/dt = (1 - x) / tau`."""
    return x - jnp.expm1(-ratio(environ.get_dt(), tau, where)) * (1 - x)


def _as_number(spike, like):
    """Return spikes as numbers: booleans become 0 and 1."""
    return jnp.asarray(u.get_mantissa(spike)).astype(like.dtype)


class STD(Synapse):
    r"""Short-term depression: each spike uses a share `U` of the resources.

    .. math:: \dot x = (1 - x) / \tau, \qquad x \leftarrow x - U x
              \text{ at each spike}

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the presynaptic population.
    name : str, optional
        Name for messages and printing.
    tau : array, shape () or in_size, time
        Time constant of recovery. Default 200 ms.
    U : array, shape () or in_size
        Share of the resources that a spike uses, 0 to 1. Default 0.07.

    States
    ------
    x : HiddenState, shape (batch?, *in_size), no unit
        Resources at hand, 1 at first.

    Notes
    -----
    Exact. `update` returns what each spike releases, `U x` with `x` from before the
    spike; 0 where there is none.

    References
    ----------
    Tsodyks & Markram, PNAS 94 (1997), eq. 1 to 3.
    """

    def __init__(self, in_size, name: str | None = None, tau=200.0 * u.ms, U=0.07):
        super().__init__(in_size, name=name)
        self.tau = init.param(tau, self.varshape)
        self.U = init.param(U, self.varshape)

    def init_state(self, batch_size: int | None = None, **kwargs):
        """Make the states: full resources."""
        self.x = HiddenState(self.initial(1.0, batch_size))

    def reset_state(self, batch_size: int | None = None, **kwargs):
        """Fill the resources."""
        self.x.value = self.initial(1.0, batch_size)

    def update(self, pre_spike):
        """Advance one step with the spikes of this step; return the release."""
        x = _recovered(self.x.value, self.tau, "STD: dt over tau, dt")
        release = value_of(self.U) * x * _as_number(pre_spike, x)
        self.x.value = x - release
        return release


class STP(Synapse):
    r"""Short-term plasticity with facilitation `u` and depression `x`.

    .. math:: \dot u = -u / \tau_f, \qquad \dot x = (1 - x) / \tau_d

    and at each spike, in this order,

    .. math:: u \leftarrow u + U (1 - u), \qquad x \leftarrow x - u x

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the presynaptic population.
    name : str, optional
        Name for messages and printing.
    U : array, shape () or in_size
        Rise of `u` by a spike, 0 to 1; the share used by a first spike. Default 0.15.
    tau_f : array, shape () or in_size, time
        Time constant of facilitation. Default 1500 ms.
    tau_d : array, shape () or in_size, time
        Time constant of recovery from depression. Default 200 ms.

    States
    ------
    u, x : HiddenState, shape (batch?, *in_size), no unit
        Utilisation, 0 at first, and resources, 1 at first.

    Notes
    -----
    Exact. `update` returns what each spike releases, `u x` with `u` from after and
    `x` from before the spike; 0 where there is none. For `tau_f` much shorter than
    the interval this is `STD`. With spikes at intervals `T`, after each spike `u`
    tends to `U / (1 - (1 - U) exp(-T / tau_f))`.

    References
    ----------
    Tsodyks, Pawelzik & Markram, Neural Comput. 10 (1998), eq. 2.1 to 2.4.
    """

    def __init__(
        self,
        in_size,
        name: str | None = None,
        U=0.15,
        tau_f=1500.0 * u.ms,
        tau_d=200.0 * u.ms,
    ):
        super().__init__(in_size, name=name)
        self.U = init.param(U, self.varshape)
        self.tau_f = init.param(tau_f, self.varshape)
        self.tau_d = init.param(tau_d, self.varshape)

    def init_state(self, batch_size: int | None = None, **kwargs):
        """Make the states: full resources, no facilitation."""
        self.u = HiddenState(self.initial(0.0, batch_size))
        self.x = HiddenState(self.initial(1.0, batch_size))

    def reset_state(self, batch_size: int | None = None, **kwargs):
        """Fill the resources, forget the facilitation."""
        self.u.value = self.initial(0.0, batch_size)
        self.x.value = self.initial(1.0, batch_size)

    def update(self, pre_spike):
        """Advance one step with the spikes of this step; return the release."""
        x = _recovered(self.x.value, self.tau_d, "STP: dt over tau_d, dt")
        facilitation = self.u.value * decay(self.tau_f, "STP.tau_f")
        spike = _as_number(pre_spike, x)
        facilitation = facilitation + value_of(self.U) * (1 - facilitation) * spike
        release = facilitation * x * spike
        self.u.value = facilitation
        self.x.value = x - release
        return release
