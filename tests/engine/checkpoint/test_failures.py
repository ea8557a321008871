"""Whatever does not fit is told by name; States are written all or not at all."""

import shutil
import subprocess
import sys

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import orbax.checkpoint as ocp
import pytest

from engine import ParamState, State, checkpoint, compile, nn


class Net(nn.Module):
    def __init__(self, **others):
        super().__init__()
        self.hidden = nn.Linear(2, 3)
        self.V = State(jnp.zeros(3) * u.mV)
        for name, value in others.items():
            setattr(self, name, value)


@pytest.fixture
def saved(tmp_path):
    net = Net(tau=State(jnp.float32(5.0)), key=State(jax.random.key(0)))
    checkpoint.save(tmp_path / "c", net)
    return tmp_path / "c"


def fitting(**changed):
    others = {"tau": State(jnp.float32(1.0)), "key": State(jax.random.key(1))}
    return Net(**{k: v for k, v in (others | changed).items() if v is not None})


# what the target has instead, and what the message says
UNFIT = {
    "missing state": (
        {"tao": State(jnp.ones(2))},
        r"tao: the checkpoint does not have it",
    ),
    "extra state": ({"tau": None}, r"tau: the target does not have it"),
    "renamed state": (
        {"tau": None, "tau_m": State(jnp.float32(1.0))},
        r"tau_m: the checkpoint does not have it\. Did you mean 'tau'\?",
    ),
    "shape": (
        {"tau": State(jnp.ones(4))},
        r"tau: has shape \(\) in the checkpoint and \(4,\) here \(made at .*test_fail",
    ),
    "dtype": (
        {"tau": State(jnp.int32(1))},
        r"tau: is float32 in the checkpoint and int32 here",
    ),
    "other unit": (
        {"V": State(jnp.zeros(3) * u.nA)},
        r"V: is in mV in the checkpoint and in nA here",
    ),
    "no unit": (
        {"V": State(jnp.zeros(3))},
        r"V: is in mV in the checkpoint and without a unit here",
    ),
    "new unit": (
        {"tau": State(jnp.float32(1.0) * u.ms)},
        r"tau: is without a unit in the checkpoint and in ms here",
    ),
    "structure": (
        {"tau": State({"a": jnp.float32(1.0)})},
        r"tau: has the leaves \(the value\) in the checkpoint and \['a'\] here",
    ),
    "kind of key": (
        {"key": State(jax.random.key_data(jax.random.key(0))[0])},
        r"key: is a typed key.* and a raw key or array here",
    ),
    "generator": (
        {"key": State(jax.random.key(0, impl="rbg"))},
        r"key: is fry in the checkpoint and rbg here|threefry2x32.*rbg",
    ),
    "inside a layer": (
        {"hidden": nn.Linear(2, 4)},
        r"hidden\.weight: \['bias'\] has shape \(3,\) in the checkpoint and \(4,\)",
    ),
}


@pytest.mark.parametrize("name", UNFIT)
def test_what_does_not_fit_is_told_and_nothing_is_written(name, saved):
    changed, text = UNFIT[name]
    net = fitting(**changed)
    before = net.hidden.weight.value
    with pytest.raises(checkpoint.DifferentStatesError, match=text) as raised:
        checkpoint.restore(saved, net)
    assert "strict=False" in str(raised.value)
    assert net.hidden.weight.value is before


@pytest.mark.parametrize("name", UNFIT)
def test_what_fits_is_restored_when_asked(name, saved):
    changed, _ = UNFIT[name]
    net = fitting(**changed)
    values = {k: s.value for k, s in changed.items() if isinstance(s, State)}
    report = checkpoint.restore(saved, net, strict=False)
    assert not report.is_complete
    assert report.lines()
    n_left = len(report.missing) + len(report.unfit)
    assert len(report.restored) + n_left == len(net.states())
    for name, value in values.items():  # what does not fit is as before
        assert getattr(net, name).value is value
    if "tau" in report.restored:
        assert net.tau.value == 5.0


def test_many_misfits_are_cut_short(tmp_path):
    checkpoint.save(tmp_path / "c", {f"a{i}": State(jnp.ones(1)) for i in range(30)})
    with pytest.raises(ValueError, match="and 11 more"):
        checkpoint.restore(tmp_path / "c", {"b": State(jnp.ones(1))})


def test_what_is_no_checkpoint_is_told(saved, tmp_path):
    net = fitting()
    with pytest.raises(FileNotFoundError, match=r"no checkpoint at .*Did you mean 'c'"):
        checkpoint.restore(tmp_path / "cc", net)
    (tmp_path / "file").write_text("text")
    with pytest.raises(checkpoint.NotACheckpointError, match="it is a file"):
        checkpoint.restore(tmp_path / "file", net)
    (tmp_path / "folder").mkdir()
    with pytest.raises(checkpoint.NotACheckpointError, match="it has no manifest"):
        checkpoint.restore(tmp_path / "folder", net)
    with ocp.StandardCheckpointer() as other:
        other.save(tmp_path / "other", {"w": jnp.ones(2)})
    with pytest.raises(checkpoint.NotACheckpointError, match="read it by orbax"):
        checkpoint.restore(tmp_path / "other", net)
    composite = ocp.Checkpointer(ocp.CompositeCheckpointHandler())
    composite.save(
        tmp_path / "more",
        args=ocp.args.Composite(
            states=ocp.args.PyTreeSave({"w": jnp.ones(2)}),
            manifest=ocp.args.JsonSave({"mine": 1}),
        ),
    )
    with pytest.raises(checkpoint.NotACheckpointError, match="another program"):
        checkpoint.restore(tmp_path / "more", net)


KILLED = """
import os, sys
import jax.numpy as jnp
from engine import State, checkpoint
import orbax.checkpoint

def stop(*args, **kwargs):
    os._exit(9)

os.rename = os.replace = stop
checkpoint.save(sys.argv[1], State(jnp.ones(1000)))
"""


def test_an_interrupted_write_is_told(tmp_path):
    command = [sys.executable, "-c", KILLED, tmp_path / "c"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 9, done.stderr
    assert not (tmp_path / "c").exists()
    (left,) = tmp_path.iterdir()
    with pytest.raises(checkpoint.NotACheckpointError, match=r"was interrupted.*'c\."):
        checkpoint.restore(tmp_path / "c", State(jnp.ones(1000)))
    with pytest.raises(checkpoint.NotACheckpointError, match="was interrupted"):
        checkpoint.restore(left, State(jnp.ones(1000)))
    checkpoint.save(tmp_path / "c", State(jnp.ones(1000)))  # in spite of what is left
    checkpoint.restore(tmp_path / "c", State(jnp.zeros(1000)))


def test_an_interrupted_replacement_leaves_the_old_one(tmp_path, monkeypatch):
    state = State(jnp.float32(1.0))
    checkpoint.save(tmp_path / "c", state)

    def broken(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(ocp.Checkpointer, "save", broken)
    state.value = jnp.float32(2.0)
    with pytest.raises(OSError, match="disk full"):
        checkpoint.save(tmp_path / "c", state, force=True)
    checkpoint.restore(tmp_path / "c", state)
    assert state.value == 1.0


def test_lost_and_cut_files_are_told(tmp_path):
    # one array: of several that fail together, orbax leaves the others behind
    saved, state = tmp_path / "c", State(jnp.ones(3))
    checkpoint.save(saved, state)
    state.value = jnp.zeros(3)
    for file in (saved / "states").rglob("*"):
        if file.is_file() and file.parent.name == "d":
            file.write_bytes(b"")
    with pytest.raises(checkpoint.DamagedCheckpointError, match="cannot be read"):
        checkpoint.restore(saved, state)
    np.testing.assert_array_equal(state.value, [0, 0, 0])
    shutil.rmtree(saved / "states")
    with pytest.raises(checkpoint.DamagedCheckpointError, match="`states` is missing"):
        checkpoint.restore(saved, state)
    (saved / "states").mkdir()
    with pytest.raises(checkpoint.DamagedCheckpointError, match="cannot be read"):
        checkpoint.restore(saved, state)


def test_values_that_cannot_be_stored_are_told(tmp_path):
    @compile.jit
    def inside(x):
        checkpoint.save(tmp_path / "c", {"s": State(x)})

    with pytest.raises(checkpoint.UnsavableValueError, match="value of s is traced"):
        inside(1.0)
    for value in ("text", {"k": object()}, np.array(["a"]), 10**30):
        with pytest.raises(TypeError, match=r"value of cell\.name(\['k'\])? is a "):
            checkpoint.save(tmp_path / "c", {"cell": {"name": State(value)}})
    for target in ({}, 3, {"a": jnp.ones(2)}):
        with pytest.raises(checkpoint.CheckpointError, match="holds no State"):
            checkpoint.save(tmp_path / "c", target)
    donated = ParamState(jnp.ones(10), name="w")
    jax.jit(lambda x: x + 1, donate_argnums=0)(donated.value)
    with pytest.raises(RuntimeError, match=r"'w'.*donated"):
        checkpoint.save(tmp_path / "c", donated)
    assert not (tmp_path / "c").exists()
