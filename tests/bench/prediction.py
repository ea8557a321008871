"""How well is the time of a network told before it is built?

    python tests/bench/prediction.py [--networks coba cuba ...] [--sizes 4000 40000]
        [--seconds 1]

Each network is told twice: how long until its first step is done without code of an
earlier session, and how long a second of simulated time takes on one thread at the
rates that it then has. A row whose ratio is not between 1 / 1.3 and 1.3 is marked.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time

from _networks import NETWORKS
from _peers import once
from _table import heading, show

FAR = 1.3


def child(name: str, n: int, seconds: float) -> None:
    """Tell and measure in this process; prints one line of JSON."""
    from _document import document
    from _ours import advance

    from engine.lower import build
    from engine.run import Forecast, Simulation, Spikes

    plan = document(name, n).document.plan()
    begin = time.perf_counter()
    forecast = Forecast(plan)
    told_in = time.perf_counter() - begin
    begin = time.perf_counter()
    record = [Spikes(label) for label in ("E", "I")]
    simulation = Simulation(build(plan), record=record)
    simulation.advance(1)
    ready = time.perf_counter() - begin
    advance(simulation, 1000, ("E", "I"))
    steps = round(seconds * 1e4)
    counts, took, left = dict.fromkeys(("E", "I"), 0), 0.0, steps
    while left:
        size = min(left, simulation.capacity)
        begin = time.perf_counter()
        chunk = simulation.advance(size)
        took += time.perf_counter() - begin
        for key in counts:
            counts[key] += chunk.spikes[key][1].size
        left -= size
    sizes = simulation.sizes
    rates = {key: n / sizes[key] / seconds for key, n in counts.items()}
    told = forecast.at(rates)
    print(
        json.dumps(
            {
                "told": told.run_seconds,
                "run": took / seconds,
                "told_ready": told.build_seconds,
                "ready": ready,
                "told_in": told_in,
            }
        )
    )


def main() -> None:
    """Tell and measure each network, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=[*NETWORKS])
    parser.add_argument("--sizes", type=int, nargs="+", help="default: of the network")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child[0], int(options.child[1]), options.seconds)
        return
    heading(__doc__.splitlines()[0])
    os.environ["NEUROLOOM_CACHE"] = "0"
    table = []
    for name in options.networks:
        for n in options.sizes or NETWORKS[name].sizes:
            seconds = NETWORKS[name].seconds(n, options.seconds)
            what = ("prediction.py", "--seconds", seconds, "--child", name, n)
            row = once(sys.executable, *what)
            run, ready = row["told"] / row["run"], row["told_ready"] / row["ready"]
            marks = ["" if 1 / FAR < ratio < FAR else "FAR" for ratio in (run, ready)]
            line = [name, n, row["told"], row["run"], run, marks[0]]
            line += [row["told_ready"], row["ready"], ready, marks[1], row["told_in"]]
            table.append(line)
    titles = ["network", "neurons", "told s per s", "s per s", "ratio", ""]
    titles += ["told ready s", "ready s", "ratio", "", "told in s"]
    show(titles, table, left=1)


if __name__ == "__main__":
    main()
