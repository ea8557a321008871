"""What does a stored table cost to build and use, beside just-in-time connections?

    python tests/bench/wiring.py [--sizes 4000 40000 400000] [--rounds 3] [--degree 80]

COBA from a document, with as many inputs a cell at every size, built and run in two
ways: `stored`, and `just-in-time`, where a neuron's targets are drawn when it spikes.
All of the time of a run is told once a synaptic event (a spike that arrives at one
synapse). Both give the same spikes; the script stops if they do not.
"""

from __future__ import annotations

import argparse
import functools
import sys

from _networks import NETWORKS
from _peers import once
from _table import heading, median, rounds, show

SIZES = [4000, 40_000, 400_000]
WAYS = ("stored", "just-in-time")
MEGA = 2**20


def line(n: int, way: str, rows: list[dict] | str) -> list:
    """Return what is told of a size and a way."""
    if isinstance(rows, str):
        return [n, way, rows]
    return [
        n,
        way,
        rows[0]["version"],
        rows[0]["synapses"] / 1e6,
        median(rows, "built"),
        median(rows, "ready"),
        rows[0]["tables"] / MEGA,
        median(rows, "peak_built") / MEGA,
        1e9 * median(rows, "an_event"),
        median(rows, "rate"),
    ]


def check(found: dict) -> None:
    """Stop if both ways do not give the same spikes."""
    for (n, _), rows in found.items():
        pair = [found[n, way] for way in WAYS]
        if any(isinstance(rows, str) for rows in pair):
            continue
        spikes = [[row["spikes"] for row in rows] for rows in pair]
        if spikes[0] != spikes[1]:
            sys.exit(f"{n} cells: {spikes[0]} spikes stored, {spikes[1]} just-in-time")


def main() -> None:
    """Run the rounds, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.3)
    options = parser.parse_args()
    heading(__doc__.splitlines()[0], rounds=options.rounds)
    model = NETWORKS["coba"]
    run = functools.partial(once, sys.executable, "_growth.py")
    sides = {
        (n, way): functools.partial(
            _run, run, n, model.seconds(n, options.seconds), way
        )
        for n in options.sizes
        for way in WAYS
    }
    found = rounds(sides, options.rounds)
    titles = ["neurons", "connections", "version", "M synapses", "build s", "compile s"]
    titles += ["tables MiB", "peak of build", "ns an event", "Hz"]
    show(titles, (line(*key, rows) for key, rows in found.items()), left=3)
    check(found)


def _run(run: functools.partial, n: int, seconds: float, way: str, seed: int) -> dict:
    return run(n, seconds, seed, way)


if __name__ == "__main__":
    main()
