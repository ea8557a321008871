"""The plan as statements of Python: one text for `build` to run, one to print.

`build` evaluates these expressions and `to_python` prints them, so that what is
exported cannot differ from what ran.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .. import kinds
from ..kinds import Kind, Param
from ._plan import Plan, PlannedDrive, PlannedNode, PlannedProjection


@dataclass(frozen=True)
class Name:
    """A dotted name: of the engine, or an attribute of the network."""

    path: str


@dataclass(frozen=True)
class UserClass:
    """A class of the user's own."""

    kind: Kind


@dataclass(frozen=True)
class Value:
    """A number, text, switch or list, with a unit if there is one."""

    value: Any
    unit: str = ""


@dataclass(frozen=True)
class Call:
    """A call; positional arguments first."""

    function: Any
    args: tuple[Any, ...] = ()
    kwargs: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Method:
    """A method, or attribute, of the value of an expression."""

    of: Any
    name: str


@dataclass(frozen=True)
class Star:
    """An argument that stands for several."""

    of: Any


@dataclass(frozen=True)
class Sum:
    """Products added up."""

    terms: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Assign:
    """``self.name = expression``, for an element of the drawing."""

    name: str
    expression: Any
    element: str
    comment: str = ""


@dataclass(frozen=True)
class Run:
    """A line of a step: an expression, whose value may get a local name."""

    expression: Any
    element: str
    name: str = ""


@dataclass(frozen=True)
class Section:
    """Lines under a heading."""

    title: str
    lines: tuple[Any, ...]


@dataclass(frozen=True)
class Program:
    """What makes a network (`parts`), and what a step of it does (`step`)."""

    parts: tuple[Section, ...]
    step: tuple[Section, ...]


def program(plan: Plan) -> Program:
    """Return the statements of a plan."""
    projections = _by_time(plan)
    parts = [
        Section("inputs", tuple(_node(n) for n in plan.inputs)),
        Section("populations", tuple(_node(n) for n in plan.populations)),
        Section("projections", tuple(_projection(p, plan) for p in plan.projections)),
        Section("weights of currents", tuple(_drive(d) for d in plan.drives)),
    ]
    step = [
        Section("inputs", tuple(_inputs(plan))),
        Section("what arrives", tuple(_deliver(p) for p in projections.pop("", []))),
        Section("populations", tuple(_populations(plan, projections))),
    ]
    return Program(
        tuple(section for section in parts if section.lines),
        tuple(section for section in step if section.lines),
    )


def attribute(name: str) -> Name:
    """Return an attribute of the network."""
    return Name(f"self.{name}")


# what makes the parts


def _node(node: PlannedNode) -> Assign:
    return Assign(node.name, node_expression(node), node.id)


def node_expression(node: PlannedNode) -> Call:
    """Return what makes a population or an input."""
    kwargs = list(_arguments(node.kind, node.params, node.id))
    if node.kind.stream:
        key = Call(Name("stream"), (Value(node.id), Value("noise")))
        kwargs.append((node.kind.stream, key))
    if node.label != node.name and not needs_label(node):
        kwargs.append(("name", Value(node.label)))
    return Call(_class(node.kind), (Value(node.size),), tuple(kwargs))


def needs_label(node: PlannedNode) -> bool:
    """Tell whether a class of the user's own has no place for the name of a node."""
    cls = node.kind.cls
    if node.label == node.name or (isinstance(cls, str) and cls.startswith("engine.")):
        return False
    arguments = inspect.signature(node.kind.resolve()).parameters
    takes_all = any(a.kind is a.VAR_KEYWORD for a in arguments.values())
    return "name" not in arguments and not takes_all


def _class(kind: Kind) -> Any:
    """Return the name of a class, or the class itself if it is the user's."""
    path = kind.path or ""
    if path.startswith("engine."):
        return Name(path.replace(":", "."))
    return UserClass(kind)


def _arguments(kind: Kind, params: Any, element: str) -> Iterator[tuple[str, Any]]:
    """Yield the arguments of a class."""
    for param in kind.params:
        value = params[param.name]
        if value is not None:
            yield param.keyword, _value(value, param, element, param.name)


def _value(value: Any, param: Param, element: str, purpose: str) -> Any:
    """Return the expression of one value."""
    unit = param.unit
    if isinstance(value, dict):
        names = {"mean": "mean", "std": "scale", "low": "min_val", "high": "max_val"}
        parts = [
            (names[part], Value(kinds.number_in(number, unit), unit))
            for part, number in value.items()
            if part != "dist"
        ]
        seed = Call(Name("stream"), (Value(element), Value(purpose)))
        name = Name(f"engine.init.{value['dist']}")
        return Call(name, (), (*parts, ("seed", seed)))
    if param.type == "list":
        numbers = [kinds.number_in(item, unit) for item in value]
        return Value(numbers, unit)
    if param.type != "number":
        return Value(value)
    number = kinds.number_in(value, unit)
    # a plain number that becomes 1.5 later is a real number now: it is an input
    return Value(number if unit or param.integer else float(number), unit)


def _projection(projection: PlannedProjection, plan: Plan) -> Assign:
    source, target = (plan.nodes[i] for i in (projection.source, projection.target))
    parts = projection_parts(projection, plan)
    spikes = Call(Method(attribute(source.name), "prefetch"), (Value("spike"),))
    capacity = _capacity(source, plan)
    if isinstance(projection.delay, dict):
        spikes = Call(Method(Method(spikes, "delay"), "past"), (capacity,))
    elif "delay" in parts:
        at = Method(Method(spikes, "delay"), "at")
        spikes = Call(at, (parts.pop("delay"),), (("capacity", capacity),))
    form = "AlignPostProj" if "out" in parts else "DeltaProj"
    kwargs = (*parts.items(), ("post", attribute(target.name)))
    expression = Call(Name(f"engine.nn.{form}"), (spikes,), kwargs)
    return Assign(projection.name, expression, projection.id)


def _capacity(source: PlannedNode, plan: Plan) -> Value:
    """Return the longest delay that there is room for."""
    dt = float(kinds.number_in(plan.dt, "ms"))
    ring = kinds.parse_value(source.ring * dt, Param("delay", unit="ms"))
    return Value(kinds.number_in(ring, "ms"), "ms")


def projection_parts(projection: PlannedProjection, plan: Plan) -> dict[str, Any]:
    """Return what makes the parts of a projection: delay, comm, syn, out, as it has."""
    source, target = (plan.nodes[i] for i in (projection.source, projection.target))
    parts: dict[str, Any] = {}
    if projection.steps and not isinstance(projection.delay, dict):
        parts["delay"] = Value(kinds.number_in(projection.delay, "ms"), "ms")
    parts["comm"] = _connections(projection, source, target, plan)
    output = projection.output
    if projection.synapse.weight is not None or output is None:
        return parts
    parts["syn"] = Call(
        _class(projection.synapse),
        (Value(target.size),),
        tuple(
            (param.keyword, _value(value, param, projection.id, param.name))
            for param in projection.synapse.params_with(projection.weight_param)
            if (value := projection.synapse_params[param.name]) is not None
        ),
    )
    fixed = [(name, Value(value)) for name, value in output.fixed.items()]
    own = _arguments(output, projection.output_params, projection.id)
    parts["out"] = Call(_class(output), (), (*own, *fixed))
    return parts


def _connections(
    projection: PlannedProjection,
    source: PlannedNode,
    target: PlannedNode,
    plan: Plan,
) -> Call:
    rule = projection.rule
    sizes = (Value(source.size), Value(target.size))
    args, kwargs = list(sizes[: rule.n_sizes]), []
    for param in rule.params:
        value = projection.rule_params[param.name]
        if param.type == "boolean":
            is_loop = projection.source == projection.target
            if value != _usual(param) and (param.name != "allow_self" or is_loop):
                kwargs.append((param.keyword, Value(value)))
        else:
            args.append(_value(value, param, projection.id, param.name))
    if rule.is_random:
        kwargs.append(("seed", Call(Name("wiring_seed"), (Value(projection.id),))))
    weight = _value(projection.weight, projection.weight_param, projection.id, "weight")
    if not projection.is_stored:
        layer = Name(str(rule.layer).replace(":", "."))
        return Call(layer, tuple(args), (("weight", weight), *kwargs))
    table = Call(Name(str(rule.path).replace(":", ".")), tuple(args), tuple(kwargs))
    if not isinstance(projection.delay, dict):
        layer, more = "CSRLinear", ()
    else:
        layer, param = "DelayedCSRLinear", Param("delay", unit="ms")
        delay = _value(projection.delay, param, projection.id, "delay")
        more = (("delay", delay), ("longest", _capacity(source, plan)))
    form = Name(f"engine.event.{layer}")
    return Call(form, (*sizes, Star(table)), (("weight", weight), *more))


def _usual(param: Param) -> Any:
    return param.default


def _drive(drive: PlannedDrive) -> Assign:
    return Assign(drive.name, Value(drive.weight), drive.id)


# what a step does


def _by_time(plan: Plan) -> dict[str, list[PlannedProjection]]:
    """Group projections by when they deliver: "" early, else before that population."""
    populations = {node.id for node in plan.populations}
    groups: dict[str, list[PlannedProjection]] = {}
    for projection in plan.projections:
        waits = projection.steps == 0 and projection.source in populations
        groups.setdefault(projection.target if waits else "", []).append(projection)
    return groups


def _deliver(projection: PlannedProjection) -> Run:
    return Run(Call(attribute(projection.name)), projection.id)


def _inputs(plan: Plan) -> Iterator[Run]:
    driving = {drive.source for drive in plan.drives}
    for node in plan.inputs:
        local = node.name if node.id in driving else ""
        yield Run(Call(attribute(node.name)), node.id, local)


def _populations(plan: Plan, waiting: dict) -> Iterator[Run]:
    for node in plan.populations:
        for projection in waiting.get(node.id, ()):
            yield _deliver(projection)
        terms = tuple(
            (attribute(drive.name), Name(plan.nodes[drive.source].name))
            for drive in plan.drives
            if drive.target == node.id
        )
        args = (Sum(terms),) if terms else ()
        yield Run(Call(attribute(node.name), args), node.id)
