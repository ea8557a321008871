"""Run COBA with many weights in one of three ways; one line of JSON out.

python _vmap.py WAY NEURONS SETS STEPS SEED

WAY is `vmap` (one program for all), `groups` (of eight lanes), `loop` (the same program without vmap, once a set)
or `document` (a drawn network whose weight is set anew before each run).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from _by_hand import COBA, cells, project, tables
from _document import document
from _networks import DT
from _ours import advance

from engine import augment, compile, environ, event, nn
from engine.lower import build
from engine.run import Simulation, Spikes

GROUP = 8
Way = Callable[[np.ndarray], np.ndarray]


class EI(nn.Module):
    """The network, written by hand; its tables are made before, and shared."""

    def __init__(self, n: int, tables: list, seed: int, weight: jax.Array):
        super().__init__()
        self.cells, self.split = cells(n, seed), COBA.split(n)[0]
        weights = (COBA.weights[0], weight)
        sizes = enumerate(COBA.split(n))
        self.sides = [
            project(
                i,
                self.cells,
                event.CSRLinear(size, n, *tables[i], weight=weights[i] * u.nS),
            )
            for i, size in sizes
        ]

    def update(self) -> jax.Array:
        spikes = self.cells.spike.value
        self.sides[0](spikes[: self.split])
        self.sides[1](spikes[self.split :])
        return self.cells(COBA.drive * u.pA) != 0


def by_hand(n: int, n_steps: int, way: str, seed: int) -> Way:
    """Return what runs the network of the engine, all sets at once or each alone."""
    drawn = [tuple(map(jnp.asarray, table)) for table in tables(n, seed)]

    def run(weight: jax.Array) -> jax.Array:
        net = EI(n, drawn, seed, weight)
        nn.init_all_states(net)

        def step(i: jax.Array) -> jax.Array:
            with environ.context(i=i, t=i * DT * u.ms):
                return net.update().sum()

        return compile.for_loop(step, jnp.arange(n_steps)).sum()

    environ.set(dt=DT * u.ms)
    if way != "loop":
        batch_size = GROUP if way == "groups" else None
        together = compile.jit(augment.vmap(run, batch_size=batch_size))
        return lambda weights: np.asarray(together(jnp.asarray(weights)))
    alone = compile.jit(run)
    return lambda weights: np.array([int(alone(w)) for w in weights])


def by_document(n: int, n_steps: int, seed: int) -> Way:
    """Return what runs a drawn network again and again."""
    net = document("coba", n, seed)
    edges = [net.projections[k].id for k in (2, 3)]
    record = [Spikes("E"), Spikes("I")]
    simulation = Simulation(build(net.document.plan()), record=record)

    def run(weight: float) -> int:
        for edge in edges:
            simulation.set(f"{edge}.weight", f"{weight:g} nS")
        simulation.reset()
        return advance(simulation, n_steps, ("E", "I"))

    return lambda weights: np.array([run(float(weight)) for weight in weights])


def main(way: str, n: int, n_sets: int, n_steps: int, seed: int) -> None:
    """Warm up, then measure."""
    weights = np.linspace(40, 80, n_sets).astype(np.float32)
    begin = time.perf_counter()
    if way == "document":
        run = by_document(n, n_steps, seed)
    else:
        run = by_hand(n, n_steps, way, seed)
    run(weights if way in ("vmap", "groups") else weights[:1])
    ready = time.perf_counter() - begin
    begin = time.perf_counter()
    spikes = run(weights)
    wall = time.perf_counter() - begin
    rates = spikes / n / (n_steps * DT * 1e-3)
    result = {"wall": wall, "ready": ready, "version": jax.__version__}
    print(json.dumps(result | {"first": float(rates[0]), "last": float(rates[-1])}))


main(sys.argv[1], *map(int, sys.argv[2:]))
