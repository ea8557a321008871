"""Networks divided among eight devices; run by test_divided.py in a process of its own."""

from dataclasses import replace

import brainunit as u
import jax
import numpy as np
import pytest
from divisions import any_of, at_once, late
from drawings import draw, drive, node, project, spread, zoo

from engine import ShortTermState, environ, event, kinds, lower, nn, random
from engine.divide import DivisionError
from engine.run import RunError, Simulation, _compiled, build_share, simulate
from engine.run._divided import DividedSimulation
from engine.run._simulate import collect

DEVICES = jax.devices()


@pytest.fixture
def alone(monkeypatch):
    """Return `alone(graph, n)`: a run of a program of XLA on one device."""
    monkeypatch.setattr(_compiled, "can_run", lambda: "of a test")
    return lambda graph, n: collect(
        Simulation(lower.build(lower.plan(graph))), n, False
    )


def divided(graph, n):
    network = lower.build(lower.plan(graph))
    return simulate(network, n * 0.1 * u.ms, devices="all", progress=False)


def same(one, other):
    assert one.spikes.keys() == other.spikes.keys()
    for label, train in one.spikes.items():
        np.testing.assert_array_equal(train.steps, other.spikes[label].steps)
        np.testing.assert_array_equal(train.neurons, other.spikes[label].neurons)
    assert one.traces.keys() == other.traces.keys()
    for key, trace in one.traces.items():
        a, b = u.get_mantissa(trace), u.get_mantissa(other.traces[key])
        np.testing.assert_array_equal(a, b)
    assert sum(map(len, one.spikes.values())) > 20


@pytest.mark.parametrize(
    ("graph", "n_devices", "interval"),
    [
        (zoo(), 8, 1),
        (late(), 8, 10),
        (any_of(2, precision=64), 3, None),
        (at_once(), 8, 2),
        (any_of(3), 5, None),
    ],
    ids=["zoo", "late", "some 2, 64 bits", "at once", "some 3"],
)
def test_spikes_and_traces_are_those_of_one_device(graph, n_devices, interval, alone):
    network = build_share(lower.plan(graph), n_devices)
    simulation = DividedSimulation(network, DEVICES[:n_devices])
    assert interval in (simulation.exchange.interval, None)
    same(alone(graph, 300), collect(simulation, 300, False))


def test_chunks_of_any_length_give_the_same_states_and_parameters_may_change():
    def make():
        graph = mine("LIF", delay="1 ms")
        return DividedSimulation(lower.build(lower.plan(graph)), DEVICES)

    one, other = make(), make()
    for n in (107, 13, 1, 179):  # other ends of intervals than those of one chunk
        last = one.advance(n)
    whole = other.advance(300)
    assert one.exchange.interval == 10
    is_last = whole.spikes["a"][0] >= 121
    steps = whole.spikes["a"][0][is_last]
    np.testing.assert_array_equal(last.spikes["a"][0] + 121, steps)
    assert steps.size > 10
    a, b = one.state(), other.state()
    assert a["values"].keys() == b["values"].keys()
    jax.tree.map(np.testing.assert_array_equal, a["values"], b["values"])
    assert one.set("e.delay", "0.4 ms")
    assert one.exchange.interval == 4
    assert one.set("c.params.amplitude", "200 pA")
    one.reset()
    assert len(one.advance(300).spikes["a"][0]) > len(whole.spikes["a"][0])
    one.restore(b)
    assert one.step == 300


def test_programs_of_xla_alone_do_the_same(alone):
    some = {"dist": "Uniform", "low": "0.3 ms", "high": "2 ms"}
    graph = mine("LIF", weight=spread("25 nS", "2 nS"), delay=some)
    with event.use_backend("xla"):
        same(alone(graph, 400), divided(graph, 400))


def test_connections_that_are_drawn_at_every_spike_are_those_of_one_device(alone):
    rule = {"rule": "FixedProb", "rule_params": {"prob": 0.5}}
    with environ.context(connectivity="just-in-time"):
        graph = mine("LIF", **rule)
        assert not lower.plan(graph).projections[0].is_stored
        same(alone(graph, 400), divided(graph, 400))


def test_a_variable_that_is_no_number_is_named():
    with pytest.raises(
        RunError, match=r"g of b is not a number any more.*\(5 values\)"
    ):
        divided(mine("LIF", weight="1e38 nS"), 200)


# kinds of the user's own


class Own(nn.LIF):
    """Neurons with noise of their own, and numbers by their place."""

    def update(self, x=0.0 * u.mA):
        noise = random.normal(size=self.varshape)
        place = jax.numpy.arange(self.varshape[0]) / self.varshape[0]
        return super().update(x + (noise + place) * 40 * u.pA)


class Loops(nn.LIF):
    """Neurons that take their step in loops and branches."""

    def update(self, x=0.0 * u.mA):
        i = environ.get("i")
        rows = jax.numpy.arange(3.0)
        start = jax.numpy.zeros(self.varshape)  # whole, and divided from the first turn
        turn = lambda c, k: (0.5 * c + k * self.V.value.mantissa, c)
        more, all_of_them = jax.lax.scan(turn, start, rows)
        more = more + all_of_them.sum(axis=0)
        more = jax.lax.cond(i % 2 == 0, lambda: more, lambda: jax.numpy.ones(21))
        more = jax.lax.while_loop(
            lambda c: c[0] < 2, lambda c: (c[0] + 1, 0.5 * c[1]), (0, more)
        )[1]
        return super().update(x + more * u.pA)


class Numbers(nn.LIF):
    """Neurons whose spikes are no booleans: they are sent when they are read."""

    _keeps_spike = True

    def init_state(self, *args, **kwargs):
        super().init_state(*args, **kwargs)
        self.spike = ShortTermState(jax.numpy.zeros(self.varshape, "float32"))

    def _emit(self, V, is_spike, unit):
        return super()._emit(V, is_spike * 0.5, unit)

    def _where_spike(self, then, otherwise):
        return jax.numpy.where(self.spike.value > 0, then, otherwise)


class Together(nn.LIF):
    """Neurons that look at the mean of all."""

    def update(self, x=0.0 * u.mA):
        mean = u.math.mean(self.V.value)
        return super().update(x + (mean - self.V.value) / (100 * u.Mohm))


@pytest.fixture
def own():
    lif = kinds.get("node", "LIF")
    made = [
        kinds.register(replace(lif, key=cls.__name__, label=cls.__name__, cls=cls))
        for cls in (Own, Loops, Numbers, Together)
    ]
    yield
    for kind in made:
        kinds.unregister(kind)


def mine(kind, **synapse):
    synapse = {"weight": "20 nS", "delay": "0.5 ms"} | synapse
    return draw(
        node("c", "ConstantCurrent", amplitude="140 pA"),
        node("a", kind, 21, V_init=spread("-53 mV", "2 mV")),
        node("b", "LIF", 5),
        drive("d", "c", "a"),
        project("e", "a", "b", **synapse),
    )


@pytest.mark.parametrize("kind", ["Own", "Loops", "Numbers"])
def test_a_kind_of_ones_own_does_what_it_does_on_one_device(kind, own, alone):
    same(alone(mine(kind), 300), divided(mine(kind), 300))


def test_a_kind_that_mixes_neurons_is_refused_with_the_line(own):
    with pytest.raises(DivisionError) as error:
        divided(mine("Together"), 10)
    for part in ("'a' cannot be divided", "'reduce_sum'", "eight_devices.py, line"):
        assert part in str(error.value)


def test_spikes_are_kept_for_as_long_as_the_delays_are():
    network = build_share(lower.plan(late()), 8)
    with environ.context(dt=0.1 * u.ms):
        nn.init_all_states(network)
    rows = lambda part: part.after_updates["delay spike"].history.shape[0]
    assert rows(network.n2) == 16  # 1.5 ms, and the present
    assert rows(network.n1) == 201  # drawn delays may be as long as there is room


def test_devices_that_are_not_there_are_told():
    network = lower.build(lower.plan(late()))
    for given, text in {
        9: "devices=9, but there are 8",
        0: "devices=0; give a number of devices",
        "some": "devices='some'",
        True: "devices=True",
    }.items():
        with pytest.raises(DivisionError, match=text):
            simulate(network, 1 * u.ms, devices=given, progress=False)
    network.plan = None
    with pytest.raises(DivisionError, match="written by hand"):
        simulate(network, 1 * u.ms, devices=8, progress=False)


@pytest.mark.parametrize("graph", [late(), at_once()], ids=["late", "at once"])
@pytest.mark.parametrize("hosts", [1, 2, 8])
def test_what_devices_send_is_what_the_model_of_costs_says(graph, hosts):
    simulation = DividedSimulation(lower.build(lower.plan(graph)), DEVICES)
    interval, cost = simulation.exchange.interval, simulation.cost(hosts)
    once, each = gathers(simulation.program().jaxpr)
    assert once == [simulation.exchange.n_bytes]  # bytes a device, in an interval
    assert len(each) == (1 if graph.name == "At once" else 0)  # and those in a step
    own = 8 // hosts * (once[0] / interval + sum(each))
    assert (cost.bytes_out, cost.bytes_in) == (own, (hosts - 1) * own)
    assert cost.exchanges == 1 / interval + len(each)


def gathers(jaxpr, depth=0):
    """Return the bytes of what is gathered in each turn of a loop, and of one inside."""
    found = [], []
    for eqn in jaxpr.eqns:
        if eqn.primitive.name == "all_gather":
            aval = eqn.invars[0].aval
            found[depth - 1].append(aval.size * aval.dtype.itemsize)
        for value in eqn.params.values():
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                below = gathers(inner, depth + (eqn.primitive.name == "while"))
                for mine, its in zip(found, below, strict=True):
                    mine.extend(its)
    return found
