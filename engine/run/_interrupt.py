"""Ctrl+C during a run."""

from __future__ import annotations

import contextlib
import math
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

SOON = 2.0  # s


class Interrupt:
    """Notes an interrupt, so that it is not lost, and waits for the end of a chunk.

    The exception that Python raises for it comes wherever the program is; in a callback
    of the collection of garbage, of which JAX has one, it is printed and forgotten. A
    second interrupt soon after the first raises `KeyboardInterrupt` at once, be it in
    the same run or in the next one: so a loop of short runs can be stopped.

    Attributes
    ----------
    came : bool
        Whether there was one.
    is_urgent : bool
        Whether there was a second one.
    """

    _last = -math.inf  # of all runs

    def __init__(self) -> None:
        self.came = self.is_urgent = False

    @contextlib.contextmanager
    def attended(self) -> Iterator[None]:
        """Note interrupts, on the main thread, unless somebody else handles them."""
        is_main = threading.current_thread() is threading.main_thread()
        if not is_main or signal.getsignal(signal.SIGINT) is not _USUAL:
            yield
            return
        signal.signal(signal.SIGINT, self._note)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, _USUAL)

    def _note(self, *_: Any) -> None:
        now = time.monotonic()
        self.is_urgent = self.came or now - Interrupt._last < SOON
        self.came, Interrupt._last = True, now
        if self.is_urgent:
            raise KeyboardInterrupt


_USUAL = signal.default_int_handler
