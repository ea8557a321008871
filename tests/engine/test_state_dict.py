"""Dictionaries of States."""

import jax.numpy as jnp
import pytest

from engine import HiddenState, ParamState, State, StateDictManager


@pytest.fixture
def states():
    return StateDictManager(w=ParamState(1.0), v=HiddenState(2.0), n=State(3))


def test_values_by_kind(states):
    params, hidden, rest = states.split_values(ParamState, HiddenState)
    assert (params, hidden, rest) == ({"w": 1.0}, {"v": 2.0}, {"n": 3})
    assert states.split_values() == ({"w": 1.0, "v": 2.0, "n": 3},)
    assert states.collect_values() == states.to_dict_values()
    first, _ = states.split(ParamState)
    assert isinstance(first, StateDictManager)


def test_values_are_written_into_the_states(states):
    kept = states["w"]
    states.assign_values({"w": jnp.float32(5.0)}, {"v": State(7.0)})
    assert states["w"] is kept
    assert (kept.value, states["v"].value) == (5.0, 7.0)
    with pytest.raises(KeyError, match="no State 'x'"):
        states.assign_values({"x": 1.0})
