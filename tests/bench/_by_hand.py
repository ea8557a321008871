"""Parts of COBA written with the engine, without a drawing.

python _by_hand.py NEURONS SECONDS SEED [CHANGES]

measures it as `_ours.py` does a document; the changes are JSON: `weight_spread` and
`delays` as for `document`.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from _networks import DT, NETWORKS, WARM
from _ours import advance

import studio
from engine import event, nn
from engine.run import Simulation

COBA = NETWORKS["coba"]


def cells(n: int, seed: int) -> nn.LIFRef:
    """Return the neurons."""
    v = COBA.values
    levels = {"V_th": v["V_th"], "V_reset": v["V_r"], "V_rest": v["E"]}
    start = np.random.default_rng(seed).normal(*COBA.V_0, n).astype(np.float32)
    return nn.LIFRef(
        n,
        R=1e3 / v["g"] * u.Mohm,
        tau=v["C"] / v["g"] * u.ms,
        tau_ref=v["t_ref"] * u.ms,
        **{name: level * u.mV for name, level in levels.items()},
        V_initializer=lambda *_, **__: jnp.asarray(start) * u.mV,
        spk_reset="hard",
    )


def tables(n: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return `indptr` and `indices` of both sides."""
    sides = zip(COBA.split(n), COBA.inputs, strict=True)
    draw = event.sample_fixed_prob
    return [draw(size, n, degree / size, seed=seed) for size, degree in sides]


def project(side: int, post: nn.LIFRef, comm: Any, *modules: Any) -> nn.AlignPostProj:
    """Return the projection of a side."""
    return nn.AlignPostProj(
        *modules,
        comm=comm,
        syn=nn.Expon.desc(post.varshape, tau=COBA.taus[side] * u.ms),
        out=nn.COBA.desc(E=COBA.reversals[side] * u.mV),
        post=post,
    )


class OwnDelays(nn.Module):
    """COBA whose synapses may have delays of their own, in one population."""

    def __init__(self, n: int, seed: int, spread: float, delays: list[float] | None):
        super().__init__()
        self.cells, self.sides = cells(n, seed), []
        rng = np.random.default_rng(seed)
        first = 0
        for i, (indptr, indices) in enumerate(tables(n, seed)):
            size, mean = COBA.split(n)[i], COBA.weights[i]
            rows = np.pad(indptr, (first, n - first - size), mode="edge")
            weight = mean * u.nS
            if spread:
                weight = rng.normal(mean, spread * mean, indices.size) * u.nS
            prefetch = self.cells.prefetch("spike").delay
            if delays is None:
                comm = event.CSRLinear(n, n, rows, indices, weight)
                read = prefetch.at(COBA.delay * u.ms)
            else:
                times = rng.uniform(*delays, indices.size) * u.ms
                comm = event.DelayedCSRLinear(n, n, rows, indices, weight, times)
                read = prefetch.past(delays[1] * u.ms)
            self.sides.append(project(i, self.cells, comm, read))
            first += size

    def update(self) -> jax.Array:
        for side in self.sides:
            side()
        return self.cells(COBA.drive * u.pA)


def main(n: int, seconds: float, seed: int, changes: str = "{}") -> None:
    """Warm up, then measure."""
    how = json.loads(changes)
    begin = time.perf_counter()
    net = OwnDelays(n, seed, how.get("weight_spread", 0), how.get("delays"))
    simulation = Simulation(net, dt=DT * u.ms)
    simulation.advance(1)
    ready = time.perf_counter() - begin
    advance(simulation, round(WARM * 1e4) - 1, ("cells",))
    begin = time.perf_counter()
    spikes = advance(simulation, round(seconds * 1e4), ("cells",))
    wall = time.perf_counter() - begin
    backend = simulation.backend
    result = {"wall": wall / seconds, "rate": spikes / n / seconds, "build": ready}
    result["version"] = f"{studio.__version__} {backend.name}"
    if backend.name != "native":
        result["note"] = backend.reason
    print(json.dumps(result))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
