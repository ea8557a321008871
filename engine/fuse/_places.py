"""Where each array of a step lives in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ._ahead import chain
from ._flow import Flow, Op, Unfusable, Value
from ._narrow import SMALL
from ._stages import is_end, is_loop, users_of

_PAGE, _LINE = 4096, 64
_STRIDE = 11  # cache lines between two beginnings; with 64 lines a page all differ


@dataclass(frozen=True)
class Slot:
    """A piece of memory: elements of one type."""

    dtype: str
    size: int

    @property
    def kind(self) -> np.dtype:
        """Type of an element in memory."""
        return np.dtype("uint8" if self.dtype == "bool" else self.dtype)

    @property
    def n_bytes(self) -> int:
        """Size of all of it."""
        return self.size * self.kind.itemsize


@dataclass
class Places:
    """The memory of a step.

    Parameters
    ----------
    slots : list of Slot
        Inputs first, then constants, then room for what passes between loops.
    home : dict
        Slot of a value that is in memory.
    stores : dict
        Slots that a loop writes a value to.
    late : list of (Value, int)
        Values copied to a slot at the end of the step.
    clean : set of Value
        Sums of event products that the loop which reads them sets back to 0.
    """

    slots: list[Slot]
    home: dict[Value, int] = field(default_factory=dict)
    stores: dict[Value, list[int]] = field(default_factory=dict)
    late: list[tuple[Value, int]] = field(default_factory=list)
    clean: set[Value] = field(default_factory=set)


def places(
    flow: Flow,
    stage: dict[Op, int],
    n_states: int,
    ahead: Iterable[Value] = (),
    small: Collection[int] = (),
) -> Places:
    """Lay out the memory of a step whose first inputs are States.

    Outputs `0` to `n_states - 1` are the new values of those inputs; those `ahead` are
    sums that are made where the State is, and the States `small` need fewer bits.
    """
    users = users_of(flow)
    slots = [
        Slot(SMALL if i in small else value.dtype, max(value.size, 1))
        for i, value in enumerate(flow.inputs)
    ]
    found = Places(slots)
    found.home.update({value: i for i, value in enumerate(flow.inputs)})
    for value in flow.constants:
        found.home[value] = _new(found, value)
    for op in flow.ops:  # a ring stays where it is
        if op.kind == "ring":
            _place_ring(op, flow, found, n_states)
    for value in ahead:
        slot = flow.outputs.index(value)
        found.home.update(dict.fromkeys(chain(value), slot))
    for i in range(n_states):
        _place_state(flow.inputs[i], flow.outputs[i], i, stage, users, found)
    for op in flow.ops:
        value = op.out
        if not value.is_array or value in found.home or op.kind in ("view", "key"):
            continue
        if op.kind == "push":
            _place_sum(op, flow, stage, users, found)
            continue
        if is_end(op) or value in flow.outputs or _is_kept(op, stage, users):
            found.home[value] = _new(found, value)
            if is_loop(op):
                found.stores.setdefault(value, []).append(found.home[value])
    return found


def _new(found: Places, value: Value) -> int:
    found.slots.append(Slot(value.dtype, max(value.size, 1)))
    return len(found.slots) - 1


def _place_ring(op: Op, flow: Flow, found: Places, n_states: int) -> None:
    table = op.ins[0]
    if table not in found.home or found.home[table] >= n_states:
        raise Unfusable("an update of a table that is no State")
    slot = found.home[table]
    root = flow.inputs[slot]
    last = flow.outputs[slot]
    chain: Value | None = last
    while chain is not None and chain is not root:
        if chain is op.out:
            found.home[op.out] = slot
            return
        maker = chain.op
        chain = maker.ins[0] if maker is not None and maker.kind == "ring" else None
    raise Unfusable("a table whose update is not its new value")


def _place_sum(
    op: Op,
    flow: Flow,
    stage: dict[Op, int],
    users: dict[Value, list[Op]],
    found: Places,
) -> None:
    """Let event products add where the one before did, if only they need its sum."""
    base, value = op.ins[0], op.out
    before = base.op
    is_next = before is not None and before.kind == "push" and base not in flow.outputs
    if is_next and users[base] == [op]:
        found.home[value] = found.home[base]
    else:
        found.home[value] = _new(found, value)
    root = op
    while root.ins[0].op is not None and root.ins[0].op.kind == "push":
        root = root.ins[0].op
        if found.home[root.out] != found.home[value]:
            return
    readers = users[value]
    is_read_once = all(is_loop(r) and r.out.size == value.size for r in readers)
    if (
        not root.ins[0].is_array
        and value not in flow.outputs
        and readers
        and is_read_once
        and len({stage[reader] for reader in readers}) == 1
    ):
        found.clean.add(value)


def _place_state(
    old: Value,
    new: Value,
    slot: int,
    stage: dict[Op, int],
    users: dict[Value, list[Op]],
    found: Places,
) -> None:
    """Decide where the new value of a State is written."""
    if new is old or found.home.get(new) == slot:
        return
    maker = new.op
    can_write = maker is not None and is_loop(maker) and new.is_array
    if can_write and new not in found.home and _is_free(old, new, stage, users):
        found.home[new] = slot
        found.stores.setdefault(new, []).append(slot)
    else:
        found.late.append((new, slot))


def _is_free(
    old: Value, new: Value, stage: dict[Op, int], users: dict[Value, list[Op]]
) -> bool:
    """Tell whether all that reads the old value has done so when the loop writes."""
    at = stage[new.op]  # type: ignore[index]
    for op in users[old]:
        if op.kind == "view":
            return False
        if is_loop(op) and op.out.size == new.size:
            if stage[op] > at:
                return False
        elif stage[op] >= at:
            return False
    return True


def _is_kept(op: Op, stage: dict[Op, int], users: dict[Value, list[Op]]) -> bool:
    """Tell whether anybody outside of the loop reads what it makes."""
    return any(
        not is_loop(user) or user.out.size != op.out.size or stage[user] > stage[op]
        for user in users[op.out]
    )


def arranged(slots: Sequence[Slot]) -> tuple[list[int], int]:
    """Return where slots begin in one piece of memory, and its size.

    Each has a spare line after its end. They begin at different places of a page: where
    two are equally far into theirs, a processor takes the reading of one for the reading
    of what was just written to the other, and waits.
    """
    starts, end = [], 0
    for k, slot in enumerate(slots):
        end += (_LINE * _STRIDE * k - end) % _PAGE
        starts.append(end)
        end += slot.n_bytes + _LINE
    return starts, end


def allocate(slots: Sequence[Slot]) -> list[np.ndarray]:
    """Return memory for slots: one piece, as the system gives large pages to those."""
    starts, end = arranged(slots)
    raw = np.zeros(end + _PAGE, np.uint8)
    first = -raw.ctypes.data % _PAGE
    return [
        raw[first + start : first + start + slot.n_bytes].view(slot.kind)
        for start, slot in zip(starts, slots, strict=True)
    ]
