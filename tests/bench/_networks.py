"""The networks that all programs simulate: numbers alone, for every environment.

Units: mV, ms, pF, nS, pA, Hz; the weights of a network are in the unit of its synapses.
Everything is drawn alike: 80 % excitatory cells, dt 0.1 ms, one step of delay unless
`delay` says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DT = 0.1
WARM = 0.1  # s before anything is measured
LARGE = 40_000  # neurons; larger networks run for a shorter time


@dataclass(frozen=True)
class Net:
    """A network of two populations.

    Parameters
    ----------
    title : str
        Name in tables.
    cell : {"LIF", "AdEx", "TraubMiles"}
        Model of the neurons.
    values : mapping
        Its parameters. `V_0` is mean and spread of the voltage at the beginning.
    synapse : {"conductance", "current", "delta"}
        What an input does: exponential conductances or currents, or a jump.
    weights : pair of float
        Of excitatory and inhibitory synapses: nS, pA or mV; both positive.
    sizes : tuple of int
        Numbers of neurons that are measured.
    drive : float
        Constant current into all cells.
    inputs : pair of int
        Mean number of excitatory and inhibitory inputs of a cell.
    is_fixed : bool
        Whether every cell has exactly so many.
    noise : float
        Spikes a second into every cell from outside, with the excitatory weight.
    """

    title: str
    cell: str
    values: Mapping[str, float]
    synapse: str
    weights: tuple[float, float]
    sizes: tuple[int, ...]
    V_0: tuple[float, float]
    drive: float = 0.0
    inputs: tuple[int, int] = (64, 16)
    is_fixed: bool = False
    delay: float = DT
    noise: float = 0.0
    taus: tuple[float, float] = (5.0, 10.0)
    reversals: tuple[float, float] = (0.0, -80.0)

    def split(self, n: int) -> tuple[int, int]:
        """Return how many cells excite and how many inhibit."""
        return n * 4 // 5, n - n * 4 // 5

    def seconds(self, n: int, wanted: float) -> float:
        """Return how long a network of `n` cells runs, in whole tenths of a second."""
        return max(0.1, round(wanted * min(1.0, LARGE / n), 1))


_LIF = {"C": 200.0, "g": 10.0, "E": -60.0, "V_th": -50.0, "V_r": -60.0, "t_ref": 5.0}

NETWORKS = {
    # Vogels and Abbott (2005); Brette et al. (2007), benchmarks 1 to 3. The first and
    # the third get a constant current, so that no network falls silent.
    "coba": Net(
        "COBA",
        "LIF",
        _LIF,
        "conductance",
        weights=(6.0, 67.0),
        sizes=(4000, 40_000, 400_000),
        V_0=(-55.0, 2.0),
        drive=200.0,
    ),
    "cuba": Net(
        "CUBA",
        "LIF",
        _LIF | {"E": -49.0},
        "current",
        weights=(16.2, 90.0),
        sizes=(4000, 40_000, 400_000),
        V_0=(-55.0, 2.0),
    ),
    # Brunel (2000), model A, figure 8 B: synchronous irregular, fast
    "brunel": Net(
        "Brunel B",
        "LIF",
        _LIF | {"E": 0.0, "V_th": 20.0, "V_r": 10.0, "t_ref": 2.0},
        "delta",
        weights=(0.1, 0.6),
        sizes=(12_500,),
        V_0=(0.0, 0.0),
        inputs=(1000, 250),
        is_fixed=True,
        delay=1.5,
        noise=40_000.0,
    ),
    # the cells of Brette and Gerstner, 2005
    "adex": Net(
        "AdEx",
        "AdEx",
        {
            "C": 281.0,
            "g": 30.0,
            "E": -70.6,
            "V_T": -50.4,
            "slope": 2.0,
            "V_r": -70.6,
            "peak": 0.0,
            "tau_w": 144.0,
            "a": 4.0,
            "b": 80.5,
        },
        "conductance",
        weights=(3.0, 20.0),
        sizes=(4000,),
        V_0=(-60.0, 5.0),
        drive=800.0,
    ),
    # the cells of Traub and Miles, 1991, as in benchmark 3
    "hh": Net(
        "Hodgkin-Huxley",
        "TraubMiles",
        {
            "C": 200.0,
            "g": 10.0,
            "E": -60.0,
            "g_Na": 20_000.0,
            "g_K": 6000.0,
            "E_Na": 50.0,
            "E_K": -90.0,
            "V_T": -63.0,
            "V_th": -33.0,
        },
        "conductance",
        weights=(6.0, 67.0),
        sizes=(4000,),
        V_0=(-60.0, 5.0),
        drive=200.0,
    ),
}


def poisson_levels(mean: float) -> tuple[float, ...]:
    """Return the chances of at most 0, 1, ... 15 events, for a mean far below 15."""
    import math

    total, levels = 0.0, []
    for k in range(16):
        total += math.exp(k * math.log(mean) - mean - math.lgamma(k + 1))
        levels.append(total)
    return tuple(levels)
