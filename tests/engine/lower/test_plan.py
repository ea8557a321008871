"""The order of a step, and that it does not depend on the order of drawing."""

import random

import networkx as nx
import numpy as np
import pytest
from drawings import draw, drive, node, project, record, zoo

from engine import lower
from engine.lower import build, describe, plan, report, to_python


def shuffled(graph, seed):
    """Return a graph drawn in another order."""
    rng = random.Random(seed)
    nodes, edges = list(graph.nodes(data=True)), list(graph.edges(keys=True, data=True))
    rng.shuffle(nodes)
    rng.shuffle(edges)
    other = nx.MultiDiGraph(**graph.graph)
    for key, attrs in nodes:
        other.add_node(key, **dict(sorted(attrs.items(), key=lambda _: rng.random())))
    for source, target, key, attrs in edges:
        other.add_edge(source, target, key=key, **attrs)
    return other


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_drawing_plays_no_part(seed):
    one, other = zoo(), shuffled(zoo(), seed)
    assert to_python(plan(one)) == to_python(plan(other))
    assert plan(one).structure_key == plan(other).structure_key
    assert describe(plan(one)) == describe(plan(other))


def test_numbers_in_ids_count():
    graph = draw(*(node(f"n{i}") for i in (10, 2, 1, 33)))
    assert [n.id for n in plan(graph).populations] == ["n1", "n2", "n10", "n33"]


def test_sources_of_instant_spikes_come_first():
    graph = draw(
        node("a"), node("b"), node("c"), node("d"),
        project("e1", "d", "a", delay="0 ms"), project("e2", "b", "d", delay="0 ms"),
        project("e3", "a", "b"),
    )  # fmt: skip
    assert [n.id for n in plan(graph).populations] == ["b", "c", "d", "a"]


def test_one_instant_cycle_is_one_problem():
    ring = [
        project(f"e{i}", f"n{i}", f"n{(i + 1) % 4}", delay="0 ms") for i in range(4)
    ]
    graph = draw(
        *(node(f"n{i}") for i in range(4)),
        *ring,
        project("x", "n0", "n2", delay="0 ms"),
    )
    found = [p for p in lower.check(graph) if p.code == "instant-cycle"]
    assert 1 <= len(found) <= 2
    for problem in found:
        (op,) = problem.fixes[0].ops
        graph.edges[next(e for e in graph.edges(keys=True) if e[2] == op["element"])][
            "delay"
        ] = op["value"]
    assert not [p for p in lower.check(graph) if p.code == "instant-cycle"]
    plan(graph)


def test_muted_nodes_take_their_lines_along(run):
    graph = draw(
        node("p", "Poisson", 5), node("a", size=5), node("b", size=5, muted=True),
        node("v", "StateProbe"), node("w", "StateProbe", muted=True),
        node("c", "ConstantCurrent", muted=True),
        project("e1", "p", "a"), project("e2", "a", "b"), project("e3", "b", "a"),
        drive("d", "c", "a"), record("r1", "a", "v"), record("r2", "b", "v"),
        record("r3", "a", "w"),
    )  # fmt: skip
    drawn = plan(graph)
    assert [n.id for n in drawn.populations] == ["a"]
    assert [p.id for p in drawn.projections] == ["e1"]
    assert drawn.drives == ()
    assert [(p.id, p.sources) for p in drawn.probes] == [("v", ("a",))]
    assert drawn.muted == ("b", "c", "w")
    assert "Muted, and left out: b, c, w" in describe(drawn)
    assert set(run(graph).spikes) == {"a"}


def test_spikes_of_inputs_are_recorded_where_somebody_asks(run):
    only = draw(node("p", "Poisson"), node("t", "SpikeTimes"))
    assert set(run(only).spikes) == {"p", "t"}
    rest = (node("a"), project("e1", "p", "a"), project("e2", "t", "a"))
    assert set(
        run(draw(node("p", "Poisson"), node("t", "SpikeTimes"), *rest)).spikes
    ) == {"a"}
    probed = draw(
        node("p", "Poisson"), node("t", "SpikeTimes"), *rest,
        node("v", "SpikeProbe"), record("r", "t", "v", "spikes"),
    )  # fmt: skip
    result = run(probed)
    assert set(result.spikes) == {"t", "a"}
    with pytest.raises(
        KeyError, match=r"no spikes of 'p'.* recorded.*'t', 'a'.* probe"
    ):
        result.spikes["p"]


def test_describe_says_what_happens_when():
    text = describe(plan(zoo()))
    for line in ("Zoo: dt 0.1 ms, seed 7, float32", "1. inputs: c1, c2, c3, c4, c5, Noise, t",
                 "Noise → E (0 steps)", "E → E (1 step)", "3. populations: E, I, A, Z"):  # fmt: skip
        assert line in text


def test_plans_are_frozen_and_equal_for_equal_drawings():
    assert plan(zoo()) == plan(zoo())
    with pytest.raises(AttributeError):
        plan(zoo()).seed = 3
    graph = zoo()
    before = plan(graph)
    graph.nodes["n1"]["params"]["tau_ref"] = "9 ms"
    assert before.nodes["n1"].params["tau_ref"] == "2 ms"


VALUES = [
    ("n1", "params", {"tau": "3 ms"}),
    ("n1", "label", "Other"),
    ("n1", "sign", -1),
]
SHAPES = [("n1", "size", 21), ("n1", "params", {"V_init": "-60 mV"}),
          ("n1", "params", {"spk_reset": "soft"}), ("n1", "kind", "LIF")]  # fmt: skip


@pytest.mark.parametrize(("key", "name", "value"), VALUES + SHAPES)
def test_structure_is_what_is_compiled(key, name, value):
    graph = zoo()
    old = graph.nodes[key].get(name)
    graph.nodes[key][name] = {**old, **value} if isinstance(value, dict) else value
    is_same = plan(graph).structure_key == plan(zoo()).structure_key
    assert is_same is ((key, name, value) in VALUES)


def test_the_report_of_what_was_built():
    graph = draw(
        node("a", size=100), node("b", size=50),
        project("e1", "a", "b", rule="FixedInDegree", rule_params={"n": 7}, weight="2 nS", delay="1.5 ms"),
        project("e2", "a", "b", rule="FixedProb", rule_params={"prob": 0}, delay="0 ms"),
        project("e3", "b", "b", rule="OneToOne", synapse="Delta",
                weight={"dist": "Uniform", "low": "1 mV", "high": "2 mV"}),
    )  # fmt: skip
    rows = {row.element: row for row in report(build(plan(graph)))}
    one = rows["e1"]
    assert (one.synapses, one.in_degree, one.n_without, one.delay) == (
        350,
        7,
        0,
        "1.5 ms",
    )
    assert (one.weight, one.unit, one.is_empty) == ((2.0, 2.0), "nS", False)
    assert rows["e2"].is_empty
    assert rows["e2"].to_dict()["empty"]
    assert rows["e2"].n_without == 50
    low, high = rows["e3"].weight
    assert 1 <= low < high <= 2
    assert rows["e3"].synapses == 50


@pytest.mark.parametrize("name", ["zoo", "large"])
def test_the_estimate_is_near(name):
    graph = zoo()
    if name == "large":
        graph = draw(
            node("a", size=4000), node("b", size=1000),
            project("e1", "a", "b", rule="FixedProb", rule_params={"prob": 0.1}),
            project("e2", "b", "a", rule="FixedProb", rule_params={"prob": 0.1},
                    weight={"dist": "Normal", "mean": "5 nS", "std": "1 nS"}),
            project("e3", "a", "a", rule="FixedOutDegree", rule_params={"n": 50}),
        )  # fmt: skip
    size = lower.estimate(graph)
    network = build(plan(graph))
    rows = report(network)
    assert size.synapses == pytest.approx(sum(r.synapses for r in rows), rel=0.25)
    assert size.neurons == sum(n.size for n in plan(graph).nodes.values())
    assert size.to_dict()["synapses"] == round(size.synapses)
    if name == "large":
        from engine.run import Simulation

        simulation = Simulation(network)
        tables = [
            np.asarray(x).nbytes
            for p in plan(graph).projections
            for x in (vars(network)[p.name].comm.indices, vars(network)[p.name].comm.indptr,
                      vars(network)[p.name].comm.weight.value.mantissa)
        ]  # fmt: skip
        states = [
            np.asarray(x).nbytes for k, x in leaves(simulation) if "comm" not in k
        ]
        peak = size.synapse_bytes - 9 * max(r.synapses for r in rows)
        assert peak == pytest.approx(sum(tables), rel=0.25)
        assert size.state_bytes - 2**23 == pytest.approx(2 * sum(states), rel=0.25)


def leaves(simulation):
    import jax

    for name, value in simulation.state()["values"].items():
        for leaf in jax.tree.leaves(value):
            yield name, leaf
