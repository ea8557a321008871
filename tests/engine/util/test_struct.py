"""Dataclasses and dictionaries that are pytrees."""

import dataclasses
import pickle

import jax
import pytest

from engine import util


@util.dataclass
class Point:
    x: float
    name: str = util.field(pytree_node=False, default="p")


class Node(util.PyTreeNode):
    y: float
    label: str = util.field(pytree_node=False)


@pytest.mark.parametrize("point", [Point(1.0, "a"), Node(1.0, "a")])
def test_fields_are_leaves_or_structure(point):
    leaves, structure = jax.tree.flatten(point)
    assert leaves == [1.0]
    assert jax.tree.unflatten(structure, [2.0]) != point
    assert jax.tree.unflatten(structure, leaves) == point
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.x = 3.0


def test_replace_makes_a_copy():
    assert Point(1.0).replace(x=2.0) == Point(2.0)
    assert Node(1.0, "a").replace(label="b") == Node(1.0, "b")
    assert util.dataclass(Point) is Point


def test_the_base_alone_has_no_fields():
    with pytest.raises(TypeError, match="has no fields"):
        util.PyTreeNode(1)


def test_frozen_dict_is_frozen_and_copied():
    inner = {"b": 1}
    frozen = util.FrozenDict({"a": inner}, c=2)
    inner["b"] = 5
    assert frozen["a"]["b"] == 1
    assert isinstance(frozen["a"], util.FrozenDict)
    with pytest.raises(TypeError, match="cannot be set"):
        frozen["c"] = 3
    thawed = frozen.unfreeze()
    thawed["a"]["b"] = 7
    assert frozen["a"]["b"] == 1


def test_frozen_dict_changes_by_copies():
    frozen = util.FrozenDict(a=1, b=2)
    assert dict(frozen.copy({"b": 3})) == {"a": 1, "b": 3}
    rest, value = frozen.pop("a")
    assert value == 1
    assert dict(rest) == {"b": 2}
    assert pickle.loads(pickle.dumps(frozen)) == frozen


def test_frozen_dict_hashes_by_value():
    one, two = util.FrozenDict(a={"b": 1}, c=2), util.FrozenDict(c=2, a={"b": 1})
    assert one == two
    assert hash(one) == hash(two)
    assert one != {"c": 2}


def test_frozen_dict_is_a_pytree():
    frozen = util.FrozenDict(b=2, a={"c": 1})
    assert jax.tree.leaves(frozen) == [1, 2]
    assert jax.tree.map(lambda x: x + 1, frozen)["a"]["c"] == 2
    assert repr(frozen).startswith("FrozenDict({\n    'b': 2,\n    'a': {")
