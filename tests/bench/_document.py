"""The networks as documents: drawn as a user draws them, from the numbers alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import brainunit as u
from _networks import DT, NETWORKS, Net

from studio import Network, normal, uniform

SOURCES = 1000  # outside, of one neuron


def document(
    name: str, n: int, seed: int = 1, probes: bool = True, **changes: Any
) -> Network:
    """Draw a network of `n` cells.

    Parameters
    ----------
    name, n
        One of `NETWORKS`, and how many cells.
    seed : int, default 1
        Of the connections and the voltages at the beginning.
    probes : bool, default True
        Whether probes ask for the spikes.
    **changes
        For the fields of the network: `delay=1.5`. Besides, `weight_spread` is the
        standard deviation of the weights of a projection by their mean, `delays` the
        ends of the range that each synapse has a delay in.
    """
    spread, delays = changes.pop("weight_spread", 0), changes.pop("delays", None)
    model = replace(NETWORKS[name], **changes)
    net = Network(model.title, dt=DT * u.ms, seed=seed)
    kind, cell = _cell(model)
    n_exc, n_inh = model.split(n)
    E = net.add(kind, n_exc, name="E", sign="excitatory", **cell)
    I = net.add(kind, n_inh, name="I", sign="inhibitory", **cell)
    sides = zip((E, I), (n_exc, n_inh), model.inputs, (1, -1), strict=True)
    for i, (source, size, degree, sign) in enumerate(sides):
        rule = {"n": degree, "rule": "FixedInDegree"}
        rule = rule if model.is_fixed else {"prob": degree / size}
        for target in (E, I):
            net.connect(
                source, target, **rule, **_synapse(model, i, sign, spread, delays)
            )
    _outside(net, model, {"E": n_exc, "I": n_inh})
    if probes:
        for source in (E, I):
            net.probe(source)
    return net


def _cell(model: Net) -> tuple[str, dict[str, Any]]:
    start = {"V_init": normal(*(f"{x} mV" for x in model.V_0))}
    if not model.V_0[1]:
        start = {"V_init": f"{model.V_0[0]} mV"}
    if model.cell != "LIF":
        import _kinds

        _kinds.register(model.cell, model.values)
        return model.cell, start
    v = model.values
    cell = {"R": 1e3 / v["g"] * u.Mohm, "tau": v["C"] / v["g"] * u.ms}
    cell |= {"V_rest": v["E"] * u.mV, "V_th": v["V_th"] * u.mV}
    cell |= {"V_reset": v["V_r"] * u.mV, "tau_ref": v["t_ref"] * u.ms}
    return "LIFRef", cell | start


def _synapse(
    model: Net, i: int, sign: int, spread: float, delays: tuple[float, float] | None
) -> dict[str, Any]:
    unit = {"conductance": "nS", "current": "pA", "delta": "mV"}[model.synapse]
    mean = model.weights[i] * (1 if model.synapse == "conductance" else sign)
    how: dict[str, Any] = {"weight": f"{mean} {unit}", "delay": f"{model.delay} ms"}
    if spread:
        how["weight"] = normal(f"{mean} {unit}", f"{spread * abs(mean)} {unit}")
    if delays is not None:
        how["delay"] = uniform(*(f"{delay} ms" for delay in delays))
    if model.synapse == "delta":
        return how | {"synapse": "Delta"}
    how["tau"] = model.taus[i] * u.ms
    if model.synapse == "current":
        return how | {"output": "CUBA"}
    return how | {"E_rev": model.reversals[i] * u.mV}


def _outside(net: Network, model: Net, sizes: dict[str, int]) -> None:
    if model.drive:
        drive = net.add("ConstantCurrent", amplitude=f"{model.drive} pA")
        for target in sizes:
            net.connect(drive, target)
    if model.noise:
        rate = {"rate": f"{model.noise / SOURCES} Hz", "n_sources": SOURCES}
        for target, size in sizes.items():
            noise = net.add("Poisson", size, **rate)
            how = {"rule": "OneToOne", "synapse": "Delta", "delay": 0 * u.ms}
            net.connect(noise, target, weight=model.weights[0] * u.mV, **how)
