"""Handlers in machine code that XLA calls: their arguments, and telling XLA of them."""

from __future__ import annotations

from typing import Any

import jax
from llvmlite import ir

from ..._machine_code import MachineCode
from .. import _kernels
from .._kernels import _layout
from ._words import BYTE, INT, LONG, POINTER, Local, Text, Word

_kept: list[MachineCode] = []  # XLA has their addresses for ever


class Frame:
    """Writes how the arguments of a call are read; see `_kernels._layout`.

    Parameters
    ----------
    text : Text
        The function that reads them.
    frame : pointer
        What XLA gave.
    """

    def __init__(self, text: Text, frame: Any):
        self.text, self._frame = text, frame

    def _pointer(self, base: Any, offset: int) -> Any:
        place = self.text.at(base, offset, BYTE)
        return self.text.builder.load(place, typ=POINTER)

    def _number(self, base: Any, offset: int, kind: Any = LONG) -> Word:
        return self.text.read(self.text.at(base, offset, BYTE), 0, kind)

    def buffer(self, i: int, is_result: bool = False) -> Any:
        """Return the record of an argument, or of a result."""
        table = _layout.FRAME_RETS if is_result else _layout.FRAME_ARGS
        return self._pointer(self._pointer(self._frame, table), 8 * i)

    def data(self, buffer: Any) -> Any:
        """Return where the first element is."""
        return self._pointer(buffer, _layout.BUFFER_DATA)

    def rank(self, buffer: Any) -> Word:
        """Return the number of axes."""
        return self._number(buffer, _layout.BUFFER_RANK)

    def length(self, buffer: Any) -> Word:
        """Return the length of the last axis."""
        dims = self._pointer(buffer, _layout.BUFFER_DIMS)
        return self.text.read(dims, self.rank(buffer) - 1, LONG)

    def n_rows(self, buffer: Any) -> Word:
        """Return the product of all axes but the last."""
        dims = self._pointer(buffer, _layout.BUFFER_DIMS)
        n = Local(self.text, 1)
        with self.text.loop(0, self.rank(buffer) - 1) as axis:
            n.set(n.get() * self.text.read(dims, axis, LONG))
        return n.get()


class Handler(Frame):
    """Begins the function that XLA calls; it ends with `done`."""

    def __init__(self, module: ir.Module, name: str):
        text = Text(module, name, [POINTER], LONG)
        super().__init__(text, text.argument(0))
        self._answer_query()

    def _answer_query(self) -> None:
        """Answer XLA's question for the version of the interface, if this is one."""
        text = self.text
        extension = self._number(self._frame, _layout.FRAME_EXTENSION)
        with text.when(extension.differs(0)):
            at = self._pointer(self._frame, _layout.FRAME_EXTENSION)
            kind = self._number(at, _layout.EXTENSION_TYPE, INT)
            with text.when(kind.equals(_layout.METADATA_EXTENSION)):
                found = self._pointer(at, _layout.EXTENSION_METADATA)
                for place, number in (
                    (_layout.METADATA_MAJOR, _layout.API_MAJOR),
                    (_layout.METADATA_MINOR, _layout.API_MINOR),
                ):
                    text.write(text.word(number), text.at(found, place, BYTE), 0)
                self.done()

    def done(self) -> None:
        """Return to XLA; all went well."""
        self.text.builder.ret(ir.Constant(LONG, 0))

    def schedule(self, task: Any, data: Any) -> Word:
        """Ask for ``task(data)`` on a thread of XLA; tells whether it will be run.

        It may begin when the call has long ended.
        """
        text, builder = self.text, self.text.builder
        api = self._pointer(self._frame, _layout.FRAME_API)
        context = self._pointer(self._frame, _layout.FRAME_CONTEXT)

        def ask(entry: int, *given: Any) -> Any:
            """Call a function of the interface with its record of arguments."""
            with builder.goto_entry_block():
                record = builder.alloca(POINTER, ir.Constant(LONG, 2 + len(given)))
            size = ir.Constant(LONG, 8 * (2 + len(given)))
            for i, value in enumerate((size, ir.Constant(LONG, 0), *given)):
                builder.store(value, text.at(record, i, POINTER))
            kind = ir.FunctionType(POINTER, [POINTER]).as_pointer()
            function = builder.load(text.at(api, entry, BYTE), typ=kind)
            return builder.call(function, [record])

        error = ask(_layout.API_SCHEDULE, context, task, data)
        is_error = Word(builder, builder.icmp_unsigned("!=", error, POINTER(None)))
        with text.when(is_error):
            ask(_layout.API_ERROR_DESTROY, error)
        return Word(builder, builder.not_(is_error.value))


def registered(text: str, name: str, entry: str = "") -> str:
    """Compile a module, and tell XLA a function of it, `name` unless given."""
    code = MachineCode(text)
    _kept.append(code)
    jax.ffi.register_ffi_target(
        name, _kernels.capsule(code.address(entry or name)), platform="cpu"
    )
    return name
