"""Splitting, merging, popping and updating."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import ParamState, ShortTermState, State, graph, util


class Model(graph.Node):
    def __init__(self):
        self.w = ParamState(jnp.ones(2))
        self.parts = [ParamState(jnp.zeros(1)), {"v": ShortTermState(jnp.zeros(3))}]
        self.size = 2

    def step(self, x):
        self.parts[1]["v"].value = self.parts[1]["v"].value + x
        return self.w.value * x


def test_split_shares_out_and_merge_joins():
    definition, params, rest = graph.treefy_split(Model(), ParamState, ...)
    assert list(params.to_flat()) == [("parts", 0), ("w",)]
    assert list(rest.to_flat()) == [("parts", 1, "v")]
    again = graph.treefy_merge(definition, params, rest)
    np.testing.assert_array_equal(again.w.value, [1, 1])
    assert again.size == 2


def test_split_needs_filters_that_cover_all():
    with pytest.raises(ValueError, match="no filter matches"):
        graph.treefy_split(Model(), ParamState)


def test_treefy_states_may_leave_some_out():
    params = graph.treefy_states(Model(), ParamState)
    assert len(params.to_flat()) == 2


def test_call_returns_output_and_the_changed_graph():
    split = graph.treefy_split(Model())

    @jax.jit
    def step(split, x):
        return graph.call(split).step(x)

    out, split = step(split, 2.0)
    _, split = step(split, 3.0)
    np.testing.assert_array_equal(out, [2, 2])
    np.testing.assert_array_equal(split[1].parts[1].v.value, [5, 5, 5])


def test_clone_shares_nothing_that_changes():
    model = Model()
    again = graph.clone(model)
    again.w.value = again.w.value + 1
    again.parts.append(1)
    np.testing.assert_array_equal(model.w.value, [1, 1])
    assert len(model.parts) == 2


def test_pop_takes_states_out():
    model = Model()
    v = model.parts[1]["v"]
    popped = graph.pop_states(model, ShortTermState)
    assert popped.parts[1].v is v
    assert model.parts[1] == {}
    assert list(graph.states(model)) == [("parts", 0), ("w",)]
    params, none = graph.pop_states(model, ParamState, State)
    assert len(params.to_flat()) == 2
    assert not none
    assert not hasattr(model, "w")
    assert model.parts[0] is None


def test_pop_takes_every_place_of_a_shared_state():
    model = Model()
    w = model.tied = model.w
    popped = graph.pop_states(model, lambda path, state: state is w)
    assert list(popped.to_flat()) == [("tied",)]
    assert not hasattr(model, "w")


def test_pop_needs_filters_and_places_that_change():
    with pytest.raises(ValueError, match="at least one filter"):
        graph.pop_states(Model())
    model = graph.Node()
    model.fixed = (ParamState(1),)
    with pytest.raises(ValueError, match="in a tuple, which cannot"):
        graph.pop_states(model, ...)


@pytest.mark.parametrize("kind", ["nested", "flat", "states"])
def test_update_changes_in_place(kind):
    model, other = Model(), Model()
    other.w.value = jnp.full(2, 5.0)
    given = {
        "nested": lambda: graph.treefy_states(other),
        "flat": lambda: util.FlattedDict({("w",): jnp.full(2, 5.0)}),
        "states": lambda: graph.states(other),
    }[kind]()
    kept = model.w
    graph.update_states(model, given)
    assert model.w is kept
    np.testing.assert_array_equal(model.w.value, [5, 5])


def test_update_adds_a_state_under_a_new_name():
    model = Model()
    new = ParamState(3)
    graph.update_states(model, {"b": new})
    assert model.b is new


def test_update_refuses_wrong_paths():
    with pytest.raises(ValueError, match="Model has no 'u'"):
        graph.update_states(Model(), {"u": {"v": ParamState(1)}})
    with pytest.raises(ValueError, match=r"\('size',\) is a int"):
        graph.update_states(Model(), {"size": 3})
    with pytest.raises(ValueError, match="not a state"):
        graph.update_states(Model(), {"parts": 3})
