"""What do a weight and a delay of each synapse cost beside one for all?

    python tests/bench/weights_delays.py [--networks coba] [--sizes 4000 40000]
        [--rounds 3] [--seconds 1]

From documents. `plain` has one weight a projection and a delay of a step; the other
rows change one thing each, and the last one both. What a drawing cannot say yet is
told as such.
"""

from __future__ import annotations

import argparse
import functools
import json
import sys

from _networks import NETWORKS
from _peers import once
from _table import Run, heading, median, rounds, show

CASES = {
    "plain": {},
    "delay 3 ms": {"delay": 3.0},
    "weights, 10 % spread": {"weight_spread": 0.1},
    "delays, 0.1 to 3 ms": {"delays": [0.1, 3.0]},
    "weights and delays": {"weight_spread": 0.1, "delays": [0.1, 3.0]},
}


def lines(name: str, n: int, found: dict) -> list[list]:
    """Return the lines of one size."""
    base = median(found["plain"], "wall")
    made = []
    for case, rows in found.items():
        if isinstance(rows, str):
            made.append([name, n, case, "not there", *[None] * 4, rows[:60]])
            continue
        wall, note = median(rows, "wall"), rows[0].get("note", "")
        numbers = [wall, wall / base, median(rows, "build"), median(rows, "rate")]
        made.append([name, n, case, rows[0]["version"], *numbers, note[:60]])
    return made


def _with(run: Run, changes: str, seed: int) -> dict:
    return run(seed, changes)


def main() -> None:
    """Run the rounds, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=["coba"])
    parser.add_argument("--sizes", type=int, nargs="+", default=[4000, 40_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0)
    options = parser.parse_args()
    heading(__doc__.splitlines()[0], rounds=options.rounds)
    table = []
    for name in options.networks:
        for n in options.sizes:
            seconds = NETWORKS[name].seconds(n, options.seconds)
            run = functools.partial(once, sys.executable, "_ours.py", name, n, seconds)
            sides = {
                case: functools.partial(_with, run, json.dumps(changes))
                for case, changes in CASES.items()
            }
            table += lines(name, n, rounds(sides, options.rounds))
    titles = ["network", "neurons", "synapses", "version", "s per s", "ratio"]
    show([*titles, "ready s", "Hz", "why"], table, left=4)


if __name__ == "__main__":
    main()
