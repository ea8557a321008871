"""A network that begins again: what its parts begin with is drawn once, if it may be."""

import brainunit as u
import numpy as np
import pytest
from drawings import draw, drive, node, project, spread

from engine import init, lower, nn
from engine.run import Simulation, _start

N = 300


@pytest.fixture
def made(monkeypatch):
    """Count how often the States of a network are made."""
    calls, make = [], nn.init_all_states

    def counted(network, *args, **kwargs):
        calls.append(network)
        return make(network, *args, **kwargs)

    monkeypatch.setattr(_start.nn, "init_all_states", counted)
    return calls


@pytest.fixture
def sim(made, simulation):
    sim = simulation(
        draw(
            node("c", "ConstantCurrent", amplitude="300 pA"),
            node("p", "Poisson", size=20, rate="80 Hz"),
            node("a", size=40, V_init=spread("-60 mV", "5 mV")),
            node("b", size=30, V_init=spread("-60 mV", "5 mV")),
            drive("d", "c", "a"),
            project("e", "p", "a", weight="2 nS"),
            project(
                "f",
                "a",
                "b",
                rule="FixedProb",
                rule_params={"prob": 0.5},
                weight=spread("9 nS", "1 nS"),
            ),
        )
    )
    sim.reset()
    made.clear()
    return sim


KEPT = {
    "c.params.amplitude": "400 pA",
    "d.weight": 1.3,
    "e.weight": "3 nS",
    "f.weight": spread("8 nS", "2 nS"),
    "f.rule.params.prob": 0.45,
}
ANEW = {
    "f.output.params.E": "3 mV",
    "p.params.rate": "90 Hz",
    "a.params.V_th": "-49 mV",
    "b.params.V_init": spread("-59 mV", "5 mV"),
    "f.synapse.params.g_init": "1 nS",
}


@pytest.mark.parametrize("path", [*KEPT, *ANEW])
def test_a_sweep_draws_only_what_its_values_begin_with(sim, made, advance, same, path):
    before = advance(sim, N)
    assert sim.set(path, (KEPT | ANEW)[path])
    sim.reset()
    assert len(made) == (path in ANEW)
    found = advance(sim, N)
    assert not same(found, before)
    assert same(
        found, advance(Simulation(lower.build(sim._plan.plan), record="all"), N)
    )
    sim.reset()
    assert same(found, advance(sim, N))


def test_values_that_were_kept_are_not_those_of_the_run(sim, advance, same):
    sim.reset()
    start = sim.state()["values"]
    first = advance(sim, N)
    end = sim.state()
    sim.reset()
    for name, value in sim.state()["values"].items():
        assert np.array_equal(u.get_mantissa(value), u.get_mantissa(start[name])), name
    later = advance(sim, N)
    sim.restore(end)
    sim.reset()
    assert same(first, later)
    assert same(first, advance(sim, N))


def test_a_change_by_hand_is_seen(sim, made, advance, same):
    before = advance(sim, N)
    sim.network.a.V_initializer = init.Constant(-55 * u.mV)
    sim.reset()
    assert len(made) == 1
    assert not same(advance(sim, N), before)
    values = np.linspace(-60, -50, 40, dtype="float32")
    sim.network.a.V_initializer = lambda *_, **__: u.Quantity(values.copy(), unit=u.mV)
    sim.reset()
    assert np.array_equal(sim.network.a.V.value.to_decimal(u.mV), values)
