"""Populations: the neuron models of `engine.nn`, with physiological defaults."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ._kind import Complaint, NodeKind, Param, Port
from ._registry import register
from ._value import number_in

NEURON_PORTS = (
    Port("synapse", "in", "spikes", "Synaptic input"),
    Port("current", "in", "current", "Current input"),
    Port("spikes", "out", "spikes", "Spikes"),
    Port("state", "out", "state", "State variables"),
)

_NEURONAL_DYNAMICS = "Gerstner et al., Neuronal Dynamics (2014)"
_BENCHMARK = "Brette et al., J. Comput. Neurosci. 23 (2007), benchmark 1"

R = Param(
    "R",
    unit="Mohm",
    default=100.0,
    low=10.0,
    high=500.0,
    minimum=0.0,
    symbol="R",
    label="Membrane resistance",
    help="How far a steady current moves the voltage. One over the leak conductance.",
    group="Membrane",
    source=_BENCHMARK,
    distribution=True,
)
TAU = Param(
    "tau",
    unit="ms",
    default=20.0,
    low=2.0,
    high=100.0,
    minimum=1e-3,
    symbol="tau",
    label="Time constant",
    help="How fast the voltage goes back to rest. Resistance times capacitance.",
    group="Membrane",
    source=_BENCHMARK,
    distribution=True,
)
V_TH = Param(
    "V_th",
    unit="mV",
    default=-50.0,
    low=-65.0,
    high=-30.0,
    symbol="V_th",
    label="Threshold",
    help="A neuron spikes in the step in which its voltage reaches this.",
    group="Membrane",
    source=_BENCHMARK,
    distribution=True,
)
V_REST = Param(
    "V_rest",
    unit="mV",
    default=-60.0,
    low=-90.0,
    high=-45.0,
    symbol="V_rest",
    label="Rest",
    help="Where the voltage goes without input.",
    group="Membrane",
    source=_BENCHMARK,
    distribution=True,
)
V_RESET = Param(
    "V_reset",
    unit="mV",
    default=-60.0,
    low=-90.0,
    high=-45.0,
    symbol="V_reset",
    label="Reset",
    help="Where a spike puts the voltage.",
    group="Membrane",
    source=_BENCHMARK,
    distribution=True,
)
TAU_REF = Param(
    "tau_ref",
    unit="ms",
    default=5.0,
    low=0.0,
    high=20.0,
    minimum=0.0,
    symbol="tau_ref",
    label="Refractory",
    help="How long a spike keeps the voltage at the reset. Whole steps.",
    group="Membrane",
    source=_BENCHMARK,
    distribution=True,
)
SPK_RESET = Param(
    "spk_reset",
    default="hard",
    choices=("hard", "soft"),
    structural=True,
    label="Kind of reset",
    help="Hard puts the voltage to the reset; soft subtracts threshold minus reset.",
    group="Advanced",
)
V_INIT = Param(
    "V_init",
    unit="mV",
    default=-60.0,
    low=-90.0,
    high=-40.0,
    symbol="V(0)",
    label="Start voltage",
    help="Voltage at t = 0. A distribution starts the neurons at different places.",
    group="Start values",
    distribution=True,
    argument="V_initializer",
)
TAU_A = Param(
    "tau_a",
    unit="ms",
    default=100.0,
    low=10.0,
    high=2000.0,
    minimum=1e-3,
    symbol="tau_a",
    label="Adaptation time",
    help="How fast the threshold comes back down.",
    group="Adaptation",
    log=True,
    source="Bellec et al., NeurIPS (2018)",
    distribution=True,
)
BETA = Param(
    "beta",
    unit="mV",
    default=1.0,
    low=0.0,
    high=10.0,
    minimum=0.0,
    symbol="beta",
    label="Adaptation",
    help="How far one spike lifts the threshold.",
    group="Adaptation",
    distribution=True,
)

_LIF = (R, TAU, V_TH, V_RESET, V_REST, V_INIT, SPK_RESET)
_FROM_ZERO = {"low": 1.0, "high": 40.0, "default": 10.0}
_START = {"low": -20.0, "high": 40.0, "default": 0.0}


def _levels(size: int, params: Mapping[str, Any]) -> Iterator[Complaint]:
    """Compare threshold, reset and rest where they are the same for all neurons."""
    levels = {
        name: number_in(params[name], "mV") if name in params else 0.0
        for name in ("V_th", "V_reset", "V_rest")
        if not isinstance(params.get(name), dict)
    }
    if "V_th" not in levels:
        return
    if levels.get("V_reset", -math.inf) >= levels["V_th"]:
        name = "V_reset" if "V_reset" in params else "V_th"
        text = "Reset lies at or above the threshold: a spike would never end."
        yield name, "error", text
    elif levels.get("V_rest", -math.inf) > levels["V_th"]:
        name = "V_rest" if "V_rest" in params else "V_th"
        yield name, "note", "Rest lies above the threshold: it spikes without input."


NEURONS = tuple(
    NodeKind(
        key=key,
        label=label,
        cls=f"engine.nn:{key}",
        params=params,
        help=help_,
        source=source,
        group="Populations",
        ports=NEURON_PORTS,
        shape="population",
        glyph="population",
        hotkey=hotkey,
        size=100,
        variables=variables,
        check=_levels,
    )
    for key, label, hotkey, params, variables, help_, source in (
        (
            "LIFRef",
            "LIF",
            "E",
            (R, TAU, V_TH, V_RESET, V_REST, TAU_REF, V_INIT, SPK_RESET),
            (("V", "mV"),),
            "Leaky integrate-and-fire with a refractory period.",
            f"{_NEURONAL_DYNAMICS}, section 1.3.5",
        ),
        (
            "LIF",
            "LIF without refractory period",
            "",
            _LIF,
            (("V", "mV"),),
            "Leaky integrate-and-fire that may spike in every step.",
            f"{_NEURONAL_DYNAMICS}, eq. 1.5",
        ),
        (
            "ALIF",
            "Adaptive LIF",
            "",
            (*_LIF[:5], TAU_A, BETA, *_LIF[5:]),
            (("V", "mV"), ("a", "")),
            "Leaky integrate-and-fire whose threshold rises with every spike.",
            "Bellec et al., NeurIPS (2018), eq. 1 and 2",
        ),
        (
            "IF",
            "Integrate-and-fire from 0",
            "",
            (
                R,
                TAU,
                replace(V_TH, **_FROM_ZERO),
                replace(V_INIT, **_START),
                SPK_RESET,
            ),
            (("V", "mV"),),
            "Leaky integrate-and-fire with rest and reset at 0 mV.",
            f"{_NEURONAL_DYNAMICS}, section 1.3",
        ),
    )
)

for _kind in NEURONS:
    register(_kind)
