"""What does a neuron and a synapse cost as a network grows?

    python tests/bench/growth.py [--sizes 4000 ... 4000000] [--rounds 3] [--seconds 0.3]

COBA from a document, with 80 inputs a cell at every size. All of the time of a run is
told once a neuron and step, and once a synaptic event (a spike that arrives at one
synapse): both stay level if growth costs nothing of its own. Memory is what the
process took at its peak over what it had before the network was built.

A size that would take more than half of the free memory is left out.
"""

from __future__ import annotations

import argparse
import functools
import sys

from _document import document
from _networks import NETWORKS
from _peers import once
from _table import heading, median, rounds, show

SIZES = [4000, 12_500, 40_000, 125_000, 400_000, 1_250_000, 4_000_000]
MEGA = 2**20


def fits(n: int) -> bool:
    """Tell whether there is room for a network, and say so if not."""
    guess = document("coba", n).estimate().to_dict()
    is_small = 2 * guess["bytes"] < (guess["free_bytes"] or float("inf"))
    if not is_small:
        print(f"{n} cells left out: about {guess['bytes'] / MEGA:.0f} MiB are needed")
    return is_small


def line(n: int, rows: list[dict] | str) -> list:
    """Return what is told of a size."""
    if isinstance(rows, str):
        return [n, rows, *[None] * 11]
    size, synapses = rows[0]["tables"], rows[0]["synapses"]
    found = {key: median(rows, key) for key in rows[0] if key != "version"}
    return [
        n,
        rows[0]["version"],
        1e9 * found["a_step"],
        1e9 * found["an_event"],
        found["rate"],
        found["built"],
        found["ready"],
        synapses / 1e6,
        size / synapses,
        size / MEGA,
        found["peak_built"] / MEGA,
        found["peak"] / MEGA,
        found["peak"] / size,
    ]


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
    sizes = [n for n in options.sizes if fits(n)]
    sides = {
        n: functools.partial(run, n, model.seconds(n, options.seconds)) for n in sizes
    }
    found = rounds(sides, options.rounds)
    titles = ["neurons", "version", "ns a step", "ns an event", "Hz", "build s"]
    titles += ["compile s", "M synapses", "bytes each", "tables MiB"]
    titles += ["peak of build", "peak MiB", "of tables"]
    show(titles, (line(n, rows) for n, rows in found.items()), left=2)


if __name__ == "__main__":
    main()
