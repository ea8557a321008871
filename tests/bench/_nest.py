"""A network of `_networks.py` by NEST; one line of JSON out.

python _nest.py NETWORK NEURONS SECONDS SEED

NEST draws a fixed number of random pairs where the others draw each pair with a
probability: its own rule for that looks at all pairs.
"""

import json
import sys
import time

import nest
import numpy as np
from _networks import DT, NETWORKS, WARM, Net

NAMES = {"C": "C_m", "E": "E_L", "V_th": "V_th", "V_r": "V_reset", "g": "g_L"}
NAMES |= {"slope": "Delta_T", "V_T": "V_th", "peak": "V_peak", "tau_w": "tau_w"}
NAMES |= {"a": "a", "b": "b", "g_Na": "g_Na", "g_K": "g_K", "E_Na": "E_Na"}
NAMES |= {"E_K": "E_K", "t_ref": "t_ref"}
MODELS = {
    ("LIF", "conductance"): "iaf_cond_exp",
    ("LIF", "current"): "iaf_psc_exp",
    ("LIF", "delta"): "iaf_psc_delta",
    ("AdEx", "conductance"): "aeif_cond_exp",
    ("TraubMiles", "conductance"): "hh_cond_exp_traub",
}


def cells(model: Net, n: int, seed: int) -> "nest.NodeCollection":
    """Make the neurons."""
    values = {NAMES[name]: value for name, value in model.values.items()}
    values["I_e"] = model.drive
    if model.cell == "TraubMiles":
        del values["V_th"]  # a spike is a peak of at least 30 mV above V_T
        values["V_T"] = model.values["V_T"]
    if model.synapse != "conductance":
        values["tau_m"] = values["C_m"] / values.pop("g_L")
    else:
        values |= dict(zip(("E_ex", "E_in"), model.reversals, strict=True))
    if model.synapse != "delta":
        values |= dict(zip(("tau_syn_ex", "tau_syn_in"), model.taus, strict=True))
    if model.cell == "AdEx":
        values["t_ref"] = 0.0
    made = nest.Create(MODELS[model.cell, model.synapse], n, params=values)
    mean, spread = model.V_0
    made.V_m = np.random.default_rng((seed, 1)).normal(mean, spread, n)
    return made


def connect(model: Net, made: "nest.NodeCollection", n: int, seed: int) -> None:
    """Wire them."""
    rng = np.random.default_rng((seed, 2))
    n_exc, n_inh = model.split(n)
    sides = ((made[:n_exc], n_exc, 1), (made[n_exc:], n_inh, -1))
    for i, (source, size, sign) in enumerate(sides):
        degree = model.inputs[i]
        if model.is_fixed:
            rule = {"rule": "fixed_indegree", "indegree": degree}
            rule["allow_multapses"] = False
        else:
            total = int(rng.binomial(size * n, degree / size))
            rule = {"rule": "fixed_total_number", "N": total}
        kind = f"side_{i}"
        values = {"weight": sign * model.weights[i], "delay": model.delay}
        nest.CopyModel("static_synapse_hom_w", kind, values)
        nest.Connect(source, made, rule, {"synapse_model": kind})


def main(name: str, n: int, seconds: float, seed: int) -> None:
    """Warm up, then measure."""
    model = NETWORKS[name]
    begin = time.perf_counter()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.SetKernelStatus(
        {
            "resolution": DT,
            "local_num_threads": 1,
            "rng_seed": seed,
            "print_time": False,
        }
    )
    made = cells(model, n, seed)
    connect(model, made, n, seed)
    recorder = nest.Create("spike_recorder")
    nest.Connect(made, recorder)
    if model.noise:
        noise = nest.Create("poisson_generator", params={"rate": model.noise})
        how = {"weight": model.weights[0], "delay": DT}
        nest.Connect(noise, made, syn_spec=how)
    nest.Simulate(DT)
    ready = time.perf_counter() - begin
    nest.Simulate(1e3 * WARM - DT)
    before = recorder.n_events
    begin = time.perf_counter()
    nest.Simulate(1e3 * seconds)
    wall = time.perf_counter() - begin
    rate = (recorder.n_events - before) / n / seconds
    result = {"wall": wall / seconds, "rate": rate, "build": ready}
    print(json.dumps(result | {"version": nest.__version__}))


main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
