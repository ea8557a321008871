"""How fast is a drawn network beside each peer?

    python tests/bench/networks.py [--networks coba cuba brunel adex hh]
        [--sizes 4000 ...] [--peers brian2 nest ...] [--rounds 3] [--seconds 1]

Peers are installed at their first use, each in an environment of its own (a folder in
the user's cache). A round runs all of them one after the other, each in a process of
its own with one thread; the table holds medians of the rounds. Neuroloom runs a
document that records all spikes of its cells; so do the peers. Measured is the loop,
after 0.1 s of simulated time; `ready` is the time until the first step is done,
compilers included.

Brian2 runs as C++ standalone, in double precision, and so does NEST, which integrates
conductances with a solver that chooses its steps. `engine`, `brainstate-0.1.0` and
`brainpy` run the same script, where only the import differs. Each round has another
seed. Mean rates of one network differ by less than 10 %, which a column tells; those
of a single seed and a short run differ by more.

Networks of over 40 000 cells run for a shorter time. A peer that needs minutes for one
runs it only if `--peers` names that peer.
"""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Callable

from _networks import NETWORKS, Net
from _peers import once, python_of
from _table import heading, median, rounds, show

Side = Callable[[str, int, float, int], dict]
"""Runs a network: its name, neurons, seconds, seed."""


def _peer(name: str, script: str, *first: str) -> Side:
    return lambda *network: once(python_of(name), script, *first, *network)


SIDES: dict[str, Side] = {
    "neuroloom": lambda *network: once(sys.executable, "_ours.py", *network),
    "brian2": _peer("brian2", "_brian2.py"),
    "nest": _peer("nest", "_nest.py"),
    "brainpy": _peer("brainpy", "_brainstate.py", "brainpy"),
    "engine": lambda *network: once(
        sys.executable, "_brainstate.py", "engine", *network
    ),
    "brainstate-0.1.0": _peer("brainstate-0.1.0", "_brainstate.py", "brainstate"),
}
SLOW = {"nest": 40_000, "brainstate-0.1.0": 40_000}
"""Most neurons of a peer that was not asked for by name."""
FAR = 0.1  # of the rate


def measure(name: str, n: int, sides: dict[str, Side], options: object) -> list:
    """Return the lines of one network."""
    seconds = NETWORKS[name].seconds(n, options.seconds)
    runs = {
        key: functools.partial(side, name, n, seconds) for key, side in sides.items()
    }
    found = rounds(runs, options.rounds)
    ours = found["neuroloom"]
    base = rate = None
    if not isinstance(ours, str):
        base, rate = median(ours, "wall"), median(ours, "rate")
    lines = []
    for key, rows in found.items():
        if isinstance(rows, str):
            lines.append([key, "does not run", *[None] * 5, rows])
            continue
        wall, hertz = median(rows, "wall"), median(rows, "rate")
        tail = [wall, base and wall / base, median(rows, "build"), hertz]
        agrees = rate is not None and abs(hertz - rate) <= FAR * rate
        tail += ["yes" if agrees else "NO", rows[0].get("note", "")]
        lines.append([key, rows[0]["version"], *tail])
    return lines


def sides_of(model: Net, n: int, wanted: list[str] | None) -> dict[str, Side]:
    """Return what runs a network of a size."""
    if wanted is not None:
        return {"neuroloom": SIDES["neuroloom"], **{k: SIDES[k] for k in wanted}}
    events = n * sum(model.inputs) / 80
    return {k: s for k, s in SIDES.items() if events <= SLOW.get(k, events)}


def main() -> None:
    """Run the rounds, and print a table of each network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=[*NETWORKS])
    parser.add_argument("--sizes", type=int, nargs="+", help="default: of the network")
    parser.add_argument("--peers", nargs="*", choices=[*SIDES][1:])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0)
    options = parser.parse_args()
    heading(__doc__.splitlines()[0], rounds=options.rounds)
    titles = ["program", "version", "s per s", "ratio", "ready s", "Hz", "same rate"]
    for name in options.networks:
        model = NETWORKS[name]
        for n in options.sizes or model.sizes:
            sides = sides_of(model, n, options.peers)
            lines = measure(name, n, sides, options)
            print(f"{model.title}, {n} neurons")
            show([*titles, ""], lines, left=2)
            print(flush=True)


if __name__ == "__main__":
    main()
