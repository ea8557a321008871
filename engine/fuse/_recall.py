"""Who spiked in an earlier step of a call: looked up in what was recorded.

Spikes are kept as a byte a neuron in the rows of a ring, for event products to read
after a delay, and are recorded as a list of neurons. A ring whose rows are recorded
has a note for each row, where its list begins and how long it is; so rows are not
looked through again. A call begins without notes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._flow import Op, Value
from ._types import LONG, POINTER, WORD, long

if TYPE_CHECKING:
    from ._emit import Writer

FIELDS = 4  # words of a recorded population: neurons, counts, room, number written
NOTE = 2  # numbers: where the list of a row begins, below 0 if unknown; its length


class Recall:
    """The notes of all rings.

    Parameters
    ----------
    writer : Writer
        Writes the function.
    """

    def __init__(self, writer: Writer):
        self._writer = writer
        self._slots: dict[int, int] = {}  # of the notes, by that of the ring
        self._recorded: dict[int, int] = {}  # number of the recorded spikes
        self._rings: dict[int, Op] = {}
        spikes = writer.spike_rows
        products = (*writer.flights, *filter(_is_recallable, writer.flow.ops))
        read = {writer.slot(op.ins[1]) for op in products}
        for op in writer.flow.ops:
            if op.kind != "ring" or op.ins[1] not in spikes:
                continue
            ring = writer.slot(op.ins[0])
            if ring in read and ring not in self._rings:
                n_rows = op.params["shapes"][0][0]
                self._slots[ring] = writer.add_slot(NOTE * n_rows, "int64")
                self._recorded[ring] = spikes.index(op.ins[1])
                self._rings[ring] = op

    def begin(self) -> None:
        """Write that nothing is known."""
        writer = self._writer
        if not self._slots:
            return
        with writer.first_thread():
            for ring, slot in self._slots.items():
                n_rows = self._rings[ring].params["shapes"][0][0]
                with writer.loop(n_rows) as row:
                    at = writer.builder.mul(row, long(NOTE))
                    writer.store(long(-1), writer.pointers[slot], at, "int64", slot)

    def note(self, k: int, start: Any, length: Any) -> None:
        """Write where recorded spikes `k` of this step are."""
        writer, builder = self._writer, self._writer.builder
        for ring, slot in self._slots.items():
            if self._recorded[ring] != k:
                continue
            op = self._rings[ring]
            at = builder.mul(row_of(writer, op, op.ins[2]), long(NOTE))
            pointer = writer.pointers[slot]
            writer.store(start, pointer, at, "int64", slot)
            after = builder.add(at, long(1))
            writer.store(length, pointer, after, "int64", slot)

    def of(self, op: Op) -> tuple[Any, Any, Any] | None:
        """Write the reading of a note for a product of one row; see `look_up`."""
        view = op.ins[1].op
        if view is None or not _is_recallable(op):
            return None
        row = row_of(self._writer, view, view.ins[1])
        return self.look_up(self._writer.slot(op.ins[1]), row)

    def look_up(self, ring: int, row: Any) -> tuple[Any, Any, Any] | None:
        """Write the reading of the note of a row.

        Returns
        -------
        tuple, or None
            Whether the list is known, where it begins, and its length; None if there
            are no notes.
        """
        slot = self._slots.get(ring)
        if slot is None:
            return None
        writer, builder = self._writer, self._writer.builder
        at = builder.mul(row, long(NOTE))
        pointer = writer.pointers[slot]
        start = writer.load(pointer, at, "int64", slot)
        length = writer.load(pointer, builder.add(at, long(1)), "int64", slot)
        is_known = builder.icmp_signed(">=", start, long(0))
        place = builder.gep(
            writer.spikes, [long(FIELDS * self._recorded[ring])], source_etype=LONG
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
