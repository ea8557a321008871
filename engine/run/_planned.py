"""A network of a plan, by the names of the drawing: its values, and how they change."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from .. import init, kinds, nn
from .._state import State
from ..event import CSRLinear, pad_table
from ..event._blocks import is_narrow
from ..graph import Node
from ..init import Initializer
from ..kinds import Param
from ..lower import Plan, PlannedDrive, PlannedNode, PlannedProjection
from ..lower._build import evaluate, names_of
from ..lower._check_edge import steps_of
from ..lower._program import node_expression, projection_parts
from ._errors import ParameterError
from ._inputs import is_input
from ._record import Record, Spikes, Trace
from ._structure import is_same_setting

_WRITTEN_BY_OTHERS = frozenset(vars(nn.Dynamics(1))) | {"_name", "_keeps_spike"}
SPARE = 1.25
NO_SPARE_FROM = 2**24  # synapses: from here on memory counts more than room


def capacity(expected: float, n: int) -> int:
    """Return how many synapses a table has room for.

    It goes in steps of an eighth of a power of two: tables of nearly equal size, such
    as those of two seeds, have equal shapes, and so share a program.
    """
    if max(expected, n) >= NO_SPARE_FROM or not n:
        return n
    wanted = max(SPARE * expected, n)
    step = 2.0 ** max(math.floor(math.log2(wanted)) - 3, 3)
    return int(math.ceil(wanted / step) * step)


def make_room(network: nn.Module, plan: Plan) -> None:
    """Give the random tables of a network room, so that other ones fit their place."""
    for projection in plan.projections:
        comm = getattr(network, projection.name).comm
        if not projection.rule.is_random or not isinstance(comm, CSRLinear):
            continue
        n = int(np.asarray(comm.indptr)[-1])
        room = capacity(expected_synapses(projection, plan), n)
        if comm.indices.shape[0] < room:
            _put_table(comm, comm.indptr, comm.indices, comm.weight.value, room)


def expected_synapses(projection: PlannedProjection, plan: Plan) -> float:
    """Return how many synapses a projection has on average."""
    source, target = (
        plan.nodes[i].size for i in (projection.source, projection.target)
    )
    return float(projection.rule.expected(source, target, projection.rule_params))


def _put_table(
    comm: CSRLinear, indptr: Any, indices: Any, weight: Any, room: int
) -> list[State[Any]]:
    table = np.asarray(indptr), np.asarray(indices)
    padded = pad_table(*table, max(room, indices.shape[0]))
    comm.indptr, comm.indices = (jax.device_put(x) for x in padded)
    return _put_weight(comm, weight)


def _put_weight(comm: Any, weight: Any) -> list[State[Any]]:
    """Give a table its weights, drawn for the synapses it has; one if none is stored."""
    if not isinstance(comm, CSRLinear):
        comm.weight.restore_value(init.param(weight, ()))
        return [comm.weight]
    n = int(np.asarray(comm.indptr)[-1])
    number, unit = u.split_mantissa_unit(init.param(weight, (n,)))
    number = jnp.asarray(number)
    room = comm.indices.shape[0]
    if number.shape == (n,) and n != room:
        number = jnp.pad(number, (0, room - n))
    comm.weight.restore_value(
        number if unit.is_unitless else u.Quantity(number, unit=unit)
    )
    return [comm.weight]


def records_of(network: nn.Module) -> list[Record]:
    """Return the spikes of every part of a network that has some."""
    return [
        Spikes(name)
        for name, part in vars(network).items()
        if isinstance(part, nn.Dynamics)
        and isinstance(getattr(part, "spike", None), State)
    ]


class PlannedParameters:
    """The values of a plan in the modules that were built of it.

    Parameters
    ----------
    network : Module
        What `build` made.
    plan : Plan
        What it made it of.
    """

    def __init__(self, network: nn.Module, plan: Plan):
        self.network = network
        self.plan = plan
        elements = (*plan.nodes.values(), *plan.projections, *plan.drives)
        self._names = {element.id: element.name for element in elements}
        self._ids = {name: key for key, name in self._names.items()}

    def element_of(self, name: str) -> tuple[str, str]:
        """Return id and name for people of an element by its attribute."""
        key = self._ids.get(name, name)
        node = self.plan.nodes.get(key)
        return key, name if node is None else node.label

    def records(self, of_all: bool = False) -> list[Record]:
        """Return what is recorded: spikes, and the variables that probes look at.

        Parameters
        ----------
        of_all : bool, default False
            Whether the spikes of inputs without a probe are recorded too.
        """
        found: list[Record] = [
            Spikes(self._names[node.id], key=node.id, label=node.label)
            for node in (self.plan.spiking if of_all else self.plan.recorded)
        ]
        for probe in self.plan.probes:
            if "variable" not in probe.params:
                continue
            for i, source in enumerate(probe.sources):
                key = probe.id if i == 0 else f"{probe.id} {source}"
                found.append(
                    Trace(
                        self._names[source],
                        probe.params["variable"],
                        tuple(probe.params["neurons"]),
                        key=key,
                        label=self.plan.nodes[source].label,
                    )
                )
        return found

    # values by path

    def values(self) -> dict[str, Any]:
        """Return all values that can change, by path, as the drawing holds them."""
        return {path: value for path, value, _ in self._rows()}

    def _rows(self) -> Iterator[tuple[str, Any, Param]]:
        for node in self.plan.nodes.values():
            yield from _changeable(f"{node.id}.params", node.params, node.kind.params)
        for p in self.plan.projections:
            yield f"{p.id}.weight", p.weight, p.weight_param
            yield f"{p.id}.delay", p.delay, _delay_param()
            for family in ("rule", "synapse", "output"):
                kind = getattr(p, family)
                if kind is not None:
                    values, params = getattr(p, f"{family}_params"), kind.params
                    if family == "synapse":
                        params = kind.params_with(p.weight_param)
                    yield from _changeable(f"{p.id}.{family}.params", values, params)
        for drive in self.plan.drives:
            yield f"{drive.id}.weight", drive.weight, drive.kind.param("weight")  # type: ignore[misc]

    def replaced(self, path: str, value: Any) -> Plan:
        """Return the plan with another value.

        Raises
        ------
        ParameterError
            If there is no such parameter.
        ValueProblem
            If it cannot have this value.
        """
        params = {p: param for p, _, param in self._rows()}
        if path not in params:
            raise ParameterError.of(path, params)
        param = params[path]
        value = kinds.parse_value(value, param)
        element, _, field = path.partition(".")
        plan = self.plan
        if element in plan.nodes:
            name = field.removeprefix("params.")
            change = lambda n: replace(n, params={**n.params, name: value})
            return replace(
                plan,
                inputs=_with(plan.inputs, element, change),
                populations=_with(plan.populations, element, change),
            )
        if any(drive.id == element for drive in plan.drives):
            change = lambda d: replace(d, weight=float(value))
            return replace(plan, drives=_with(plan.drives, element, change))
        change = lambda p: _edge_with(p, field, value, plan)
        return replace(plan, projections=_with(plan.projections, element, change))

    # writing values into the modules

    def rebind(self, plan: Plan) -> list[State[Any]] | None:
        """Write the values of a plan into the modules.

        Returns
        -------
        list of State, or None
            States whose values changed; None, with nothing done, if the structure is
            another one.
        """
        if plan.structure_key != self.plan.structure_key or plan.seed != self.plan.seed:
            return None
        scope = names_of(plan)
        writes: list[Any] = []
        for pair in self._changed(plan):
            write = self._write(pair[0], pair[1], plan, scope)
            if write is None:
                return None
            writes.append(write)
        self.plan = plan
        touched: list[State[Any]] = []
        for write in writes:
            touched += write()
        return touched

    def _changed(self, plan: Plan) -> Iterator[tuple[Any, Any]]:
        """Yield old and new form of every element that differs."""
        families = ("inputs", "populations", "projections", "drives")
        for family in families:
            old = {element.id: element for element in getattr(self.plan, family)}
            for new in getattr(plan, family):
                if new != old[new.id]:
                    yield old[new.id], new

    def _write(self, old: Any, new: Any, plan: Plan, scope: dict[str, Any]) -> Any:
        """Return what writes an element, all of it computed before; None if unfit."""
        part = getattr(self.network, self._names[new.id], None)
        if isinstance(new, PlannedDrive):
            name = self._names[new.id]
            return lambda: setattr(self.network, name, new.weight) or []
        if isinstance(new, PlannedNode):
            return _copying(evaluate(node_expression(new), scope), part)
        return _writing_projection(old, new, self.plan, plan, part, scope)


def _writing_projection(
    old: PlannedProjection,
    new: PlannedProjection,
    before: Plan,
    plan: Plan,
    part: Any,
    scope: dict,
) -> Any:
    if new.steps > plan.nodes[new.source].ring or _is_sorted_anew(old, new):
        return None
    parts, was = projection_parts(new, plan), projection_parts(old, before)
    is_new = {name for name in parts if parts[name] != was.get(name)}
    writes = []
    for name in ("syn", "out"):
        if name in is_new:
            write = _copying(evaluate(parts[name], scope), getattr(part, name))
            if write is None:
                return None
            writes.append(write)
    if "delay" in is_new:
        reader, delay = part.modules[0], evaluate(parts["delay"], scope)
        writes.append(lambda: setattr(reader, "time", delay) or [])
    if new.rule_params != old.rule_params:
        comm, fresh = part.comm, evaluate(parts["comm"], scope)
        if not new.is_stored:
            writes.append(lambda: setattr(comm, "recipe", fresh.recipe) or [])
            writes.append(lambda: _put_weight(comm, fresh.weight.value))
            return lambda: [state for write in writes for state in write()]
        room = comm.indices.shape[0]
        if not is_narrow(comm.indices):
            fresh.widen()
        forms = {(c.indptr.shape, c.indices.dtype) for c in (comm, fresh)}
        if fresh.indices.shape[0] > room or len(forms) > 1:
            return None
        table = (fresh.indptr, fresh.indices, fresh.weight.value)
        writes.append(lambda: _put_table(comm, *table, room))
    elif new.weight != old.weight:
        weight = evaluate(dict(parts["comm"].kwargs)["weight"], scope)
        writes.append(lambda: _put_weight(part.comm, weight))
    return lambda: [state for write in writes for state in write()]


def _is_sorted_anew(old: PlannedProjection, new: PlannedProjection) -> bool:
    """Tell whether synapses with delays of their own get another order or weights."""
    if not isinstance(new.delay, dict):
        return False
    is_spread = isinstance(new.weight, dict) or isinstance(old.weight, dict)
    has_weights = is_spread and new.weight != old.weight
    return has_weights or (old.delay, old.rule_params) != (new.delay, new.rule_params)


def _copying(fresh: Any, live: Any) -> Any:
    """Return what copies the values of a new module; None if more than values differ.

    What the parts of a network wrote into a live module, such as its inputs, is no
    value, and stays.
    """
    if type(fresh) is not type(live):
        return None
    values, present = {}, vars(live)
    for name, value in vars(fresh).items():
        is_value = is_input(value) or isinstance(value, Initializer)
        if name in getattr(fresh, "fixed_attributes", ()) or not is_value:
            if name in _WRITTEN_BY_OTHERS or isinstance(value, (State, Node)):
                continue
            if not is_same_setting(value, present.get(name)):
                return None
        else:
            was_value = is_input(present.get(name))
            if not was_value and not isinstance(present.get(name), Initializer):
                return None
            values[name] = value
    return lambda: present.update(values) or []


def _changeable(
    stem: str, values: Any, params: tuple[Param, ...]
) -> Iterator[tuple[str, Any, Param]]:
    for param in params:
        value = values[param.name]
        if param.type == "number" and not param.structural and value is not None:
            yield f"{stem}.{param.name}", value, param


def _delay_param() -> Param:
    return kinds.get("edge", "Projection").param("delay")  # type: ignore[return-value]


def _with(elements: tuple, key: str, change: Any) -> tuple:
    return tuple(change(e) if e.id == key else e for e in elements)


def _edge_with(
    p: PlannedProjection, field: str, value: Any, plan: Plan
) -> PlannedProjection:
    if field == "weight":
        return replace(p, weight=value)
    if field == "delay":
        dt_ms = float(kinds.number_in(plan.dt, "ms"))
        return replace(p, delay=value, steps=steps_of(value, dt_ms))
    family, _, name = field.partition(".params.")
    values = {**getattr(p, f"{family}_params"), name: value}
    return replace(p, **{f"{family}_params": values})
