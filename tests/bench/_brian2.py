"""The network of coba.py by Brian2 as C++ standalone; one line of JSON out."""

import json
import shutil
import sys
import tempfile

import brian2 as b


def main(n: int, seconds: float) -> None:
    """Run 0.1 s to warm up, then measure the loop of the second run."""
    folder = tempfile.mkdtemp()
    flags = ["-w", "-O3", "-ffast-math", "-fno-finite-math-only", "-march=native"]
    b.prefs.codegen.cpp.extra_compile_args_gcc = flags
    b.set_device("cpp_standalone", build_on_run=False, directory=folder)
    b.seed(1)
    b.defaultclock.dt = 0.1 * b.ms
    names = {
        "El": -60 * b.mV,
        "Vt": -50 * b.mV,
        "Vr": -60 * b.mV,
        "Ee": 0 * b.mV,
        "Ei": -80 * b.mV,
        "drive": 20 * b.mV,
        "taum": 20 * b.ms,
        "taue": 5 * b.ms,
        "taui": 10 * b.ms,
    }
    cells = b.NeuronGroup(
        n,
        """
        dv/dt = (El - v + ge*(Ee - v) + gi*(Ei - v) + drive)/taum : volt (unless refractory)
        dge/dt = -ge/taue : 1
        dgi/dt = -gi/taui : 1
        """,
        threshold="v > Vt",
        reset="v = Vr",
        refractory=5 * b.ms,
        method="exponential_euler",
        namespace=names,
    )
    cells.v = "El + 5*mV + 2*mV*randn()"
    n_exc = n * 4 // 5
    excites = b.Synapses(cells, cells, on_pre="ge += 0.6", delay=0.1 * b.ms)
    excites.connect(f"i < {n_exc}", p=80 / n)
    inhibits = b.Synapses(cells, cells, on_pre="gi += 6.7", delay=0.1 * b.ms)
    inhibits.connect(f"i >= {n_exc}", p=80 / n)
    monitor = b.SpikeMonitor(cells, record=False)
    network = b.Network(cells, excites, inhibits, monitor)
    network.run(100 * b.ms)
    network.run(seconds * b.second)
    b.device.build(directory=folder, compile=True, run=True, debug=False)
    wall = b.device._last_run_time / seconds
    rate = monitor.num_spikes / n / (seconds + 0.1)
    shutil.rmtree(folder)
    version = f"{b.__version__} C++"
    print(json.dumps({"wall": wall, "rate": rate, "version": version}))


main(int(sys.argv[1]), float(sys.argv[2]))
