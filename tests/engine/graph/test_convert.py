"""Nodes in pytrees."""

import jax
import pytest

from engine import ParamState, graph


class Box(graph.Node):
    def __init__(self, value):
        self.w = ParamState(value)


def test_there_and_back_keeps_sharing_and_the_rest():
    box = Box(1.0)
    tree = graph.graph_to_tree((box, 2, {"again": box}))
    assert isinstance(tree[0], graph.NodeStates)
    assert isinstance(tree[2]["again"].graphdef, graph.NodeRef)
    assert jax.tree.leaves(tree) == [1.0, 2]
    first, two, rest = graph.tree_to_graph(tree)
    assert two == 2
    assert first is rest["again"]
    assert first is not box


def test_one_node_under_two_prefixes_is_refused():
    box = Box(1.0)
    tree = (box, None, {"again": graph.List([box])})
    graph.graph_to_tree(tree, prefix=(0, None, 0))
    with pytest.raises(
        ValueError, match=r"Inconsistent aliasing .* \(0,\) .* \(2, 'again', 0\)"
    ):
        graph.graph_to_tree(tree, prefix=(0, None, 1))
    graph.graph_to_tree(tree, prefix=(0, None, 1), check_aliasing=False)


def test_one_state_in_two_nodes_is_one_too():
    a, b = Box(1.0), Box(2.0)
    b.w = a.w
    with pytest.raises(ValueError, match="ParamState is at"):
        graph.graph_to_tree((a, b), prefix=(0, 1))


def test_functions_get_path_prefix_and_leaf():
    def split(ctx, path, prefix, leaf):
        return [leaf, prefix, len(path)]

    tree = graph.graph_to_tree(
        {"x": 5, "y": (6,)},
        prefix={"x": "p", "y": "q"},
        split_fn=split,
        map_non_graph_nodes=True,
    )
    assert tree == {"x": [5, "p", 1], "y": ([6, "q", 2],)}


def test_prefixes_of_node_states_fit_vmap():
    tree = graph.graph_to_tree(Box(jax.numpy.arange(3.0)))
    axes = graph.NodeStates.from_prefixes([0])
    out = jax.vmap(lambda t: graph.tree_to_graph(t).w.value + 1, in_axes=(axes,))(tree)
    assert out.tolist() == [1, 2, 3]


def test_node_states_say_what_they_lack():
    two = graph.NodeStates.from_states({}, {})
    with pytest.raises(ValueError, match="no graphdef"):
        _ = two.graphdef
    with pytest.raises(ValueError, match="2 groups"):
        _ = two.state
    with pytest.raises(ValueError, match=r"list at \(0,\) is no NodeStates"):
        graph.tree_to_graph(
            ([],), is_leaf=lambda x: isinstance(x, list), is_node_leaf=lambda x: True
        )


def test_broadcast_prefix_repeats_entries():
    tree = {"a": [1, 2], "b": (3, None)}
    assert graph.broadcast_prefix({"a": 0, "b": None}, tree) == [0, 0, None]
    assert graph.broadcast_prefix(7, tree) == [7, 7, 7]
