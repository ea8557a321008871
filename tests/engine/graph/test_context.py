"""Several graphs as one, and changes that come back."""

import jax
import jax.numpy as jnp
import pytest

from engine import ParamState, graph


class Pair(graph.Node):
    def __init__(self):
        self.a = ParamState(jnp.array(1.0))
        self.b = ParamState(jnp.array(2.0))


def test_what_was_split_before_is_a_reference():
    pair = Pair()
    holder = graph.List([pair])
    with graph.split_context() as ctx:
        first, states = ctx.treefy_split(holder)
        second, none = ctx.treefy_split(pair)
    assert isinstance(second, graph.NodeRef)
    assert len(states.to_flat()) == 2
    assert len(none) == 0
    assert not hasattr(ctx, "ref_index")
    with graph.merge_context() as ctx:
        new_holder = ctx.treefy_merge(first, states)
        new_pair = ctx.treefy_merge(second, none)
    assert new_holder[0] is new_pair
    assert not hasattr(ctx, "index_ref")


def test_changes_inside_come_back_to_the_objects_outside():
    pair = Pair()
    a, b = pair.a, pair.b
    with graph.update_context("here") as ctx:

        @jax.jit
        def swap(split):
            inside = ctx.merge(*split)  # the same as treefy_merge
            inside.a, inside.b = inside.b, inside.a
            inside.b.value = inside.b.value + 10
            inside.me = inside
            inside.new = ParamState(jnp.array(5.0))
            return ctx.split(inside)

        back = ctx.treefy_merge(*swap(ctx.treefy_split(pair)))
    assert back is pair
    assert pair.a is b
    assert pair.b is a
    assert pair.me is pair
    assert a.value == 11
    assert pair.new.value == 5


def test_trees_of_nodes_come_back_too():
    pair = Pair()
    with graph.update_context("trees"):

        @jax.jit
        def double(tree):
            one, same = graph.tree_to_graph(tree, ctxtag="trees")
            assert one is same
            one.a.value = one.a.value * 2
            return graph.graph_to_tree((one, same), ctxtag="trees")

        tree = double(graph.graph_to_tree((pair, pair), ctxtag="trees"))
        first, second = graph.tree_to_graph(tree, ctxtag="trees")
    assert first is pair
    assert second is pair
    assert pair.a.value == 2


def test_update_context_decorates():
    @graph.update_context("deco")
    def run():
        return graph.current_update_context("deco").tag

    assert run() == "deco"
    with pytest.raises(ValueError, match=r"No update_context\('deco'\) is open"):
        graph.current_update_context("deco")


def test_contexts_of_one_name_nest():
    with graph.update_context("t") as outer:
        with graph.update_context("t") as inner:
            assert graph.current_update_context("t") is inner
        assert graph.current_update_context("t") is outer
        with pytest.raises(ValueError, match="Did you mean 't'"):
            graph.current_update_context("tt")
