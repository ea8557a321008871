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

from ..event._rows import Frame, registered
from ._emit import Writer
from ._flow import DELAYED, Unfusable
from ._layout import layout
from ._places import arranged
from ._stages import moving
from ._types import LONG, POINTER, bytes_of, long, memory

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
        if (batched, lanes) not in self._written:
            self._written[batched, lanes] = self._write(batched, lanes)
        return self._written[batched, lanes]

    def _write(self, batched: tuple[bool, ...] | None, lanes: int) -> tuple[str, int]:
        found = layout(self._step, self._n_states, is_wide=True)
        writer = Writer(found, self._n_states, unsafe=self._unsafe, has_lists=False)
        starts, n_scratch = arranged(found.places.slots)
        flow, frame = found.flow, Frame(writer.module, ENTRY)
        text, builder = frame.text, frame.text.builder
        n_inputs = len(flow.inputs) - 1
        is_lane = batched or (False,) * n_inputs
        given = [frame.data(frame.buffer(k)) for k in range(n_inputs)]
        constants = {
            found.places.home[value]: frame.data(frame.buffer(n_inputs + k))
            for k, value in enumerate(flow.constants)
        }
        n_made = len(self._moving) + len(writer.row_values) + 1
        made = [frame.data(frame.buffer(k, is_result=True)) for k in range(n_made)]
        scratch = made[-1]

        n_bytes = [slot.n_bytes for slot in found.places.slots]

        def moved(pointer: Any, offset: Any) -> Any:
            return builder.gep(pointer, [offset], source_etype=memory("int8"))

        n_slots = len(found.places.slots)
        table = builder.alloca(POINTER, long(n_slots))
        rows = builder.alloca(POINTER, long(max(len(writer.row_values), 1)))

        def put(place: Any, i: int, pointer: Any) -> None:
            at = builder.gep(place, [long(i)], source_etype=POINTER)
            builder.store(pointer, at)

        with text.loop(0, lanes) as lane:
            _fill(writer.module, builder, scratch, n_scratch)

            def of_lane(k: int) -> Any:
                if not is_lane[k]:
                    return given[k]
                return moved(given[k], (lane * n_bytes[k]).value)

            for slot, start in enumerate(starts):
                pointer = constants.get(slot)
                if slot < n_inputs and slot not in self._moving:
                    pointer = of_lane(slot)
                put(table, slot, pointer or moved(scratch, long(start)))
            for k in self._moving:
                place = moved(scratch, long(starts[k]))
                _copy(writer.module, builder, place, of_lane(k), n_bytes[k])
            for k, value in enumerate(writer.row_values):
                each = self._length * value.size * bytes_of(value.dtype)
                base = made[len(self._moving) + k]
                put(rows, k, moved(base, (lane * each).value))
            nobody = ir.Constant(POINTER, None)
            numbers = [long(n) for n in (0, self._length)]
            one = [long(n) for n in (0, 1, 1)]
            builder.call(writer.function, [table, rows, *numbers, nobody, *one, nobody])
            for r, k in enumerate(self._moving):
                place = moved(scratch, long(starts[k]))
                out = moved(made[r], (lane * n_bytes[k]).value)
                _copy(writer.module, builder, out, place, n_bytes[k])
        builder.ret(ir.Constant(LONG, 0))
        return writer.write(), n_scratch


@functools.cache
def _known(text: str) -> str:
    """Return the name that XLA knows the function of a module by."""
    digest = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
    return registered(text, f"neuroloom_loop_{digest}", ENTRY)


def _copy(module: ir.Module, builder: Any, to: Any, source: Any, n: int) -> None:
    kinds = [POINTER, POINTER, LONG, ir.IntType(1)]
    found = _intrinsic(module, "llvm.memcpy.p0.p0.i64", kinds)
    builder.call(found, [to, source, long(n), ir.Constant(kinds[-1], 0)])


def _fill(module: ir.Module, builder: Any, place: Any, n: int) -> None:
    kinds = [POINTER, ir.IntType(8), LONG, ir.IntType(1)]
    found = _intrinsic(module, "llvm.memset.p0.i64", kinds)
    zeros = [ir.Constant(kinds[1], 0), long(n), ir.Constant(kinds[-1], 0)]
    builder.call(found, [place, *zeros])


def _intrinsic(module: ir.Module, name: str, kinds: list[Any]) -> Any:
    kind = ir.FunctionType(ir.VoidType(), kinds)
    return module.globals.get(name) or ir.Function(module, kind, name)
