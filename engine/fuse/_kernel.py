"""A step as native code, with the memory it works on."""

from __future__ import annotations

import functools
from typing import Any

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr

from ._crew import LARGE, Choice, n_processors, together
from ._emit import Writer
from ._flow import Flow, Op, Value
from ._layout import layout
from ._narrow import LARGEST
from ._native import Library
from ._past import Flight, n_sources
from ._places import allocate
from ._recall import FIELDS
from ._synapses import by_source, parts_of, within

ROOM = 4  # chunks of a few spikes each: room for so many of all neurons


class Code:
    """Native code of a step; many kernels may run it.

    Parameters
    ----------
    closed : ClosedJaxpr
        Inputs are the leaves of the States, further leaves, and the step counter;
        outputs the new leaves of the States, then what is recorded.
    n_states : int
        Number of leaves of States.
    is_wide : bool, default False
        Whether all States are kept as whole words.

    Raises
    ------
    Unfusable
        If the step holds an operation for which there is no native code.
    """

    def __init__(self, closed: ClosedJaxpr, n_states: int, is_wide: bool = False):
        step = layout(closed, n_states, is_wide)
        self._closed, self._n_states = closed, n_states
        self.flow, self.places = step.flow, step.places
        self.narrow, self.targets = step.narrow, step.targets
        self.is_divided = _can_divide(self.flow) and n_processors() > 1
        writer = Writer(step, n_states, self.is_divided)
        self.rows = writer.row_values
        self.spikes = writer.spike_rows
        self.text = writer.write()
        self.bounds = writer.bounds
        self.flights = writer.flights
        tables = [op.ins[2:4] for op in self.bounds]
        tables += [op.ins[2:5] for op in self.flights]
        home = self.places.home
        self.tables = {home[v] for values in tables for v in values if v.is_array}
        several = f", on up to {n_processors()} threads" if self.is_divided else ""
        self.reason = f"one function runs whole steps on this CPU{several}"
        self.library = Library(self.text)

    @functools.cached_property
    def wide(self) -> Code:
        """The same code where all States are kept as whole words."""
        return Code(self._closed, self._n_states, is_wide=True)


class Kernel:
    """Native code and its memory.

    Parameters
    ----------
    code : Code
        What runs.
    capacity : int
        Most steps of a call.
    """

    def __init__(self, code: Code, capacity: int):
        self.capacity = capacity
        self._kept: set[int] = set()
        self._begin(code)

    def _begin(self, code: Code) -> None:
        """Take memory for some code."""
        self.code, capacity = code, self.capacity
        self._memory = allocate(code.places.slots)
        for value in code.flow.constants:
            self._put(code.places.home[value], value.const)
        self._rows = [
            np.zeros((capacity, max(v.size, 1)), _memory_type(v))
            if v not in code.spikes
            else np.zeros((0, 1))
            for v in code.rows
        ]
        self._neurons = [
            np.zeros(ROOM * max(v.size, 256) + v.size + 8, np.uint32)
            for v in code.spikes
        ]
        self._counts = [np.zeros(capacity, np.uint32) for _ in code.spikes]
        self._spikes = np.zeros(max(FIELDS * len(code.spikes), 1), np.uint64)
        for k, neurons in enumerate(self._neurons):
            fields = [neurons.ctypes.data, self._counts[k].ctypes.data]
            self._spikes[FIELDS * k :][:3] = [*fields, neurons.size - 8]
        self._steps = np.arange(capacity, dtype=np.uint32)
        self._fixed = [words([row.ctypes.data for row in self._rows]), self._spikes]
        self._choice = Choice(n_processors() if code.is_divided else 1)
        self._addresses: tuple[int, ...] | None = None
        self._parts = 0  # how many parts rows of targets are divided into; 0: not yet
        self._next: int | None = None  # step that rings of sums are made for

    def load(self, i: int, value: Any) -> None:
        """Copy a leaf into the memory of input `i`."""
        self._forget_parts(i)
        self._put(i, np.asarray(value))

    def keep(self, i: int, value: Any) -> None:
        """Let input `i`, which is only read, be an array where it is."""
        array = np.ascontiguousarray(np.asarray(value)).reshape(-1)
        if array.ctypes.data == self._memory[i].ctypes.data:
            return  # it is there; large tables are looked through once
        self._forget_parts(i)
        if i in self.code.targets:
            array = within(array, self.code.targets[i])
        if array.dtype == np.bool_:
            array = array.view(np.uint8)
        self._memory[i] = array
        self._kept.add(i)
        self._addresses = None

    def _forget_parts(self, i: int) -> None:
        """Divide the rows of targets anew if input `i` is part of a table."""
        self._next = None
        if i in self.code.tables:
            self._parts = 0

    def read(self, i: int) -> np.ndarray:
        """Return a copy of what is in the memory of input `i`."""
        dtype = self.code.flow.inputs[i].dtype
        array = self._memory[i].copy()
        return array.view(np.bool_) if dtype == "bool" else array.astype(dtype)

    def peek(self, i: int) -> np.ndarray:
        """Return the memory of input `i` itself."""
        return self._memory[i]

    def _put(self, slot: int, value: Any) -> None:
        flat = np.asarray(value).reshape(-1)
        if not flat.size:
            return
        if slot in self.code.targets:
            flat = within(flat, self.code.targets[slot])
        is_small = flat.min() >= 0 and flat.max() <= LARGEST
        if slot in self.code.narrow and not is_small:
            self._widen()
        self._memory[slot][...] = flat.astype(self._memory[slot].dtype, copy=False)

    def _widen(self) -> None:
        """Go on with code that keeps all States as whole words."""
        values = {
            i: self._memory[i] if i in self._kept else self.read(i)
            for i in range(len(self.code.flow.inputs))
        }
        kept, self._kept = self._kept, set()
        self._begin(self.code.wide)
        for i, value in values.items():
            (self.keep if i in kept else self.load)(i, value)

    def _divide(self) -> None:
        """Divide the rows of targets among the threads; all to one if not sorted."""
        tables: dict[int, np.ndarray | None] = {}
        for n_parts in dict.fromkeys((self._choice.n, 1)):
            for op, slot in self.code.bounds.items():
                pair = (self.code.places.home[value] for value in op.ins[2:4])
                indptr, indices = (self._memory[place] for place in pair)
                sizes = op.ins[1].size, op.out.size, n_parts
                tables[slot] = parts_of(indptr, indices, *sizes)
            self._parts = n_parts
            if all(table is not None for table in tables.values()):
                break
        if self._parts < self._choice.n:
            self._choice = Choice(1)
        for slot, table in tables.items():
            assert table is not None  # one part asks for no order
            self._memory[slot] = table.reshape(-1)
        for op, flight in self.code.flights.items():
            self._sort(op, flight)
        self._addresses = None

    def _sort(self, op: Op, flight: Flight) -> None:
        """Sort a table with delays for the ring of sums."""
        home, memory = self.code.places.home, self._memory
        indptr, indices = (memory[home[value]] for value in op.ins[2:4])
        weights = None if flight.weights is None else memory[home[op.ins[4]]]
        sizes = n_sources(op), op.out.size, self._parts
        rows, places, weights = by_source(indptr, indices, weights, *sizes)
        memory[flight.rows], memory[flight.places] = rows, places
        if flight.weights is not None and weights is not None:
            memory[flight.weights] = weights

    def run(self, first: int, n: int) -> tuple[int, list[Any]]:
        """Run steps.

        Parameters
        ----------
        first, n : int
            Number of the first step, and of steps.

        Returns
        -------
        int
            Steps done: fewer than `n` when there were very many spikes.
        list
            For each row that is recorded an array of shape (steps, size), or for
            spikes their steps, counted from `first`, and neurons.
        """
        code = self.code
        if not self._parts:
            self._divide()
        for flight in code.flights.values():
            self._memory[flight.is_filled][0] = self._next == first
        if self._addresses is None:
            self._table = words([array.ctypes.data for array in self._memory])
            arrays = (self._table, *self._fixed)
            self._addresses = tuple(array.ctypes.data for array in arrays)
        table_at, rows_at, spikes_at = self._addresses
        self._spikes[3::FIELDS] = 0
        n_threads = self._choice.next()

        def call(part: int, stop: int, gate: int) -> int:
            stop = min(stop, self._parts)
            more = (part, stop, self._parts, gate)
            return code.library.call(table_at, rows_at, first, n, spikes_at, *more)

        done = self._choice.timed(n_threads, n, lambda: together(n_threads, call))
        if done < 0:
            self._widen()
            return self.run(first, n)
        self._next = first + done
        found: list[Any] = []
        k = 0
        for value, buffer in zip(code.rows, self._rows, strict=True):
            if value in code.spikes:
                total = int(self._spikes[FIELDS * k + 3])
                counts = self._counts[k][:done].copy()
                steps = np.repeat(self._steps[:done], counts)
                found.append((steps, self._neurons[k][:total].copy(), counts))
                k += 1
            else:
                part = buffer[:done].copy()
                found.append(part.view(np.bool_) if value.dtype == "bool" else part)
        return done, found


def _can_divide(found: Flow) -> bool:
    """Tell whether several threads can run a step, and may pay."""
    work = [op.out.size for op in found.ops if op.kind in ("elem", "push")]
    return max(work, default=0) >= LARGE and all(
        op.kind != "concat" for op in found.ops
    )


def words(addresses: list[int]) -> np.ndarray:
    """Return addresses as the function takes them."""
    return np.array(addresses or [0], np.uint64)


def _memory_type(value: Value) -> Any:
    return np.uint8 if value.dtype == "bool" else np.dtype(value.dtype)


def can_run() -> str | None:
    """Say why there is no native code here, None if there is."""
    platform = jax.default_backend()
    if platform != "cpu":
        return f"the device is a {platform}"
    return None
