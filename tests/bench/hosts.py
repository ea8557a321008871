"""What does dividing a network among devices and hosts cost, and would on 1 000 hosts?

    python tests/bench/hosts.py [--size 4000] [--steps 2000] [--rounds 3]

COBA with delays of one step and of 1.5 ms. First on 1, 2, 4 and 8 virtual devices of
this machine, then on two processes that stand for hosts: steps a second, whether the
spikes are those of one device, and the bytes that a process wrote (to sockets, mostly)
beside those of the cost model, `engine.divide.cost`. Devices that share the cores of
one machine make nothing faster: what is seen is the price.

Then the model alone, for up to 1 000 hosts with a share of the neurons each. Lists
would take 4 bytes a spike, at 10 Hz. The memory is that of what every device knows of
all neurons: their last spikes, and the rows of two projections.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import platform
import socket
import subprocess
import sys
from pathlib import Path

import jax
from _peers import RunFailedError
from _table import median, rounds, show

from engine.divide import Link, cost, kept_bytes, list_bytes

SCRIPT = Path(__file__).resolve().parent / "_hosts.py"
DEVICES = (1, 2, 4, 8)
DELAYS = (0.1, 1.5)
RATE, DT = 10.0, 1e-4
N_ROWS, N_PROJECTIONS = 16, 2
SHARES = (10_000, 100_000, 1_000_000)  # neurons of a host
LINKS = {
    "100 Gbit/s, 2 µs": Link(),
    "10 Gbit/s, 30 µs": Link(latency=30e-6, bandwidth=1.25e9),
}


def started(*arguments: object) -> subprocess.Popen:
    """Start a process of a run."""
    environment = {**os.environ, "JAX_PLATFORMS": "cpu"}
    environment.pop("XLA_FLAGS", None)
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, stdout=pipe, stderr=pipe, text=True, env=environment
    )


def ended(process: subprocess.Popen) -> dict:
    """Return what a process printed last."""
    out, error = process.communicate(timeout=1200)
    if process.returncode:
        raise RunFailedError(error.strip().splitlines()[-1][:300])
    return json.loads(out.strip().splitlines()[-1])


def run(
    n_hosts: int, devices: int, delay: float, n: int, steps: int, seed: int
) -> dict:
    """Run once, on devices of one process or on processes that stand for hosts."""
    what = ("--devices", devices, "--n", n, "--steps", steps, "--delay", delay)
    what = (*what, "--seed", seed)
    if n_hosts == 1:
        return ended(started(*what))
    with socket.socket() as one:
        one.bind(("localhost", 0))
        port = one.getsockname()[1]
    hosts = ",".join([f"localhost:{port}", *["localhost"] * (n_hosts - 1)])
    processes = [
        started(*what, "--hosts", hosts, "--host-id", i) for i in range(n_hosts)
    ]
    first, *_ = [ended(process) for process in processes]
    return first


def measured(n: int, steps: int, n_rounds: int) -> None:
    """Print a table of runs on this machine."""
    places = [(1, d) for d in DEVICES] + [(2, 1)]
    sides = {
        (delay, *place): functools.partial(run, *place, delay, n, steps)
        for delay in DELAYS
        for place in places
    }
    found = rounds(sides, n_rounds)
    lines = []
    for (delay, hosts, devices), rows in found.items():
        what = [delay, hosts, devices]
        if isinstance(rows, str):
            lines.append([*what, rows])
            continue
        alone = [row["spikes"] for row in found[delay, 1, 1]]
        is_same = [row["spikes"] for row in rows] == alone
        line = [*what, rows[0]["interval"], steps / median(rows, "wall")]
        line += ["same" if is_same else "OTHER"]
        if hosts > 1 and rows[0]["written"] is not None:
            line += [median(rows, "written") / steps, median(rows, "modelled") / steps]
            over = (rows[0]["written"] - rows[0]["modelled"]) / rows[0]["exchanges"]
            line += [over]
        lines.append(line)
    titles = ["delay ms", "hosts", "devices each", "steps an exchange", "steps/s"]
    titles += ["spikes", "bytes/step", "model", "more/exchange"]
    show(titles, [line + [None] * (len(titles) - len(line)) for line in lines], left=0)


def extrapolated() -> None:
    """Print what the model says for more hosts."""
    print("\nThe model: one device a host, one population, delay 1.5 ms (15 steps)\n")
    lines = []
    for share in SHARES:
        for hosts in (2, 10, 100, 1000):
            one = cost([share * hosts], hosts, interval=15)
            lists = list_bytes(share * (hosts - 1), RATE, DT)
            kept = kept_bytes(share * hosts, N_ROWS, N_PROJECTIONS) / 2**20
            times = [
                1e6 * one.seconds(link, is_ring)
                for link in LINKS.values()
                for is_ring in (False, True)
            ]
            line = [hosts, share, share * hosts, one.bytes_out, one.bytes_in]
            lines.append([*line, lists, kept, *times])
    titles = ["hosts", "neurons each", "neurons", "bytes out/step", "bytes in/step"]
    titles += ["as lists", "MB each for all"]
    titles += [f"µs/step, {name}{r}" for name in LINKS for r in ("", ", ring")]
    show(titles, lines, left=0)


def main() -> None:
    """Run, compare, extrapolate."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=4000)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(__doc__.splitlines()[0])
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    what = f"{options.size} neurons, {options.steps} steps, {options.rounds} rounds"
    print(f"JAX {jax.__version__}, {machine}; {what}\n")
    measured(options.size, options.steps, options.rounds)
    extrapolated()


if __name__ == "__main__":
    main()
