"""Event products whose synapses have delays of their own.

A spike is delivered in the step after it, to sums that wait for the steps to come: a
ring with a row for each delay. So the synapses of a neuron are read one after the
other, as those without delay are; a step takes its row of the ring and leaves it 0.
The ring is a shorthand of the past and the tables. It is made anew, from the past,
when any number was changed between two calls.

Where the weights of a step are not known before it, events are numbers, or the ring would
be very large, the synapses of each delay are looked up in the step in which they act.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llvmlite import ir

from ._flow import DELAYED, Flow, Op, Value
from ._listing import Active, Events, active_of, list_of, list_slot, listed, wide
from ._push import begin_sum, deliver, fetch
from ._turns import GRAIN
from ._types import LONG, WORD, long, memory

if TYPE_CHECKING:
    from ._emit import Writer

MOST_SUMS = 2**26  # numbers of a ring: 256 MB


@dataclass(frozen=True)
class Flight:
    """What a product knows of the spikes on their way.

    Parameters
    ----------
    sums : int
        Slot of the ring, a row of targets for each delay.
    rows, places, weights : int
        Slots of the table: for each part of the targets where the synapses of a
        neuron begin; the place of each in the ring, counted from the row of the
        present step; and its weight, if each has one.
    is_filled : int
        Slot of a number that is 0 if the ring has to be made anew.
    """

    sums: int
    rows: int
    places: int
    weights: int | None
    is_filled: int


def n_delays(op: Op) -> int:
    """Return how many steps a product looks back to."""
    if op.name != DELAYED:
        return 1
    return (op.ins[2].size - 1) // n_sources(op)


def n_sources(op: Op) -> int:
    """Return how many neurons may spike."""
    return op.params["shapes"][1][-1]


def flights(flow: Flow, moving: set[Value], add_slot: Any) -> dict[Op, Flight]:
    """Return the products whose spikes are delivered ahead, and their memory."""
    products = [op for op in flow.ops if op.name == DELAYED]
    refused = {op.ins[1] for op in products if not _can_fly(op, moving)}
    found: dict[Op, Flight] = {}
    for op in products:
        if op.ins[1] in refused:
            continue
        sums = add_slot(n_delays(op) * op.out.size, op.out.dtype)
        # the kernel brings the memory of the table
        rows, places = add_slot(1), add_slot(1, "uint32")
        weights = add_slot(1, op.out.dtype) if op.ins[4].is_array else None
        found[op] = Flight(sums, rows, places, weights, add_slot(1))
    return found


def _can_fly(op: Op, moving: set[Value]) -> bool:
    history, indptr, indices, weight = op.ins[1:5]
    given = (indptr, indices, weight)
    is_given = all(value.op is None and value not in moving for value in given)
    is_same = weight.dtype == op.out.dtype
    is_short = n_delays(op) * op.out.size <= MOST_SUMS
    return history.dtype == "bool" and is_given and is_same and is_short


def push_the_past(writer: Writer, op: Op) -> None:
    """Write a product of spikes of several steps."""
    writer.reads_whole(op.ins[1])
    flight = writer.flights.get(op)
    if flight is None:
        _look_back(writer, op)
        return
    slot, n_post, builder = begin_sum(writer, op), op.out.size, writer.builder
    _fill(writer, op, flight)
    history = op.ins[1]
    if history not in writer.lists:
        row = _row(writer, op, long(1))
        known = writer.recall.look_up(writer.slot(history), row)
        events = _events(writer, op, row)
        writer.lists[history] = active_of(writer, op, events, known)
    _depart(writer, op, flight, writer.lists[history], long(0), None)
    writer.writes(slot, n_post)
    begin = _ring_row(writer, op, long(0))
    out, sums = writer.pointers[slot], writer.pointers[flight.sums]
    dtype = op.out.dtype
    with writer.own_loop(n_post) as j:
        at = builder.add(begin, j)
        arriving = writer.load(sums, at, dtype, flight.sums)
        total = builder.fadd(writer.load(out, j, dtype, slot), arriving)
        writer.store(total, out, j, dtype, slot)
        zero = ir.Constant(arriving.type, 0.0)
        writer.store(zero, sums, at, dtype, flight.sums)


def _fill(writer: Writer, op: Op, flight: Flight) -> None:
    """Write that the ring is made of the past, at the beginning of a call."""
    builder, last = writer.builder, n_delays(op)
    filled = writer.pointers[flight.is_filled]
    mark = writer.load(filled, long(0), "int32", flight.is_filled)
    is_first = builder.icmp_signed("==", writer.step, long(0))
    is_empty = builder.icmp_signed("==", mark, ir.Constant(WORD, 0))
    place, scratch = list_of(writer, op.ins[1]), list_slot(writer, op)
    with builder.if_then(builder.and_(is_first, is_empty)):
        sums, dtype = writer.pointers[flight.sums], op.out.dtype
        with writer.loop(last) as row, writer.own_loop(op.out.size) as j:
            at = builder.add(builder.mul(row, long(op.out.size)), j)
            zero = ir.Constant(memory(dtype), 0.0)
            writer.store(zero, sums, at, dtype, flight.sums)
        with writer.loop(last, long(1)) as k:  # oldest first, as in a run: same bits
            age = builder.sub(long(last), k)
            row = _row(writer, op, builder.add(age, long(1)))
            length = listed(writer, _events(writer, op, row), place, scratch)
            least = builder.mul(age, long(op.out.size))
            spikes = Active(place, length, scratch)
            _depart(writer, op, flight, spikes, age, least)


def _depart(
    writer: Writer, op: Op, flight: Flight, spikes: Active, age: Any, least: Any
) -> None:
    """Add the weights of the neurons in a list to the ring.

    They spiked so many steps before the last; what should have arrived since then, at
    places below `least`, is left out.
    """
    builder, dtype = writer.builder, op.out.dtype
    begin = _ring_row(writer, op, age)
    whole = long(n_delays(op) * op.out.size)
    sums, places = (writer.pointers[slot] for slot in (flight.sums, flight.places))
    one = writer.scalar(op.ins[4]) if flight.weights is None else None
    first, last = (long(0), long(1)) if writer.turns is None else writer.parts
    with writer.loop(last, first) as part, writer.loop(spikes.length) as z:
        rows = _Synapses(writer, op, flight, part)
        fetch(writer, z, spikes, rows)
        pre = wide(writer, writer.load(spikes.place, z, "int32", spikes.slot))
        start, stop = rows.ends(pre)
        with writer.loop(stop, start) as k:
            ahead = wide(writer, writer.load(places, k, "uint32", flight.places))
            amount = one
            if flight.weights is not None:
                weights = writer.pointers[flight.weights]
                amount = writer.load(weights, k, dtype, flight.weights)
            if least is not None:
                is_open = builder.icmp_signed(">=", ahead, least)
                amount = builder.select(is_open, amount, ir.Constant(memory(dtype), 0))
            at = builder.add(begin, ahead)
            is_over = builder.icmp_signed(">=", at, whole)
            at = builder.select(is_over, builder.sub(at, whole), at)
            before = writer.load(sums, at, dtype, flight.sums)
            total = builder.fadd(before, amount)
            writer.store(total, sums, at, dtype, flight.sums)


class _Synapses:
    """The synapses of each neuron onto a part of the targets."""

    dtype = "uint32"

    def __init__(self, writer: Writer, op: Op, flight: Flight, part: Any):
        self._writer, self._slot = writer, flight.rows
        self.targets = writer.pointers[flight.places]
        width = long(n_sources(op) + 1)
        self._rows = writer.builder.gep(
            writer.pointers[flight.rows],
            [writer.builder.mul(part, width)],
            source_etype=WORD,
        )

    def places(self, pre: Any) -> list[Any]:
        """Return where the beginning of a row is in memory."""
        return [self._writer.builder.gep(self._rows, [pre], source_etype=WORD)]

    def ends(self, pre: Any) -> tuple[Any, Any]:
        """Return the first synapse of a neuron, and the one after the last."""
        writer, after = self._writer, self._writer.builder.add(pre, long(1))
        start, stop = (
            wide(writer, writer.load(self._rows, at, "int32", self._slot))
            for at in (pre, after)
        )
        return start, stop


def _then(writer: Writer, op: Op, ago: Any) -> Any:
    """Return the number of the step so long ago."""
    return writer.builder.sub(writer.builder.sext(writer.scalar(op.ins[5]), LONG), ago)


def _ring_row(writer: Writer, op: Op, ago: Any) -> Any:
    """Return where the row of sums of a step begins."""
    row = _modulo(writer, _then(writer, op, ago), n_delays(op))
    return writer.builder.mul(row, long(op.out.size))


def _row(writer: Writer, op: Op, ago: Any) -> Any:
    """Return the row of the past that holds the spikes of so many steps ago."""
    return _modulo(writer, _then(writer, op, ago), op.params["shapes"][1][0])


def _events(writer: Writer, op: Op, row: Any, first: Any = None) -> Events:
    """Return the spikes in a row of the past."""
    history, builder = op.ins[1], writer.builder
    start = builder.mul(row, long(n_sources(op)))
    etype = memory(history.dtype)
    place = builder.gep(writer.address(history), [start], source_etype=etype)
    first = long(0) if first is None else first
    return Events(place, writer.slot(history), n_sources(op), history.dtype, first)


def _modulo(writer: Writer, number: Any, by: int) -> Any:
    """Return the remainder of a division, never below 0."""
    builder = writer.builder
    rest = builder.srem(number, long(by))
    is_below = builder.icmp_signed("<", rest, long(0))
    return builder.select(is_below, builder.add(rest, long(by)), rest)


# without a ring


def list_width(op: Op) -> int:
    """Return how much room the list of a step takes."""
    return n_sources(op) + GRAIN


def _look_back(writer: Writer, op: Op) -> None:
    """Deliver the spikes of as many steps as there are delays.

    The list of a step is made in the step after it, for all products that read the
    same past, and kept until the longest delay is over; its first number is its
    length. A call begins with all of them.
    """
    history, builder = op.ins[1], writer.builder
    slot = list_slot(writer, op)
    begin_sum(writer, op)
    if op.ins[4].is_array:
        writer.reads_whole(op.ins[4])
    if history not in writer.lists:
        writer.lists[history] = True
        is_first = builder.icmp_signed("==", writer.step, long(0))
        all_of_them = long(writer.list_rows[history] + 1)
        missing = builder.select(is_first, all_of_them, long(2))
        with writer.loop(missing, long(1)) as k:
            place, events = _kept(writer, op, k)
            entries = builder.gep(place, [long(1)], source_etype=WORD)
            n = builder.trunc(listed(writer, events, entries, slot), WORD)
            writer.store(n, place, long(0), "int32", slot)
    writer.writes(writer.places.home[op.out], op.out.size)
    with writer.loop(n_delays(op) + 1, long(1)) as k:
        place, events = _kept(writer, op, k)
        n = wide(writer, writer.load(place, long(0), "int32", slot))
        entries = builder.gep(place, [long(1)], source_etype=WORD)
        deliver(writer, op, events, Active(entries, n, slot))


def _kept(writer: Writer, op: Op, k: Any) -> tuple[Any, Events]:
    """Return the list, and the spikes, of `k` steps ago."""
    builder = writer.builder
    first = builder.mul(builder.sub(k, long(1)), long(n_sources(op)))
    events = _events(writer, op, _row(writer, op, k), first)
    turn = _modulo(writer, _then(writer, op, k), writer.list_rows[op.ins[1]])
    at = builder.mul(turn, long(list_width(op)))
    return builder.gep(list_of(writer, op.ins[1]), [at], source_etype=WORD), events
