"""Graphs of nodes and states: taking them apart, together, and walking over them."""

from ._context import (
    ContextError as ContextError,
    MergeContext as MergeContext,
    SplitContext as SplitContext,
    UpdateContext as UpdateContext,
    current_update_context as current_update_context,
    merge_context as merge_context,
    split_context as split_context,
    update_context as update_context,
)
from ._convert import (
    AliasingError as AliasingError,
    NodeStates as NodeStates,
    broadcast_prefix as broadcast_prefix,
    graph_to_tree as graph_to_tree,
    tree_to_graph as tree_to_graph,
)
from ._flatten import (
    GraphError as GraphError,
    GraphStateError as GraphStateError,
    flatten as flatten,
    unflatten as unflatten,
)
from ._graphdef import (
    GraphDef as GraphDef,
    NodeDef as NodeDef,
    NodeRef as NodeRef,
    RefMap as RefMap,
    Static as Static,
)
from ._node import (
    Dict as Dict,
    List as List,
    Node as Node,
    Sequential as Sequential,
)
from ._query import (
    iter_leaf as iter_leaf,
    iter_node as iter_node,
    nodes as nodes,
    states as states,
)
from ._split import (
    call as call,
    clone as clone,
    graphdef as graphdef,
    pop_states as pop_states,
    treefy_merge as treefy_merge,
    treefy_split as treefy_split,
    treefy_states as treefy_states,
    update_states as update_states,
)
