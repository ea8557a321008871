"""The drawing and the edits under way: every write goes through a `Draft`."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import networkx as nx

Attrs: TypeAlias = dict[str, Any]
Ref: TypeAlias = tuple[Literal["node", "edge", "meta"], str]
META: Ref = ("meta", "")


@dataclass(frozen=True)
class Edge:
    """An edge as it is kept: its ends and its attributes."""

    source: str
    target: str
    attrs: Attrs


Record: TypeAlias = Attrs | Edge | None
Records: TypeAlias = dict[Ref, Record]


class Store:
    """A `networkx.MultiDiGraph` and an index of its edges by id.

    Attribute values are never changed in place: a new value replaces the old one,
    so that the history may keep the old one without a copy.
    """

    def __init__(self, graph: nx.MultiDiGraph):
        self.graph = graph
        self._ends = {key: (u, v) for u, v, key in graph.edges(keys=True)}
        self._last_number: dict[str, int] = {}

    def __contains__(self, key: str) -> bool:
        return key in self.graph or key in self._ends

    def node(self, key: str) -> Attrs:
        """Return the attributes of a node."""
        return self.graph.nodes[key]

    def is_node(self, key: str) -> bool:
        """Return whether `key` is the id of a node."""
        return key in self.graph

    def is_edge(self, key: str) -> bool:
        """Return whether `key` is the id of an edge."""
        return key in self._ends

    def edge(self, key: str) -> Edge:
        """Return an edge by its id."""
        u, v = self._ends[key]
        return Edge(u, v, self.graph.edges[u, v, key])

    def edges(self) -> Iterator[str]:
        """Go through the ids of all edges."""
        return iter(self._ends)

    def edges_of(self, node: str) -> list[str]:
        """Return the ids of the edges that start or end at a node."""
        out = [key for _, _, key in self.graph.out_edges(node, keys=True)]
        into = [key for _, _, key in self.graph.in_edges(node, keys=True)]
        return list(dict.fromkeys(out + into))  # a loop is in both

    def labels(self) -> dict[str, str]:
        """Return label -> id of all nodes."""
        return {attrs["label"]: key for key, attrs in self.graph.nodes(data=True)}

    def fresh_id(self, prefix: str) -> str:
        """Return an id that no element has or had since the document was opened."""
        number = self._last_number.get(prefix, 0) + 1
        while f"{prefix}{number}" in self:
            number += 1
        self._last_number[prefix] = number
        return f"{prefix}{number}"

    def get(self, ref: Ref) -> Record:
        """Return what is kept under `ref`, as a copy; None if nothing is."""
        family, key = ref
        if family == "meta":
            return dict(self.graph.graph)
        if family == "node":
            return dict(self.graph.nodes[key]) if key in self.graph else None
        if key not in self._ends:
            return None
        edge = self.edge(key)
        return Edge(edge.source, edge.target, dict(edge.attrs))

    def write(self, records: Mapping[Ref, Record]) -> None:
        """Make every ref hold its record; edges leave first and come last."""
        for (family, key), record in records.items():
            if family == "edge" and key in self._ends:
                ends = self._ends[key]
                if not (
                    isinstance(record, Edge) and (record.source, record.target) == ends
                ):
                    self.graph.remove_edge(*ends, key=key)
                    del self._ends[key]
        for (family, key), record in records.items():
            if family == "node" and record is None and key in self.graph:
                self.graph.remove_node(key)
        for (family, key), record in records.items():
            if family == "meta" and isinstance(record, dict):
                _replace(self.graph.graph, record)
            elif family == "node" and isinstance(record, dict):
                self.graph.add_node(key)
                _replace(self.graph.nodes[key], record)
        for (family, key), record in records.items():
            if family == "edge" and isinstance(record, Edge):
                self.graph.add_edge(record.source, record.target, key)
                self._ends[key] = (record.source, record.target)
                _replace(
                    self.graph.edges[record.source, record.target, key], record.attrs
                )


class Draft:
    """Edits that are made together or not at all.

    Remembers what each touched element was before, from which the inverse and the
    message to the views follow, whatever the edits were.
    """

    def __init__(self, store: Store):
        self.store = store
        self.before: Records = {}

    def put_node(self, key: str, attrs: Attrs) -> None:
        """Add a node or replace its attributes."""
        self._put(("node", key), attrs)

    def put_edge(self, key: str, edge: Edge) -> None:
        """Add an edge or replace its attributes."""
        self._put(("edge", key), edge)

    def put_meta(self, attrs: Attrs) -> None:
        """Replace the settings of the document."""
        self._put(META, attrs)

    def drop(self, key: str) -> None:
        """Remove an edge, or a node with all its edges."""
        if self.store.is_edge(key):
            self._put(("edge", key), None)
            return
        for edge in self.store.edges_of(key):
            self._put(("edge", edge), None)
        self._put(("node", key), None)

    def become(self, graph: nx.MultiDiGraph) -> None:
        """Replace everything by another drawing, with its ids."""
        other = Store(graph)
        for key in list(self.store.graph.nodes):
            self.drop(key)
        for key, attrs in graph.nodes(data=True):
            self.put_node(key, attrs)
        for key in other.edges():
            self.put_edge(key, other.edge(key))
        self.put_meta(graph.graph)

    def after(self) -> Records:
        """Return what each touched element is now."""
        return {ref: self.store.get(ref) for ref in self.before}

    def roll_back(self) -> None:
        """Make everything as it was."""
        self.store.write(self.before)

    def _put(self, ref: Ref, record: Record) -> None:
        self.before.setdefault(ref, self.store.get(ref))
        # the caller's lists and objects may go on to change
        self.store.write({ref: copy.deepcopy(record)})


def _replace(target: Attrs, values: Attrs) -> None:
    target.clear()
    target.update(values)
