"""Products with random tables that XLA calls: machine code behind its call frame."""

from __future__ import annotations

import functools
import threading
from typing import Any

import jax
from llvmlite import ir

from ..._machine_code import MachineCode
from .. import _kernels
from . import _entries
from ._recipe import Kind
from ._words import BYTE, INT, LONG, POINTER, Text, Word

_lock = threading.Lock()
_kept: list[MachineCode] = []  # XLA has their addresses for ever


def push_target(dtype: str, is_bool: bool, kind: Kind) -> str | None:
    """Give the name of the FFI target of a product; None where XLA has to do it."""
    if dtype not in _entries.REAL or _kernels.native_problem() is not None:
        return None
    with _lock:
        return _push(dtype, is_bool, kind)


def gather_target(dtype: str, kind: Kind) -> str | None:
    """Give the name of the FFI target of a transposed product, or None."""
    if dtype not in _entries.REAL or _kernels.native_problem() is not None:
        return None
    with _lock:
        return _gather(dtype, kind)


class _Frame:
    """Writes how the arguments of a call are read; see `_kernels._frame`."""

    def __init__(self, module: ir.Module, name: str):
        from .._kernels import _frame  # imports numba

        self.layout: Any = _frame
        self.text = Text(module, name, [POINTER], LONG)
        self._frame = self.text.argument(0)
        self._answer_query()

    def _pointer(self, base: Any, offset: int) -> Any:
        place = self.text.at(base, offset, BYTE)
        return self.text.builder.load(place, typ=POINTER)

    def _number(self, base: Any, offset: int, kind: Any = LONG) -> Word:
        return self.text.read(self.text.at(base, offset, BYTE), 0, kind)

    def _answer_query(self) -> None:
        """Answer XLA's question for the version of the interface, if this is one."""
        text, layout = self.text, self.layout
        extension = self._number(self._frame, layout.FRAME_EXTENSION)
        with text.when(extension.differs(0)):
            at = self._pointer(self._frame, layout.FRAME_EXTENSION)
            kind = self._number(at, layout.EXTENSION_TYPE, INT)
            with text.when(kind.equals(layout.METADATA_EXTENSION)):
                found = self._pointer(at, layout.EXTENSION_METADATA)
                for place, number in (
                    (layout.METADATA_MAJOR, layout.API_MAJOR),
                    (layout.METADATA_MINOR, layout.API_MINOR),
                ):
                    text.write(text.word(number), text.at(found, place, BYTE), 0)
                text.builder.ret(ir.Constant(LONG, 0))

    def buffer(self, i: int, is_result: bool = False) -> Any:
        """Return the record of an argument, or of a result."""
        layout = self.layout
        table = layout.FRAME_RETS if is_result else layout.FRAME_ARGS
        return self._pointer(self._pointer(self._frame, table), 8 * i)

    def data(self, buffer: Any) -> Any:
        """Return where the first element is."""
        return self._pointer(buffer, self.layout.BUFFER_DATA)

    def rank(self, buffer: Any) -> Word:
        """Return the number of axes."""
        return self._number(buffer, self.layout.BUFFER_RANK)

    def length(self, buffer: Any) -> Word:
        """Return the length of the last axis."""
        dims = self._pointer(buffer, self.layout.BUFFER_DIMS)
        return self.text.read(dims, self.rank(buffer) - 1, LONG)

    def n_rows(self, buffer: Any) -> Word:
        """Return the product of all axes but the last."""
        from ._words import Local

        dims = self._pointer(buffer, self.layout.BUFFER_DIMS)
        n = Local(self.text, 1)
        with self.text.loop(0, self.rank(buffer) - 1) as axis:
            n.set(n.get() * self.text.read(dims, axis, LONG))
        return n.get()


def _registered(module: ir.Module, name: str) -> str:
    code = MachineCode(str(module))
    _kept.append(code)
    jax.ffi.register_ffi_target(
        name, _kernels.capsule(code.address(name)), platform="cpu"
    )
    return name


@functools.cache
def _push(dtype: str, is_bool: bool, kind: Kind) -> str:
    """Arguments (out, spikes, recipe, weight), results out and the active neurons."""
    form = "bool" if is_bool else "real"
    name = f"neuroloom_drawn_push_{form}_{dtype}_{kind.name}"
    module = ir.Module(name)
    function = _entries.drawn_push(module, dtype, is_bool, kind)
    frame = _Frame(module, name)
    text, builder, real = frame.text, frame.text.builder, _entries.REAL[dtype]
    out, spikes, recipe, weight = map(frame.buffer, range(4))
    before, after = frame.data(out), frame.data(frame.buffer(0, True))
    active = frame.data(frame.buffer(1, True))
    n_batch, n_pre, n_post = frame.n_rows(out), frame.length(spikes), frame.length(out)
    event = BYTE if is_bool else real
    is_each = frame.rank(weight).differs(0).as_number()
    bits = LONG if dtype == "float64" else INT
    is_moved = Word(builder, builder.icmp_unsigned("!=", before, after))
    with text.when(is_moved), text.loop(0, n_batch * n_post) as i:
        text.write(text.read(before, i, bits), after, i, bits)
    with text.loop(0, n_batch) as b:
        events = text.at(frame.data(spikes), b * n_pre, event)
        sums = text.at(after, b * n_post, real)
        place = text.at(frame.data(weight), b * is_each, real)
        scale = builder.load(place, typ=real)
        n = _entries.listed(text, events, n_pre, event, active)
        given = [frame.data(recipe), active, n.value, sums, scale, events]
        builder.call(function, [*given, ir.Constant(LONG, 0), n_post.value])
    builder.ret(ir.Constant(LONG, 0))
    return _registered(module, name)


@functools.cache
def _gather(dtype: str, kind: Kind) -> str:
    """Arguments (x, recipe), result the sum over the targets of each row."""
    name = f"neuroloom_drawn_gather_{dtype}_{kind.name}"
    module = ir.Module(name)
    function = _entries.gather(module, dtype, kind)
    frame = _Frame(module, name)
    text, builder, real = frame.text, frame.text.builder, _entries.REAL[dtype]
    x, recipe = map(frame.buffer, range(2))
    out = frame.buffer(0, True)
    n_pre, n_post = frame.length(out), frame.length(x)
    with text.loop(0, frame.n_rows(out)) as b:
        given = text.at(frame.data(x), b * n_post, real)
        sums = text.at(frame.data(out), b * n_pre, real)
        zero = ir.Constant(LONG, 0)
        builder.call(function, [frame.data(recipe), zero, n_pre.value, given, sums])
    builder.ret(ir.Constant(LONG, 0))
    return _registered(module, name)
