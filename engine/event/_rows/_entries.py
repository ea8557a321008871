"""What is done with the rows of a random table, as functions of machine code.

============================================  ========================================
``nl_degrees(recipe, first, last, counts)``    number of targets of each row
``nl_fill(.., starts, indices)``               targets, each row from its start on
``nl_tally(.., counts)``                       adds to each target how often it is one
``nl_spread(.., ends, indices)``               rows of each target; moves its end on
``nl_push_*(recipe, active, n, out, ..)``      adds the weights of targets of spikes
``nl_gather_*(.., x, out)``                    sum over the targets of each row
============================================  ========================================
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir

from ._recipe import Kind
from ._words import BYTE, INT, LONG, POINTER, Local, Text, Word
from ._write import Row

REAL = {"float32": ir.FloatType(), "float64": ir.DoubleType()}
EVERYWHERE = 2**62


def _of_rows(module: ir.Module, name: str, n_arrays: int) -> tuple[Text, list[Any]]:
    """Begin ``void name(ptr recipe, i64 first, i64 last, ptr ...)``."""
    text = Text(module, name, [POINTER, LONG, LONG, *[POINTER] * n_arrays])
    for i in (0, *range(3, 3 + n_arrays)):
        text.function.args[i].add_attribute("noalias")
    return text, [text.argument(3 + i) for i in range(n_arrays)]


def _each(text: Text, row: Row, i: Word, do: Any) -> None:
    row.targets(i, text.word(0), text.word(EVERYWHERE), do)


def degrees(module: ir.Module, kind: Kind) -> None:
    text, (counts,) = _of_rows(module, "nl_degrees", 1)
    row = Row(text, text.argument(0), kind)
    with text.loop(text.argument(1), text.argument(2)) as i:
        text.write(row.number(i), counts, i)
    text.builder.ret_void()


def fill(module: ir.Module, kind: Kind) -> None:
    text, (starts, indices) = _of_rows(module, "nl_fill", 2)
    row, builder = Row(text, text.argument(0), kind), text.builder
    with builder.goto_entry_block():
        elsewhere = builder.alloca(INT)
    with text.loop(text.argument(1), text.argument(2)) as i:
        k = Local(text, text.read(starts, i))

        def put(post: Word, is_hit: Word) -> None:
            # what is no target goes elsewhere: a branch would often be taken wrongly
            place = text.at(indices, k.get(), INT)
            place = builder.select(is_hit.value, place, elsewhere)
            text.write(post, place, 0)
            k.set(k.get() + is_hit.as_number())

        _each(text, row, i, put)
    text.builder.ret_void()


def tally(module: ir.Module, kind: Kind) -> None:
    text, (counts,) = _of_rows(module, "nl_tally", 1)
    row = Row(text, text.argument(0), kind)

    def count(post: Word, is_hit: Word) -> None:
        with text.when(is_hit):
            text.write(text.read(counts, post) + 1, counts, post)

    with text.loop(text.argument(1), text.argument(2)) as i:
        _each(text, row, i, count)
    text.builder.ret_void()


def spread(module: ir.Module, kind: Kind) -> None:
    text, (ends, indices) = _of_rows(module, "nl_spread", 2)
    row = Row(text, text.argument(0), kind)
    with text.loop(text.argument(1), text.argument(2)) as i:

        def put(post: Word, is_hit: Word) -> None:
            with text.when(is_hit):
                k = text.read(ends, post)
                text.write(i, indices, k)
                text.write(k + 1, ends, post)

        _each(text, row, i, put)
    text.builder.ret_void()


def drawn_push(module: ir.Module, dtype: str, is_bool: bool, kind: Kind) -> ir.Function:
    """Write what adds the weights of the targets of the neurons in a list.

    ``void (ptr recipe, ptr active, i64 n, ptr out, real scale, ptr events, i64 low,
    i64 high)``: for targets from `low` to before `high` only, so that threads can
    share the work. An event that is a number multiplies the weight.
    """
    event = "bool" if is_bool else "real"
    real, name = REAL[dtype], f"nl_push_{event}_{dtype}_{kind.name}"
    if name in module.globals:
        return module.globals[name]
    kinds = [POINTER, POINTER, LONG, POINTER, real, POINTER, LONG, LONG]
    text = Text(module, name, kinds, is_internal=True)
    for i in (0, 1, 3, 5):
        text.function.args[i].add_attribute("noalias")
    recipe, active, n, out, scale, events, low, high = map(text.argument, range(8))
    builder, row = text.builder, Row(text, recipe, kind)
    with text.loop(0, n) as z:
        pre = text.read(active, z)
        amount = scale
        if not is_bool:
            event = builder.load(text.at(events, pre, real), typ=real)
            amount = builder.fmul(scale, event)

        def add(post: Word, is_hit: Word) -> None:
            with text.when(is_hit):
                place = text.at(out, post, real)
                total = builder.fadd(builder.load(place, typ=real), amount)
                builder.store(total, place)

        row.targets(pre, low, high, add)
    builder.ret_void()
    return text.function


def gather(module: ir.Module, dtype: str, kind: Kind) -> ir.Function:
    """Write ``void (ptr recipe, i64 first, i64 last, ptr x, ptr out)``."""
    real = REAL[dtype]
    text, (x, out) = _of_rows(module, f"nl_gather_{dtype}", 2)
    builder, row = text.builder, Row(text, text.argument(0), kind)
    with builder.goto_entry_block():
        total = builder.alloca(real)
    with text.loop(text.argument(1), text.argument(2)) as i:
        builder.store(ir.Constant(real, 0.0), total)

        def add(post: Word, is_hit: Word) -> None:
            with text.when(is_hit):
                one = builder.load(text.at(x, post, real), typ=real)
                before = builder.load(total, typ=real)
                builder.store(builder.fadd(before, one), total)

        _each(text, row, i, add)
        builder.store(builder.load(total, typ=real), text.at(out, i, real))
    builder.ret_void()
    return text.function


def listed(text: Text, events: Any, n: Word, kind: Any, active: Any) -> Word:
    """Write what lists the neurons that are not zero; returns how many there are."""
    count, builder = Local(text, 0), text.builder
    with text.loop(0, n) as i:
        event = builder.load(text.at(events, i, kind), typ=kind)
        zero = ir.Constant(kind, 0 if kind == BYTE else 0.0)
        compare = builder.icmp_signed if kind == BYTE else builder.fcmp_unordered
        is_active = Word(builder, compare("!=", event, zero))
        text.write(i, active, count.get(), INT)
        count.set(count.get() + is_active.as_number())
    return count.get()
