"""Where there is no native code for a step, a program of XLA runs it alike."""

from collections import OrderedDict

import numpy as np
import pytest
from drawings import zoo

from engine.run import _compiled


@pytest.fixture
def xla(monkeypatch):
    """Take the native code away, and the programs made until now."""
    monkeypatch.setattr(_compiled, "can_run", lambda: "of a test")
    monkeypatch.setattr(_compiled._kept, "programs", OrderedDict())


def test_chunks_states_and_values(xla, simulation, advance, same):
    sim = simulation(zoo())
    assert sim._program.why_not == "of a test"
    whole = advance(sim, 300)
    sim.reset()
    assert same(advance(sim, 300, 7), whole)
    other = simulation(zoo())
    assert other._program is sim._program
    advance(other, 130)
    kept = other.state()
    rest = advance(other, 170)
    sim.restore(kept)
    assert same(advance(sim, 170, 50), rest)
    assert sim.set("n1.params.tau", "19 ms")
    assert sim.set("e1.rule.params.prob", 0.25)
    sim.reset()
    assert not same(advance(sim, 300), whole)
    assert sim.n_traces == 1


def test_native_code_does_the_same_but_for_rounding(simulation, advance, request):
    native = simulation(zoo())
    assert native._program.why_not == ""
    found = advance(native, 200)
    request.getfixturevalue("xla")
    plain = advance(simulation(zoo()), 200)
    for key in ("spikes p", "spikes t"):
        assert np.array_equal(found[key], plain[key])
    assert np.allclose(found["trace v1"][:20], plain["trace v1"][:20], atol=1e-3)
    for key in ("n1", "n2", "n3", "n4"):
        a, b = (run[f"counts {key}"].sum() for run in (found, plain))
        assert a == pytest.approx(b, rel=0.1, abs=3)
