"""What the tests of runs share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import lower
from engine.run import Chunk, Simulation


@pytest.fixture
def simulation():
    """Return `simulation(graph)`: a simulation at step 0 that records all spikes."""
    return lambda graph, **options: Simulation(
        lower.build(lower.plan(graph)), **{"record": "all", **options}
    )


@pytest.fixture
def advance():
    """Return `advance(simulation, n_steps, at_once)`: all that its chunks hold."""

    def advance(sim: Simulation, n_steps: int, at_once: int | None = None) -> dict:
        chunks = []
        while n_steps:
            n = min(n_steps, at_once or sim.capacity, sim.capacity)
            chunks.append(sim.advance(n))
            n_steps -= n
        return joined(chunks)

    return advance


def joined(chunks: list[Chunk]) -> dict[str, Any]:
    """Return chunks as one: events as step and neuron, counts, traces."""
    found: dict[str, Any] = {}
    for key in chunks[0].spikes:
        events = [
            np.stack([c.step0 + c.spikes[key][0].astype(np.int64), c.spikes[key][1]])
            for c in chunks
        ]
        found[f"spikes {key}"] = np.concatenate(events, axis=1)
        found[f"counts {key}"] = np.concatenate([c.counts[key] for c in chunks])
    for key in chunks[0].traces:
        found[f"trace {key}"] = np.concatenate([c.traces[key] for c in chunks])
    return found


@pytest.fixture
def same():
    """Return `same(one, other)`: whether two runs are equal bit for bit."""

    def same(one: dict, other: dict) -> bool:
        assert one.keys() == other.keys()
        return all(np.array_equal(one[key], other[key]) for key in one)

    return same
