"""When a spike arrives, for every family of projection and every delay."""

import itertools

import brainunit as u
import numpy as np
import pytest
from drawings import draw, node, project, record

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
