"""Threads that run one function together, and how many of them."""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ._emit import MOST_THREADS
from ._turns import GATE_WORDS

LARGE = 20_000
"""Elements of a step's largest array from which on several threads may pay."""
AGAIN = 64  # calls after which the other choice is tried again
_busy = threading.Lock()
VARIABLES = ("NEUROLOOM_THREADS", "OMP_NUM_THREADS")


def n_processors() -> int:
    """Return how many threads there may be: processors, or what the user allows.

    The environment variables NEUROLOOM_THREADS and OMP_NUM_THREADS are looked at.
    """
    for name in VARIABLES:
        text = os.environ.get(name, "")
        if text.isdigit() and int(text) > 0:
            return min(int(text), MOST_THREADS)
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST_THREADS)
    return min(os.cpu_count() or 1, MOST_THREADS)


@functools.cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="neuroloom")


def _gate(n: int) -> np.ndarray:
    """Return what `n` threads wait at."""
    words = np.zeros(GATE_WORDS, np.uint64)
    words[2 * GATE_WORDS // 3] = n
    return words


_OPEN = _gate(1)  # one thread only looks at it


def together(n: int, call: Callable[[int, int, int], int]) -> int:
    """Run ``call(part, stop, gate)`` on `n` threads; this one is the first.

    On one thread while others run together: two crews, each with half of the threads,
    would wait for ever. Returns what the first returned.
    """
    if n == 1 or not _busy.acquire(blocking=False):
        return call(0, MOST_THREADS, _OPEN.ctypes.data)
    try:
        gate = _gate(n)
        place = gate.ctypes.data
        others = [_pool().submit(call, k, k + 1, place) for k in range(1, n)]
        done = call(0, 1, place)
        for other in others:
            other.result()
    finally:
        _busy.release()
    return done


class Choice:
    """One thread or several: the faster of the two, found by trying.

    Several collapse where another program needs the processor, for they wait for
    each other; so both are tried again now and then.

    Parameters
    ----------
    n : int
        Number of threads there may be.
    """

    def __init__(self, n: int):
        self.n = n
        self._cost: dict[int, float] = {}
        self._calls = 0

    def next(self) -> int:
        """Return the number of threads of the next call."""
        if self.n == 1:
            return 1
        self._calls += 1
        for n in (self.n, 1):
            if n not in self._cost:
                return n
        best = min(self._cost, key=self._cost.__getitem__)
        is_trial = self._calls % AGAIN == 0
        return (self.n if best == 1 else 1) if is_trial else best

    def timed(self, n: int, steps: int, run: Callable[[], int]) -> int:
        """Run, and remember what a step cost with so many threads."""
        begin = time.perf_counter()
        done = run()
        cost = (time.perf_counter() - begin) / max(steps, 1)
        before = self._cost.get(n, cost)
        self._cost[n] = 0.5 * (before + cost)
        return done
