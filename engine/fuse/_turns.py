"""Several threads in one function: who works on what, and where they wait.

Every array is divided among the threads in the same way, at cache lines, so that most
of a step needs no waiting: what a thread reads it wrote itself. The threads wait for
each other where one reads what another wrote since the last time (a whole array, a row
that was divided in another way), or writes what another may still be reading. Sums of
event products are divided by target, and added up in the same order by any number of
threads: results never depend on it.
"""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING, Any

from llvmlite import ir

from ._types import LONG, POINTER, VOID, WORD, outside

if TYPE_CHECKING:
    from ._emit import Writer

GRAIN = 64  # elements: a line of bytes, and so of anything
SPINS = 2048  # looks at a gate before others get the processor
GATE_WORDS = 24  # of 8 bytes: arrived, turn and number of threads, a line each
NOBODY = -1  # written by the first thread alone


class Turns:
    """What threads have written and read since they last waited for each other.

    Parameters
    ----------
    writer : Writer
        Writes the function.
    """

    def __init__(self, writer: Writer):
        self._writer = writer
        self._written: dict[int, int] = {}
        self._read: dict[int, int] = {}
        self._read_whole: set[int] = set()
        self._has_waited = False

    def begin(self) -> None:
        """Begin a step."""
        self._has_waited = False

    def end(self) -> None:
        """End a step: the next begins when all have done this."""
        self._wait()

    def once(self) -> None:
        """Wait unless that has been done in this step."""
        if not self._has_waited:
            self._wait()

    def reads(self, slot: int, size: int) -> None:
        """Read one's own part of an array of `size` elements."""
        if self._written.get(slot, size) != size:
            self._wait()
        if self._read.setdefault(slot, size) != size:  # parts of two kinds
            self._read_whole.add(slot)

    def reads_whole(self, slot: int) -> None:
        """Read all of an array, or a part that was divided in another way."""
        if slot in self._written:
            self._wait()
        self._read_whole.add(slot)

    def writes(self, slot: int, size: int) -> None:
        """Write one's own part of an array."""
        sizes = (seen.get(slot, size) for seen in (self._written, self._read))
        if slot in self._read_whole or any(seen != size for seen in sizes):
            self._wait()
        self._written[slot] = size

    def _wait(self) -> None:
        self._has_waited = True
        self._written.clear()
        self._read.clear()
        self._read_whole.clear()
        self._writer.wait()


def gate(module: ir.Module) -> ir.Function:
    """Return ``void nl_gate(ptr gate)``: leave it when all threads have come."""
    kind = ir.FunctionType(ir.VoidType(), [POINTER])
    found = ir.Function(module, kind, "nl_gate")
    found.linkage = "internal"
    found.attributes.add("noinline")
    builder: Any = ir.IRBuilder(found.append_basic_block("entry"))
    arrived, turn, of = (_word(builder, found.args[0], 8 * i) for i in range(3))
    several, leave = (found.append_basic_block(name) for name in ("several", "leave"))
    n = builder.load(of, typ=LONG)
    one = ir.Constant(LONG, 1)
    builder.cbranch(builder.icmp_signed(">", n, one), several, leave)
    builder.position_at_end(leave)
    builder.ret_void()
    builder.position_at_end(several)
    builder.fence("seq_cst")  # for LLVM: nothing moves over a gate
    now = builder.load_atomic(turn, "acquire", 8, typ=LONG)
    before = builder.atomic_rmw("add", arrived, one, "acq_rel")
    last, spin = (found.append_basic_block(name) for name in ("last", "spin"))
    is_last = builder.icmp_signed("==", builder.add(before, one), n)
    builder.cbranch(is_last, last, spin)
    builder.position_at_end(last)
    builder.atomic_rmw("xchg", arrived, ir.Constant(LONG, 0), "release")
    builder.atomic_rmw("xchg", turn, builder.add(now, one), "release")
    builder.ret_void()
    _spin(builder, several, spin, turn, now)
    return found


def _word(builder: Any, base: Any, i: int) -> Any:
    return builder.gep(base, [ir.Constant(LONG, i)], source_etype=LONG)


def _spin(builder: Any, before: Any, spin: Any, turn: Any, now: Any) -> None:
    """Look until the turn changes; now and then let others have the processor."""
    found = before.function
    go, rest, again = (found.append_basic_block(n) for n in ("go", "rest", "again"))
    builder.position_at_end(spin)
    looks = builder.phi(LONG)
    looks.add_incoming(ir.Constant(LONG, 1), before)
    seen = builder.load_atomic(turn, "acquire", 8, typ=LONG)
    checked = found.append_basic_block("checked")
    builder.cbranch(builder.icmp_signed("!=", seen, now), go, checked)
    builder.position_at_end(go)
    builder.fence("seq_cst")
    builder.ret_void()
    builder.position_at_end(checked)
    pause(builder)
    left = builder.urem(looks, ir.Constant(LONG, SPINS))
    builder.cbranch(builder.icmp_signed("==", left, ir.Constant(LONG, 0)), rest, again)
    builder.position_at_end(rest)
    if os.name == "posix":
        give_way(builder)
    builder.branch(again)
    builder.position_at_end(again)
    looks.add_incoming(builder.add(looks, ir.Constant(LONG, 1)), again)
    builder.branch(spin)


def pause(builder: Any) -> None:
    """Tell the processor that a loop waits."""
    if platform.machine() in ("x86_64", "AMD64"):
        builder.call(outside(builder.module, "llvm.x86.sse2.pause", VOID), [])


def give_way(builder: Any) -> None:
    """Let others have the processor; not on Windows."""
    builder.call(outside(builder.module, "sched_yield", WORD), [])
