"""Cells that a user writes: the same classes on every library of this family."""

from __future__ import annotations

from typing import Any

import brainunit as u
import jax.numpy as jnp


def rates(V: Any) -> dict[str, tuple[Any, Any]]:
    """Return opening and closing of the gates in 1/ms, at mV above the threshold."""

    def linear(slope, x, scale):
        """Return slope * x / (1 - exp(-x / scale)), which is finite at 0."""
        z = jnp.where(jnp.abs(x) < 1e-3, 1e-3, x) / scale
        return slope * scale * z / (1 - jnp.exp(-z))

    return {
        "m": (linear(0.32, V - 13, 4), linear(0.28, 40 - V, 5)),
        "h": (0.128 * jnp.exp((17 - V) / 18), 4 / (1 + jnp.exp((40 - V) / 5))),
        "n": (linear(0.032, V - 15, 5), 0.5 * jnp.exp((10 - V) / 40)),
    }


def cells(lib: Any, nn: Any, exp_euler_step: Any) -> dict[str, type]:
    """Return the classes on a library.

    Parameters
    ----------
    lib : module
        Has `HiddenState`, `ShortTermState` and `environ`.
    nn : module
        Has `Neuron`.
    exp_euler_step : callable
        A step of an equation.
    """

    def initial(cell, value):
        make = getattr(cell, "initial", None)
        return value(cell.varshape) if make is None else make(value)

    class AdEx(nn.Neuron):
        """Adaptive exponential integrate-and-fire (Brette and Gerstner, 2005)."""

        def __init__(
            self, in_size, C, g, E, V_T, slope, V_r, peak, tau_w, a, b, V_init
        ):
            super().__init__(in_size)
            self.C, self.g, self.E, self.V_T, self.slope = C, g, E, V_T, slope
            self.V_r, self.peak, self.tau_w, self.a, self.b = V_r, peak, tau_w, a, b
            self.V_init = V_init

        def init_state(self, *args, **kwargs):
            self.V = lib.HiddenState(initial(self, self.V_init))
            self.w = lib.HiddenState(jnp.zeros(self.varshape) * u.pA)
            self.spike = lib.ShortTermState(jnp.zeros(self.varshape, bool))

        def update(self, x=0 * u.pA):
            V, w, dt = self.V.value, self.w.value, lib.environ.get_dt()
            above = (V - self.V_T) / self.slope
            upstroke = jnp.exp(jnp.minimum(above, 20.0))
            I = self.sum_current_inputs(x, V) - w
            leak = self.g * (self.E - V + self.slope * upstroke)
            new = self.sum_delta_inputs(V + dt * (leak + I) / self.C)
            w = w + dt * (self.a * (V - self.E) - w) / self.tau_w
            self.spike.value = new >= self.peak
            self.V.value = u.math.where(self.spike.value, self.V_r, new)
            self.w.value = u.math.where(self.spike.value, w + self.b, w)
            return self.spike.value

    class TraubMiles(nn.Neuron):
        """Hodgkin-Huxley cells of the hippocampus (Traub and Miles, 1991)."""

        def __init__(self, in_size, C, g, E, g_Na, g_K, E_Na, E_K, V_T, V_th, V_init):
            super().__init__(in_size)
            self.C, self.g, self.E, self.g_Na, self.g_K = C, g, E, g_Na, g_K
            self.E_Na, self.E_K, self.V_T, self.V_th = E_Na, E_K, V_T, V_th
            self.V_init = V_init

        def init_state(self, *args, **kwargs):
            self.V = lib.HiddenState(initial(self, self.V_init))
            for name in "mhn":
                setattr(self, name, lib.HiddenState(jnp.zeros(self.varshape)))
            self.spike = lib.ShortTermState(jnp.zeros(self.varshape, bool))

        def update(self, x=0 * u.pA):
            V, dt = self.V.value, lib.environ.get_dt()
            gates = rates((V - self.V_T).to_decimal(u.mV))
            for name, (opening, closing) in gates.items():
                gate, rate = getattr(self, name), opening + closing
                target = opening / rate
                decay = jnp.exp(-dt.to_decimal(u.ms) * rate)
                gate.value = target + (gate.value - target) * decay
            g_Na = self.g_Na * self.m.value**3 * self.h.value
            g_K = self.g_K * self.n.value**4

            def slope(V):
                I = self.g * (self.E - V)
                I = I + g_Na * (self.E_Na - V) + g_K * (self.E_K - V)
                return (I + self.sum_current_inputs(x, V)) / self.C

            new = self.sum_delta_inputs(exp_euler_step(slope, V))
            self.spike.value = (self.V_th > V) & (new >= self.V_th)
            self.V.value = new
            return self.spike.value

    return {"AdEx": AdEx, "TraubMiles": TraubMiles}


UNITS = {"C": "pF", "g": "nS", "E": "mV", "V_T": "mV", "slope": "mV", "V_r": "mV"}
UNITS |= {"peak": "mV", "tau_w": "ms", "a": "nS", "b": "pA", "V_th": "mV"}
UNITS |= {"g_Na": "nS", "g_K": "nS", "E_Na": "mV", "E_K": "mV"}
"""Unit of each parameter."""
