"""Runs from beginning to end: progress, interrupts, memory."""

import gc
import resource
import signal
import sys
import threading
import tracemalloc

import brainunit as u
import numpy as np
import pytest
from drawings import draw, drive, node, project, record, zoo

import engine
from engine import lower
from engine.lower import plan
from engine.run import RunError, Simulation, simulate
from engine.run._interrupt import Interrupt
from engine.run._simulate import collect


def test_result_of_a_drawing():
    result = simulate(lower.build(plan(zoo())), 20 * u.ms, progress=False)
    assert result.n_steps == 200
    assert result.duration == 20 * u.ms
    assert not result.interrupted
    assert result.traces["E", "V"].shape == (200, 5)
    assert list(result.neurons["E", "V"]) == [0, 3, 2, 5, 7]
    assert u.get_unit(result.traces["E", "V"]) == u.mV
    assert np.allclose(result.t.to_decimal(u.ms), np.arange(200) * 0.1, atol=1e-12)
    train = result.spikes["E"]
    assert np.array_equal(train.times.to_decimal(u.ms), train.steps * 0.1)
    offsets = [train.offset for train in result.spikes.values()]
    assert offsets == list(np.cumsum([0] + [t.n for t in result.spikes.values()])[:-1])


def test_rates():
    graph = draw(
        node("t", "SpikeTimes", 2, times=["1 ms", "2 ms", "5 ms"], indices=[0, 1, 1])
    )
    rates = simulate(lower.build(plan(graph)), 0.5 * u.second, progress=False).rates()
    assert rates["t"].to_decimal(u.Hz) == pytest.approx(3)


def test_simulate_is_advancing(simulation, advance):
    result = simulate(lower.build(plan(zoo())), 30 * u.ms, progress=False)
    found = advance(simulation(zoo()), 300, 11)
    for key, label in (("n1", "E"), ("n2", "I"), ("p", "Noise")):
        assert np.array_equal(found[f"spikes {key}"][0], result.spikes[label].steps)
        assert np.array_equal(found[f"spikes {key}"][1], result.spikes[label].neurons)


def test_a_simulation_goes_back_and_runs_with_what_it_has_now():
    simulation = Simulation(lower.build(plan(zoo())))
    simulation.advance(50)
    assert simulation.set("n1.params.tau", "15 ms")
    again = simulate(simulation, 20 * u.ms, progress=False)
    other = Simulation(lower.build(plan(zoo())))
    other.set("n1.params.tau", "15 ms")
    anew = collect(other, 200, progress=False)
    assert again.n_steps == 200
    assert np.array_equal(again.spikes["E"].steps, anew.spikes["E"].steps)
    assert np.array_equal(
        u.get_mantissa(again.traces["E", "V"]), u.get_mantissa(anew.traces["E", "V"])
    )
    with pytest.raises(RunError, match="has its own dt"):
        simulate(simulation, 20 * u.ms, dt=0.1 * u.ms)


@pytest.mark.parametrize(
    ("duration", "message"),
    [(0 * u.ms, "at least one step"), (3 * u.mV, "give a time"), (0.01 * u.ms, "one step"),
     (-5 * u.ms, "one step")],
)  # fmt: skip
def test_durations_that_are_none(duration, message):
    with pytest.raises(RunError, match=message):
        simulate(lower.build(plan(draw(node("a")))), duration)


@pytest.fixture(autouse=True)
def nobody_was_interrupted(monkeypatch):
    monkeypatch.setattr(Interrupt, "_last", -np.inf)


def test_an_interrupt_returns_what_there_is():
    simulation = Simulation(lower.build(plan(zoo())))
    simulation.advance(simulation.capacity)
    simulation.reset()
    timer = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
    timer.start()
    result = collect(simulation, 10**8, progress=False)
    timer.join()
    assert result.interrupted
    assert 0 < result.n_steps < 10**8
    assert simulation.step == result.n_steps
    whole = simulate(
        lower.build(plan(zoo())), result.n_steps * 0.1 * u.ms, progress=False
    )
    assert np.array_equal(whole.spikes["E"].steps, result.spikes["E"].steps)
    simulation.advance(5)  # it goes on


def test_an_interrupt_in_a_callback_of_the_collector_is_not_lost(monkeypatch):
    simulation = Simulation(lower.build(plan(zoo())))
    advance, chunks = Simulation.advance, []

    def signals(phase, info):
        if phase == "start" and len(chunks) == 3:
            signal.raise_signal(signal.SIGINT)  # an exception here is printed only

    def counted(self, n):
        chunks.append(n)
        gc.collect()
        return advance(self, n)

    monkeypatch.setattr(Simulation, "advance", counted)
    gc.callbacks.append(signals)
    try:
        result = collect(simulation, 5000, progress=False)
    finally:
        gc.callbacks.remove(signals)
    assert result.interrupted
    assert result.n_steps == sum(chunks[:3])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_interrupt_stops_at_once(monkeypatch):
    simulation = Simulation(lower.build(plan(zoo())))

    def twice(self, n):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("not reached")

    monkeypatch.setattr(Simulation, "advance", twice)
    with pytest.raises(KeyboardInterrupt):
        collect(simulation, 5000, progress=False)


def test_a_loop_of_short_runs_can_be_stopped(monkeypatch):
    simulation = Simulation(lower.build(plan(zoo())))
    advance, chunks = Simulation.advance, []

    def signals(self, n):
        if len(chunks) in (2, 3):
            signal.raise_signal(signal.SIGINT)
        chunks.append(n)
        return advance(self, n)

    monkeypatch.setattr(Simulation, "advance", signals)
    whole = [collect(simulation, 10, progress=False) for _ in range(3)]
    assert not any(result.interrupted for result in whole)  # it came in the last chunk
    with pytest.raises(KeyboardInterrupt):
        collect(simulation, 10, progress=False)


def test_a_handler_of_somebody_else_stays(monkeypatch):
    simulation = Simulation(lower.build(plan(zoo())))
    seen = []
    before = signal.signal(signal.SIGINT, lambda *_: seen.append("theirs"))
    advance = Simulation.advance

    def signals(self, n):
        signal.raise_signal(signal.SIGINT)
        return advance(self, n)

    monkeypatch.setattr(Simulation, "advance", signals)
    try:
        assert not collect(simulation, 50, progress=False).interrupted
    finally:
        signal.signal(signal.SIGINT, before)
    assert "theirs" in seen


def test_an_interrupt_at_once(monkeypatch):
    simulation = Simulation(lower.build(plan(zoo())))

    def stop(n):
        raise KeyboardInterrupt

    monkeypatch.setattr(simulation, "advance", stop)
    result = collect(simulation, 100, progress=False)
    assert result.interrupted
    assert result.n_steps == 0
    assert len(result.spikes["E"]) == 0
    assert result.rates()["E"] == 0 * u.Hz
    assert repr(result).startswith("<Result: 0 steps of 0.1 ms, interrupted")


def test_what_blows_up_stops_with_its_name():
    graph = draw(
        node("n1", "LIF", size=3, label="Cells", spk_reset="soft"),
        node("c", "ConstantCurrent", amplitude="1e38 pA"), drive("d", "c", "n1", 1e30),
    )  # fmt: skip
    with pytest.raises(
        RunError, match=r"V of Cells is not a number any more at 0\.001 s \(3"
    ):
        simulate(lower.build(plan(graph)), 1 * u.ms, progress=False)


def test_a_bar_shows_simulated_time(capsys, monkeypatch):
    monkeypatch.setattr("engine.run._simulate.BAR_AFTER", 0)
    simulate(lower.build(plan(draw(node("a", size=1)))), 250 * u.ms)
    assert "250/250 ms" in capsys.readouterr().err


def test_two_probes_of_one_variable_stand_side_by_side():
    graph = draw(
        node("a", size=4), node("v", "StateProbe", neurons=[1]),
        node("w", "StateProbe", neurons=[3, 0]), record("r", "a", "v"), record("q", "a", "w"),
    )  # fmt: skip
    result = simulate(lower.build(plan(graph)), 1 * u.ms, progress=False)
    assert list(result.neurons["a", "V"]) == [1, 3, 0]


def test_dt_of_the_environment():
    class One(engine.nn.Module):
        def __init__(self):
            super().__init__()
            self.a = engine.nn.LIF(1)

        def update(self):
            self.a(5 * u.mA)

    with engine.environ.context(dt=0.2 * u.ms):
        assert simulate(One(), 10 * u.ms, progress=False).n_steps == 50


def small(seed):
    return draw(
        node("p", "Poisson", 200, rate="50 Hz"), node("a", size=100, label="A"),
        project("e", "p", "a", rule="FixedProb", rule_params={"prob": 0.5}, weight="2 nS"),
        seed=seed,
    )  # fmt: skip


def test_a_hundred_runs_do_not_grow_memory():
    """Ten thousand synapses a run: what stays behind would show."""
    run = lambda seed: simulate(
        lower.build(plan(small(seed))), 20 * u.ms, progress=False
    )
    for seed in range(5):
        run(seed)
    gc.collect()
    tracemalloc.start()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for seed in range(100):
        run(seed)
    gc.collect()
    traced, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert traced < 4e6
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * (1024 if sys.platform == "linux" else 1) < 60e6


def test_programs_let_go_of_their_networks():
    import weakref

    network = lower.build(plan(small(0)))
    simulate(network, 1 * u.ms, progress=False)
    gone = weakref.ref(network)
    del network
    gc.collect()
    assert gone() is None
