"""The network of one host of several: all neurons, and the synapses it is to run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from ..divide import Pieces
from ..event import CSRLinear, DelayedCSRLinear
from ..lower import Plan, build
from ..lower._build import Network
from ._devices import devices_of, in_host_memory


def build_share(plan: Plan, devices: Any) -> Network:
    """Return the network of a plan for `simulate(..., devices=devices)`.

    A projection is drawn whole, as on one host; what ends on neurons of other hosts
    is forgotten before the next one is drawn.

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
    with in_host_memory():
        return build(plan, None if jax.process_count() == 1 else _keeping(chosen))


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
