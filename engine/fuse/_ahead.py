"""Decays that are done at the end of the step before.

What decays and takes what arrives, ``x(n) = a x(n - 1) + s(n)``, would be two arrays:
`x`, and the sum `s` that event products make. In the steps of a call memory holds
``a x`` instead, and event products add to it where it is: the sum needs no array that
is read, added and set back to 0. Most of the time of a step is such traffic.

The last step of a call leaves `x` itself, and the first begins with ``a x``; so a run
has the same numbers however it is cut into calls.
"""

from __future__ import annotations

from ._flow import DELAYED, Flow, Op, Value
from ._stages import is_loop, known_before, users_of


def take_ahead(flow: Flow, n_states: int) -> dict[Value, Value]:
    """Change a step so that its decays are done ahead.

    Parameters
    ----------
    flow : Flow
        The step; what is changed is its operations and outputs.
    n_states : int
        Number of inputs, and of outputs, that are States.

    Returns
    -------
    dict
        The last event product of each sum, which is the new value of a State, and the
        factor that it decays by.
    """
    users, is_known = users_of(flow), known_before(flow, n_states)
    found: dict[Value, Value] = {}
    replaced: dict[Value, Value] = {}
    gone: set[Op] = set()
    for old, new in zip(flow.inputs[:n_states], flow.outputs[:n_states], strict=True):
        parts = _parts(old, new, users)
        if parts is None:
            continue
        decay, arrived, factor, scaling = parts
        kept = {old, decay.out, arrived} | ({scaling.out} if scaling else set())
        if not is_known(factor) or not kept.isdisjoint(flow.outputs):
            continue
        root = _root(arrived, users, flow)
        if root is None:
            continue
        if scaling is not None:
            scale = _other(scaling, arrived)
            if not is_known(scale) or not _scale(arrived, scale, flow):
                continue
            gone.add(scaling)
        root.ins[0] = old
        found[arrived] = factor
        replaced[new] = arrived
        gone |= {decay, new.op}  # type: ignore[arg-type]
    flow.ops[:] = [op for op in flow.ops if op not in gone]
    for op in flow.ops:
        op.ins[:] = [replaced.get(value, value) for value in op.ins]
    flow.outputs[:] = [replaced.get(value, value) for value in flow.outputs]
    return found


def _parts(
    old: Value, new: Value, users: dict[Value, list[Op]]
) -> tuple[Op, Value, Value, Op | None] | None:
    """Return what the new value of a State is made of, if that is all.

    Its decay, what arrives, the factor of the decay, and the operation that multiplies
    what arrives by a number, such as one between two units, if there is one.
    """
    total = new.op
    if total is None or total.name != "add" or not is_loop(total):
        return None
    for faded, other in (total.ins, total.ins[::-1]):
        arrived, scaling = other, None
        decay, last = faded.op, arrived.op
        if last is not None and last.name == "mul" and users[arrived] == [total]:
            sums = [v for v in last.ins if v.op is not None and v.op.kind == "push"]
            if len(sums) == 1 and not _other(last, sums[0]).is_array:
                scaling, arrived, last = last, sums[0], sums[0].op
        if decay is None or last is None or last.kind != "push":
            continue
        is_own = users[faded] == [total] and users[old] == [decay]
        is_own &= users[arrived] == [scaling or total]
        if decay.name != "mul" or not is_own or old not in decay.ins:
            continue
        factor = _other(decay, old)
        if not factor.is_array:
            return decay, arrived, factor, scaling
    return None


def _other(op: Op, value: Value) -> Value:
    """Return the other operand of an operation of two."""
    return op.ins[1 - op.ins.index(value)]


def _scale(total: Value, scale: Value, flow: Flow) -> bool:
    """Multiply the weights of a sum of products, one each, and tell whether it could."""
    products = [v.op for v in chain(total) if v.op is not None]
    if any(op.name == DELAYED or op.ins[-1].is_array for op in products):
        return False
    for op in products:
        weight = op.ins[-1]
        scaled = Value(weight.dtype, 1, False)
        scaled.op = Op("elem", "mul", [weight, scale], scaled, {})
        flow.ops.insert(flow.ops.index(op), scaled.op)
        op.ins[-1] = scaled
    return True


def _root(arrived: Value, users: dict[Value, list[Op]], flow: Flow) -> Op | None:
    """Return the first event product of a sum that begins with 0, and is no other's."""
    op = arrived.op
    while op is not None and op.ins[0].op is not None:
        base = op.ins[0]
        is_own = users[base] == [op] and base not in flow.outputs
        if base.op.kind != "push" or not is_own:  # type: ignore[union-attr]
            return None
        op = base.op
    begin = None if op is None else op.ins[0]
    is_zero = begin is not None and not begin.is_array and begin.const == 0
    return op if is_zero else None


def chain(value: Value) -> list[Value]:
    """Return the sums that lead to a value, which is the last."""
    found = [value]
    while (op := found[-1].op) is not None and op.kind == "push":
        found.append(op.ins[0])
    return [v for v in found if v.op is not None]


def loop_of(
    value: Value, stage: dict[Op, int], users: dict[Value, list[Op]]
) -> tuple[int, int] | None:
    """Return stage and size of the only loop that reads a value, if there is one."""
    readers = users[value]
    at = {(stage[op], op.out.size) for op in readers}
    is_one = len(at) == 1 and all(is_loop(op) for op in readers)
    return at.pop() if is_one else None
