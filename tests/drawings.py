"""Drawings for tests: plain graphs, written as a person would describe them."""

from __future__ import annotations

from typing import Any

import networkx as nx


def draw(*elements: tuple, **settings: Any) -> nx.MultiDiGraph:
    """Return a graph of what `node`, `project`, `drive` and `record` describe."""
    graph = nx.MultiDiGraph(**({"dt": "0.1 ms", "seed": 7} | settings))
    for element in elements:
        if len(element) == 2:
            graph.add_node(element[0], **element[1])
        else:
            source, target, key, attrs = element
            graph.add_edge(source, target, key=key, **attrs)
    return graph


def node(key: str, kind: str = "LIFRef", size: int | None = None, **params: Any):
    """Describe a node: what is no attribute is a parameter; `more` holds odd names."""
    attrs: dict[str, Any] = {"kind": kind, "label": key}
    if size is not None:
        attrs["size"] = size
    for name in ("label", "sign", "muted", "silenced"):
        if name in params:
            attrs[name] = params.pop(name)
    return key, attrs | {"params": params | params.pop("more", {})}


def part(kind: str | None, params: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if kind is None else {"kind": kind, "params": params or {}}


def project(
    key: str,
    source: str,
    target: str,
    *,
    rule: str = "AllToAll",
    rule_params: dict[str, Any] | None = None,
    synapse: str = "Expon",
    synapse_params: dict[str, Any] | None = None,
    output: str | None = "COBA",
    output_params: dict[str, Any] | None = None,
    **attrs: Any,
):
    """Describe a projection; `weight` and `delay` go into `attrs`."""
    parts = {
        "rule": part(rule, rule_params),
        "synapse": part(synapse, synapse_params),
        "output": part(None if synapse == "Delta" else output, output_params),
    }
    found = {name: value for name, value in parts.items() if value is not None}
    ports = {"source_port": "spikes", "target_port": "synapse"}
    return source, target, key, {"kind": "Projection", **ports, **found, **attrs}


def drive(key: str, source: str, target: str, weight: float = 1.0):
    """Describe a current that flows into a population."""
    ports = {"source_port": "current", "target_port": "current"}
    return source, target, key, {"kind": "Drive", "weight": weight, **ports}


def record(key: str, source: str, target: str, port: str = "state"):
    """Describe what a probe looks at."""
    ports = {"source_port": port, "target_port": "in"}
    return source, target, key, {"kind": "Record", **ports}


def spread(mean: str, std: str) -> dict[str, str]:
    """Return a normal distribution."""
    return {"dist": "Normal", "mean": mean, "std": std}


def zoo(**settings: Any) -> nx.MultiDiGraph:
    """Return a busy little network with every kind of part that comes with Neuroloom."""
    lif = {"V_init": spread("-55 mV", "3 mV")}
    return draw(
        node("p", "Poisson", 30, label="Noise", rate="40 Hz", start="0 ms", stop="90 ms"),
        node("t", "SpikeTimes", 2, times=["1 ms", "2 ms", "2 ms"], indices=[0, 1, 0]),
        node("c1", "ConstantCurrent", amplitude="150 pA"),
        node("c2", "StepCurrent", amplitude="80 pA", start="2 ms", stop="60 ms"),
        node("c3", "SineCurrent", amplitude="60 pA", frequency="80 Hz"),
        node("c4", "NoiseCurrent", 8, mean="20 pA", sigma="60 pA"),
        node("c5", "NoiseCurrent", mean="5 pA", sigma="9 pA", more={"kind": "white"}),
        node("n1", "LIFRef", 20, label="E", sign=1, tau_ref="2 ms", **lif),
        node("n2", "LIF", 12, label="I", sign=-1, **lif),
        node("n3", "ALIF", 8, label="A", sign=1, **lif),
        node("n4", "IF", 6, label="Z", V_init=spread("3 mV", "1 mV")),
        node("v1", "StateProbe", label="V of E", neurons=[0, 3]),
        node("v2", "StateProbe", label="a", variable="a", neurons=[1]),
        node("v3", "StateProbe", label="more V", neurons=[2, 5, 7]),
        node("v4", "StateProbe", label="V of Z", neurons=[0, 5]),
        node("v5", "StateProbe", label="V of I", neurons=[0, 5]),
        node("r1", "SpikeProbe", label="spikes"),
        node("r2", "RateProbe", label="rate"),
        project("e1", "p", "n1", rule="FixedProb", rule_params={"prob": 0.3},
                weight=spread("4 nS", "1 nS"), delay="0 ms"),
        project("e2", "n1", "n2", rule="FixedInDegree", rule_params={"n": 4},
                synapse="Alpha", weight="4 nS", delay="0.3 ms"),
        project("e3", "n2", "n1", rule="FixedOutDegree", rule_params={"n": 3},
                output_params={"E": "-80 mV"}, synapse_params={"tau": "8 ms"},
                weight="6 nS", delay="1 ms"),
        project("e4", "n1", "n3", output="CUBA", rule="FixedProb",
                rule_params={"prob": 0.25, "allow_multi": True}, weight="60 pA"),
        project("e5", "n3", "n1", synapse="Delta", rule="FixedProb",
                rule_params={"prob": 0.4}, weight="0.4 mV", delay="0.5 ms"),
        project("e6", "n1", "n1", output="MgBlock", rule="FixedProb",
                rule_params={"prob": 0.2, "allow_self": False}, weight="3 nS",
                synapse_params={"tau": "40 ms", "g_init": spread("3 nS", "1 nS")}),
        project("e7", "t", "n4", synapse="Delta", rule_params={}, weight="2 mV"),
        project("e8", "n3", "n4", output="CUBA", synapse="Alpha", weight="30 pA",
                synapse_params={"g_init": "10 pA"}),
        project("e9", "n3", "n3", rule="OneToOne", synapse="Delta", weight="-0.2 mV",
                delay="2 ms"),
        project("e10", "p", "n2", rule="FixedProb", rule_params={"prob": 0.3},
                weight="5 nS", delay="0.7 ms", synapse_params={"g_init": "2 nS"}),
        drive("d1", "c1", "n1"),
        drive("d2", "c2", "n2", 2.0),
        drive("d3", "c3", "n1"),
        drive("d4", "c4", "n3", 1.5),
        drive("d5", "c1", "n3"),
        drive("d6", "c5", "n4", 3.0),
        drive("d7", "c5", "n2", 3.0),
        record("q1", "n1", "v1"),
        record("q2", "n3", "v2"),
        record("q3", "n1", "v3"),
        record("q4", "n4", "v4"),
        record("q5", "n2", "v5"),
        record("q6", "p", "r1", "spikes"),
        record("q7", "n1", "r2", "spikes"),
        name="Zoo",
        **settings,
    )  # fmt: skip
