"""The functions of random tables, compiled at first use and kept for the next session."""

from __future__ import annotations

import ctypes
import functools
import struct
import threading

import numpy as np
from llvmlite import ir

from ..._machine_code import MachineCode
from . import _entries
from ._recipe import Kind, Recipe

_lock = threading.Lock()
_WRITERS = {
    "nl_degrees": _entries.degrees,
    "nl_fill": _entries.fill,
    "nl_tally": _entries.tally,
    "nl_spread": _entries.spread,
}


@functools.cache
def problem() -> str | None:
    """Say why there is no machine code for rows here, None if there is."""
    return None if struct.calcsize("P") == 8 else "pointers are not 64 bits wide"


@functools.cache
def _compiled(name: str, kind: Kind) -> MachineCode:
    module = ir.Module("rows")
    _WRITERS[name](module, kind)
    return MachineCode(str(module))


def _code(name: str, kind: Kind) -> MachineCode:
    with _lock:  # of two that compile at once, one would lose its code while it runs
        return _compiled(name, kind)


def call(name: str, recipe: Recipe, first: int, last: int, *arrays: np.ndarray) -> None:
    """Run a function of rows on some of them; other threads of Python go on."""
    n = len(arrays)
    kinds = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, *[ctypes.c_void_p] * n]
    function = ctypes.CFUNCTYPE(None, *kinds)(_code(name, recipe.kind).address(name))
    places = (array.ctypes.data for array in arrays)
    function(recipe.words.ctypes.data, first, last, *places)
