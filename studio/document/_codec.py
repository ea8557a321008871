"""A document as bytes: one JSON object, whose graph part is node-link data.

::

    {"format": "neuroloom", "version": 1, "revision": 7, "checksum": "sha256:...",
     "graph": {"directed": true, "multigraph": true, "graph": {"name": ..., "dt": ...},
               "nodes": [{"id": "n1", ...}],
               "edges": [{"source": "n1", "target": "n2", "key": "e1", ...}]}}

`networkx.node_link_graph(payload["graph"])` loads the graph part as it is. The
checksum covers all but itself; it tells damage and hand edits, and forbids neither.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

import networkx as nx
from pydantic import ValidationError

from .._errors import DamagedFileError, NewerFormatError, TooLargeError
from ._migrate import VERSION, migrate
from ._parse import parse
from ._records import (
    MAX_EDGES,
    MAX_NODES,
    EdgeRecord,
    NodeRecord,
    Settings,
    check_json,
    explain,
    plain,
)

FORMAT = "neuroloom"
_LINES = 8  # so many findings are spelled out in one error


@dataclass
class Decoded:
    """A file that was read.

    Attributes
    ----------
    graph : networkx.MultiDiGraph
    revision : int
    version : int
        The format the file was written in.
    is_changed_outside : bool
        Whether the checksum does not fit: a hand edit, or damage.
    extra : dict
        Fields of the file that this version does not know.
    """

    graph: nx.MultiDiGraph
    revision: int = 0
    version: int = VERSION
    is_changed_outside: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_newer(self) -> bool:
        """Whether a later version of Neuroloom wrote the file."""
        return self.version > VERSION


def encode(
    graph: nx.MultiDiGraph, revision: int = 0, extra: dict[str, Any] | None = None
) -> bytes:
    """Return the bytes of a document: the same graph gives the same bytes."""
    payload: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "revision": revision,
        "checksum": "",
        "graph": node_link(graph),
    } | (extra or {})
    payload["checksum"] = checksum(payload)
    text = json.dumps(payload, indent=1, ensure_ascii=False, allow_nan=False)
    return text.encode() + b"\n"


def decode(data: bytes, where: str = "This file") -> Decoded:
    """Read the bytes of a document.

    Raises
    ------
    DamagedFileError, TooLargeError
        With what is wrong and where. Nothing in the file is ever executed.
    NewerFormatError
        If a later version wrote it and it cannot even be shown.
    """
    payload = parse(data, where)
    if not isinstance(payload, dict) or payload.get("format") != FORMAT:
        raise DamagedFileError(
            f'{where} is not a Neuroloom document: it has no "format": "{FORMAT}".'
        )
    version = payload.get("version")
    if type(version) is not int or version < 1:
        raise DamagedFileError(f"{where} does not say its format version.")
    # a missing one too: one flipped bit can rename it
    is_changed = payload.get("checksum") != checksum(payload)
    try:
        check_json(payload)
        payload = migrate(payload)
        known = {"format", "version", "revision", "checksum", "graph"}
        return Decoded(
            graph=from_node_link(payload.get("graph"), where),
            revision=_revision(payload.get("revision", 0), where),
            version=version,
            is_changed_outside=is_changed,
            extra={key: value for key, value in payload.items() if key not in known},
        )
    except (DamagedFileError, ValueError) as error:
        if version > VERSION and not isinstance(error, TooLargeError):
            raise NewerFormatError(
                f"{where} was written by a newer Neuroloom (format {version}; this one "
                f"reads up to {VERSION}). Update Neuroloom to open it."
            ) from error
        if isinstance(error, DamagedFileError):
            raise
        raise DamagedFileError(f"{where}: {error}.") from error


def checksum(payload: dict[str, Any]) -> str:
    """Return the SHA-256 of all but the checksum, independent of layout."""
    rest = {key: value for key, value in payload.items() if key != "checksum"}
    # surrogates are refused later; here they only must not stop the reading
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def node_link(graph: nx.MultiDiGraph) -> dict[str, Any]:
    """Return node-link data in the order of the ids, whatever was drawn first."""
    edges = (
        (key, u, v, attrs) for u, v, key, attrs in graph.edges(keys=True, data=True)
    )
    return {
        "directed": True,
        "multigraph": True,
        "graph": dict(graph.graph),
        "nodes": [
            {"id": node} | attrs
            for node, attrs in sorted(graph.nodes(data=True), key=lambda n: by_id(n[0]))
        ],
        "edges": [
            {"source": u, "target": v, "key": key} | attrs
            for key, u, v, attrs in sorted(edges, key=lambda edge: by_id(edge[0]))
        ],
    }


def doc_of(graph: nx.MultiDiGraph) -> dict[str, Any]:
    """Return the JSON of a document that draws a graph; nothing is checked."""
    edges = graph.edges(keys=True, data=True)
    return dict(graph.graph) | {
        "nodes": [{"id": node} | attrs for node, attrs in graph.nodes(data=True)],
        "edges": [
            {"id": key, "source": u, "target": v} | attrs for u, v, key, attrs in edges
        ],
    }


def from_node_link(data: Any, where: str) -> nx.MultiDiGraph:
    """Return the graph of node-link data after checking every record.

    `networkx.node_link_graph` would make up missing ends and merge equal ids.
    """
    if not isinstance(data, dict):
        raise DamagedFileError(f'{where} has no "graph" object.')
    nodes, edges, settings = (
        data.get("nodes"),
        data.get("edges"),
        data.get("graph", {}),
    )
    if not (isinstance(nodes, list) and isinstance(edges, list)):
        raise DamagedFileError(f'{where}: the graph needs lists "nodes" and "edges".')
    if len(nodes) > MAX_NODES or len(edges) > MAX_EDGES:
        raise TooLargeError(
            f"{where} has {len(nodes)} nodes and {len(edges)} projections; at most "
            f"{MAX_NODES} and {MAX_EDGES} are read."
        )
    findings: list[str] = []
    graph = nx.MultiDiGraph()
    taken: set[str] = set()

    def record(model: type, values: Any, name: str) -> dict[str, Any] | None:
        try:
            attrs = plain(model.model_validate(values))
        except ValidationError as error:
            findings.extend(explain(error, name))
            return None
        if (key := attrs.get("id")) is not None:
            if key in taken:
                findings.append(f"{name}: the id {key!r} is used twice.")
                return None
            taken.add(key)
        return attrs

    if (attrs := record(Settings, settings, "graph")) is not None:
        graph.graph.update(attrs)
    for i, values in enumerate(nodes):
        if (attrs := record(NodeRecord, values, f"nodes[{i}]")) is not None:
            graph.add_node(key := attrs.pop("id"))
            graph.nodes[key].update(attrs)  # not **attrs: any name may be a field
    for i, values in enumerate(edges):
        if (attrs := record(EdgeRecord, _with_id(values), f"edges[{i}]")) is None:
            continue
        key, u, v = attrs.pop("id"), attrs.pop("source"), attrs.pop("target")
        missing = [end for end in (u, v) if end not in graph]
        if missing and not findings:
            findings.append(f"edges[{i}]: there is no node {missing[0]!r}.")
        elif not missing:
            graph.add_edge(u, v, key)
            graph.edges[u, v, key].update(attrs)
    if findings:
        more = len(findings) - _LINES
        lines = findings[:_LINES] + ([f"... and {more} more."] if more > 0 else [])
        raise DamagedFileError("\n".join([f"{where} is damaged:", *lines]))
    return graph


def by_id(key: str) -> list[tuple[int, int, str]]:
    """Sort key of ids: n2 comes before n10."""
    pieces = re.split(r"(\d+)", key)
    return [(0, int(p), p) if p.isdigit() else (1, 0, p) for p in pieces if p]


def _with_id(values: Any) -> Any:
    """Return an edge with its networkx key under the name the records have."""
    if not (isinstance(values, dict) and "key" in values):
        return values
    return {k: v for k, v in values.items() if k != "key"} | {"id": values["key"]}


def _revision(value: Any, where: str) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise DamagedFileError(f"{where}: the revision is not a whole number.")
    return value
