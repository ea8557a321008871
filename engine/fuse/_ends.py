"""What needs whole arrays: event products, rings, reductions, records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llvmlite import ir

from ._flow import Op, Unfusable, Value
from ._types import BIT, BYTE, LONG, POINTER, WORD, bytes_of, is_float, memory, register

if TYPE_CHECKING:
    from ._emit import Writer

AHEAD = 4  # rows fetched ahead of their turn
LINE = 64
BLOCK = 64  # neurons in a look: one bit of a word each


def _long(number: int) -> ir.Constant:
    return ir.Constant(LONG, number)


def _wide(writer: Writer, number: Any) -> Any:
    return writer.builder.zext(number, LONG)


def copy(writer: Writer, value: Value, target: Any, slot: int) -> None:
    """Copy an array."""
    writer.reads(value, value.size)
    writer.writes(slot, value.size)
    source, own = writer.address(value), writer.slot(value)
    if value.dtype == "bool":  # bytes stay what they are
        with writer.own_loop(value.size) as i:
            byte = writer.load(source, i, "uint8", own)
            writer.store(byte, target, i, "uint8", slot)
        return
    with writer.own_loop(value.size) as i:
        number = writer.load(source, i, value.dtype, own)
        writer.store(number, target, i, value.dtype, slot)


def _row_start(writer: Writer, op: Op, index: Value) -> Any:
    """Return the number of the first element of a row, kept inside of the table."""
    n_rows, width = op.params["shapes"][0]
    builder = writer.builder
    row = builder.sext(writer.scalar(index), LONG)
    row = builder.select(builder.icmp_signed("<", row, _long(0)), _long(0), row)
    last = _long(n_rows - 1)
    row = builder.select(builder.icmp_signed(">", row, last), last, row)
    return builder.mul(row, _long(width))


def view(writer: Writer, op: Op) -> Any:
    """Return where a row of a table, or a part of a row, begins."""
    table = op.ins[0]
    if op.name == "slice":
        start: Any = _long(op.params["start_indices"][0])
    else:
        start = _row_start(writer, op, op.ins[1])
    base = writer.address(table)
    return writer.builder.gep(base, [start], source_etype=memory(table.dtype))


def _ring(writer: Writer, op: Op) -> None:
    table, row = op.ins[:2]
    start = _row_start(writer, op, op.ins[2])
    base = writer.address(table)
    target = writer.builder.gep(base, [start], source_etype=memory(table.dtype))
    if row.op is not None or row in writer.places.home:
        copy(writer, row, target, writer.slot(table))
    else:
        raise Unfusable("a row that is built in")


# event products


@dataclass(frozen=True)
class _Events:
    """Spikes in memory, and the first of the rows of targets that belong to them."""

    address: Any
    slot: int
    size: int
    dtype: str
    first_row: Any


def _events_of(writer: Writer, spikes: Value) -> _Events:
    writer.reads_whole(spikes)
    place, slot = writer.address(spikes), writer.slot(spikes)
    return _Events(place, slot, spikes.size, spikes.dtype, _long(0))


def _push(writer: Writer, op: Op) -> None:
    spikes, weight = op.ins[1], op.ins[4]
    slot = writer.places.home[op.out]
    _begin_sum(writer, op, writer.pointers[slot], slot)
    if weight.is_array:
        writer.reads_whole(weight)
    if op.name == "delayed_push":
        writer.reads_whole(spikes)
        writer.writes(slot, op.out.size)
        for events in _rows_of_the_past(writer, op):
            n = _listed(
                writer, events, _list_of(writer, spikes), _list_slot(writer, op)
            )
            _deliver(writer, op, events, n)
        return
    events = _events_of(writer, spikes)
    if spikes not in writer.lists:  # once for all products that read the same
        place = _list_of(writer, spikes)
        writer.lists[spikes] = _listed(writer, events, place, _list_slot(writer, op))
    writer.writes(slot, op.out.size)
    _deliver(writer, op, events, writer.lists[spikes])


def _list_slot(writer: Writer, op: Op) -> int:
    """Return the slot of the list of neurons that are active for a product."""
    return writer.list_slots[op.ins[1]]


def _rows_of_the_past(writer: Writer, op: Op) -> Iterator[_Events]:
    """Write a loop over delays; gives the spikes of that long ago."""
    history, step = op.ins[1], op.ins[5]
    length, n_pre = op.params["shapes"][1]
    n_delays = (op.ins[2].size - 1) // n_pre
    builder = writer.builder
    now = builder.sext(writer.scalar(step), LONG)
    base, slot = writer.address(history), writer.slot(history)
    with writer.loop(n_delays + 1, _long(1)) as k:
        row = builder.srem(builder.sub(now, k), _long(length))
        is_before = builder.icmp_signed("<", row, _long(0))
        row = builder.select(is_before, builder.add(row, _long(length)), row)
        start = builder.mul(row, _long(n_pre))
        place = builder.gep(base, [start], source_etype=memory(history.dtype))
        first = builder.mul(builder.sub(k, _long(1)), _long(n_pre))
        yield _Events(place, slot, n_pre, history.dtype, first)


def _deliver(writer: Writer, op: Op, events: _Events, n_active: Any) -> None:
    """Add the weights of all targets of the neurons in the list."""
    indices, weight = op.ins[3:5]
    slot, own = writer.places.home[op.out], _list_slot(writer, op)
    out, active = writer.pointers[slot], _list_of(writer, op.ins[1])
    builder = writer.builder
    rows = _Rows(writer, op, events.first_row)
    indices_at, indices_slot = writer.address(indices), writer.slot(indices)
    one = writer.scalar(weight) if not weight.is_array else None
    with writer.loop(n_active) as z:
        _prefetch(writer, z, n_active, active, own, rows)
        pre = _wide(writer, writer.load(active, z, "int32", own))
        scale = one
        if events.dtype != "bool":
            event = writer.load(events.address, pre, events.dtype, events.slot)
            scale = event if one is None else builder.fmul(one, event)
        start, stop = rows.ends(pre)
        with writer.loop(stop, start) as k:
            post = writer.load(indices_at, k, "uint32", indices_slot)
            post = _wide(writer, post)
            amount = scale
            if weight.is_array:
                own_weight = writer.load(
                    writer.address(weight), k, weight.dtype, writer.slot(weight)
                )
                amount = own_weight
                if events.dtype != "bool":
                    amount = builder.fmul(own_weight, scale)
            before = writer.load(out, post, op.out.dtype, slot)
            total = builder.fadd(before, amount)
            writer.store(total, out, post, op.out.dtype, slot)


def _begin_sum(writer: Writer, op: Op, out: Any, slot: int) -> None:
    """Bring what is added to in place, unless it is there."""
    base, home = op.ins[0], writer.places.home
    if not base.is_array:
        if not _is_clean(writer, op.out):
            writer.writes(slot, op.out.size)
            with writer.own_loop(op.out.size) as i:
                writer.store(writer.scalar(base), out, i, op.out.dtype, slot)
    elif home.get(base) != slot:
        if base not in home and base not in writer.views:
            raise Unfusable("an event product that adds to what is built in")
        copy(writer, base, out, slot)


def _is_clean(writer: Writer, value: Value) -> bool:
    """Tell whether the memory of a sum is 0 when a step begins."""
    home = writer.places.home
    return any(home[value] == home[v] for v in writer.places.clean)


class _Rows:
    """Where the targets of each neuron begin and end; one's own, of several threads."""

    def __init__(self, writer: Writer, op: Op, first: Any):
        self._writer, self.op, self._first = writer, op, first
        table = op.ins[2]
        bounds = writer.bounds.get(op)
        if bounds is None:
            self._slot, self._start = writer.slot(table), writer.address(table)
            self._stop = None
            return
        self._slot, base = bounds, writer.pointers[bounds]
        n_rows = _long(table.size - 1)
        self._start, self._stop = (
            writer.builder.gep(
                base, [writer.builder.mul(part, n_rows)], source_etype=WORD
            )
            for part in writer.function.args[5:7]
        )

    def ends(self, pre: Any) -> tuple[Any, Any]:
        """Return the places of the first target of a neuron, and after the last."""
        writer, builder = self._writer, self._writer.builder
        pre = builder.add(pre, self._first)
        start = _wide(writer, writer.load(self._start, pre, "int32", self._slot))
        if self._stop is not None:
            stop = writer.load(self._stop, pre, "int32", self._slot)
            return start, _wide(writer, stop)
        after = builder.add(pre, _long(1))
        stop = _wide(writer, writer.load(self._start, after, "int32", self._slot))
        last = _long(self.op.ins[3].size)
        return start, builder.select(builder.icmp_signed("<", stop, last), stop, last)


def _prefetch(
    writer: Writer, z: Any, n: Any, active: Any, own: int, rows: _Rows
) -> None:
    """Ask for the targets of a neuron a few turns ahead."""
    builder = writer.builder
    targets = writer.address(rows.op.ins[3])
    ahead = builder.add(z, _long(AHEAD))
    with builder.if_then(builder.icmp_signed("<", ahead, n)):
        pre = _wide(writer, writer.load(active, ahead, "int32", own))
        first, last = rows.ends(pre)
        per_line = LINE // 4
        lines = builder.udiv(
            builder.add(builder.sub(last, first), _long(per_line - 1)), _long(per_line)
        )
        with writer.loop(lines) as line:
            at = builder.add(first, builder.mul(line, _long(per_line)))
            place = builder.gep(targets, [at], source_etype=WORD)
            kind = ir.FunctionType(ir.VoidType(), [POINTER, WORD, WORD, WORD])
            hint = writer.module.globals.get("llvm.prefetch.p0") or ir.Function(
                writer.module, kind, "llvm.prefetch.p0"
            )
            builder.call(hint, [place, *(ir.Constant(WORD, n) for n in (0, 3, 1))])


def _list_of(writer: Writer, spikes: Value) -> Any:
    """Return where a thread lists active neurons."""
    target = writer.pointers[writer.list_slots[spikes]]
    if writer.turns is None:
        return target
    at = writer.builder.mul(writer.function.args[5], _long(writer.list_sizes[spikes]))
    return writer.builder.gep(target, [at], source_etype=WORD)


def _listed(
    writer: Writer, events: _Events, target: Any, slot: int, begin: Any = None
) -> Any:
    """Append the numbers of the neurons that spike to a list; returns its length.

    A block of silent neurons is passed in one look; in others each spike is a bit.
    """
    builder = writer.builder
    count = _local(writer, _long(0) if begin is None else begin)
    whole = events.size // BLOCK if events.dtype == "bool" else 0
    bytes_ = ir.VectorType(BYTE, BLOCK)
    with writer.loop(whole) as block:
        first = builder.mul(block, _long(BLOCK))
        place = builder.gep(events.address, [first], source_etype=BYTE)
        found = builder.load(place, align=1, typ=bytes_)
        silent = ir.Constant(bytes_, [0] * BLOCK)
        some = builder.bitcast(builder.icmp_unsigned("!=", found, silent), LONG)
        _append_bits(writer, some, first, target, slot, count)
    with writer.loop(events.size, _long(BLOCK * whole)) as i:
        _append(writer, events, i, target, slot, count)
    return builder.load(count, typ=LONG)


def _append_bits(
    writer: Writer, some: Any, first: Any, target: Any, slot: int, count: Any
) -> None:
    """Append the place of each bit that is set, lowest first."""
    builder = writer.builder
    before = builder.block
    body, after = builder.append_basic_block("bit"), builder.append_basic_block("bits")
    none = _long(0)
    builder.cbranch(builder.icmp_unsigned("!=", some, none), body, after)
    builder.position_at_end(body)
    left = builder.phi(LONG)
    left.add_incoming(some, before)
    at = builder.load(count, typ=LONG)
    i = builder.add(first, builder.cttz(left, ir.Constant(BIT, 1)))
    writer.store(builder.trunc(i, WORD), target, at, "int32", slot)
    builder.store(builder.add(at, _long(1)), count)
    rest = builder.and_(left, builder.sub(left, _long(1)))
    left.add_incoming(rest, builder.block)
    builder.cbranch(builder.icmp_unsigned("!=", rest, none), body, after)
    builder.position_at_end(after)


def _local(writer: Writer, start: Any) -> Any:
    """Return a variable of the function."""
    builder = writer.builder
    with builder.goto_entry_block():
        place = builder.alloca(LONG)
    builder.store(start, place)
    return place


def _append(
    writer: Writer, events: _Events, i: Any, target: Any, slot: int, count: Any
) -> None:
    """Write a number always, and count it only if the neuron spikes: no branch."""
    builder = writer.builder
    at = builder.load(count, typ=LONG)
    value = writer.load(events.address, i, events.dtype, events.slot)
    if events.dtype != "bool":
        value = builder.fcmp_unordered("!=", value, ir.Constant(value.type, 0.0))
    writer.store(builder.trunc(i, WORD), target, at, "int32", slot)
    builder.store(builder.add(at, builder.zext(value, LONG)), count)


# the rest


def _gather(writer: Writer, op: Op) -> None:
    source, index = op.ins
    slot = writer.places.home[op.out]
    builder = writer.builder
    writer.reads_whole(source)
    writer.reads(index, op.out.size)
    writer.writes(slot, op.out.size)
    with writer.own_loop(op.out.size) as k:
        at = writer.load(writer.address(index), k, index.dtype, writer.slot(index))
        at = builder.sext(at, LONG)
        at = builder.select(builder.icmp_signed("<", at, _long(0)), _long(0), at)
        last = _long(source.size - 1)
        at = builder.select(builder.icmp_signed(">", at, last), last, at)
        number = writer.load(
            writer.address(source), at, source.dtype, writer.slot(source)
        )
        writer.store(number, writer.pointers[slot], k, source.dtype, slot)


def _peek(writer: Writer, op: Op) -> None:
    value = op.ins[0]
    writer.reads_whole(value)
    writer.registers[op.out] = writer.load(
        writer.address(value), _long(0), value.dtype, writer.slot(value)
    )


def _concat(writer: Writer, op: Op) -> None:
    slot, start = writer.places.home[op.out], 0
    for value in op.ins:
        place = writer.builder.gep(
            writer.pointers[slot], [_long(start)], source_etype=memory(value.dtype)
        )
        copy(writer, value, place, slot)
        start += value.size


_FIRST: dict[str, Callable[[str], Any]] = {
    "reduce_sum": lambda dtype: 0,
    "reduce_or": lambda dtype: 0,
    "reduce_and": lambda dtype: 1 if dtype == "bool" else -1,
    "reduce_max": lambda dtype: -float("inf") if is_float(dtype) else _least(dtype),
    "reduce_min": lambda dtype: float("inf") if is_float(dtype) else _most(dtype),
}


def _least(dtype: str) -> int:
    return 0 if dtype[0] == "u" else -(2 ** (8 * bytes_of(dtype) - 1))


def _most(dtype: str) -> int:
    width = 8 * bytes_of(dtype)
    return 2**width - 1 if dtype[0] == "u" else 2 ** (width - 1) - 1


_STEP = {
    "reduce_sum": "add",
    "reduce_max": "max",
    "reduce_min": "min",
    "reduce_or": "or",
    "reduce_and": "and",
}


def _reduce(writer: Writer, op: Op) -> None:
    from ._rules import RULES, Site

    value, builder = op.ins[0], writer.builder
    writer.reads_whole(value)
    kind = register(value.dtype)
    start = ir.Constant(kind, _FIRST[op.name](value.dtype))
    with builder.goto_entry_block():
        place = builder.alloca(kind)
    builder.store(start, place)
    same = Op("elem", _STEP[op.name], [value, value], op.out, {})
    with writer.loop(value.size) as i:
        number = writer.load(writer.address(value), i, value.dtype, writer.slot(value))
        site = Site(builder, same, [builder.load(place, typ=kind), number], i)
        builder.store(RULES[same.name](site), place)
    writer.registers[op.out] = builder.load(place, typ=kind)


WRITERS: dict[str, Callable[[Writer, Op], None]] = {
    "push": _push,
    "ring": _ring,
    "gather": _gather,
    "peek": _peek,
    "concat": _concat,
    "reduce": _reduce,
}


def record(writer: Writer, t: Any) -> None:
    """Write what is recorded of a step."""
    builder = writer.builder
    base = len(writer.places.slots)
    spikes = writer.spike_rows
    for k, value in enumerate(writer.row_values):
        slot = base + k
        if value in spikes:
            _record_spikes(writer, value, spikes.index(value), t, slot)
            continue
        start = builder.mul(t, _long(value.size))
        target = builder.gep(writer.rows[k], [start], source_etype=memory(value.dtype))
        if value.is_array:
            copy(writer, value, target, slot)
        else:
            number = writer.scalar(value)
            with writer.first_thread():
                writer.store(number, target, _long(0), value.dtype, slot)


def _record_spikes(writer: Writer, value: Value, k: int, t: Any, slot: int) -> None:
    from ._emit import FIELDS

    builder = writer.builder
    if writer.turns is not None:  # all have looked whether there is room
        writer.turns.once()
        writer.reads_whole(value)

    def field(i: int) -> Any:
        at = _long(FIELDS * k + i)
        return builder.gep(writer.spikes, [at], source_etype=ir.IntType(64))

    with writer.first_thread():
        neurons = builder.load(field(0), typ=POINTER)
        counts = builder.load(field(1), typ=POINTER)
        used = builder.load(field(3), typ=LONG)
        total = _listed(writer, _events_of(writer, value), neurons, slot, used)
        place = builder.gep(counts, [t], source_etype=WORD)
        builder.store(builder.trunc(builder.sub(total, used), WORD), place)
        builder.store(total, field(3))
