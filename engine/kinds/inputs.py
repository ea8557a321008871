"""Inputs: spikes and currents that come from outside of the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ._kind import Complaint, NodeKind, Param, Port
from ._registry import register
from ._value import number_in, shown

SPIKE_PORTS = (Port("spikes", "out", "spikes", "Spikes"),)
CURRENT_PORTS = (Port("current", "out", "current", "Current"),)

START = Param(
    "start",
    unit="ms",
    default=None,
    low=0.0,
    high=1000.0,
    minimum=0.0,
    maximum=1e8,
    label="Start",
    help="First moment. Left empty, from the beginning.",
    group="When",
)
STOP = replace(
    START,
    name="stop",
    label="Stop",
    help="Just after the last moment. Empty: for ever.",
)
AMPLITUDE = Param(
    "amplitude",
    unit="pA",
    default=200.0,
    low=-1000.0,
    high=1000.0,
    symbol="I",
    label="Current",
    help="How much current. 100 pA moves a membrane of 100 MOhm by 10 mV.",
    distribution=True,
)


def _window(size: int, params: Mapping[str, Any]) -> Iterator[Complaint]:
    """Say that the end comes before the beginning."""
    start, stop = params["start"], params["stop"]
    if None not in (start, stop) and number_in(stop, "ms") <= number_in(start, "ms"):
        yield "stop", "warning", "Stop is not after start, so nothing comes from here."


def _matched(size: int, params: Mapping[str, Any]) -> Iterator[Complaint]:
    """Compare the lists of spike times and neurons."""
    times, indices = params["times"], params["indices"]
    if len(times) != len(indices):
        n = f"{shown(len(times))} times, but {shown(len(indices))} neurons"
        yield "indices", "error", f"There are {n}; each time needs one."
    if any(index >= size for index in indices):
        there = "one neuron, number 0" if size == 1 else f"{shown(size)} neurons from 0"
        yield "indices", "error", f"There is no neuron {shown(max(indices))}: {there}."


POISSON = NodeKind(
    key="Poisson",
    label="Poisson",
    cls="engine.nn:PoissonSpike",
    params=(
        Param(
            "rate",
            unit="Hz",
            default=10.0,
            low=0.0,
            high=200.0,
            minimum=0.0,
            maximum=1e6,
            symbol="rate",
            label="Rate",
            help="Spikes of each source in a second, at random moments.",
            distribution=True,
            argument="freqs",
        ),
        Param(
            "n_sources",
            default=1,
            low=1,
            high=2000,
            minimum=1,
            maximum=1e6,
            integer=True,
            structural=True,
            symbol="n",
            label="Sources",
            help="Sources that each neuron stands for: their spikes of a step are added "
            "up. 1 000 of them make the background of a cortical cell.",
        ),
        START,
        STOP,
    ),
    help="Neurons that spike at random, each on its own.",
    group="Inputs",
    ports=SPIKE_PORTS,
    shape="input",
    glyph="poisson",
    hotkey="P",
    size=100,
    stream="key",
    check=_window,
    sources="n_sources",
)
SPIKE_TIMES = NodeKind(
    key="SpikeTimes",
    label="Spike times",
    cls="engine.nn:SpikeTime",
    params=(
        Param(
            "times",
            unit="ms",
            default=(10.0, 20.0, 30.0),
            minimum=0.0,
            maximum=1e8,
            structural=True,
            label="Times",
            help="When there are spikes. Each is rounded to a step.",
        ),
        Param(
            "indices",
            default=(0, 0, 0),
            minimum=0,
            integer=True,
            structural=True,
            label="Neurons",
            help="Which neuron spikes at each of the times.",
        ),
    ),
    help="Neurons that spike at given moments.",
    group="Inputs",
    ports=SPIKE_PORTS,
    shape="input",
    glyph="times",
    size=1,
    check=_matched,
)


def _current(key: str, label: str, glyph: str, help_: str, *params: Param, **options):
    return NodeKind(
        key=key,
        label=label,
        cls=f"engine.nn:{key}",
        params=params,
        help=help_,
        group="Inputs",
        ports=CURRENT_PORTS,
        shape="input",
        glyph=glyph,
        size=1,
        check=_window if any(param.name == "stop" for param in params) else None,
        **options,
    )


CURRENTS = (
    _current(
        "ConstantCurrent",
        "Constant current",
        "constant",
        "The same current all the time.",
        AMPLITUDE,
    ),
    _current(
        "StepCurrent",
        "Step current",
        "step",
        "A current that is switched on and off.",
        AMPLITUDE,
        replace(START, default=100.0),
        replace(STOP, default=300.0),
    ),
    _current(
        "SineCurrent",
        "Sine current",
        "sine",
        "A current that goes up and down.",
        replace(AMPLITUDE, help="From the mean to the peak."),
        Param(
            "frequency",
            unit="Hz",
            default=10.0,
            low=0.1,
            high=100.0,
            minimum=0.0,
            log=True,
            symbol="f",
            label="Frequency",
            help="Ups and downs in a second.",
        ),
        Param(
            "phase",
            default=0.0,
            low=-3.2,
            high=3.2,
            symbol="phi",
            label="Phase",
            help="Where in its cycle it begins, in radians.",
            group="Advanced",
        ),
        Param(
            "offset",
            unit="pA",
            default=0.0,
            low=-1000.0,
            high=1000.0,
            symbol="I_0",
            label="Mean",
            help="Current around which it swings.",
        ),
        START,
        STOP,
    ),
    _current(
        "NoiseCurrent",
        "Noise current",
        "noise",
        "A random current, different for each neuron it has.",
        Param(
            "mean",
            unit="pA",
            default=0.0,
            low=-1000.0,
            high=1000.0,
            symbol="mu",
            label="Mean",
            help="Average current.",
            distribution=True,
        ),
        Param(
            "sigma",
            unit="pA",
            default=100.0,
            low=0.0,
            high=1000.0,
            minimum=0.0,
            symbol="sigma",
            label="Strength",
            help="Standard deviation of the current.",
            distribution=True,
        ),
        Param(
            "tau",
            unit="ms",
            default=5.0,
            low=0.1,
            high=100.0,
            minimum=1e-3,
            log=True,
            symbol="tau",
            label="Correlation time",
            help="How long the noise remembers where it was.",
            source="Gillespie, Phys. Rev. E 54 (1996)",
        ),
        Param(
            "kind",
            default="ou",
            choices=("ou", "white"),
            structural=True,
            label="Kind of noise",
            help="Ornstein-Uhlenbeck, or white noise of the same power.",
            group="Advanced",
        ),
        START,
        STOP,
        stream="key",
    ),
)

for _kind in (POISSON, *CURRENTS, SPIKE_TIMES):
    register(_kind)
