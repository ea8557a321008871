"""One process of a network that is divided; prints a line of JSON at its end."""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from pathlib import Path

import jax
import numpy as np
from _document import document

from engine.lower import build
from engine.run import join_hosts, want_devices
from engine.run._devices import devices_of
from engine.run._divided import DividedSimulation

IO = Path("/proc/self/io")


def written() -> int | None:
    """Return the bytes this process has written, sockets included; None if unknown."""
    if not IO.exists():
        return None
    rows = dict(line.split(": ") for line in IO.read_text().splitlines())
    return int(rows["wchar"])


def advance(simulation: DividedSimulation, n_steps: int) -> bytes:
    """Run steps; return a digest of the spikes."""
    digest = hashlib.blake2b(digest_size=8)
    while n_steps:
        chunk = simulation.advance(min(n_steps, simulation.capacity))
        for steps, neurons in chunk.spikes.values():
            digest.update(np.stack([steps + chunk.step0, neurons]).tobytes())
        n_steps -= chunk.n
    return digest.digest()


def main() -> None:
    """Join, warm up, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("devices", "n", "steps", "seed"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--delay", type=float)
    parser.add_argument("--hosts")
    parser.add_argument("--host-id", type=int)
    options = parser.parse_args()
    if options.hosts:
        devices = join_hosts(options.hosts, options.host_id, options.devices)
    else:
        want_devices(options.devices)
        devices = devices_of(options.devices)
    net = document("coba", options.n, options.seed, delay=options.delay)
    simulation = DividedSimulation(build(net.document.plan()), devices)
    begin = time.perf_counter()
    first = advance(simulation, 100)
    ready = time.perf_counter() - begin
    before, begin = written(), time.perf_counter()
    rest = advance(simulation, options.steps)
    wall, after = time.perf_counter() - begin, written()
    cost = simulation.cost(jax.process_count())
    exchanges = options.steps * cost.exchanges
    found = {
        "wall": wall,
        "ready": ready,
        "spikes": (first + rest).hex(),
        "written": None if after is None or before is None else after - before,
        "modelled": cost.bytes_in * options.steps,
        "exchanges": exchanges,
        "interval": simulation.exchange.interval,
    }
    print(json.dumps(found), flush=True)


main()
