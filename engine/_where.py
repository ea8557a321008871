"""How a State is called in messages: its path in a module, its kind, where it was made.

A State knows where it was made, not which module holds it. When an error is raised the
modules that a function reaches are searched for it: what it is bound to, what it has
closed over, and the globals that it names; then the variables of the code that is
running; and at last any module at all.
"""

from __future__ import annotations

import functools
import gc
import itertools
import types
from collections.abc import Iterator
from typing import Any

import brainunit as u
import jax

from ._frames import callers
from ._state import State
from .typing import PathParts

_DEEPEST = 5  # functions within functions
_CALLERS = 8  # frames outside of this package


def path_text(path: PathParts) -> str:
    """Return a path as one would write it: ``model.layers[0].weight``."""
    text = ""
    for key in path:
        if isinstance(key, str) and all(part.isidentifier() for part in key.split(".")):
            text += f".{key}" if text else key
        else:
            text += f"[{key!r}]"
    return text


def state_text(state: State[Any], *roots: Any) -> str:
    """Return ``State 'model.V' (HiddenState, made at file:line)``.

    Parameters
    ----------
    state : State
        The State.
    *roots : callable, Node or container
        Where to look for its path, such as the function that uses it.
    """
    path, kind = find_path(state, roots) or path_now(state), type(state).__name__
    called = path or state.name
    text = f"State {called!r}" if called else "a State without a name"
    named = f"named {state.name!r}, " if path and state.name not in (None, path) else ""
    return f"{text} ({kind}, {named}made at {state.site})"


def path_now(state: State[Any]) -> str | None:
    """Return the path to a State from the code that is running, or from its module.

    Looks through the modules in variables of the callers outside of this package,
    innermost first; failing that gives ``Model.V`` for a module of that class, then
    the name of a variable; None if there is none.
    """
    variables = list(_variables())
    modules = (find_path(state, [_Named(*x)]) for x in variables if _is_module(x[1]))
    itself = (name for name, value in variables if value is state)
    paths = itertools.chain(modules, _paths_in_memory(state), itself)
    return next(filter(None, paths), None)


def _variables() -> Iterator[tuple[str, Any]]:
    """Yield what the callers outside of this package have in sight, innermost first."""
    for frame, _ in itertools.islice(callers(), _CALLERS):
        named = (*frame.f_code.co_names, *frame.f_code.co_freevars)
        globals_ = {k: frame.f_globals[k] for k in named if k in frame.f_globals}
        for name, value in {**globals_, **frame.f_locals}.items():
            if not name.startswith("_"):
                yield name, value


def _is_module(value: Any) -> bool:
    from .graph import Node

    return isinstance(value, Node)


def _paths_in_memory(state: State[Any]) -> Iterator[str]:
    """Yield ``Model.V`` for every module that holds the State as an attribute."""
    for holder in gc.get_referrers(state):
        owners = gc.get_referrers(holder) if isinstance(holder, dict) else [holder]
        for owner in owners:
            if not _is_module(owner):
                continue
            for name, value in vars(owner).items():
                if value is state:
                    yield f"{type(owner).__name__}.{name}"


class _Named:
    """A root that has a name of its own."""

    def __init__(self, name: str, value: Any):
        self.name, self.value = name, value


def find_path(state: State[Any], roots: Any) -> str | None:
    """Return the path to a State from what functions reach; None if there is none."""
    from .graph import iter_leaf  # the graph is built on States, and so on this

    for name, holder in _holders(roots):
        try:
            alone = [((), holder)]
            leaves = alone if isinstance(holder, State) else iter_leaf(holder)
            for path, leaf in leaves:
                if leaf is state:
                    return path_text((name, *path) if name else path) or None
        except (TypeError, ValueError):  # a dictionary whose keys have no order
            continue
    return None


def _holders(roots: Any) -> Iterator[tuple[str, Any]]:
    """Yield names and objects that may hold States, nearest first."""
    seen: set[int] = set()
    queue = [("", root, 0) for root in roots]
    while queue:
        name, x, depth = queue.pop(0)
        if id(x) in seen or depth > _DEEPEST:
            continue
        seen.add(id(x))
        if isinstance(x, _Named):
            queue.append((x.name, x.value, depth + 1))
        elif isinstance(x, types.MethodType):
            queue.append((name or "self", x.__self__, depth + 1))
            queue.append((name, x.__func__, depth + 1))
        elif isinstance(x, functools.partial):
            queue += [(name, y, depth + 1) for y in (x.func, *x.args)]
        elif isinstance(x, types.FunctionType):
            queue += [(key, y, depth + 1) for key, y in _reached(x)]
        elif hasattr(x, "origin_fun"):  # a jitted function
            queue.append((name, x.origin_fun, depth + 1))
        elif not isinstance(x, (type, types.ModuleType, types.BuiltinFunctionType)):
            yield name, x


def _reached(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield what a function has closed over, and the globals that it names."""
    names, cells = function.__code__.co_freevars, function.__closure__ or ()
    for name, cell in zip(names, cells, strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    for name in function.__code__.co_names:
        if name in function.__globals__:
            yield name, function.__globals__[name]


def kind_text(tree: Any) -> str:
    """Return structure, types, shapes and units: ``{'V': float32[3] mV}``.

    Parameters
    ----------
    tree : pytree of arrays or shapes
        What is described.
    """

    def one(x: Any) -> Any:
        unit = ""
        if isinstance(x, u.Quantity):
            x, unit = x.mantissa, f" {x.unit}"
        if not (hasattr(x, "dtype") and hasattr(x, "shape")):
            return _Plain(type(x).__name__ + unit)
        shape = ", ".join(map(str, x.shape))
        return _Plain(f"{x.dtype}[{shape}]{unit}")

    return str(jax.tree.map(one, tree, is_leaf=lambda x: isinstance(x, u.Quantity)))


class _Plain:
    """A text that shows without quotation marks inside of containers."""

    def __init__(self, text: str):
        self.text = text

    def __repr__(self) -> str:
        return self.text
