"""A network of `_networks.py` by Brian2 as C++ standalone; one line of JSON out.

python _brian2.py NETWORK NEURONS SECONDS SEED
"""

import json
import shutil
import sys
import tempfile
import time

import brian2 as b
from _networks import DT, NETWORKS, WARM, Net

UNITS = {"mV": "E V_th V_r V_T slope peak E_Na E_K", "ms": "t_ref tau_w"}
UNITS |= {"pF": "C", "nS": "g a g_Na g_K", "pA": "b"}
UNIT_OF = {name: unit for unit, names in UNITS.items() for name in names.split()}
SCALE = {"mV": b.mV, "ms": b.ms, "pF": b.pF, "nS": b.nS, "pA": b.pA}

CONDUCTANCES = """
I = ge*(E_e - v) + gi*(E_i - v) + I_0 : amp
dge/dt = -ge/tau_e : siemens
dgi/dt = -gi/tau_i : siemens
"""
CURRENTS = """
I = ge + gi + I_0 : amp
dge/dt = -ge/tau_e : amp
dgi/dt = -gi/tau_i : amp
"""
LIF = {
    "equations": "dv/dt = (g*(E - v) + I)/C : volt (unless refractory)",
    "threshold": "v > V_th",
    "reset": "v = V_r",
    "method": "exponential_euler",
}
ADEX = {
    "equations": """
        up = exp(clip((v - V_T)/slope, -100, 20)) : 1
        dv/dt = (g*(E - v + slope*up) + I - w)/C : volt
        dw/dt = (a*(v - E) - w)/tau_w : amp
        """,
    "threshold": "v > peak",
    "reset": "v = V_r; w += b",
    "method": "euler",
}
TRAUB_MILES = {
    "equations": """
        dv/dt = (g*(E - v) + g_Na*m**3*h*(E_Na - v) + g_K*n**4*(E_K - v) + I)/C : volt
        dm/dt = am*(1 - m) - bm*m : 1
        dh/dt = ah*(1 - h) - bh*h : 1
        dn/dt = an*(1 - n) - bn*n : 1
        x = (v - V_T)/mV : 1
        am = 0.32*4/exprel((13 - x)/4)/ms : Hz
        bm = 0.28*5/exprel((x - 40)/5)/ms : Hz
        ah = 0.128*exp((17 - x)/18)/ms : Hz
        bh = 4/(1 + exp((40 - x)/5))/ms : Hz
        an = 0.032*5/exprel((15 - x)/5)/ms : Hz
        bn = 0.5*exp((10 - x)/40)/ms : Hz
        """,
    "threshold": "v > V_th",
    "reset": "",
    "refractory": "v > V_th",
    "method": "exponential_euler",
}
CELLS = {"LIF": LIF, "AdEx": ADEX, "TraubMiles": TRAUB_MILES}


def network(model: Net, n: int) -> tuple[b.Network, b.SpikeMonitor]:
    """Return the network and what counts its spikes."""
    names = {k: v * SCALE[UNIT_OF[k]] for k, v in model.values.items()}
    names |= {"I_0": model.drive * b.pA}
    names |= dict(zip(("tau_e", "tau_i"), (t * b.ms for t in model.taus), strict=True))
    names |= dict(zip(("E_e", "E_i"), (e * b.mV for e in model.reversals), strict=True))
    how = {"refractory": model.values.get("t_ref", 0) * b.ms} | CELLS[model.cell]
    equations = how.pop("equations")
    inputs = {"conductance": CONDUCTANCES, "current": CURRENTS}
    equations += inputs.get(model.synapse, "I = I_0 : amp")
    if model.synapse != "conductance" and model.cell == "LIF":
        how["method"] = "exact"
    cells = b.NeuronGroup(n, equations, namespace=names, **how)
    mean, spread = model.V_0
    cells.v = f"{mean}*mV + {spread}*mV*randn()"
    parts = [cells]
    n_exc, n_inh = model.split(n)
    sides = (("e", n_exc, 0, 1), ("i", n_inh, n_exc, -1))
    for i, (name, size, first, sign) in enumerate(sides):
        unit = {"conductance": b.nS, "current": b.pA, "delta": b.mV}[model.synapse]
        target = "v" if model.synapse == "delta" else f"g{name}"
        sign = 1 if model.synapse == "conductance" else sign
        weight = {f"w_{name}": sign * model.weights[i] * unit}
        action = f"{target}_post += w_{name}"
        made = b.Synapses(
            cells, cells, on_pre=action, delay=model.delay * b.ms, namespace=weight
        )
        degree, last = model.inputs[i], first + size
        if model.is_fixed:
            made.connect(i=f"k for k in sample({first}, {last}, size={degree})")
        else:
            made.connect(f"i >= {first} and i < {last}", p=degree / size)
        parts.append(made)
    monitor = b.SpikeMonitor(cells)
    if model.noise:
        parts.append(
            b.PoissonInput(
                cells, "v", 1000, model.noise / 1000 * b.Hz, model.weights[0] * b.mV
            )
        )
    return b.Network(*parts, monitor), monitor


def main(name: str, n: int, seconds: float, seed: int) -> None:
    """Warm up, then measure the loop of the second run."""
    begin = time.perf_counter()
    folder = tempfile.mkdtemp()
    flags = ["-w", "-O3", "-ffast-math", "-fno-finite-math-only", "-march=native"]
    b.prefs.codegen.cpp.extra_compile_args_gcc = flags
    b.set_device("cpp_standalone", build_on_run=False, directory=folder)
    b.seed(seed)
    b.defaultclock.dt = DT * b.ms
    net, monitor = network(NETWORKS[name], n)
    net.run(WARM * b.second)
    net.run(seconds * b.second)
    b.device.build(directory=folder, compile=True, run=False, debug=False)
    ready = time.perf_counter() - begin
    b.device.run(directory=folder, with_output=False, run_args=[])
    wall = b.device._last_run_time / seconds
    spikes = (monitor.t / b.second >= WARM - 1e-9).sum()
    shutil.rmtree(folder)
    result = {"wall": wall, "rate": float(spikes) / n / seconds, "build": ready}
    print(json.dumps(result | {"version": f"{b.__version__} C++"}))


main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
