"""Types that are asked at run time."""

from typing import Any

import pytest

from engine.typing import Missing, PyTree


@pytest.mark.parametrize(
    ("kind", "value", "is_one"),
    [
        (PyTree, object(), True),
        (PyTree[Any], [1, "x"], True),
        (PyTree[int], {"a": [1, 2]}, True),
        (PyTree[int], {"a": [1, 2.0]}, False),
        (PyTree[list], [[1], [2]], True),
        (PyTree[int, "T"], (1,), True),
        (PyTree[int], None, True),
    ],
)
def test_pytrees_by_their_leaves(kind, value, is_one):
    assert isinstance(value, kind) is is_one


def test_missing_is_one_and_false():
    assert Missing() is Missing()
    assert not Missing()
    assert repr(Missing()) == "Missing()"
