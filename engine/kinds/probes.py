"""Probes: what is recorded. They never change what they look at."""

from __future__ import annotations

from ._kind import NodeKind, Param, Port
from ._registry import register


def _probe(key: str, label: str, signal, hotkey: str, help_: str, *params: Param):
    return NodeKind(
        key=key,
        label=label,
        params=params,
        help=help_,
        group="Probes",
        ports=(Port("in", "in", signal, "What is recorded"),),
        shape="probe",
        glyph=key.removesuffix("Probe").lower(),
        hotkey=hotkey,
    )


PROBES = (
    _probe("SpikeProbe", "Spikes", "spikes", "R", "Every spike, as a raster."),
    _probe(
        "RateProbe",
        "Rate",
        "spikes",
        "",
        "Mean rate of a population over time.",
        Param(
            "bin",
            unit="ms",
            default=5.0,
            low=1.0,
            high=100.0,
            minimum=0.01,
            label="Bin",
            help="Spikes are counted over this long.",
        ),
    ),
    _probe(
        "StateProbe",
        "Voltage",
        "state",
        "V",
        "A variable of some neurons in every step.",
        Param(
            "variable",
            default="V",
            structural=True,
            label="Variable",
            help="Which one: V is the voltage.",
        ),
        Param(
            "neurons",
            default=(0,),
            minimum=0,
            integer=True,
            structural=True,
            label="Neurons",
            help="Which neurons, counted from 0.",
        ),
    ),
)

for _kind in PROBES:
    register(_kind)
