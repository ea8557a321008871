"""How long is it from `import` to the first chunk of a drawn network?

    python tests/bench/start.py [--neurons 4000] [--rounds 5]

COBA from a document. `cold` keeps no compiled program (NEUROLOOM_CACHE=0); `warm` finds
those of a process before it, in a folder that is made for this bench. Each start is a
process of its own; `process` is its time from beginning to end. `prepare` is a
Simulation but for its trace and its code: parts that start are compiled by XLA.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time

from _peers import once
from _table import heading, median, rounds, show

PARTS = ["import", "draw", "build", "prepare", "trace", "compile", "first chunk"]


def child(n: int) -> None:
    """Start in this process; prints one line of JSON."""
    took: dict[str, float] = {}

    class Part:
        """Adds the time of a block to a part."""

        def __init__(self, name: str):
            self.name = name

        def __enter__(self) -> None:
            self.begin = time.perf_counter()

        def __exit__(self, *error: object) -> None:
            part = time.perf_counter() - self.begin
            took[self.name] = took.get(self.name, 0.0) + part

    with Part("import"):
        from _document import document

        import engine.run._compiled as compiled
        import studio
        from engine.lower import build
        from engine.run import Simulation

    def timed(name: str, function: object) -> object:
        def call(*args: object, **kwargs: object) -> object:
            with Part(name):
                return function(*args, **kwargs)

        return call

    compiled.trace = timed("trace", compiled.trace)
    compiled.Code = timed("compile", compiled.Code)
    with Part("draw"):
        net = document("coba", n)
        plan = net.document.plan()
    with Part("build"):
        network = build(plan)
    with Part("prepare"):
        simulation = Simulation(network)
    took["prepare"] -= sum(took.get(name, 0.0) for name in ("trace", "compile"))
    with Part("first chunk"):  # of XLA it compiles here
        simulation.advance(100)
    with Part("second chunk"):
        simulation.advance(100)
    version = f"{studio.__version__} {simulation.backend.name}"
    print(json.dumps(took | {"version": version}))


def start(n: int, **settings: str) -> dict:
    """Start once and return the parts, with the time of the whole process."""
    begin = time.perf_counter()
    row = once(sys.executable, "start.py", "--child", "--neurons", n, **settings)
    row["process"] = time.perf_counter() - begin
    return row


def main() -> None:
    """Run the rounds, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--neurons", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.neurons)
        return
    heading(__doc__.splitlines()[0], neurons=options.neurons, rounds=options.rounds)
    with tempfile.TemporaryDirectory() as folder:
        # where programs are kept on Linux; elsewhere the user's own folder fills
        kept = {"XDG_CACHE_HOME": folder, "NEUROLOOM_CACHE": "1"}
        start(options.neurons, **kept)
        sides = {
            "cold": lambda seed: start(options.neurons, NEUROLOOM_CACHE="0"),
            "warm": lambda seed: start(options.neurons, **kept),
        }
        found = rounds(sides, options.rounds)
    lines = []
    for name, rows in found.items():
        if isinstance(rows, str):
            lines.append([name, rows, *[None] * (len(PARTS) + 3)])
            continue
        times = [median(rows, part) for part in PARTS]
        whole = median([{"sum": sum(r[p] for p in PARTS)} for r in rows], "sum")
        rest = [whole, median(rows, "process"), 1e3 * median(rows, "second chunk")]
        lines.append([name, rows[0]["version"], *times, *rest])
    show(["start", "version", *PARTS, "sum", "process", "ms next"], lines, left=2)
    print("\nin s; `ms next` is the next chunk of 100 steps in ms")


if __name__ == "__main__":
    main()
