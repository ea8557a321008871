"""A network of `_networks.py` by Neuroloom, from a document; one line of JSON out.

python _ours.py NETWORK NEURONS SECONDS SEED [CHANGES]

The changes are JSON for `document`.
"""

import json
import sys
import time
from collections.abc import Sequence

from _document import document
from _networks import WARM

import studio
from engine.lower import build
from engine.run import Simulation, Spikes


def advance(simulation: Simulation, steps: int, of: Sequence[str]) -> int:
    """Run steps and return how many spikes some populations had."""
    spikes = 0
    while steps:
        size = min(steps, simulation.capacity)
        chunk = simulation.advance(size)
        spikes += sum(chunk.spikes[key][1].size for key in of)
        steps -= size
    return spikes


def main(name: str, n: int, seconds: float, seed: int, changes: str = "{}") -> None:
    """Warm up, then measure."""
    begin = time.perf_counter()
    net = document(name, n, seed=seed, **json.loads(changes))
    cells = ("E", "I")  # not the spikes of a Poisson input: nobody records them
    record = [Spikes(label) for label in cells]
    simulation = Simulation(build(net.document.plan()), record=record)
    simulation.advance(1)
    ready = time.perf_counter() - begin
    advance(simulation, round(WARM * 1e4) - 1, cells)
    begin = time.perf_counter()
    spikes = advance(simulation, round(seconds * 1e4), cells)
    wall = time.perf_counter() - begin
    backend = simulation.backend
    result = {"wall": wall / seconds, "rate": spikes / n / seconds, "build": ready}
    result["version"] = f"{studio.__version__} {backend.name}"
    if backend.name != "native":
        result["note"] = backend.reason
    print(json.dumps(result))


if __name__ == "__main__":
    main(
        sys.argv[1],
        int(sys.argv[2]),
        float(sys.argv[3]),
        int(sys.argv[4]),
        *sys.argv[5:],
    )
