"""The plan of a network: ordered, frozen, symbolic.

It is made from a drawing and from nothing else; `build` makes modules of it and
`to_python` prints it. Its order does not depend on the order in which things were
drawn: nodes and edges stand by id, populations so that spikes without delay find
their source updated.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import networkx as nx

from ..kinds import EdgeKind, NodeKind, OutputKind, Param, RuleKind, SynapseKind
from ._check import check_drawing, not_silenced
from ._estimate import storage_of
from ._passes import Ordered, order
from ._problem import LoweringError, Problem
from ._read import read


@dataclass(frozen=True)
class PlannedNode:
    """A population or an input.

    Parameters
    ----------
    id, name, label : str
        Id in the drawing, identifier in Python, name for people.
    kind : NodeKind
        Its kind.
    size, sign : int
        Number of neurons; 1, -1 or 0.
    params : mapping
        All values as the drawing holds them.
    ring : int
        Longest delay, in steps, that its spikes are kept for; 0 if no projection
        reads them later.
    """

    id: str
    name: str
    label: str
    kind: NodeKind
    size: int
    sign: int
    params: Mapping[str, Any]
    ring: int = 0


@dataclass(frozen=True)
class PlannedProjection:
    """A projection: who is connected, by what, how fast.

    Parameters
    ----------
    id, name : str
        Id in the drawing, identifier in Python.
    source, target : str
        Ids of its ends.
    rule, synapse, output : kinds
        Its parts; `output` is None for a synapse without one.
    rule_params, synapse_params, output_params : mapping
        Their values.
    weight, delay : value
        As the drawing holds them.
    weight_param : Param
        What the weight is.
    steps : int
        The delay in steps.
    is_stored : bool
        Whether the connections are a table, or drawn anew at every spike.
    """

    id: str
    name: str
    source: str
    target: str
    rule: RuleKind
    rule_params: Mapping[str, Any]
    synapse: SynapseKind
    synapse_params: Mapping[str, Any]
    output: OutputKind | None
    output_params: Mapping[str, Any]
    weight: Any
    weight_param: Param
    delay: Any
    steps: int
    is_stored: bool = True


@dataclass(frozen=True)
class PlannedDrive:
    """A current that flows into a population, times a factor."""

    id: str
    name: str
    source: str
    target: str
    kind: EdgeKind
    weight: float


@dataclass(frozen=True)
class PlannedProbe:
    """A probe and what it records: ids of nodes, in order."""

    id: str
    label: str
    kind: NodeKind
    params: Mapping[str, Any]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Everything that `build` and `to_python` need; made by `plan`.

    Parameters
    ----------
    name : str
        Name of the drawing.
    dt : str
        Time step, such as "0.1 ms".
    seed, precision : int
        Start of all random draws; bits of a number.
    inputs, populations : tuple of PlannedNode
        In the order of a step.
    projections, drives, probes : tuple
        By id.
    muted : tuple of str
        Labels of nodes that are left out.
    notes : tuple of Problem
        Warnings and notes about the drawing.
    """

    name: str
    dt: str
    seed: int
    precision: int
    inputs: tuple[PlannedNode, ...]
    populations: tuple[PlannedNode, ...]
    projections: tuple[PlannedProjection, ...]
    drives: tuple[PlannedDrive, ...]
    probes: tuple[PlannedProbe, ...]
    muted: tuple[str, ...] = ()
    notes: tuple[Problem, ...] = ()

    @property
    def nodes(self) -> Mapping[str, PlannedNode]:
        """Inputs and populations by id."""
        return MappingProxyType({n.id: n for n in (*self.inputs, *self.populations)})

    @property
    def spiking(self) -> tuple[PlannedNode, ...]:
        """Inputs and populations whose spikes can be recorded."""
        sends = lambda port: port.signal == "spikes" and port.direction == "out"
        return tuple(
            node
            for node in self.nodes.values()
            if any(map(sends, node.kind.ports))
            and node.kind.n_sources(node.params) == 1
        )

    @property
    def recorded(self) -> tuple[PlannedNode, ...]:
        """Nodes whose spikes are recorded: populations, and probed inputs.

        An input may spike in every step, so it has to be asked for. Without a
        population these are all inputs that spike.
        """
        if not self.populations:
            return self.spiking
        probes = (p for p in self.probes if "variable" not in p.params)
        asked = {source for p in probes for source in p.sources}
        asked |= {population.id for population in self.populations}
        return tuple(node for node in self.spiking if node.id in asked)

    @property
    def structure_key(self) -> str:
        """Digest of the plan without values: equal keys share one compilation."""
        text = json.dumps(structure(self), sort_keys=True, default=str)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def plan(graph: nx.Graph) -> Plan:
    """Return the plan of a drawing.

    Parameters
    ----------
    graph : networkx graph
        The drawing, as `check` takes it.

    Raises
    ------
    LoweringError
        If `check` finds errors, or there is nothing to run; holds the problems.
    """
    drawing = read(graph)
    check_drawing(drawing)
    ordered = order(drawing)
    if not ordered.nodes and not any(p.severity == "error" for p in drawing.problems):
        drawing.report("empty", "There is nothing to run yet. Add a population.")
    if any(problem.severity == "error" for problem in drawing.problems):
        raise LoweringError(drawing.problems)
    return _planned(ordered, tuple(not_silenced(drawing.problems, graph)))


def _planned(ordered: Ordered, notes: tuple[Problem, ...]) -> Plan:
    drawing, names = ordered.drawing, ordered.names
    unstored = storage_of(drawing).unstored
    nodes = {
        node.id: PlannedNode(
            id=node.id,
            name=names[node.id],
            label=node.label,
            kind=node.kind,  # type: ignore[arg-type]
            size=node.size,
            sign=node.sign,
            params=dict(node.params),
            ring=ordered.rings.get(node.id, 0),
        )
        for node in ordered.nodes
    }
    return Plan(
        name=drawing.name or "Network",
        dt=drawing.dt,
        seed=drawing.seed,
        precision=drawing.precision,
        inputs=tuple(n for n in nodes.values() if n.kind.shape == "input"),
        populations=tuple(n for n in nodes.values() if n.kind.shape == "population"),
        projections=tuple(
            PlannedProjection(
                id=edge.id,
                name=names[edge.id],
                source=edge.source,
                target=edge.target,
                rule=edge.rule.kind,  # type: ignore[union-attr]
                rule_params=dict(edge.rule.params),  # type: ignore[union-attr]
                synapse=edge.synapse.kind,  # type: ignore[union-attr]
                synapse_params=dict(edge.synapse.params),  # type: ignore[union-attr]
                output=edge.output.kind if edge.output else None,
                output_params=dict(edge.output.params) if edge.output else {},
                weight=edge.weight,
                weight_param=edge.weight_param,  # type: ignore[arg-type]
                delay=edge.delay,
                steps=steps,
                is_stored=edge.id not in unstored,
            )
            for edge, steps in ordered.projections
        ),
        drives=tuple(
            PlannedDrive(
                id=edge.id,
                name=names[edge.id],
                source=edge.source,
                target=edge.target,
                kind=edge.kind,  # type: ignore[arg-type]
                weight=float(edge.weight),
            )
            for edge in ordered.drives
        ),
        probes=tuple(
            PlannedProbe(
                id=node.id,
                label=node.label,
                kind=node.kind,  # type: ignore[arg-type]
                params=dict(node.params),
                sources=sources,
            )
            for node, sources in ordered.probes
        ),
        muted=ordered.muted,
        notes=notes,
    )


def _shape(values: Mapping[str, Any], params: tuple[Param, ...]) -> dict[str, Any]:
    """Return what of some values decides about the program: not how large they are."""
    rows: dict[str, Any] = {}
    for param in params:
        value = values[param.name]
        if param.structural or param.type != "number":
            rows[param.name] = value
        elif isinstance(value, dict):
            rows[param.name] = "spread"
        else:
            rows[param.name] = "open" if value is None else "one"
    return rows


def structure(plan: Plan) -> dict[str, Any]:
    """Return a plan without values, as JSON."""
    return {
        "dt": plan.dt,
        "precision": plan.precision,
        "nodes": [
            {
                "id": n.id,
                "class": (n.kind.key, n.kind.path or id(n.kind.cls)),
                "size": (n.size, n.ring),
                "params": _shape(n.params, n.kind.params),
            }
            for n in (*plan.inputs, *plan.populations)
        ],
        "projections": [
            {
                "id": p.id,
                "ends": (p.source, p.target),
                "synapse": (p.synapse.key, _shape(p.synapse_params, p.synapse.params)),
                "output": p.output
                and (p.output.key, _shape(p.output_params, p.output.params)),
                "rule": (p.rule.key, _shape(p.rule_params, p.rule.params)),
                "weight": "spread" if isinstance(p.weight, dict) else "one",
                "instant": p.steps == 0,
                "delay": "spread" if isinstance(p.delay, dict) else "one",
                "stored": p.is_stored,
            }
            for p in plan.projections
        ],
        "drives": [(d.id, d.source, d.target) for d in plan.drives],
        "probes": [
            (p.id, p.kind.key, p.sources, _shape(p.params, p.kind.params))
            for p in plan.probes
        ],
    }


def describe(plan: Plan) -> str:
    """Return in words what happens in a step, in which order, and what is assumed."""
    label = {node.id: node.label for node in plan.nodes.values()}
    ends = lambda p: f"{label[p.source]} → {label[p.target]}"
    lines = [
        f"{plan.name}: dt {plan.dt}, seed {plan.seed}, float{plan.precision}",
        "In step n, which stands for t = n dt:",
        "1. inputs: " + (", ".join(n.label for n in plan.inputs) or "none"),
    ]
    upto = lambda p: "1 to " if isinstance(p.delay, dict) else ""
    drawn = lambda p: "" if p.is_stored else ", targets drawn at each spike"
    delivered = [
        f"{ends(p)} ({upto(p)}{p.steps} step{'s' * (p.steps != 1)}{drawn(p)})"
        for p in plan.projections
    ]
    lines += [
        "2. projections deliver what arrives: " + (", ".join(delivered) or "none"),
        "   A spike of step m over k steps acts in step m + k; with k = 0 in the same",
        "   step, after its source is updated.",
        "3. populations: " + (", ".join(n.label for n in plan.populations) or "none"),
        "   In each: synapses decay and take what arrived, then membrane, threshold,",
        "   and the spike; the reset is seen from the next step on.",
        "4. probes read: " + (", ".join(p.label for p in plan.probes) or "none"),
    ]
    if plan.muted:
        lines.append("Muted, and left out: " + ", ".join(plan.muted))
    lines += [f"{note.element or 'drawing'}: {note.text}" for note in plan.notes]
    return "\n".join(lines)
