"""Types of numbers in memory and in registers."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

BYTE, WORD, LONG = ir.IntType(8), ir.IntType(32), ir.IntType(64)
BIT = ir.IntType(1)
POINTER, VOID = ir.PointerType(), ir.VoidType()

_FLOATS = {"float32": ir.FloatType(), "float64": ir.DoubleType()}
_WIDTHS = {
    f"{sign}int{width}": width for sign in ("", "u") for width in (8, 16, 32, 64)
}


def register(dtype: str) -> ir.Type:
    """Return the type of a number that is worked with."""
    if dtype == "bool":
        return BIT
    return memory(dtype)


def memory(dtype: str) -> ir.Type:
    """Return the type of a number in memory; KeyError for what has none."""
    if dtype == "bool":
        return BYTE
    return _FLOATS[dtype] if dtype in _FLOATS else ir.IntType(_WIDTHS[dtype])


def long(number: int) -> ir.Constant:
    """Return a constant of 64 bits."""
    return ir.Constant(LONG, number)


def outside(module: ir.Module, name: str, result: ir.Type, *kinds: Any) -> Any:
    """Return a function of LLVM or the C library, declared at its first use."""
    kind = ir.FunctionType(result, kinds)
    return module.globals.get(name) or ir.Function(module, kind, name)


def bytes_of(dtype: str) -> int:
    """Return how many bytes a number takes in memory."""
    if dtype == "bool":
        return 1
    return int("".join(filter(str.isdigit, dtype))) // 8


def is_float(dtype: str) -> bool:
    """Tell whether numbers of a type are real."""
    return dtype in _FLOATS


def is_signed(dtype: str) -> bool:
    """Tell whether whole numbers of a type may be negative."""
    return dtype.startswith("int")
