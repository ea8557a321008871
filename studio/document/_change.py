"""What a change of the document means to those who look at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from . import _kinds
from ._store import META, Attrs, Edge, Record, Records

Invalidates: TypeAlias = Literal["layout", "parameter", "structure"]
_RANK: dict[Invalidates, int] = {"layout": 0, "parameter": 1, "structure": 2}

# fields that the simulation never sees
_LAYOUT = {"position", "label", "pins", "silenced", "name"}


@dataclass(frozen=True)
class Change:
    """What came of an edit, an undo or a redo.

    Attributes
    ----------
    revision : int
        Number of the document after the change; grows with every change.
    upserted_nodes, upserted_edges : tuple of dict
        Whole records, as in the snapshot.
    removed_ids : tuple of str
        Nodes and edges that are gone.
    meta_changed : dict
        The settings that have another value now.
    invalidates : {"layout", "parameter", "structure"}
        What a running network has to do: nothing; take values; be built anew.
    label : str
        What was done, as the undo menu says it.
    values : dict
        (element, field) -> the new value of each parameter that a running network
        can take; None for its default.
    """

    revision: int
    upserted_nodes: tuple[Attrs, ...] = ()
    upserted_edges: tuple[Attrs, ...] = ()
    removed_ids: tuple[str, ...] = ()
    meta_changed: Attrs = field(default_factory=dict)
    invalidates: Invalidates = "layout"
    label: str = ""
    values: dict[tuple[str, str], Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not (
            self.upserted_nodes
            or self.upserted_edges
            or self.removed_ids
            or self.meta_changed
        )


def describe_change(
    before: Records,
    after: Records,
    revision: int,
    label: str,
) -> Change:
    """Return the change between two sides of a step."""
    nodes, edges, removed, meta = [], [], [], {}
    values: dict[tuple[str, str], Any] = {}
    invalidates: Invalidates = "layout"
    for ref, new in after.items():
        old = before[ref]
        if old == new:
            continue
        family, key = ref
        if ref == META and isinstance(old, dict) and isinstance(new, dict):
            meta = {k: v for k, v in new.items() if k not in old or old[k] != v}
        elif new is None:
            removed.append(key)
        elif isinstance(new, Edge):
            edges.append(edge_record(key, new))
        elif family == "node":
            nodes.append(node_record(key, new))
        found, taken = _invalidates(old, new)
        values |= {(key, path): value for path, value in taken.items()}
        invalidates = max(invalidates, found, key=_RANK.__getitem__)
    return Change(
        revision=revision,
        upserted_nodes=tuple(nodes),
        upserted_edges=tuple(edges),
        removed_ids=tuple(removed),
        meta_changed=meta,
        invalidates=invalidates,
        label=label,
        values=values,
    )


def node_record(key: str, attrs: Attrs) -> Attrs:
    """Return a node as views and files have it."""
    return {"id": key} | attrs


def edge_record(key: str, edge: Edge) -> Attrs:
    """Return an edge as views and files have it."""
    return {"id": key, "source": edge.source, "target": edge.target} | edge.attrs


def _invalidates(old: Record, new: Record) -> tuple[Invalidates, Attrs]:
    """Return what a changed record means, and the parameters that can be taken."""
    if old is None or new is None:
        return "structure", {}
    if isinstance(old, Edge) or isinstance(new, Edge):
        if not (isinstance(old, Edge) and isinstance(new, Edge)):
            return "structure", {}
        if (old.source, old.target) != (new.source, new.target):
            return "structure", {}
        paths = _differences(old.attrs, new.attrs)
    else:
        paths = _differences(old, new)
    worst: Invalidates = "layout"
    taken: Attrs = {}
    for path, was, now in paths:
        if path in _LAYOUT:
            continue
        if _is_scalar(was) and _is_scalar(now) and not _is_structural(new, path):
            taken[path] = now
            worst = max(worst, "parameter", key=_RANK.__getitem__)
        else:
            worst = "structure"
    return worst, taken


def _differences(
    old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = ""
) -> list[tuple[str, Any, Any]]:
    """Return (path, old, new) of each differing field, into params and parts."""
    found = []
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name), new.get(name)
        if was == now and type(was) is type(now):
            continue
        path = prefix + name
        # a distribution is one value; a rule or its params are several
        if isinstance(was, dict) and isinstance(now, dict) and "dist" not in was | now:
            found += _differences(was, now, path + ".")
        else:
            found.append((path, was, now))
    return found


def _is_scalar(value: object) -> bool:
    # an absent value is the default of its parameter, which is a scalar
    return value is None or isinstance(value, str | int | float)


def _is_structural(record: Record, path: str) -> bool:
    """Return whether a running network must be built anew for a field."""
    if isinstance(record, Edge):
        attrs = record.attrs
        if path in ("weight", "delay"):
            return False
        part, _, rest = path.partition(".")
        if part not in _kinds.PARTS or not rest.startswith("params."):
            return True
        kind = _kinds.find(_kinds.PARTS[part], attrs[part].get("kind"))
    elif record is not None and path.startswith("params."):
        kind = _kinds.find("node", record.get("kind"))
    else:
        return True
    param = _kinds.param(kind, path.rpartition("params.")[2])
    return param is None or param.structural
