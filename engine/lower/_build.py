"""From a plan to modules that run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import brainunit as u

from .. import environ, event, init, nn, random
from .._kept import keep_programs
from ..kinds import unit_of
from ._plan import Plan
from ._program import Call, Method, Name, Program, Star, Sum, UserClass, Value, program


class Network(nn.Module):
    """Network of a plan: its parts are attributes, named as in the exported Python.

    Parameters
    ----------
    plan : Plan
        What it is made from.
    made : callable, optional
        Called with each part as soon as it is made.

    Attributes
    ----------
    plan : Plan
        The plan.
    """

    def __init__(self, plan: Plan, made: Callable[[Any], Any] | None = None):
        super().__init__(name=plan.name)
        self.plan = plan
        self._program: Program = program(plan)
        scope = {"self": self, **names_of(plan)}
        for section in self._program.parts:
            for line in section.lines:
                part = evaluate(line.expression, scope)
                if made is not None:
                    made(part)
                setattr(self, line.name, part)

    def update(self) -> None:
        """Advance one step."""
        scope: dict[str, Any] = {"self": self}
        for section in self._program.step:
            for line in section.lines:
                value = evaluate(line.expression, scope)
                if line.name:
                    scope[line.name] = value


def build(plan: Plan, made: Callable[[Any], Any] | None = None) -> Network:
    """Return the network of a plan.

    Parameters
    ----------
    plan : Plan
        What `plan` returned for a drawing.
    made : callable, optional
        Called with each part as soon as it is made: it may change it.

    Returns
    -------
    Network
        A module whose `update` is one step; `engine.run.Simulation` runs it.
    """
    keep_programs()
    with contextlib.ExitStack() as stack:
        if environ.get_precision() != plan.precision:
            stack.enter_context(environ.context(precision=plan.precision))
        return Network(plan, made)


def names_of(plan: Plan) -> dict[str, Any]:
    """Return what the expressions of a plan may name, besides the network itself."""
    return {
        "u": u,
        "engine.nn": nn,
        "engine.init": init,
        "engine.event": event,
        "stream": partial(random.stream, plan.seed),
        "wiring_seed": lambda edge: random.stream_seed(plan.seed, edge, "wiring"),
    }


def evaluate(expression: Any, scope: Mapping[str, Any]) -> Any:
    """Return the value of an expression of a program."""
    match expression:
        case Name(path):
            return _find(path, scope)
        case Value(value, unit):
            return value if not unit else value * unit_of(unit)
        case UserClass(kind):
            return kind.resolve()
        case Method(of, name):
            return getattr(evaluate(of, scope), name)
        case Sum(terms):
            return _sum(terms, scope)
        case Call(function, args, kwargs):
            positional: list[Any] = []
            for arg in args:
                if isinstance(arg, Star):
                    positional += evaluate(arg.of, scope)
                else:
                    positional.append(evaluate(arg, scope))
            named = {name: evaluate(value, scope) for name, value in kwargs}
            return evaluate(function, scope)(*positional, **named)
    raise TypeError(f"{type(expression).__name__} is no expression of a program.")


def _find(path: str, scope: Mapping[str, Any]) -> Any:
    if path in scope:
        return scope[path]
    owner, _, name = path.rpartition(".")
    return getattr(_find(owner, scope), name)


def _sum(terms: tuple, scope: Mapping[str, Any]) -> Any:
    total = None
    for factors in terms:
        product = None
        for factor in factors:
            value = evaluate(factor, scope)
            product = value if product is None else product * value
        total = product if total is None else total + product
    return total
