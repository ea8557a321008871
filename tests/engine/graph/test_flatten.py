"""Taking graphs apart and putting them together."""

import jax.numpy as jnp
import pytest

from engine import ParamState, State, TreefyState, graph, util


class Leaf(graph.Node):
    def __init__(self, n=1):
        self.w = ParamState(jnp.full(n, float(n)))
        self.size = n
        self.notes = ["a"]


class Tree(graph.Node):
    def __init__(self):
        self.left = Leaf(2)
        self.right = [Leaf(3), {"x": Leaf(4)}]
        self.again = self.left
        self.tied = self.left.w


def test_shared_nodes_and_states_are_there_once():
    definition, states = graph.flatten(Tree())
    assert list(states.to_flat()) == [
        ("again", "w"),
        ("right", 0, "w"),
        ("right", 1, "x", "w"),
    ]
    assert isinstance(definition.subgraphs["left"], graph.NodeRef)
    assert isinstance(states.again.w, TreefyState)


def test_unflatten_restores_sharing_with_new_objects():
    tree = Tree()
    again = graph.unflatten(*graph.flatten(tree))
    assert again.left is again.again
    assert again.tied is again.left.w
    assert again.left is not tree.left
    assert again.left.w is not tree.left.w
    assert again.left.notes == ["a"]
    assert again.left.notes is not tree.left.notes
    assert again.right[1]["x"].size == 4


def test_states_themselves_survive_on_demand():
    tree = Tree()
    definition, states = graph.flatten(tree, treefy_state=False)
    assert states.again.w is tree.left.w
    assert graph.unflatten(definition, states).left.w is tree.left.w


def test_a_cycle_comes_back_as_a_cycle():
    leaf = Leaf()
    leaf.me = leaf
    again = graph.clone(leaf)
    assert again.me is again


def test_numbers_go_on_from_those_given():
    refs = graph.RefMap()
    leaf = Leaf()
    graph.flatten(leaf, refs)
    second, states = graph.flatten(leaf, refs)
    assert second == graph.NodeRef(Leaf, 0)
    assert len(states) == 0
    assert list(refs.values()) == [0, 1]


def test_existing_objects_are_filled_in_place():
    leaf = Leaf()
    definition, states = graph.flatten(leaf)
    states.w = states.w.replace(jnp.array([7.0]))
    leaf.extra = "goes away"
    kept = leaf.w
    back = graph.unflatten(definition, states, index_ref_cache={0: leaf, 1: leaf.w})
    assert back is leaf
    assert leaf.w is kept
    assert leaf.w.value == 7.0
    assert not hasattr(leaf, "extra")


@pytest.mark.parametrize("value", [3, None, "x", State(1)])
def test_what_is_no_graph_is_refused(value):
    with pytest.raises(TypeError, match=f"a {type(value).__name__} is no graph"):
        graph.flatten(value)


def test_missing_states_are_named():
    definition, states = graph.flatten(Tree())
    del states["right"][1]["x"]["w"]
    with pytest.raises(ValueError, match=r"Expected key 'w' .*'right', 1, 'x'"):
        graph.unflatten(definition, states)


def test_unknown_states_are_named():
    definition, states = graph.flatten(Leaf())
    states["v"] = states["w"]
    with pytest.raises(ValueError, match=r"Unexpected keys \['v'\].*Leaf"):
        graph.unflatten(definition, states)


def test_values_that_are_no_states_are_refused():
    definition, _ = graph.flatten(Leaf())
    with pytest.raises(ValueError, match=r"\('w',\) is a float"):
        graph.unflatten(definition, util.NestedDict(w=1.0))


def test_references_need_what_they_refer_to():
    refs = graph.RefMap()
    leaf = Leaf()
    graph.flatten(leaf, refs)
    definition, states = graph.flatten(leaf, refs)
    with pytest.raises(ValueError, match="Leaf of index 0"):
        graph.unflatten(definition, states)


def test_what_is_no_definition_is_refused():
    with pytest.raises(TypeError, match="dict is no graph definition"):
        graph.unflatten({}, {})
