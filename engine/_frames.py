"""Where the code of a user is: the frames outside of this package."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Iterator
from types import FrameType

_PACKAGE = __name__.rpartition(".")[0]


def is_inside(module: str) -> bool:
    """Tell whether a module belongs to this package."""
    return module == _PACKAGE or module.startswith(_PACKAGE + ".")


def callers() -> Iterator[tuple[FrameType, int]]:
    """Yield the frames outside of this package, and their lines, innermost first."""
    for frame, line in traceback.walk_stack(inspect.currentframe()):
        if not is_inside(frame.f_globals.get("__name__", "")):
            yield frame, line
