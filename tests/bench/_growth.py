"""Build and run COBA of a size from a document; one line of JSON out.

python _growth.py NEURONS SECONDS SEED [CONNECTIVITY]

The last is what `engine.environ.set(connectivity=...)` takes.
"""

import json
import resource
import sys
import time

from _document import document
from _networks import NETWORKS, WARM
from _ours import advance

import studio
from engine import environ
from engine.lower import build
from engine.run import Simulation, Spikes


def peak() -> int:
    """Return the most memory that this process had, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def tables(network: object) -> tuple[int, int]:
    """Return the bytes of all tables, and the number of synapses, stored or not."""
    comms = [part.comm for part in vars(network).values() if hasattr(part, "comm")]
    size, synapses = 0, 0
    for comm in comms:
        if hasattr(comm, "indices"):
            size += comm.indptr.nbytes + comm.indices.nbytes
            synapses += int(comm.indptr[-1])
        else:
            size += comm.recipe.nbytes
            synapses += int(comm.in_degrees().sum())
    return size, synapses


def main(n: int, seconds: float, seed: int, connectivity: str = "auto") -> None:
    """Warm up, then measure."""
    environ.set(connectivity=connectivity)
    net = document("coba", n, seed)
    plan = net.document.plan()
    empty = peak()
    begin = time.perf_counter()
    network = build(plan)
    built = time.perf_counter() - begin
    after_build = peak()
    begin = time.perf_counter()
    simulation = Simulation(network, record=[Spikes("E"), Spikes("I")])
    simulation.advance(1)
    ready = time.perf_counter() - begin
    advance(simulation, round(WARM * 1e4) - 1, "EI")
    steps = round(seconds * 1e4)
    begin = time.perf_counter()
    spikes = advance(simulation, steps, "EI")
    wall = time.perf_counter() - begin
    size, synapses = tables(network)
    result = {"a_step": wall / steps / n, "rate": spikes / n / seconds}
    result |= {"an_event": wall / max(1, spikes * sum(NETWORKS["coba"].inputs))}
    result |= {"built": built, "ready": ready, "tables": size, "synapses": synapses}
    result["spikes"] = spikes
    result |= {"peak_built": after_build - empty, "peak": peak() - empty}
    result["version"] = f"{studio.__version__} {simulation.backend.name}"
    print(json.dumps(result))


main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:5])
