"""Event products: the weights of the targets of what spikes are added up."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from llvmlite import ir

from ..event._blocks import WIDTH
from ..event._rows import drawn_push
from ._flow import DRAWN, Op, Unfusable, Value
from ._listing import Active, Events, active_of, events_of, wide
from ._types import POINTER, VOID, WORD, long, outside

if TYPE_CHECKING:
    from ._emit import Writer

AHEAD = 4  # rows fetched ahead of their turn
LINE = 64


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


def push(writer: Writer, op: Op) -> None:
    """Write a product of the spikes of one step."""
    spikes, weight = op.ins[1], op.ins[-1]
    slot = begin_sum(writer, op)
    if weight.is_array:
        writer.reads_whole(weight)
    events = events_of(writer, spikes)
    if spikes not in writer.lists:  # once for all products that read the same
        known = writer.recall.of(op)
        writer.lists[spikes] = active_of(writer, op, events, known)
    writer.writes(slot, op.out.size)
    add = _draw if op.name == DRAWN else deliver
    add(writer, op, events, writer.lists[spikes])


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


def deliver(writer: Writer, op: Op, events: Events, active: Active) -> None:
    """Add the weights of all targets of the neurons in a list."""
    indices, weight = op.ins[3:5]
    slot = writer.places.home[op.out]
    out, builder = writer.pointers[slot], writer.builder
    rows = _Rows(writer, op, events.first_row)
    indices_at, indices_slot = writer.address(indices), writer.slot(indices)
    one = writer.scalar(weight) if not weight.is_array else None
    with writer.loop(active.length) as z:
        fetch(writer, z, active, rows)
        pre = wide(writer, writer.load(active.place, z, "int32", active.slot))
        scale = one
        if events.dtype != "bool":
            event = writer.load(events.address, pre, events.dtype, events.slot)
            scale = event if one is None else builder.fmul(one, event)
        start, stop = rows.ends(pre)
        with (
            rows.block(pre, start, stop) as (first, last, base),
            writer.loop(last, first) as k,
        ):
            post = rows.target(indices_at, indices_slot, k, base)
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


def begin_sum(writer: Writer, op: Op) -> int:
    """Bring what is added to in place, unless it is there; returns its slot."""
    base, home = op.ins[0], writer.places.home
    slot = home[op.out]
    out = writer.pointers[slot]
    if not base.is_array:
        if not _is_clean(writer, op.out):
            writer.writes(slot, op.out.size)
            with writer.own_loop(op.out.size) as i:
                writer.store(writer.scalar(base), out, i, op.out.dtype, slot)
    elif home.get(base) != slot:
        if base not in home and base not in writer.views:
            raise Unfusable("an event product that adds to what is built in")
        copy(writer, base, out, slot)
    return slot


def _is_clean(writer: Writer, value: Value) -> bool:
    """Tell whether the memory of a sum is 0 when a step begins."""
    home = writer.places.home
    return any(home[value] == home[v] for v in writer.places.clean)


class _Rows:
    """Where the targets of each neuron begin and end; one's own, of several threads."""

    def __init__(self, writer: Writer, op: Op, first: Any):
        self._writer, self.op, self._first = writer, op, first
        self.targets, self.dtype = writer.address(op.ins[3]), op.ins[3].dtype
        table, n_rows = op.ins[2], op.ins[1].size
        self._ends, self._ends_slot = writer.address(table), writer.slot(table)
        is_narrow = self.dtype == "uint16"
        self.n_blocks = (table.size - 1) // max(n_rows, 1) if is_narrow else 1
        bounds = writer.bounds.get(op)
        if bounds is None:
            self._slot, self._start = writer.slot(table), writer.address(table)
            self._stop = None
            return
        self._slot, base = bounds, writer.pointers[bounds]
        self._start, self._stop = (
            writer.builder.gep(
                base, [writer.builder.mul(part, long(n_rows))], source_etype=WORD
            )
            for part in writer.parts
        )

    def places(self, pre: Any) -> list[Any]:
        """Return where the beginning of a row, and its end, are in memory."""
        at = self._entry(pre)
        bases = [self._start] if self._stop is None else [self._start, self._stop]
        return [self._writer.builder.gep(b, [at], source_etype=WORD) for b in bases]

    def ends(self, pre: Any) -> tuple[Any, Any]:
        """Return the places of the first target of a neuron, and after the last."""
        writer, builder = self._writer, self._writer.builder
        at = self._entry(pre)
        start = wide(writer, writer.load(self._start, at, "int32", self._slot))
        if self._stop is not None:
            stop = writer.load(self._stop, at, "int32", self._slot)
            return start, wide(writer, stop)
        after = builder.add(at, long(self.n_blocks))
        stop = wide(writer, writer.load(self._start, after, "int32", self._slot))
        return start, self._least(stop, long(self.op.ins[3].size))

    def _entry(self, pre: Any) -> Any:
        """Return the place of a neuron in what tells where rows begin."""
        builder = self._writer.builder
        at = builder.add(pre, self._first)
        return at if self._stop is not None else builder.mul(at, long(self.n_blocks))

    def _least(self, a: Any, b: Any) -> Any:
        builder = self._writer.builder
        return builder.select(builder.icmp_signed("<", a, b), a, b)

    @contextlib.contextmanager
    def block(self, pre: Any, start: Any, stop: Any) -> Iterator[tuple[Any, Any, Any]]:
        """Write what is done for each block of a row; see `event._blocks`.

        Gives first and last synapse, and the number that targets are counted from.
        """
        if self.n_blocks == 1:
            yield start, stop, None
            return
        writer, builder = self._writer, self._writer.builder
        row = builder.mul(builder.add(pre, self._first), long(self.n_blocks))
        with writer.loop(self.n_blocks) as number:
            at = builder.add(row, number)
            ends = (at, builder.add(at, long(1)))
            first, last = (
                wide(writer, writer.load(self._ends, end, "int32", self._ends_slot))
                for end in ends
            )
            is_later = builder.icmp_signed("<", first, start)
            first = builder.select(is_later, start, first)
            base = builder.mul(number, long(WIDTH))
            yield first, self._least(last, stop), base

    def target(self, indices: Any, slot: int, k: Any, base: Any) -> Any:
        """Write the reading of a target."""
        writer, builder = self._writer, self._writer.builder
        post = wide(writer, writer.load(indices, k, self.dtype, slot))
        if base is not None:
            post = builder.add(post, base)
        if base is not None or slot in writer.unsafe:
            post = self._least(post, long(self.op.out.size))
        return post


def fetch(writer: Writer, z: Any, active: Active, rows: Any) -> None:
    """Ask for the targets of a neuron a few turns ahead."""
    builder, n, targets = writer.builder, active.length, rows.targets
    far = builder.add(z, long(2 * AHEAD))
    with builder.if_then(builder.icmp_signed("<", far, n)):
        pre = wide(writer, writer.load(active.place, far, "int32", active.slot))
        for place in rows.places(pre):
            _hint(writer, place)
    ahead = builder.add(z, long(AHEAD))
    with builder.if_then(builder.icmp_signed("<", ahead, n)):
        pre = wide(writer, writer.load(active.place, ahead, "int32", active.slot))
        first, last = rows.ends(pre)
        width = 2 if rows.dtype == "uint16" else 4
        per_line = LINE // width
        lines = builder.udiv(
            builder.add(builder.sub(last, first), long(per_line - 1)), long(per_line)
        )
        with writer.loop(lines) as line:
            at = builder.add(first, builder.mul(line, long(per_line)))
            _hint(
                writer, builder.gep(targets, [at], source_etype=ir.IntType(8 * width))
            )


def _hint(writer: Writer, place: Any) -> None:
    """Ask for a line of memory that will be read."""
    kinds = [POINTER, WORD, WORD, WORD]
    hint = outside(writer.module, "llvm.prefetch.p0", VOID, *kinds)
    writer.builder.call(hint, [place, *(ir.Constant(WORD, n) for n in (0, 3, 1))])
