"""A network of `_networks.py` by a script; one line of JSON out.

python _brainstate.py LIBRARY NETWORK NEURONS SECONDS SEED

The library is `engine`, `brainstate` (0.1.0) or `brainpy` (the newest of that family,
where neurons and synapses moved to `brainpy.state`). All else is the same text.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import sys
import time
from types import SimpleNamespace
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from _cells import UNITS, cells
from _networks import DT, NETWORKS, WARM, Net, poisson_levels


def library(name: str) -> SimpleNamespace:
    """Import what the script uses."""
    if name != "brainpy":
        lib = importlib.import_module(name)
        return SimpleNamespace(lib=lib, nn=lib.nn, base=lib.nn, jit=lib.compile)
    lib = importlib.import_module("brainstate")
    nn = importlib.import_module("brainpy").state
    return SimpleNamespace(lib=lib, nn=nn, base=lib.nn, jit=lib.transform)


def connection(
    use: SimpleNamespace, model: Net, side: int, n_pre: int, n: int, seed: int
) -> Any:
    """Return the product of spikes and weights of one side."""
    sign = 1 if side == 0 or model.synapse == "conductance" else -1
    # CUBA multiplies by a volt
    units = {"conductance": u.nS, "current": u.pA / u.volt, "delta": u.mV}
    unit = units[model.synapse]
    weight = sign * model.weights[side] * unit
    degree = model.inputs[side]
    rng = np.random.default_rng((seed, side))
    if model.is_fixed:
        draw = lambda: rng.choice(n_pre, degree, replace=False, shuffle=False)
        sources = np.concatenate([draw() for _ in range(n)])
        order = np.argsort(sources, kind="stable")
        indices = (order // degree).astype(np.int32)
        counts = np.bincount(sources, minlength=n_pre)
    else:
        counts = rng.binomial(n, degree / n_pre, n_pre)
        indices = rng.integers(0, n, counts.sum(), dtype=np.int32)
    indptr = np.zeros(n_pre + 1, np.int32)
    indptr[1:] = np.cumsum(counts)
    if hasattr(use.lib, "event"):
        return use.lib.event.CSRLinear(
            n_pre, n, jnp.asarray(indptr), jnp.asarray(indices), weight
        )
    if not model.is_fixed:  # the fastest that BrainPy has for this rule
        return use.base.EventFixedProb(
            n_pre, n, degree / n_pre, weight, seed=2 * seed + side
        )
    events = importlib.import_module("brainevent")

    class Product(use.base.Module):
        def __init__(self):
            super().__init__()
            self.in_size, self.out_size = n_pre, n
            where = (weight, jnp.asarray(indices), jnp.asarray(indptr))
            self.table = events.CSR(where, shape=(n_pre, n))

        def update(self, spikes):
            return events.BinaryArray(spikes) @ self.table

    return Product()


def population(use: SimpleNamespace, model: Net, n: int, seed: int) -> Any:
    """Return the cells."""
    mean, spread = model.V_0
    rng = np.random.default_rng((seed, 7))
    start = lambda *_, **__: jnp.asarray(rng.normal(mean, spread, n), "float32") * u.mV
    v = model.values
    if model.cell != "LIF":
        values = {k: x * getattr(u, UNITS[k]) for k, x in v.items()}
        made = cells(use.lib, use.nn, use.base.exp_euler_step)
        return made[model.cell](n, V_init=start, **values)
    return use.nn.LIFRef(
        n,
        R=1e3 / v["g"] * u.Mohm,
        tau=v["C"] / v["g"] * u.ms,
        tau_ref=v["t_ref"] * u.ms,
        V_th=v["V_th"] * u.mV,
        V_reset=v["V_r"] * u.mV,
        V_rest=v["E"] * u.mV,
        V_initializer=start,
        spk_reset="hard",
    )


def network(use: SimpleNamespace, model: Net, n: int, seed: int) -> Any:
    """Return the network; its `update` is a step."""
    lib, nn = use.lib, use.nn
    n_exc, n_inh = model.split(n)
    delay = round(model.delay / DT)
    noise = jax.random.key(seed)
    levels = poisson_levels(model.noise * DT * 1e-3) if model.noise else ()

    def project(side: int, post: Any) -> Any:
        comm = connection(use, model, side, (n_exc, n_inh)[side], n, seed)
        if model.synapse == "delta":
            return nn.DeltaProj(comm=comm, post=post)
        out = nn.CUBA.desc()
        if model.synapse == "conductance":
            out = nn.COBA.desc(E=model.reversals[side] * u.mV)
        syn = nn.Expon.desc(n, tau=model.taus[side] * u.ms)
        return nn.AlignPostProj(comm=comm, syn=syn, out=out, post=post)

    class EI(use.base.Module):
        def __init__(self):
            super().__init__()
            self.cells = population(use, model, n, seed)
            self.excite, self.inhibit = (project(i, self.cells) for i in (0, 1))
            self.past = lib.ShortTermState(jnp.zeros((delay, n), bool))

        def update(self, i):
            spikes = self.past.value[i % delay]
            self.excite(spikes[:n_exc])
            self.inhibit(spikes[n_exc:])
            if levels:
                drawn = jax.random.uniform(jax.random.fold_in(noise, i), (n,))
                counts = sum((drawn >= x) * jnp.float32(1) for x in levels)
                self.cells.add_delta_input("noise", counts * model.weights[0] * u.mV)
            found = self.cells(model.drive * u.pA) != 0
            self.past.value = self.past.value.at[i % delay].set(found)
            return found

    return EI()


def main(name: str, title: str, n: int, seconds: float, seed: int) -> None:
    """Warm up, then measure."""
    begin = time.perf_counter()
    use, model = library(name), NETWORKS[title]
    length = 1000 if n <= 40_000 else 100  # steps of a chunk
    use.lib.environ.set(dt=DT * u.ms)
    net = network(use, model, n, seed)
    use.base.init_all_states(net)

    def step(i):
        with use.lib.environ.context(i=i, t=i * DT * u.ms):
            return net.update(i)

    chunk = use.jit.jit(lambda i0: use.jit.for_loop(step, i0 + jnp.arange(length)))
    run = lambda k: np.count_nonzero(np.asarray(chunk(k * length)))
    run(0)
    ready = time.perf_counter() - begin
    n_warm = max(2, round(WARM * 1e4 / length))  # BrainPy compiles twice
    n_chunks = max(1, round(seconds * 1e4 / length))
    for k in range(1, n_warm):
        run(k)
    begin = time.perf_counter()
    spikes = sum(run(k) for k in range(n_warm, n_warm + n_chunks))
    wall = time.perf_counter() - begin
    seconds = n_chunks * length * 1e-4
    package = {"engine": "neuroloom"}.get(name, name)
    result = {"wall": wall / seconds, "rate": spikes / n / seconds, "build": ready}
    result["version"] = f"{importlib.metadata.version(package)} jax {jax.__version__}"
    print(json.dumps(result))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
