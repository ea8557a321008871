"""Values that change while a network runs: they act, and nothing is compiled again."""

import brainunit as u
import numpy as np
import pytest
from drawings import draw, drive, node, project, record, spread, zoo

from engine import lower
from engine.kinds import ValueProblem
from engine.lower import plan
from engine.run import ParameterError, RunError, Simulation

N = 250
PATHS = list(Simulation(lower.build(plan(zoo()))).parameters)
# what cannot show in 25 ms of the zoo: where a value plays no part
SILENT = {
    "p.params.start": "the window opens before the first step",
    "p.params.stop": "it closes later",
    "c4.params.tau": "",
    "c5.params.tau": "white noise of equal power in a step",
    "n2.params.V_rest": "",
}
VALUES = {
    "p.params.start": "5 ms",
    "p.params.stop": "12 ms",
    "c2.params.start": "9 ms",
    "c2.params.stop": "15 ms",
    "e1.rule.params.prob": 0.25,
    "e4.rule.params.prob": 0.28,
    "e4.delay": "0.6 ms",
    "e4.synapse.params.g_init": "50 pA",
    "e6.delay": "0.9 ms",
    "e8.delay": "3 ms",
    "e5.rule.params.prob": 0.2,
    "e6.rule.params.prob": 0.1,
    "e10.rule.params.prob": 0.32,
    "e2.rule.params.n": 3,
    "e3.rule.params.n": 4,
    "c3.params.phase": 1,  # a whole number after a real one
    "d2.weight": 3,
    "e7.delay": "1.2 ms",
    "e1.delay": "0 ms",
    "e8.synapse.params.g_init": "0 pA",
    "e9.weight": "-1 mV",
    "e9.delay": "4 ms",
    "n4.params.V_init": spread("7 mV", "2 mV"),
}


def changed(path, value):
    """Return another value for a path."""
    if path in VALUES:
        return VALUES[path]
    if isinstance(value, dict):
        return value | {"mean": times(value["mean"], 1.03)}
    return times(value, 1.3)


def times(value, factor):
    if not isinstance(value, str):
        return value * factor + 0.05
    number, _, unit = value.partition(" ")
    if unit == "mV" and abs(float(number)) > 20:
        return f"{float(number) + 2} {unit}"
    return f"{float(number) * factor + (0.3 if unit == 'mV' else 0.001)} {unit}"


@pytest.fixture(scope="module")
def base():
    return Simulation(lower.build(plan(zoo())))


@pytest.fixture
def before(base, advance):
    base.rebind(plan(zoo()))
    base.reset()
    return advance(base, N)


def test_every_number_of_every_kind_is_there():
    assert len(PATHS) > 90
    assert not [p for p in PATHS if "allow" in p or p.endswith((".indices", ".times"))]


@pytest.mark.parametrize("path", PATHS)
def test_a_change_acts_like_building_anew(base, advance, same, before, path):
    if path.endswith(".delay") and base.parameters[path] == "0 ms":
        pytest.skip("without delay there is no ring")
    base.reset()
    value = changed(path, base.parameters[path])
    assert base.set(path, value)
    assert base.n_traces == 1
    base.reset()
    found = advance(base, N, 64)
    assert base.n_traces == 1
    fresh = Simulation(lower.build(base._plan.plan))
    assert same(advance(fresh, N), found)
    if path not in SILENT:
        assert not same(found, before), f"{path} = {value} does nothing"


def test_a_change_in_mid_run_acts_from_then_on(simulation, advance):
    graph = draw(
        node("c", "ConstantCurrent", amplitude="100 pA"), node("a", size=1),
        node("v", "StateProbe"), drive("d", "c", "a"), record("r", "a", "v"),
    )  # fmt: skip
    one, other = simulation(graph), simulation(graph)
    first = advance(one, 50)["trace v"]
    assert one.set("c.params.amplitude", 150 * u.pA)
    later = advance(one, 50)["trace v"]
    plain = advance(other, 100)["trace v"]
    assert np.array_equal(first, plain[:50])
    assert np.all(later > plain[50:])


@pytest.mark.parametrize("rule", ["FixedProb", "FixedInDegree", "FixedOutDegree"])
def test_new_wiring_within_the_room_of_a_table(simulation, rule):
    name = "prob" if rule == "FixedProb" else "n"
    start, more, most = (0.1, 0.11, 0.9) if name == "prob" else (10, 11, 60)
    graph = draw(
        node("a", size=100), node("b", size=100),
        project("e", "a", "b", rule=rule, rule_params={name: start}),
    )  # fmt: skip
    sim = simulation(graph)
    room = sim.network.a_to_b.comm.indices.shape[0]
    assert sim.set(f"e.rule.params.{name}", more)
    comm = sim.network.a_to_b.comm
    n = int(comm.indptr[-1])
    assert comm.indices.shape[0] == room
    fresh = lower.build(sim._plan.plan).a_to_b.comm
    assert np.array_equal(fresh.indices, comm.indices[:n])
    assert np.array_equal(fresh.indptr, comm.indptr)
    before = sim.parameters[f"e.rule.params.{name}"]
    assert not sim.set(f"e.rule.params.{name}", most)  # it does not fit
    assert sim.parameters[f"e.rule.params.{name}"] == before
    assert int(sim.network.a_to_b.comm.indptr[-1]) == n
    sim.advance(2)
    assert sim.n_traces == 1


def test_spread_weights_follow_a_new_table(simulation):
    graph = draw(
        node("a", size=60), node("b", size=50),
        project("e", "a", "b", rule="FixedProb", rule_params={"prob": 0.2},
                weight=spread("5 nS", "1 nS")),
    )  # fmt: skip
    sim = simulation(graph)
    assert sim.set("e.rule.params.prob", 0.21)
    assert sim.set("e.weight", spread("7 nS", "0.5 nS"))
    n = int(sim.network.a_to_b.comm.indptr[-1])
    weight = sim.network.a_to_b.comm.weight.value.to_decimal(u.nS)[:n]
    fresh = lower.build(sim._plan.plan).a_to_b.comm.weight.value.to_decimal(u.nS)
    assert np.array_equal(weight, fresh)
    assert not sim.set("e.weight", "3 nS")  # one for all is another structure


def test_a_weight_alone_leaves_the_table_alone(simulation):
    graph = draw(node("a", size=60), project("e", "a", "a", rule="FixedProb"))
    sim = simulation(graph)
    table = sim.network.a_to_a.comm.indices
    assert sim.set("e.weight", "6.5 nS")
    assert sim.network.a_to_a.comm.indices is table
    sim.advance(1)
    assert sim.n_traces == 1


def test_a_delay_within_the_ring(simulation):
    graph = draw(node("a", size=5), project("e", "a", "a", delay="1 ms"))
    sim = simulation(graph)
    for delay, fits in (("20 ms", True), ("0.1 ms", True), ("20.1 ms", False)):
        assert sim.set("e.delay", delay) is fits
    assert not sim.set("e.delay", "0 ms")  # another order of the step
    sim.advance(3)
    assert sim.n_traces == 1


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("p.params.stop", None),
        ("n1.params.tau", spread("20 ms", "1 ms")),
        ("n1.params.V_init", "-60 mV"),
    ],
)
def test_another_structure_is_refused_and_nothing_changes(
    base, advance, same, before, path, value
):
    base.reset()
    kept = base.parameters[path]
    if value is None:
        assert not base.rebind(plan(zoo_without(path)))
    else:
        assert not base.set(path, value)
    assert base.parameters[path] == kept
    assert same(advance(base, N), before)


def zoo_without(path):
    graph = zoo()
    element, _, name = path.split(".")
    del graph.nodes[element]["params"][name]
    return graph


def test_another_seed_is_no_value(base):
    assert not base.rebind(plan(zoo(seed=8)))


def test_unknown_and_impossible_values(base):
    with pytest.raises(
        ParameterError,
        match=r"no parameter 'n1.params.tua'.*Did you mean 'n1.params.tau'",
    ):
        base.set("n1.params.tua", "3 ms")
    with pytest.raises(ValueProblem, match="needs a time"):
        base.set("n1.params.tau", "3 mV")
    with pytest.raises(ValueProblem, match="needs a time"):
        base.set("n1.params.tau", 3 * u.mV)
    with pytest.raises(ValueProblem, match="or more"):
        base.set("n1.params.tau", "-3 ms")
    assert not base.can_set("n1.params.spk_reset")
    assert base.can_set("e1.weight")
    assert not isinstance(ParameterError("x"), RuntimeError)
    assert issubclass(ParameterError, RunError)


def test_values_in_other_units(base):
    assert base.set("n1.params.tau", 0.021 * u.second)
    assert base.parameters["n1.params.tau"] == "21 ms"
    assert base.set("n1.params.tau", "2*10 ms")
    assert base.parameters["n1.params.tau"] == "20 ms"
    assert base.set("n1.params.tau", 20)


@pytest.mark.parametrize("size", [1, 1000])
def test_start_values_of_any_size(simulation, size):
    """One synapse, none at all, and a table as long as its room."""
    graph = draw(
        node("a", size=size), node("b", size=1),
        project("e", "a", "b", rule="FixedProb", rule_params={"prob": 0}, weight=spread("1 nS", "1 nS")),
        project("f", "a", "b", rule_params={}, weight=spread("1 nS", "1 nS")),
    )  # fmt: skip
    sim = simulation(graph)
    sim.advance(2)
    assert sim.set("e.weight", spread("2 nS", "1 nS"))
    assert sim.set("f.weight", spread("2 nS", "1 nS"))
    sim.advance(2)
    assert sim.n_traces == 1
