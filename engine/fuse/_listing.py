"""Who is active: the neurons that spike, listed from a byte each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llvmlite import ir

from ._flow import Op, Value
from ._types import BIT, BYTE, LONG, WORD, long

if TYPE_CHECKING:
    from ._emit import Writer

BLOCK = 64  # neurons in a look: one bit of a word each
SMALLER = (32, 16, 8)


def wide(writer: Writer, number: Any) -> Any:
    return writer.builder.zext(number, LONG)


@dataclass(frozen=True)
class Events:
    """Spikes in memory, and the first of the rows of targets that belong to them."""

    address: Any
    slot: int
    size: int
    dtype: str
    first_row: Any


def events_of(writer: Writer, spikes: Value) -> Events:
    writer.reads_whole(spikes)
    place, slot = writer.address(spikes), writer.slot(spikes)
    return Events(place, slot, spikes.size, spikes.dtype, long(0))


@dataclass(frozen=True)
class Active:
    """The neurons that are active: a list, its length, and its slot if it has one."""

    place: Any
    length: Any
    slot: int | None


def active_of(writer: Writer, op: Op, events: Events, known: Any) -> Active:
    """List the neurons that spike, unless they are known from a record."""
    place, slot = list_of(writer, op.ins[1]), list_slot(writer, op)
    if known is None:
        return Active(place, listed(writer, events, place, slot), slot)
    is_known, recorded, length = known
    builder = writer.builder
    total = local(writer, length)
    with builder.if_then(builder.not_(is_known)):
        builder.store(listed(writer, events, place, slot), total)
    found = builder.select(is_known, recorded, place)
    return Active(found, builder.load(total, typ=LONG), None)


def list_slot(writer: Writer, op: Op) -> int:
    """Return the slot of the list of neurons that are active for a product."""
    return writer.list_slots[op.ins[1]]


def list_of(writer: Writer, spikes: Value) -> Any:
    """Return where a thread lists active neurons."""
    target = writer.pointers[writer.list_slots[spikes]]
    if writer.turns is None:
        return target
    at = writer.builder.mul(writer.function.args[5], long(writer.list_sizes[spikes]))
    return writer.builder.gep(target, [at], source_etype=WORD)


def listed(
    writer: Writer, events: Events, target: Any, slot: int, begin: Any = None
) -> Any:
    """Append the numbers of the neurons that spike to a list; returns its length.

    A block of silent neurons is passed in one look; in others each spike is a bit. What
    is left after whole blocks is looked at in smaller ones.
    """
    builder = writer.builder
    count = local(writer, long(0) if begin is None else begin)
    done = 0
    if events.dtype == "bool":
        whole, rest = divmod(events.size, BLOCK)
        with writer.loop(whole) as block:
            first = builder.mul(block, long(BLOCK))
            _append_bits(
                writer, _look(writer, events, first, BLOCK), first, target, slot, count
            )
        done = BLOCK * whole
        for size in filter(rest.__and__, SMALLER):
            first = long(done)
            _append_bits(
                writer, _look(writer, events, first, size), first, target, slot, count
            )
            done += size
    with writer.loop(events.size, long(done)) as i:
        _append(writer, events, i, target, slot, count)
    return builder.load(count, typ=LONG)


def _look(writer: Writer, events: Events, first: Any, size: int) -> Any:
    """Return a word with a bit for each of the neurons from the first on."""
    builder, bytes_ = writer.builder, ir.VectorType(BYTE, size)
    place = builder.gep(events.address, [first], source_etype=BYTE)
    found = builder.load(place, align=1, typ=bytes_)
    some = builder.icmp_unsigned("!=", found, ir.Constant(bytes_, [0] * size))
    bits = builder.bitcast(some, ir.IntType(size))
    return bits if size == BLOCK else builder.zext(bits, LONG)


def _append_bits(
    writer: Writer, some: Any, first: Any, target: Any, slot: int, count: Any
) -> None:
    """Append the place of each bit that is set, lowest first."""
    builder = writer.builder
    before = builder.block
    body, after = builder.append_basic_block("bit"), builder.append_basic_block("bits")
    none = long(0)
    builder.cbranch(builder.icmp_unsigned("!=", some, none), body, after)
    builder.position_at_end(body)
    left = builder.phi(LONG)
    left.add_incoming(some, before)
    at = builder.load(count, typ=LONG)
    i = builder.add(first, builder.cttz(left, ir.Constant(BIT, 1)))
    writer.store(builder.trunc(i, WORD), target, at, "int32", slot)
    builder.store(builder.add(at, long(1)), count)
    rest = builder.and_(left, builder.sub(left, long(1)))
    left.add_incoming(rest, builder.block)
    builder.cbranch(builder.icmp_unsigned("!=", rest, none), body, after)
    builder.position_at_end(after)


def local(writer: Writer, start: Any) -> Any:
    """Return a variable of the function."""
    builder = writer.builder
    with builder.goto_entry_block():
        place = builder.alloca(LONG)
    builder.store(start, place)
    return place


def _append(
    writer: Writer, events: Events, i: Any, target: Any, slot: int, count: Any
) -> None:
    """Write a number always, and count it only if the neuron spikes: no branch."""
    builder = writer.builder
    at = builder.load(count, typ=LONG)
    value = writer.load(events.address, i, events.dtype, events.slot)
    if events.dtype != "bool":
        value = builder.fcmp_unordered("!=", value, ir.Constant(value.type, 0.0))
    writer.store(builder.trunc(i, WORD), target, at, "int32", slot)
    builder.store(builder.add(at, builder.zext(value, LONG)), count)
