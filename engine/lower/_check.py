"""What is wrong with a drawing: asked after every edit, so nothing here uses JAX."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import networkx as nx

from .. import environ, kinds
from ..kinds import shown
from ._check_edge import check_edge, check_ports, check_range
from ._estimate import (
    estimate_drawing,
    free_bytes,
    shown_bytes,
    shown_count,
    storage_of,
)
from ._problem import Fix, Problem, set_fix, set_op
from ._read import Drawing, EdgeRecord, NodeRecord, natural, read
from ._speed import RATE, event_seconds
from ._storage import Storage, n_synapses, table_bytes

CAUTION = 0.75  # of the free memory
HOUR = 3600.0  # s
ORDER = {"error": 0, "warning": 1, "note": 2}


def check(graph: nx.Graph) -> list[Problem]:
    """Return what is wrong with a drawing, worst first.

    Parameters
    ----------
    graph : networkx graph
        Whatever its attributes hold: this raises nothing.

    Returns
    -------
    list of Problem
        Warnings and notes that an element lists under `silenced` are left out.
    """
    drawing = read(graph)
    check_drawing(drawing)
    heard = not_silenced(drawing.problems, graph)
    return sorted(heard, key=lambda problem: ORDER[problem.severity])


def not_silenced(problems: list[Problem], graph: nx.Graph) -> list[Problem]:
    """Leave out the warnings and notes that an element does not want to hear of."""
    silenced = dict(_silenced(graph))
    return [
        problem
        for problem in problems
        if problem.severity == "error"
        or problem.code not in silenced.get(problem.element, ())
    ]


def _silenced(graph: nx.Graph) -> Iterator[tuple[str | None, tuple]]:
    """Yield which codes an element does not want to hear of."""
    rows = [(None, graph.graph), *graph.nodes(data=True)]
    if graph.is_multigraph():
        edges = graph.edges(keys=True, data=True)  # type: ignore[call-arg]
        rows += [(key, attrs) for _, _, key, attrs in edges]
    for key, attrs in rows:
        codes = attrs.get("silenced")
        if isinstance(codes, (list, tuple)) and (key is None or isinstance(key, str)):
            yield key, tuple(code for code in codes if isinstance(code, str))


def check_drawing(drawing: Drawing) -> None:
    """Add to a drawing what is wrong with it beyond single values."""
    _check_labels(drawing)
    for node in drawing.nodes.values():
        if node.kind is not None:
            _check_node(node, drawing)
    for edge in drawing.edges.values():
        ends = (drawing.nodes[edge.source], drawing.nodes[edge.target])
        if edge.kind is None or None in (ends[0].kind, ends[1].kind):
            continue
        if check_ports(edge, *ends, drawing):
            check_edge(edge, *ends, drawing)
    _check_unconnected(drawing)
    _check_cycles(drawing)
    kept = storage_of(drawing)
    _check_storage(drawing, kept)
    _check_memory(drawing, kept)


def _check_labels(drawing: Drawing) -> None:
    """Spikes and rates go by name, so no two nodes may share one."""
    counts = Counter(node.label for node in drawing.nodes.values())
    seen: set[str] = set()
    for node in drawing.nodes.values():
        if counts[node.label] > 1 and node.label in seen:
            n = 2
            while f"{node.label} {n}" in counts:
                n += 1
            free = f"{node.label} {n}"
            counts[free] = 1
            drawing.report(
                "name-taken",
                f"{node.label} is the name of another node. Names are used for spikes "
                "and rates.",
                node.id,
                "label",
                fixes=[set_fix(f"Use {free}", node.id, "label", free)],
            )
        seen.add(node.label)


def _check_node(node: NodeRecord, drawing: Drawing) -> None:
    kind: Any = node.kind
    for param in kind.params:
        path = f"params.{param.name}"
        value, n_sources = node.params[param.name], kind.n_sources(node.params)
        check_range(value, param, drawing, node.id, path, n_sources)
    has_errors = any(
        p.element == node.id and p.severity == "error" for p in drawing.problems
    )
    if kind.check is None or has_errors:
        return
    try:
        complaints = [(n, s, str(t)) for n, s, t in kind.check(node.size, node.params)]
    except (
        Exception
    ) as error:  # code of the user's own; a drawing is checked all the same
        text = (
            f"The check of {kind.label} itself fails: {type(error).__name__} {error}."
        )
        drawing.report("check-failed", text, node.id, None, "warning")
        return
    for name, severity, text in complaints:
        drawing.report("combination", text, node.id, f"params.{name}", severity)


def _check_unconnected(drawing: Drawing) -> None:
    """Note inputs and probes that do nothing."""
    touched = {end for e in drawing.edges.values() for end in (e.source, e.target)}
    for node in drawing.nodes.values():
        shape = node.kind.shape if node.kind is not None else "population"
        if node.id in touched or shape == "population" or len(drawing.nodes) == 1:
            continue
        text = "is not connected, so it records nothing."
        if shape == "input":
            text = "is not connected, so it drives nothing."
        drawing.report("unconnected", f"{node.label} {text}", node.id, None, "note")


def is_instant(edge: EdgeRecord, drawing: Drawing) -> bool:
    """Tell whether spikes of a population arrive in the step in which they occur."""
    source = drawing.nodes[edge.source].kind
    if edge.rule is None or source is None or source.shape != "population":
        return False
    if edge.delay is None or isinstance(edge.delay, dict):
        return False
    return kinds.number_in(edge.delay, "ms") == 0


def _check_cycles(drawing: Drawing) -> None:
    """Spikes without delay need an order of the populations."""
    instant = nx.MultiDiGraph()
    for edge in sorted(drawing.edges.values(), key=lambda e: natural(e.id)):
        if is_instant(edge, drawing):
            instant.add_edge(edge.source, edge.target, key=edge.id)
    while True:
        try:
            cycle = nx.find_cycle(instant)
        except nx.NetworkXNoCycle:
            return
        ids = [key for _, _, key in cycle]
        names = " → ".join(
            drawing.label(n) for n in (*(u for u, _, _ in cycle), cycle[0][0])
        )
        last = max(ids, key=natural)
        drawing.report(
            "instant-cycle",
            f"{names} is a circle without delay, so no population can come first. Give "
            f"one of them a delay of {shown(drawing.dt)} or more.",
            last,
            "delay",
            fixes=[set_fix(f"Use {shown(drawing.dt)}", last, "delay", drawing.dt)],
        )
        instant.remove_edges_from([edge for edge in cycle if edge[2] == last])


def _check_storage(drawing: Drawing, kept: Storage) -> None:
    """Say which connections are drawn anew at every spike, and which cannot be."""
    is_asked = environ.get("connectivity", "auto") == "just-in-time"
    for edge in drawing.edges.values():
        n, words = n_synapses(drawing, edge), drawing.words(edge)
        if edge.id in kept.unstored and _is_endless(edge, n, drawing):
            continue
        if edge.id in kept.unstored and not is_asked:
            text = (
                f"{words} would need {shown_bytes(table_bytes(drawing, edge))} for "
                f"{shown_count(n)} synapses. They are not stored: a neuron's targets "
                "are drawn when it spikes, the same every time, which is slower."
            )
            drawing.report("just-in-time", text, edge.id, "rule.kind", "note")
        elif is_asked and edge.id in kept.reasons and edge.rule.kind.is_random:  # type: ignore[union-attr]
            reason = kept.reasons[edge.id]
            text = f"{words} is stored, though just-in-time connections are asked for: "
            drawing.report(
                "stored", f"{text}{reason}.", edge.id, "rule.kind", "warning"
            )


def _is_endless(edge: EdgeRecord, n: float, drawing: Drawing) -> bool:
    """Refuse what would run for hours, and tell whether it does."""
    source, target = (drawing.nodes[key].size for key in (edge.source, edge.target))
    seconds = n * RATE * event_seconds(n, target, is_stored=False)
    if seconds <= HOUR:
        return False
    most = n * HOUR / seconds
    text = (
        f"{drawing.words(edge)} has {shown_count(n)} synapses: too many to store, and "
        f"{shown_count(n / max(1, source))} would be drawn at every spike, so that a "
        f"second at {RATE:g} Hz takes about {seconds / HOUR:.2g} hours here. "
        f"Up to {shown_count(most)} take an hour or less; make the populations smaller, "
        "or connect fewer."
    )
    fixes = []
    rule: Any = edge.rule
    if "prob" in rule.params:
        prob = float(f"{rule.params['prob'] * 0.1 * most / n:.1g}")
        fixes = [set_fix(f"Use {prob:g}", edge.id, "rule.params.prob", prob)]
    drawing.report("too-slow", text, edge.id, "rule.kind", fixes=fixes)
    return True


def _check_memory(drawing: Drawing, kept: Storage) -> None:
    """Refuse what does not fit the memory, with the numbers."""
    size = estimate_drawing(drawing, kept)
    if size.bytes < 2**27:
        return
    free = free_bytes()
    if free is None or size.bytes < CAUTION * free:
        return
    is_beyond = size.bytes > free
    fixes = []
    nodes = [n for n in drawing.nodes.values() if n.kind and n.kind.shape != "probe"]
    share = 10.0 ** -math.ceil(math.log10(max(size.bytes / (CAUTION * free), 10.0)) / 2)
    ops = tuple(
        set_op(n.id, "size", max(1, round(n.size * share)))
        for n in nodes
        if n.size > 10
    )
    if ops:
        fixes = [Fix(f"Run {100 * share:g} % size", ops)]
    what = f"{shown_count(size.synapses)} synapses"
    if size.state_bytes > size.synapse_bytes:
        what = f"{shown_count(size.neurons)} neurons"
    drawing.report(
        "memory",
        f"{what} need about {shown_bytes(size.bytes)} of {shown_bytes(free)}."
        + _has_to_be_stored(drawing, kept.reasons),
        None,
        None,
        "error" if is_beyond else "warning",
        fixes,
    )


def _has_to_be_stored(drawing: Drawing, reasons: Mapping[str, str]) -> str:
    """Say of the largest random table why it cannot be drawn anew at every spike."""
    edges = [
        edge
        for edge in drawing.edges.values()
        if edge.id in reasons and edge.rule is not None and edge.rule.kind.is_random
    ]
    if not edges:
        return ""
    largest = max(edges, key=lambda edge: table_bytes(drawing, edge))
    return f" {drawing.words(largest)} has to be stored: {reasons[largest.id]}."
