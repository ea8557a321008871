"""Balanced networks of excitation and inhibition."""

from __future__ import annotations

from typing import Any

from .._network import Element, Network
from .._values import normal, uniform
from ..document import Document

# Both benchmarks share cells, sizes and wiring: R. Brette et al., Simulation of
# networks of spiking neurons, J. Comput. Neurosci. 23 (2007), appendix B.
_CELL = {
    "tau": "20 ms",
    "R": "100 Mohm",  # a leak of 10 nS
    "V_th": "-50 mV",
    "V_reset": "-60 mV",
    "tau_ref": "5 ms",
}
_SIZES = {"E": 3200, "I": 800}
_PROB = 0.02


def _populations(net: Network, **params: Any) -> dict[str, Element]:
    places = {"E": (260.0, 0.0), "I": (260.0, 260.0)}
    return {
        name: net.add(
            "LIFRef", size, name=name, position=places[name], **(_CELL | params)
        )
        for name, size in _SIZES.items()
    }


def _connect_all(
    net: Network, cells: dict[str, Element], ways: dict[str, dict[str, Any]]
) -> list[Element]:
    return [
        net.connect(cells[source], target, prob=_PROB, **way)
        for source, way in ways.items()
        for target in cells.values()
    ]


def _record(net: Network, cells: dict[str, Element]) -> None:
    net.probe(cells["E"], name="E spikes")
    net.probe(cells["I"], name="I spikes")
    net.probe(cells["E"], "V", neurons=[0, 1], name="E voltage")


def balanced() -> Document:
    """Return the conductance-based benchmark of Brette et al. (2007).

    4 000 cells keep each other active without any input: only the conductances they
    start with set them off (benchmark 1; Vogels & Abbott, J. Neurosci. 25, 2005).
    """
    net = Network("Balanced E/I", dt="0.1 ms", seed=42)
    cells = _populations(net, V_rest="-60 mV", V_init=normal("-65 mV", "5 mV"))
    ways = {
        "E": {"tau": "5 ms", "E_rev": "0 mV", "weight": "6 nS"}
        | {"g_init": normal("40 nS", "15 nS")},
        "I": {"tau": "10 ms", "E_rev": "-80 mV", "weight": "67 nS"}
        | {"g_init": normal("200 nS", "120 nS")},
    }
    excites, _, inhibits, _ = _connect_all(net, cells, ways)
    net.pin(excites, "weight")
    net.pin(inhibits, "weight")
    net.pin(cells["E"], "params.V_th")
    _record(net, cells)
    return net.document


def driven() -> Document:
    """Return the same network, started at rest and held by a constant current.

    200 pA lift a membrane of 100 MOhm by 20 mV: the drive of the tutorials made
    from the benchmark. It is another regime than the self-sustained one.
    """
    net = Network("Balanced E/I with drive", dt="0.1 ms", seed=42)
    cells = _populations(net, V_rest="-60 mV", V_init=normal("-55 mV", "2 mV"))
    ways = {
        "E": {"tau": "5 ms", "E_rev": "0 mV", "weight": "6 nS"},
        "I": {"tau": "10 ms", "E_rev": "-80 mV", "weight": "67 nS"},
    }
    _connect_all(net, cells, ways)
    drive = net.add("ConstantCurrent", name="Drive", amplitude="200 pA")
    for cell in cells.values():
        net.connect(drive, cell)
    _record(net, cells)
    return net.document


def cuba() -> Document:
    """Return the current-based benchmark of Brette et al. (2007).

    Weights of 1.62 and -9 mV (benchmark 2) are given as currents through 100 MOhm.
    """
    net = Network("Balanced E/I, current-based", dt="0.1 ms", seed=42)
    cells = _populations(net, V_rest="-49 mV", V_init=uniform("-60 mV", "-50 mV"))
    for cell in cells.values():
        net.silence(cell, "combination")  # rest above threshold: the model's drive
    ways = {
        "E": {"output": "CUBA", "tau": "5 ms", "weight": "16.2 pA"},
        "I": {"output": "CUBA", "tau": "10 ms", "weight": "-90 pA"},
    }
    _connect_all(net, cells, ways)
    _record(net, cells)
    return net.document


def first() -> Document:
    """Return 100 cells that are active at the first click.

    The benchmark's cells at a fortieth of the number. Each has 16 inputs that excite
    and 4 that inhibit, as there, and a Poisson input of its own; equal numbers keep
    cells with few inhibitory inputs from firing all the time.
    """
    net = Network("First network", dt="0.1 ms", seed=1)
    params = _CELL | {"V_rest": "-60 mV", "V_init": normal("-60 mV", "5 mV")}
    excited = net.add("LIFRef", 80, name="E", position=(260.0, 0.0), **params)
    inhibited = net.add("LIFRef", 20, name="I", position=(260.0, 240.0), **params)
    ways = {
        excited: {"n": 16, "tau": "5 ms", "E_rev": "0 mV", "weight": "3 nS"},
        inhibited: {"n": 4, "tau": "10 ms", "E_rev": "-80 mV", "weight": "67 nS"},
    }
    noise = net.add("Poisson", 100, name="Noise", rate="10 Hz", position=(0.0, 120.0))
    ways[noise] = {"n": 20, "tau": "5 ms", "E_rev": "0 mV", "weight": "10 nS"}
    made = {
        (source, target): net.connect(source, target, rule="FixedInDegree", **way)
        for source, way in ways.items()
        for target in (excited, inhibited)
    }
    net.pin(noise, "params.rate")
    net.pin(excited, "params.V_th")
    net.pin(made[inhibited, excited], "weight")
    net.probe(excited, name="E spikes", position=(560.0, 0.0))
    net.probe(excited, "V", neurons=[0], name="E voltage", position=(560.0, 130.0))
    return net.document
