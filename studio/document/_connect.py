"""What a new edge is when only its ends are given."""

from __future__ import annotations

from typing import Any

from .._errors import Refused, nearest
from . import _kinds
from ._problem import refusal
from ._records import MAX_EDGES, PART_FIELDS
from ._store import Attrs, Draft, Edge, Store
from ._values import parse_param, parse_params, parse_plain

_PROB = 0.02  # of the balanced networks in Brette et al. (2007)

# sign of the source -> synapse, output and weight of the COBA network there
_COBA: dict[int, tuple[str, str, str]] = {
    1: ("5 ms", "0 mV", "6 nS"),
    -1: ("10 ms", "-80 mV", "67 nS"),
}


def connect(
    draft: Draft,
    key: str,
    source: str,
    target: str,
    source_port: str | None,
    target_port: str | None,
    attrs: Attrs,
) -> None:
    """Add an edge between two nodes, filling in what was not given."""
    store = draft.store
    if store.graph.number_of_edges() >= MAX_EDGES:
        raise refusal("too-many", f"A document holds at most {MAX_EDGES} projections.")
    for node in (source, target):
        if not store.is_node(node):
            text = f"There is no node {node!r} to connect."
            raise refusal("no-such-node", text, node)
    ends = store.node(source), store.node(target)
    wanted = (
        source_port or attrs.get("source_port"),
        target_port or attrs.get("target_port"),
    )
    out, into, edge_kind = _ports(source, target, *ends, wanted)
    if attrs.get("kind", edge_kind) != edge_kind:
        text = f"{ends[0]['label']} to {ends[1]['label']} is a {edge_kind}."
        raise refusal("kind", text, source)
    full = {"kind": edge_kind, "source_port": out, "target_port": into}
    if _kinds.delay_param(full) is not None:  # what has a delay has synapses
        full |= {"rule": _default_rule(*ends)}
        full |= _default_style(store, target, -1 if ends[0].get("sign") == -1 else 1)
    elif (weight := _kinds.weight_param(full)) is not None:
        full["weight"] = weight.default_value
    draft.put_edge(key, Edge(source, target, overlay(full, attrs, key)))


def _default_style(store: Store, target: str, sign: int) -> Attrs:
    """Return synapse, output and weight: in the way the target already is fed."""
    fed = [store.edge(key) for key in store.edges_of(target)]
    fed = [e.attrs for e in fed if e.target == target and "synapse" in e.attrs]
    tau, reversal, weight = _COBA[sign]
    attrs: Attrs = {
        "synapse": {"kind": "Expon", "params": {"tau": tau}},
        "output": {"kind": "COBA", "params": {"E": reversal}},
        "weight": weight,
    }
    styles = {_kinds.style(edge) for edge in fed}
    if len(styles) != 1 or _kinds.style(attrs) in styles:
        return attrs
    model = fed[0]
    part = "output" if "output" in model else "synapse"
    attrs = with_part(attrs, part, {"kind": model[part]["kind"]}, None)
    param = _kinds.weight_param(attrs)
    if param is not None and sign < 0:
        attrs["weight"] = parse_param(negative(attrs["weight"]), param, None, "weight")
    return attrs


def negative(value: str | float) -> str | float:
    """Return a quantity with the sign of an inhibitory weight."""
    if isinstance(value, str):
        return value if value.startswith("-") else f"-{value}"
    return -abs(value)


def overlay(attrs: Attrs, given: Attrs, key: str | None) -> Attrs:
    """Return `attrs` with what was given on top, every value parsed."""
    attrs = dict(attrs)
    for part in _kinds.PARTS:
        if part in given:
            attrs = with_part(attrs, part, given[part], key)
    for name, value in given.items():
        if name in _kinds.PARTS or value is None:
            continue
        if name in ("weight", "delay"):
            attrs = with_value(attrs, name, value, key)
        elif name in PART_FIELDS:
            attrs[name] = parse_plain(name, value, key)
        elif name not in ("kind", "source_port", "target_port"):
            raise refusal(
                "unknown-field", f"A projection has no field {name!r}.", key, name
            )
    return attrs


def with_part(attrs: Attrs, part: str, given: Any, key: str | None) -> Attrs:
    """Return `attrs` with another rule, synapse or output, and what follows from it."""
    if isinstance(given, str):
        given = {"kind": given}
    old = attrs.get(part)
    if given is None:
        return {name: value for name, value in attrs.items() if name != part}
    if not (isinstance(given, dict) and isinstance(given.get("kind"), str)):
        raise refusal("value", f"A {part} is told by its kind.", key, part)
    kind = known_kind(_kinds.PARTS[part], given["kind"], key, f"{part}.kind")
    params = parse_params(given.get("params", {}), kind, key, f"{part}.params.")
    if isinstance(old, dict):
        params = carried_params(old.get("params", {}), kind) | params
    old_weight = _kinds.weight_param(attrs)
    attrs = attrs | {part: {**given, "params": params}}
    if part == "synapse":
        if not _kinds.needs_output(given["kind"]):
            attrs.pop("output", None)
        elif "output" not in attrs:
            attrs = with_part(attrs, "output", "COBA", key)
    weight = _kinds.weight_param(attrs)
    if weight is not None and (old_weight is None or weight.unit != old_weight.unit):
        attrs["weight"] = weight.default_value
    return attrs


def with_value(attrs: Attrs, name: str, value: Any, key: str | None) -> Attrs:
    """Return `attrs` with another weight or delay."""
    if name == "weight":
        param = _kinds.weight_param(attrs)
    else:
        param = _kinds.delay_param(attrs)
        edge = _kinds.find("edge", attrs.get("kind"))
        if param is None and edge is not None:
            raise refusal("unknown-field", f"A {edge.label} has no delay.", key, name)
    return attrs | {name: parse_param(value, param, key, name)}


def known_kind(family: str, name: str, element: str | None, field: str) -> Any:
    """Return a kind, or refuse its name with the nearest one."""
    if (kind := _kinds.find(family, name)) is not None:
        return kind
    raise refusal(
        "unknown-kind",
        f"There is no kind of {family} called {name!r}."
        f"{nearest(name, _kinds.keys(family))}",
        element,
        field,
    )


def carried_params(params: Attrs, kind: Any) -> Attrs:
    """Return the parameters that another kind has too and whose values fit it."""
    kept = {}
    for name, value in params.items():
        if (param := _kinds.param(kind, name)) is None:
            continue
        try:
            kept[name] = parse_param(value, param, None, name)
        except Refused:
            continue  # another unit: the default of the new kind is meant
    return kept


def _default_rule(source: Attrs, target: Attrs) -> Attrs:
    kind = _kinds.find("node", source.get("kind"))
    is_input = kind is not None and kind.shape == "input"
    if is_input and source.get("size") == target.get("size"):
        return {"kind": "OneToOne", "params": {}}
    return {"kind": "FixedProb", "params": {"prob": _PROB}}


def _ports(
    source_id: str,
    target_id: str,
    source: Attrs,
    target: Attrs,
    wanted: tuple[str | None, str | None],
) -> tuple[str, str, str]:
    """Return source port, target port and kind of edge."""
    for node, key in ((source, source_id), (target, target_id)):
        if _kinds.find("node", node.get("kind")) is None:
            text = (
                f"{node['label']} is of a kind that is not known here "
                f"({node.get('kind')}), so nothing can be connected to it."
            )
            raise refusal("unknown-kind", text, key)
    kinds: list[Any] = [
        _kinds.find("node", end.get("kind")) for end in (source, target)
    ]
    outs, ins = _kinds.ports(kinds[0], "out"), _kinds.ports(kinds[1], "in")
    fits = [
        (port.name, end.name, edge)
        for port in outs
        for end in ins
        if port.signal == end.signal
        and (edge := _kinds.edge_between(port.signal, kinds[1].shape)) is not None
    ]
    for out, into, edge in fits:
        if wanted[0] in (None, out) and wanted[1] in (None, into):
            return out, into, edge
    if not ins:
        raise refusal("no-way-in", f"{target['label']} takes no input.", target_id)
    if not outs:
        raise refusal("no-way-out", f"{source['label']} has no output.", source_id)
    signals = {port.signal for port in ins if wanted[1] in (None, port.name)}
    text = (
        f"{_with_kind(source, kinds[0])} cannot feed "
        f"{' or '.join(sorted(signals)) or 'that'} into {target['label']}."
    )
    fixes = []
    if fits:
        out, into, _ = fits[0]
        edit = {"op": "connect", "source": source_id, "target": target_id}
        edit |= {"source_port": out, "target_port": into}
        fixes = [(f"Connect to {target['label']}'s {into} port", [edit])]
    raise refusal("ports", text, source_id, fixes=fixes)


def _with_kind(node: Attrs, kind: Any) -> str:
    label = str(node["label"])
    return label if label.startswith(kind.label) else f"{kind.label} {label}"
