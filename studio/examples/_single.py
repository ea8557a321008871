"""One neuron, and what a current does to it."""

from __future__ import annotations

from .._network import Network
from ..document import Document


def step_current() -> Document:
    """Return one cell that a current of 200 pA is switched on and off for.

    While it is on, the rate is 1 / (tau_ref + tau ln(R I / (R I - (V_th - V_rest))))
    (Gerstner et al., Neuronal Dynamics, 2014, section 1.3): 53.0 Hz at 200 pA, where
    R I = 20 mV. Below 100 pA the voltage never reaches the threshold.
    """
    net = Network("One neuron", dt="0.1 ms", seed=0)
    cell = net.add(
        "LIFRef",
        1,
        name="Neuron",
        sign="unsigned",
        position=(260.0, 0.0),
        tau="20 ms",
        R="100 Mohm",
        V_rest="-60 mV",
        V_th="-50 mV",
        V_reset="-60 mV",
        V_init="-60 mV",
        tau_ref="5 ms",
    )
    step = net.add(
        "StepCurrent",
        name="Step current",
        amplitude="200 pA",
        start="100 ms",
        stop="900 ms",
        position=(0.0, 0.0),
    )
    net.connect(step, cell)
    net.probe(cell, "V", neurons=[0], name="Voltage", position=(560.0, 0.0))
    net.probe(cell, name="Spikes", position=(560.0, 130.0))
    return net.document
