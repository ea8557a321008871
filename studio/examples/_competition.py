"""Two pools that compete."""

from __future__ import annotations

from .._network import Network
from .._values import normal
from ..document import Document


def winner_takes_all() -> Document:
    """Return two pools with inputs of their own and one pool that inhibits both.

    The wiring of Wang, Neuron 36 (2002): each pool excites itself, and both are held
    down by the same inhibitory cells, so that the one with the stronger input
    silences the other. Cells and synapses are those of Brette et al. (2007); sizes
    and probabilities are ours, chosen for a clear winner.
    """
    net = Network("Winner takes all", dt="0.1 ms", seed=3)
    cell = {
        "tau": "20 ms",
        "R": "100 Mohm",
        "V_rest": "-60 mV",
        "V_th": "-50 mV",
        "V_reset": "-60 mV",
        "tau_ref": "5 ms",
        "V_init": normal("-60 mV", "3 mV"),
    }
    exciting = {"tau": "5 ms", "E_rev": "0 mV"}
    inhibiting = {"tau": "10 ms", "E_rev": "-80 mV"}
    judge = net.add("LIFRef", 50, name="I", position=(280.0, 170.0), **cell)
    for name, rate, y in (("E left", "30 Hz", 0.0), ("E right", "20 Hz", 340.0)):
        pool = net.add("LIFRef", 100, name=name, position=(280.0, y), **cell)
        source = name.replace("E", "Input")
        inputs = net.add("Poisson", 100, name=source, rate=rate, position=(0.0, y))
        net.connect(inputs, pool, prob=0.2, weight="6 nS", **exciting)
        net.connect(pool, pool, prob=0.2, weight="3 nS", **exciting)
        net.connect(pool, judge, prob=0.2, weight="6 nS", **exciting)
        net.connect(judge, pool, prob=0.5, weight="20 nS", **inhibiting)
        net.probe(pool, "rate", name=f"{name} rate", position=(580.0, y))
    return net.document
