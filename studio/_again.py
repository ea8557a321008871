"""One network after another: what was built before takes the new values."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from .document import Document

if TYPE_CHECKING:
    from engine.lower import Plan
    from engine.nn import Module
    from engine.run import Result, Simulation


class Again:
    """What was built of a document, for the runs that follow.

    Connections are drawn and programs made only where a change asks for them; other
    values, such as those of a sweep, are written into what is there. The numbers are
    those of a network built anew.

    Parameters
    ----------
    document : Document
        The drawing. What is asked for belongs to it as it is at that moment.
    """

    def __init__(self, document: Document):
        self._document = document
        self._revision: int | None = None
        self._names: dict[str, tuple[str, str]] = {}
        self._network: Module | None = None
        self._simulation: Simulation | None = None
        self._running = threading.RLock()  # one memory: one run at a time

    def network(self) -> Module:
        """Return the network of the document.

        Raises
        ------
        engine.lower.LoweringError
            If there are errors among the problems.
        """
        from engine.lower import build

        with self._running:
            revision = self._document.revision
            if self._network is None or revision != self._revision:
                plan = self._document.plan()
                if self._network is None or not self._takes(plan):
                    self._simulation = self._network = None  # room for the next
                    self._network = build(plan)
                self._revision, self._names = revision, _names(plan)
            return self._network

    def run(self, duration: Any, progress: bool) -> Result:
        """Run the document from t = 0; see `engine.run.simulate`.

        Raises
        ------
        engine.lower.LoweringError
            If there are errors among the problems.
        """
        from engine.run import Simulation, simulate

        with self._running:
            network = self.network()
            if self._simulation is None:
                self._simulation = Simulation(network)
            return simulate(self._simulation, duration, progress=progress)

    def _takes(self, plan: Plan) -> bool:
        """Write the values of a plan into the simulation; tell whether they fit."""
        if self._simulation is None or _names(plan) != self._names:
            return False
        return self._simulation.rebind(plan)


def _names(plan: Plan) -> dict[str, tuple[str, str]]:
    """Return what parts of the network, and of its results, are called."""
    return {node.id: (node.name, node.label) for node in plan.nodes.values()}
