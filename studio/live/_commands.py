"""What the owner of a live run may ask of it: each is done between two chunks."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event
from typing import Any

import networkx as nx


@dataclass(frozen=True)
class Start:
    """Run on, for some simulated seconds or without an end."""

    seconds: float | None = None


@dataclass(frozen=True)
class Pause:
    """Stop after the chunk under way; everything is kept."""


@dataclass(frozen=True)
class Advance:
    """Run some steps and pause."""

    n_steps: int


@dataclass(frozen=True)
class Reset:
    """Go back to t = 0; parameters are kept."""


@dataclass(frozen=True)
class Speed:
    """Limit simulated seconds a second of wall time; None for no limit."""

    limit: float | None


@dataclass(frozen=True)
class Record:
    """Keep all spikes and traces from now on, or stop doing so."""

    on: bool


@dataclass(frozen=True)
class Cancel:
    """Give up the building that is under way."""


@dataclass(frozen=True)
class Structure:
    """The drawing changed: the next run has to build anew."""

    graph: nx.MultiDiGraph
    revision: int


@dataclass(frozen=True)
class Parameters:
    """Values for the running network, by element and field; no building."""

    values: dict[tuple[str, str], Any]
    graph: nx.MultiDiGraph
    revision: int
    text: str


@dataclass(frozen=True)
class Show:
    """How many neurons are drawn, and the visible window in seconds."""

    n_rows: int | None
    window: float


@dataclass(frozen=True)
class Retell:
    """A view opened, or missed it: it needs the status and the rows again."""


@dataclass(frozen=True)
class Mark:
    """Say when all that was asked for before is under way or done."""

    reached: Event


@dataclass(frozen=True)
class Close:
    """End the thread."""


Command = (
    Start
    | Pause
    | Advance
    | Reset
    | Speed
    | Record
    | Cancel
    | Structure
    | Parameters
    | Show
    | Retell
    | Mark
    | Close
)
