"""How fast is the conductance-based balanced network, from a document, beside Brian2?

    python tests/bench/coba.py [--sizes 4000 40000] [--rounds 3] [--seconds 1]

Installs Brian2 in an environment of its own (a folder in the user's cache), runs both
one after the other, each in a process of its own with one thread, and prints medians,
rates and ratios. Both simulate the network with constant drive: 80 % excitatory cells,
80 inputs a cell, dt 0.1 ms. Brian2 runs as C++ standalone; only its loop is timed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import venv
from pathlib import Path

import platformdirs

HERE = Path(__file__).resolve().parent
PEER = platformdirs.user_cache_path("neuroloom") / "bench" / "brian2"


def peer_python() -> Path:
    """Return the interpreter that has Brian2, installed at the first use."""
    python = PEER / "bin" / "python"
    if not python.exists():
        venv.create(PEER, with_pip=True)
        packages = ["brian2==2.9.0", "numpy<2.4", "setuptools"]
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
    return python


def once(python: str | Path, script: str, n: int, seconds: float) -> dict:
    """Run one simulator once; it prints one line of JSON."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "JAX_PLATFORMS": "cpu"}
    command = [python, HERE / script, str(n), str(seconds)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    """Run the rounds, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[4000, 40000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0)
    options = parser.parse_args()
    sides = {"neuroloom": (sys.executable, "_ours.py")}
    sides["brian2"] = (peer_python(), "_brian2.py")
    print(f"{'neurons':>8} {'simulator':<24} {'s per s':>9} {'Hz':>6} {'ratio':>6}")
    for n in options.sizes:
        found: dict[str, list[dict]] = {name: [] for name in sides}
        for _ in range(options.rounds):
            for name, (python, script) in sides.items():
                found[name].append(once(python, script, n, options.seconds))
        medians = {
            name: statistics.median(row["wall"] for row in rows)
            for name, rows in found.items()
        }
        for name, rows in found.items():
            rate = statistics.mean(row["rate"] for row in rows)
            ratio = medians[name] / medians["neuroloom"]
            what = f"{name} {rows[0]['version']}"
            print(f"{n:>8} {what:<24} {medians[name]:>9.4f} {rate:>6.1f} {ratio:>6.1f}")


if __name__ == "__main__":
    main()
