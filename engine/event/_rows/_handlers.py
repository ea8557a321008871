"""Products with random tables that XLA calls: machine code behind its call frame."""

from __future__ import annotations

import functools
import threading

from llvmlite import ir

from .. import _kernels
from . import _entries
from ._frame import Handler, registered
from ._recipe import Kind
from ._words import BYTE, INT, LONG, Word

_lock = threading.Lock()


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


@functools.cache
def _push(dtype: str, is_bool: bool, kind: Kind) -> str:
    """Arguments (out, spikes, recipe, weight), results out and the active neurons."""
    form = "bool" if is_bool else "real"
    name = f"neuroloom_drawn_push_{form}_{dtype}_{kind.name}"
    module = ir.Module(name)
    function = _entries.drawn_push(module, dtype, is_bool, kind)
    frame = Handler(module, name)
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
    frame.done()
    return registered(str(module), name)


@functools.cache
def _gather(dtype: str, kind: Kind) -> str:
    """Arguments (x, recipe), result the sum over the targets of each row."""
    name = f"neuroloom_drawn_gather_{dtype}_{kind.name}"
    module = ir.Module(name)
    function = _entries.gather(module, dtype, kind)
    frame = Handler(module, name)
    text, builder, real = frame.text, frame.text.builder, _entries.REAL[dtype]
    x, recipe = map(frame.buffer, range(2))
    out = frame.buffer(0, True)
    n_pre, n_post = frame.length(out), frame.length(x)
    with text.loop(0, frame.n_rows(out)) as b:
        given = text.at(frame.data(x), b * n_post, real)
        sums = text.at(frame.data(out), b * n_pre, real)
        zero = ir.Constant(LONG, 0)
        builder.call(function, [frame.data(recipe), zero, n_pre.value, given, sums])
    frame.done()
    return registered(str(module), name)
