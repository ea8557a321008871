"""A step, any number of times, as one function of machine code.

``i64 nl_steps(ptr table, ptr rows, i64 first, i64 n, ptr spikes, i64 part, i64 stop,
i64 parts, ptr gate)`` runs steps until `n` are done or there is no room for the spikes
of another one, and returns how many it did. `table` holds the address of every slot,
`rows` those of the recorded numbers, and `spikes` for each recorded population: address
of the neurons, address of the count of each step, room, and number written so far.

Of networks large enough for several threads, each array is divided into `parts`, and a
thread does those from `part` to `stop`; at `gate` they wait for each other (`_turns`).
Otherwise these are not looked at.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Set
from typing import Any

from llvmlite import ir

from . import _ends
from ._ahead import loop_of
from ._flow import DRAWN, Op, Value
from ._layout import Layout
from ._math import with_lanes
from ._narrow import LARGEST, SMALL, WORDS
from ._past import flights, list_width, n_delays
from ._places import Slot
from ._processor import give_back, with_wide_vectors, without_tiny_numbers
from ._recall import FIELDS, Recall
from ._rules import BITS, RULES, Site
from ._stages import invariants, is_end, is_loop, is_scalar, moving, users_of
from ._turns import GRAIN, Turns, gate
from ._types import LONG, POINTER, WORD, is_float, memory, register

ENTRY = "nl_steps"
MOST_THREADS = 16


class Writer:
    """Writes the function of a step.

    Parameters
    ----------
    step : Layout
        What is written; the last input of its flow is the number of the step. Where
        it keeps numbers in fewer bits that have no room for its parameters, no step
        is done, and the function returns -1.
    n_states : int
        Number of inputs that are States.
    is_divided : bool
        Whether several threads may run it.
    has_lists : bool
        Whether spikes are recorded as lists of neurons, not as a row of truth values.
    unsafe : set of int
        Slots with targets of event products which may be out of range.
    """

    def __init__(
        self,
        step: Layout,
        n_states: int,
        is_divided: bool = False,
        has_lists: bool = True,
        unsafe: Set[int] = frozenset(),
    ):
        flow, stage, ahead = step.flow, step.stage, step.ahead
        self.flow, self.stage, self.places = flow, stage, step.places
        self.unsafe, self._has_lists = unsafe, has_lists
        self.n_states, self.ahead = n_states, ahead
        self._limits = [v for values in step.narrow.values() for v in values]
        self._moving = moving(flow, n_states)
        users = users_of(flow)
        self._loops = {value: loop_of(value, stage, users) for value in ahead}
        self._loops |= dict.fromkeys(ahead.keys() & {*self.row_values}, None)
        self.factors: dict[Value, Any] = {}
        self.turns = Turns(self) if is_divided else None
        self.module = ir.Module("nl")
        numbers = [LONG, LONG, LONG, POINTER]
        kind = ir.FunctionType(LONG, [POINTER, POINTER, LONG, LONG, POINTER, *numbers])
        self.function = ir.Function(self.module, kind, ENTRY)
        self.function.attributes.add("nounwind")
        self.builder: Any = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.registers: dict[Value, Any] = {}
        self.views: dict[Value, Any] = {}
        self.lists: dict[Value, Any] = {}
        self.list_slots: dict[Value, int] = {}
        self.list_sizes: dict[Value, int] = {}
        self.list_rows: dict[Value, int] = {}
        self.bounds: dict[Op, int] = {}
        self._spans: dict[int, tuple[Any, Any]] = {}
        self.flights = flights(flow, self._moving, self.add_slot)
        self._add_lists()
        self.recall = Recall(self)
        self.pointers: list[Any] = []
        self._scopes()

    def _add_lists(self) -> None:
        """Make room for the active neurons of what sends spikes."""
        products = [op for op in self.flow.ops if op.kind == "push"]
        for op in products:
            if op in self.flights:
                n = 1
            else:
                n = n_delays(op)
                if self.turns is not None and op.name != DRAWN:
                    self.bounds[op] = self.add_slot(1)  # the kernel brings the memory
            self.list_rows[op.ins[1]] = max(self.list_rows.get(op.ins[1], 0), n)
        n_threads = 1 if self.turns is None else MOST_THREADS
        for spikes, width in {op.ins[1]: list_width(op) for op in products}.items():
            self.list_sizes[spikes] = self.list_rows[spikes] * width
            slot = self.add_slot(n_threads * self.list_sizes[spikes])
            self.list_slots[spikes] = slot

    def add_slot(self, size: int, dtype: str = "int32") -> int:
        """Return the number of another piece of memory."""
        self.places.slots.append(Slot(dtype, size))
        return len(self.places.slots) - 1

    def _scopes(self) -> None:
        """Tell LLVM that no two slots overlap."""
        add = self.module.add_metadata
        domain = add(["neuroloom"])
        n = len(self.places.slots) + len(self.row_values)
        scopes = [add([f"slot {i}", domain]) for i in range(n)]
        self.own = [add([scope]) for scope in scopes]
        self.others = [
            add([scope for k, scope in enumerate(scopes) if k != i]) for i in range(n)
        ]

    @property
    def row_values(self) -> list[Value]:
        """What is recorded."""
        return self.flow.outputs[self.n_states :]

    # memory

    def load(self, pointer: Any, index: Any, dtype: str, slot: int | None) -> Any:
        """Read a number of an array, which may be in any slot if none is given."""
        is_small = self._is_small(dtype, slot)
        kind = memory(SMALL if is_small else dtype)
        place = self.builder.gep(pointer, [index], source_etype=kind)
        found = self.builder.load(place, typ=kind)
        self._tag(found, slot)
        if is_small:
            return self.builder.zext(found, memory(dtype))
        if dtype == "bool":
            return self.builder.icmp_unsigned("!=", found, ir.Constant(found.type, 0))
        return found

    def store(
        self, value: Any, pointer: Any, index: Any, dtype: str, slot: int
    ) -> None:
        """Write a number of an array."""
        is_small = self._is_small(dtype, slot)
        kind = memory(SMALL if is_small else dtype)
        if dtype == "bool":
            value = self.builder.zext(value, kind)
        elif is_small:
            value = self.builder.trunc(value, kind)
        place = self.builder.gep(pointer, [index], source_etype=kind)
        self._tag(self.builder.store(value, place), slot)

    def _is_small(self, dtype: str, slot: int | None) -> bool:
        """Tell whether words are kept in fewer bits in a slot."""
        slots = self.places.slots
        if dtype not in WORDS or slot is None or slot >= len(slots):
            return False
        return slots[slot].dtype == SMALL

    def _tag(self, instruction: Any, slot: int | None) -> None:
        if slot is None:
            return
        instruction.set_metadata("alias.scope", self.own[slot])
        if len(self.own) > 1:
            instruction.set_metadata("noalias", self.others[slot])

    def address(self, value: Value) -> Any:
        """Return where an array begins."""
        if value in self.views:
            return self.views[value]
        return self.pointers[self.places.home[value]]

    def slot(self, value: Value) -> int:
        """Return the slot an array is in."""
        while value.op is not None and value.op.kind == "view":
            value = value.op.ins[0]
        return self.places.home[value]

    def scalar(self, value: Value) -> Any:
        """Return a number in a register."""
        if value in self.registers:
            return self.registers[value]
        if value.const is None:
            raise KeyError(f"no register for {value}")
        return constant(value)

    # threads

    def wait(self) -> None:
        """Write that threads wait for each other."""
        found = self.module.globals.get("nl_gate") or gate(self.module)
        self.builder.call(found, [self.function.args[8]])

    def span(self, size: int) -> tuple[Any, Any]:
        """Return first and last of one's own elements of an array."""
        if self.turns is None:
            return ir.Constant(LONG, 0), ir.Constant(LONG, size)
        if size not in self._spans:
            builder, (part, stop, parts) = self.builder, self.function.args[5:8]
            whole = ir.Constant(LONG, size)
            with builder.goto_block(self._head):
                units = ir.Constant(LONG, -(-size // GRAIN) - 1)
                each = builder.add(builder.sdiv(units, parts), ir.Constant(LONG, 1))
                each = builder.mul(each, ir.Constant(LONG, GRAIN))
                ends = [builder.mul(each, p) for p in (part, stop)]
                self._spans[size] = tuple(  # type: ignore[assignment]
                    builder.select(builder.icmp_signed("<", e, whole), e, whole)
                    for e in ends
                )
        return self._spans[size]

    @property
    def parts(self) -> tuple[Any, Any]:
        """First of one's own parts of an array, and the one after the last."""
        return self.function.args[5], self.function.args[6]

    def own_loop(self, size: int) -> Any:
        """Write a loop over one's own elements of an array."""
        start, stop = self.span(size)
        return self.loop(stop, start)

    @contextlib.contextmanager
    def first_thread(self) -> Iterator[None]:
        """Write what one thread does for all."""
        if self.turns is None:
            yield
            return
        is_first = self.builder.icmp_signed(
            "==", self.function.args[5], ir.Constant(LONG, 0)
        )
        with self.builder.if_then(is_first):
            yield

    def reads(self, value: Value, size: int) -> None:
        """Tell that one's own part of a value is read next."""
        if self.turns is None or not value.is_array or value in self.registers:
            return
        if value in self.views or value.size != size:
            self.turns.reads_whole(self.slot(value))
        else:
            self.turns.reads(self.slot(value), size)

    def reads_whole(self, value: Value) -> None:
        """Tell that all of a value is read next."""
        if self.turns is not None:
            self.turns.reads_whole(self.slot(value))

    def writes(self, slot: int, size: int) -> None:
        """Tell that one's own part of a slot is written next."""
        if self.turns is not None:
            self.turns.writes(slot, size)

    @contextlib.contextmanager
    def loop(self, n: Any, start: Any = None) -> Iterator[Any]:
        """Write a loop over ``range(start, n)``; gives the counter."""
        builder = self.builder
        n = ir.Constant(LONG, n) if isinstance(n, int) else n
        start = ir.Constant(LONG, 0) if start is None else start
        before = builder.block
        body = builder.append_basic_block("loop")
        after = builder.append_basic_block("after")
        builder.cbranch(builder.icmp_signed("<", start, n), body, after)
        builder.position_at_end(body)
        i = builder.phi(LONG)
        i.add_incoming(start, before)
        yield i
        step = builder.add(i, ir.Constant(LONG, 1), flags=("nsw",))
        i.add_incoming(step, builder.block)
        builder.cbranch(builder.icmp_signed("<", step, n), body, after)
        builder.position_at_end(after)

    # the function

    def write(self) -> str:
        """Return the text of the module."""
        table, rows, first, n, spikes = self.function.args[:5]
        before = without_tiny_numbers(self.builder)
        self.pointers = [
            self._word(table, i, POINTER) for i in range(len(self.places.slots))
        ]
        self.rows = [self._word(rows, i, POINTER) for i in range(len(self.row_values))]
        self.spikes = spikes
        for i, value in enumerate(self.flow.inputs[:-1]):
            is_scalar = not value.is_array and value.dtype != "key"
            if is_scalar and value not in self._moving:
                self._load_scalar(value, i)
        self._write_invariant()
        builder = self.builder
        self._head = builder.block
        spread = builder.append_basic_block("spread")
        builder.position_at_end(spread)
        start_at = self._start_if_small(before)
        body = builder.append_basic_block("step")
        end = builder.append_basic_block("end")
        go_on = self._has_room(ir.Constant(LONG, 0), n, 1)
        before_all = builder.append_basic_block("ahead")
        builder.cbranch(go_on, before_all, end)
        builder.position_at_end(before_all)
        for value, factor in self.ahead.items():
            _ends.decay(self, value, self.scalar(factor))
        self.recall.begin()
        if self.turns is not None:
            self.wait()
        start = builder.block
        builder.branch(body)
        builder.position_at_end(body)
        t = builder.phi(LONG)
        t.add_incoming(ir.Constant(LONG, 0), start)
        done = builder.add(t, ir.Constant(LONG, 1))
        go_on = self._has_room(done, n, 2)  # of this step and the next
        for value, factor in self.ahead.items():
            one = ir.Constant(register(value.dtype), 1.0)
            self.factors[value] = builder.select(go_on, self.scalar(factor), one)
        self._write_step(t, first)
        latch = builder.block
        t.add_incoming(done, latch)
        builder.cbranch(go_on, body, end)
        builder.position_at_end(end)
        total = builder.phi(LONG)
        total.add_incoming(ir.Constant(LONG, 0), start_at)
        total.add_incoming(done, latch)
        give_back(builder, before)
        builder.ret(total)
        builder.position_at_end(self._head)
        builder.branch(spread)
        return with_lanes(with_wide_vectors(str(self.module), ENTRY))

    def _start_if_small(self, before: Any) -> Any:
        """Write a return if a limit is not small; return the block after it."""
        builder, small = self.builder, ir.Constant(ir.IntType(1), 1)
        if not self._limits:
            return builder.block
        for value in self._limits:
            most = ir.Constant(register(value.dtype), LARGEST)
            fits = builder.icmp_unsigned("<=", self.scalar(value), most)
            small = builder.and_(small, fits)
        with builder.if_then(builder.not_(small)):
            give_back(builder, before)
            builder.ret(ir.Constant(LONG, -1))
        return builder.block

    def _word(self, base: Any, i: int, kind: ir.Type) -> Any:
        place = self.builder.gep(
            base, [ir.Constant(LONG, i)], source_etype=ir.IntType(64)
        )
        return self.builder.load(place, typ=kind)

    def _load_scalar(self, value: Value, slot: int) -> None:
        if self.turns is not None and slot < self.n_states:
            self.turns.reads_whole(slot)
        zero = ir.Constant(LONG, 0)
        self.registers[value] = self.load(self.pointers[slot], zero, value.dtype, slot)

    def _has_room(self, done: Any, n: Any, times: int) -> Any:
        """Tell whether another step is wanted, and all spikes of some have room."""
        builder = self.builder
        found = builder.icmp_signed("<", done, n)
        for k, value in enumerate(self.spike_rows):
            room = self._word(self.spikes, FIELDS * k + 2, LONG)
            used = self._word(self.spikes, FIELDS * k + 3, LONG)
            needed = builder.add(used, ir.Constant(LONG, times * value.size))
            found = builder.and_(found, builder.icmp_signed("<=", needed, room))
        return found

    @property
    def spike_rows(self) -> list[Value]:
        """Arrays of spikes that are recorded as lists."""
        if not self._has_lists:
            return []
        return [v for v in self.row_values if v.dtype == "bool" and v.is_array]

    def _write_invariant(self) -> None:
        """Write what depends on parameters alone, before the first step."""
        self.is_invariant = invariants(self.flow, self.n_states)
        for op in self.flow.ops:
            if op in self.is_invariant:
                self._write_scalar(op)

    def _write_step(self, t: Any, first: Any) -> None:
        builder = self.builder
        self.step = t
        if self.turns is not None:
            self.turns.begin()
        number = builder.trunc(builder.add(first, t), WORD)
        self.registers[self.flow.inputs[-1]] = number
        for i, value in enumerate(self.flow.inputs[: self.n_states]):
            is_scalar = not value.is_array and value.dtype != "key"
            if is_scalar and value in self._moving:
                self._load_scalar(value, i)
        last = max(self.stage.values(), default=0)
        for at in range(last + 1):
            here = [op for op in self.flow.ops if self.stage[op] == at]
            self._write_stage(here)
        for value, slot in self.places.late:
            _ends.late(self, value, slot)
        _ends.record(self, t)
        for value, factor in self.factors.items():
            if self._loops[value] is None:
                _ends.decay(self, value, factor)
        if self.turns is not None:
            self.turns.end()

    def _write_stage(self, here: list[Op]) -> None:
        for op in here:
            if is_scalar(op) and op not in self.is_invariant:
                self._write_scalar(op)
            elif op.kind == "view":
                self.views[op.out] = _ends.view(self, op)
        sizes = dict.fromkeys(op.out.size for op in here if is_loop(op))
        for size in sizes:
            self._write_loop([op for op in here if is_loop(op) and op.out.size == size])
        ends = [op for op in here if is_end(op)]
        for op in sorted(ends, key=lambda op: op.kind == "ring"):
            _ends.WRITERS[op.kind](self, op)
            self.lists = {k: v for k, v in self.lists.items() if op.kind != "ring"}

    def _write_scalar(self, op: Op) -> None:
        if op.kind in _ends.SCALARS:
            self.registers[op.out] = _ends.SCALARS[op.kind](self, op)
            return
        args = [self.scalar(value) for value in op.ins]
        site = Site(self.builder, op, args, ir.Constant(LONG, 0))
        rule = BITS if op.name == "random_bits" else RULES[op.name]
        self.registers[op.out] = rule(site)

    def _write_loop(self, ops: list[Op]) -> None:
        size = ops[0].out.size
        made = {op.out for op in ops}
        for value in dict.fromkeys(v for op in ops for v in op.ins):
            if value.is_array and value not in made:
                self.reads(value, size)
        for op in ops:
            for slot in self.places.stores.get(op.out, ()):
                self.writes(slot, size)
            for value in op.ins:
                if value in self.places.clean or value in self.ahead:
                    self.writes(self.places.home[value], size)
        here = self.stage[ops[0]], size
        with self.own_loop(size) as i:
            seen: dict[Value, Any] = {}

            def read(value: Value) -> Any:
                if not value.is_array:
                    return self.scalar(value)
                if value not in seen:
                    seen[value] = self.load(
                        self.address(value), i, value.dtype, self.slot(value)
                    )
                return seen[value]

            for op in ops:
                if op.name == "random_bits":
                    args = [self.registers[op.ins[0]]]
                    seen[op.out] = BITS(Site(self.builder, op, args, i))
                    continue
                args = [read(value) for value in op.ins]
                seen[op.out] = RULES[op.name](Site(self.builder, op, args, i))
            # all writing comes last: an old value is read before its place is taken
            for op in ops:
                for slot in self.places.stores.get(op.out, ()):
                    self.store(seen[op.out], self.pointers[slot], i, op.out.dtype, slot)
            for value in seen:
                if value in self.places.clean:
                    slot = self.places.home[value]
                    zero = ir.Constant(register(value.dtype), 0.0)
                    self.store(zero, self.pointers[slot], i, value.dtype, slot)
                elif self._loops.get(value) == here:
                    slot = self.places.home[value]
                    faded = self.builder.fmul(seen[value], self.factors[value])
                    self.store(faded, self.pointers[slot], i, value.dtype, slot)


def constant(value: Value) -> ir.Constant:
    """Return a number that is known."""
    number = value.const.item()  # type: ignore[union-attr]
    if value.dtype == "bool":
        return ir.Constant(register("bool"), int(number))
    if is_float(value.dtype):
        return ir.Constant(register(value.dtype), float(number))
    return ir.Constant(register(value.dtype), int(number))
