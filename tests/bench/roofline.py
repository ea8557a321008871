"""How far is a run from what this machine can do at best?

    python tests/bench/roofline.py [--sizes 4000 40000 400000] [--rounds 3]

COBA from a document, on one core. The best is an estimate from simple streams, measured
in turns with the runs: all bytes of the state of a neuron once in and once out, at the
bandwidth of ``a = b + s c`` on arrays of that size, and an addition at a random place
for each synaptic event. It has no arithmetic, no tables, and no records.
"""

from __future__ import annotations

import argparse
import functools
import sys

from _networks import DT, NETWORKS
from _peers import once
from _table import heading, median, rounds, show

STATE = 13  # bytes of a neuron: voltage, two conductances, a byte for what is left
INPUTS = 80


def _ours(n: int, seconds: float, seed: int) -> dict:
    return once(sys.executable, "_ours.py", "coba", n, seconds, seed)


def _machine(n: int, _: int) -> dict:
    return once(sys.executable, "_machine.py", n, STATE * n)


def main() -> None:
    """Run the rounds, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[4000, 40_000, 400_000])
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    heading(__doc__.splitlines()[0], rounds=options.rounds)
    lines = []
    for n in options.sizes:
        seconds = NETWORKS["coba"].seconds(n, 1.0)
        sides = {
            "run": functools.partial(_ours, n, seconds),
            "machine": functools.partial(_machine, n),
        }
        found = rounds(sides, options.rounds)
        failed = next((rows for rows in found.values() if isinstance(rows, str)), None)
        if failed is not None:
            lines.append([n, *[None] * 6, failed])
            continue
        run, machine = found["run"], found["machine"]
        bandwidth, addition = median(machine, "bandwidth"), median(machine, "addition")
        streams = 2 * STATE * n / (DT * 1e-3) / bandwidth
        events = n * INPUTS * median(run, "rate") * addition
        wall, best = median(run, "wall"), streams + events
        row = [n, bandwidth / 1e9, 1e9 * addition, streams, events, best, wall]
        lines.append([*row, wall / best])
    titles = ["neurons", "GB/s", "ns an addition", "streams", "events", "best s per s"]
    show([*titles, "s per s", "ratio"], lines)


if __name__ == "__main__":
    main()
