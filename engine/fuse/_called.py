"""Native steps behind a call of XLA: where each array of a step is in that call.

XLA owns operands and results. What is only read is used where it is. States are copied
into scratch memory, which has room after its end for targets that do not exist, and
copied out after the last step; that is nothing beside the steps between.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend.core import ClosedJaxpr
from llvmlite import ir

from ..event._rows import Frame, Handler, Text, Word, registered
from ._emit import Writer
from ._flow import DELAYED, Unfusable
from ._lanes import n_threads, write_lanes
from ._layout import Layout, layout
from ._places import arranged
from ._stages import moving
from ._types import BYTE, LONG, POINTER, VOID, bytes_of, long, outside

ENTRY = "nl_loop"


class Called:
    """Native code for all steps of a loop.

    Parameters
    ----------
    step : ClosedJaxpr
        Inputs are the States, what is only read, and the number of the step; outputs
        the new States, then what is collected of each step.
    n_states, length : int
        Number of States, and of steps.
    is_within : callable
        Takes an input and a limit; tells whether all of its numbers are known to be
        below.

    Raises
    ------
    Unfusable
        If there is no native code for the step.
    """

    def __init__(
        self,
        step: ClosedJaxpr,
        n_states: int,
        length: int,
        is_within: Callable[[int, int], bool],
    ):
        self._step, self._n_states, self._length = step, n_states, length
        found = layout(step, n_states, is_wide=True)
        flow = found.flow
        values = (*flow.inputs, *(op.out for op in flow.ops))
        if any(value.is_array and not value.size for value in values):
            raise Unfusable("an array without elements")
        if any(value.dtype == "key" for value in (*flow.inputs, *flow.outputs)):
            raise Unfusable("a random key that is no array of words")
        if any(op.name == DELAYED for op in flow.ops):
            raise Unfusable("delays of each synapse, in a loop of XLA")
        changing = moving(flow, n_states)
        self._moving = [i for i in range(n_states) if flow.inputs[i] in changing]
        self._constants = [value.const for value in flow.constants]
        self._work = length * sum(op.out.size for op in flow.ops)
        self._unsafe = frozenset(
            slot for slot, n in found.targets.items() if not is_within(slot, n)
        )
        self._written: dict[Any, tuple[str, int]] = {}
        self._target(None, 1)  # what cannot be written is told here

    def call(
        self, operands: Sequence[Any], batched: tuple[bool, ...] | None
    ) -> list[Any]:
        """Return new States, and what was collected.

        Parameters
        ----------
        operands : arrays
            The inputs, without the number of the step.
        batched : tuple of bool, optional
            Which of them have an axis of lanes in front.
        """
        lead: tuple[int, ...] = ()
        if batched is not None:
            lead = (operands[batched.index(True)].shape[0],)
        text, n_scratch = self._target(batched, *(lead or (1,)))
        avals = self._step.out_avals
        rows = [
            ((*lead, self._length, *a.shape), a.dtype) for a in avals[self._n_states :]
        ]
        states = [((*lead, *avals[i].shape), avals[i].dtype) for i in self._moving]
        scratch = ((n_scratch,), jnp.uint8)
        results = [jax.ShapeDtypeStruct(*each) for each in (*states, *rows, scratch)]
        call = jax.ffi.ffi_call(_known(text), results)
        out = call(*operands, *map(jnp.asarray, self._constants))
        new = dict(zip(self._moving, out, strict=False))
        kept = [
            new[i] if i in new else jnp.broadcast_to(x, (*lead, *avals[i].shape))
            for i, x in enumerate(operands[: self._n_states])
        ]
        return [*kept, *out[len(states) : -1]]

    def _target(self, batched: tuple[bool, ...] | None, lanes: int) -> tuple[str, int]:
        """Return the text of the function for so many lanes, and bytes of scratch."""
        key = batched, lanes, n_threads(lanes, lanes * self._work)
        if key not in self._written:
            self._written[key] = self._write(*key)
        return self._written[key]

    def _write(
        self, batched: tuple[bool, ...] | None, lanes: int, threads: int
    ) -> tuple[str, int]:
        found = layout(self._step, self._n_states, is_wide=True)
        writer = Writer(found, self._n_states, unsafe=self._unsafe, has_lists=False)
        starts, n_scratch = arranged(found.places.slots)
        n_made = len(self._moving) + len(writer.row_values)
        handler = Handler(writer.module, ENTRY)
        scratch = handler.data(handler.buffer(n_made, is_result=True))
        lane = functools.partial(self._lane, found, writer, starts, n_scratch, batched)
        write_lanes(handler, lane, scratch, lanes, threads, n_scratch)
        return writer.write(), threads * n_scratch

    def _lane(
        self,
        found: Layout,
        writer: Writer,
        starts: Sequence[int],
        n_scratch: int,
        batched: tuple[bool, ...] | None,
        text: Text,
        pointer: Any,
        lane: Word,
        scratch: Any,
    ) -> None:
        """Write all steps of one lane."""
        module, builder, frame = writer.module, text.builder, Frame(text, pointer)
        slots, n_inputs = found.places.slots, len(found.flow.inputs) - 1
        n_moving = len(self._moving)
        place = [text.at(scratch, start, BYTE) for start in starts]

        def given(slot: int) -> Any:
            whole = frame.data(frame.buffer(slot))
            is_lane = batched is not None and slot < n_inputs and batched[slot]
            return (
                text.at(whole, lane * slots[slot].n_bytes, BYTE) if is_lane else whole
            )

        def made(k: int, n_bytes: int) -> Any:
            whole = frame.data(frame.buffer(k, is_result=True))
            return text.at(whole, lane * n_bytes, BYTE)

        _fill(module, builder, scratch, n_scratch)
        where = dict(enumerate(place))
        where |= {k: given(k) for k in range(n_inputs) if k not in self._moving}
        for k, value in enumerate(found.flow.constants):
            whole = frame.data(frame.buffer(n_inputs + k))
            where[found.places.home[value]] = whole
        sizes = (self._length * v.size * bytes_of(v.dtype) for v in writer.row_values)
        rows = [made(n_moving + k, n_bytes) for k, n_bytes in enumerate(sizes)]
        for k in self._moving:
            _copy(module, builder, place[k], given(k), slots[k].n_bytes)
        tables = [
            _table(text, [where[k] for k in range(len(slots))]),
            _table(text, rows),
        ]
        nobody = ir.Constant(POINTER, None)
        numbers = [long(n) for n in (0, self._length)]
        one = [long(n) for n in (0, 1, 1)]
        builder.call(writer.function, [*tables, *numbers, nobody, *one, nobody])
        for r, k in enumerate(self._moving):
            n_bytes = slots[k].n_bytes
            _copy(module, builder, made(r, n_bytes), place[k], n_bytes)


def _table(text: Text, pointers: Sequence[Any]) -> Any:
    """Write pointers one after the other; return where they are."""
    builder = text.builder
    with builder.goto_entry_block():
        table = builder.alloca(POINTER, long(max(len(pointers), 1)))
    for i, pointer in enumerate(pointers):
        builder.store(pointer, text.at(table, i, POINTER))
    return table


@functools.cache
def _known(text: str) -> str:
    """Return the name that XLA knows the function of a module by."""
    digest = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
    return registered(text, f"neuroloom_loop_{digest}", ENTRY)


def _copy(module: ir.Module, builder: Any, to: Any, source: Any, n: int) -> None:
    kinds = [POINTER, POINTER, LONG, ir.IntType(1)]
    found = outside(module, "llvm.memcpy.p0.p0.i64", VOID, *kinds)
    builder.call(found, [to, source, long(n), ir.Constant(kinds[-1], 0)])


def _fill(module: ir.Module, builder: Any, place: Any, n: int) -> None:
    kinds = [POINTER, ir.IntType(8), LONG, ir.IntType(1)]
    found = outside(module, "llvm.memset.p0.i64", VOID, *kinds)
    zeros = [ir.Constant(kinds[1], 0), long(n), ir.Constant(kinds[-1], 0)]
    builder.call(found, [place, *zeros])
