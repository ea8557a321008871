"""How many steps a chunk takes: enough to be fast, few enough to answer at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

TARGET = 0.035
"""Seconds of wall time a chunk should take: 28 pictures a second.

It has to be longer than the mean time between two frames that the widget sends
(1/30 s): a chunk too many waits for the next, and its picture is lost.
"""


@dataclass
class Pace:
    """Chunk lengths from measured time, and a limit on the speed.

    The time of a chunk is `overhead + n * cost`; only `cost` a step is estimated, as a
    running mean over chunks, because the overhead is far below the target.

    Parameters
    ----------
    dt : float, s
        Length of a step.
    capacity : int
        Most steps that one chunk can hold.
    speed : float or None, default None
        Simulated seconds a second of wall time at most; None for no limit.
    target : float, s, default 0.035
        Wall time of a chunk.
    """

    dt: float
    capacity: int
    speed: float | None = None
    target: float = TARGET
    clock: Callable[[], float] = time.perf_counter
    _cost: float | None = None
    _origin: tuple[float, int] | None = None
    _recent: list[tuple[float, int]] = field(default_factory=list)

    def restart(self) -> None:
        """Forget the schedule: after a pause the run does not catch up."""
        self._origin = None
        self._recent.clear()

    def chunk(self, left: int | None = None) -> int:
        """Return the length of the next chunk in steps, at most `left`."""
        if self._cost is None:
            steps = max(1, round(0.001 / self.dt))
        else:
            steps = int(self.target / max(self._cost, 1e-9))
        if self.speed is not None:
            steps = min(steps, max(1, round(self.speed * self.target / self.dt)))
        steps = max(1, min(steps, self.capacity))
        return steps if left is None else max(1, min(steps, left))

    def note(self, n_steps: int, seconds: float, total_steps: int) -> None:
        """Enter what a chunk took; `total_steps` is the step the run has reached."""
        cost = seconds / n_steps
        self._cost = cost if self._cost is None else 0.7 * self._cost + 0.3 * cost
        now = self.clock()
        if self._origin is None:
            self._origin = (now - seconds, total_steps - n_steps)
        self._recent.append((now, total_steps))
        while len(self._recent) > 2 and now - self._recent[0][0] > 1.0:
            self._recent.pop(0)

    def wait(self, total_steps: int) -> float:
        """Return how long to sleep so that the speed limit holds."""
        if self.speed is None or self._origin is None:
            return 0.0
        start, step = self._origin
        due = start + (total_steps - step) * self.dt / self.speed
        late = self.clock() - due
        if late > 0.5:  # too slow for the limit: do not owe time for ever
            self._origin = (self.clock(), total_steps)
        return max(0.0, -late)

    @property
    def factor(self) -> float | None:
        """Simulated seconds a second of wall time, over the last second."""
        if len(self._recent) < 2:
            return None
        (t0, s0), (t1, s1) = self._recent[0], self._recent[-1]
        return (s1 - s0) * self.dt / (t1 - t0) if t1 > t0 else None
