"""One step down in a graph: children of nodes and of containers."""

from __future__ import annotations

from typing import Any

import jax

from .._state import State
from ._node import Key, Node

_KEYS = ("idx", "key", "name")  # SequenceKey; DictKey, FlattenedIndexKey; GetAttrKey
_PLAIN = (str, int, float, complex, bool, type(None), type)


def plain_key(key: Any) -> Key:
    """Return what stands in a path for one of JAX's path entries."""
    for attribute in _KEYS:
        if hasattr(key, attribute):
            return getattr(key, attribute)
    return str(key)


def container_items(container: Any) -> tuple[list[tuple[Key, Any]], Any]:
    """Return the children of a container with their keys, and how to rebuild it."""
    found, tree = jax.tree_util.tree_flatten_with_path(
        container, is_leaf=lambda x: x is not container
    )
    return [(plain_key(path[0]), child) for path, child in found], tree


def is_container(x: Any) -> bool:
    """Tell whether `x` is a pytree with an inside, and no node."""
    if isinstance(x, (Node, State, *_PLAIN)):
        return False
    return not jax.tree_util.all_leaves([x])


def is_subgraph(x: Any) -> bool:
    """Tell whether `x` is a node, or a container with a node or state in it."""
    if isinstance(x, Node):
        return True
    if isinstance(x, (State, *_PLAIN)):
        return False
    try:
        leaves = jax.tree.leaves(x)
    except (TypeError, ValueError):  # a dictionary whose keys have no order
        leaves = list(x.values()) if isinstance(x, dict) else []
        if any(is_subgraph(leaf) or isinstance(leaf, State) for leaf in leaves):
            raise
        return False
    return any(isinstance(leaf, (Node, State)) for leaf in leaves)
