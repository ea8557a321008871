"""What do many parameter sets cost together, and one after the other?

    python tests/bench/vmap.py [--sizes 400 4000] [--sets 64] [--steps 1000]
        [--rounds 3]

COBA with as many weights of inhibition, on one core unless said. `loop` and `vmap` run
the same function of the weight, a network written with the engine, without and with
`vmap`; connections are shared. Both run as native code, so that on one core lanes gain
no more than the work that they share; on several, lanes run beside each other, which
runs one after the other cannot. `groups` is vmap over eight lanes at a time. `document`
is what a drawn network offers: one Simulation, `set`, `reset`, and run again, nothing
compiled anew. Rates are those of the first and the last weight.
"""

from __future__ import annotations

import argparse
import functools
import sys

from _peers import once
from _table import heading, median, rounds, show

ALL = "all cores"
WAYS = ["loop", "vmap", "groups", "document", f"loop, {ALL}", f"vmap, {ALL}"]


def main() -> None:
    """Run the rounds, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[400, 4000])
    parser.add_argument("--sets", type=int, default=64)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    what = {"sets": options.sets, "steps": options.steps}
    heading(__doc__.splitlines()[0], **what, rounds=options.rounds)
    lines = []
    for n in options.sizes:
        size = (n, options.sets, options.steps)
        sides = {way: functools.partial(_run, way, *size) for way in WAYS}
        found = rounds(sides, options.rounds)
        base = median(found["loop"], "wall")
        for way, rows in found.items():
            if isinstance(rows, str):
                lines.append([n, way, "does not run", *[None] * 5, rows])
                continue
            wall = median(rows, "wall")
            numbers = [wall, wall / base, 1e3 * wall / options.sets]
            numbers += [median(rows, key) for key in ("ready", "first", "last")]
            lines.append([n, way, f"jax {rows[0]['version']}", *numbers, ""])
    titles = ["neurons", "way", "version", "s of all", "ratio", "ms a set"]
    show([*titles, "ready s", "first Hz", "last Hz", ""], lines, left=3)


def _run(way: str, *what: int) -> dict:
    kind, _, cores = way.partition(", ")
    return once(sys.executable, "_vmap.py", kind, *what, on_all_cores=cores == ALL)


if __name__ == "__main__":
    main()
