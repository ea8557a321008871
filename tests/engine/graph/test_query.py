"""Walks over graphs."""

import pytest

from engine import ParamState, ShortTermState, State, graph


class Node(graph.Node):
    def __init__(self, **children):
        for name, child in children.items():
            setattr(self, name, child)


@pytest.fixture
def model():
    inner = Node(v=ShortTermState(1))
    return Node(
        a=Node(w=ParamState(2), deep=inner),
        list=[inner, {"x": Node(w=ParamState(3))}],
        n=4,
    )


def test_nodes_come_children_first_and_once(model):
    paths = [("a", "deep"), ("a",), ("list", 1, "x"), ()]
    assert list(graph.nodes(model)) == paths
    assert [path for path, _ in graph.iter_node(model)] == paths


def test_containers_do_not_count_for_the_depth(model):
    assert list(graph.nodes(model, allowed_hierarchy=(1, 1))) == [
        ("a",),
        ("list", 0),
        ("list", 1, "x"),
    ]
    assert list(graph.nodes(model, allowed_hierarchy=(2, 2))) == [("a", "deep")]
    assert list(graph.states(model, allowed_hierarchy=(0, 0))) == []


def test_leaves_are_states_and_whatever_has_no_inside(model):
    leaves = dict(graph.iter_leaf(model))
    assert leaves[("n",)] == 4
    assert leaves[("a", "w")].value == 2
    assert ("list", 0, "v") not in leaves  # its node was visited before


def test_states_by_filters(model):
    params, short = graph.states(model, ParamState, ShortTermState)
    assert [state.value for state in params.values()] == [2, 3]
    assert list(short) == [("a", "deep", "v")]
    assert list(graph.states(model, lambda path, _: "list" in path)) == [
        ("list", 1, "x", "w")
    ]


def test_a_shared_state_is_there_once():
    w = State(1)
    assert list(graph.states(Node(a=w, b=Node(c=w)))) == [("a",)]


def test_nodes_by_filters(model):
    assert list(graph.nodes(model, lambda path, node: hasattr(node, "v"))) == [
        ("a", "deep")
    ]


def test_a_cycle_ends():
    node = Node()
    node.me = node
    assert dict(graph.iter_node(node)) == {(): node}
