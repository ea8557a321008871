"""A step before it is written, and whether there is native code for it."""

from __future__ import annotations

from dataclasses import dataclass

from jax.extend.core import ClosedJaxpr

from ._ahead import take_ahead
from ._flow import DRAWN, Flow, Op, Unfusable, Value, flow, settle
from ._narrow import narrow
from ._places import Places, places
from ._stages import stages


@dataclass(frozen=True)
class Layout:
    """A step before it is written: its operations, when they run, and its memory.

    Parameters
    ----------
    flow : Flow
        The operations.
    ahead : dict
        Values that decay at the end of a step, and their factors.
    stage : dict
        When each operation runs.
    places : Places
        Where each array is.
    narrow : dict
        States that are kept in fewer bits, and the scalars that have to be small.
    targets : dict
        Slots that hold targets of event products, and how many there are.
    """

    flow: Flow
    ahead: dict[Value, Value]
    stage: dict[Op, int]
    places: Places
    narrow: dict[int, list[Value]]
    targets: dict[int, int]


def layout(closed: ClosedJaxpr, n_states: int, is_wide: bool = False) -> Layout:
    """Lay out a step whose first inputs are States; if wide, all as whole words.

    Raises
    ------
    Unfusable
        If the step holds an operation for which there is no native code.
    """
    found = flow(closed)
    _check(found, n_states)
    settle(found, n_states)
    ahead = take_ahead(found, n_states)
    stage = stages(found)
    small = {} if is_wide else narrow(found, n_states)
    where = places(found, stage, n_states, ahead, small)
    return Layout(found, ahead, stage, where, small, _targets(found, where))


def _check(found: Flow, n_states: int) -> None:
    for value in (*found.inputs, *(op.out for op in found.ops)):
        if value.dtype not in _KNOWN:
            raise Unfusable(f"numbers of type {value.dtype}")
    for value in found.outputs[n_states:]:
        if value.op is not None and value.op.kind == "key":
            raise Unfusable("random keys that are recorded")


_KNOWN = {"bool", "key", "float32", "float64"} | {
    f"{sign}int{width}" for sign in ("", "u") for width in (8, 16, 32, 64)
}


def _targets(found: Flow, where: Places) -> dict[int, int]:
    sizes: dict[int, int] = {}
    for op in found.ops:
        if op.kind != "push" or op.name == DRAWN:
            continue
        table = op.ins[3]
        if table.op is not None:
            raise Unfusable("targets that are computed in a step")
        if sizes.setdefault(where.home[table], op.out.size) != op.out.size:
            raise Unfusable("targets of two populations of different size")
    return sizes
