"""Threads that run a step together: how many, and that nobody waits for ever."""

import threading
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import fuse
from engine.fuse import _crew, _kernel


@pytest.mark.parametrize(
    ("settings", "n"),
    [
        ({"NEUROLOOM_THREADS": "3", "OMP_NUM_THREADS": "2"}, 3),
        ({"OMP_NUM_THREADS": "1"}, 1),
        ({"NEUROLOOM_THREADS": "999"}, _crew.MOST_THREADS),
    ],
)
def test_the_user_says_how_many(settings, n, monkeypatch):
    for name in _crew.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert _crew.n_processors() == n


@pytest.mark.parametrize("value", ["", "0", "-2", "many"])
def test_what_is_no_number_of_threads_is_passed_over(value, monkeypatch):
    for name in _crew.VARIABLES:
        monkeypatch.setenv(name, value)
    assert 1 <= _crew.n_processors() <= _crew.MOST_THREADS


def chosen(costs, n_calls):
    """Return the choices of calls whose steps cost so much on so many threads."""
    choice, found = _crew.Choice(2), []
    for k in range(n_calls):
        n = choice.next()
        found.append(n)
        cost = costs[n](k)
        clock = iter([0.0, cost])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_crew.time, "perf_counter", lambda clock=clock: next(clock))
            choice.timed(n, 1, lambda: 1)
    return found


def test_the_faster_is_taken():
    slow, fast = (lambda k: 2.0), (lambda k: 1.0)
    for costs, best in (({1: slow, 2: fast}, 2), ({1: fast, 2: slow}, 1)):
        found = chosen(costs, 60)
        assert found[2:] == [best] * 58


def test_several_are_left_when_the_machine_gets_busy_and_taken_again_later():
    costs = {1: lambda k: 1.5, 2: lambda k: 9.0 if 20 <= k < 40 else 1.0}
    found = chosen(costs, 1000)
    assert found[19] == 2
    assert found[21:60].count(2) <= 1
    assert found[-100:].count(2) >= 95


def kernel_of(n):
    closed = jax.make_jaxpr(lambda x, i: (x * 0.5 + 1.0, x > 1.5))(
        jnp.zeros(n), jnp.int32(0)
    )
    return fuse.Kernel(fuse.Code(closed, 1), 100)


def test_two_crews_at_once_both_come_to_an_end(monkeypatch):
    monkeypatch.setattr(_kernel, "LARGE", 0)
    monkeypatch.setattr(_kernel, "n_processors", lambda: 12)
    monkeypatch.setattr(_kernel.Choice, "next", lambda self: self.n)
    results = {}

    def work(name):
        kernel = kernel_of(4000)
        kernel.load(0, np.zeros(4000, np.float32))
        for first in range(0, 2000, 100):
            kernel.run(first, 100)
        results[name] = kernel.read(0)

    crews = [threading.Thread(target=work, args=(k,), daemon=True) for k in range(3)]
    for crew in crews:
        crew.start()
    end = time.monotonic() + 120
    for crew in crews:
        crew.join(max(0.0, end - time.monotonic()))
    assert not any(crew.is_alive() for crew in crews)
    for found in results.values():
        np.testing.assert_allclose(found, 2.0)
    assert len(results) == 3
