"""What does showing a run cost beside running it?

    python tests/bench/live.py [--neurons 4000] [--steps 100] [--chunks 300] [--rounds 3]

COBA from a document. `headless` advances chunk after chunk; `live` makes a picture of
each as `studio.live` does, spikes of the rows that are drawn, rates, and traces, and
packs it for the browser, message and buffer. Both run on the same network in one
process and take turns, chunk by chunk, so that what else the machine does meets them
alike.
"""

from __future__ import annotations

import argparse
import functools
import json
import statistics
import sys
import time

from _peers import once
from _table import heading, rounds, show


def child(n: int, steps: int, n_chunks: int) -> None:
    """Measure in this process; prints one line of JSON."""
    from _document import document

    import studio
    from studio.live import EngineBuilder, FrameBuilder
    from widgets import pack

    net = document("coba", n)
    net.probe("E", "V", neurons=[0, 1])
    network = EngineBuilder()(net.document.graph, lambda _: None)
    frames = FrameBuilder(network.dt, network.sizes, network.traces)

    def picture() -> int:
        header, arrays = frames.frame()
        _, sizes, buffer = pack(arrays)
        told = {key: value for key, value in header.items() if value is not None}
        told = {"type": "frame", "seq": 0, "layout": 1, **told, "sizes": sizes}
        text = json.dumps(told)
        return len(text.encode()) + len(buffer)

    def headless() -> int:
        network.advance(steps)
        return 0

    def live() -> int:
        frames.add(network.advance(steps))
        return picture()

    ways = {"headless": headless, "live": live}
    network.advance(network.capacity)
    live()
    took: dict[str, list[float]] = {name: [] for name in ways}
    size = dict.fromkeys(ways, 0)
    for i in range(n_chunks):
        order = [*ways.items()] * 2  # each comes first as often as last
        for name, way in order[i % len(ways) :][: len(ways)]:
            begin = time.perf_counter()
            size[name] += way()
            took[name].append(time.perf_counter() - begin)
    seconds = {name: statistics.median(times) for name, times in took.items()}
    sizes = {name: size[name] / n_chunks for name in ways}
    version = f"{studio.__version__} {network.simulation.backend.name}"
    print(json.dumps({"seconds": seconds, "bytes": sizes, "version": version}))


def main() -> None:
    """Run the rounds, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--neurons", type=int, default=4000)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--chunks", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.neurons, options.steps, options.chunks)
        return
    what = {"neurons": options.neurons, "steps of a chunk": options.steps}
    heading(__doc__.splitlines()[0], **what, rounds=options.rounds)
    flags = ("--child", "--neurons", options.neurons, "--steps", options.steps)
    run = functools.partial(once, sys.executable, "live.py", *flags)
    sides = {"live": lambda seed: run("--chunks", options.chunks)}
    rows = rounds(sides, options.rounds)["live"]
    if isinstance(rows, str):
        raise SystemExit(rows)
    ratio = lambda row, way: row["seconds"][way] / row["seconds"]["headless"]
    show(
        ["chunk", "us", "us a step", "ratio", "bytes"],
        [
            [
                way,
                1e6 * (a_chunk := statistics.median(r["seconds"][way] for r in rows)),
                1e6 * a_chunk / options.steps,
                statistics.median(ratio(row, way) for row in rows),
                statistics.median(row["bytes"][way] for row in rows),
            ]
            for way in rows[0]["seconds"]
        ],
    )
    print(f"\nversion {rows[0]['version']}")


if __name__ == "__main__":
    main()
