"""Pytrees with nodes in them to pytrees of arrays, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import jax

from .._errors import EngineError
from .._state import State
from ..typing import Missing
from ..util import PyTreeNode, field
from ._children import plain_key
from ._context import MergeContext, SplitContext, merge_context, split_context
from ._graphdef import GraphDef, RefMap
from ._node import Node
from ._query import iter_leaf, iter_node

NOT_GIVEN = Missing()
ALIASING = (
    "Inconsistent aliasing detected: the {type} is at {first} with prefix {one!r}, and "
    "at {second} with prefix {other!r}. Give both the same prefix, or pass a clone."
)


class AliasingError(EngineError, ValueError):
    """One object that is asked to be treated in two ways."""


class NodeStatesError(EngineError, ValueError):
    """A `NodeStates` that lacks what is asked of it."""


class NodeStates(PyTreeNode):
    """A node as a pytree: its definition, and its states in one or more groups.

    Parameters
    ----------
    _graphdef : GraphDef or None
        Definition; None when only the states travel.
    states : tuple of NestedDict
        States in groups, as the filters of `treefy_split` make them.
    metadata : object
        Anything static.
    """

    _graphdef: GraphDef[Any] | None
    states: tuple[Any, ...]
    metadata: Any = field(pytree_node=False)

    @property
    def graphdef(self) -> GraphDef[Any]:
        """The definition."""
        if self._graphdef is None:
            raise NodeStatesError(
                "NodeStates: there is no graphdef, it was made by from_states or "
                "from_prefixes. Use from_split."
            )
        return self._graphdef

    @property
    def state(self) -> Any:
        """The states, when they are in one group."""
        if len(self.states) != 1:
            raise NodeStatesError(
                f"NodeStates: there are {len(self.states)} groups of states. "
                "Use `states`."
            )
        return self.states[0]

    @classmethod
    def from_split(
        cls, graphdef: GraphDef[Any], state: Any, /, *states: Any, metadata: Any = None
    ) -> Self:
        """Make one of what `treefy_split` has returned."""
        return cls(_graphdef=graphdef, states=(state, *states), metadata=metadata)

    @classmethod
    def from_states(cls, state: Any, *states: Any) -> Self:
        """Make one of states alone."""
        return cls(_graphdef=None, states=(state, *states), metadata=None)

    @classmethod
    def from_prefixes(cls, prefixes: Any, /, *, metadata: Any = None) -> Self:
        """Make a prefix, such as `in_axes`, with one entry for each group."""
        return cls(_graphdef=None, states=tuple(prefixes), metadata=metadata)


def _split_leaf(ctx: SplitContext, path: Any, prefix: Any, leaf: Any) -> NodeStates:
    return NodeStates.from_split(*ctx.treefy_split(leaf))


def _merge_leaf(ctx: MergeContext, path: Any, prefix: Any, leaf: Any) -> Any:
    if not isinstance(leaf, NodeStates):
        raise NodeStatesError(
            f"tree_to_graph: {type(leaf).__name__} at {_path(path)} is no NodeStates. "
            "Give what graph_to_tree has returned, or a merge_fn that knows it."
        )
    return ctx.treefy_merge(leaf.graphdef, *leaf.states)


def _is_node_states(x: Any) -> bool:
    return isinstance(x, NodeStates)


def _is_node(x: Any) -> bool:
    return isinstance(x, Node)


def _path(path: Any) -> tuple[Any, ...]:
    return tuple(plain_key(key) for key in path)


def broadcast_prefix(
    prefix: Any, tree: Any, is_leaf: Callable[[Any], bool] | None = None
) -> list[Any]:
    """Return one entry of `prefix` for every leaf of `tree`; None is an entry."""
    entries: list[Any] = []

    def repeat(entry: Any, below: Any) -> None:
        entries.extend([entry] * len(jax.tree.leaves(below, is_leaf=is_leaf)))

    jax.tree.map(repeat, prefix, tree, is_leaf=lambda x: x is None)
    return entries


def _check_aliasing(
    path: Any, node: Node, prefix: Any, seen: RefMap[Any, tuple[Any, Any]]
) -> None:
    """Raise if a node or state was met before with another prefix."""
    leaves = ((below, x) for below, x in iter_leaf(node) if isinstance(x, State))
    for below, x in (*iter_node(node), *leaves):
        where = (*_path(path), *below)
        first, one = seen.setdefault(x, (where, prefix))
        if one != prefix:
            raise AliasingError(
                ALIASING.format(
                    type=type(x).__name__,
                    first=first,
                    one=one,
                    second=where,
                    other=prefix,
                )
            )


def _mapped(
    tree: Any,
    prefix: Any,
    is_leaf: Callable[[Any], bool],
    change: Callable[[Any, Any, Any], Any],
) -> Any:
    """Return `tree` with every leaf replaced by `change(path, prefix, leaf)`."""
    found, structure = jax.tree_util.tree_flatten_with_path(tree, is_leaf=is_leaf)
    if prefix is NOT_GIVEN:
        prefixes = [None] * len(found)
    else:
        prefixes = broadcast_prefix(prefix, tree, is_leaf)
    leaves = (
        change(path, entry, leaf)
        for (path, leaf), entry in zip(found, prefixes, strict=True)
    )
    return structure.unflatten(leaves)


def graph_to_tree(
    may_have_graph_nodes: Any,
    /,
    *,
    prefix: Any = NOT_GIVEN,
    split_fn: Callable[[SplitContext, Any, Any, Any], Any] = _split_leaf,
    map_non_graph_nodes: bool = False,
    ctxtag: str | None = None,
    check_aliasing: bool = True,
) -> Any:
    """Replace the nodes in a pytree by pytrees.

    Parameters
    ----------
    may_have_graph_nodes : pytree
        Nodes among other leaves; a node that is there twice stays shared.
    prefix : pytree, optional
        Prefix of the tree, such as `in_axes`; handed to `split_fn` leaf by leaf.
    split_fn : callable, optional
        ``(ctx, path, prefix, leaf) -> pytree``; makes a `NodeStates` unless given.
    map_non_graph_nodes : bool, default False
        Call `split_fn` for all leaves.
    ctxtag : str, optional
        Name of an open `update_context`.
    check_aliasing : bool, default True
        Refuse one node under two prefixes.

    Raises
    ------
    AliasingError
        If one node has two prefixes.
    """
    seen: RefMap[Any, tuple[Any, Any]] = RefMap()
    with split_context(ctxtag) as ctx:

        def change(path: Any, entry: Any, leaf: Any) -> Any:
            if not isinstance(leaf, Node):
                is_wanted = map_non_graph_nodes
                return split_fn(ctx, path, entry, leaf) if is_wanted else leaf
            if check_aliasing:
                _check_aliasing(path, leaf, entry, seen)
            return split_fn(ctx, path, entry, leaf)

        return _mapped(may_have_graph_nodes, prefix, _is_node, change)


def tree_to_graph(
    tree: Any,
    /,
    *,
    prefix: Any = NOT_GIVEN,
    merge_fn: Callable[[MergeContext, Any, Any, Any], Any] = _merge_leaf,
    is_node_leaf: Callable[[Any], bool] = _is_node_states,
    is_leaf: Callable[[Any], bool] = _is_node_states,
    map_non_graph_nodes: bool = False,
    ctxtag: str | None = None,
) -> Any:
    """Put nodes back into a pytree; the inverse of `graph_to_tree`.

    Parameters
    ----------
    tree : pytree
        What `graph_to_tree` has returned.
    prefix : pytree, optional
        Prefix of the tree; handed to `merge_fn` leaf by leaf.
    merge_fn : callable, optional
        ``(ctx, path, prefix, leaf) -> node``.
    is_node_leaf : callable, optional
        Whether a leaf is to be merged; `NodeStates` unless given.
    is_leaf : callable, optional
        Whether to go no further down; `NodeStates` unless given.
    map_non_graph_nodes : bool, default False
        Call `merge_fn` for all leaves.
    ctxtag : str, optional
        Name of an open `update_context`.
    """
    with merge_context(ctxtag) as ctx:

        def change(path: Any, entry: Any, leaf: Any) -> Any:
            if map_non_graph_nodes or is_node_leaf(leaf):
                return merge_fn(ctx, path, entry, leaf)
            return leaf

        return _mapped(tree, prefix, is_leaf, change)
