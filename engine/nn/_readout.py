"""Readouts of spikes: leaky sums, and leaky neurons."""

from __future__ import annotations

from collections.abc import Callable

import brainunit as u
import jax
import jax.numpy as jnp

from .. import environ, init, surrogate
from .._state import HiddenState, ParamState
from ..typing import ArrayLike, Size
from ._integrate import exp_euler_step
from ._module import Module
from ._neuron_base import Neuron, SpikeReset
from ._units import ratio

TAU = u.Quantity(5.0, unit=u.ms)
MILLIVOLT = u.Quantity(1.0, unit=u.mV)
KAIMING = init.KaimingNormal()
KAIMING_MV = init.KaimingNormal(unit=u.mV)
ZERO_MV = init.ZeroInit(unit=u.mV)
RELU_GRAD = surrogate.ReluGrad()


class LeakyRateReadout(Module):
    r"""Leaky sum of weighted spikes.

    .. math:: r_n = e^{-dt / \tau} r_{n-1} + x_n W

    Parameters
    ----------
    in_size, out_size : int or tuple of int
        Shapes without batch axes; the last axes are mapped.
    tau : array, shape () or out_size, time
        Time constant. Default 5 ms.
    w_init : callable or array, shape (n_in, n_out)
        Weights. Default ``KaimingNormal()``.
    name : str, optional
        Name for messages and printing.

    States
    ------
    r : HiddenState, shape (batch?, *out_size)
    weight : ParamState, shape (n_in, n_out)

    Raises
    ------
    UnitError
        If `tau` and the time step have different dimensions.
    """

    r: HiddenState

    def __init__(
        self,
        in_size: Size,
        out_size: Size,
        tau: ArrayLike = TAU,
        w_init: Callable | ArrayLike = KAIMING,
        name: str | None = None,
    ):
        super().__init__(name=name)
        self.in_size = in_size
        self.out_size = out_size
        self.tau = init.param(tau, self.out_size)
        shape = (self.in_size[-1], self.out_size[-1])
        self.weight = ParamState(init.param(w_init, shape, allow_none=False))

    def _zero(self, batch_size: int | None):
        unit = u.get_unit(self.weight.value)
        return init.param(init.ZeroInit(unit=unit), self.out_size, batch_size)

    def init_state(self, batch_size: int | None = None, **kwargs):
        """Make the state `r`, zero."""
        self.r = HiddenState(self._zero(batch_size))

    def reset_state(self, batch_size: int | None = None, **kwargs):
        """Set `r` back to zero."""
        self.r.value = self._zero(batch_size)

    def update(self, x):
        """Return the sum after the spikes `x`, shape (..., n_in)."""
        rate = ratio(environ.get_dt(), self.tau, "LeakyRateReadout: dt over tau, dt")
        new = u.math.matmul(x, self.weight.value)
        self.r.value = jnp.exp(-rate) * self.r.value + new
        return self.r.value


class LeakySpikeReadout(Neuron):
    r"""Leaky neurons driven by weighted spikes.

    .. math:: \tau \dot V = -V + x W, \qquad
        V \ge V_{th} \Rightarrow \text{spike, reset}

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the input and of the population.
    tau : array, shape () or in_size, time
        Membrane time constant. Default 5 ms.
    V_th : array, shape () or in_size, voltage
        Threshold; the rest is zero. Default 1 mV.
    w_init : callable or array, shape (n, n), voltage
        Weights, with `n` the last axis. Default ``KaimingNormal(unit=mV)``.
    V_initializer : callable or array, voltage
        First potential. Default zero.
    spk_fun : callable, optional
        Step function with a surrogate gradient. Default ``ReluGrad()``.
    spk_reset : {"soft", "hard"}, default "soft"
        "soft" subtracts the threshold, "hard" puts `V` to zero.
    name : str, optional
        Name for messages and printing.

    States
    ------
    V : HiddenState, shape (batch?, *in_size), voltage
    weight : ParamState, shape (n, n), voltage

    Raises
    ------
    ChoiceError
        If `spk_reset` is neither "soft" nor "hard".
    StepUnitError
        If units do not fit the time step.

    Notes
    -----
    `V` keeps the value that crossed the threshold until the next step begins with the
    reset.
    """

    V: HiddenState

    def __init__(
        self,
        in_size: Size,
        tau: ArrayLike = TAU,
        V_th: ArrayLike = MILLIVOLT,
        w_init: Callable | ArrayLike = KAIMING_MV,
        V_initializer: Callable | ArrayLike = ZERO_MV,
        spk_fun: Callable = RELU_GRAD,
        spk_reset: SpikeReset = "soft",
        name: str | None = None,
    ):
        super().__init__(in_size, spk_fun=spk_fun, spk_reset=spk_reset, name=name)
        self.tau = init.param(tau, self.varshape)
        self.V_th = init.param(V_th, self.varshape)
        self.V_initializer = V_initializer
        n = self.varshape[-1]
        self.weight = ParamState(init.param(w_init, (n, n), allow_none=False))

    def init_state(self, batch_size: int | None = None, **kwargs):
        """Make the state `V`."""
        self.V = HiddenState(init.param(self.V_initializer, self.varshape, batch_size))

    def reset_state(self, batch_size: int | None = None, **kwargs):
        """Set `V` back to its first value."""
        self.V.value = init.param(self.V_initializer, self.varshape, batch_size)

    @property
    def spike(self):
        """Spikes of the last step, as numbers."""
        return self.get_spike()

    def get_spike(self, V=None):
        """Return the spikes (0 or 1) at the potential `V`, by default the present."""
        V = self.V.value if V is None else V
        return self.spk_fun(ratio(V - self.V_th, self.V_th, "LeakySpikeReadout.V"))

    def update(self, spk):
        """Advance one step with the spikes `spk`; return the spikes (0 or 1)."""
        V = self.V.value
        drop = self.V_th if self.spk_reset == "soft" else jax.lax.stop_gradient(V)
        V = V - drop * self.get_spike(V)
        drive = u.math.matmul(spk, self.weight.value)
        V = exp_euler_step(
            lambda v: (self.sum_current_inputs(drive, v) - v) / self.tau, V
        )
        self.V.value = self.sum_delta_inputs(V)
        return self.get_spike()
