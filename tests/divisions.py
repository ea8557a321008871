"""Drawings that are divided in tests: all synapses, delays, inputs, and odd sizes."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
from drawings import draw, drive, node, project, record, spread


def uniform(low: str, high: str) -> dict[str, str]:
    return {"dist": "Uniform", "low": low, "high": high}


def late(**settings: Any) -> nx.MultiDiGraph:
    """Return a network whose shortest delay is ten steps; three populations are small."""
    lif = {"V_init": spread("-54 mV", "3 mV"), "tau": spread("15 ms", "1 ms")}
    return draw(
        node("p", "Poisson", 40, rate="300 Hz", stop="40 ms"),
        node("m", "Poisson", 37, rate="8 Hz", n_sources=50),
        node("c", "NoiseCurrent", 3, mean="120 pA", sigma="90 pA"),
        node("n1", "LIFRef", 37, tau_ref="1.5 ms", **lif),
        node("n2", "LIF", 11, **lif),
        node("n3", "ALIF", 3, **lif),
        node("n4", "IF", 1, V_init="3 mV"),
        node("v1", "StateProbe", neurons=[0, 36, 7]),
        node("v2", "StateProbe", variable="a", neurons=[2]),
        project("e1", "p", "n1", rule="FixedProb", rule_params={"prob": 0.4},
                weight=spread("3 nS", "1 nS"), delay="0 ms"),
        project("e2", "n1", "n2", rule="FixedProb", rule_params={"prob": 0.3},
                weight=uniform("1 nS", "9 nS"), delay=uniform("1 ms", "3 ms")),
        project("e3", "n2", "n1", rule="FixedInDegree", rule_params={"n": 4},
                output_params={"E": "-80 mV"}, weight="6 nS", delay="1.5 ms"),
        project("e4", "n1", "n3", output="CUBA", rule="FixedProb", synapse="Alpha",
                rule_params={"prob": 0.5, "allow_multi": True}, weight="70 pA",
                delay="2 ms", synapse_params={"g_init": spread("30 pA", "5 pA")}),
        project("e5", "n3", "n1", synapse="Delta", weight=spread("1 mV", "0.3 mV"),
                delay=spread("2 ms", "0.3 ms")),
        project("e8", "m", "n1", rule="OneToOne", weight="0.5 nS", delay="0.3 ms"),
        project("e6", "n2", "n4", output="MgBlock", weight="9 nS", delay="1.2 ms"),
        project("e7", "n1", "n1", rule="OneToOne", synapse="Delta", weight="-1 mV",
                delay="1 ms"),
        drive("d1", "c", "n3"),
        record("q1", "n1", "v1"),
        record("q2", "n3", "v2"),
        name="Late",
        **settings,
    )  # fmt: skip


def at_once(**settings: Any) -> nx.MultiDiGraph:
    """Return populations that hear of each other in the same step."""
    return draw(
        node("t", "SpikeTimes", 9, times=["1 ms", "2 ms", "2 ms"], indices=[0, 8, 4]),
        node("a", "LIF", 17, V_init=spread("-52 mV", "2 mV")),
        node("b", "LIFRef", 9, V_init="-50.1 mV"),
        project("e1", "t", "b", rule="OneToOne", synapse="Delta", weight="30 mV",
                delay="0 ms"),
        project("e2", "b", "a", rule="FixedProb", rule_params={"prob": 0.5},
                synapse="Delta", weight="20 mV", delay="0 ms"),
        project("e3", "a", "b", rule="FixedProb", rule_params={"prob": 0.5},
                synapse="Delta", weight="9 mV", delay="0.2 ms"),
        name="At once",
        **settings,
    )  # fmt: skip


def any_of(seed: int, **settings: Any) -> nx.MultiDiGraph:
    """Return some network: sizes, models, rules, delays and weights by chance."""
    rng = np.random.default_rng(seed)
    pick = lambda *of: of[rng.integers(len(of))]
    n = [int(rng.integers(1, 50)) for _ in range(3)]
    kinds = [pick("LIF", "LIFRef", "ALIF") for _ in n]
    populations = [
        node(f"n{i}", kind, size, V_init=spread("-53 mV", "3 mV"))
        for i, (kind, size) in enumerate(zip(kinds, n, strict=True))
    ]
    parts = [node("p", "Poisson", int(rng.integers(1, 30)), rate="500 Hz")]
    parts += [node("c", "ConstantCurrent", amplitude="90 pA"), drive("d", "c", "n0")]
    for i in range(6):
        source, target = pick("p", "n0", "n1", "n2"), pick("n0", "n1", "n2")
        synapse = pick("Expon", "Alpha", "Delta")
        output = pick("COBA", "CUBA")
        unit = "mV" if synapse == "Delta" else {"COBA": "nS", "CUBA": "pA"}[output]
        size = {"mV": 2, "nS": 8, "pA": 90}[unit]
        weight = pick(f"{size} {unit}", spread(f"{size} {unit}", f"{size / 9} {unit}"))
        delay = pick("0.2 ms", "0.7 ms", uniform("0.4 ms", "1.5 ms"))
        parts.append(
            project(f"e{i}", source, target, rule="FixedProb",
                    rule_params={"prob": float(rng.uniform(0.1, 0.9))},
                    synapse=synapse, output=output, weight=weight, delay=delay)
        )  # fmt: skip
    return draw(*populations, *parts, seed=seed, **settings)
