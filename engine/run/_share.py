"""The network of one host of several: all neurons, and the synapses it is to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import jax
import numpy as np

from ..divide import Pieces
from ..event import CSRLinear, DelayedCSRLinear
from ..lower import Plan, PlannedNode, build
from ..lower._build import Network
from ._devices import devices_of, in_host_memory


def build_share(plan: Plan, devices: Any) -> Network:
    """Return the network of a plan for `simulate(..., devices=devices)`.

    A projection is drawn whole, as on one host; what ends on neurons of other hosts
    is forgotten before the next one is drawn. Spikes are kept for as long as the delays
    are, with no room for longer ones.

    Parameters
    ----------
    plan : Plan
        What `engine.lower.plan` returned.
    devices : int, "all" or sequence of jax.Device
        As for `simulate`.

    Raises
    ------
    DivisionError
        If there are not such devices.
    """
    chosen = devices_of(devices)
    made = None if jax.process_count() == 1 else _keeping(chosen)
    with in_host_memory():
        return build(_with_short_rings(plan), made)


def _with_short_rings(plan: Plan) -> Plan:
    """Return a plan that keeps spikes for the longest delay that there is.

    Delays that are drawn are cut at the room there is for them, so that stays.
    """

    def short(node: PlannedNode) -> PlannedNode:
        own = [p for p in plan.projections if p.source == node.id]
        if any(isinstance(p.delay, dict) for p in own):
            return node
        longest = max((p.steps for p in own), default=0)
        return replace(node, ring=min(longest or node.ring, node.ring))

    return replace(
        plan,
        inputs=tuple(map(short, plan.inputs)),
        populations=tuple(map(short, plan.populations)),
    )


def _keeping(devices: Sequence[Any]) -> Any:
    """Return what leaves out the synapses of other hosts."""
    pieces = Pieces(len(devices))
    here = jax.process_index()
    is_here = np.array([one.process_index == here for one in devices])

    def keep(part: Any) -> None:
        comm = getattr(part, "comm", None)
        if isinstance(comm, (CSRLinear, DelayedCSRLinear)):
            indptr, indices = (np.asarray(x) for x in comm.table)
            owners = indices[: indptr[-1]] // np.uint32(pieces.length(comm.n_post))
            comm.keep(is_here[owners])

    return keep
