"""When each operation of a step runs.

A step is a row of stages. In a stage first come scalars and views, then one loop for
each length of array, then what needs whole arrays: event products, rings, reductions.
What a loop makes can be used by the loop itself; what comes after the loops can be
used in the next stage.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from ._flow import Flow, Op, Unfusable, Value

MOST_ROUNDS = 60


def is_loop(op: Op) -> bool:
    """Tell whether an operation runs for each element of an array."""
    return op.kind == "elem" and op.out.is_array


def is_scalar(op: Op) -> bool:
    """Tell whether an operation runs once a step, before the loops."""
    return op.kind in ("key", "pick") or (op.kind == "elem" and not op.out.is_array)


def is_end(op: Op) -> bool:
    """Tell whether an operation runs after the loops of its stage."""
    return not (is_loop(op) or is_scalar(op) or op.kind == "view")


def users_of(flow: Flow) -> dict[Value, list[Op]]:
    """Return the operations that read each value."""
    users: dict[Value, list[Op]] = defaultdict(list)
    for op in flow.ops:
        for value in dict.fromkeys(op.ins):
            users[value].append(op)
    return users


def moving(flow: Flow, n_states: int) -> set[Value]:
    """Return the inputs that change in a step: States, and its number."""
    pairs = zip(flow.inputs[:n_states], flow.outputs[:n_states], strict=True)
    return {flow.inputs[-1], *(old for old, new in pairs if old is not new)}


def invariants(flow: Flow, n_states: int) -> set[Op]:
    """Return the operations on scalars that depend on parameters alone."""
    changing = moving(flow, n_states)
    found: set[Op] = set()
    for op in flow.ops:
        is_moving = any(
            v in changing or (v.op is not None and v.op not in found) for v in op.ins
        )
        if is_scalar(op) and not is_moving:
            found.add(op)
    return found


def known_before(flow: Flow, n_states: int) -> Callable[[Value], bool]:
    """Return what tells whether a scalar is known before the first step."""
    changing, fixed = moving(flow, n_states), invariants(flow, n_states)

    def is_known(value: Value) -> bool:
        return value not in changing if value.op is None else value.op in fixed

    return is_known


def stages(flow: Flow) -> dict[Op, int]:
    """Return the stage of every operation.

    Raises
    ------
    Unfusable
        If a table is read and written in a circle.
    """
    users = users_of(flow)
    found: dict[Op, int] = dict.fromkeys(flow.ops, 0)
    for _ in range(MOST_ROUNDS):
        before = dict(found)
        for op in flow.ops:
            found[op] = max(found[op], _earliest(op, found))
            if op.kind == "ring":
                found[op] = max(found[op], _after_readers(op, users, found))
        if before == found:
            return _sunk(flow, found, users)
    raise Unfusable("a table that is read and written in a circle")


def _earliest(op: Op, found: dict[Op, int]) -> int:
    """Return the first stage in which all inputs are there."""
    stage = 0
    for value in op.ins:
        maker = value.op
        if maker is None:
            continue
        at = found[maker]
        if is_end(maker):
            # ends of one stage run in order, so an end may use an end
            at += 0 if is_end(op) and maker.kind != "ring" else 1
        elif is_loop(maker):
            is_same = is_loop(op) and op.out.size == maker.out.size
            at += 0 if is_same or is_end(op) else 1
        stage = max(stage, at)
    return stage


def _after_readers(op: Op, users: dict[Value, list[Op]], found: dict[Op, int]) -> int:
    """Return the stage of the last reading of a table before it is written."""
    stage = 0
    for reader in users[op.ins[0]]:
        if reader is op:
            continue
        stage = max(stage, found[reader])
        if reader.kind == "view":
            stage = max([stage, *(found[user] for user in users[reader.out])])
    return stage


def _sunk(
    flow: Flow, found: dict[Op, int], users: dict[Value, list[Op]]
) -> dict[Op, int]:
    """Move work to the loop that needs it: fewer arrays are kept between loops."""
    kept = set(flow.outputs)
    for op in reversed(flow.ops):
        readers = users[op.out]
        if not is_loop(op) or op.out in kept or not readers:
            continue
        if all(is_loop(reader) for reader in readers):
            found[op] = max(found[op], min(found[reader] for reader in readers))
    return found
