"""Chunks, the clock, states: what never may depend on how a run is cut up."""

import brainunit as u
import jax.numpy as jnp
import numpy as np
import pytest
from drawings import draw, drive, node, project, record, zoo

import engine
from engine import lower, nn
from engine.run import RecordError, RunError, Simulation, Spikes, Trace
from engine.run._chunk import events


@pytest.fixture
def whole(simulation, advance):
    return advance(simulation(zoo()), 300)


@pytest.mark.parametrize("at_once", [1, 7, 100, None])
def test_chunk_length_never_matters(simulation, advance, same, whole, at_once):
    assert same(advance(simulation(zoo()), 300, at_once), whole)


def test_mixed_chunk_lengths_share_one_program(simulation, advance, same, whole):
    sim = simulation(zoo())
    before = sim.n_traces
    parts = [advance(sim, n) for n in (1, 99, 5, 195)]
    merged = {
        k: np.concatenate([p[k] for p in parts], -1)
        for k in parts[0]
        if "trace" not in k
    }
    assert all(np.array_equal(merged[k], whole[k]) for k in merged)
    assert sim.n_traces == before == 1


def test_the_network_is_busy(whole):
    """Tests of equality mean nothing on a silent network."""
    for key in ("n1", "n2", "n3", "n4", "p", "t"):
        assert whole[f"spikes {key}"].shape[1] > 0, key


def test_counts_are_spikes_per_step(whole):
    steps = whole["spikes n1"][0]
    assert np.array_equal(np.bincount(steps, minlength=300), whole["counts n1"])


def test_reset_reproduces(simulation, advance, same, whole):
    sim = simulation(zoo())
    advance(sim, 120, 50)
    sim.reset()
    assert sim.step == 0
    assert same(advance(sim, 300), whole)


def test_restore_continues_bit_for_bit(simulation, advance, same):
    sim = simulation(zoo())
    advance(sim, 130, 60)
    kept = sim.state()
    rest = advance(sim, 170)
    other = simulation(zoo())
    other.restore(kept)
    assert other.step == 130
    assert same(advance(other, 170, 33), rest)
    sim.restore(kept)
    assert same(advance(sim, 170), rest)


def test_state_is_a_copy(simulation, advance):
    sim = simulation(zoo())
    advance(sim, 20)
    kept = sim.state()
    before = {
        name: np.array(np.asarray(u.get_mantissa(v)))
        for name, v in kept["values"].items()
    }
    advance(sim, 50)
    for name, value in kept["values"].items():
        assert np.array_equal(np.asarray(u.get_mantissa(value)), before[name]), name


def test_restore_refuses_another_network(simulation):
    sim = simulation(zoo())
    one = simulation(draw(node("a")))
    with pytest.raises(RunError, match="not in both"):
        one.restore(sim.state())
    other = simulation(draw(node("a", size=3)))
    with pytest.raises(RunError, match="another shape"):
        one.restore(other.state())


def test_two_plans_of_one_structure_share_a_program(simulation, advance, same):
    one, other = simulation(zoo(seed=1)), simulation(zoo(seed=2))
    assert one._program is other._program
    assert not same(advance(one, 100), advance(other, 100))
    assert one.n_traces == 1


def test_a_name_is_no_structure(simulation):
    sim = simulation(draw(node("a", size=5, label="A")))
    assert sim.rebind(lower.plan(draw(node("a", size=5, label="B", tau="9 ms"))))
    assert sim.parameters["a.params.tau"] == "9 ms"
    assert not sim.rebind(lower.plan(draw(node("a", size=6, label="B"))))


@pytest.mark.parametrize("change", [{"dt": "0.05 ms"}, {"precision": 64}])
def test_another_structure_is_another_program(simulation, change):
    one, other = (simulation(draw(node("a", size=5), **c)) for c in ({}, change))
    assert one._program is not other._program


def test_a_time_step_of_ones_own_is_no_shared_program(advance):
    graph = draw(node("a", size=1), node("c", "ConstantCurrent"), drive("d", "c", "a"))
    one, other = (
        Simulation(lower.build(lower.plan(graph)), dt=dt, record=[Trace("a", "V")])
        for dt in (0.1 * u.ms, 0.05 * u.ms)
    )
    first, second = (advance(sim, 10)["trace a.V"] for sim in (one, other))
    assert abs((second[9, 0] + 60) / (first[4, 0] + 60) - 1) < 1e-3


def test_what_is_recorded_is_part_of_the_program(advance):
    graph = draw(node("a", size=2, V_init="-60 mV"), node("b", size=2, V_init="-55 mV"))
    build = lambda of: Simulation(
        lower.build(lower.plan(graph)), record=[Trace(of, "V", key="x")]
    )
    a, b = (advance(build(of), 1)["trace x"][0, 0] for of in ("a", "b"))
    assert a == pytest.approx(-60)
    assert b > -56


def test_time_and_capacity(simulation):
    sim = simulation(draw(node("a")))
    sim.advance(30)
    assert sim.time == 3 * u.ms
    assert sim.dt_seconds == 1e-4
    for n in (0, -1, sim.capacity + 1):
        with pytest.raises(RunError, match=rf"{n} steps; give 1 to {sim.capacity}"):
            sim.advance(n)


def test_the_clock_of_a_long_run_is_exact(simulation):
    """In step 10^9 a refractory period still is 20 steps."""
    graph = draw(
        node("a", size=1, tau_ref="2 ms", V_init="-40 mV"),
        node("c", "ConstantCurrent", amplitude="100 nA"),
        drive("d", "c", "a"),
    )
    sim = simulation(graph)
    sim.restore(sim.state() | {"step": 10**9})
    steps = sim.advance(100).spikes["a"][0]
    assert np.all(np.diff(steps.astype(int)) == 21)
    assert sim.step == 10**9 + 100


def test_states_show_the_present_values(simulation):
    sim = simulation(zoo())
    sim.advance(40)
    sim.sync()
    V = sim.network.E.V.value
    assert np.array_equal(
        V.to_decimal(u.mV), sim.state()["values"]["E/V"].to_decimal(u.mV)
    )


def test_not_finite_says_who_what_and_when(simulation):
    graph = draw(
        node("n1", "LIF", size=3, label="Cells", spk_reset="soft"),
        node("c", "ConstantCurrent", amplitude="1e38 pA"),
        drive("d", "c", "n1", 1e30),
    )
    chunk = simulation(graph).advance(10)
    assert chunk.not_finite == {
        "element": "n1", "label": "Cells", "variable": "V", "step": 10, "n": 3,
    }  # fmt: skip
    assert simulation(draw(node("a"))).advance(5).not_finite is None


def test_a_network_without_a_drawing(advance):
    class Two(engine.nn.Module):
        def __init__(self):
            super().__init__()
            self.a = engine.nn.LIF(3, V_th=1 * u.mV)
            self.b = engine.nn.LIFRef(2)

        def update(self):
            self.a(2 * u.mA)
            self.b(3 * u.mA)

    sim = Simulation(Two(), dt=0.1 * u.ms, record=[Spikes("a"), Trace("b", "V")])
    found = advance(sim, 200, 7)
    sim.reset()
    assert np.array_equal(advance(sim, 200)["spikes a"], found["spikes a"])
    assert found["trace b.V"].shape == (200, 2)
    assert "a.tau" in sim.parameters
    assert sim.set("a.tau", 3 * u.ms)
    assert sim.n_traces == 1
    with pytest.raises(engine.run.ParameterError, match=r"no parameter 'a.tua'.*a.tau"):
        sim.set("a.tua", 3 * u.ms)
    with pytest.raises(engine.run.ParameterError, match="Build the network anew"):
        sim.set("a.tau", np.ones(3) * u.ms)
    assert Simulation(Two(), dt=0.1 * u.ms).recorders[0].key == "a"


def test_without_a_time_step():
    class One(engine.nn.Module):
        def update(self):
            pass

    with pytest.raises(RunError, match="there is no time step"):
        Simulation(One())


def test_random_numbers_of_a_module_begin_anew(advance, same):
    class Noisy(engine.nn.Module):
        def __init__(self):
            super().__init__()
            self.a = engine.nn.PoissonSpike(20, 300 * u.Hz)

        def update(self):
            self.a()

    sim = Simulation(Noisy(), dt=0.1 * u.ms, seed=3)
    first = advance(sim, 100, 9)
    sim.reset()
    assert same(advance(sim, 100), first)
    other = advance(Simulation(Noisy(), dt=0.1 * u.ms, seed=4), 100)
    assert not same(other, first)


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([Spikes("ee")], "no part 'ee'. Did you mean 'e'"),
        ([Trace("e", "W")], "no variable 'W'"),
        ([Trace("e", "V", [5])], "neurons 0 to 4; there is no neuron 5"),
        ([Spikes("e"), Spikes("e")], "'e' is there twice"),
    ],
)
def test_records_that_are_not_there(records, message):
    network = lower.build(lower.plan(draw(node("n1", size=5, label="e"))))
    with pytest.raises(RecordError, match=message):
        Simulation(network, record=records)


def test_probes_say_what_they_record(simulation):
    sim = simulation(zoo())
    assert sim.probes["v3"] == ("V", [2, 5, 7])
    assert sim.sizes["n1"] == 20


def test_one_probe_of_two_populations(simulation):
    graph = draw(
        node("a", size=3), node("b", size=4), node("v", "StateProbe", neurons=[2]),
        record("r1", "b", "v"), record("r2", "a", "v"),
    )  # fmt: skip
    chunk = simulation(graph).advance(4)
    assert set(chunk.traces) == {"v", "v a"}


def test_a_population_of_one_with_itself(simulation):
    graph = draw(
        node("a", size=1), project("e", "a", "a", rule_params={"allow_self": False})
    )
    assert simulation(graph).advance(3).not_finite is None


def test_events_in_order():
    rows = np.random.default_rng(0).random((37, 11)) < 0.1
    steps, neurons = events(rows)
    assert np.array_equal(np.argwhere(rows), np.stack([steps, neurons], 1))
    assert events(np.zeros((5, 0), bool))[0].size == 0


def test_precision_64(simulation, advance):
    chain = (
        node("c", "ConstantCurrent"), node("a", size=3), node("b", size=3),
        node("v", "StateProbe"), drive("d", "c", "a"), record("r", "b", "v"),
        project("e", "a", "b", output="MgBlock", synapse="Alpha", weight="2 nS"),
    )  # fmt: skip
    sims = [simulation(draw(*chain, precision=bits)) for bits in (32, 64)]
    found = [advance(sim, 800) for sim in sims]
    assert found[1]["trace v"].dtype == np.float64
    assert found[0]["trace v"].dtype == np.float32
    assert np.ptp(found[0]["trace v"]) > 0.5
    assert np.allclose(found[0]["trace v"], found[1]["trace v"], atol=0.01)
    assert sims[1].set("a.params.tau", "21 ms")
    sims[1].advance(3)
    assert sims[1].n_traces == 1
    assert engine.environ.get_precision() == 32


def test_an_array_that_is_changed_in_place_is_read_again():
    net = Pulled(3)
    net.pull = np.zeros(3, np.float32)
    simulation = Simulation(net, dt=0.1 * u.ms, record=[])
    simulation.advance(1)
    net.pull[1] = 2.0
    simulation.set("gain", 1.0)
    simulation.advance(1)
    np.testing.assert_allclose(simulation.state()["values"]["x"], [0, 2, 0])


class Pulled(nn.Dynamics):
    """Adds what it is pulled by in each step."""

    def __init__(self, n):
        super().__init__(n)
        self.gain = 1.0
        self.pull = None

    def init_state(self, **kwargs):
        self.x = engine.HiddenState(jnp.zeros(self.varshape))

    def update(self):
        self.x.value += self.gain * self.pull
