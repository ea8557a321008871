"""Settings: the innermost context wins, on its own thread."""

import threading

import brainunit as u
import jax
import jax.numpy as jnp
import pytest

from engine import environ, mixin


@pytest.fixture(autouse=True)
def as_before():
    settings, behaviors = dict(environ._settings), dict(environ._behaviors)
    yield
    for now, before in (
        (environ._settings, settings),
        (environ._behaviors, behaviors),
    ):
        now.clear()
        now.update(before)


def test_contexts_nest_and_end():
    environ.set(dt=0.1)
    with environ.context(dt=0.2, fit=True) as inside:
        assert inside["dt"] == environ.get("dt") == 0.2
        with environ.context(dt=0.3 * u.ms):
            assert environ.get_dt() == 0.3 * u.ms
            assert environ.get("fit")
        assert environ.get_dt() == 0.2
    assert environ.get_dt() == 0.1
    assert "fit" not in environ.all()


def test_a_context_ends_when_its_block_raises():
    with pytest.raises(RuntimeError), environ.context(dt=5):
        raise RuntimeError
    with pytest.raises(KeyError):
        environ.get("dt")


def test_other_threads_see_no_context_but_every_setting():
    environ.set(dt=0.1)
    seen = []
    with environ.context(dt=0.2):
        thread = threading.Thread(target=lambda: seen.append(environ.get_dt()))
        thread.start()
        thread.join()
    assert seen == [0.1]


def test_what_is_not_set_is_named_with_the_way_to_set_it():
    # 0.1.0 speaks of another package here
    with pytest.raises(
        KeyError, match=r"'dt' \(the time step.*environ\.set\(dt=\.\.\.\)"
    ):
        environ.get_dt()
    environ.set(delta=1)
    with pytest.raises(KeyError, match="Did you mean 'delta'"):
        environ.get("delte")
    assert environ.get("absent", 3) == 3
    assert environ.get("absent", None) is None


@pytest.mark.parametrize(
    ("precision", "types"),
    [
        (8, ("float8_e5m2", "int8", "uint8", "complex64")),
        (16, ("bfloat16", "int16", "uint16", "complex64")),
        ("bf16", ("bfloat16", "int16", "uint16", "complex64")),
        (32, ("float32", "int32", "uint32", "complex64")),
        (64, ("float64", "int64", "uint64", "complex128")),
    ],
)
def test_types_follow_the_precision(precision, types):
    with environ.context(precision=precision):
        kinds = (environ.dftype, environ.ditype, environ.dutype, environ.dctype)
        assert tuple(str(kind()) for kind in kinds) == types
        assert environ.tolerance().dtype == environ.dftype()
        assert jnp.ones(1, environ.dftype()).dtype == types[0]
        assert jax.config.read("jax_enable_x64") == (precision == 64)
    assert not jax.config.read("jax_enable_x64")
    assert environ.get_precision() == 32


def test_behaviors_run_on_entry_and_with_the_old_value_on_exit():
    calls = []
    environ.set(gain=1)
    environ.register_default_behavior("gain", calls.append)
    with environ.context(gain=2):
        assert calls == [2]
    assert calls == [2, 1]
    environ.set(gain=3)
    assert calls == [2, 1, 3]
    with pytest.raises(ValueError, match="has a behavior already"):
        environ.register_default_behavior("gain", print)
    environ.register_default_behavior("gain", lambda v: None, replace_if_exist=True)
    with pytest.raises(ValueError, match="callable"):
        environ.register_default_behavior("other", 3)


def test_modes_and_memory_scaling_have_defaults():
    assert type(environ.get_mode()) is mixin.Mode
    with environ.context(mode=mixin.JointMode(mixin.Training(), mixin.Batching(4))):
        assert environ.get_mode().has(mixin.Batching)
        assert environ.get_mode().batch_size == 4
    assert environ.get_mem_scaling().scale(2.0) == 2.0


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"platform": "cpu"}, r"environ\.set\(platform"),
        ({"host_device_count": 2}, r"environ\.set\(host_device_count"),
        ({"precision": 31}, "precision is 31"),
        ({"mode": "training"}, "mode is 'training'"),
    ],
)
def test_impossible_settings_are_refused_in_a_context(settings, text):
    with pytest.raises(ValueError, match=text), environ.context(**settings):
        pass
    assert environ.get_precision() == 32


def test_impossible_settings_are_refused_for_the_process():
    with pytest.raises(ValueError, match=r"'cpuu'.*Did you mean 'cpu'"):
        environ.set_platform("cpuu")
    with pytest.raises(ValueError, match="host_device_count is 0"):
        environ.set_host_device_count(0)
    with pytest.raises(ValueError, match="precision is 33"):
        environ.set(precision=33)


def test_devices_are_asked_of_xla(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_a=1")
    assert environ.get("host_device_count") == 1
    environ.set(host_device_count=4)
    environ.set_host_device_count(2)
    assert environ.get_host_device_count() == 2
    assert environ.get("platform") == environ.get_platform() == jax.default_backend()
