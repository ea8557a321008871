"""Graph to definition and states, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import EngineError
from .._state import State, TreefyState
from ..typing import PathParts
from ..util import FlattedDict, NestedDict
from ._children import container_items, is_container, is_subgraph
from ._graphdef import GraphDef, NodeDef, NodeRef, PytreeType, RefMap
from ._node import Node

EXPECTED = (
    "Expected key {key!r} in the states at {path}: the {type} there has a state of "
    "this name. Give all the states that treefy_split has returned."
)
UNEXPECTED = (
    "Unexpected keys {keys} in the states at {path}: the {type} there has no states of "
    "these names. Give the states of the same graph."
)
NO_GRAPH = (
    "flatten: a {type} is no graph. Give a Node, or a container with nodes or states."
)
NO_STATE = (
    "unflatten: the value at {path} is a {type}; it needs to be a TreefyState or State."
)
NO_REFERENCE = (
    "unflatten: the definition refers to the {type} of index {index}, which was not "
    "merged before. Merge in the same merge_context, in the order of splitting."
)


class GraphError(EngineError, TypeError):
    """Something that is no graph."""


class GraphStateError(EngineError, ValueError):
    """States that do not belong to a graph definition."""


def flatten(
    node: Any,
    /,
    ref_index: RefMap[Any, int] | None = None,
    treefy_state: bool = True,
) -> tuple[GraphDef[Any], NestedDict]:
    """Take a graph apart into its definition and its states.

    Parameters
    ----------
    node : Node or container
        The graph.
    ref_index : RefMap, optional
        Nodes and states seen before, with their numbers; new ones are added.
    treefy_state : bool, default True
        Return `TreefyState`, which is a pytree; else the `State` objects themselves.

    Returns
    -------
    graphdef : GraphDef
        Everything but the states.
    states : NestedDict
        Path to state; a state that is reached twice is there once.

    Raises
    ------
    GraphError
        If `node` is neither a node nor a container.
    """
    if not isinstance(node, Node) and not is_container(node):
        raise GraphError(NO_GRAPH.format(type=type(node).__name__))
    ref_index = RefMap() if ref_index is None else ref_index
    found: FlattedDict[Any] = FlattedDict()
    graphdef = _flatten(node, (), ref_index, found, treefy_state)
    return graphdef, found.to_nest()


def _flatten(
    node: Any,
    path: PathParts,
    ref_index: RefMap[Any, int],
    found: FlattedDict[Any],
    treefy_state: bool,
) -> GraphDef[Any]:
    if node in ref_index:
        return NodeRef(type(node), ref_index[node])
    if isinstance(node, Node):
        kind, index, metadata = type(node), len(ref_index), None
        ref_index[node] = index
        items = node.graph_items()
    else:
        kind, index = PytreeType, -1
        items, metadata = container_items(node)
    keys, subgraphs, static, leaves = [], {}, {}, {}
    for key, value in items:
        keys.append(key)
        if isinstance(value, State):
            if value not in ref_index:
                ref_index[value] = len(ref_index)
                state = value.to_state_ref() if treefy_state else value
                found[(*path, key)] = state
            leaves[key] = NodeRef(type(value), ref_index[value])
        elif is_subgraph(value):
            below = (*path, key)
            subgraphs[key] = _flatten(value, below, ref_index, found, treefy_state)
        else:
            static[key] = value
    return NodeDef.create(kind, index, keys, subgraphs, static, leaves, metadata, None)


def unflatten(
    graph_def: GraphDef[Any],
    state_mapping: Mapping[Any, Any],
    /,
    *,
    index_ref: dict[int, Any] | None = None,
    index_ref_cache: dict[int, Any] | None = None,
) -> Any:
    """Put definition and states together again; the inverse of `flatten`.

    Parameters
    ----------
    graph_def : GraphDef
        The definition.
    state_mapping : NestedDict
        Its states; `State` objects are put in as they are.
    index_ref : dict, optional
        Number to node or state, of those made before; new ones are added.
    index_ref_cache : dict, optional
        Number to an existing node or state that is filled anew, in place, where
        otherwise another would be made.

    Raises
    ------
    GraphStateError
        If a state is missing, or belongs to another graph.
    """
    made = {} if index_ref is None else index_ref
    return _unflatten(graph_def, state_mapping, (), made, index_ref_cache or {})


def _unflatten(
    graph_def: GraphDef[Any],
    states: Mapping[Any, Any],
    path: PathParts,
    made: dict[int, Any],
    cache: dict[int, Any],
) -> Any:
    if isinstance(graph_def, NodeRef):
        if graph_def.index not in made:
            name, index = graph_def.type.__name__, graph_def.index
            raise GraphStateError(NO_REFERENCE.format(type=name, index=index))
        return made[graph_def.index]
    if not isinstance(graph_def, NodeDef):
        raise GraphError(
            f"unflatten: {type(graph_def).__name__} is no graph definition. "
            "Give what treefy_split or flatten has returned."
        )
    _refuse_unknown(graph_def, states, path)
    node = None
    if graph_def.type is not PytreeType:
        node = cache.get(graph_def.index)
        if node is None:
            kind: Any = graph_def.type
            node = kind.__new__(kind)
        node.graph_clear()
        made[graph_def.index] = node
    children = []
    for key in graph_def.attributes:
        below = (*path, key)
        if key in graph_def.static_fields:
            child = graph_def.static_fields[key].value
        elif key in graph_def.leaves:
            child = _leaf(graph_def, key, states, below, made, cache)
        else:
            inner = states.get(key, {})
            child = _unflatten(graph_def.subgraphs[key], inner, below, made, cache)
        children.append(child)
        if node is not None:
            node.graph_set(key, child)
    return graph_def.metadata.unflatten(children) if node is None else node


def _refuse_unknown(
    graph_def: NodeDef[Any], states: Mapping[Any, Any], path: PathParts
) -> None:
    known = {*graph_def.leaves, *graph_def.subgraphs}
    if unknown := [key for key in states if key not in known]:
        name = graph_def.type.__name__
        raise GraphStateError(UNEXPECTED.format(keys=unknown, path=path, type=name))


def _leaf(
    graph_def: NodeDef[Any],
    key: Any,
    states: Mapping[Any, Any],
    path: PathParts,
    made: dict[int, Any],
    cache: dict[int, Any],
) -> State[Any]:
    """Return the state under `key`: known already, filled anew, or made."""
    index = graph_def.leaves[key].index
    if index in made:
        return made[index]
    if key not in states:
        name = graph_def.type.__name__
        raise GraphStateError(EXPECTED.format(key=key, path=path[:-1], type=name))
    given = states[key]
    if isinstance(given, State):
        state = given
    elif not isinstance(given, TreefyState):
        raise GraphStateError(NO_STATE.format(path=path, type=type(given).__name__))
    elif index in cache:
        state = cache[index]
        state.update_from_ref(given)
    else:
        state = given.to_state()
    made[index] = state
    return state
