"""Synapses, and what they do to the neuron behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._kind import OutputKind, Param, SynapseKind
from ._registry import register
from ._value import number_in

SURELY_EXCITES, SURELY_INHIBITS = -35.0, -65.0  # mV, for the usual thresholds

_TAU = Param(
    "tau",
    unit="ms",
    default=5.0,
    low=0.5,
    high=100.0,
    minimum=1e-3,
    log=True,
    symbol="tau",
    label="Decay time",
    help="How fast the effect of a spike goes away.",
)
_G_INIT = Param(
    "g_init",
    unit="nS",
    default=0.0,
    low=0.0,
    high=500.0,
    symbol="g(0)",
    label="Start conductance",
    help="Conductance at t = 0; a distribution gives each neuron its own.",
    group="Start values",
    distribution=True,
    argument="g_initializer",
)


def _weight(unit: str, default: float, low: float, high: float, help_: str, **limits):
    return Param(
        "weight",
        unit=unit,
        default=default,
        low=low,
        high=high,
        symbol="w",
        label="Weight",
        help=help_,
        distribution=True,
        **limits,
    )


def _sign_of_weight(weight: Any, params: Mapping[str, Any]) -> int:
    if isinstance(weight, dict):
        weight = weight.get("mean", 0)
    number = float(str(weight).split()[0])
    return (number > 0) - (number < 0)


def _side_of_reversal(weight: Any, params: Mapping[str, Any]) -> int:
    """Return the sign of the effect on a neuron between rest and threshold."""
    E = number_in(params["E"], "mV")
    return (E > SURELY_EXCITES) - (E < SURELY_INHIBITS)


SYNAPSES = (
    SynapseKind(
        key="Expon",
        label="Exponential",
        cls="engine.nn:Expon",
        params=(_TAU, _G_INIT),
        help="Rises at once and decays exponentially.",
        source="Gerstner et al., Neuronal Dynamics (2014), eq. 3.2",
    ),
    SynapseKind(
        key="Alpha",
        label="Alpha",
        cls="engine.nn:Alpha",
        params=(
            Param(
                "tau",
                unit="ms",
                default=2.0,
                low=0.2,
                high=50.0,
                minimum=1e-3,
                log=True,
                symbol="tau",
                label="Time to peak",
                help="How long after a spike its effect is largest.",
            ),
            _G_INIT,
        ),
        help="Rises and decays; the peak of one spike is the weight.",
        source="Rotter & Diesmann, Biol. Cybern. 81 (1999)",
    ),
    SynapseKind(
        key="Delta",
        label="Delta",
        help="Each spike moves the voltage at once.",
        source="Brunel, J. Comput. Neurosci. 8 (2000)",
        weight=_weight(
            "mV",
            0.5,
            -10.0,
            10.0,
            "How far a spike moves the voltage; below 0 it inhibits.",
        ),
        effect=_sign_of_weight,
    ),
)

OUTPUTS = (
    OutputKind(
        key="COBA",
        label="Conductance",
        cls="engine.nn:COBA",
        params=(
            Param(
                "E",
                unit="mV",
                default=0.0,
                low=-100.0,
                high=60.0,
                symbol="E",
                label="Reversal",
                help="Voltage towards which the synapse pulls: 0 mV excites, "
                "-80 mV inhibits.",
            ),
        ),
        help="Opens a conductance: the effect shrinks near the reversal voltage.",
        source="Brette et al., J. Comput. Neurosci. 23 (2007)",
        weight=_weight(
            "nS", 6.0, 0.0, 100.0, "Conductance that one spike opens.", minimum=0.0
        ),
        effect=_side_of_reversal,
    ),
    OutputKind(
        key="CUBA",
        label="Current",
        cls="engine.nn:CUBA",
        help="Sends a current, whatever the voltage is.",
        source="Brette et al., J. Comput. Neurosci. 23 (2007)",
        weight=_weight(
            "pA", 16.0, -500.0, 500.0, "Current of one spike; below 0 it inhibits."
        ),
        effect=_sign_of_weight,
        fixed={"scale": 1},
    ),
    OutputKind(
        key="MgBlock",
        label="NMDA",
        cls="engine.nn:MgBlock",
        params=(
            Param(
                "E",
                unit="mV",
                default=0.0,
                low=-20.0,
                high=60.0,
                symbol="E",
                label="Reversal",
                help="Voltage towards which the synapse pulls.",
            ),
            Param(
                "cc_Mg",
                unit="mM",
                default=1.2,
                low=0.0,
                high=5.0,
                minimum=0.0,
                symbol="[Mg]",
                label="Magnesium",
                help="Concentration outside of the cell; it blocks at rest.",
            ),
            Param(
                "alpha",
                unit="/mV",
                default=0.062,
                low=0.01,
                high=0.2,
                symbol="alpha",
                label="Steepness",
                help="How sharply the block depends on the voltage.",
                group="Advanced",
            ),
            Param(
                "beta",
                unit="mM",
                default=3.57,
                low=0.1,
                high=20.0,
                minimum=1e-6,
                symbol="beta",
                label="Half block",
                help="Magnesium at which half is blocked at the offset.",
                group="Advanced",
            ),
            Param(
                "V_offset",
                unit="mV",
                default=0.0,
                low=-40.0,
                high=40.0,
                label="Offset",
                help="Shift of the block along the voltage.",
                group="Advanced",
            ),
        ),
        help="Opens a conductance that magnesium blocks near rest.",
        source="Jahr & Stevens, J. Neurosci. 10 (1990), eq. 4a",
        weight=_weight(
            "nS", 1.0, 0.0, 50.0, "Conductance that one spike opens.", minimum=0.0
        ),
        effect=_side_of_reversal,
    ),
)

for _kind in (*SYNAPSES, *OUTPUTS):
    register(_kind)
