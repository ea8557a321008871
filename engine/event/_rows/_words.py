"""Functions of machine code on 64-bit words, written with Python's own signs.

A `Word` is a number in a register: ``a + b`` writes an addition, ``a < b`` a
comparison. Numbers are taken as below 2^63 where they are compared, and as unsigned
where they are shifted.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from llvmlite import ir

LONG, INT, BYTE = ir.IntType(64), ir.IntType(32), ir.IntType(8)
POINTER, VOID = ir.PointerType(), ir.VoidType()


class Word:
    """A number in a register, or a truth value."""

    __slots__ = ("builder", "value")

    def __init__(self, builder: Any, value: Any):
        self.builder, self.value = builder, value

    def _of(self, other: Word | int) -> Any:
        if isinstance(other, Word):
            return other.value
        signed = other - 2**64 if other >= 2**63 else other
        return ir.Constant(self.value.type, signed)

    def _new(self, value: Any) -> Word:
        return Word(self.builder, value)

    def __add__(self, other: Word | int) -> Word:
        return self._new(self.builder.add(self.value, self._of(other)))

    def __sub__(self, other: Word | int) -> Word:
        return self._new(self.builder.sub(self.value, self._of(other)))

    def __mul__(self, other: Word | int) -> Word:
        return self._new(self.builder.mul(self.value, self._of(other)))

    def __and__(self, other: Word | int) -> Word:
        return self._new(self.builder.and_(self.value, self._of(other)))

    def __or__(self, other: Word | int) -> Word:
        return self._new(self.builder.or_(self.value, self._of(other)))

    def __xor__(self, other: Word | int) -> Word:
        return self._new(self.builder.xor(self.value, self._of(other)))

    def __lshift__(self, other: Word | int) -> Word:
        return self._new(self.builder.shl(self.value, self._of(other)))

    def __rshift__(self, other: Word | int) -> Word:
        return self._new(self.builder.lshr(self.value, self._of(other)))

    def sign(self) -> Word:
        """Return all ones for a number below 0, else 0."""
        return self._new(self.builder.ashr(self.value, self._of(63)))

    def _compare(self, sign: str, other: Word | int) -> Word:
        return self._new(self.builder.icmp_signed(sign, self.value, self._of(other)))

    def __lt__(self, other: Word | int) -> Word:
        return self._compare("<", other)

    def __ge__(self, other: Word | int) -> Word:
        return self._compare(">=", other)

    def equals(self, other: Word | int) -> Word:
        return self._compare("==", other)

    def differs(self, other: Word | int) -> Word:
        return self._compare("!=", other)

    def chosen(self, yes: Word | int, no: Word | int) -> Word:
        """Return one of two numbers by this truth value."""
        ends = (
            x.value if isinstance(x, Word) else ir.Constant(LONG, x) for x in (yes, no)
        )
        return self._new(self.builder.select(self.value, *ends))

    def as_number(self) -> Word:
        """Return 1 or 0 of a truth value."""
        return self._new(self.builder.zext(self.value, LONG))


class Local:
    """A variable of a function."""

    def __init__(self, writer: Text, start: Word | int):
        self._builder = writer.builder
        with self._builder.goto_entry_block():
            self._place = self._builder.alloca(LONG)
        self.set(writer.word(start) if isinstance(start, int) else start)

    def get(self) -> Word:
        return Word(self._builder, self._builder.load(self._place, typ=LONG))

    def set(self, word: Word) -> None:
        self._builder.store(word.value, self._place)


class Text:
    """A function that is being written.

    Parameters
    ----------
    module : ir.Module
        Where it goes.
    name : str
    kinds : list of type
        Types of the arguments.
    result : type
        Type of the result.
    is_internal : bool
        Whether it can be called from this module only.
    """

    def __init__(
        self,
        module: ir.Module,
        name: str,
        kinds: list[Any],
        result: Any = VOID,
        is_internal: bool = False,
    ):
        self.function = ir.Function(module, ir.FunctionType(result, kinds), name)
        self.function.attributes.add("nounwind")
        if is_internal:
            self.function.linkage = "internal"
        self.builder: Any = ir.IRBuilder(self.function.append_basic_block("entry"))

    def argument(self, i: int) -> Any:
        """Return an argument: a `Word`, or a pointer or real number as it is."""
        value = self.function.args[i]
        return Word(self.builder, value) if value.type == LONG else value

    def word(self, number: int) -> Word:
        signed = number - 2**64 if number >= 2**63 else number
        return Word(self.builder, ir.Constant(LONG, signed))

    def at(self, pointer: Any, i: Word | int, kind: Any) -> Any:
        """Return the place of an element."""
        index = i.value if isinstance(i, Word) else ir.Constant(LONG, i)
        return self.builder.gep(pointer, [index], source_etype=kind)

    def read(self, pointer: Any, i: Word | int, kind: Any = INT) -> Word:
        """Return an unsigned element of an array."""
        found = self.builder.load(self.at(pointer, i, kind), typ=kind)
        return Word(
            self.builder, found if kind == LONG else self.builder.zext(found, LONG)
        )

    def write(self, word: Word, pointer: Any, i: Word | int, kind: Any = INT) -> None:
        """Write an element of an array."""
        value = word.value if kind == LONG else self.builder.trunc(word.value, kind)
        self.builder.store(value, self.at(pointer, i, kind))

    def when(self, condition: Word) -> contextlib.AbstractContextManager[Any]:
        """Write what is done under a condition."""
        return self.builder.if_then(condition.value)

    def either(self, condition: Word) -> contextlib.AbstractContextManager[Any]:
        """Write what is done under a condition, and what otherwise."""
        return self.builder.if_else(condition.value)

    @contextlib.contextmanager
    def loop(self, start: Word | int, stop: Word | int) -> Iterator[Word]:
        """Write what is done for each number from `start` to before `stop`."""
        i = Local(self, start)
        stop = self.word(stop) if isinstance(stop, int) else stop
        with self.while_() as go_on:
            now = i.get()
            go_on(now < stop)
            yield now
            i.set(now + 1)

    @contextlib.contextmanager
    def while_(self) -> Iterator[Any]:
        """Write what is repeated; the body says ``go_on(condition)`` where it may end."""
        builder = self.builder
        head = builder.append_basic_block("again")
        after = builder.append_basic_block("after")
        builder.branch(head)
        builder.position_at_end(head)

        def go_on(condition: Word) -> None:
            body = builder.append_basic_block("body")
            builder.cbranch(condition.value, body, after)
            builder.position_at_end(body)

        yield go_on
        builder.branch(head)
        builder.position_at_end(after)
