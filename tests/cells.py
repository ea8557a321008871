"""Cells of a notebook in which a person writes neuron models of their own."""

from __future__ import annotations

import itertools
import linecache
from typing import Any

_numbers = itertools.count(1)

IMPORTS = """
import brainunit as u
import jax.numpy as jnp

import engine
from engine import kinds, nn
from engine.kinds import Param
"""

IZHIKEVICH = """
@kinds.register(
    params=(
        Param("a", default=0.02, low=0.01, high=0.1),
        Param("b", default=0.2, low=0.1, high=0.3),
        Param("c", unit="mV", default=-65.0, low=-80.0, high=-40.0),
        Param("d", default=8.0, low=0.0, high=10.0),
    ),
    label="Izhikevich",
    variables=(("V", "mV"), ("w", "")),
)
class Izhikevich(nn.Neuron):
    '''Two equations that spike like many cells do.'''

    def __init__(self, in_size, a=0.02, b=0.2, c=-65 * u.mV, d=8.0):
        super().__init__(in_size)
        self.a, self.b, self.c, self.d = a, b, c, d

    def init_state(self, *args, **kwargs):
        self.V = engine.HiddenState(jnp.full(self.varshape, -65.0) * u.mV)
        self.w = engine.HiddenState(jnp.full(self.varshape, -65.0) * self.b)
        self.spike = engine.ShortTermState(jnp.zeros(self.varshape, bool))

    def update(self, x=0 * u.pA):
        v, w = self.V.value.to_decimal(u.mV), self.w.value
        v = jnp.where(self.spike.value, self.c.to_decimal(u.mV), v)
        w = jnp.where(self.spike.value, w + self.d, w)
        I = self.sum_current_inputs(x, self.V.value)
        I = I.to_decimal(u.pA) + self.sum_delta_inputs(0.0)
        dt = engine.environ.get_dt().to_decimal(u.ms)
        v = v + dt * (0.04 * v * v + 5 * v + 140 - w + I)
        self.w.value = w + dt * self.a * (self.b * v - w)
        self.V.value = v * u.mV
        self.spike.value = v >= 30
        return self.spike.value
"""

ADEX = """
T_SLOPE = 2.0 * u.mV
PEAK = 0.0


def upstroke(V, V_T):
    return jnp.exp(jnp.minimum((V - V_T) / T_SLOPE, 20.0))


class AdEx(nn.Neuron):
    '''Adaptive exponential integrate-and-fire (Brette and Gerstner, 2005).'''

    def __init__(self, in_size, C, g, E, V_T, V_r, tau_w, a, b, V_init, name=None):
        super().__init__(in_size, name=name)
        self.C, self.g, self.E, self.V_T, self.V_r = C, g, E, V_T, V_r
        self.tau_w, self.a, self.b, self.V_init = tau_w, a, b, V_init

    def init_state(self, *args, **kwargs):
        self.V = engine.HiddenState(self.initial(self.V_init))
        self.w = engine.HiddenState(jnp.zeros(self.varshape) * u.pA)
        self.spike = engine.ShortTermState(jnp.zeros(self.varshape, bool))

    def update(self, x=0 * u.pA):
        V, w, dt = self.V.value, self.w.value, engine.environ.get_dt()
        V = u.math.where(self.spike.value, self.V_r, V)
        w = u.math.where(self.spike.value, w + self.b, w)
        I = self.sum_current_inputs(x, V)
        leak = self.g * (self.E - V) + self.g * T_SLOPE * upstroke(V, self.V_T)
        V = self.sum_delta_inputs(V + dt * (leak - w + I) / self.C)
        self.w.value = w + dt * (self.a * (V - self.E) - w) / self.tau_w
        self.spike.value = V.to_decimal(u.mV) >= PEAK
        self.V.value = u.math.where(self.spike.value, PEAK * u.mV, V)
        return self.spike.value


kinds.register(
    kinds.NodeKind(
        key="AdEx",
        label="Exponential",
        cls=AdEx,
        ports=kinds.NEURON_PORTS,
        variables=(("V", "mV"), ("w", "pA")),
        params=(
            Param("C", unit="pF", default=281.0, minimum=1.0),
            Param("g", unit="nS", default=30.0, minimum=0.0),
            Param("E", unit="mV", default=-70.6),
            Param("V_T", unit="mV", default=-50.4),
            Param("V_r", unit="mV", default=-70.6),
            Param("tau_w", unit="ms", default=144.0, minimum=0.1),
            Param("a", unit="nS", default=4.0),
            Param("b", unit="pA", default=80.5),
            Param("V_init", unit="mV", default=-70.6, distribution=True),
        ),
    )
)
"""

HODGKIN_HUXLEY = """
class Squid:
    '''Rates of the gates in 1/ms, at V in mV.'''

    @staticmethod
    def rates(V):
        from_rest = V + 65
        linear = lambda x, y: y * (x / y) / -jnp.expm1(-x / y)
        return {
            "m": (0.1 * linear(from_rest - 25, 10), 4 * jnp.exp(-from_rest / 18)),
            "h": (0.07 * jnp.exp(-from_rest / 20), 1 / (jnp.exp((30 - from_rest) / 10) + 1)),
            "n": (0.01 * linear(from_rest - 10, 10), 0.125 * jnp.exp(-from_rest / 80)),
        }


class HH(nn.Neuron):
    '''Squid axon of Hodgkin and Huxley (1952), 1000 square micrometres of it.'''

    def __init__(self, in_size, C, g_Na, g_K, g_L, E_Na, E_K, E_L, V_init):
        super().__init__(in_size)
        self.C, self.g_Na, self.g_K, self.g_L = C, g_Na, g_K, g_L
        self.E_Na, self.E_K, self.E_L, self.V_init = E_Na, E_K, E_L, V_init

    def init_state(self, *args, **kwargs):
        V = self.initial(self.V_init)
        self.V = engine.HiddenState(V)
        for name, (opening, closing) in Squid.rates(V.to_decimal(u.mV) + 1e-3).items():
            setattr(self, name, engine.HiddenState(opening / (opening + closing)))
        self.spike = engine.ShortTermState(jnp.zeros(self.varshape, bool))

    def update(self, x=0 * u.pA):
        V, dt = self.V.value, engine.environ.get_dt()
        for name, (opening, closing) in Squid.rates(V.to_decimal(u.mV)).items():
            gate = getattr(self, name)
            rate = opening + closing
            target = opening / rate
            gate.value = target + (gate.value - target) * jnp.exp(-dt.to_decimal(u.ms) * rate)
        m, h, n = self.m.value, self.h.value, self.n.value
        I = self.g_Na * m**3 * h * (self.E_Na - V) + self.g_K * n**4 * (self.E_K - V)
        I = I + self.g_L * (self.E_L - V) + self.sum_current_inputs(x, V)
        new = self.sum_delta_inputs(V + dt * I / self.C)
        self.spike.value = (new >= 0 * u.mV) & (V < 0 * u.mV)
        self.V.value = new
        return self.spike.value


kinds.register(
    kinds.NodeKind(
        key="HH",
        label="Hodgkin-Huxley",
        cls=HH,
        ports=kinds.NEURON_PORTS,
        variables=(("V", "mV"), ("m", ""), ("h", ""), ("n", "")),
        params=(
            Param("C", unit="pF", default=10.0, minimum=0.1),
            Param("g_Na", unit="nS", default=1200.0),
            Param("g_K", unit="nS", default=360.0),
            Param("g_L", unit="nS", default=3.0),
            Param("E_Na", unit="mV", default=50.0),
            Param("E_K", unit="mV", default=-77.0),
            Param("E_L", unit="mV", default=-54.387),
            Param("V_init", unit="mV", default=-65.0, distribution=True),
        ),
    )
)
"""


def run_cell(text: str, scope: dict[str, Any] | None = None) -> dict[str, Any]:
    """Run text as a notebook does: its file is known to `linecache` alone."""
    name = f"<cell {next(_numbers)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    scope = {"__name__": "__main__"} if scope is None else scope
    exec(compile(text, name, "exec"), scope)
    return scope


def notebook(*cells: str) -> dict[str, Any]:
    """Run cells after the usual imports and return the names of the notebook."""
    scope = run_cell(IMPORTS)
    for cell in cells:
        run_cell(cell, scope)
    return scope
