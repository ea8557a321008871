"""What was built: one row a projection."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import brainunit as u
import numpy as np

from ..event import CSRLinear, DelayedCSRLinear, JITFixedOutDegree, JITFixedProb
from ..nn import Module, Prefetch, PrefetchDelayAt, PrefetchPast, Projection

Drawn = JITFixedProb | JITFixedOutDegree
Layer = CSRLinear | DelayedCSRLinear | Drawn


@dataclass(frozen=True)
class ProjectionReport:
    """One projection as it was built.

    Parameters
    ----------
    name : str
        Name of the attribute.
    element : str
        Id in the drawing; the name for a network that was not drawn.
    synapses : int
        Number of synapses.
    in_degree : float
        Mean number of them for a target neuron.
    n_without : int
        Target neurons that have none.
    weight : tuple of two float, with `unit`
        Smallest and largest weight.
    unit : str
        Unit of the weights.
    delay : str
        Delay, such as "1.5 ms".
    stored : bool
        Whether the connections are a table in memory; if not, the targets of a neuron
        are drawn when it spikes.
    """

    name: str
    element: str
    synapses: int
    in_degree: float
    n_without: int
    weight: tuple[float, float]
    unit: str
    delay: str
    stored: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether there is no synapse at all."""
        return self.synapses == 0

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self) | {"weight": list(self.weight), "empty": self.is_empty}


def report(network: Module) -> list[ProjectionReport]:
    """Return one row for each projection of a network, in the order of its parts."""
    plan = getattr(network, "plan", None)
    ids = {p.name: p.id for p in plan.projections} if plan is not None else {}
    return [
        _row(name, ids.get(name, name), part, comm)
        for name, part in vars(network).items()
        if isinstance(part, Projection)
        and isinstance(comm := getattr(part, "comm", None), Layer)
    ]


def _row(name: str, element: str, part: Any, comm: Layer) -> ProjectionReport:
    in_degrees = _in_degrees(comm)
    n = int(in_degrees.sum(dtype=np.int64))
    numbers, unit = u.split_mantissa_unit(comm.weight.value)
    numbers = np.asarray(numbers).reshape(-1)[: max(n, 1)]
    return ProjectionReport(
        name=name,
        element=element,
        synapses=n,
        in_degree=n / comm.n_post,
        n_without=int(np.count_nonzero(in_degrees == 0)),
        weight=(float(numbers.min()), float(numbers.max())),
        unit="" if unit.is_unitless else str(unit),
        delay=_delay(part),
        stored=not isinstance(comm, Drawn),
    )


def _in_degrees(comm: Layer) -> np.ndarray:
    """Return how many synapses each target neuron has."""
    if isinstance(comm, Drawn):
        return comm.in_degrees()
    indptr, indices = map(np.asarray, comm.table)
    return np.bincount(indices[: int(indptr[-1])], minlength=comm.n_post)


def _delay(part: Any) -> str:
    for module in getattr(part, "modules", ()):
        if isinstance(module, PrefetchPast):
            delays, unit = u.split_mantissa_unit(part.comm.delay)
            low, high = (float(end(delays)) for end in (np.min, np.max))
            return f"{max(low, 0.0):.6g} to {high:.6g} {unit}"
        if isinstance(module, PrefetchDelayAt) and module.time is not None:
            number, unit = u.split_mantissa_unit(module.time)
            return f"{float(np.asarray(number)):.6g} {unit}"
        if isinstance(module, Prefetch):
            return "0 ms"
    return ""
