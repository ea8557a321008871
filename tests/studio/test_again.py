"""Runs of one network after another are those of networks built anew."""

from concurrent.futures import ThreadPoolExecutor

import brainunit as u
import numpy as np
import pytest

from studio import Network
from studio._values import normal
from studio.document import Document

DURATION = 60 * u.ms


def drawn():
    """Two populations, an input, and a probe; it fires."""
    net = Network("Pair", seed=3)
    e = net.add("LIFRef", 40, name="E")
    i = net.add("LIFRef", 10, name="I")
    net.connect(e, i, prob=0.2, weight=6 * u.nS)
    net.connect(i, e, prob=0.2, weight=20 * u.nS, delay=1 * u.ms)
    noise = net.add("Poisson", 50, name="Noise", rate=200 * u.Hz)
    net.connect(noise, e, rule="FixedProb", prob=0.5, weight="9 nS")
    net.probe(e, "V", neurons=[0, 3])
    return net


def edge(net, name):
    return next(p for p in net.projections if p.name == name)


VALUES = {
    "nothing": lambda net: None,
    "a weight": lambda net: edge(net, "I to E").set(weight=40 * u.nS),
    "a probability": lambda net: edge(net, "Noise to E").set(prob=0.4),
    "a time constant": lambda net: net.set("E", tau=15 * u.ms),
    "where V begins": lambda net: net.set("E", V_init=normal(-55 * u.mV, 2 * u.mV)),
    "a rate": lambda net: net.set("Noise", rate=300 * u.Hz),
    "a shorter delay": lambda net: edge(net, "I to E").set(delay=0.5 * u.ms),
    "a default": lambda net: net.set("Noise", rate=None),
}
STRUCTURE = {
    "a size": lambda net: net.set("E", size=50),
    "the seed": lambda net: net.set(seed=4),
    "the time step": lambda net: net.set(dt=0.05 * u.ms),
    "a longer delay": lambda net: edge(net, "I to E").set(delay=9 * u.ms),
    "weights that differ": lambda net: edge(net, "E to I").set(
        weight=normal(6 * u.nS, 1 * u.nS)
    ),
    "a projection less": lambda net: net.remove(edge(net, "E to I")),
    "another probe": lambda net: net.probe("I", "V", neurons=[1]),
    "a name": lambda net: net.set("E", name="Cells"),
    "an undone step": lambda net: net.undo(),
}


@pytest.fixture(scope="module")
def ran():
    """One network for all changes: each of them is undone by the next one."""
    net = drawn()
    net.run(DURATION)
    return net


@pytest.mark.parametrize("name", [*VALUES, *STRUCTURE])
def test_a_further_run_is_that_of_a_network_built_anew(ran, name):
    (VALUES | STRUCTURE)[name](ran)
    again = ran.run(DURATION)
    same(again, Network.of(Document.from_doc(ran.document.to_doc())).run(DURATION))
    assert len(again.spikes[next(iter(again.spikes))]) > 0
    same(again, ran.run(DURATION))


def same(one, other):
    assert list(one.spikes) == list(other.spikes)
    for label, train in one.spikes.items():
        np.testing.assert_array_equal(train.steps, other.spikes[label].steps)
        np.testing.assert_array_equal(train.neurons, other.spikes[label].neurons)
    assert one.traces.keys() == other.traces.keys()
    for key, values in one.traces.items():
        np.testing.assert_array_equal(
            u.get_mantissa(values), u.get_mantissa(other.traces[key])
        )


def test_values_are_written_into_what_was_built():
    net = drawn()
    net.run(DURATION)
    built = net._again.network()
    net.set("E", tau=15 * u.ms)
    assert net._again.network() is built
    net.set("E", size=50)
    assert net._again.network() is not built


def test_runs_from_several_threads_wait_for_each_other():
    net = drawn()
    alone = net.run(DURATION)
    with ThreadPoolExecutor(4) as pool:
        for result in pool.map(lambda _: net.run(DURATION), range(8)):
            same(result, alone)


def test_the_report_compiles_nothing_and_follows_the_drawing():
    net = drawn()
    before = {row.name: row.synapses for row in net.report()}
    assert net._again._simulation is None
    net.run(DURATION)
    edge(net, "Noise to E").set(prob=0.1)
    after = {row.name: row.synapses for row in net.report()}
    changed = [name for name in before if before[name] != after[name]]
    assert len(changed) == 1
    assert after[changed[0]] < before[changed[0]]
