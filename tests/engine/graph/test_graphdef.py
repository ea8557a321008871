"""Definitions: equal graphs have equal ones, whatever their attributes hold."""

import copy

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import ParamState, graph
from engine.graph import RefMap, Static


class Holder(graph.Node):
    def __init__(self, value):
        self.value = value


VALUES = [
    3,
    "text",
    None,
    (1, [2, {"a": 3.5}]),
    np.arange(3),
    jnp.ones((2, 2)),
    3.0 * u.mV,
    np.ones(2) * u.ms,
    {1: "int", "a": "str"},  # keys without an order
    slice(1, 2),
    len,
]
OTHERS = [
    4,
    "texts",
    0,
    (1, [2, {"a": 4.5}]),
    np.arange(4),
    jnp.zeros((2, 2)),
    3.0 * u.mA,
    np.zeros(2) * u.ms,
    {1: "int"},
    slice(1, 3),
    max,
]


@pytest.mark.parametrize(("value", "other"), [*zip(VALUES, OTHERS, strict=True)])
def test_definitions_compare_by_what_nodes_hold(value, other):
    first = graph.graphdef(Holder(value))
    again = graph.graphdef(Holder(copy.copy(value)))
    assert first == again
    assert hash(first) == hash(again)
    assert first != graph.graphdef(Holder(other))


def test_numbers_of_different_types_differ():
    assert Static(1) != Static(True)
    assert Static(1) != Static(1.0)
    assert Static(np.float32(1)) != Static(np.float64(1))


def test_tracers_are_equal_only_to_themselves():
    @jax.jit
    def traced(x):
        assert Static(x) == Static(x)
        assert Static(x) != Static(x + 0)
        assert hash(Static(x)) == hash(Static(x))
        return x

    traced(1.0)


def test_a_definition_is_a_pytree_without_leaves():
    definition, states = graph.treefy_split(Holder(ParamState(jnp.ones(2))))
    assert jax.tree.leaves(definition) == []
    assert len(jax.tree.leaves(states)) == 1


def test_equal_definitions_share_a_compilation():
    traces = []

    @jax.jit
    def total(definition, states):
        traces.append(definition)
        return graph.treefy_merge(definition, states).value.value.sum()

    for n in (1.0, 2.0):
        node = Holder(ParamState(jnp.full(3, n)))
        assert total(*graph.treefy_split(node)) == 3 * n
    assert len(traces) == 1


def test_apply_calls_on_a_merged_node():
    class Counter(graph.Node):
        def __init__(self):
            self.n = ParamState(0)

        def add(self, k):
            self.n.value += k
            return self.n.value

    node = Counter()
    definition, states = graph.treefy_split(node)
    out, (_, new) = definition.apply(states).add(3)
    assert out == 3
    assert new.n.value == 3
    assert node.n.value == 0


def test_definition_prints_its_parts():
    shown = repr(graph.graphdef(Holder([ParamState(1), 5])))
    assert "PytreeType" in shown
    assert "1=5" in shown
    assert "ParamState" in shown


def test_refmap_goes_by_identity():
    a, b = [1], [1]
    refs = RefMap([(a, "a")])
    refs[b] = "b"
    assert refs[a] == "a"
    assert refs[b] == "b"
    assert len(refs) == 2
    assert [1] not in refs
    del refs[a]
    assert list(refs.values()) == ["b"]
    assert "list" in repr(refs)
