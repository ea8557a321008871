"""How a network of a plan is divided: what lies where, and what is exchanged when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import nn
from .._state import State
from ..divide import CutTable, Exchange, Layout, Pieces
from ..event import DelayedCSRLinear
from ..lower import Plan, PlannedNode, PlannedProjection
from ..nn._clock import whole_steps
from ._inputs import Input
from ._record import Recorder
from ._walk import Path, states

LONGEST = 64  # steps: a longer interval saves nothing, and fills the buffers of a chunk


@dataclass(frozen=True)
class Ring:
    """The spikes of the last steps of a population, which every device has whole.

    Parameters
    ----------
    history, newest : State
        Of its delay: one row a step, and the last step that was written.
    place : int
        Which of the exchanged populations it belongs to.
    """

    history: State[Any]
    newest: State[Any]
    place: int


@dataclass
class Division:
    """The division of a network among devices.

    Parameters
    ----------
    network : Module
        What `build` made.
    plan : Plan
        What it made it of.
    recorders : sequence of Recorder
        What is recorded.
    pieces : Pieces
        The number of devices.

    Attributes
    ----------
    exchanged : list of PlannedNode
        Populations whose spikes every device hears of: those that others read later,
        and those whose spikes are recorded.
    rings : list of Ring
        Where they are kept.
    """

    network: nn.Module
    plan: Plan
    recorders: Sequence[Recorder]
    pieces: Pieces
    exchanged: list[PlannedNode] = field(default_factory=list)
    rings: list[Ring] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._populations = {node.name: node for node in self.plan.populations}
        self._tables: dict[str, CutTable] = {}
        self._names = {id(self._comm(p)): p.name for p in self.plan.projections}
        recorded = {id(r.node) for r in self.recorders if r.is_spikes}
        for node in self.plan.populations:
            module: Any = getattr(self.network, node.name)
            buffer = module.after_updates.get("delay spike")
            is_ring = buffer is not None and buffer.history.dtype == jnp.bool_
            if buffer is not None and is_ring:
                kept = states(buffer)
                ends = kept["_history",], kept["_newest",]
                self.rings.append(Ring(*ends, len(self.exchanged)))
            if is_ring or id(module) in recorded:
                self.exchanged.append(node)
        self._kept = {id(s) for r in self.rings for s in (r.history, r.newest)}

    def _comm(self, projection: PlannedProjection) -> Any:
        return getattr(self.network, projection.name).comm

    # when

    def shortest(self) -> int:
        """Return the shortest delay, in steps, of what is exchanged; `LONGEST` at most.

        It is that of the present values: a change of a delay may change it.
        """
        found = [LONGEST]
        for projection in self.plan.projections:
            node = self.plan.nodes[projection.source]
            if node not in self.exchanged or not projection.steps:
                continue
            comm = self._comm(projection)
            if isinstance(comm, DelayedCSRLinear):
                found.append(int(comm.steps.min(initial=LONGEST)))
            else:
                reader = getattr(self.network, projection.name).modules[0]
                found.append(int(np.min(whole_steps(reader.time))))
        return min(found)

    def instant(self) -> list[int]:
        """Return the size of the source of each projection without delay."""
        populations = {node.id: node.size for node in self.plan.populations}
        return [
            populations[p.source]
            for p in self.plan.projections
            if not p.steps and p.source in populations
        ]

    def exchange(self, interval: int) -> Exchange:
        """Return what is exchanged, so many steps together."""
        return Exchange([node.size for node in self.exchanged], interval, self.pieces)

    def spikes(self) -> list[Any]:
        """Return the spikes of this step of the populations that are exchanged."""
        modules = (getattr(self.network, node.name) for node in self.exchanged)
        return [jnp.ravel(module.spike.value) != 0 for module in modules]

    def place_of(self, recorder: Recorder) -> int | None:
        """Return which of the exchanged populations a recorder of spikes looks at."""
        if not recorder.is_spikes:
            return None
        modules = [getattr(self.network, node.name) for node in self.exchanged]
        return next((i for i, m in enumerate(modules) if m is recorder.node), None)

    # where

    def owner(self, path: Path) -> str:
        """Return the name for people of the population that something belongs to."""
        node = self._populations.get(path[0])
        return "" if node is None else node.label

    def of_state(
        self, path: Path, state: State[Any] | None, leaf: Any
    ) -> Layout | None:
        """Return how a leaf of the value of a State lies."""
        if id(state) in self._kept:
            return None
        for projection in self.plan.projections:
            comm = self._comm(projection)
            if state is comm.weight:
                targets = getattr(comm, "indices", None)  # none if made when needed
                is_each = targets is not None and leaf.shape == targets.shape
                return Layout("synapses", projection.name) if is_each else None
        return self._by_neuron(path, leaf)

    def of_input(self, one: Input, array: Any) -> Layout | None:
        """Return how an input lies."""
        name = self._names.get(id(one.node))
        kind = {"indptr": "rows", "indices": "targets"}.get(one.name)
        if name is not None and kind is not None:
            return Layout(kind, name)  # type: ignore[arg-type]
        return self._by_neuron(one.path, array)

    def _by_neuron(self, path: Path, leaf: Any) -> Layout | None:
        node = self._populations.get(path[0])
        is_number = jnp.issubdtype(leaf.dtype, jnp.number) or leaf.dtype == jnp.bool_
        if node is None or not is_number or leaf.ndim == 0:
            return None
        is_seed = jnp.issubdtype(leaf.dtype, jnp.unsignedinteger)
        if leaf.shape[-1] != node.size or is_seed:
            return None
        return Layout("neurons", leaf.ndim - 1)

    def table(self, layout: Layout | None) -> CutTable | None:
        """Return the table that a layout is of, cut at first use."""
        if layout is None or layout.kind == "neurons":
            return None
        name = layout.where
        if name not in self._tables:
            comm = getattr(self.network, name).comm
            table = np.asarray(comm.indptr), np.asarray(comm.indices)
            self._tables[name] = CutTable(*table, comm.n_post, self.pieces)
        return self._tables[name]

    def cut(self, layouts: Iterable[Layout | None]) -> list[CutTable]:
        """Return the tables that some layouts are of, in order, each once."""
        found = {id(t): t for t in map(self.table, layouts) if t is not None}
        return list(found.values())

    def forget(self) -> None:
        """Let go of the tables that were cut."""
        self._tables.clear()
