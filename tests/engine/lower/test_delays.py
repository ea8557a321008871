"""When a spike arrives, for every family of projection and every delay."""

import itertools

import brainunit as u
import numpy as np
import pytest
from drawings import draw, node, project, record, spread

from engine.lower import build, check, plan, report
from engine.run import Simulation

SPIKE = 20  # the step in which the source spikes
FAMILIES = {
    "delta": {"synapse": "Delta", "weight": "1 mV"},
    "COBA": {"output": "COBA", "weight": "10 nS"},
    "CUBA": {"output": "CUBA", "weight": "50 pA"},
    "alpha": {"synapse": "Alpha", "output": "COBA", "weight": "10 nS"},
    "alpha CUBA": {"synapse": "Alpha", "output": "CUBA", "weight": "50 pA"},
    "Mg": {"output": "MgBlock", "weight": "100 nS"},
}
LATER = {"alpha": 1, "alpha CUBA": 1}  # such a conductance is zero at its beginning


def arrival(run, *elements, probe="V of b"):
    graph = draw(
        *elements,
        node("v", "StateProbe", label="V of b", neurons=[0]),
        record("r", "b", "v"),
    )
    V = run(graph, 10).traces["b", "V"].to_decimal(u.mV)[:, 0]
    return int(np.flatnonzero(V > -60 + 1e-6)[0])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("k", [0, 1, 2, 37])
def test_from_an_input(run, family, k):
    source = node("a", "SpikeTimes", 1, times=[f"{SPIKE / 10} ms"], indices=[0])
    link = project("e", "a", "b", delay=f"{k / 10} ms", **FAMILIES[family])
    assert arrival(run, source, node("b", size=2), link) == SPIKE + k + LATER.get(
        family, 0
    )


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("k", [0, 1, 2, 37])
@pytest.mark.parametrize("source", ["a", "z"])  # before and after the target by id
def test_from_a_population(run, family, k, source):
    """The source is kicked over its threshold in the step of the input spike."""
    elements = (
        node("s", "SpikeTimes", 1, times=[f"{SPIKE / 10} ms"], indices=[0]),
        node(source, size=1), node("b", size=2),
        project("e1", "s", source, delay="0 ms", synapse="Delta", weight="20 mV"),
        project("e2", source, "b", delay=f"{k / 10} ms", **FAMILIES[family]),
    )  # fmt: skip
    assert arrival(run, *elements) == SPIKE + k + LATER.get(family, 0)


def test_a_chain_without_delay_is_one_step(run):
    names = ["m", "c", "z", "b"]
    links = [
        project(f"e{i}", one, two, delay="0 ms", synapse="Delta", weight="20 mV")
        for i, (one, two) in enumerate(itertools.pairwise(names))
    ]
    source = node("s", "SpikeTimes", 1, times=["2 ms"], indices=[0])
    first = project("e", "s", "m", delay="0 ms", synapse="Delta", weight="20 mV")
    result = run(draw(source, *(node(n, size=1) for n in names), first, *links))
    assert [list(result.spikes[n].steps) for n in names] == [[SPIKE]] * 4


def test_delays_of_one_source_do_not_disturb_each_other(run):
    links = [
        project(
            f"e{k}", "s", f"n{k}", delay=f"{k / 10} ms", synapse="Delta", weight="20 mV"
        )
        for k in (0, 1, 3, 250)
    ]  # 25 ms is beyond the usual ring
    times = {"times": ["1 ms", "1.1 ms", "5 ms"], "indices": [0, 0, 0]}
    result = run(
        draw(node("s", "SpikeTimes", 1, **times), *(node(f"n{k}", size=1, tau_ref="0 ms") for k in (0, 1, 3, 250)), *links), 40
    )  # fmt: skip
    for k in (0, 1, 3, 250):
        assert list(result.spikes[f"n{k}"].steps) == [10 + k, 11 + k, 50 + k]


def test_the_default_delay_is_one_step(run):
    link = project("e", "a", "b", synapse="Delta", weight="1 mV")
    source = node("a", "SpikeTimes", 1, times=["2 ms"], indices=[0])
    assert arrival(run, source, node("b", size=2), link) == SPIKE + 1


@pytest.mark.parametrize(
    ("delay", "k"),
    [("0.26 ms", 3), ("0.14 ms", 1), ("0.1 ms", 1), ("0.3 ms", 3), ("1e-3 s", 10)],
)
def test_delays_are_rounded_to_steps(run, delay, k):
    link = project("e", "a", "b", synapse="Delta", weight="1 mV", delay=delay)
    source = node("a", "SpikeTimes", 1, times=["2 ms"], indices=[0])
    assert arrival(run, source, node("b", size=2), link) == SPIKE + k


def test_a_spike_in_the_first_step_arrives(run):
    link = project("e", "a", "b", synapse="Delta", weight="1 mV", delay="0.5 ms")
    source = node("a", "SpikeTimes", 1, times=["0 ms"], indices=[0])
    assert arrival(run, source, node("b", size=2), link) == 5


def test_nothing_arrives_before_the_first_spike(run):
    """The ring holds silence, also where neurons begin above their threshold."""
    graph = draw(
        node("a", size=3, V_init="-40 mV", tau_ref="50 ms"), node("b", size=1),
        project("e", "a", "b", synapse="Delta", weight="1 mV", delay="2 ms"),
        node("v", "StateProbe"), record("r", "b", "v"),
    )  # fmt: skip
    V = run(graph, 5).traces["b", "V"].to_decimal(u.mV)[:, 0]
    assert np.flatnonzero(V > -60 + 1e-6)[0] == 20
    assert V[20] == pytest.approx(-57, abs=0.02)


def uniform(low, high):
    return {"dist": "Uniform", "low": low, "high": high}


def fan(delay, n=60, weight="1 mV"):
    """One neuron that spikes once, and many that hear of it."""
    return draw(
        node("a", "SpikeTimes", 1, times=[f"{SPIKE / 10} ms"], indices=[0]),
        node("b", size=n),
        project(
            "e",
            "a",
            "b",
            rule="AllToAll",
            rule_params={},
            synapse="Delta",
            weight=weight,
            delay=delay,
        ),
        node("v", "StateProbe", label="V of b", neurons=list(range(n))),
        record("r", "b", "v"),
    )


@pytest.mark.parametrize("delay", [uniform("0.4 ms", "3 ms"), spread("2 ms", "1 ms")])
def test_each_synapse_has_its_own_delay(delay):
    simulation = Simulation(build(plan(fan(delay))))
    (trace,) = simulation.advance(100).traces.values()
    arrivals = np.argmax(np.asarray(trace) > -60 + 1e-3, axis=0)
    (layer,) = (p.comm for p in vars(simulation.network).values() if hasattr(p, "comm"))
    steps = np.maximum(np.rint(layer.delay.to_decimal(u.ms) * 10), 1)
    np.testing.assert_array_equal(arrivals, SPIKE + steps)
    assert len(np.unique(steps)) > 8


def test_delays_of_a_distribution_have_its_moments():
    network = build(plan(fan(spread("5 ms", "1 ms"), n=4000)))
    (layer,) = (p.comm for p in vars(network).values() if hasattr(p, "comm"))
    delays = layer.delay.to_decimal(u.ms)
    assert abs(delays.mean() - 5) < 5 / np.sqrt(4000)
    assert abs(delays.std() - 1) < 5 / np.sqrt(2 * 4000)


def test_other_delays_are_another_network_and_another_weight_is_not():
    simulation = Simulation(build(plan(fan(uniform("1 ms", "2 ms")))))
    assert not simulation.rebind(plan(fan(uniform("1 ms", "3 ms"))))
    assert not simulation.rebind(plan(fan("1 ms")))
    assert simulation.rebind(plan(fan(uniform("1 ms", "2 ms"), weight="2 mV")))
    (trace,) = simulation.advance(100).traces.values()
    jump = np.max(np.diff(np.asarray(trace), axis=0))
    assert jump == pytest.approx(2.0, abs=1e-3)


@pytest.mark.parametrize(
    "delay", [spread("0.05 ms", "0.01 ms"), uniform("0 ms", "0.1 ms")]
)
def test_delays_that_are_mostly_too_short_are_a_problem(delay):
    (problem,) = (p for p in check(fan(delay)) if p.severity == "error")
    assert (problem.code, problem.element, problem.field) == (
        "delay-short",
        "e",
        "delay",
    )


def test_the_report_says_from_which_to_which():
    network = build(plan(fan(uniform("1 ms", "2 ms"))))
    (row,) = report(network)
    low, high = map(float, row.delay.removesuffix(" ms").split(" to "))
    assert 1 <= low < 1.2
    assert 1.8 < high <= 2
