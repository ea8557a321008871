"""How the processor works in a function: on wide vectors, and without tiny numbers."""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir

from ._types import POINTER, VOID, WORD, outside

_FLUSH = 0x8040  # flush results to zero, and take such inputs as zero


def without_tiny_numbers(builder: Any) -> Any:
    """Let numbers below the normal ones be 0, as XLA does: they are very slow.

    Returns where the setting of the thread is kept; None on other machines.
    """
    if platform.machine() not in ("x86_64", "AMD64"):
        return None
    before, now = builder.alloca(WORD), builder.alloca(WORD)
    _rounding(builder, "stmxcsr", before)
    flags = builder.load(before, typ=WORD)
    builder.store(builder.or_(flags, ir.Constant(WORD, _FLUSH)), now)
    _rounding(builder, "ldmxcsr", now)
    return before


def give_back(builder: Any, before: Any) -> None:
    """Set what was kept by `without_tiny_numbers`."""
    if before is not None:
        _rounding(builder, "ldmxcsr", before)


def _rounding(builder: Any, name: str, place: Any) -> None:
    found = outside(builder.module, f"llvm.x86.sse.{name}", VOID, POINTER)
    builder.call(found, [place])


def with_wide_vectors(text: str, entry: str) -> str:
    """Ask for vectors as wide as the machine has; LLVM itself stops at 256 bits."""
    head = f'define i64 @"{entry}"('
    begin = text.index("\n{", text.index(head))
    return f'{text[:begin]} "prefer-vector-width"="512"{text[begin:]}'
