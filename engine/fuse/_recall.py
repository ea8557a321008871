"""Who spiked in an earlier step of a call: looked up in what was recorded.

Spikes are kept as a byte a neuron in the rows of a ring, for event products to read
after a delay, and are recorded as a list of neurons. A ring whose rows are recorded
has a note for each row, where its list begins and how long it is; so rows are not
looked through again. A call begins without notes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._flow import Op, Value
from ._types import LONG, POINTER, WORD, long

if TYPE_CHECKING:
    from ._emit import Writer

FIELDS = 4  # words of a recorded population: neurons, counts, room, number written
NOTE = 2  # numbers: where the list of a row begins, below 0 if unknown; its length


@dataclass(frozen=True)
class Ring:
    """A ring whose rows are recorded: slot of its notes, number of what is recorded."""

    op: Op
    notes: int
    recorded: int

    @property
    def n_rows(self) -> int:
        return self.op.params["shapes"][0][0]


class Recall:
    """The notes of all rings.

    Parameters
    ----------
    writer : Writer
        Writes the function.
    """

    def __init__(self, writer: Writer):
        self._writer = writer
        self._rings: dict[int, Ring] = {}  # by slot
        spikes = writer.spike_rows
        products = (*writer.flights, *filter(_is_recallable, writer.flow.ops))
        read = {writer.slot(op.ins[1]) for op in products}
        for op in writer.flow.ops:
            if op.name != "dynamic_update_slice" or op.ins[1] not in spikes:
                continue
            slot = writer.slot(op.ins[0])
            if slot in read and slot not in self._rings:
                notes = writer.add_slot(NOTE * op.params["shapes"][0][0], "int64")
                self._rings[slot] = Ring(op, notes, spikes.index(op.ins[1]))

    def begin(self) -> None:
        """Write that nothing is known."""
        writer = self._writer
        if not self._rings:
            return
        with writer.first_thread():
            for ring in self._rings.values():
                notes = writer.pointers[ring.notes]
                with writer.loop(ring.n_rows) as row:
                    at = writer.builder.mul(row, long(NOTE))
                    writer.store(long(-1), notes, at, "int64", ring.notes)

    def note(self, k: int, start: Any, length: Any) -> None:
        """Write where recorded spikes `k` of this step are."""
        writer, builder = self._writer, self._writer.builder
        for ring in self._rings.values():
            if ring.recorded != k:
                continue
            row = row_of(writer, ring.op, ring.op.ins[2])
            at = builder.mul(row, long(NOTE))
            for number in (start, length):
                notes = writer.pointers[ring.notes]
                writer.store(number, notes, at, "int64", ring.notes)
                at = builder.add(at, long(1))

    def of(self, op: Op) -> tuple[Any, Any, Any] | None:
        """Write the reading of a note for a product of one row; see `look_up`."""
        view = op.ins[1].op
        if view is None or not _is_recallable(op):
            return None
        row = row_of(self._writer, view, view.ins[1])
        return self.look_up(self._writer.slot(op.ins[1]), row)

    def look_up(self, slot: int, row: Any) -> tuple[Any, Any, Any] | None:
        """Write the reading of the note of a row of the ring in a slot.

        Returns
        -------
        tuple, or None
            Whether the list is known, where it begins, and its length; None if there
            are no notes.
        """
        ring = self._rings.get(slot)
        if ring is None:
            return None
        writer, builder = self._writer, self._writer.builder
        at = builder.mul(row, long(NOTE))
        notes = writer.pointers[ring.notes]
        start = writer.load(notes, at, "int64", ring.notes)
        length = writer.load(notes, builder.add(at, long(1)), "int64", ring.notes)
        is_known = builder.icmp_signed(">=", start, long(0))
        place = builder.gep(
            writer.spikes, [long(FIELDS * ring.recorded)], source_etype=LONG
        )
        neurons = builder.load(place, typ=POINTER)
        return is_known, builder.gep(neurons, [start], source_etype=WORD), length


def row_of(writer: Writer, op: Op, index: Value) -> Any:
    """Return the number of a row of a table, kept inside of the table."""
    n_rows = op.params["shapes"][0][0]
    builder = writer.builder
    row = builder.sext(writer.scalar(index), LONG)
    row = builder.select(builder.icmp_signed("<", row, long(0)), long(0), row)
    last = long(n_rows - 1)
    return builder.select(builder.icmp_signed(">", row, last), last, row)


def _is_recallable(op: Op) -> bool:
    """Tell whether a product reads a row of a ring as it was before the step."""
    view = op.ins[1].op if op.kind == "push" else None
    if view is None or op.ins[1].dtype != "bool":
        return False
    is_row = view.kind == "view" and view.name == "dynamic_slice"
    return is_row and view.ins[0].op is None
