"""What each edit does to the drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from . import _edits, _kinds
from ._change import edge_record, node_record
from ._connect import connect, known_kind
from ._fields import set_field
from ._problem import refusal
from ._records import MAX_NODES, EdgeRecord, NodeRecord, explain, plain
from ._store import Attrs, Draft, Edge
from ._values import check_label, free_label, parse_params

_SIGN_LABELS = {1: "E", -1: "I"}


def perform(draft: Draft, edit: _edits.Edit) -> str:
    """Make an edit and return what to call it."""
    return _PERFORM[type(edit)](draft, edit)


def perform_all(draft: Draft, edits: Iterable[Mapping[str, Any] | _edits.Edit]) -> str:
    """Make edits one by one, and return what to call them together."""
    # a generator may look at what came of its last edit
    labels = [perform(draft, _edits.checked(edit)) for edit in edits]
    more = len(labels) - 1
    return f"{labels[0]} and {more} more" if more > 0 else "".join(labels)


def _add_node(draft: Draft, edit: _edits.AddNode) -> str:
    store = draft.store
    _check_room(draft, 1)
    kind: Any = known_kind("node", edit.kind, edit.id, "kind")
    key = _id(draft, edit.id, "n")
    attrs: Attrs = {"kind": kind.key}
    is_population = kind.shape == "population"
    sign = edit.sign if edit.sign is not None else 0
    name: Any = _SIGN_LABELS.get(sign, kind.label) if is_population else kind.label
    if edit.label is not None:
        check_label(store, edit.label, edit.id)
    attrs["label"] = edit.label or free_label(store.labels(), name)
    if is_population:
        attrs |= {"size": edit.size or kind.size, "sign": sign}
    elif edit.size is not None:
        attrs["size"] = edit.size
    elif any(port.signal == "spikes" for port in _kinds.ports(kind, "out")):
        attrs["size"] = kind.size
    attrs["params"] = parse_params(edit.params, kind, edit.id, "params.")
    attrs["position"] = edit.position
    draft.put_node(key, attrs)
    return f"Add {attrs['label']}"


def _connect(draft: Draft, edit: _edits.Connect) -> str:
    key = _id(draft, edit.id, "e")
    connect(
        draft,
        key,
        edit.source,
        edit.target,
        edit.source_port,
        edit.target_port,
        edit.attrs,
    )
    return f"Connect {name_of(draft, edit.source)} to {name_of(draft, edit.target)}"


def _remove(draft: Draft, edit: _edits.Remove) -> str:
    for key in edit.ids:
        if key not in draft.store:
            raise refusal("no-such-element", f"There is no {key!r} to remove.", key)
    label = f"Remove {_summary(draft, edit.ids)}"
    # edges first: a node takes its own along
    for key in sorted(set(edit.ids), key=draft.store.is_node):
        draft.drop(key)
    return label


def _set(draft: Draft, edit: _edits.SetField) -> str:
    before = name_of(draft, edit.element)
    set_field(draft, edit.element, edit.field, edit.value)
    field = edit.field.rpartition(".")[2]
    return f"Set {field} of {before}" if edit.element else f"Set {field}"


def _move(draft: Draft, edit: _edits.Move) -> str:
    for key, position in edit.positions.items():
        if not draft.store.is_node(key):
            raise refusal("no-such-element", f"There is no node {key!r} to move.", key)
        draft.put_node(key, draft.store.node(key) | {"position": position})
    return f"Move {_summary(draft, list(edit.positions))}"


def _duplicate(draft: Draft, edit: _edits.Duplicate) -> str:
    store = draft.store
    wanted = list(dict.fromkeys(edit.ids))
    for key in wanted:
        if key not in store:
            raise refusal("no-such-element", f"There is no {key!r} to duplicate.", key)
    label = f"Duplicate {_summary(draft, wanted)}"
    nodes = [key for key in wanted if store.is_node(key)]
    _check_room(draft, len(nodes))
    inner = {
        key
        for node in nodes
        for key in store.edges_of(node)
        if {store.edge(key).source, store.edge(key).target} <= set(nodes)
    }
    edges = inner | {key for key in wanted if store.is_edge(key)}
    copies: dict[str, str] = {}
    for key in nodes:
        attrs = dict(store.node(key))
        x, y = attrs.get("position", [0, 0])
        attrs["position"] = [x + edit.offset[0], y + edit.offset[1]]
        attrs["label"] = free_label(store.labels(), attrs["label"])
        copies[key] = store.fresh_id("n")
        draft.put_node(copies[key], attrs)
    for key in sorted(edges):
        edge = store.edge(key)
        source = copies.get(edge.source, edge.source)
        target = copies.get(edge.target, edge.target)
        draft.put_edge(store.fresh_id("e"), Edge(source, target, dict(edge.attrs)))
    return label


def _paste(draft: Draft, edit: _edits.Paste) -> str:
    store = draft.store
    _check_room(draft, len(edit.nodes))
    new_ids: dict[str, str] = {}
    for i, values in enumerate(edit.nodes):
        attrs = _checked(NodeRecord, values, f"node {i + 1}")
        old = attrs.pop("id")
        new_ids[old] = old if old not in store else store.fresh_id("n")
        attrs["label"] = free_label(store.labels(), attrs["label"])
        draft.put_node(new_ids[old], attrs)
    for i, values in enumerate(edit.edges):
        attrs = _checked(EdgeRecord, values, f"projection {i + 1}")
        old = attrs.pop("id")
        ends: tuple[str, str] = (attrs.pop("source"), attrs.pop("target"))
        source, target = (new_ids.get(end, end) for end in ends)
        for end in (source, target):
            if not store.is_node(end):
                raise refusal(
                    "no-such-node", f"There is no node {end!r} to connect.", end
                )
        key = old if old not in store else store.fresh_id("e")
        draft.put_edge(key, Edge(source, target, attrs))
    return f"Paste {_count(len(edit.nodes) or len(edit.edges), bool(edit.nodes))}"


_PERFORM: dict[type, Callable[[Draft, Any], str]] = {
    _edits.AddNode: _add_node,
    _edits.Connect: _connect,
    _edits.Remove: _remove,
    _edits.SetField: _set,
    _edits.Move: _move,
    _edits.Duplicate: _duplicate,
    _edits.Paste: _paste,
}


def name_of(draft: Draft, key: str | None) -> str:
    """Return how a person calls an element: its label, or "E to I"."""
    store = draft.store
    if key is None:
        return "the document"
    if store.is_node(key):
        return str(store.node(key)["label"])
    if store.is_edge(key):
        edge = store.edge(key)
        return (
            f"{store.node(edge.source)['label']} to {store.node(edge.target)['label']}"
        )
    return key


def copied(draft: Draft, ids: list[str]) -> dict[str, list[Attrs]]:
    """Return the records that a paste of these elements would need."""
    store = draft.store
    nodes = [key for key in ids if store.is_node(key)]
    edges = [
        key
        for key in store.edges()
        if {store.edge(key).source, store.edge(key).target} <= set(nodes)
    ]
    return {
        "nodes": [node_record(key, store.node(key)) for key in nodes],
        "edges": [edge_record(key, store.edge(key)) for key in edges],
    }


def _checked(model: type, values: dict[str, Any], where: str) -> Attrs:
    try:
        return plain(model.model_validate(values))
    except ValidationError as error:
        raise refusal("value", explain(error, f"Pasted {where}")[0]) from error


def _id(draft: Draft, wanted: str | None, prefix: str) -> str:
    if wanted is None:
        return draft.store.fresh_id(prefix)
    if wanted in draft.store:
        raise refusal(
            "id-taken", f"There is already something with the id {wanted!r}.", wanted
        )
    return wanted


def _check_room(draft: Draft, n: int) -> None:
    if draft.store.graph.number_of_nodes() + n > MAX_NODES:
        raise refusal("too-many", f"A document holds at most {MAX_NODES} nodes.")


def _summary(draft: Draft, ids: list[str]) -> str:
    if len(ids) == 1:
        return name_of(draft, ids[0])
    return _count(len(ids), any(draft.store.is_node(key) for key in ids))


def _count(n: int, is_nodes: bool) -> str:
    noun = "node" if is_nodes else "projection"
    return f"{n} {noun}{'' if n == 1 else 's'}"
