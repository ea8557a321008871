"""Nested and flat mappings."""

import jax
import pytest
from hypothesis import given, strategies as st

from engine import ParamState, ShortTermState, util
from engine.util import FlattedDict, NestedDict, flat_mapping, nest_mapping

keys = st.one_of(st.text(min_size=1, max_size=3), st.integers(0, 3))
trees = st.recursive(
    st.integers(), lambda below: st.dictionaries(keys, below, max_size=3), max_leaves=8
).filter(lambda tree: isinstance(tree, dict))


@given(trees)
def test_nesting_undoes_flattening(tree):
    flat = flat_mapping(tree, keep_empty_nodes=True)
    assert nest_mapping(flat) == tree
    assert all(isinstance(path, tuple) for path in flat)


@given(trees)
def test_both_are_pytrees(tree):
    nested = nest_mapping(flat_mapping(tree))
    for mapping in (nested, nested.to_flat()):
        doubled = jax.tree.map(lambda x: 2 * x, mapping)
        assert type(doubled) is type(mapping)
        assert sum(jax.tree.leaves(doubled)) == 2 * sum(jax.tree.leaves(mapping))


def test_pytrees_do_not_depend_on_the_order_of_insertion():
    one = NestedDict({"a": 1, 0: 2})
    two = NestedDict({0: 2, "a": 1})
    assert jax.tree.structure(one) == jax.tree.structure(two)
    paths = jax.tree_util.tree_flatten_with_path(one)[0]
    assert [path[0].key for path, _ in paths] == [0, "a"]


def test_states_become_pytrees():
    states = FlattedDict({("a",): ParamState(1.0), ("b", 0): ShortTermState(2.0)})
    for one in (states, states.to_nest()):
        forms = one.treefy_state()
        assert type(forms) is type(one)
        assert jax.tree.leaves(jax.tree.map(lambda x: x + 1, forms)) == [2.0, 3.0]
    assert states[("a",)].value == 1.0


def test_paths_can_be_strings():
    flat = flat_mapping({"a": {"b": 1}}, sep=".")
    assert flat == {"a.b": 1}
    assert nest_mapping(flat, sep=".") == {"a": {"b": 1}}


def test_leaves_can_be_mappings():
    flat = flat_mapping({"a": {"b": 1}}, is_leaf=lambda path, x: path == ("a",))
    assert flat == {("a",): {"b": 1}}


def test_a_path_through_a_value_is_refused():
    with pytest.raises(ValueError, match="goes through the value at 'a'"):
        nest_mapping({("a",): 1, ("a", "b"): 2})
    with pytest.raises(TypeError, match="needs a mapping, got list"):
        flat_mapping([])


def test_keys_are_attributes():
    nested = NestedDict(a=1, beta=2)
    assert nested.a == 1
    with pytest.raises(AttributeError, match="Did you mean 'beta'"):
        _ = nested.betta
    assert not hasattr(nested, "_x")


STATES = {
    ("a", "w"): ParamState(1),
    ("a", "v"): ShortTermState(2),
    ("b",): ParamState(3),
}


@pytest.mark.parametrize("flat", [True, False])
def test_split_and_filter(flat):
    mapping = FlattedDict(STATES) if flat else nest_mapping(STATES)
    params, rest = mapping.split(ParamState, ...)

    def paths(x):
        return sorted(x if flat else x.to_flat())

    assert paths(params) == [("a", "w"), ("b",)]
    assert paths(rest) == [("a", "v")]
    assert paths(mapping.filter(ShortTermState)) == [("a", "v")]
    assert paths(mapping.subset("no such tag")) == []
    with pytest.raises(ValueError, match="no filter matches"):
        mapping.split(ParamState)
    with pytest.raises(ValueError, match=r"match everything.*filter 2"):
        mapping.split(..., ParamState)
    assert type(mapping).merge(params, rest) == mapping
    assert params | rest == mapping
    assert mapping - params == rest


def test_values_of_states():
    assert FlattedDict(STATES).to_dict_values() == {
        ("a", "w"): 1,
        ("a", "v"): 2,
        ("b",): 3,
    }
    assert FlattedDict.from_nest({"a": {"b": 1}}) == {("a", "b"): 1}
    assert NestedDict.from_flat({("a", "b"): 1}) == {"a": {"b": 1}}


def test_pure_dictionaries_go_out_and_in():
    nested = NestedDict(a=NestedDict(w=ParamState(1).to_state_ref()), n=2)
    pure = nested.to_pure_dict()
    assert type(pure["a"]) is dict
    nested.replace_by_pure_dict({"a": {"w": 5}, "n": 6})
    assert nested.a.w.value == 5
    assert nested.n == 6
    with pytest.raises(ValueError, match=r"no entry at \('a', 'u'\)"):
        nested.replace_by_pure_dict({"a": {"u": 5}})


def test_repr_is_a_tree():
    assert repr(NestedDict(a=NestedDict(b=1))) == (
        "NestedDict({\n  'a': NestedDict({\n    'b': 1\n  })\n})"
    )


def test_empty_nodes_have_no_leaves():
    assert jax.tree.leaves(util.empty_node) == []
