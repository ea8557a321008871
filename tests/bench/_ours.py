"""The network of coba.py by Neuroloom: size and seconds in, one line of JSON out."""

import json
import sys
import time

import brainunit as u

import studio
from engine.lower import build
from engine.run import Simulation
from studio import Network, normal


def main(n: int, seconds: float) -> None:
    """Run 0.1 s to warm up, then measure."""
    net = Network("COBA", dt=0.1 * u.ms, seed=1)
    cell = {"V_init": normal("-55 mV", "2 mV")}
    E = net.add("LIFRef", n * 4 // 5, name="E", sign="excitatory", **cell)
    I = net.add("LIFRef", n // 5, name="I", sign="inhibitory", **cell)
    drive = net.add("ConstantCurrent", name="Drive", amplitude="200 pA")
    for source, weight, E_rev, tau in ((E, 6, 0, 5), (I, 67, -80, 10)):
        for target in (E, I):
            net.connect(
                source,
                target,
                prob=80 / n,
                weight=weight * u.nS,
                E_rev=E_rev * u.mV,
                tau=tau * u.ms,
            )
    for target in (E, I):
        net.connect(drive, target)
    simulation = Simulation(build(net.document.plan()))

    def run(steps: int) -> int:
        spikes = 0
        while steps:
            size = min(steps, simulation.capacity)
            chunk = simulation.advance(size)
            spikes += sum(int(c.sum()) for c in chunk.counts.values())
            steps -= size
        return spikes

    run(1000)
    begin = time.perf_counter()
    spikes = run(round(seconds * 1e4))
    wall = (time.perf_counter() - begin) / seconds
    result = {"wall": wall, "rate": spikes / n / seconds}
    version = f"{studio.__version__} {simulation.backend.name}"
    print(json.dumps(result | {"version": version}))


main(int(sys.argv[1]), float(sys.argv[2]))
