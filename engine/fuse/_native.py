"""From text of LLVM to a function that Python can call."""

from __future__ import annotations

import ctypes

from .._machine_code import MachineCode
from ._emit import ENTRY

SIGNATURE = ctypes.CFUNCTYPE(
    ctypes.c_int64,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_int64,
    ctypes.c_int64,
    ctypes.c_void_p,
    ctypes.c_int64,
    ctypes.c_int64,
    ctypes.c_int64,
    ctypes.c_void_p,
)


class Library:
    """Machine code in memory; calling it lets other threads of Python run.

    Parameters
    ----------
    text : str
        A module of LLVM that holds the function.

    Attributes
    ----------
    was_kept : bool
        Whether the code came from an earlier session.
    """

    def __init__(self, text: str):
        self._code = MachineCode(text)
        self.was_kept = self._code.was_kept
        self.call = SIGNATURE(self._code.address(ENTRY))
