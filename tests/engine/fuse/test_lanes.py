"""Lanes of a loop on several threads: the numbers of one thread, whatever else runs."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import compile, event
from engine.event._kernels import _layout
from engine.fuse import _lanes

N, STEPS = 50, 200


@pytest.fixture
def threads(monkeypatch):
    monkeypatch.setattr(_lanes, "LEAST_WORK", 0)
    return lambda n: monkeypatch.setenv("NEUROLOOM_THREADS", str(n))


def make():
    """Return a loop of a weight, written anew so that nothing is kept."""
    rng = np.random.default_rng(0)
    found = rng.random((N, N)) < 0.2
    indptr = np.concatenate([[0], found.sum(1).cumsum()]).astype(np.int32)
    indices = np.nonzero(found)[1].astype(np.uint32)
    start = jnp.asarray(rng.random(N), jnp.float32)

    def run(weight):
        def step(v, _):
            spikes = v > 1
            drive = event.csr_matvec(spikes, indptr, indices, weight, N)
            v = jnp.where(spikes, 0, v * 0.9 + 0.15 + drive)
            return v, (spikes.sum(), v[:3])

        return compile.scan(step, start, jnp.arange(STEPS))

    return run


def same(found, wanted):
    for a, b in zip(*map(jax.tree.leaves, (found, wanted)), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("lanes", [2, 3, 9])
@pytest.mark.parametrize("n", [2, 3, 8])
def test_threads_change_no_number(threads, n, lanes):
    weights = jnp.linspace(-0.2, 0.1, lanes)
    threads(1)
    alone = jax.vmap(make())(weights)
    assert len(np.unique(alone[0].sum(1))) == lanes
    threads(n)
    together = jax.jit(jax.vmap(make()))
    for _ in range(20):
        same(together(weights), alone)


def test_calls_from_many_threads_end(threads):
    weights = jnp.linspace(-0.2, 0.1, 7)
    threads(1)
    alone = jax.vmap(make())(weights)
    threads(4)
    together = jax.jit(jax.vmap(make()))
    together(weights)
    with ThreadPoolExecutor(12) as pool:
        calls = [pool.submit(together, weights) for _ in range(120)]
        for call in calls:
            same(call.result(timeout=60), alone)


def test_lanes_share_threads_with_other_work_of_a_program(threads):
    threads(3)
    run, weights = make(), jnp.linspace(-0.2, 0.1, 5)

    def several(weights):
        found = [jax.vmap(run)(weights * (1 + k)) for k in range(6)]
        large = jnp.ones((600, 600)) * weights[0]
        return found, jnp.linalg.norm(large @ large)

    found, _ = jax.jit(several)(weights)
    threads(1)
    for k, one in enumerate(found):
        same(one, jax.vmap(make())(weights * (1 + k)))


@pytest.mark.skipif(os.name != "posix", reason="one thread elsewhere")
@pytest.mark.parametrize(
    ("lanes", "work", "allowed", "wanted"),
    [
        (1, 2**40, 8, 1),
        (64, _lanes.LEAST_WORK - 1, 8, 1),
        (64, _lanes.LEAST_WORK, 8, 8),
        (3, 2**40, 8, 3),
        (64, 2**40, 1, 1),
    ],
)
def test_how_many_threads(monkeypatch, lanes, work, allowed, wanted):
    monkeypatch.setenv("NEUROLOOM_THREADS", str(allowed))
    assert _layout.has_tasks()
    assert _lanes.n_threads(lanes, work) == wanted


@pytest.mark.parametrize(
    "change",
    [
        ("FIELD(XLA_FFI_ThreadPool_Schedule)", "FIELD(XLA_FFI_Other)"),
        ("  _XLA_FFI_API_STRUCT_FIELD(XLA_FFI_State_Set);\n", ""),
        ("  _XLA_FFI_API_STRUCT_FIELD(XLA_FFI_State_Set);", "  int set; int more;"),
        ("void* data;\n};", "int more;\n};"),
        ("XLA_FFI_Error* error;", "int error_code;"),
    ],
)
def test_another_interface_means_one_thread(monkeypatch, tmp_path, change):
    header = (Path(jax.ffi.include_dir()) / _layout.HEADER).read_text()
    assert change[0] in header
    fake = tmp_path / _layout.HEADER
    fake.parent.mkdir(parents=True)
    fake.write_text(header.replace(*change))
    monkeypatch.setattr(jax.ffi, "include_dir", lambda: str(tmp_path))
    assert not _layout.has_tasks.__wrapped__()
