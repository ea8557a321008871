"""What do a weight and a delay of each synapse cost beside one for all?

    python tests/bench/weights_delays.py [--networks coba] [--sizes 4000 40000]
        [--rounds 3] [--seconds 1]

`plain` has one weight a projection and a delay of a step; the other rows change one
thing each, and the last one both. First from documents: what a drawing cannot say yet
is told as such. Then COBA written with the engine, whose ratios are to its own plain
case.
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


def lines(name: str, n: int, way: str, found: dict) -> list[list]:
    """Return the lines of one size."""
    plain = found["plain"]
    base = None if isinstance(plain, str) else median(plain, "wall")
    made = []
    for case, rows in found.items():
        first = [name, n, way, case]
        if isinstance(rows, str):
            made.append([*first, "not there", *[None] * 4, rows[:80]])
            continue
        wall, note = median(rows, "wall"), rows[0].get("note", "")
        numbers = [wall, base and wall / base]
        numbers += [median(rows, "build"), median(rows, "rate")]
        made.append([*first, rows[0]["version"], *numbers, note[:80]])
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
            ways = {"document": ("_ours.py", name)}
            if name == "coba":
                ways["engine"] = ("_by_hand.py",)
            for way, script in ways.items():
                run = functools.partial(once, sys.executable, *script, n, seconds)
                sides = {
                    case: functools.partial(_with, run, json.dumps(changes))
                    for case, changes in CASES.items()
                    if way == "document" or "delay" not in changes
                }
                table += lines(name, n, way, rounds(sides, options.rounds))
    titles = ["network", "neurons", "from", "synapses", "version", "s per s"]
    show([*titles, "ratio", "ready s", "Hz", "why"], table, left=5)


if __name__ == "__main__":
    main()
