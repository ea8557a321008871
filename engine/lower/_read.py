"""From a graph, whatever its attributes hold, to typed records and problems."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import networkx as nx

from .. import kinds
from .._errors import nearest
from ..kinds import EdgeKind, NodeKind, Param, ValueProblem
from ._problem import Problem, Severity, set_fix

MAX_LABEL = 200
MAX_SIZE = 10**12

SETTINGS = {
    "dt": Param(
        "dt",
        unit="ms",
        default=0.1,
        low=0.01,
        high=1.0,
        minimum=1e-4,
        maximum=100.0,
        label="Time step",
    ),
    "seed": Param(
        "seed", default=0, minimum=0, maximum=2**32 - 1, integer=True, label="Seed"
    ),
    "precision": Param("precision", default=32, choices=(32, 64), label="Precision"),
}


@dataclass(frozen=True)
class Part:
    """Rule, synapse or output of a projection: kind, values, and what they are."""

    kind: Any
    params: Mapping[str, Any]
    declared: tuple[Param, ...] = ()


@dataclass(frozen=True)
class NodeRecord:
    """A node with all its values; `kind` is None if nobody knows it."""

    id: str
    kind: NodeKind | None
    label: str
    size: int = 1
    sign: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)
    is_muted: bool = False


@dataclass(frozen=True)
class EdgeRecord:
    """An edge with all its values; parts that it lacks are None."""

    id: str
    kind: EdgeKind | None
    source: str
    target: str
    source_port: str
    target_port: str
    rule: Part | None = None
    synapse: Part | None = None
    output: Part | None = None
    weight: Any = None
    weight_param: Param | None = None
    delay: Any = None
    label: str = ""


@dataclass
class Drawing:
    """All records of a graph, and what was wrong on the way."""

    name: str = ""
    dt: str = "0.1 ms"
    seed: int = 0
    precision: int = 32
    nodes: dict[str, NodeRecord] = field(default_factory=dict)
    edges: dict[str, EdgeRecord] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def dt_ms(self) -> float:
        """Time step in ms."""
        return float(kinds.number_in(self.dt, "ms"))

    def report(
        self,
        code: str,
        text: str,
        element: str | None = None,
        field: str | None = None,
        severity: Severity = "error",
        fixes=(),
    ) -> None:
        """Add a problem."""
        problem = Problem(code, severity, element, field, text, tuple(fixes))
        self.problems.append(problem)

    def label(self, node: str) -> str:
        """Return the name of a node for a sentence."""
        return self.nodes[node].label if node in self.nodes else node

    def words(self, edge: EdgeRecord) -> str:
        """Return the name of an edge for a sentence."""
        return f"{self.label(edge.source)} → {self.label(edge.target)}"


def read(graph: nx.Graph) -> Drawing:
    """Return the records of a graph."""
    drawing = Drawing()
    _read_settings(graph.graph, drawing)
    for key, attrs in graph.nodes(data=True):
        _read_node(_text(key), attrs, drawing)
    for source, target, key, attrs in _edges(graph):
        edge_id = key if isinstance(key, str) else f"{source}-{target}-{_text(key)}"
        if edge_id in drawing.edges or edge_id in drawing.nodes:
            drawing.report(
                "same-id",
                f"Two things have the id {edge_id!r}; random numbers go by it.",
                edge_id,
            )
            continue
        _read_edge(edge_id, source, target, attrs, drawing)
    return drawing


def _text(key: Any) -> str:
    """Return an id as text; only ids of a document are texts for sure."""
    return key if isinstance(key, str) else f"{type(key).__name__} {hash(key)}"


def _edges(graph: nx.Graph) -> Iterator[tuple[str, str, Any, Mapping]]:
    """Yield the edges, by id, of any kind of graph."""
    # an edge to 0.0 is one to the node 0
    ids = {key: _text(key) for key in graph.nodes}
    if graph.is_multigraph():
        found = graph.edges(keys=True, data=True)  # type: ignore[call-arg]
    else:
        found = ((u, v, 0, attrs) for u, v, attrs in graph.edges(data=True))
    for u, v, key, attrs in found:
        yield ids[u], ids[v], key, attrs


def natural(text: str) -> tuple:
    """Sort key by which "n2" comes before "n10"."""
    parts = re.split(r"(\d+)", text[:100])
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts), text


def _read_settings(attrs: Mapping, drawing: Drawing) -> None:
    name = attrs.get("name", "")
    drawing.name = name[:MAX_LABEL] if isinstance(name, str) else ""
    for key, param in SETTINGS.items():
        setattr(drawing, key, param.default_value)
        if key in attrs:
            value = read_value(attrs[key], param, drawing, None, f"graph.{key}")
            setattr(drawing, key, value)


def read_value(
    value: Any, param: Param, drawing: Drawing, element: str | None, path: str
) -> Any:
    """Return a parsed value, or report what is wrong and return the default."""
    try:
        return kinds.parse_value(value, param)
    except ValueProblem as problem:
        fixes = [set_fix(label, element, path, v) for label, v in problem.fixes]
        drawing.report(problem.code, problem.text, element, path, fixes=fixes)
        return param.default_value


def read_params(
    given: Any,
    kind: Any,
    drawing: Drawing,
    element: str,
    prefix: str,
    declared: tuple[Param, ...] | None = None,
) -> dict[str, Any]:
    """Return all parameters of a kind: those given, and defaults for the others."""
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        drawing.report("params", "The parameters are no table.", element, prefix[:-1])
        given = {}
    values = {}
    for param in kind.params if declared is None else declared:
        path = f"{prefix}{param.name}"
        if param.name in given:
            value = read_value(given[param.name], param, drawing, element, path)
        else:
            value = param.default_value
        values[param.name] = value
    for key in given:
        if not isinstance(key, str) or kind.param(key) is None:
            name = key if isinstance(key, str) else _text(key)
            hint = nearest(name, (param.name for param in kind.params))
            drawing.report(
                "unknown-parameter",
                f"{kind.label} has no parameter {name[:40]!r}, so it is ignored.{hint}",
                element,
                f"{prefix}{name}",
                "warning",
            )
    return values


def find_kind(
    family: str, key: Any, drawing: Drawing, element: str, path: str
) -> Any | None:
    """Return a kind, or report that there is none of that name."""
    kind = kinds.find(family, key)
    if kind is not None:
        return kind
    known = [kind.key for kind in kinds.all_kinds(family)]
    if not isinstance(key, str):
        drawing.report("unknown-kind", f"This has no kind of {family}.", element, path)
        return None
    hint = nearest(key, known)
    near = [name for name in known if f"{name!r}" in hint]
    drawing.report(
        "unknown-kind",
        f"There is no {'model' if family == 'node' else family} {key[:80]!r} here.{hint}",
        element,
        path,
        fixes=[set_fix(f"Use {name}", element, path, name) for name in near],
    )
    return None


def _read_node(node_id: str, attrs: Mapping, drawing: Drawing) -> None:
    if node_id in drawing.nodes:
        drawing.report("same-id", f"Two nodes have the id {node_id!r}.", node_id)
        return
    kind = find_kind("node", attrs.get("kind"), drawing, node_id, "kind")
    label = _read_label(node_id, attrs, kind, drawing)
    if kind is None:
        drawing.nodes[node_id] = NodeRecord(node_id, None, label)
        return
    sign = attrs.get("sign", 0)
    if isinstance(sign, bool) or sign not in (-1, 0, 1):
        drawing.report("sign", "The sign is 1, 0 or -1.", node_id, "sign")
        sign = 0
    drawing.nodes[node_id] = NodeRecord(
        id=node_id,
        kind=kind,
        label=label,
        size=_read_size(attrs.get("size"), kind, drawing, node_id),
        sign=int(sign),
        params=read_params(attrs.get("params"), kind, drawing, node_id, "params."),
        is_muted=attrs.get("muted") is True,
    )


def _read_label(node_id: str, attrs: Mapping, kind: Any, drawing: Drawing) -> str:
    label = attrs.get("label")
    if isinstance(label, str) and len(label.strip()) > 0 and len(label) <= MAX_LABEL:
        return label
    if label is None:
        return node_id
    drawing.report(
        "label",
        f"A name has 1 to {MAX_LABEL} characters.",
        node_id,
        "label",
        fixes=[set_fix(f"Use {node_id}", node_id, "label", node_id)],
    )
    return node_id


def _read_size(size: Any, kind: NodeKind, drawing: Drawing, node_id: str) -> int:
    if size is None or kind.shape == "probe":
        return kind.size
    if isinstance(size, float) and size.is_integer():
        size = int(size)
    if isinstance(size, int) and not isinstance(size, bool) and 1 <= size <= MAX_SIZE:
        return size
    near = kind.size
    drawing.report(
        "size",
        "A size is a whole number of neurons, 1 or more.",
        node_id,
        "size",
        fixes=[set_fix(f"Use {kinds.shown(near)}", node_id, "size", near)],
    )
    return near


def _read_edge(
    edge_id: str, source: str, target: str, attrs: Mapping, drawing: Drawing
) -> None:
    kind = find_kind("edge", attrs.get("kind", "Projection"), drawing, edge_id, "kind")
    ports = {}
    for end, node_id, direction in (
        ("source", source, "out"),
        ("target", target, "in"),
    ):
        port = attrs.get(f"{end}_port")
        node = drawing.nodes[node_id].kind
        if port is None and node is not None and kind is not None:
            port = _usual_port(node, direction, kind)
        ports[f"{end}_port"] = port if isinstance(port, str) else ""
    label = attrs.get("label", "")
    common: dict[str, Any] = {
        "id": edge_id,
        "kind": kind,
        "source": source,
        "target": target,
        "label": label if isinstance(label, str) else "",
        **ports,
    }
    if kind is None:
        drawing.edges[edge_id] = EdgeRecord(**common)
        return
    has_parts = kind.param("delay") is not None
    parts = _read_parts(attrs, drawing, edge_id) if has_parts else {}
    weight_param = _weight_param(parts, kind)
    values: dict[str, Any] = {}
    for name, param in (("weight", weight_param), ("delay", kind.param("delay"))):
        if param is None:
            continue
        values[name] = _read_edge_value(attrs, name, param, parts, drawing, edge_id)
    drawing.edges[edge_id] = EdgeRecord(
        **common, **parts, **values, weight_param=weight_param
    )


def _usual_port(node: NodeKind, direction: str, kind: EdgeKind) -> str:
    """Return the first port that such a line can use."""
    for port in node.ports:
        if port.direction == direction and port.signal in kind.signals:
            return port.name
    return ""


def _read_parts(attrs: Mapping, drawing: Drawing, edge_id: str) -> dict[str, Any]:
    """Return rule, synapse and output of a projection, as far as they are there."""
    parts: dict[str, Any] = {}
    for family in ("rule", "output", "synapse"):
        given = attrs.get(family)
        if given is None and family != "rule":
            continue  # `check` says what a synapse needs
        if given is None:
            drawing.report(
                "no-rule",
                "Nothing says which neurons are connected.",
                edge_id,
                "rule.kind",
                fixes=[
                    set_fix(f"Use {kind.label}", edge_id, "rule.kind", kind.key)
                    for kind in kinds.all_kinds("rule")[:1]
                ],
            )
            continue
        given = given if isinstance(given, Mapping) else {}
        path = f"{family}.kind"
        kind = find_kind(family, given.get("kind"), drawing, edge_id, path)
        if kind is not None:
            prefix, declared = f"{family}.params.", kind.params
            if family == "synapse" and "output" in parts:
                declared = kind.params_with(parts["output"].kind.weight)
            params = read_params(
                given.get("params"), kind, drawing, edge_id, prefix, declared
            )
            parts[family] = Part(kind, params, declared)
    return parts


def _weight_param(parts: Mapping[str, Part], kind: EdgeKind) -> Param | None:
    """Return what the weight is: as output or synapse say, else as the edge does."""
    synapse, output = parts.get("synapse"), parts.get("output")
    if synapse is not None and synapse.kind.weight is not None:
        return synapse.kind.weight
    if output is not None:
        return output.kind.weight
    return kind.param("weight")


def _read_edge_value(
    attrs: Mapping,
    name: str,
    param: Param,
    parts: Mapping[str, Part],
    drawing: Drawing,
    edge_id: str,
) -> Any:
    if name not in attrs:
        return param.default_value
    value = read_value(attrs[name], param, drawing, edge_id, name)
    if name == "weight" and drawing.problems and drawing.problems[-1].code == "unit":
        last = drawing.problems[-1]
        if (last.element, last.field) == (edge_id, "weight"):
            fixes = (*last.fixes, *_other_synapses(attrs[name], parts, edge_id))
            drawing.problems[-1] = Problem(
                last.code, last.severity, edge_id, "weight", last.text, fixes
            )
    return value


def _other_synapses(value: Any, parts: Mapping[str, Part], edge_id: str):
    """Yield the fixes that keep a weight and take a synapse that it is right for."""
    synapse = parts.get("synapse")
    for family in ("output", "synapse"):
        for kind in kinds.all_kinds(family):
            if kind.weight is None:
                continue
            try:
                kinds.parse_value(value, kind.weight)
            except ValueProblem:
                continue
            if (
                family == "output"
                and synapse is not None
                and synapse.kind.weight is None
            ):
                label = f"Make it {kind.label.lower()}-based"
                yield set_fix(label, edge_id, "output.kind", kind.key)
                return
            if family == "synapse":
                label = f"Make it a {kind.label.lower()} synapse"
                yield set_fix(label, edge_id, "synapse.kind", kind.key)
                return
