"""What all neuron models share: the reset, the membrane, and the emission."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from .. import environ, init, surrogate
from .._host import is_at_hand, on_host
from .._state import HiddenState, ShortTermState
from ._dynamics import Dynamics
from ._errors import MissingMethodError, check_choice
from ._integrate import exprel
from ._prefetch import Prefetch
from ._units import blank, magnitude, ratio, with_unit

SpikeReset = Literal["soft", "hard"]


class Neuron(Dynamics):
    """Population that emits spikes; the base of all neuron models.

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population.
    spk_fun : callable, optional
        Step function with a surrogate gradient. Default ``InvSquareGrad()``.
    spk_reset : {"soft", "hard"}, default "soft"
        "soft" subtracts `V_th - V_reset` from `V`, "hard" puts `V` to `V_reset`
        exactly.
    name : str, optional
        Name for messages and printing.

    Raises
    ------
    ChoiceError
        If `spk_reset` is neither "soft" nor "hard".

    Notes
    -----
    The models below keep `V` as it was when it crossed the threshold until the end
    of the step, and reset it at the beginning of the next. Their state `spike` is
    what was emitted in the last step, as booleans; ``prefetch("spike")`` reads it.
    `update` and `get_spike` return spikes as numbers, differentiable by the
    surrogate gradient.
    """

    def __init__(
        self,
        in_size,
        spk_fun: Callable = surrogate.InvSquareGrad(),  # noqa: B008 (immutable)
        spk_reset: SpikeReset = "soft",
        name: str | None = None,
    ):
        super().__init__(in_size, name=name)
        self.spk_reset = check_choice(
            f"{type(self).__name__}.spk_reset", spk_reset, get_args(SpikeReset)
        )
        self.spk_fun = spk_fun

    def get_spike(self, *args, **kwargs):
        """Return the spikes of a state; a subclass writes this.

        Raises
        ------
        MissingMethodError
            If the subclass has none.
        """
        raise MissingMethodError(
            f"{type(self).__name__} has no get_spike(); return "
            f"self.spk_fun((V - V_th) / scale) in it."
        )

    def _number(self, parameter: str, unit):
        """Return the number of one of the parameters in a unit."""
        where = f"{type(self).__name__}.{parameter}"
        return magnitude(getattr(self, parameter), unit, where)


@jax.custom_jvp
def _where_spike(is_spike, spike, then, otherwise):
    """Choose `then` where there was a spike; differentiable by way of `spike`."""
    del spike
    return jnp.where(is_spike, then, otherwise)


@_where_spike.defjvp
def _where_spike_jvp(primals, tangents):
    is_spike, _, then, otherwise = primals
    _, spike_dot, then_dot, otherwise_dot = tangents
    value = jnp.where(is_spike, then, otherwise)
    chosen = jnp.where(is_spike, then_dot, otherwise_dot)
    return value, chosen + (then - otherwise) * spike_dot


_NO_V = "{name} has no 'spike' yet; call init_state() (or nn.init_all_states) first."


class IntegrateAndFire(Neuron):
    """What the models share: `V`, `spike`, the reset, and the membrane.

    Where nobody needs `spike` it is no state: `V` tells who is above the threshold.
    It becomes one when it is read or prefetched, and for neurons that may begin above
    the threshold, which have not spiked before the first step.
    """

    V_reset = None
    V_rest = None
    _keeps_spike = False

    def __init__(self, in_size, R, tau, V_th, V_initializer, spk_fun, spk_reset, name):
        super().__init__(in_size, spk_fun=spk_fun, spk_reset=spk_reset, name=name)
        self.R = init.param(R, self.varshape)
        self.tau = init.param(tau, self.varshape)
        self.V_th = init.param(V_th, self.varshape)
        self.V_initializer = V_initializer

    def init_state(self, batch_size: int | None = None, **kwargs):
        """Make the states: `V` as `V_initializer` says, no spikes."""
        self.V = HiddenState(self.initial(self.V_initializer, batch_size))
        is_above = self._is_above()
        if self._keeps_spike or isinstance(is_above, Tracer) or bool(is_above.any()):
            self._keep_spike(blank(is_above.shape, bool))

    def reset_state(self, batch_size: int | None = None, **kwargs):
        """Set the states back to initial values, drawing random ones anew."""
        self.V.value = self.initial(self.V_initializer, batch_size)
        if self._keeps_spike:
            self.spike.value = blank(self.V.value.shape, bool)

    def prefetch(self, item: str) -> Prefetch:
        """Refer to a variable by name; see `Dynamics.prefetch`."""
        if item == "spike":
            self._keeps_spike = True
        return super().prefetch(item)

    def __getattr__(self, name: str):
        if name != "spike":
            return super().__getattribute__(name)  # raises the usual error
        if "V" not in vars(self):
            raise AttributeError(_NO_V.format(name=type(self).__name__))
        is_above = self._is_above()
        if isinstance(is_above, Tracer):
            return ShortTermState(is_above)  # a state made in a trace would leave it
        return self._keep_spike(is_above)

    def _is_above(self):
        V = self.V.value
        level, V = self._levels(u.get_unit(V))[0], u.get_mantissa(V)
        if is_at_hand(level, V):
            return on_host(np.asarray(level) <= np.asarray(V))
        return jnp.asarray(level <= V)

    def _keep_spike(self, is_spike) -> ShortTermState:
        self._keeps_spike = True
        self.spike = ShortTermState(is_spike)
        return self.spike

    def _levels(self, unit):
        """Return threshold, reset and rest in a unit; 0 for those a model lacks."""
        V_reset, V_rest = (
            0.0 if getattr(self, name) is None else self._number(name, unit)
            for name in ("V_reset", "V_rest")
        )
        return self._number("V_th", unit), V_reset, V_rest

    def get_spike(self, V=None):
        """Return the spikes (0 or 1) at the potential `V`, by default the present."""
        V = self.V.value if V is None else V
        unit = u.get_unit(V)
        V_th, V_reset, _ = self._levels(unit)
        return self.spk_fun((u.get_mantissa(V) - V_th) / (V_th - V_reset))

    def _after_reset(self, unit):
        """Return the number of `V` at the beginning of a step."""
        V = u.get_mantissa(self.V.value)
        V_th, V_reset, _ = self._levels(unit)
        then = V_reset if self.spk_reset == "hard" else V - (V_th - V_reset)
        return self._where_spike(then, V)

    def _where_spike(self, then, otherwise):
        """Choose by the spikes of the last step, with their surrogate gradient."""
        then = jnp.asarray(then, otherwise.dtype)
        is_spike = self.spike.value if self._keeps_spike else self._is_above()
        return _where_spike(is_spike, self.get_spike(), then, otherwise)

    def _membrane(self, V, x, unit):
        """Return `V` one step later: leak, currents, and jumps by delta inputs."""
        V = self._integrated(V, x, unit)
        if not self.delta_inputs:
            return V
        jumped = self.sum_delta_inputs(with_unit(V, unit))
        return magnitude(jumped, unit, f"{type(self).__name__}: delta input")

    def _integrated(self, V, x, unit):
        """Return `V` one exponential Euler step later."""
        name = type(self).__name__
        current, slope = self.current_and_slope(x, with_unit(V, unit))
        rate = ratio(environ.get_dt(), self.tau, f"{name}: dt over tau, dt")
        drift = self._levels(unit)[2] - V
        if current is None:
            return V - jnp.expm1(-rate) * drift
        current_unit = u.get_unit(current)
        R = self._number("R", unit / current_unit)
        drift = drift + R * u.get_mantissa(current)
        if slope is None:
            return V - jnp.expm1(-rate) * drift
        rise = magnitude(slope, current_unit / unit, f"{name}: slope of a current")
        return V + rate * drift * exprel(rate * R * rise - rate)

    def _emit(self, V, is_spike, unit):
        """Store the states; return the spikes with their surrogate gradient."""
        self.V.value = with_unit(V, unit)
        if self._keeps_spike:
            self.spike.value = is_spike
        return self.get_spike()

    def update(self, x=0.0 * u.mA):
        """Advance one step with the input current `x`; return the spikes (0 or 1)."""
        unit = u.get_unit(self.V.value)
        V = self._membrane(self._after_reset(unit), x, unit)
        return self._emit(V, self._levels(unit)[0] <= V, unit)
