"""How long is a training step by surrogate gradients beside libraries on torch?

    python tests/bench/training.py [--steps 20] [--rounds 3] [--peers snntorch ...]

Two layers of 256 leaky integrate-and-fire cells and a linear readout of mean activity,
100 time steps, 64 samples of random spikes on 700 channels, cross entropy on random
labels, Adam. Weights, data and equation are the same, which the first loss shows;
surrogate gradients differ a little from library to library. `engine-layers` is the
same network taken layer by layer through all time steps, as spikingjelly takes it. On
CPUs, one thread.
"""

from __future__ import annotations

import argparse
import functools
import sys

from _peers import once, python_of
from _table import Run, heading, median, rounds, show

OURS = ["engine", "engine-layers"]
PEERS = ["snntorch", "norse", "spikingjelly"]


def side(name: str, n_steps: int) -> Run:
    """Return what trains with a library."""
    python = (lambda: sys.executable) if name in OURS else (lambda: python_of(name))
    return lambda seed: once(python(), "_training.py", name, n_steps, seed)


def main() -> None:
    """Run the rounds, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=PEERS)
    options = parser.parse_args()
    heading(__doc__.splitlines()[0], steps=options.steps, rounds=options.rounds)
    sides = {name: side(name, options.steps) for name in [*OURS, *options.peers]}
    found = rounds(sides, options.rounds)
    base = median(found["engine"], "wall")
    lines = []
    for name, rows in found.items():
        if isinstance(rows, str):
            lines.append([name, "does not run", *[None] * 5, rows])
            continue
        number = functools.partial(median, rows)
        wall = number("wall")
        times = [1e3 * wall, wall / base, number("ready")]
        losses = [f"{number(key):.4f}" for key in ("first", "last")]
        lines.append([name, rows[0]["version"], *times, *losses, ""])
    titles = ["library", "version", "ms a step", "ratio", "ready s"]
    show([*titles, "first loss", "last loss", ""], lines, left=2)


if __name__ == "__main__":
    main()
