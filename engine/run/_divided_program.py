"""The compiled chunk of one device of several, in intervals between two exchanges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import ClosedJaxpr

from .. import event
from ..divide import NEURONS, Cell, Exchange, Layout, Pieces, local_step
from ._record import Recorder


@dataclass(frozen=True)
class Slot:
    """An input of the step.

    Parameters
    ----------
    role : {"carried", "fixed", "history", "newest", "unused"}
        Whether steps change it, or only read it, or the exchange writes it, or nobody
        needs it.
    layout : Layout or None
        How it lies.
    shape, dtype : tuple, dtype
        Of the whole of it.
    owner : str
        Population, for messages.
    ring : int
        For "history" and "newest": which of the exchanged populations.
    """

    role: str
    layout: Layout | None
    shape: tuple[int, ...]
    dtype: Any
    owner: str = ""
    ring: int = 0


@dataclass(frozen=True)
class Row:
    """Something that is recorded besides the spikes that are exchanged.

    Parameters
    ----------
    recorder : Recorder
        What.
    """

    recorder: Recorder

    def blank(self, capacity: int, dtype: Any) -> jax.Array:
        """Return room for so many steps."""
        return jnp.zeros((capacity, self.recorder.size), dtype)

    def read(self, cell: Cell, pieces: Pieces) -> jax.Array:
        """Return what this device knows of a step, zeros elsewhere."""
        chosen, n = self.recorder.neurons, self.recorder.n
        if cell.layout is None:
            return cell.value if chosen is None else cell.value[chosen]
        chosen = np.arange(n) if chosen is None else chosen
        length = pieces.length(n)
        is_mine = chosen // length == lax.axis_index(NEURONS)
        value = cell.value[chosen % length]
        return jnp.where(is_mine, value, jnp.zeros_like(value))


@dataclass(frozen=True)
class Step:
    """A step of the whole network, and what is to become of its parts.

    Parameters
    ----------
    closed : ClosedJaxpr
        From the leaves of States, inputs and the number of the step to the new leaves
        of States, rows, and the spikes that are exchanged.
    slots : sequence of Slot
        The inputs without the number of the step; those of States first.
    n_leaves : int
        Leaves of States.
    rows : sequence of Row
        What is recorded besides exchanged spikes.
    exchange : Exchange
        What is exchanged.
    capacity : int
        Most steps of a chunk.
    choice : str
        Implementation of the event products.
    """

    closed: ClosedJaxpr
    slots: Sequence[Slot]
    n_leaves: int
    rows: Sequence[Row]
    exchange: Exchange
    capacity: int
    choice: Any

    @property
    def pieces(self) -> Pieces:
        """The division."""
        return self.exchange.pieces

    def of(self, *roles: str) -> list[int]:
        """Return the places of the inputs of these roles."""
        return [i for i, slot in enumerate(self.slots) if slot.role in roles]

    # one step

    def run(
        self, values: dict[int, Any], step: Any
    ) -> tuple[dict[int, Any], list[Cell], list[jax.Array]]:
        """Return new values, rows and spikes of a step."""
        cells: list[Cell | None] = [
            Cell(values[i], slot.layout, slot.owner) if i in values else None
            for i, slot in enumerate(self.slots)
        ]
        carried = self.of("carried")
        n_more = len(self.closed.jaxpr.outvars) - self.n_leaves
        wanted = [i in carried for i in range(self.n_leaves)] + [True] * n_more
        inputs = [*cells, Cell(step)]
        found = local_step(self.closed, inputs, wanted, self.pieces)
        after = {i: self._as_before(i, found[i]) for i in carried}
        rest: Any = found[self.n_leaves :]
        rows, spikes = rest[: len(self.rows)], rest[len(self.rows) :]
        return after, rows, [self._block(cell) for cell in spikes]

    def _as_before(self, i: int, cell: Any) -> jax.Array:
        """Return a new value in the layout and type of the old one."""
        slot = self.slots[i]
        value = cell.value
        if cell.layout != slot.layout:
            if cell.layout is not None:
                axis = cell.layout.where
                value = self.pieces.gather(value, axis, slot.shape[axis])
            if slot.layout is not None:
                value = self.pieces.cut(value, slot.layout.where)
        return value.astype(slot.dtype)

    def _block(self, cell: Cell) -> jax.Array:
        return cell.value if cell.layout else self.pieces.cut(cell.value, 0)

    # a chunk

    def chunk(self, fixed: Any, carried: Any, step0: Any, n: Any) -> Any:
        """Run steps; to be called on every device, with what it holds.

        Parameters
        ----------
        fixed, carried : list of array
            What is only read, and what changes: the inputs of these roles in order.
        step0, n : int
            First step, and how many.

        Returns
        -------
        tuple
            The carried values, the spikes that were sent (n_intervals, n_devices,
            n_bytes), the rows, and whether each real leaf that changes is finite.
        """
        with event.use_backend(self.choice):
            return self._chunk(fixed, carried, step0, n)

    def _chunk(self, fixed: Any, carried: Any, step0: Any, n: Any) -> Any:
        exchange, changing = self.exchange, self.of("carried", "history", "newest")
        read = {
            i: self._own(i, value)
            for i, value in zip(self.of("fixed"), fixed, strict=True)
        }
        put = lax.dynamic_update_index_in_dim
        in_parts: set[int] = set()  # rows of which each device knows some columns

        def interval(state: Any) -> Any:
            k, done, values, sent, rows = state
            m = jnp.minimum(exchange.interval, n - done)

            def one(j: Any, state: Any) -> Any:
                values, bits, rows = state
                after, cells, spikes = self.run(read | values, step0 + done + j)
                in_parts.update(r for r, cell in enumerate(cells) if cell.layout)
                new = [
                    row.read(cell, self.pieces)
                    for row, cell in zip(self.rows, cells, strict=True)
                ]
                rows = [
                    put(buffer, row.astype(buffer.dtype), done + j, 0)
                    for buffer, row in zip(rows, new, strict=True)
                ]
                return values | after, put(bits, exchange.row(spikes), j, 0), rows

            begin = (values, exchange.blank(), rows)
            values, bits, rows = lax.fori_loop(0, m, one, begin)
            got = exchange.send(bits)
            values = self._received(values, got, step0 + done, m)
            return k + 1, done + m, values, put(sent, got, k, 0), rows

        zero = jnp.zeros((), jnp.int32)
        values = dict(zip(changing, carried, strict=True))
        n_intervals = self.capacity // exchange.interval
        sent = jnp.zeros((n_intervals, self.pieces.n, exchange.n_bytes), jnp.uint8)
        state = (zero, zero, values, sent, self._blank_rows())
        state = lax.while_loop(lambda s: s[1] < n, interval, state)
        _, _, values, sent, rows = state
        rows = [_added(row) if r in in_parts else row for r, row in enumerate(rows)]
        return [values[i] for i in changing], sent, rows, self._is_finite(values)

    def _own(self, i: int, value: Any) -> Any:
        """Return what this device holds of something that is stacked by device."""
        layout = self.slots[i].layout
        return value if layout is None or layout.kind == "neurons" else value[0]

    def _blank_rows(self) -> list[jax.Array]:
        avals: Any = self.closed.out_avals[self.n_leaves :]
        return [
            row.blank(self.capacity, aval.dtype)
            for row, aval in zip(self.rows, avals, strict=False)
        ]

    def _received(
        self, values: dict[int, Any], got: jax.Array, step: Any, m: Any
    ) -> dict[int, Any]:
        """Write the spikes of `m` steps from `step` on into the rings."""
        values, spikes = dict(values), self.exchange.spikes(got)
        put = lax.dynamic_update_index_in_dim
        for i in self.of("history"):
            rows = spikes[self.slots[i].ring]

            def write(j: Any, ring: Any, rows: Any = rows) -> Any:
                return put(ring, rows[j], (step + j) % ring.shape[0], 0)

            values[i] = lax.fori_loop(0, m, write, values[i])
        for i in self.of("newest"):
            values[i] = (step + m - 1).astype(values[i].dtype)
        return values

    def _is_finite(self, values: dict[int, Any]) -> list[jax.Array]:
        """Tell of each real leaf that steps change whether all its numbers are."""
        found = []
        for i in self.of("carried"):
            slot, value = self.slots[i], values[i]
            if not jnp.issubdtype(slot.dtype, jnp.floating):
                continue
            good = jnp.isfinite(value)
            if slot.layout is not None:
                axis = slot.layout.where
                is_there = self.pieces.is_there(slot.shape[axis])
                shape = [1] * value.ndim
                shape[axis] = is_there.size
                good |= ~is_there.reshape(shape)
            found.append(lax.pmin(jnp.all(good).astype(jnp.int32), NEURONS) > 0)
        return found


def _added(row: jax.Array) -> jax.Array:
    """Return rows of which every device knows some columns, and zeros elsewhere."""
    if row.dtype == jnp.bool_:
        return lax.psum(row.astype(jnp.uint8), NEURONS).astype(bool)
    return lax.psum(row, NEURONS)
