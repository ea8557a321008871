"""Lanes of a loop, one after the other or on several threads of XLA.

A thread takes the next lane that nobody has, until there is none. The call itself takes
lanes too and waits for no thread that has not begun: the threads of XLA may all be busy,
with calls like this one, and a task may begin when its call has long ended. So what tasks
look at first is memory of its own, which the last of them gives back.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from llvmlite import ir

from ..event._kernels import _layout
from ..event._rows import Handler, Text, Word
from ._crew import n_processors
from ._turns import give_way, pause
from ._types import BYTE, LONG, POINTER, VOID, outside

LEAST_WORK = 2**22
"""Numbers that all lanes make in all steps, from which on threads are asked for."""

NEXT, DONE, USERS, THREADS, FRAME, SCRATCH, N_WORDS = range(7)
"""What tasks share: lanes taken, lanes done, who still looks at it, threads begun, the
call's frame and its scratch memory."""

Lane = Callable[[Text, Any, Word, Any], None]
"""Writes a lane into a function: from the frame, its number, and scratch memory."""


def n_threads(lanes: int, work: int) -> int:
    """Return how many threads run so many lanes, of so much work in all."""
    is_worth_it = lanes > 1 and work >= LEAST_WORK
    if not is_worth_it or os.name != "posix" or not _layout.has_tasks():
        return 1
    return min(lanes, n_processors())


def write_lanes(
    handler: Handler, write: Lane, scratch: Any, lanes: int, threads: int, each: int
) -> None:
    """Write what runs all lanes.

    Parameters
    ----------
    handler : Handler
        Where it is written.
    write : callable
        Writes one lane.
    scratch : pointer
        Memory of `threads * each` bytes.
    lanes, threads, each : int
    """
    text, frame = handler.text, handler.text.function.args[0]
    if threads == 1:
        with text.loop(0, lanes) as lane:
            write(text, frame, lane, scratch)
        handler.done()
        return
    module, builder = text.function.module, text.builder
    work = _work(module, write, lanes, each)
    leave = _leave(module)
    task = _task(module, work, leave)
    size = ir.Constant(LONG, 8 * N_WORDS)
    shared = builder.call(outside(module, "malloc", POINTER, LONG), [size])
    for place, number in ((NEXT, 0), (DONE, 0), (USERS, threads), (THREADS, 0)):
        text.write(text.word(number), shared, place, LONG)
    for place, pointer in ((FRAME, frame), (SCRATCH, scratch)):
        builder.store(pointer, text.at(shared, place, POINTER))
    with text.loop(1, threads):
        will_run = handler.schedule(task, shared)
        with text.when(Word(builder, builder.not_(will_run.value))):
            builder.call(leave, [shared])
    builder.call(work, [shared])
    with text.while_() as go_on:
        done = builder.load_atomic(text.at(shared, DONE, LONG), "acquire", 8, typ=LONG)
        go_on(Word(builder, done) < lanes)
        pause(builder)
        give_way(builder)
    builder.call(leave, [shared])
    handler.done()


def _added(text: Text, shared: Any, place: int, number: int) -> Word:
    """Add to a word that others add to as well; return what it was."""
    at, add = text.at(shared, place, LONG), ir.Constant(LONG, number)
    return Word(text.builder, text.builder.atomic_rmw("add", at, add, "acq_rel"))


def _work(module: ir.Module, write: Lane, lanes: int, each: int) -> ir.Function:
    """Write ``void nl_work(ptr shared)``: take lanes while there are some."""
    text = Text(module, "nl_work", [POINTER], is_internal=True)
    builder, shared = text.builder, text.argument(0)
    mine = _added(text, shared, THREADS, 1) * each
    with text.while_() as go_on:
        lane = _added(text, shared, NEXT, 1)
        go_on(lane < lanes)  # after this the call waits for us, and its frame is there
        frame, scratch = (
            builder.load(text.at(shared, place, POINTER), typ=POINTER)
            for place in (FRAME, SCRATCH)
        )
        write(text, frame, lane, text.at(scratch, mine, BYTE))
        _added(text, shared, DONE, 1)
    builder.ret_void()
    return text.function


def _leave(module: ir.Module) -> ir.Function:
    """Write ``void nl_leave(ptr shared)``: look no more; the last gives it back."""
    text = Text(module, "nl_leave", [POINTER], is_internal=True)
    with text.when(_added(text, text.argument(0), USERS, -1).equals(1)):
        free = outside(module, "free", VOID, POINTER)
        text.builder.call(free, [text.argument(0)])
    text.builder.ret_void()
    return text.function


def _task(module: ir.Module, work: ir.Function, leave: ir.Function) -> ir.Function:
    """Write ``void nl_task(ptr shared)``, which XLA calls on a thread."""
    text = Text(module, "nl_task", [POINTER], is_internal=True)
    for part in (work, leave):
        text.builder.call(part, [text.argument(0)])
    text.builder.ret_void()
    return text.function
