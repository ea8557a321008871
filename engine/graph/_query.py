"""Walks over a graph: its nodes, its states, its leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from .._state import State
from ..typing import Filter, PathParts
from ..util import FlattedDict
from ._children import container_items, is_container
from ._node import Key, Node

ANY_DEPTH = (0, int(np.iinfo(np.int32).max))


def _items(x: Any) -> Iterable[tuple[Key, Any]] | None:
    """Return the children of a node or container; None for a leaf."""
    if isinstance(x, Node):
        return x.graph_items()
    return container_items(x)[0] if is_container(x) else None


def _walk(
    x: Any,
    path: PathParts,
    depth: int,
    deepest: int,
    seen: dict[int, Any],
    with_leaves: bool = True,
) -> Iterator[tuple[PathParts, int, Any]]:
    """Yield path, depth and object of all nodes and leaves, children first.

    Only nodes count for the depth; containers between them do not.
    """
    if depth > deepest or id(x) in seen:
        return
    children = _items(x)
    if children is None:
        yield path, depth, x
        return
    if isinstance(x, Node):
        seen[id(x)] = x
    for key, child in children:
        is_node = isinstance(child, Node)
        if with_leaves or is_node or is_container(child):
            below = depth + is_node
            yield from _walk(child, (*path, key), below, deepest, seen, with_leaves)
    if isinstance(x, Node):
        yield path, depth, x


def iter_leaf(
    node: Any, allowed_hierarchy: tuple[int, int] = ANY_DEPTH
) -> Iterator[tuple[PathParts, Any]]:
    """Yield path and value of every leaf: states, and whatever else is no container.

    Parameters
    ----------
    node : Node or container
        The graph. A node that is reached twice is visited once.
    allowed_hierarchy : tuple of int
        Smallest and largest number of nodes above a leaf, the first one not counted.
    """
    shallowest, deepest = allowed_hierarchy
    for path, depth, x in _walk(node, (), 0, deepest, {}):
        if not isinstance(x, Node) and depth >= shallowest:
            yield path, x


def iter_node(
    node: Any, allowed_hierarchy: tuple[int, int] = ANY_DEPTH
) -> Iterator[tuple[PathParts, Node]]:
    """Yield path and node of every node, children before parents, each once.

    Parameters
    ----------
    node : Node or container
        The graph; the path of the graph itself is ``()``.
    allowed_hierarchy : tuple of int
        Smallest and largest number of nodes above.
    """
    shallowest, deepest = allowed_hierarchy
    for path, depth, x in _walk(node, (), 0, deepest, {}, with_leaves=False):
        if isinstance(x, Node) and depth >= shallowest:
            yield path, x


def nodes(
    node: Any, *filters: Filter, allowed_hierarchy: tuple[int, int] = ANY_DEPTH
) -> Any:
    """Collect the nodes of a graph.

    Parameters
    ----------
    node : Node or container
        The graph.
    *filters : Filter
        Keep those that match, see `util.to_predicate`; several give one dictionary
        each.
    allowed_hierarchy : tuple of int
        Smallest and largest number of nodes above.

    Returns
    -------
    FlattedDict or tuple of FlattedDict
        Path to node, children before parents.
    """
    found = FlattedDict(iter_node(node, allowed_hierarchy))
    return found.filter(*filters) if filters else found


def states(
    node: Any, *filters: Filter, allowed_hierarchy: tuple[int, int] = ANY_DEPTH
) -> Any:
    """Collect the states of a graph.

    Parameters
    ----------
    node : Node or container
        The graph.
    *filters : Filter
        Keep those that match, see `util.to_predicate`; several give one dictionary
        each.
    allowed_hierarchy : tuple of int
        Smallest and largest number of nodes above.

    Returns
    -------
    FlattedDict or tuple of FlattedDict
        Path to `State`; a state that is reached twice is there under its first path.
    """
    found: FlattedDict[State[Any]] = FlattedDict()
    seen: set[int] = set()
    for path, leaf in iter_leaf(node, allowed_hierarchy):
        if isinstance(leaf, State) and id(leaf) not in seen:
            seen.add(id(leaf))
            found[path] = leaf
    return found.filter(*filters) if filters else found
