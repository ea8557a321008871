"""How large a network will be, before anything is built."""

from __future__ import annotations

import importlib.util
import math
import mmap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx as nx

from ..kinds import Param
from ._read import Drawing, read
from ._storage import (
    RECIPE_BYTES,
    SPARE_BELOW,
    WORD,
    Storage,
    index_bytes,
    n_synapses,
    storage,
    table_bytes,
)

RING_BYTES = 2**21
BUFFER_BYTES = 2**23
SECONDS_TO_COMPILE = 0.8
SECONDS_A_SYNAPSE = 2e-8


@dataclass(frozen=True)
class Estimate:
    """Size of a network.

    Parameters
    ----------
    neurons : int
        Neurons of all populations and inputs.
    synapses : float
        Expected number of synapses.
    state_bytes, synapse_bytes : int
        Memory of the state variables, and of the connections at their peak.
    build_seconds : float
        Time to draw the connections and to compile.
    unstored : float
        Expected number of synapses that no table holds: they are drawn anew at every
        spike, as their tables would not fit the memory, or as was chosen.
    """

    neurons: int
    synapses: float
    state_bytes: int
    synapse_bytes: int
    build_seconds: float
    unstored: float = 0.0

    @property
    def bytes(self) -> int:
        """All memory."""
        return self.state_bytes + self.synapse_bytes

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON, with the memory that is free."""
        return {
            "neurons": self.neurons,
            "synapses": round(self.synapses),
            "unstored": round(self.unstored),
            "bytes": self.bytes,
            "seconds": round(self.build_seconds, 2),
            "free_bytes": free_bytes(),
        }


def estimate(graph: nx.Graph) -> Estimate:
    """Return how large the network of a graph will be."""
    drawing = read(graph)
    return estimate_drawing(drawing, storage_of(drawing))


def n_ring(n: int, dt_ms: float, longest: int, param: Param | None) -> int:
    """Return the longest delay in steps that the ring of a population has room for.

    It is the range of the slider where that costs little memory, so that delays can
    change while a network runs.
    """
    high = 20.0 if param is None or param.high is None else param.high
    steps = min(round(high / dt_ms), RING_BYTES // max(n, 1), 1000)
    return max(longest, steps, 1)


def estimate_drawing(drawing: Drawing, kept: Storage) -> Estimate:
    """Return how large the network of a drawing will be, of which so much is stored."""
    neurons, state = _of_states(drawing)
    total, unstored, table, largest = 0.0, 0.0, 0.0, 0.0
    for edge in drawing.edges.values():
        n = n_synapses(drawing, edge)
        total += n
        if edge.id in kept.unstored:
            unstored += n
            table += RECIPE_BYTES
            continue
        size = table_bytes(drawing, edge)
        table += size
        # a small table is copied to where it has room, and is drawn in whole words
        largest = max(largest, size if n < SPARE_BELOW else 0.0)
        if index_bytes(drawing, edge) < WORD:
            largest = max(largest, n * WORD)
    return Estimate(
        neurons=neurons,
        synapses=total,
        state_bytes=state,
        synapse_bytes=int(min(table + largest, 1e30)),
        build_seconds=SECONDS_TO_COMPILE + SECONDS_A_SYNAPSE * (total - unstored),
        unstored=unstored,
    )


def storage_of(drawing: Drawing) -> Storage:
    """Return what of a drawing is stored here."""
    return storage(drawing, _of_states(drawing)[1], _room)


def _of_states(drawing: Drawing) -> tuple[int, int]:
    """Return the number of neurons, and the memory of all that is no table."""
    neurons, state = 0, 0
    for node in drawing.nodes.values():
        if node.kind is None or node.kind.shape == "probe" or node.is_muted:
            continue
        neurons += node.size
        n_states = max(len(node.kind.variables), 0) + 1
        n_spread = sum(isinstance(v, dict) for v in node.params.values())
        ring = n_ring(node.size, drawing.dt_ms, 1, None)
        state += node.size * (4 * (n_states + n_spread) + 1 + ring)
    for edge in drawing.edges.values():
        if edge.target in drawing.nodes and n_synapses(drawing, edge):
            size = drawing.nodes[edge.target].size
            state += 8 * size
            if isinstance(edge.delay, dict):  # sums for the steps to come
                state += 2 * size * n_ring(size, drawing.dt_ms, 1, None)
    return neurons, int(2 * state) + (BUFFER_BYTES if neurons else 0)


def _room() -> int | None:
    """Return the memory that a network can have, with what this process has already.

    What was stored once stays stored when its drawing is planned again.
    """
    free = free_bytes()
    return None if free is None else free + _own_bytes()


def _own_bytes() -> int:
    status = Path("/proc/self/statm")
    if not status.is_file():
        return 0
    return int(status.read_text().split()[1]) * mmap.PAGESIZE


def free_bytes() -> int | None:
    """Return the memory that can still be used here, None where nobody says."""
    known = [n for n in (_free_of_machine(), _free_of_container()) if n is not None]
    return min(known, default=None)


def _free_of_machine() -> int | None:
    meminfo = Path("/proc/meminfo")
    if meminfo.is_file():
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    if importlib.util.find_spec("psutil") is not None:
        import psutil  # type: ignore[import-not-found]

        return int(psutil.virtual_memory().available)
    return None


def _free_of_container(folder: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Return what a container (a class on a hub) still has of its limit."""
    limit, used = folder / "memory.max", folder / "memory.current"
    if not (limit.is_file() and used.is_file()):
        return None
    text = limit.read_text().strip()
    return max(int(text) - int(used.read_text()), 0) if text.isdecimal() else None


def shown_count(n: float) -> str:
    """Return a number of synapses for a sentence: "64 M"."""
    for factor, name in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e4, " k")):
        if n >= factor:
            scale = factor if name != " k" else 1e3
            return f"{n / scale:.3g}{name}"
    return f"{math.floor(n):,}".replace(",", "\u2009")


def shown_bytes(n: float) -> str:
    """Return an amount of memory for a sentence: "2.1 GB"."""
    for factor, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if n >= factor:
            return f"{n / factor:.3g} {name}"
    return f"{n / 1e3:.0f} kB"
