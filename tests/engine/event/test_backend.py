"""Native kernels are used where they can be, and named."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import event
from engine.event import _kernels
from engine.event._kernels import _layout

TABLE = (np.array([0, 1, 2], np.int32), np.array([1, 0], np.uint32))


def lowered(backend):
    """Lower a product; a new function each time, for jit remembers what it lowered."""

    def product(spikes, weight):
        return event.csr_matvec(spikes, *TABLE, weight, 2)

    with event.use_backend(backend):
        return jax.jit(product).lower(jnp.ones(2, bool), jnp.float32(1)).as_text()


def test_backend_is_named_with_a_reason():
    name, reason = event.backend()
    assert name in ("native", "xla")
    assert reason
    with event.use_backend("xla"):
        assert event.backend() == ("xla", "chosen by use_backend")
    assert event.backend() == (name, reason)


@pytest.mark.skipif(event.backend().name == "xla", reason="no native kernels here")
def test_the_chosen_backend_is_what_is_compiled():
    assert "neuroloom_push_bool_one_float32" in lowered("native")
    assert "neuroloom_push" in lowered("auto")
    assert "neuroloom_push" not in lowered("xla")


def test_unknown_backend_is_refused():
    with (
        pytest.raises(event.BackendError, match="'auto', 'native' or 'xla'"),
        event.use_backend("cuda"),
    ):
        pass


def test_without_kernels_xla_runs_and_says_why(monkeypatch):
    problem = "the moon is full"
    monkeypatch.setattr(_kernels, "native_problem", lambda: problem)
    monkeypatch.setattr("engine.event._backend.native_problem", lambda: problem)
    assert event.backend() == ("xla", problem)
    assert "neuroloom_push" not in lowered("auto")
    with (
        pytest.raises(event.BackendError, match=problem),
        event.use_backend("native"),
    ):
        pass


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (("int64_t rank;", "int64_t rank_;"), "struct XLA_FFI_Buffer"),
        (("void* data;", "int x; void* data;"), "struct XLA_FFI_Buffer"),
        (("API_MAJOR 0", "API_MAJOR 1"), "another major version"),
        (("Extension_Metadata = 1", "Extension_Metadata = 2"), "another number"),
    ],
)
def test_another_layout_of_the_call_frame_is_noticed(
    monkeypatch, tmp_path, change, text
):
    part = "xla/ffi/api/c_api.h"
    header = (Path(jax.ffi.include_dir()) / part).read_text()
    assert change[0] in header
    fake = tmp_path / part
    fake.parent.mkdir(parents=True)
    fake.write_text(header.replace(*change))
    monkeypatch.setattr(jax.ffi, "include_dir", lambda: str(tmp_path))
    assert text in _layout.layout_problem()


def test_missing_header_is_noticed(monkeypatch, tmp_path):
    monkeypatch.setattr(jax.ffi, "include_dir", lambda: str(tmp_path))
    assert "ships no c_api.h" in _layout.layout_problem()


def test_compiled_kernels_are_kept_in_the_cache_of_the_user(monkeypatch, tmp_path):
    from numba import config

    monkeypatch.setattr(config, "CACHE_DIR", "")
    monkeypatch.setattr(
        _kernels.platformdirs, "user_cache_path", lambda name: tmp_path / name
    )
    with _kernels._cache_folder() as is_kept:
        assert is_kept
        assert config.CACHE_DIR.startswith(str(tmp_path / "neuroloom" / "kernels"))
    assert config.CACHE_DIR == ""
    blocker = tmp_path / "file"
    blocker.touch()
    monkeypatch.setattr(_kernels.platformdirs, "user_cache_path", lambda name: blocker)
    with _kernels._cache_folder() as is_kept:
        assert not is_kept
