"""One thread that does all work of an editor: messages in order, and what may wait."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]
_log = logging.getLogger(__name__)


@dataclass
class _Later:
    due: float
    latest: float
    work: Work


class Worker:
    """Does work on a thread of its own, in the order in which it came.

    The thread starts with the first work and sleeps without a tick when there is none.

    Parameters
    ----------
    name : str
        Name of the thread.
    """

    def __init__(self, name: str):
        self._name = name
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._later: dict[str, _Later] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._is_closed = False

    @property
    def is_here(self) -> bool:
        """Whether the caller is this thread."""
        return threading.current_thread() is self._thread

    @property
    def has_more(self) -> bool:
        """Whether more work has come already."""
        return not self._queue.empty()

    def post(self, work: Work) -> None:
        """Do something soon; safe from any thread."""
        with self._lock:
            if self._is_closed:
                return
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name=self._name, daemon=True
                )
                self._thread.start()
            self._queue.put(work)

    def later(self, name: str, delay: float, work: Work, latest: float = 2.0) -> None:
        """Do something when it was not asked for again for `delay` seconds.

        Only on this thread. Asked for again and again, it waits `latest` seconds in
        all.
        """
        now = time.monotonic()
        waiting = self._later.get(name)
        until = now + latest if waiting is None else waiting.latest
        self._later[name] = _Later(min(now + delay, until), until, work)

    def forget(self, name: str) -> None:
        """Do not do later what was asked for; only on this thread."""
        self._later.pop(name, None)

    def wait(self, timeout: float = 10.0) -> bool:
        """Wait until all that was posted is done; tell whether it is."""
        if self.is_here:
            return True
        done = threading.Event()
        self.post(done.set)
        return done.wait(timeout) if not self._is_closed else True

    def close(self, timeout: float = 5.0) -> None:
        """Finish what was posted, forget what may wait, and end the thread."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            self._queue.put(None)
        thread = self._thread
        if thread is not None and not self.is_here:
            thread.join(timeout)

    def _run(self) -> None:
        while True:
            try:
                work = self._queue.get(timeout=self._pause())
            except queue.Empty:
                work = self._nothing
            if work is None:
                return
            self._do(work)
            self._do_due()

    def _pause(self) -> float | None:
        if not self._later:
            return None
        due = min(entry.due for entry in self._later.values())
        return max(0.0, due - time.monotonic())

    def _do_due(self) -> None:
        now = time.monotonic()
        due = [name for name, entry in self._later.items() if entry.due <= now]
        for name in due:
            self._do(self._later.pop(name).work)

    def _do(self, work: Work) -> None:
        try:
            work()
        except Exception:
            # each piece of work answers its own errors; this one is ours
            _log.exception("The editor could not do %r", work)

    @staticmethod
    def _nothing() -> None:
        pass
