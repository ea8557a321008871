"""Where a live run stands, in the words of the editor."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Name = Literal[
    "empty",
    "draft",
    "ready",
    "changed",
    "building",
    "running",
    "paused",
    "stopped",
    "failed",
]

BUILD_STEPS = ("Checking units", "Wiring", "Compiling", "First step")


@dataclass(frozen=True)
class Progress:
    """A step of the building.

    Parameters
    ----------
    step, of : int
        Which one, from 1, and how many.
    text : str
        What it does.
    fraction : float
        How much of all is done, 0 to 1.
    """

    step: int
    text: str
    of: int = len(BUILD_STEPS)
    fraction: float = 0.0


@dataclass(frozen=True)
class Status:
    """A picture of the run at one moment.

    Parameters
    ----------
    state : str
        One of the names above.
    t : float, s
        Simulated time.
    step : int
        Steps done.
    progress : Progress or None
        While building.
    speed : float or None
        Limit of simulated seconds a second; None for none.
    factor : float or None
        Simulated seconds a second, as measured.
    text : str or None
        What else to say.
    problem : dict or None
        Why it stopped or failed.
    applied : dict or None
        The last value that reached the running network: `{"text", "t"}`.
    recording : bool
        Whether everything is kept.
    left_out : int
        Spikes that no view has drawn.
    """

    state: Name
    t: float = 0.0
    step: int = 0
    progress: Progress | None = None
    speed: float | None = 1.0
    factor: float | None = None
    text: str | None = None
    problem: dict[str, Any] | None = None
    applied: dict[str, Any] | None = None
    recording: bool = False
    left_out: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the body of a run-state message."""
        return asdict(self)
