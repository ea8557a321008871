"""Counters of steps in 16 bits, such as what is left of a refractory period.

Much of the time of a step goes into moving the state of neurons in and out of a cache.
A counter that is set to some number, and then falls to 0 one by one, needs no more room
than that number. Whether it is small is looked at when a call begins, for it follows
from parameters; if not, the code of whole words runs instead. (In a byte there would be
room for 25 ms in steps of 0.1 ms: a slider would often be moved past that.)
"""

from __future__ import annotations

from ._flow import Flow, Value
from ._stages import is_loop, known_before, users_of

SMALL, LARGEST = "uint16", 65_535
WORDS = ("int32", "int64")


def narrow(flow: Flow, n_states: int) -> dict[int, list[Value]]:
    """Return the States that are small, and the scalars they are set to."""
    users, is_known = users_of(flow), known_before(flow, n_states)
    found: dict[int, list[Value]] = {}
    for i, (old, new) in enumerate(
        zip(flow.inputs[:n_states], flow.outputs[:n_states], strict=True)
    ):
        is_counter = old.is_array and old.dtype in WORDS and old not in flow.outputs
        readers = [*users[old], *users[new]]
        if not is_counter or not all(is_loop(op) for op in readers):
            continue
        limits: list[Value] = []
        if not _is_small(new, old, limits):
            continue
        if all(map(is_known, limits)):
            found[i] = limits
    return found


def _is_small(value: Value, old: Value, limits: list[Value]) -> bool:
    """Tell whether a value is small if the old one, and all `limits`, are."""
    if value is old:
        return True
    op = value.op
    if op is None:
        return _is_small_constant(value)
    if op.name == "splat":
        if op.ins[0].const is not None:
            return _is_small_constant(op.ins[0])
        limits.append(op.ins[0])
        return op.ins[0].dtype == old.dtype
    if op.name == "select_n":
        return all(_is_small(choice, old, limits) for choice in op.ins[1:])
    if op.name == "max":  # max(x - 1, 0)
        return any(
            _is_one_less(a, old, limits) and _is_small_constant(b)
            for a, b in (op.ins, op.ins[::-1])
        )
    return False


def _is_one_less(value: Value, old: Value, limits: list[Value]) -> bool:
    op = value.op
    if op is None or op.name != "sub" or op.ins[1].const is None:
        return False
    is_one = op.ins[1].const.size == 1 and op.ins[1].const.item() == 1
    return is_one and _is_small(op.ins[0], old, limits)


def _is_small_constant(value: Value) -> bool:
    const = value.const
    return const is not None and const.size == 1 and 0 <= const.item() <= LARGEST
