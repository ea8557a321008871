"""Which views are open, and whether they can take another frame."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

CREDITS = 8
"""A view answers every 150 ms: five frames at most, and some for the way there and back."""
TIMEOUT = 2.0
RATE = 30.0


@dataclass
class _View:
    in_flight: deque[int] = field(default_factory=deque)
    waiting_since: float | None = None  # of the oldest frame without an answer


class Credits:
    """Back-pressure: frames go out only as fast as the slowest open view draws them.

    A view may have eight frames on the way; it answers for several at once. One that
    does not answer for two seconds is not waited for any more (a hidden tab does not
    draw); its next message of any kind opens it again. Hosts lose messages, seldom: if
    no view answers, a frame goes out every two seconds, which a living one answers. All
    frames together stay under a rate, because one model sends to all of its views at
    once.

    Parameters
    ----------
    per_view : int, default 8
        Frames on the way to one view.
    timeout : float, s, default 2
        How long a view may be silent with frames on the way.
    rate : float, 1/s, default 30
        Frames a second at most, as a mean; two are half of that interval apart at least.
    clock : callable, default time.monotonic
        Where the time comes from.
    """

    def __init__(
        self,
        per_view: int = CREDITS,
        timeout: float = TIMEOUT,
        rate: float = RATE,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._per_view = per_view
        self._timeout = timeout
        self._interval = 1.0 / rate
        self._clock = clock
        self._views: dict[str, _View] = {}
        self._silent: set[str] = set()
        # frames that come a little early are let pass: the mean is what is bounded
        self._due = self._sent = -float("inf")
        self._changed = threading.Condition()

    @property
    def n_views(self) -> int:
        """Views that said hello and not bye, silent ones included."""
        with self._changed:
            return len(self._views)

    @property
    def n_listening(self) -> int:
        """Views that are open and answer."""
        with self._changed:
            self._drop_silent()
            return len(self._views) - len(self._silent)

    def open(self, view: str) -> None:
        """Enter a view, with all of its credits."""
        with self._changed:
            self._views[view] = _View()
            self._silent.discard(view)
            self._changed.notify_all()

    def close(self, view: str) -> None:
        """Forget a view."""
        with self._changed:
            self._views.pop(view, None)
            self._silent.discard(view)
            self._changed.notify_all()

    def ack(self, view: str, seq: int) -> None:
        """Give back the credits of `seq` and of all frames before it."""
        with self._changed:
            state = self._views.get(view)
            if state is None:
                return
            while state.in_flight and state.in_flight[0] <= seq:
                state.in_flight.popleft()
            state.waiting_since = self._clock() if state.in_flight else None
            self._reopen([view])

    def heard(self, view: str | None = None) -> None:
        """Note a sign of life of a view, or of a browser when `view` is None."""
        with self._changed:
            self._reopen(list(self._views) if view is None else [view])

    def ready(self) -> bool:
        """Return whether a frame may be sent now."""
        with self._changed:
            return self._ready()

    def take(self, seq: int) -> bool:
        """Spend one credit of every listening view on frame `seq`, if all have one."""
        with self._changed:
            if not self._ready():
                return False
            now = self._clock()
            self._due, self._sent = max(self._due, now) + self._interval, now
            for view, state in self._views.items():
                if view not in self._silent:
                    state.in_flight.append(seq)
                    if state.waiting_since is None:
                        state.waiting_since = now
            return True

    def wait(self, timeout: float) -> bool:
        """Wait until a frame may be sent, at most `timeout` seconds; tell whether."""
        end = self._clock() + timeout
        with self._changed:
            while not self._ready():
                left = end - self._clock()
                if left <= 0:
                    return False
                # wakes for answers at once, for the rate and the timeout by itself
                self._changed.wait(min(left, self._interval))
            return True

    def _reopen(self, views: list[str]) -> None:
        for view in views:
            if view in self._silent:
                # what it missed while it was hidden is not on the way any more
                self._views[view] = _View()
                self._silent.discard(view)
        self._changed.notify_all()

    def _ready(self) -> bool:
        self._drop_silent()
        now = self._clock()
        listening = [s for v, s in self._views.items() if v not in self._silent]
        if not listening:
            return bool(self._views) and now >= self._sent + self._timeout
        has_credit = all(len(state.in_flight) < self._per_view for state in listening)
        return has_credit and now >= self._due - self._interval / 2

    def _drop_silent(self) -> None:
        limit = self._clock() - self._timeout
        for view, state in self._views.items():
            if state.waiting_since is not None and state.waiting_since <= limit:
                self._silent.add(view)
