"""Splitting a graph for JAX, merging it again, and changing states in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from .._errors import EngineError
from .._state import State, TreefyState
from ..typing import Filter, PathParts
from ..util import CallProxy, FlattedDict, NestedDict, flat_mapping, to_predicate
from ._children import container_items, is_subgraph
from ._flatten import GraphStateError, flatten, unflatten
from ._graphdef import GraphDef
from ._node import Node

N = TypeVar("N")

NO_FILTER = "pop_states: needs at least one filter; give `...` for all states."
NO_PLACE = (
    "update_states: nothing takes the state {path}: {type} has no {key!r}. Give a "
    "path that the graph has, or a State for a new last key."
)
NOT_A_STATE = (
    "update_states: {path} is a {type} in the graph, not a state. Only states can be "
    "updated; set other attributes directly."
)


class FilterCountError(EngineError, ValueError):
    """A function that needs filters got none."""


def split_groups(states: NestedDict, filters: tuple[Filter, ...]) -> tuple[Any, ...]:
    """Return the states shared out among the filters; all of them without filters."""
    if not filters:
        return (states,)
    groups = states.split(*filters)
    return groups if isinstance(groups, tuple) else (groups,)


def treefy_split(node: Any, *filters: Filter) -> tuple[Any, ...]:
    """Split a graph into its definition and pytrees of states.

    Parameters
    ----------
    node : Node or container
        The graph.
    *filters : Filter
        Share the states out among these; together they have to match all, so the last
        is often `...`.

    Returns
    -------
    graphdef : GraphDef
        Hashable; static for `jax.jit`.
    *states : NestedDict
        One for each filter, or one of all.
    """
    graphdef, states = flatten(node)
    return graphdef, *split_groups(states, filters)


def treefy_merge(
    graphdef: GraphDef[Any],
    state_mapping: Mapping[Any, Any],
    /,
    *state_mappings: Mapping[Any, Any],
) -> Any:
    """Make a new graph from what `treefy_split` has returned.

    Parameters
    ----------
    graphdef : GraphDef
        The definition.
    state_mapping, *state_mappings : NestedDict
        All its states.

    Raises
    ------
    GraphStateError
        If states are missing, or belong to another graph.
    """
    return unflatten(graphdef, NestedDict.merge(state_mapping, *state_mappings))


def treefy_states(node: Any, *filters: Filter) -> Any:
    """Return the states of a graph as pytrees.

    Parameters
    ----------
    node : Node or container
        The graph.
    *filters : Filter
        Keep those that match; several give one `NestedDict` each.

    Returns
    -------
    NestedDict or tuple of NestedDict
        `TreefyState`, nested as the graph is.
    """
    _, states = flatten(node)
    return states.filter(*filters) if filters else states


def graphdef(node: Any, /) -> GraphDef[Any]:
    """Return the definition of a graph: everything but its states."""
    return flatten(node)[0]


def clone(node: N) -> N:
    """Return a copy of a graph: new nodes and states of the same values."""
    return treefy_merge(*treefy_split(node))


def call(graphdef_state: tuple[Any, ...]) -> CallProxy:
    """Call a method of a graph that was split.

    Parameters
    ----------
    graphdef_state : tuple
        What `treefy_split` has returned.

    Returns
    -------
    CallProxy
        ``call(split).layer[0].update(x)`` merges the graph, calls the method, and
        returns its output and the graph split again: ``output, (graphdef, states)``.
    """

    def run(accessor, *args, **kwargs):
        node = treefy_merge(*graphdef_state)
        output = accessor(node)(*args, **kwargs)
        return output, treefy_split(node)

    return CallProxy(run)


def pop_states(node: Any, *filters: Filter) -> Any:
    """Take states out of a graph.

    Parameters
    ----------
    node : Node or container
        The graph; the attributes are deleted.
    *filters : Filter
        Which ones, see `util.to_predicate`; several give one dictionary each.

    Returns
    -------
    NestedDict or tuple of NestedDict
        The `State` objects, nested as they were.

    Raises
    ------
    FilterCountError
        If there is no filter.
    """
    if not filters:
        raise FilterCountError(NO_FILTER)
    groups = [(to_predicate(one), FlattedDict()) for one in filters]
    _pop(node, (), groups, {})
    nested = tuple(found.to_nest() for _, found in groups)
    return nested[0] if len(nested) == 1 else nested


def _pop(node, path: PathParts, groups, seen: dict[int, Any]) -> None:
    if id(node) in seen:
        return
    seen[id(node)] = node
    is_node = isinstance(node, Node)
    for key, child in list(node.graph_items() if is_node else container_items(node)[0]):
        below = (*path, key)
        if isinstance(child, State):
            for predicate, found in groups:
                if predicate(below, child):
                    if id(child) not in seen:
                        found[below] = seen[id(child)] = child
                    _remove(node, key, below)
                    break
        elif is_subgraph(child):
            _pop(child, below, groups, seen)


def _remove(node: Any, key: Any, path: PathParts) -> None:
    """Take the child out of a node or a container that can change."""
    if isinstance(node, Node):
        node.graph_pop(key)
    elif isinstance(node, dict):
        del node[key]
    elif isinstance(node, list):
        node[key] = None
    else:
        raise GraphStateError(
            f"pop_states: the state {path} is in a {type(node).__name__}, which cannot "
            "be changed. Keep it in an attribute, a list or a dictionary."
        )


def update_states(
    node: Any, state_dict: Mapping[Any, Any], /, *state_dicts: Mapping[Any, Any]
) -> None:
    """Give the states of a graph new values, in place.

    Parameters
    ----------
    node : Node or container
        The graph.
    state_dict, *state_dicts : NestedDict or FlattedDict
        Path to `TreefyState`, `State`, or plain value. A path whose last key is new
        to its node adds a state there.

    Raises
    ------
    GraphStateError
        If a path does not lead to a state.
    """
    for states in (state_dict, *state_dicts):
        for path, given in flat_mapping(NestedDict(_nested(states))).items():
            _update(node, path, given)


def _nested(states: Mapping[Any, Any]) -> Mapping[Any, Any]:
    return states.to_nest() if isinstance(states, FlattedDict) else states


def _update(node: Any, path: PathParts, given: Any) -> None:
    at = node
    for key in path:
        items = at.graph_items() if isinstance(at, Node) else container_items(at)[0]
        found = dict(items)
        if key in found:
            at = found[key]
            if isinstance(at, State) or is_subgraph(at):
                continue
            raise GraphStateError(NOT_A_STATE.format(path=path, type=type(at).__name__))
        is_new_state = key == path[-1] and isinstance(given, (TreefyState, State))
        if not (isinstance(at, Node) and is_new_state):
            name = type(at).__name__
            raise GraphStateError(NO_PLACE.format(path=path, type=name, key=key))
        at.graph_set(key, given if isinstance(given, State) else given.to_state())
        return
    if not isinstance(at, State):
        raise GraphStateError(NOT_A_STATE.format(path=path, type=type(at).__name__))
    if isinstance(given, TreefyState):
        at.update_from_ref(given)
    else:
        at.value = given.value if isinstance(given, State) else given
