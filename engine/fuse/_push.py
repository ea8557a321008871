"""Event products: the weights of the targets of what spikes are added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llvmlite import ir

from ..event._rows import drawn_push
from ._flow import DRAWN, Op, Unfusable, Value
from ._turns import GRAIN
from ._types import BIT, BYTE, LONG, POINTER, WORD, long, memory

if TYPE_CHECKING:
    from ._emit import Writer

AHEAD = 4  # rows fetched ahead of their turn
LINE = 64
BLOCK = 64  # neurons in a look: one bit of a word each


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


def push(writer: Writer, op: Op) -> None:
    spikes, weight = op.ins[1], op.ins[-1 if op.name == DRAWN else 4]
    slot = writer.places.home[op.out]
    _begin_sum(writer, op, writer.pointers[slot], slot)
    if weight.is_array:
        writer.reads_whole(weight)
    if op.name == "delayed_push":
        _push_the_past(writer, op)
        return
    events = events_of(writer, spikes)
    if spikes not in writer.lists:  # once for all products that read the same
        writer.lists[spikes] = _active(writer, op, events)
    writer.writes(slot, op.out.size)
    deliver = _draw if op.name == DRAWN else _deliver
    deliver(writer, op, events, writer.lists[spikes])


@dataclass(frozen=True)
class Active:
    """The neurons that are active: a list, its length, and its slot if it has one."""

    place: Any
    length: Any
    slot: int | None


def _active(writer: Writer, op: Op, events: Events) -> Active:
    """List the neurons that spike, unless a record has a list of them."""
    place, slot = _list_of(writer, op.ins[1]), _list_slot(writer, op)
    known = writer.recall.look_up(op)
    if known is None:
        return Active(place, listed(writer, events, place, slot), slot)
    is_known, recorded, length = known
    builder = writer.builder
    total = _local(writer, length)
    with builder.if_then(builder.not_(is_known)):
        builder.store(listed(writer, events, place, slot), total)
    found = builder.select(is_known, recorded, place)
    return Active(found, builder.load(total, typ=LONG), None)


def _draw(writer: Writer, op: Op, events: Events, active: Active) -> None:
    """Add the weight of all targets of the neurons in a list, whose rows are drawn."""
    recipe, weight = op.ins[2:]
    is_bool, dtype = events.dtype == "bool", op.out.dtype
    push = drawn_push(writer.module, dtype, is_bool, op.params["kind"])
    out = writer.pointers[writer.places.home[op.out]]
    given = [writer.address(recipe), active.place, active.length, out]
    given.append(writer.scalar(weight))
    own = writer.span(op.out.size)
    writer.builder.call(push, [*given, events.address, *own])


def _list_slot(writer: Writer, op: Op) -> int:
    """Return the slot of the list of neurons that are active for a product."""
    return writer.list_slots[op.ins[1]]


def n_lists(op: Op) -> int:
    """Return how many steps a product looks back to."""
    if op.name != "delayed_push":
        return 1
    return (op.ins[2].size - 1) // op.params["shapes"][1][-1]


def list_width(op: Op) -> int:
    """Return how much room the list of a step takes."""
    return op.params["shapes"][1][-1] + GRAIN


def _push_the_past(writer: Writer, op: Op) -> None:
    """Deliver the spikes of as many steps as there are delays.

    The list of a step is made in the step after it, for all products that read the
    same past, and kept until the longest delay is over; its first number is its
    length. A call begins with all of them.
    """
    history, builder = op.ins[1], writer.builder
    writer.reads_whole(history)
    slot = _list_slot(writer, op)
    if history not in writer.lists:
        writer.lists[history] = True
        is_first = builder.icmp_signed("==", writer.step, long(0))
        all_of_them = long(writer.list_rows[history] + 1)
        missing = builder.select(is_first, all_of_them, long(2))
        with writer.loop(missing, long(1)) as k:
            place, events = _past(writer, op, k)
            entries = builder.gep(place, [long(1)], source_etype=WORD)
            n = listed(writer, events, entries, slot)
            n = builder.trunc(n, WORD)
            writer.store(n, place, long(0), "int32", slot)
    writer.writes(writer.places.home[op.out], op.out.size)
    if history.dtype == "bool":
        _deliver_together(writer, op)
        return
    with writer.loop(n_lists(op) + 1, long(1)) as k:
        place, events = _past(writer, op, k)
        n = _wide(writer, writer.load(place, long(0), "int32", slot))
        entries = builder.gep(place, [long(1)], source_etype=WORD)
        _deliver(writer, op, events, Active(entries, n, slot))


def _deliver_together(writer: Writer, op: Op) -> None:
    """Deliver the spikes of all delays from one list of rows.

    Rows of one delay are short and far apart: in one list they can be asked for ahead.
    """
    history, builder, slot = op.ins[1], writer.builder, _list_slot(writer, op)
    n_pre = op.params["shapes"][1][-1]
    half = long(writer.list_sizes[history] // 2)
    rows = builder.gep(_list_of(writer, history), [half], source_etype=WORD)
    total = _local(writer, long(0))
    with writer.loop(n_lists(op) + 1, long(1)) as k:
        place, events = _past(writer, op, k)
        n = _wide(writer, writer.load(place, long(0), "int32", slot))
        before = builder.load(total, typ=LONG)
        first = builder.trunc(events.first_row, WORD)
        with writer.loop(n) as i:
            at = builder.add(i, long(1))
            row = builder.add(writer.load(place, at, "int32", slot), first)
            writer.store(row, rows, builder.add(before, i), "int32", slot)
        builder.store(builder.add(before, n), total)
    all_of_them = Events(None, slot, n_pre, "bool", long(0))
    active = Active(rows, builder.load(total, typ=LONG), slot)
    _deliver(writer, op, all_of_them, active)


def _past(writer: Writer, op: Op, k: Any) -> tuple[Any, Events]:
    """Return the list, and the spikes, of `k` steps ago."""
    history, step, builder = op.ins[1], op.ins[5], writer.builder
    length, n_pre = op.params["shapes"][1]
    then = builder.sub(builder.sext(writer.scalar(step), LONG), k)
    start = builder.mul(_modulo(writer, then, length), long(n_pre))
    base = writer.address(history)
    place = builder.gep(base, [start], source_etype=memory(history.dtype))
    first = builder.mul(builder.sub(k, long(1)), long(n_pre))
    events = Events(place, writer.slot(history), n_pre, history.dtype, first)
    turn = _modulo(writer, then, writer.list_rows[op.ins[1]])
    at = builder.mul(turn, long(list_width(op)))
    return builder.gep(_list_of(writer, history), [at], source_etype=WORD), events


def _modulo(writer: Writer, number: Any, by: int) -> Any:
    """Return the remainder of a division, never below 0."""
    builder = writer.builder
    rest = builder.srem(number, long(by))
    is_below = builder.icmp_signed("<", rest, long(0))
    return builder.select(is_below, builder.add(rest, long(by)), rest)


def _deliver(writer: Writer, op: Op, events: Events, active: Active) -> None:
    """Add the weights of all targets of the neurons in a list."""
    indices, weight = op.ins[3:5]
    slot = writer.places.home[op.out]
    out, builder = writer.pointers[slot], writer.builder
    rows = _Rows(writer, op, events.first_row)
    indices_at, indices_slot = writer.address(indices), writer.slot(indices)
    one = writer.scalar(weight) if not weight.is_array else None
    with writer.loop(active.length) as z:
        _prefetch(writer, z, active, rows)
        pre = _wide(writer, writer.load(active.place, z, "int32", active.slot))
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
        n_rows = long(table.size - 1)
        self._start, self._stop = (
            writer.builder.gep(
                base, [writer.builder.mul(part, n_rows)], source_etype=WORD
            )
            for part in writer.function.args[5:7]
        )

    def places(self, pre: Any) -> list[Any]:
        """Return where the beginning of a row, and its end, are in memory."""
        at = self._writer.builder.add(pre, self._first)
        bases = [self._start] if self._stop is None else [self._start, self._stop]
        return [self._writer.builder.gep(b, [at], source_etype=WORD) for b in bases]

    def ends(self, pre: Any) -> tuple[Any, Any]:
        """Return the places of the first target of a neuron, and after the last."""
        writer, builder = self._writer, self._writer.builder
        pre = builder.add(pre, self._first)
        start = _wide(writer, writer.load(self._start, pre, "int32", self._slot))
        if self._stop is not None:
            stop = writer.load(self._stop, pre, "int32", self._slot)
            return start, _wide(writer, stop)
        after = builder.add(pre, long(1))
        stop = _wide(writer, writer.load(self._start, after, "int32", self._slot))
        last = long(self.op.ins[3].size)
        return start, builder.select(builder.icmp_signed("<", stop, last), stop, last)


def _prefetch(writer: Writer, z: Any, active: Active, rows: _Rows) -> None:
    """Ask for the targets of a neuron a few turns ahead."""
    builder, n = writer.builder, active.length
    targets = writer.address(rows.op.ins[3])
    far = builder.add(z, long(2 * AHEAD))
    with builder.if_then(builder.icmp_signed("<", far, n)):
        pre = _wide(writer, writer.load(active.place, far, "int32", active.slot))
        for place in rows.places(pre):
            _hint(writer, place)
    ahead = builder.add(z, long(AHEAD))
    with builder.if_then(builder.icmp_signed("<", ahead, n)):
        pre = _wide(writer, writer.load(active.place, ahead, "int32", active.slot))
        first, last = rows.ends(pre)
        per_line = LINE // 4
        lines = builder.udiv(
            builder.add(builder.sub(last, first), long(per_line - 1)), long(per_line)
        )
        with writer.loop(lines) as line:
            at = builder.add(first, builder.mul(line, long(per_line)))
            _hint(writer, builder.gep(targets, [at], source_etype=WORD))


def _hint(writer: Writer, place: Any) -> None:
    """Ask for a line of memory that will be read."""
    name, module = "llvm.prefetch.p0", writer.module
    kind = ir.FunctionType(ir.VoidType(), [POINTER, WORD, WORD, WORD])
    hint = module.globals.get(name) or ir.Function(module, kind, name)
    writer.builder.call(hint, [place, *(ir.Constant(WORD, n) for n in (0, 3, 1))])


def _list_of(writer: Writer, spikes: Value) -> Any:
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

    A block of silent neurons is passed in one look; in others each spike is a bit.
    """
    builder = writer.builder
    count = _local(writer, long(0) if begin is None else begin)
    whole = events.size // BLOCK if events.dtype == "bool" else 0
    bytes_ = ir.VectorType(BYTE, BLOCK)
    with writer.loop(whole) as block:
        first = builder.mul(block, long(BLOCK))
        place = builder.gep(events.address, [first], source_etype=BYTE)
        found = builder.load(place, align=1, typ=bytes_)
        silent = ir.Constant(bytes_, [0] * BLOCK)
        some = builder.bitcast(builder.icmp_unsigned("!=", found, silent), LONG)
        _append_bits(writer, some, first, target, slot, count)
    with writer.loop(events.size, long(BLOCK * whole)) as i:
        _append(writer, events, i, target, slot, count)
    return builder.load(count, typ=LONG)


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


def _local(writer: Writer, start: Any) -> Any:
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
