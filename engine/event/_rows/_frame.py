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
    """Writes how the arguments of a call are read; see `_kernels._layout`."""

    def __init__(self, module: ir.Module, name: str):
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
                text.builder.ret(ir.Constant(LONG, 0))

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


def registered(text: str, name: str, entry: str = "") -> str:
    """Compile a module, and tell XLA a function of it, `name` unless given."""
    code = MachineCode(text)
    _kept.append(code)
    jax.ffi.register_ffi_target(
        name, _kernels.capsule(code.address(entry or name)), platform="cpu"
    )
    return name
