"""How long a network will take to build and to run, before either."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..kinds import number_in
from ..lower import Plan
from ..lower._speed import RATE, event_seconds, slowness
from ._planned import expected_synapses
from ._rehearsal import rehearse

NANOSECONDS = {
    "simple": 0.004,
    "division": 0.2,
    "function": 0.17,
    "library": 4.0,
    "random": 1.4,
    "looks": 0.02,
    "scalars": 0.7,
}
"""Cost of each thing that `engine.fuse.work` counts, on a machine of no `slowness`."""
BYTE = ((2e5, 0.012), (1.6e6, 0.016), (5e6, 0.0225), (np.inf, 0.031))
"""Cost of a byte, ns, where a step goes through so many bytes at most."""
ROW = 6.0  # ns a spike and projection
STEP = 60.0  # ns
COMPILE, COMPILE_LINE = 0.4, 2e-4  # s, and s an operation
DRAWING = {"FixedInDegree": 6e-8}  # s a synapse, by rule
DRAWING_ELSE, DRAWING_EACH = 2.5e-8, 0.3  # by another; s for numbers of synapses' own


@dataclass(frozen=True)
class Prediction:
    """What a run will take on this machine.

    Parameters
    ----------
    build_seconds : float
        Time until the first step is done, if no earlier session left its code.
    run_seconds : float or None
        Time for a second of simulated time, on one thread; None if the network runs
        as a program of XLA, whose time is not known before.
    rates : mapping of str to float
        Spikes a second and neuron that this is for, by label.
    """

    build_seconds: float
    run_seconds: float | None
    rates: Mapping[str, float]


class Forecast:
    """A plan whose step was traced once; tells what it takes at any rates.

    Parameters
    ----------
    plan : Plan

    Notes
    -----
    Connections are not drawn, and nothing is compiled: this takes a second or less for
    networks of any size. What a step does is counted in its operations, the bytes it
    goes through, and the synaptic events that follow from rates; each has a cost that
    was measured, times how fast this machine is at a small piece of arithmetic.
    """

    def __init__(self, plan: Plan):
        self.plan = plan
        self._work: Counter[str] | None = rehearse(plan)
        self._dt = float(number_in(plan.dt, "s"))

    def at(self, rates: Mapping[str, float] | float = RATE) -> Prediction:
        """Return what a run takes.

        Parameters
        ----------
        rates : float or mapping of str to float, Hz, default 10
            Rate of every population, or of each by its label. Inputs with a rate of
            their own have that one.
        """
        sources = {p.source for p in self.plan.projections}
        known = {self.plan.nodes[key].label: self._rate(key, rates) for key in sources}
        return Prediction(self._build(), self._run(known), known)

    def _rate(self, key: str, rates: Mapping[str, float] | float) -> float:
        node = self.plan.nodes[key]
        if isinstance(rates, Mapping) and node.label in rates:
            return rates[node.label]
        own = node.params.get("rate")
        if node.kind.shape == "input" and isinstance(own, (str, float, int)):
            total = number_in(own, "Hz") * node.kind.n_sources(node.params)
            return float(-np.expm1(-total * self._dt) / self._dt)  # steps with one
        return RATE if isinstance(rates, Mapping) else rates

    def _build(self) -> float:
        lines = 0 if self._work is None else self._work["lines"]
        total = COMPILE + COMPILE_LINE * lines
        for p in self.plan.projections:
            drawing = DRAWING.get(p.rule.key, DRAWING_ELSE)
            total += drawing * expected_synapses(p, self.plan) * p.is_stored
            total += DRAWING_EACH * sum(
                isinstance(v, dict) for v in (p.weight, p.delay)
            )
        return total * slowness()

    def _run(self, rates: Mapping[str, float]) -> float | None:
        if self._work is None:
            return None
        a_byte = next(cost for most, cost in BYTE if self._work["reach"] <= most)
        costs = {**NANOSECONDS, "bytes": a_byte}
        a_step = STEP + sum(cost * self._work[key] for key, cost in costs.items())
        a_second = a_step * 1e-9 * slowness() / self._dt
        for p in self.plan.projections:
            rate = rates[self.plan.nodes[p.source].label]
            synapses, n_post = (
                expected_synapses(p, self.plan),
                self.plan.nodes[p.target].size,
            )
            a_second += rate * synapses * event_seconds(synapses, n_post, p.is_stored)
            spikes = rate * self.plan.nodes[p.source].size
            a_second += spikes * ROW * 1e-9 * slowness()
        return a_second
