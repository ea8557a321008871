"""Connections that do not fit the memory are drawn at every spike, and give the same."""

from typing import Any

import numpy as np
import pytest
from drawings import draw, drive, node, project, spread

from engine import environ, event, lower
from engine.lower import _check, _estimate, check
from engine.run import Simulation


def network(size=400, **more):
    rules = {
        "e1": ("FixedProb", {"prob": 0.1, "allow_self": False}),
        "e2": ("FixedOutDegree", {"n": 12}),
        "e3": ("FixedInDegree", {"n": 15}),
        "e4": ("FixedProb", {"prob": 0.05, "allow_multi": True}),
    }
    ends = {"e1": "aa", "e2": "ab", "e3": "ba", "e4": "bb"}
    start = spread("-55 mV", "3 mV")
    lines = [
        project(key, *ends[key], rule=rule, rule_params=params, weight="4 nS")
        for key, (rule, params) in rules.items()
    ]
    lines[3][3].update(more)
    return draw(
        node("a", "LIFRef", size, label="A", V_init=start),
        node("b", "LIFRef", size // 2, label="B", V_init=start),
        node("c", "ConstantCurrent", amplitude="150 pA"),
        drive("d1", "c", "a"),
        drive("d2", "c", "b"),
        *lines,
    )


def codes(graph):
    return {(p.code, p.element, p.severity) for p in check(graph)}


def stored(graph):
    return {p.id: p.is_stored for p in lower.plan(graph).projections}


def spikes(plan_, n=300):
    simulation = Simulation(lower.build(plan_))
    return simulation, simulation.advance(n).spikes


def equal(one, other):
    return all(
        np.array_equal(a, b) for k in one for a, b in zip(one[k], other[k], strict=True)
    )


def test_what_fits_is_stored():
    assert all(stored(network()).values())
    assert not check(network())
    assert lower.estimate(network()).unstored == 0


def test_what_does_not_fit_is_drawn_at_every_spike(monkeypatch):
    graph = network(200_000)
    with environ.context(connectivity="stored"):
        whole = lower.estimate(graph)
    for module in (_estimate, _check):
        monkeypatch.setattr(module, "free_bytes", lambda: whole.bytes // 3)
    monkeypatch.setattr(_estimate, "_own_bytes", lambda: 0)
    assert stored(graph) == {"e1": False, "e2": True, "e3": True, "e4": True}
    note = ("just-in-time", "e1", "note")
    assert codes(graph) == {note}
    size = lower.estimate(graph)
    assert size.bytes < whole.bytes // 3
    assert size.unstored == 0.1 * 200_000**2
    assert size.to_dict()["unstored"] == round(size.unstored)
    (problem,) = check(graph)
    assert "A → A would need 8 GB for 4 G synapses" in problem.text
    with environ.context(connectivity="stored"):
        assert ("memory", None, "error") in codes(graph)
        assert ("too-big", "e1", "error") in codes(graph)


def test_more_than_a_table_can_hold_needs_none():
    assert stored(network(200_000))["e1"] is False


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"weight": spread("4 nS", "1 nS")}, "each synapse has a weight of its own"),
        ({"delay": spread("2 ms", "0.2 ms")}, "each synapse has a delay of its own"),
    ],
)
def test_values_of_each_synapse_are_refused_by_name(more, reason):
    graph = network(**more)
    with environ.context(connectivity="just-in-time"):
        assert stored(graph) == {"e1": False, "e2": False, "e3": True, "e4": True}
        found = {p.element: p.text for p in check(graph)}
    assert found.keys() == {"e3", "e4"}
    assert reason in found["e4"]
    assert "B → B is stored, though" in found["e4"]
    assert "“Random, fixed in-degree” alone" in found["e3"]
    assert not check(graph)


def test_memory_that_is_not_there_names_what_has_to_be_stored(monkeypatch):
    graph = network(40_000, weight=spread("4 nS", "1 nS"))
    monkeypatch.setattr(_estimate, "free_bytes", lambda: 10**6)
    monkeypatch.setattr(_check, "free_bytes", lambda: 10**6)
    (problem,) = [p for p in check(graph) if p.code == "memory"]
    assert "B → B has to be stored: each synapse has a weight" in problem.text


def test_the_choice_is_one_of_three():
    with (
        pytest.raises(environ.EnvironError, match="'auto', 'stored', 'just-in-time'"),
        environ.context(connectivity="never"),
    ):
        pass
    with pytest.raises(environ.EnvironError, match="'never'"):
        environ.set(connectivity="never")


def test_both_give_the_same_run_and_say_which_they_are():
    graph = network()
    with environ.context(connectivity="just-in-time"):
        drawn = lower.plan(graph)
    table = lower.plan(graph)
    assert drawn.structure_key != table.structure_key
    one, found = spikes(drawn)
    other, wanted = spikes(table)
    assert sum(steps.size for steps, _ in wanted.values()) > 500
    assert equal(found, wanted)
    parts: Any = one.network
    assert isinstance(parts.A_to_A.comm, event.JITFixedProb)
    assert isinstance(parts.A_to_B.comm, event.JITFixedOutDegree)
    assert one.backend == other.backend
    rows = [lower.report(s.network) for s in (one, other)]
    assert [r.stored for r in rows[0]] == [False, False, True, False]
    for a, b in zip(*rows, strict=True):
        assert {**a.to_dict(), "stored": True} == b.to_dict()
    assert "targets drawn at each spike" in lower.describe(drawn)
    assert "targets drawn" not in lower.describe(table)


def test_exported_python_shows_the_same_class_and_runs_the_same():
    with environ.context(connectivity="just-in-time"):
        plan_ = lower.plan(network())
    text = lower.to_python(plan_)
    for line in (
        "engine.event.JITFixedProb(\n",
        "engine.event.JITFixedOutDegree(\n",
        "allow_self=False",
        "sample_fixed_in_degree",
    ):
        assert line in text
    scope = {"__name__": "exported"}
    exec(compile(text, "exported.py", "exec"), scope)
    made = next(
        v for v in scope.values() if isinstance(v, type) and v.__module__ == "exported"
    )
    with environ.context(dt=scope["DT"]):
        simulation = Simulation(made(), dt=scope["DT"])
    names = {r.id: r.name for r in plan_.populations}
    found = simulation.advance(300).spikes
    _, wanted = spikes(plan_)
    for key, events in wanted.items():
        for a, b in zip(events, found[names[key]], strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("path", "value"),
    [("e1.rule.params.prob", 0.2), ("e2.rule.params.n", 5), ("e1.weight", "9 nS")],
)
def test_a_change_acts_like_building_anew_and_compiles_nothing(path, value):
    with environ.context(connectivity="just-in-time"):
        simulation, before = spikes(lower.plan(network()))
        changed: Any = simulation._plan
        assert simulation.set(path, value)
        simulation.reset()
        found = simulation.advance(300).spikes
        assert simulation.n_traces == 1
        _, wanted = spikes(changed.plan)
    assert equal(found, wanted)
    assert not equal(found, before)
