"""A drawing as `engine.run` simulates it, for the controller of live runs."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import networkx as nx

from ._network import BuildError, NeedsBuildingError, Report
from ._stream import Chunk, Source

if TYPE_CHECKING:
    from engine.lower import Plan, Problem
    from engine.run import Simulation

_log = logging.getLogger(__name__)

FEW = 4
"""So many values are written one by one; more by a whole plan."""


class SimulatedNetwork:
    """A built network: `LiveNetwork` by `engine.run`.

    Parameters
    ----------
    plan : Plan
        What it was built from.
    simulation : Simulation
        What runs it.
    """

    def __init__(self, plan: Plan, simulation: Simulation):
        self.simulation = simulation
        self.structure_key = plan.structure_key
        self._names = _names(plan)
        self._refused: dict[tuple[str, str], Any] = {}

    @property
    def dt(self) -> float:
        """Length of a step in s."""
        return self.simulation.dt_seconds

    @property
    def capacity(self) -> int:
        """Most steps of one chunk."""
        return self.simulation.capacity

    @property
    def step(self) -> int:
        """Steps done."""
        return self.simulation.step

    @property
    def sizes(self) -> Mapping[str, int]:
        """Neurons of each node that spikes."""
        return dict(self.simulation.sizes)

    @property
    def traces(self) -> Mapping[str, Source]:
        """Probes of state variables by node id."""
        return {
            probe: Source(variable, [int(neuron) for neuron in neurons])
            for probe, (variable, neurons) in self.simulation.probes.items()
        }

    def advance(self, n_steps: int) -> Chunk:
        """Run some steps."""
        return self.simulation.advance(n_steps)

    def reset(self) -> None:
        """Go back to step 0, keeping parameters."""
        self.simulation.reset()

    def set(
        self, values: Mapping[tuple[str, str], Any], graph: nx.MultiDiGraph
    ) -> None:
        """Write values by element and field, without building.

        Raises
        ------
        BuildError
            If the drawing has an error now; the values are taken with the next ones.
        NeedsBuildingError
            If the drawing with these values is another program.
        """
        wanted, self._refused = self._refused | dict(values), {}
        try:
            if not self._set(wanted):
                self.take(plan_of(graph))
        except BuildError:
            self._refused = wanted
            raise

    def _set(self, values: Mapping[tuple[str, str], Any]) -> bool:
        """Write a few values, the way of a slider; tell whether all were taken."""
        if len(values) > FEW or None in values.values():
            return False  # None is a default, which the plan knows
        try:
            return all(
                self.simulation.set(f"{element}.{field}", value)
                for (element, field), value in values.items()
            )
        except ValueError as error:
            raise BuildError(_value_problem(error)) from error

    def take(self, plan: Plan) -> None:
        """Take all values of another plan of the same structure.

        Raises
        ------
        NeedsBuildingError
            If the structure differs.
        """
        if plan.structure_key != self.structure_key or not self.simulation.rebind(plan):
            raise NeedsBuildingError("The drawing is another program now.")
        self._names = _names(plan)

    def blow_up(self, chunk: Chunk) -> dict[str, Any] | None:
        """Return the problem if a variable is not a number any more."""
        found = getattr(chunk, "not_finite", None)
        if found is None:
            return None
        element = found["element"]
        name = self._names.get(element, element or "the network")
        at = found["step"] * self.dt * 1e3
        return {
            "code": "not-finite",
            "severity": "error",
            "element": element if element in self._names else None,
            "field": None,
            "text": (
                f"{found['variable']} of {name} is not a number any more at "
                f"{at:.6g} ms: it grew without bound. Make weights or inputs weaker, "
                "or the time step shorter; Reset starts again."
            ),
            "fixes": [],
        }


@functools.cache
def prepare() -> None:
    """Import what the first Run needs, beside everything else; once a process.

    Nothing is compiled: the person looks at the drawing while this is done.
    """

    def work() -> None:
        import jax

        import engine.run

        jax.devices()
        _log.debug("%s is ready", engine.run.__name__)

    threading.Thread(target=work, name="neuroloom-prepare", daemon=True).start()


class EngineBuilder:
    """Makes networks of drawings; one of the same structure is used again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: SimulatedNetwork | None = None

    def __call__(self, graph: nx.MultiDiGraph, report: Report) -> SimulatedNetwork:
        """Build a drawing in four steps, each reported as it begins.

        Raises
        ------
        BuildError
            With the first error of the drawing.
        """
        report(1)
        plan = plan_of(graph)
        with self._lock:  # two buildings, one of them cancelled, never share a network
            kept, self._kept = self._kept, None
        network = None if kept is None else _taken(kept, plan)
        del kept  # the old tables are gone before the new ones are drawn
        if network is None:
            network = _built(plan, report)
        report(4)
        network.reset()
        with self._lock:
            self._kept = network
        return network


def _taken(kept: SimulatedNetwork, plan: Plan) -> SimulatedNetwork | None:
    try:
        kept.take(plan)
    except NeedsBuildingError:
        return None
    return kept


def _built(plan: Plan, report: Report) -> SimulatedNetwork:
    from engine.lower import build
    from engine.run import Simulation

    report(2)
    network = build(plan)
    report(3)
    simulation = Simulation(network, record="all")  # the raster shows inputs too
    simulation.advance(1)  # compiles, unless a network of this structure did
    return SimulatedNetwork(plan, simulation)


def plan_of(graph: nx.MultiDiGraph) -> Plan:
    """Return the plan of a drawing.

    Raises
    ------
    BuildError
        With its first error.
    """
    from engine.lower import LoweringError, plan

    try:
        return plan(graph)
    except LoweringError as error:
        raise BuildError(_first(error.problems)) from error


def _first(problems: tuple[Problem, ...]) -> dict[str, Any]:
    errors = [problem for problem in problems if problem.severity == "error"]
    first = errors[0].to_dict()
    if len(errors) > 1:
        first["text"] += f" And {len(errors) - 1} more to fix."
    return first


def _value_problem(error: ValueError) -> dict[str, Any]:
    return {
        "code": "value",
        "severity": "error",
        "element": None,
        "field": None,
        "text": f"The running network did not take this value. {error}",
        "fixes": [],
    }


def _names(plan: Plan) -> dict[str, str]:
    """Return how a person calls each element that has variables."""
    names = {node.id: node.label for node in plan.nodes.values()}
    ends = {p.id: f"{names[p.source]} to {names[p.target]}" for p in plan.projections}
    return names | ends
