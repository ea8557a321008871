"""The same thing done to every module of a tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from .. import graph
from .._state import State
from ..util import to_predicate
from ._errors import InputError

MAX_ORDER = 10
T = TypeVar("T")


def call_order(level: int = 0, check_order_boundary: bool = True):
    """Decorate an `init_state` or `reset_state` that has to wait for others.

    Parameters
    ----------
    level : int, default 0
        Methods of a lower level run first; those not decorated run before all.
    check_order_boundary : bool, default True
        Refuse a level outside of 0 to `MAX_ORDER` - 1.

    Raises
    ------
    InputError
        If the level is out of bounds.
    """
    if check_order_boundary and not 0 <= level < MAX_ORDER:
        raise InputError(
            f"call_order: level is {level}; give an integer from 0 to {MAX_ORDER - 1}."
        )

    def mark(method: Callable) -> Callable:
        method.call_order = level  # type: ignore[attr-defined]
        return method

    return mark


def _each(target, method: str, exclude=None) -> Iterator[tuple[tuple, Any, Callable]]:
    """Yield path, node and bound method of every node that has it, in call order."""
    skip = (lambda path, node: False) if exclude is None else to_predicate(exclude)
    found = [
        (path, node, getattr(node, method))
        for path, node in graph.nodes(target).items()
        if callable(getattr(node, method, None)) and not skip(path, node)
    ]
    found.sort(key=lambda entry: getattr(entry[2], "call_order", -1))
    yield from found


def init_all_states(target: T, *args, exclude=None, **kwargs) -> T:
    """Make the states of `target` and of all modules below.

    Parameters
    ----------
    target : Module
        Root of the tree.
    *args, **kwargs
        Go to each `init_state`, the batch size first.
    exclude : filter, optional
        Modules to leave alone.

    Returns
    -------
    Module
        `target` itself.
    """
    for _, _, init_state in _each(target, "init_state", exclude):
        init_state(*args, **kwargs)
    return target


def reset_all_states(target: T, *args, **kwargs) -> T:
    """Set the states of `target` and of all modules below to their initial values.

    Parameters and result are those of `init_all_states`.
    """
    for _, _, reset_state in _each(target, "reset_state"):
        reset_state(*args, **kwargs)
    return target


def save_all_states(target, **kwargs) -> dict[str, Any]:
    """Copy all the state values of a tree, keyed by the path of their module.

    A module with a method `save_state(**kwargs)` decides itself what is kept; any
    other module keeps the values of its own states.
    """
    return {
        _joined(path): (
            node.save_state(**kwargs)
            if hasattr(node, "save_state")
            else {name: state.value for name, state in _own_states(node)}
        )
        for path, node in graph.nodes(target).items()
    }


def load_all_states(target, state_dict: Mapping[str, Any], **kwargs):
    """Write back what `save_all_states` returned.

    Returns
    -------
    unexpected, missing : list of str
        Paths in `state_dict` alone, and paths in `target` alone.
    """
    nodes = {_joined(path): node for path, node in graph.nodes(target).items()}
    unexpected = [path for path in state_dict if path not in nodes]
    missing = [path for path in nodes if path not in state_dict]
    for path, saved in state_dict.items():
        node = nodes.get(path)
        if node is None:
            continue
        if hasattr(node, "load_state"):
            node.load_state(saved, **kwargs)
            continue
        own = dict(_own_states(node))
        stem = f"{path}." if path else ""
        unexpected += [stem + name for name in saved if name not in own]
        missing += [stem + name for name in own if name not in saved]
        for name in own.keys() & saved.keys():
            own[name].value = saved[name]
    return unexpected, missing


def assign_state_values(target, *state_by_abs_path: Mapping):
    """Write values into the states of `target`, found by their full path.

    Parameters
    ----------
    target : Module
        Root of the tree.
    *state_by_abs_path : mapping from path to value
        Paths are those of `target.states()`.

    Returns
    -------
    unexpected, missing : list
        Paths that `target` does not have, and paths for which there was no value.
    """
    values = {path: v for mapping in state_by_abs_path for path, v in mapping.items()}
    states = graph.states(target)
    for path in values.keys() & states.keys():
        value = values[path]
        states[path].value = value.value if isinstance(value, State) else value
    return (
        [path for path in values if path not in states],
        [path for path in states if path not in values],
    )


def _joined(path: tuple) -> str:
    return ".".join(str(part) for part in path)


def _own_states(node) -> list[tuple[str, State]]:
    return [(name, s) for name, s in vars(node).items() if isinstance(s, State)]
