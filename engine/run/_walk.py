"""The parts of a network by path, in an order that depends on the network alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .._state import State
from ..graph import Node

Path = tuple[str, ...]


def walk(root: Node, without: Iterable[int] = ()) -> Iterator[tuple[Path, Node]]:
    """Yield every node below `root` once, itself first, with where it was found.

    Nodes whose identities are in `without` are left out, with what only they hold.
    """
    seen = set(without)
    waiting: list[tuple[Path, Node]] = [((), root)]
    while waiting:
        path, node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield path, node
        below = [
            ((*path, *step), child)
            for name, value in vars(node).items()
            for step, child in _nodes((str(name),), value)
        ]
        waiting += reversed(below)


def _nodes(path: Path, value: Any) -> Iterator[tuple[Path, Node]]:
    """Yield the nodes of an attribute: itself, or those in a container."""
    if isinstance(value, Node):
        yield path, value
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from _nodes((*path, str(key)), entry)
    elif isinstance(value, (list, tuple)):
        for i, entry in enumerate(value):
            yield from _nodes((*path, str(i)), entry)


def states(root: Node) -> dict[Path, State[Any]]:
    """Return every State below `root` once, by path."""
    found: dict[Path, State[Any]] = {}
    seen: set[int] = set()
    for path, node in walk(root):
        for name, value in vars(node).items():
            for step, state in _states((str(name),), value):
                if id(state) not in seen:
                    seen.add(id(state))
                    found[(*path, *step)] = state
    return found


def _states(path: Path, value: Any) -> Iterator[tuple[Path, State[Any]]]:
    if isinstance(value, State):
        yield path, value
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from _states((*path, str(key)), entry)
    elif isinstance(value, (list, tuple)):
        for i, entry in enumerate(value):
            yield from _states((*path, str(i)), entry)
