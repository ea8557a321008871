"""A synfire chain: a volley of spikes that travels, or dies."""

from __future__ import annotations

import random

from .._network import Element, Network
from .._values import normal
from ..document import Document

N_GROUPS = 6
GROUP_SIZE = 100
N_SPIKES = 85  # of the first volley; under about 50 it dies on the way
SPREAD = 1.0  # ms


def synfire_chain() -> Document:
    """Return groups of 100 cells, each of which excites the next.

    M. Diesmann, M.-O. Gewaltig & A. Aertsen, Stable propagation of synchronous
    spiking in cortical neural networks, Nature 402 (1999): 100 cells a group, tau
    10 ms, threshold 15 mV above rest, refractory for 1 ms, alpha-shaped currents of
    0.325 ms, 5 ms from group to group, and a background that holds the voltage at
    about -61.8 mV with a standard deviation of 2.85 mV. Weights and background are
    currents through 100 MOhm. The chain is cut to six groups.
    """
    net = Network("Synfire chain", dt="0.1 ms", seed=5)
    times, neurons = _volley(random.Random(5))
    previous = net.add(
        "SpikeTimes",
        GROUP_SIZE,
        name="Volley",
        times=[f"{time} ms" for time in times],
        indices=neurons,
        position=(0.0, 0.0),
    )
    for i in range(N_GROUPS):
        previous = _group(net, f"Group {i + 1}", 220.0 * (i + 1), previous)
    return net.document


def _group(net: Network, name: str, x: float, previous: Element) -> Element:
    cells = net.add(
        "LIFRef",
        GROUP_SIZE,
        name=name,
        sign="excitatory",
        position=(x, 0.0),
        tau="10 ms",
        R="100 Mohm",
        V_rest="-70 mV",
        V_th="-55 mV",
        V_reset="-70 mV",
        tau_ref="1 ms",
        V_init=normal("-61.8 mV", "2.85 mV"),
    )
    # 4.86 mV on the rising variable peak at 4.86 / e mV, which are 17.9 pA
    net.connect(
        previous,
        cells,
        rule="AllToAll",
        synapse="Alpha",
        output="CUBA",
        tau="0.325 ms",
        weight="17.9 pA",
        delay="5 ms",
    )
    # 25.27 mV/ms and 39.24 mV/ms^0.5 on a variable that decays in 0.325 ms: a mean
    # of 8.21 mV, and a standard deviation of 39.24 sqrt(0.325 / 2) = 15.8 mV
    background = net.add(
        "NoiseCurrent",
        GROUP_SIZE,
        name=f"Background {name.split()[-1]}",
        mean="82.1 pA",
        sigma="158 pA",
        tau="0.325 ms",
        position=(x, 160.0),
    )
    net.connect(background, cells)
    return cells


def _volley(rng: random.Random) -> tuple[list[float], list[int]]:
    """Return times (ms) and neurons of one volley, at about 50 ms."""
    times = sorted(round(rng.gauss(50.0, SPREAD), 1) for _ in range(N_SPIKES))
    return times, rng.sample(range(GROUP_SIZE), N_SPIKES)
