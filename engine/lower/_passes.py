"""Passes from a checked drawing to an ordered one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import networkx as nx

from ._check_edge import steps_of
from ._estimate import n_ring
from ._names import Names
from ._read import Drawing, EdgeRecord, NodeRecord, natural


@dataclass(frozen=True)
class Ordered:
    """A drawing without what is muted, in the order of a step.

    Parameters
    ----------
    drawing : Drawing
        Where it comes from.
    nodes : tuple of NodeRecord
        Inputs, then populations.
    projections : tuple of (EdgeRecord, int)
        With the delay in steps.
    drives : tuple of EdgeRecord
    probes : tuple of (NodeRecord, ids of sources)
    names : mapping
        Identifiers by id.
    rings : mapping
        Longest delay in steps that the spikes of a node are kept for, by id.
    muted : tuple of str
        Labels of what is left out.
    """

    drawing: Drawing
    nodes: tuple[NodeRecord, ...]
    projections: tuple[tuple[EdgeRecord, int], ...]
    drives: tuple[EdgeRecord, ...]
    probes: tuple[tuple[NodeRecord, tuple[str, ...]], ...]
    names: Mapping[str, str]
    rings: Mapping[str, int]
    muted: tuple[str, ...]


def order(drawing: Drawing) -> Ordered:
    """Return a drawing in the order of a step; what is unknown or muted is left out."""
    nodes = [n for n in _by_id(drawing.nodes) if n.kind is not None]
    alive = {n.id for n in nodes if not n.is_muted}
    active = {n.id for n in nodes if n.kind.shape != "probe"} & alive  # type: ignore[union-attr]
    edges = [e for e in _by_id(drawing.edges) if {e.source, e.target} <= alive]
    projections = tuple(
        (edge, steps_of(edge.delay, drawing.dt_ms))
        for edge in edges
        if edge.rule is not None and edge.synapse is not None
    )
    is_known = lambda e, shape: drawing.nodes[e.target].kind.shape == shape  # type: ignore[union-attr]
    drives = tuple(
        e
        for e in edges
        if e.kind is not None
        and e.kind.param("delay") is None
        and is_known(e, "population")
    )
    probes = tuple(
        (n, tuple(e.source for e in edges if e.target == n.id and e.source in active))
        for n in nodes
        if n.kind.shape == "probe" and n.id in alive  # type: ignore[union-attr]
    )
    inputs = [n for n in nodes if n.id in active and n.kind.shape == "input"]  # type: ignore[union-attr]
    populations = _topological(
        [n for n in nodes if n.id in active and n.kind.shape == "population"],  # type: ignore[union-attr]
        [edge for edge, steps in projections if steps == 0],
    )
    return Ordered(
        drawing=drawing,
        nodes=(*inputs, *populations),
        projections=projections,
        drives=drives,
        probes=probes,
        names=_names([*inputs, *populations], projections, drives, drawing),
        rings=_rings(projections, drawing),
        muted=tuple(n.label for n in nodes if n.is_muted),
    )


def _by_id(records: Mapping) -> list:
    return [records[key] for key in sorted(records, key=natural)]


def _topological(
    populations: list[NodeRecord], instant: list[EdgeRecord]
) -> list[NodeRecord]:
    """Put sources of spikes without delay before their targets; else keep the order."""
    by_id = {node.id: node for node in populations}
    graph = nx.DiGraph()
    graph.add_nodes_from(by_id)
    graph.add_edges_from(
        (e.source, e.target) for e in instant if e.source in by_id and e.target in by_id
    )
    if not nx.is_directed_acyclic_graph(graph):
        return populations  # `check` has told
    ids = nx.lexicographical_topological_sort(graph, key=natural)
    return [by_id[node_id] for node_id in ids]


def _rings(projections, drawing: Drawing) -> dict[str, int]:
    """Return the longest delay in steps for each source of delayed spikes."""
    longest: dict[str, int] = {}
    for edge, steps in projections:
        if steps:
            longest[edge.source] = max(longest.get(edge.source, 0), steps)
    param = next((e.kind.param("delay") for e, _ in projections), None)
    return {
        node_id: n_ring(drawing.nodes[node_id].size, drawing.dt_ms, steps, param)
        for node_id, steps in longest.items()
    }


def _names(nodes, projections, drives, drawing: Drawing) -> dict[str, str]:
    """Return an identifier for each node and edge."""
    names = Names()
    found = {node.id: names.take(node.label, node.kind.key.lower()) for node in nodes}
    for edge in (*(edge for edge, _ in projections), *drives):
        stem = f"{found[edge.source]}_to_{found[edge.target]}"
        found[edge.id] = names.take(edge.label or stem, stem)
    return found
