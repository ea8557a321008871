"""What a step does, counted: for telling how long it will take before it runs."""

from __future__ import annotations

from collections import Counter, defaultdict

from ._flow import Op, Value
from ._layout import Layout
from ._math import LIBRARY, POLYNOMIALS
from ._places import Slot
from ._stages import is_loop, is_scalar

KINDS = {
    **dict.fromkeys(("div", "sqrt", "rsqrt", "rem"), "division"),
    **dict.fromkeys(LIBRARY, "library"),
    **dict.fromkeys(POLYNOMIALS, "function"),
    "random_bits": "random",
}
"""Operations that are no simple ones; those of double precision are of a library."""
FREE = ("splat", "convert_element_type")


def work(step: Layout) -> Counter[str]:
    """Count what a step does.

    Returns
    -------
    Counter
        For each element of an array "simple", "division", "function", "library" and
        "random" operations; "bytes" that loops read and write; "scalars", operations
        that are done once; "products" of events; "looks", bytes of spikes that are looked through; "reach",
        bytes of all arrays that a step goes through; and "lines", operations of the
        program, however large its arrays.
    """
    found: Counter[str] = Counter()
    loops: dict[tuple[int, int], list[Op]] = defaultdict(list)
    for op in step.flow.ops:
        found["lines"] += 1
        if is_loop(op):
            loops[step.stage[op], op.out.size].append(op)
            if op.name not in FREE:
                found[_kind(op)] += op.out.size
        elif is_scalar(op):
            found["scalars"] += 1
        elif op.kind == "push":
            found["products"] += 1
    for (_, size), ops in loops.items():
        found["bytes"] += size * _traffic(ops, step)
    spikes = {op.ins[1] for op in step.flow.ops if op.kind == "push"}
    found["looks"] = sum(value.size for value in spikes)
    found["reach"] = sum(
        step.places.slots[slot].n_bytes
        for slot in {step.places.home[v] for v in _touched(step)}
    )
    return found


def _kind(op: Op) -> str:
    kind = KINDS.get(op.name, "simple")
    is_double = op.out.dtype == "float64" or op.ins[0].dtype == "float64"
    return "library" if kind == "function" and is_double else kind


def _traffic(ops: list[Op], step: Layout) -> int:
    """Return bytes that a loop reads and writes for an element."""
    made = {op.out for op in ops}
    read = {v for op in ops for v in op.ins if v.is_array and v not in made}
    back = {v for v in read if v in step.ahead or v in step.places.clean}
    written = [op.out for op in ops for _ in step.places.stores.get(op.out, ())]
    return sum(_held(v, step) for v in (*read, *back, *written))


def _held(value: Value, step: Layout) -> int:
    """Return how many bytes an element takes in memory."""
    slot = step.places.home.get(value)
    dtype = value.dtype if slot is None else step.places.slots[slot].dtype
    return Slot(dtype, 1).n_bytes


def _touched(step: Layout) -> set[Value]:
    """Return the arrays that loops go through."""
    loops = [op for op in step.flow.ops if is_loop(op)]
    found = {v for op in loops for v in (*op.ins, op.out)}
    return {v for v in found if v.is_array and v in step.places.home}
