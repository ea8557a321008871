"""Integrate-and-fire neurons."""

from __future__ import annotations

from collections.abc import Callable

import brainunit as u
import jax.numpy as jnp

from .. import environ, init, surrogate
from .._state import HiddenState, ShortTermState
from ._clock import whole_steps
from ._neuron_base import IntegrateAndFire, SpikeReset
from ._units import blank, ratio


class IF(IntegrateAndFire):
    r"""Integrate-and-fire neurons that leak to zero and reset by one threshold.

    .. math:: \tau \dot V = -V + R I, \qquad
              V \ge V_{th} \Rightarrow V \leftarrow V - V_{th}

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population.
    R : array, shape () or in_size, resistance
        Membrane resistance. Default 1 ohm.
    tau : array, shape () or in_size, time
        Membrane time constant. Default 5 ms.
    V_th : array, shape () or in_size, voltage
        Threshold. Default 1 mV.
    V_initializer : callable or array
        Initial `V`. Default 0 mV.
    spk_fun : callable
        Step function with a surrogate gradient. Default ``ReluGrad()``.
    spk_reset : {"soft", "hard"}, default "soft"
        "soft" subtracts `V_th`, "hard" puts `V` to 0 exactly.
    name : str, optional
        Name for messages and printing.

    States
    ------
    V : HiddenState, shape (batch?, *in_size), voltage
    spike : ShortTermState, shape (batch?, *in_size), bool
        Where something reads it; see `IntegrateAndFire`.

    Raises
    ------
    ChoiceError
        If `spk_reset` is neither "soft" nor "hard".

    Notes
    -----
    Exact for constant input (exponential Euler). Resting and reset potential are 0;
    see `LIF` to choose them.

    References
    ----------
    Gerstner et al., Neuronal Dynamics (2014), section 1.3.
    """

    def __init__(
        self,
        in_size,
        R=1.0 * u.ohm,
        tau=5.0 * u.ms,
        V_th=1.0 * u.mV,
        V_initializer: Callable = init.Constant(0.0 * u.mV),  # noqa: B008
        spk_fun: Callable = surrogate.ReluGrad(),  # noqa: B008
        spk_reset: SpikeReset = "soft",
        name: str | None = None,
    ):
        super().__init__(in_size, R, tau, V_th, V_initializer, spk_fun, spk_reset, name)


class LIF(IntegrateAndFire):
    r"""Leaky integrate-and-fire neurons.

    .. math:: \tau \dot V = V_{rest} - V + R I, \qquad
              V \ge V_{th} \Rightarrow V \leftarrow V_{reset}

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population.
    R : array, shape () or in_size, resistance
        Membrane resistance. Default 1 ohm.
    tau : array, shape () or in_size, time
        Membrane time constant. Default 5 ms.
    V_th, V_reset, V_rest : array, shape () or in_size, voltage
        Threshold (default 1 mV), reset and resting potential (default 0 mV).
    V_initializer : callable or array
        Initial `V`. Default 0 mV.
    spk_fun : callable
        Step function with a surrogate gradient. Default ``ReluGrad()``.
    spk_reset : {"soft", "hard"}, default "soft"
        "soft" subtracts `V_th - V_reset`, "hard" puts `V` to `V_reset` exactly.
    name : str, optional
        Name for messages and printing.

    States
    ------
    V : HiddenState, shape (batch?, *in_size), voltage
    spike : ShortTermState, shape (batch?, *in_size), bool
        Where something reads it; see `IntegrateAndFire`.

    Raises
    ------
    ChoiceError
        If `spk_reset` is neither "soft" nor "hard".

    Notes
    -----
    Exact for constant input (exponential Euler). Neurons that begin above the
    threshold keep their `V` and spike in the first step if they are still above.

    References
    ----------
    Gerstner et al., Neuronal Dynamics (2014), eq. 1.5.
    """

    def __init__(
        self,
        in_size,
        R=1.0 * u.ohm,
        tau=5.0 * u.ms,
        V_th=1.0 * u.mV,
        V_reset=0.0 * u.mV,
        V_rest=0.0 * u.mV,
        V_initializer: Callable = init.Constant(0.0 * u.mV),  # noqa: B008
        spk_fun: Callable = surrogate.ReluGrad(),  # noqa: B008
        spk_reset: SpikeReset = "soft",
        name: str | None = None,
    ):
        super().__init__(in_size, R, tau, V_th, V_initializer, spk_fun, spk_reset, name)
        self.V_reset = init.param(V_reset, self.varshape)
        self.V_rest = init.param(V_rest, self.varshape)


class LIFRef(LIF):
    r"""Leaky integrate-and-fire neurons with an absolute refractory period.

    The equation is that of `LIF`; for `tau_ref` after a spike `V` stays where the
    reset put it and inputs have no effect.

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population.
    R : array, shape () or in_size, resistance
        Membrane resistance. Default 1 ohm.
    tau : array, shape () or in_size, time
        Membrane time constant. Default 5 ms.
    tau_ref : array, shape () or in_size, time
        Refractory period, rounded to steps. Default 5 ms.
    V_th, V_reset, V_rest : array, shape () or in_size, voltage
        Threshold (default 1 mV), reset and resting potential (default 0 mV).
    V_initializer : callable or array
        Initial `V`. Default 0 mV.
    spk_fun : callable
        Step function with a surrogate gradient. Default ``ReluGrad()``.
    spk_reset : {"soft", "hard"}, default "soft"
        As in `LIF`; a soft reset never leaves `V` above `V_reset` by a whole
        `V_th - V_reset`.
    name : str, optional
        Name for messages and printing.

    States
    ------
    V : HiddenState, shape (batch?, *in_size), voltage
    spike : ShortTermState, shape (batch?, *in_size), bool
    refractory : ShortTermState, shape (batch?, *in_size), int32
        Steps for which `V` will still be held.

    Raises
    ------
    ChoiceError
        If `spk_reset` is neither "soft" nor "hard".

    Notes
    -----
    A neuron that spikes in step `n` is held in the steps `n + 1` to
    `n + round(tau_ref / dt)`. With constant input the period is
    `tau_ref + tau ln((RI + V_rest - V_reset) / (RI + V_rest - V_th))`, rounded up to
    a step.

    References
    ----------
    Gerstner et al., Neuronal Dynamics (2014), section 1.3.5.
    """

    _keeps_spike = True

    def __init__(
        self,
        in_size,
        R=1.0 * u.ohm,
        tau=5.0 * u.ms,
        tau_ref=5.0 * u.ms,
        V_th=1.0 * u.mV,
        V_reset=0.0 * u.mV,
        V_rest=0.0 * u.mV,
        V_initializer: Callable = init.Constant(0.0 * u.mV),  # noqa: B008
        spk_fun: Callable = surrogate.ReluGrad(),  # noqa: B008
        spk_reset: SpikeReset = "soft",
        name: str | None = None,
    ):
        super().__init__(
            in_size,
            R=R,
            tau=tau,
            V_th=V_th,
            V_reset=V_reset,
            V_rest=V_rest,
            V_initializer=V_initializer,
            spk_fun=spk_fun,
            spk_reset=spk_reset,
            name=name,
        )
        self.tau_ref = init.param(tau_ref, self.varshape)

    def init_state(self, batch_size: int | None = None, **kwargs):
        """Make the states: `V` as `V_initializer` says, nobody refractory."""
        super().init_state(batch_size, **kwargs)
        self.refractory = ShortTermState(blank(self.V.value.shape, jnp.int32))

    def reset_state(self, batch_size: int | None = None, **kwargs):
        """Set the states back to initial values, drawing random ones anew."""
        super().reset_state(batch_size, **kwargs)
        self.refractory.value = blank(self.V.value.shape, jnp.int32)

    def _after_reset(self, unit):
        V = super()._after_reset(unit)
        if self.spk_reset == "hard":
            return V
        V_th, V_reset, _ = self._levels(unit)
        return jnp.where(self.spike.value & (V_th <= V), V_reset, V)

    def update(self, x=0.0 * u.mA):
        """Advance one step with the input current `x`; return the spikes (0 or 1)."""
        unit = u.get_unit(self.V.value)
        held = self._after_reset(unit)
        left = self.refractory.value
        is_free = left <= 0
        V = jnp.where(is_free, self._membrane(held, x, unit), held)
        is_spike = is_free & (self._levels(unit)[0] <= V)
        period = whole_steps(self.tau_ref, "LIFRef.tau_ref")
        self.refractory.value = jnp.where(is_spike, period, jnp.maximum(left - 1, 0))
        return self._emit(V, is_spike, unit)


class ALIF(LIF):
    r"""Leaky integrate-and-fire neurons with an adaptive threshold.

    .. math:: \tau \dot V = V_{rest} - V + R I, \qquad \tau_a \dot a = -a, \qquad
              V \ge V_{th} + \beta a \Rightarrow
              V \leftarrow V_{reset},\ a \leftarrow a + 1

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population.
    R : array, shape () or in_size, resistance
        Membrane resistance. Default 1 ohm.
    tau : array, shape () or in_size, time
        Membrane time constant. Default 5 ms.
    tau_a : array, shape () or in_size, time
        Time constant of the adaptation. Default 100 ms.
    V_th, V_reset, V_rest : array, shape () or in_size, voltage
        Resting threshold (default 1 mV), reset and resting potential (default 0 mV).
    beta : array, shape () or in_size, voltage
        Rise of the threshold by one spike. Default 0.1 mV.
    spk_fun : callable
        Step function with a surrogate gradient. Default ``ReluGrad()``.
    spk_reset : {"soft", "hard"}, default "soft"
        "soft" subtracts `V_th - V_reset`, "hard" puts `V` to `V_reset` exactly.
    V_initializer, a_initializer : callable or array
        Initial `V` (default 0 mV) and `a` (default 0).
    name : str, optional
        Name for messages and printing.

    States
    ------
    V : HiddenState, shape (batch?, *in_size), voltage
    a : HiddenState, shape (batch?, *in_size), no unit
    spike : ShortTermState, shape (batch?, *in_size), bool

    Raises
    ------
    ChoiceError
        If `spk_reset` is neither "soft" nor "hard".

    References
    ----------
    Bellec et al., Long short-term memory and learning-to-learn in networks of spiking
    neurons, NeurIPS (2018), eq. 1 and 2.
    """

    _keeps_spike = True

    def __init__(
        self,
        in_size,
        R=1.0 * u.ohm,
        tau=5.0 * u.ms,
        tau_a=100.0 * u.ms,
        V_th=1.0 * u.mV,
        V_reset=0.0 * u.mV,
        V_rest=0.0 * u.mV,
        beta=0.1 * u.mV,
        spk_fun: Callable = surrogate.ReluGrad(),  # noqa: B008
        spk_reset: SpikeReset = "soft",
        V_initializer: Callable = init.Constant(0.0 * u.mV),  # noqa: B008
        a_initializer: Callable = init.Constant(0.0),  # noqa: B008
        name: str | None = None,
    ):
        super().__init__(
            in_size,
            R=R,
            tau=tau,
            V_th=V_th,
            V_reset=V_reset,
            V_rest=V_rest,
            V_initializer=V_initializer,
            spk_fun=spk_fun,
            spk_reset=spk_reset,
            name=name,
        )
        self.tau_a = init.param(tau_a, self.varshape)
        self.beta = init.param(beta, self.varshape)
        self.a_initializer = a_initializer

    def init_state(self, batch_size: int | None = None, **kwargs):
        """Make the states as the initializers say."""
        super().init_state(batch_size, **kwargs)
        self.a = HiddenState(self.initial(self.a_initializer, batch_size))

    def reset_state(self, batch_size: int | None = None, **kwargs):
        """Set the states back to initial values, drawing random ones anew."""
        super().reset_state(batch_size, **kwargs)
        self.a.value = self.initial(self.a_initializer, batch_size)

    def get_spike(self, V=None, a=None):
        """Return the spikes (0 or 1) at `V` and `a`, by default the present ones."""
        V = self.V.value if V is None else V
        a = self.a.value if a is None else a
        unit = u.get_unit(V)
        V_th, V_reset, _ = self._levels(unit)
        distance = u.get_mantissa(V) - V_th - self._number("beta", unit) * a
        return self.spk_fun(distance / (V_th - V_reset))

    def update(self, x=0.0 * u.mA):
        """Advance one step with the input current `x`; return the spikes (0 or 1)."""
        unit = u.get_unit(self.V.value)
        a = self._where_spike(self.a.value + 1, self.a.value)
        V = self._membrane(self._after_reset(unit), x, unit)
        a = a * jnp.exp(-ratio(environ.get_dt(), self.tau_a, "ALIF: dt over tau_a, dt"))
        self.a.value = a
        V_th = self._levels(unit)[0] + self._number("beta", unit) * a
        return self._emit(V, V_th <= V, unit)
