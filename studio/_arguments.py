"""Which field a keyword argument means: `prob`, `tau`, `E_rev`, `weight`."""

from __future__ import annotations

from typing import Any

from ._errors import nearest
from ._values import to_json
from .document import _kinds
from .document._connect import known_kind
from .document._problem import refusal

# E is the name of a population in most scripts
_ALIASES = {"E_rev": "E"}


def node_kind(name: str) -> Any:
    """Return a kind of node by its key.

    Raises
    ------
    Refused
        With the nearest key.
    """
    return known_kind("node", name, None, "kind")


def rule_for(params: dict[str, Any]) -> str | None:
    """Return the first rule that has one of these parameters, if there is any."""
    from engine.kinds import all_kinds

    # what all rules have in common chooses none
    for kind in all_kinds("rule"):
        own = [p.name for p in kind.params if p.group != "Advanced"]
        if any(name in own for name in params):
            return kind.key
    return None


def fields_of(record: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Return path -> value for keyword arguments of a node or an edge.

    While another kind of a part is among them, parameters that only it has are left
    out: they are found once it is set.

    Raises
    ------
    Refused
        If nothing has that name, with the nearest.
    """
    is_edge = "source" in record
    known = _edge_fields(record) if is_edge else _node_fields(record)
    fields: dict[str, Any] = {}
    is_changing = any(
        known.get(name, "").endswith("kind") and _kind_at(record, name) != value
        for name, value in values.items()
    )
    for name, value in values.items():
        path = known.get(_ALIASES.get(name, name))
        if path is not None:
            fields[path] = to_json(value)
        elif not is_changing:
            what = "this connection" if is_edge else record["label"]
            text = f"Nothing in {what} is called {name!r}.{nearest(name, known)}"
            raise refusal("unknown-parameter", text, record["id"])
    return fields


def _kind_at(record: dict[str, Any], name: str) -> Any:
    part = record.get(name)
    return part.get("kind") if isinstance(part, dict) else part


def _node_fields(record: dict[str, Any]) -> dict[str, str]:
    kind = _kinds.find("node", record["kind"])
    params = kind.params if kind is not None else ()
    own = {"name": "label", "size": "size", "sign": "sign", "kind": "kind"}
    return {param.name: f"params.{param.name}" for param in params} | own


def _edge_fields(record: dict[str, Any]) -> dict[str, str]:
    fields = {"label": "label", "weight": "weight", "delay": "delay"}
    for part, family in _kinds.PARTS.items():
        kind = _kinds.find(family, record[part]["kind"]) if part in record else None
        if kind is not None:
            fields[part] = f"{part}.kind"
            for param in kind.params:
                fields.setdefault(param.name, f"{part}.params.{param.name}")
    return fields
