"""The States of a target, by name."""

from __future__ import annotations

from typing import Any

from .. import graph
from .._state import State, TreefyState
from .._where import path_text
from ..typing import PathParts
from ._errors import CheckpointError

Holder = State[Any] | TreefyState[Any]

_NO_STATES = (
    "checkpoint.{verb}: the target, a {type}, holds no State. Give a module, an "
    "optimizer, a State, what `graph.treefy_states` returns, or a list or dictionary "
    "of these."
)


def holders(target: Any, verb: str) -> dict[str, tuple[Holder, tuple[str, ...]]]:
    """Return every State of the target once, by its first name, with further names.

    Parameters
    ----------
    target : Node, State, TreefyState, or container of them
        What is saved or restored.
    verb : str
        What is done, for the message.

    Raises
    ------
    CheckpointError
        If there is none.
    """
    names: dict[int, list[str]] = {}
    found: dict[int, Holder] = {}
    for path, leaf in _leaves(target):
        found[id(leaf)] = leaf
        names.setdefault(id(leaf), []).append(path_text(path) or "(itself)")
    if not found:
        text = _NO_STATES.format(verb=verb, type=type(target).__name__)
        raise CheckpointError(text)
    return {
        names[place][0]: (holder, tuple(names[place][1:]))
        for place, holder in found.items()
    }


def _leaves(target: Any) -> list[tuple[PathParts, Holder]]:
    """Return the States; pytree forms are taken as a whole, not as their values."""
    if isinstance(target, (State, TreefyState)):
        return [((), target)]
    if isinstance(target, dict) and not isinstance(target, graph.Node):
        return [
            ((key, *path), leaf)
            for key, below in target.items()
            for path, leaf in _leaves(below)
        ]
    if isinstance(target, (list, tuple)):
        return [
            ((place, *path), leaf)
            for place, below in enumerate(target)
            for path, leaf in _leaves(below)
        ]
    return [
        (path, leaf)
        for path, leaf in graph.iter_leaf(target)
        if isinstance(leaf, State)
    ]
