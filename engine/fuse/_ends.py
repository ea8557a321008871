"""What needs whole arrays: rings, reductions, records."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from llvmlite import ir

from ._flow import DELAYED, Op, Unfusable, Value
from ._listing import events_of, listed
from ._past import push_the_past
from ._push import copy, push
from ._recall import FIELDS, row_of
from ._rules import RULES, Site, threefry
from ._turns import NOBODY
from ._types import LONG, POINTER, WORD, bytes_of, is_float, long, memory, register

if TYPE_CHECKING:
    from ._emit import Writer


def _row_start(writer: Writer, op: Op, index: Value) -> Any:
    """Return the number of the first element of a row, kept inside of the table."""
    row = row_of(writer, op, index)
    return writer.builder.mul(row, long(op.params["shapes"][0][1]))


def view(writer: Writer, op: Op) -> Any:
    """Return where a row of a table, or a part of a row, begins."""
    table = op.ins[0]
    if op.name == "slice":
        start: Any = long(op.params["start_indices"][0])
    else:
        start = _row_start(writer, op, op.ins[1])
    base = writer.address(table)
    return writer.builder.gep(base, [start], source_etype=memory(table.dtype))


def _ring(writer: Writer, op: Op) -> None:
    table, row = op.ins[:2]
    start, slot = _row_start(writer, op, op.ins[2]), writer.slot(table)
    base = writer.address(table)
    target = writer.builder.gep(base, [start], source_etype=memory(table.dtype))
    if row.is_array and row.op is None and row not in writer.places.home:
        raise Unfusable("a row that is built in")
    writer.reads(row, row.size)
    writer.writes(slot, row.size)
    with _if_in_range(writer, op):
        if row.is_array:
            copy(writer, row, target, slot)
            return
        with writer.first_thread():
            writer.store(writer.scalar(row), target, long(0), row.dtype, slot)


def _if_in_range(writer: Writer, op: Op) -> contextlib.AbstractContextManager[Any]:
    """Write nothing to a row that does not exist, where JAX leaves such out."""
    if op.name != "scatter":
        return contextlib.nullcontext()
    row = writer.builder.zext(writer.scalar(op.ins[2]), LONG)
    n_rows = long(op.params["shapes"][0][0])
    return writer.builder.if_then(writer.builder.icmp_unsigned("<", row, n_rows))


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
        at = builder.select(builder.icmp_signed("<", at, long(0)), long(0), at)
        last = long(source.size - 1)
        at = builder.select(builder.icmp_signed(">", at, last), last, at)
        number = writer.load(
            writer.address(source), at, source.dtype, writer.slot(source)
        )
        writer.store(number, writer.pointers[slot], k, source.dtype, slot)


def _peek(writer: Writer, op: Op) -> None:
    writer.registers[op.out] = pick(writer, op)


def pick(writer: Writer, op: Op) -> Any:
    """Return the only number of an array."""
    value = op.ins[0]
    writer.reads_whole(value)
    place, slot = writer.address(value), writer.slot(value)
    return writer.load(place, long(0), value.dtype, slot)


def _concat(writer: Writer, op: Op) -> None:
    slot, start = writer.places.home[op.out], 0
    for value in op.ins:
        place = writer.builder.gep(
            writer.pointers[slot], [long(start)], source_etype=memory(value.dtype)
        )
        copy(writer, value, place, slot)
        start += value.size


def key(writer: Writer, op: Op) -> tuple[Any, ...]:
    """Return the two words of a random key, or of several keys."""
    source = op.ins[0]
    if op.name == "random_split":
        first, second = writer.registers[source]
        words: list[Any] = []
        for i in range(op.params["shape"][0]):
            counter = [ir.Constant(WORD, number) for number in (0, i)]
            words += threefry(writer.builder, first, second, *counter)
        return tuple(words)
    if op.name == "some keys":
        first, stop = op.params["first"], op.params["stop"]
        return writer.registers[source][2 * first : 2 * stop]
    if op.name == "random_fold_in":
        key, data = writer.registers[source], writer.scalar(op.ins[1])
        return threefry(writer.builder, key[0], key[1], ir.Constant(WORD, 0), data)
    if op.name == "random_wrap" and source.op is None:
        writer.reads_whole(source)
        base, slot = writer.address(source), writer.slot(source)
        words = [
            writer.load(base, ir.Constant(LONG, i), "uint32", slot) for i in (0, 1)
        ]
        return words[0], words[1]
    return writer.registers[source]


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


def _push(writer: Writer, op: Op) -> None:
    (push_the_past if op.name == DELAYED else push)(writer, op)


SCALARS = {"key": key, "pick": pick}
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
        start = builder.mul(t, long(value.size))
        target = builder.gep(writer.rows[k], [start], source_etype=memory(value.dtype))
        if value.is_array:
            copy(writer, value, target, slot)
        else:
            number = writer.scalar(value)
            with writer.first_thread():
                writer.store(number, target, long(0), value.dtype, slot)


def _record_spikes(writer: Writer, value: Value, k: int, t: Any, slot: int) -> None:
    builder = writer.builder
    if writer.turns is not None:  # all have looked whether there is room
        writer.turns.once()
        writer.reads_whole(value)

    def field(i: int) -> Any:
        at = long(FIELDS * k + i)
        return builder.gep(writer.spikes, [at], source_etype=ir.IntType(64))

    with writer.first_thread():
        neurons = builder.load(field(0), typ=POINTER)
        counts = builder.load(field(1), typ=POINTER)
        used = builder.load(field(3), typ=LONG)
        total = listed(writer, events_of(writer, value), neurons, slot, used)
        place = builder.gep(counts, [t], source_etype=WORD)
        length = builder.sub(total, used)
        builder.store(builder.trunc(length, WORD), place)
        writer.recall.note(k, used, length)
        builder.store(total, field(3))


def decay(writer: Writer, value: Value, factor: Any) -> None:
    """Let all of a value decay."""
    slot = writer.places.home[value]
    writer.writes(slot, value.size)
    pointer = writer.pointers[slot]
    with writer.own_loop(value.size) as i:
        number = writer.load(pointer, i, value.dtype, slot)
        faded = writer.builder.fmul(number, factor)
        writer.store(faded, pointer, i, value.dtype, slot)


def late(writer: Writer, value: Value, slot: int) -> None:
    """Write the new value of a State that could not be written before."""
    if not value.is_array:
        zero = ir.Constant(LONG, 0)
        writer.writes(slot, NOBODY)
        with writer.first_thread():
            number = writer.scalar(value)
            writer.store(number, writer.pointers[slot], zero, value.dtype, slot)
        return
    if value.op is not None and value.op.kind == "key":
        writer.writes(slot, NOBODY)
        with writer.first_thread():
            for i, word in enumerate(writer.registers[value]):
                place = writer.pointers[slot]
                writer.store(word, place, long(i), value.dtype, slot)
        return
    copy(writer, value, writer.pointers[slot], slot)
