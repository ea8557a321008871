"""Do two processes with two devices each train as one process with one device does?

    python tests/bench/two_processes.py

Runs `notebooks/data_parallel.py` alone, then as two processes that talk through
`jax.distributed`, and compares losses and weights. Exits with an error when they
differ by more than rounding.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

PROGRAM = Path(__file__).resolve().parents[2] / "notebooks" / "data_parallel.py"
N = 2  # processes
TOLERANCE = 2e-6  # float32: a sum over devices has another order


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as one:
        one.bind(("localhost", 0))
        return one.getsockname()[1]


def run(folder: Path) -> tuple[dict, list[dict]]:
    """Return what one process finds alone, and what each of several finds."""

    def start(name: str, *options: str) -> subprocess.Popen:
        command = [sys.executable, PROGRAM, *options, "--save", folder / f"{name}.npz"]
        return subprocess.Popen(command)

    def wait(processes: dict[str, subprocess.Popen]) -> list[dict]:
        codes = {name: process.wait(timeout=300) for name, process in processes.items()}
        if any(codes.values()):
            raise SystemExit(f"{PROGRAM.name}: exit codes {codes}")
        return [dict(np.load(folder / f"{name}.npz")) for name in processes]

    (alone,) = wait({"alone": start("alone", "--devices", "1")})
    of = ("--devices", "2", "--of", str(N), "--coordinator", f"localhost:{free_port()}")
    together = wait({f"{i}": start(f"{i}", *of, "--process", str(i)) for i in range(N)})
    return alone, together


def largest_difference(alone: dict, together: list[dict]) -> float:
    """Return the largest difference of any number; names have to be equal."""
    for one in together:
        if one.keys() != alone.keys():
            raise SystemExit(f"names differ: {sorted(one)} and {sorted(alone)}")
    return max(float(abs(one[k] - alone[k]).max()) for one in together for k in alone)


def main() -> None:
    """Run, compare, tell."""
    with tempfile.TemporaryDirectory() as folder:
        alone, together = run(Path(folder))
    difference = largest_difference(alone, together)
    print(f"{N} processes and one alone: largest difference {difference:.2g}")
    if difference > TOLERANCE:
        raise SystemExit(f"more than {TOLERANCE}")


if __name__ == "__main__":
    main()
