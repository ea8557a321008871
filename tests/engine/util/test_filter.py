"""Filters."""

import pytest

from engine import ParamState, State, catch_new_states, util
from engine.util._filter import AllOf, Not, PathContains, to_predicate

with catch_new_states("new"):
    TAGGED = State(1)
PARAM = ParamState(2)
REF = PARAM.to_state_ref()
PATH = ("a", "b")

ROWS = [
    ("new", [TAGGED], [PARAM, REF, 3]),
    (ParamState, [PARAM, REF], [TAGGED, 3]),
    (State, [PARAM, REF, TAGGED], [3]),
    (..., [PARAM, 3], []),
    (True, [3], []),
    (None, [], [PARAM, 3]),
    (False, [], [PARAM]),
    (lambda path, x: path == PATH, [PARAM], []),
    (["new", ParamState], [TAGGED, PARAM], [3]),
    ((), [], [PARAM]),
    (PathContains("a"), [PARAM], []),
    (PathContains("c"), [], [PARAM]),
    (Not(to_predicate(ParamState)), [TAGGED], [PARAM]),
    (AllOf((to_predicate(State), to_predicate("new"))), [TAGGED], [PARAM]),
]


@pytest.mark.parametrize(("given", "matched", "others"), ROWS)
def test_filters(given, matched, others):
    predicate = util.to_predicate(given)
    assert all(predicate(PATH, x) for x in matched)
    assert not any(predicate(PATH, x) for x in others)


def test_equal_filters_are_equal():
    assert to_predicate(["a", int]) == to_predicate(("a", int))
    assert hash(to_predicate("a")) == hash(to_predicate("a"))


def test_what_is_no_filter_is_refused():
    with pytest.raises(TypeError, match="3 is no filter"):
        util.to_predicate(3)


def test_instances():
    assert util.is_instance_eval(int, str)("x")
    assert not util.not_instance_eval(int, str)("x")
