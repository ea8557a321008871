"""Setting one field of a node, an edge or the document, by its path."""

from __future__ import annotations

from typing import Any

from .._errors import Refused, nearest
from . import _kinds
from ._connect import carried_params, known_kind, with_part, with_value
from ._problem import refusal
from ._records import PART_FIELDS
from ._store import Attrs, Draft, Edge
from ._values import check_label, declared, parse_param, parse_plain, parse_setting

_NODE_FIELDS = ("label", "size", "sign", "position", "pins", "silenced", "muted")


def set_field(draft: Draft, element: str | None, field: str, value: Any) -> None:
    """Give a field another value, parsed and checked; refuse what makes no sense."""
    store = draft.store
    if element is None:
        name = field.removeprefix("graph.")
        draft.put_meta({**store.graph.graph, name: parse_setting(name, value)})
    elif store.is_node(element):
        attrs = dict(store.node(element))
        draft.put_node(element, _with_node_field(draft, element, attrs, field, value))
    elif store.is_edge(element):
        edge = store.edge(element)
        attrs = _with_edge_field(element, dict(edge.attrs), field, value)
        draft.put_edge(element, Edge(edge.source, edge.target, attrs))
    else:
        raise refusal(
            "no-such-element", f"There is no {element!r} any more.", element, field
        )


def _with_node_field(
    draft: Draft, key: str, attrs: Attrs, field: str, value: Any
) -> Attrs:
    if field in _NODE_FIELDS:
        if value is None and field not in ("label", "position"):
            return {name: old for name, old in attrs.items() if name != field}
        value = parse_plain(field, value, key)
        if field == "label":
            check_label(draft.store, value, key)
        return attrs | {field: value}
    if field == "kind":
        kind = known_kind("node", str(value), key, field)
        old = _kinds.find("node", attrs.get("kind"))
        if old is not None and old.shape != kind.shape:
            text = (
                f"{attrs['label']} is {_a(old.shape)}; {kind.label} is "
                f"{_a(kind.shape)}. Add a new node for it."
            )
            raise refusal("kind", text, key, field)
        params = carried_params(attrs.get("params", {}), kind)
        return attrs | {"kind": kind.key, "params": params}
    if field.startswith("params."):
        kind = _kinds.find("node", attrs.get("kind"))
        return attrs | {"params": _with_param(attrs, kind, key, field, value)}
    raise _unknown_field(key, field, [*_NODE_FIELDS, "kind", "params.<name>"])


def _with_edge_field(key: str, attrs: Attrs, field: str, value: Any) -> Attrs:
    if field in PART_FIELDS:
        if value is None:
            return {name: old for name, old in attrs.items() if name != field}
        return attrs | {field: parse_plain(field, value, key)}
    if field in ("weight", "delay"):
        if value is None:  # an absent one is its default
            return {name: old for name, old in attrs.items() if name != field}
        return with_value(attrs, field, value, key)
    part, _, rest = field.partition(".")
    if part in _kinds.PARTS:
        if rest == "kind":
            known_kind(_kinds.PARTS[part], str(value), key, field)
            return with_part(attrs, part, {"kind": str(value)}, key)
        if rest.startswith("params."):
            given = attrs.get(part)
            if not isinstance(given, dict):
                raise refusal("unknown-field", f"It has no {part}.", key, field)
            kind = _kinds.find(_kinds.PARTS[part], given.get("kind"))
            params = _with_param(given, kind, key, field, value)
            return attrs | {part: given | {"params": params}}
    known = [f"{name}.kind" for name in _kinds.PARTS]
    raise _unknown_field(key, field, ["weight", "delay", *PART_FIELDS, *known])


def _with_param(
    holder: Attrs, kind: Any | None, key: str, field: str, value: Any
) -> Attrs:
    name = field.rpartition("params.")[2]
    params = dict(holder.get("params", {}))
    declaration = declared(kind, name, key, field) if value is not None else None
    if value is None:
        params.pop(name, None)
    else:
        params[name] = parse_param(value, declaration, key, field)
    return params


def _a(shape: str) -> str:
    return f"an {shape}" if shape[0] in "aeiou" else f"a {shape}"


def _unknown_field(key: str, field: str, known: list[str]) -> Refused:
    text = f"There is no field {field!r}.{nearest(field, known)}"
    return refusal("unknown-field", text, key, field)
