"""What is wrong with one value, and with one edge and its ends."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from .. import environ, kinds
from ..event._csr import MAX_SYNAPSES
from ..kinds import Param, shown
from ..nn._inputs import MOST_IN_A_STEP
from ._estimate import shown_count
from ._problem import Fix, set_fix
from ._read import Drawing, EdgeRecord, NodeRecord
from ._storage import n_synapses, why_stored

MOST_DEVIATIONS = 5  # beyond, normally distributed delays are cut


def _scalars(value: Any) -> Iterator[Any]:
    """Yield the places of a value: itself, or mean or ends of a distribution."""
    if isinstance(value, dict):
        yield from (
            part for name, part in value.items() if name in ("mean", "low", "high")
        )
    elif not isinstance(value, list) and value is not None:
        yield value


def check_range(
    value: Any,
    param: Param,
    drawing: Drawing,
    element: str,
    path: str,
    n_sources: int = 1,
) -> None:
    """Compare a value with its plausible range and with the time step.

    A rate may be that of so many sources, whose spikes are counted.
    """
    if param.type != "number" or was_reported(drawing, element, path):
        return
    dt = drawing.dt_ms
    for part in _scalars(value):
        number = kinds.number_in(part, param.unit)
        low = -math.inf if param.low is None else param.low
        high = math.inf if param.high is None else param.high
        if param.unit == "ms" and (param.minimum or 0) > 0 and number < dt:
            drawing.report(
                "below-step",
                f"{param.words} of {shown(part)} is shorter than one step, "
                f"{shown(drawing.dt)}.",
                element,
                path,
                "warning",
            )
        elif param.unit == "Hz" and n_sources > 1:
            _check_count(number, n_sources, drawing, element, path)
        elif param.unit == "Hz" and number * dt > 1000:
            drawing.report(
                "above-step",
                f"{param.words} of {shown(part)} is more than once in a step of "
                f"{shown(drawing.dt)}, which is the most there can be.",
                element,
                path,
                "warning",
            )
        elif not low <= number <= high and number != 0:
            unit = f" {param.unit}" if param.unit else ""
            drawing.report(
                "unusual",
                f"{param.words} of {shown(part)} is unusual: mostly {shown(low)} to "
                f"{shown(high)}{unit}.",
                element,
                path,
                "warning",
            )


def _check_count(
    rate: float, n_sources: int, drawing: Drawing, element: str, path: str
) -> None:
    """Compare the spikes of many sources in a step with what can be counted."""
    mean = rate * n_sources * drawing.dt_ms / 1000
    if mean > MOST_IN_A_STEP:
        drawing.report(
            "above-step",
            f"{shown(n_sources)} sources give {shown(round(mean, 1))} spikes in a step "
            f"of {shown(drawing.dt)}, and at most {MOST_IN_A_STEP:g} can be counted. "
            "Take fewer sources and a larger weight, or a shorter step.",
            element,
            path,
        )


def check_ports(
    edge: EdgeRecord, source: NodeRecord, target: NodeRecord, drawing: Drawing
) -> bool:
    """Tell whether both ends fit together and to the kind of line."""
    out = source.kind.port(edge.source_port, "out")  # type: ignore[union-attr]
    into = target.kind.port(edge.target_port, "in")  # type: ignore[union-attr]
    kind: Any = edge.kind
    ends_well = target.kind.shape in kind.targets  # type: ignore[union-attr]
    if out and into and out.signal == into.signal in kind.signals and ends_well:
        return True
    fixes = []
    for first, second in _matching_ports(source, target):
        words = f"Connect to {target.label}'s {second.label.lower()}"
        op = {
            "op": "connect",
            "id": edge.id,
            "source": edge.source,
            "target": edge.target,
            "source_port": first.name,
            "target_port": second.name,
        }
        fixes.append(Fix(words, ({"op": "remove", "ids": [edge.id]}, op)))
    if into and out and out.signal != into.signal:
        text = f"{source.label} gives {_flow(out.signal)}; {target.label} takes "
        text += f"{_flow(into.signal)} there."
    elif not any(p.direction == "in" for p in target.kind.ports):  # type: ignore[union-attr]
        text = f"{target.label} takes no input."
    elif not any(p.direction == "out" for p in source.kind.ports):  # type: ignore[union-attr]
        text = f"{source.label} has no output: it only records."
    elif out is None:
        text = f"{source.label} has no output {edge.source_port[:40]!r}."
    elif into is None:
        text = f"{target.label} has no input {edge.target_port[:40]!r}."
    else:
        text = (
            f"A {kind.label.lower()} cannot go from {source.label} to {target.label}."
        )
    drawing.report("ports", text, edge.id, "target_port", fixes=fixes[:1])
    return False


def _flow(signal: str) -> str:
    return {"current": "a current", "state": "its variables"}.get(signal, signal)


def _matching_ports(source: NodeRecord, target: NodeRecord):
    """Yield the ports by which two nodes can be connected."""
    for out in source.kind.ports:  # type: ignore[union-attr]
        for into in target.kind.ports:  # type: ignore[union-attr]
            is_pair = (out.direction, into.direction) == ("out", "in")
            if is_pair and out.signal == into.signal:
                yield out, into


def check_edge(
    edge: EdgeRecord, source: NodeRecord, target: NodeRecord, drawing: Drawing
) -> None:
    kind: Any = edge.kind
    if kind.param("delay") is not None:
        _check_synapse(edge, drawing)
        _check_delay(edge, drawing)
        _check_rule(edge, source, target, drawing)
        _check_effect(edge, source, drawing)
    elif source.kind.port(edge.source_port, "out").signal == "current":  # type: ignore[union-attr]
        _check_sizes(edge, source, target, drawing)
    elif edge.source_port and target.kind.shape == "probe":  # type: ignore[union-attr]
        _check_probe(edge, source, target, drawing)
    if edge.weight_param is not None:
        check_range(edge.weight, edge.weight_param, drawing, edge.id, "weight")
    for family in ("rule", "synapse", "output"):
        part = getattr(edge, family)
        if part is None:
            continue
        for param in part.declared:
            path = f"{family}.params.{param.name}"
            check_range(part.params[param.name], param, drawing, edge.id, path)


def _check_synapse(edge: EdgeRecord, drawing: Drawing) -> None:
    if edge.synapse is None:
        if not was_reported(drawing, edge.id, "synapse.kind"):
            fixes = [
                set_fix(f"Use {kind.label.lower()}", edge.id, "synapse.kind", kind.key)
                for kind in kinds.all_kinds("synapse")[:1]
            ]
            text = "Nothing says what a spike does."
            drawing.report("no-synapse", text, edge.id, "synapse.kind", fixes=fixes)
        return
    needs_output = edge.synapse.kind.weight is None
    if needs_output and edge.output is None:
        if not was_reported(drawing, edge.id, "output.kind"):
            fixes = [
                set_fix(
                    f"Make it {kind.label.lower()}-based",
                    edge.id,
                    "output.kind",
                    kind.key,
                )
                for kind in kinds.all_kinds("output")[:2]
            ]
            text = "Nothing says what the synapse does to the neuron."
            drawing.report("no-output", text, edge.id, "output.kind", fixes=fixes)
    elif not needs_output and edge.output is not None:
        text = f"{edge.synapse.kind.label} synapses act on the voltage, so the output "
        drawing.report(
            "output-ignored", text + "is ignored.", edge.id, "output.kind", "note"
        )


def was_reported(drawing: Drawing, element: str, path: str) -> bool:
    return any((p.element, p.field) == (element, path) for p in drawing.problems)


def steps_of(delay: Any, dt_ms: float) -> int:
    """Return a delay in steps, rounded; of a distribution the longest."""
    if not isinstance(delay, dict):
        return round(kinds.number_in(delay, "ms") / dt_ms)
    _, longest = _spread(delay)
    return max(math.ceil(longest / dt_ms - 1e-4), 1)


def _spread(delay: dict[str, Any]) -> tuple[float, float]:
    """Return middle and longest of a distribution of delays, in ms."""
    parts = {k: kinds.number_in(v, "ms") for k, v in delay.items() if k != "dist"}
    if "mean" in parts:
        return parts["mean"], parts["mean"] + MOST_DEVIATIONS * parts["std"]
    return (parts["low"] + parts["high"]) / 2, parts["high"]


def _check_delay(edge: EdgeRecord, drawing: Drawing) -> None:
    if isinstance(edge.delay, dict):
        _check_delays(edge, drawing)
        return
    delay, dt = float(kinds.number_in(edge.delay, "ms")), drawing.dt_ms
    if 0 < delay < dt * (1 - 1e-4):
        drawing.report(
            "delay-short",
            f"Shorter than one step. Use {shown(drawing.dt)} or more.",
            edge.id,
            "delay",
            fixes=[set_fix(f"Use {shown(drawing.dt)}", edge.id, "delay", drawing.dt)],
        )
        return
    steps = delay / dt
    if abs(steps - round(steps)) > 1e-4:
        used = kinds.parse_value(round(steps) * dt, edge.kind.param("delay"))  # type: ignore[union-attr]
        drawing.report(
            "delay-rounded",
            f"{shown(edge.delay)} is no whole number of steps of {shown(drawing.dt)}; "
            f"{shown(used)} is used.",
            edge.id,
            "delay",
            "note",
            fixes=[set_fix(f"Use {shown(used)}", edge.id, "delay", used)],
        )


def _check_delays(edge: EdgeRecord, drawing: Drawing) -> None:
    """Most delays of a distribution are a step or more; the rest is one step."""
    middle, _ = _spread(edge.delay)
    if middle < drawing.dt_ms * (1 - 1e-4):
        drawing.report(
            "delay-short",
            f"Half of the delays are shorter than one step, {shown(drawing.dt)}. Give "
            "longer ones, or one delay for all.",
            edge.id,
            "delay",
            fixes=[set_fix(f"Use {shown(drawing.dt)}", edge.id, "delay", drawing.dt)],
        )


def _check_rule(
    edge: EdgeRecord, source: NodeRecord, target: NodeRecord, drawing: Drawing
) -> None:
    if edge.rule is None:
        return
    rule, params = edge.rule.kind, edge.rule.params
    words, text = drawing.words(edge), None
    if rule.problem is not None:
        text = rule.problem(source.size, target.size, params)
    if text is not None:
        drawing.report("rule", text, edge.id, "rule.kind")
        return
    expected = n_synapses(drawing, edge)
    reason = why_stored(edge) if expected > MAX_SYNAPSES else None
    if expected > MAX_SYNAPSES and environ.get("connectivity", "auto") == "stored":
        reason = "connectivity is set to “stored”"
    if reason is not None:
        drawing.report(
            "too-big",
            f"{words} needs {shown_count(expected)} synapses; a table holds at most "
            f"{shown_count(MAX_SYNAPSES)}, and it has to be stored: {reason}.",
            edge.id,
            "rule.kind",
        )
    elif rule.is_random and expected < target.size:
        _report_empty(edge, expected, source, target, drawing)


def _report_empty(
    edge: EdgeRecord,
    expected: float,
    source: NodeRecord,
    target: NodeRecord,
    drawing: Drawing,
) -> None:
    """Say that most targets get nothing, which is mostly a slip."""
    part: Any = edge.rule
    words = drawing.words(edge)
    for param in part.kind.params:
        if param.maximum != 1.0 or param.type != "number":
            continue
        value, path = part.params[param.name], f"rule.params.{param.name}"
        given = f"{param.symbol or param.name} = {shown(value)}"
        if not value:
            text = f"{words} is empty: {given} makes no synapses."
            drawing.report("empty", text, edge.id, path, "warning")
            return
        text = (
            f"{words} is nearly empty: {given} makes {shown_count(expected)} synapses"
        )
        in_degree = expected / target.size
        text += f", {in_degree:.2g} for each neuron."
        meant = kinds.parse_value(100 * value, param) if 100 * value <= 1 else None
        fixes = []
        if meant is not None:
            text += f" Did you mean {shown(meant)}?"
            fixes = [set_fix(f"Use {shown(meant)}", edge.id, path, meant)]
        drawing.report("nearly-empty", text, edge.id, path, "warning", fixes)
        return


def _check_effect(edge: EdgeRecord, source: NodeRecord, drawing: Drawing) -> None:
    """Compare what a population is said to do with what its synapses do."""
    acting = edge.synapse if edge.synapse and edge.synapse.kind.weight else edge.output
    if acting is None or acting.kind.effect is None or source.sign == 0:
        return
    effect = acting.kind.effect(edge.weight, acting.params)
    if effect * source.sign >= 0:
        return
    is_exc = source.sign > 0
    kind = "excitatory" if is_exc else "inhibitory"
    verb = "inhibits" if is_exc else "excites"
    drawing.report(
        "sign",
        f"{source.label} is {kind}, but this projection {verb}.",
        edge.id,
        "weight",
        "warning",
    )


def _check_sizes(
    edge: EdgeRecord, source: NodeRecord, target: NodeRecord, drawing: Drawing
) -> None:
    if source.size in (1, target.size):
        return
    drawing.report(
        "sizes",
        f"{source.label} has {shown(source.size)} currents, and {target.label} has "
        f"{shown(target.size)} neurons. Give 1 for all, or one for each.",
        edge.id,
        "target_port",
        fixes=[
            set_fix(f"Use {shown(n)}", source.id, "size", n) for n in (1, target.size)
        ],
    )


def _check_probe(
    edge: EdgeRecord, source: NodeRecord, target: NodeRecord, drawing: Drawing
) -> None:
    """Check that there is what a probe records."""
    if "variable" not in target.params:
        if source.kind.n_sources(source.params) > 1:  # type: ignore[union-attr]
            drawing.report(
                "not-recorded",
                f"{source.label} gives numbers of spikes of many sources; they are not "
                f"recorded, so {target.label} shows nothing of them.",
                edge.id,
                None,
                "warning",
            )
        return
    variable, neurons = target.params["variable"], target.params["neurons"]
    names = [name for name, _ in source.kind.variables]  # type: ignore[union-attr]
    if variable not in names:
        drawing.report(
            "no-variable",
            f"{source.label} has no variable {variable[:40]!r}; it has "
            f"{', '.join(names) or 'none'}.",
            target.id,
            "params.variable",
            fixes=[
                set_fix(f"Use {name}", target.id, "params.variable", name)
                for name in names[:2]
            ],
        )
    beyond = [n for n in neurons if n >= source.size]
    if beyond:
        left = [n for n in neurons if n < source.size] or [0]
        drawing.report(
            "no-neuron",
            f"{source.label} has {shown(source.size)} neurons, counted from 0: there is "
            f"no neuron {shown(beyond[0])}.",
            target.id,
            "params.neurons",
            fixes=[
                set_fix(
                    f"Use {', '.join(map(shown, left[:5]))}",
                    target.id,
                    "params.neurons",
                    left,
                )
            ],
        )
    if not neurons:
        text = "No neurons are chosen, so nothing is recorded."
        drawing.report("no-neuron", text, target.id, "params.neurons")
