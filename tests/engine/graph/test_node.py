"""Nodes: their children, their printing, the containers that are nodes."""

import copy
import pickle

import jax
import jax.numpy as jnp
import pytest

from engine import ParamState, TraceContextError, graph


class Pair(graph.Node):
    def __init__(self, first, second):
        self.first = first
        self.second = second


def test_children_come_sorted_by_name():
    node = graph.Node()
    node.b, node.a = 1, 2
    assert list(node.graph_items()) == [("a", 2), ("b", 1)]


def test_repr_shows_arrays_by_shape_and_hides_underscores():
    node = Pair(jnp.zeros((2, 3)), 1)
    node._hidden = 2
    assert repr(node) == "Pair(\n  first=float32[2, 3],\n  second=1\n)"


def test_repr_of_a_cycle_ends():
    node = Pair(1, None)
    node.second = node
    assert "second=Pair(...)" in repr(node)


def test_a_node_of_another_trace_is_refused():
    node = Pair(1, 2)
    node.check_valid_context("never raised here")

    @jax.jit
    def traced(x):
        with pytest.raises(TraceContextError, match="made outside"):
            node.check_valid_context(lambda: "made outside")
        Pair(1, 2).check_valid_context("never raised here")
        return x

    traced(1.0)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy])
def test_copies_keep_the_attributes(again):
    node = again(graph.List([1, 2]))
    assert list(node) == [1, 2]
    assert vars(again(Pair(3, 4))) == {"first": 3, "second": 4}


def test_pickling_drops_the_trace():
    node = pickle.loads(pickle.dumps(graph.List([1, "x"])))
    assert list(node) == [1, "x"]
    node.check_valid_context("never raised here")


def test_dict_is_mapping_and_attributes():
    node = graph.Dict({"a": 1}, b=2)
    node["c"] = 3
    assert dict(node) == {"a": 1, "b": 2, "c": 3}
    assert node.c == 3
    assert len(node) == 3
    assert node != graph.Dict(node)  # a node is only itself
    with pytest.raises(AttributeError, match="Did you mean 'beta'"):
        _ = graph.Dict(beta=1).betta


def test_list_grows_and_joins():
    node = graph.List([1])
    node.append(2)
    node.extend([3])
    node[0] = 0
    joined = node + graph.List([4])
    assert list(joined) == [0, 2, 3, 4]
    assert isinstance(joined, graph.List)
    assert node[1:] == [2, 3]
    assert len(node) == 3


def test_list_entries_are_children_by_position():
    w = ParamState(1)
    node = graph.List([w, graph.List([w, ParamState(2)])])
    assert list(graph.states(node)) == [(0,), (1, 1)]
    again = graph.clone(node)
    assert again[0] is again[1][0]


def test_sequential_unpacks_tuples():
    layers = graph.Sequential(lambda a, b=1: (a, b), lambda a, b: a - b, abs)
    assert layers(3, b=5) == 2
