"""What the controller needs of a running network, whoever simulates it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import networkx as nx

from ._stream import Chunk, Source


class LiveNetwork(Protocol):
    """A built network that advances by chunks; used by one thread at a time."""

    @property
    def dt(self) -> float:
        """Length of a step in s."""
        ...

    @property
    def capacity(self) -> int:
        """Most steps of one chunk."""
        ...

    @property
    def step(self) -> int:
        """Steps done."""
        ...

    @property
    def sizes(self) -> Mapping[str, int]:
        """Neurons of each node that spikes."""
        ...

    @property
    def traces(self) -> Mapping[str, Source]:
        """Probes of state variables by node id."""
        ...

    def advance(self, n_steps: int) -> Chunk:
        """Run some steps."""
        ...

    def reset(self) -> None:
        """Go back to step 0, keeping parameters."""
        ...

    def set(
        self, values: Mapping[tuple[str, str], Any], graph: nx.MultiDiGraph
    ) -> None:
        """Write values by element and field, without building.

        Raises
        ------
        BuildError
            If the drawing cannot run with them; the network goes on with the old.
        NeedsBuildingError
            If they cannot be written into this network.
        """
        ...

    def blow_up(self, chunk: Chunk) -> dict[str, Any] | None:
        """Return the problem if a variable is not a number any more."""
        ...


Report = Callable[[int], None]
"""Called with the number of the build step that begins, from 1."""

Builder = Callable[[nx.MultiDiGraph, Report], LiveNetwork]
"""Makes a network of a drawing; raises BuildError with the problem."""


class BuildError(Exception):
    """A drawing cannot be built.

    Parameters
    ----------
    problem : dict
        What is wrong, where, and what to do.
    """

    def __init__(self, problem: dict[str, Any]):
        super().__init__(problem["text"])
        self.problem = problem


class NeedsBuildingError(Exception):
    """The drawing is not the program of this network any more."""
