"""Dictionaries that collect."""

import jax
import pytest

from engine import util
from engine.util import DictManager, DotDict

A, B = [1], [1]  # equal, not the same


def test_subsets():
    manager = DictManager(a=1, b="x", c=2.0)
    assert manager.subset(int) == {"a": 1}
    assert manager.subset(lambda value: value == "x") == {"b": "x"}
    assert manager.not_subset((int, str)) == {"c": 2.0}
    ints, strings, rest = manager.split(int, str)
    assert (ints, strings, rest) == ({"a": 1}, {"b": "x"}, {"c": 2.0})
    assert isinstance(ints, DictManager)


def test_keys_stand_for_one_object():
    manager = DictManager()
    manager.add_unique_key("a", A)
    manager.add_unique_key("a", A)
    with pytest.raises(ValueError, match="'a' already stands for"):
        manager.add_unique_key("a", B)


def test_values_are_there_once():
    manager = DictManager()
    assert manager.add_unique_value("a", A)
    assert not manager.add_unique_value("b", A)
    assert manager.add_unique_value("c", B)
    manager["d"] = A
    assert list(manager.unique()) == ["a", "c"]
    assert list(manager) == ["a", "c", "d"]
    assert list(manager.unique_()) == ["a", "c"]


@pytest.mark.parametrize(("by", "left"), [("id", ["b"]), ("value", [])])
def test_difference_and_intersection(by, left):
    manager = DictManager(a=A, b=B)
    assert list(manager.difference_by_values([A], by)) == left
    assert list(manager.intersection_by_values([A], by)) == [
        key for key in manager if key not in left
    ]
    manager.pop_by_values([A], by)
    assert list(manager) == left
    with pytest.raises(ValueError, match="not by 'name'"):
        manager.pop_by_values([], "name")


def test_by_keys_and_unions():
    manager = DictManager(a=A, b=B)
    assert list(manager.difference_by_keys("a")) == ["b"]
    assert list(manager.intersection_by_keys("a")) == ["a"]
    assert manager + {"a": 1} == {"a": 1, "b": B}
    assert set(manager.union_by_value_ids({"c": A, "d": [3]})) == {"a", "b", "d"}
    manager.pop_by_keys("a")
    manager.assign({"e": 1}, {"e": 2})
    assert manager.to_dict() == {"b": B, "e": 2}


@pytest.mark.parametrize("kind", [DictManager, DotDict])
def test_both_are_pytrees(kind):
    tree = jax.tree.map(lambda x: x + 1, kind({"b": 1, "a": 2}))
    assert type(tree) is kind
    assert list(tree.items()) == [("b", 2), ("a", 3)]


def test_dots_at_every_depth():
    d = DotDict({"a": {"b": 1}, "l": [{"c": 2}]}, n=3)
    d.a.b = 5
    d.new = {"x": 1}
    assert d["a"]["b"] == 5
    assert d.l[0].c == 2
    assert d.new.x == 1
    assert d.setdefault("n", 9) == 3
    del d.n
    with pytest.raises(AttributeError, match="no 'n'"):
        _ = d.n
    with pytest.raises(AttributeError, match="no 'nn'"):
        del d.nn


def test_dot_dictionaries_merge_and_copy():
    d = DotDict(a={"b": 1})
    shallow, deep = d.copy(), d.deepcopy()
    d.update(a={"c": 2})
    assert d.to_dict() == {"a": {"b": 1, "c": 2}}
    assert shallow.a is d.a
    assert deep.a == {"b": 1}


def test_display_writes_lines(capsys):
    util.display(1, "x")
    assert capsys.readouterr().out == "1\n'x'\n"
