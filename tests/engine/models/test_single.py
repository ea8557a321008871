"""One cell, one synapse: models with a formula, from drawings."""

import logging

import brainunit as u
import numpy as np
import pytest
from cells import HODGKIN_HUXLEY, notebook
from drawings import draw, drive, node, project, record

from engine import compile as transform, environ, kinds, lower, nn
from engine.run import Simulation, simulate

LOG = logging.getLogger("models")  # pytest --log-cli-level=INFO


def run(graph, ms):
    return simulate(lower.build(lower.plan(graph)), ms * u.ms, progress=False)


@pytest.mark.parametrize("tau_ref", ["0 ms", "2 ms", "5 ms"])
@pytest.mark.parametrize("V_reset", ["-60 mV", "-70 mV"])
def test_frequency_of_a_cell_by_its_current(tau_ref, V_reset):
    r"""The period is t_ref + tau ln((RI + V_rest - V_reset) / (RI + V_rest - V_th))."""
    graph = draw(
        node("c", "ConstantCurrent"), node("a", size=1, tau_ref=tau_ref, V_reset=V_reset),
        drive("d", "c", "a"),
    )  # fmt: skip
    simulation = Simulation(lower.build(lower.plan(graph)))
    reset, ref = float(V_reset.split()[0]), float(tau_ref.split()[0])
    for current in (99.9, 101, 110, 150, 230, 500, 2000):
        simulation.reset()
        simulation.set("c.params.amplitude", f"{current} pA")
        steps = np.concatenate([
            1000 * i + simulation.advance(1000).spikes["a"][0].astype(int) for i in range(3)
        ])  # fmt: skip
        drop = 0.1 * current - 60
        if drop <= -50:
            assert steps.size == 0
            continue
        period = 20 * np.log((drop - reset) / (drop + 50))
        expected = round(10 * ref) + np.ceil(10 * period - 1e-3)
        assert np.all(np.abs(np.diff(steps) - expected) <= (period > 60))
    assert simulation.n_traces == 1


def test_alpha_current_moves_the_voltage_as_its_formula():
    """PSP of a current w e (t/s) exp(-t/s) on a leaky membrane."""
    tau, s, w, R = 20.0, 3.0, 100.0, 0.1  # ms, ms, pA, mV/pA
    graph = draw(
        node("t", "SpikeTimes", 1, times=["0 ms"], indices=[0]), node("a", size=1),
        node("v", "StateProbe"), record("r", "a", "v"),
        project("e", "t", "a", synapse="Alpha", output="CUBA", weight=f"{w} pA", delay="0 ms",
                synapse_params={"tau": f"{s} ms"}),
    )  # fmt: skip
    V = run(graph, 100).traces["a", "V"].to_decimal(u.mV)[:, 0] + 60
    t = 0.1 * np.arange(V.size)
    k = 1 / s - 1 / tau
    exact = (
        R
        * w
        * np.e
        / (s * tau)
        * np.exp(-t / tau)
        * (1 - np.exp(-k * t) * (1 + k * t))
        / k**2
    )
    assert V.max() == pytest.approx(exact.max(), rel=0.005)
    assert np.max(np.abs(V - exact)) < 0.02 * exact.max()


def test_weak_conductance_moves_the_voltage_as_its_formula():
    """Far from its reversal it is an exponential current; 64 bits see the small PSP."""
    graph = draw(
        node("t", "SpikeTimes", 1, times=["0 ms"], indices=[0]), node("a", size=1),
        node("v", "StateProbe"), record("r", "a", "v"),
        project("e", "t", "a", weight="0.01 nS", delay="0 ms"), precision=64,
    )  # fmt: skip
    V = run(graph, 100).traces["a", "V"].to_decimal(u.mV)[:, 0] + 60
    t = 0.1 * (np.arange(V.size) + 1)
    exact = 0.1 * 0.01 * 60 * (5 / 15) * (np.exp(-t / 20) - np.exp(-t / 5))
    assert np.max(np.abs(V - exact)) < 0.015 * exact.max()


@pytest.mark.parametrize("f", [5, 10, 20, 40])
@pytest.mark.parametrize("model", ["STD", "STP"])
def test_depression_of_a_regular_train(f, model):
    """Tsodyks and Markram: x = (1 - e) / (1 - (1 - U) e) just before a spike."""
    dt = 0.1 * u.ms
    every = round(10_000 / f)
    synapse = (
        nn.STD(1, tau=800 * u.ms, U=0.5) if model == "STD"
        else nn.STP(1, U=0.5, tau_d=800 * u.ms, tau_f=1e-3 * u.ms)
    )  # fmt: skip

    def step(i):
        with environ.context(i=i, t=i * dt):
            return synapse(np.ones(1) * (i % every == 0))[0]

    with environ.context(dt=dt):
        nn.init_all_states(synapse)
        release = np.asarray(transform.for_loop(step, np.arange(40 * every)))
    x = release[39 * every] / 0.5
    e = np.exp(-1 / (f * 0.8))
    assert x == pytest.approx((1 - e) / (1 - 0.5 * e), rel=2e-3)
    table = {5: 0.3623, 10: 0.2103, 20: 0.1143, 40: 0.0597}
    assert x == pytest.approx(table[f], abs=3e-4)


@pytest.mark.parametrize("rate", [3.0, 80.0])
def test_poisson_statistics(rate):
    graph = draw(node("p", "Poisson", 2000, rate=f"{rate} Hz"))
    train = run(graph, 2000).spikes["p"]
    counts = np.bincount(train.neurons, minlength=2000)
    expected = 2 * rate
    assert counts.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / 2000))
    p = rate * 1e-4
    assert counts.var() / counts.mean() == pytest.approx(1 - p, abs=0.15)
    intervals = np.concatenate(
        [np.diff(train.steps[train.neurons == i]) for i in range(300)]
    )
    if rate > 50:
        assert intervals.std() / intervals.mean() == pytest.approx(1, abs=0.05)
        assert intervals.min() == 1
        share = np.mean(intervals > 100)
        assert share == pytest.approx((1 - p) ** 100, abs=0.02)
    per_step = np.bincount(train.steps, minlength=20_000)
    assert np.corrcoef(per_step[1:], per_step[:-1])[0, 1] == pytest.approx(0, abs=0.03)
    pair = [
        np.bincount(train.steps[train.neurons == i] // 500, minlength=40)
        for i in (0, 1)
    ]
    assert abs(np.corrcoef(*pair)[0, 1]) < 0.6


@pytest.mark.slow
def test_hodgkin_and_huxley():
    """Squid axon by current density; published (plain numpy) rates in Hz."""
    published = {6.0: None, 6.5: 55.3, 7.0: 58.4, 10.0: 68.3, 20.0: 86.5}
    notebook(HODGKIN_HUXLEY)
    try:
        parts = []
        for i, density in enumerate(published):
            parts += [
                node(f"c{i}", "ConstantCurrent", amplitude=f"{10 * density} pA"),
                node(f"n{i}", "HH", 1), drive(f"d{i}", f"c{i}", f"n{i}"),
            ]  # fmt: skip
        result = run(draw(*parts, dt="0.01 ms"), 1000)
    finally:
        kinds.unregister(kinds.get("node", "HH"))
    for i, (density, rate) in enumerate(published.items()):
        times = result.spikes[f"n{i}"].steps * 1e-5
        late = times[times > 0.2]
        found = 0.0 if late.size < 3 else 1 / np.diff(late).mean()
        LOG.info("HH %s uA/cm2: %.1f Hz, anchor %s", density, found, rate)
        if rate is None:
            assert late.size == 0
        else:
            assert found == pytest.approx(rate, rel=0.01), density
