"""What a synaptic event costs here, and how fast this machine is.

The costs were measured on one machine; another is as much slower as it is at a small
piece of arithmetic.
"""

from __future__ import annotations

import functools
import time

import numpy as np

from ..event._blocks import n_blocks

RATE = 10.0  # Hz, of a population of which nothing else is known
EVENT, FAR_EVENT = 6e-10, 1.4e-9  # s, of a table in a cache or not
NARROW_FAR_EVENT = 8e-10  # s, of a table that is far, with targets in 16 bits
DRAWN_EVENT, FAR_DRAWN_EVENT = 2e-9, 6e-9  # s, to few or many targets
FAR_SYNAPSES, FAR_TARGETS = 400_000, 1_000_000
UNIT = 2.5e-6  # s


def event_seconds(synapses: float, n_post: int, is_stored: bool) -> float:
    """Return the time of an event at one synapse of a projection.

    Parameters
    ----------
    synapses : float
        Number of synapses of the projection.
    n_post : int
        Number of its targets.
    is_stored : bool
        Whether they are a table, or drawn at every spike.
    """
    if is_stored:
        far = NARROW_FAR_EVENT if n_blocks(n_post) == 1 else FAR_EVENT
        cost = far if synapses > FAR_SYNAPSES else EVENT
    else:
        cost = FAR_DRAWN_EVENT if n_post >= FAR_TARGETS else DRAWN_EVENT
    return cost * slowness()


@functools.cache
def slowness() -> float:
    """Return how much longer this machine takes than the one the costs are of."""
    return _unit() / UNIT


def _unit(rounds: int = 99, times: int = 30) -> float:
    """Return the seconds that a small piece of arithmetic takes as a rule."""
    a = np.linspace(0.1, 1.0, 4096, dtype=np.float32)
    out = np.empty_like(a)
    took = []
    for _ in range(rounds):
        begin = time.perf_counter()
        for _ in range(times):
            np.multiply(a, a, out)
            np.sqrt(out, out)
        took.append((time.perf_counter() - begin) / times)
    return float(np.median(took))
