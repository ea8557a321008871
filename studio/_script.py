"""Python of a plan, also while other threads ask for it."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.lower import Plan

_lock = threading.Lock()


def script_of(plan: Plan) -> tuple[str, dict[str, list[int]]]:
    """Return the script of a plan, and first and last line of each element.

    Printing parses what it printed, and on Python 3.11 `ast.parse` fails in every
    thread that is in the middle of it when another one enters
    (python/cpython#106905). Inside of it threads only change when garbage is
    collected, through the callbacks of that.
    """
    from engine.lower import code_map, to_python

    with _lock:
        was_on = gc.isenabled()
        gc.disable()
        try:
            return to_python(plan), code_map(plan)
        finally:
            if was_on:
                gc.enable()
