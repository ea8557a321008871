"""What a run gives, and its file."""

import json

import brainunit as u
import numpy as np
import pytest
from drawings import draw, node, record

from engine import lower
from engine.lower import plan
from engine.run import Result, RunError, SpikeTrain, simulate

HOSTILE = ["../../etc/passwd", "a/b", "", " ", "meta", "spikes0_steps", "\x00", "😀\u202e", "'; import os",
           "<script>", "a\nb", "\ud800", "x" * 200]  # fmt: skip


def made(labels):
    dt = 0.1 * u.ms
    spikes = {
        label: SpikeTrain(np.array([1, 5]), np.array([0, 2], np.uint32), 3, dt, 3 * i)
        for i, label in enumerate(labels)
    }
    traces = {(label, "V"): np.arange(6.0).reshape(3, 2) * u.mV for label in labels}
    traces |= {(label, "w"): np.arange(3.0).reshape(3, 1) for label in labels}
    traces |= {(label, "odd"): np.ones((3, 1)) * (u.nS / u.ms) for label in labels}
    neurons = {key: np.arange(value.shape[1]) for key, value in traces.items()}
    return Result(dt, 3, spikes, traces, neurons, interrupted=True)


def test_a_file_holds_everything(tmp_path):
    one = made(HOSTILE)
    path = one.save(tmp_path / "run.npz")
    other = Result.load(path)
    assert (other.n_steps, other.interrupted) == (3, True)
    assert other.dt == one.dt
    assert list(other.spikes) == HOSTILE
    for label in HOSTILE:
        a, b = one.spikes[label], other.spikes[label]
        assert np.array_equal(a.steps, b.steps)
        assert np.array_equal(a.neurons, b.neurons)
        assert (a.n, a.offset) == (b.n, b.offset)
    for key, trace in one.traces.items():
        assert u.get_unit(trace) == u.get_unit(other.traces[key]), key
        assert np.array_equal(u.get_mantissa(trace), u.get_mantissa(other.traces[key]))
        assert np.array_equal(one.neurons[key], other.neurons[key])


def test_a_run_to_a_file_and_back(tmp_path):
    graph = draw(
        node("a", size=3, label="V_th/\\'", V_init="-40 mV"),
        node("v", "StateProbe"),
        record("r", "a", "v"),
    )
    one = simulate(lower.build(plan(graph)), 2 * u.ms, progress=False)
    other = Result.load(one.save(str(tmp_path / "run.npz")))
    assert len(other.spikes["V_th/\\'"]) == 3
    a, b = (r.spikes["V_th/\\'"].times.to_decimal(u.ms) for r in (one, other))
    assert np.array_equal(a, b)
    a, b = (r.traces["V_th/\\'", "V"].to_decimal(u.mV) for r in (one, other))
    assert np.array_equal(a, b)
    assert repr(one) == repr(other)


def test_saving_is_all_or_nothing(tmp_path, monkeypatch):
    path = made(["a"]).save(tmp_path / "run.npz")
    before = path.read_bytes()

    def fail(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez_compressed", fail)
    with pytest.raises(OSError, match="disk full"):
        made(["b"]).save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 broken", b"\x93NUMPY"])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    with pytest.raises(RunError, match=r"x\.npz is no result of a run"):
        Result.load(path)


def test_damaged_results_are_refused(tmp_path):
    path = made(["a"]).save(tmp_path / "x.npz")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(RunError, match="no result of a run"):
        Result.load(path)
    for meta in (
        {},
        {"format": "new"},
        [],
        {"format": 1, "dt": [0.1, "ms"], "n_steps": 1},
    ):
        np.savez(path, meta=np.array(json.dumps(meta)))
        with pytest.raises(RunError, match="no result of a run"):
            Result.load(path)
    np.savez(path, meta=np.array([object()], dtype=object))
    with pytest.raises(RunError, match="no result of a run"):
        Result.load(path)


def test_newer_files_say_so(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, meta=np.array(json.dumps({"format": 99})))
    with pytest.raises(RunError, match="newer version"):
        Result.load(path)


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        Result.load(tmp_path / "none.npz")


def test_without_units(tmp_path):
    train = SpikeTrain(np.array([3]), np.array([0], np.uint32), 1, 0.1)
    assert np.allclose(train.times, 0.3)
    assert Result(0.1, 3, {"a": train}).t.shape == (3,)
