"""State: one value, seen when read and written; equal to itself only."""

import copy
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import engine
from engine import (
    HiddenState,
    LongTermState,
    ParamState,
    ShortTermState,
    State,
    StateTraceStack,
    TreefyState,
    catch_new_states,
    check_state_jax_tracer,
    check_state_value_tree,
)

KINDS = [State, ShortTermState, LongTermState, HiddenState, ParamState]


def test_kinds_derive_from_each_other():
    assert issubclass(HiddenState, ShortTermState)
    assert issubclass(ParamState, LongTermState)


@pytest.mark.parametrize("kind", KINDS)
def test_states_hash_and_compare_by_identity(kind):
    # 0.1.0: unhashable, and `==` of arrays raised
    a, b = kind(jnp.ones(3)), kind(jnp.ones(3))
    assert a == a
    assert a != b
    assert len({a, b, a}) == 2


def test_a_state_never_holds_a_state():
    inner = State(3)
    assert State(inner).value == 3
    with pytest.raises(ValueError, match=r"'w'.*itself a State.*other\.value"):
        State(1, name="w").value = inner
    with pytest.raises(ValueError, match="itself a State"):
        State(1).restore_value(inner)


def test_ways_to_read_and_write():
    state = State(1.0)
    state.value = 2.0
    state.write_value(3.0)
    state.restore_value(4.0)
    assert state.value_call(lambda x: x + 1) == 5.0
    assert state.value == 4.0
    assert State({"a": 1, "b": 2}).value_call(lambda x: -x) == {"a": -1, "b": -2}


def test_trees_are_checked_where_asked():
    state = State({"a": 1})
    state.value = [1]
    with check_state_value_tree(), pytest.raises(ValueError, match="structure"):
        state.value = {"a": 1}
    with check_state_value_tree():
        state.value = [2]
        with check_state_value_tree(False):
            state.value = {"b": 3}
    with pytest.raises(ValueError, match="structure"):
        state.restore_value(0)


def test_writes_of_foreign_traces_are_refused_where_asked():
    state = State(jnp.float32(0.0), name="v")

    def f(x):
        state.value = x
        return x

    with check_state_jax_tracer():
        with pytest.raises(
            engine.TraceContextError, match=r"'v' \(State\), made at .*test_state"
        ):
            jax.jit(f)(1.0)
        assert engine.compile.jit(f)(1.0) == 1.0  # knows States
    jax.jit(f)(2.0)


def test_metadata_goes_along():
    state = ParamState(1.0, name="w", unit_of="mV")
    assert state.unit_of == "mV"
    for other in (state.copy(), state.replace(2.0), state.to_state_ref().to_state()):
        assert type(other) is ParamState
        assert (other.name, other.unit_of) == ("w", "mV")
        assert other is not state
    assert state.replace(name="u").name == "u"
    taken = state.replace(ParamState(5.0, name="other"))
    assert (taken.value, taken.name) == (5.0, "other")
    with pytest.raises(ValueError, match="needs to be a ParamState"):
        state.replace(HiddenState(1.0))


def test_a_state_knows_where_it_was_made():
    assert State(1).source_info.filename == __file__
    assert "test_state" in State(1).source_info.filename


def test_the_pytree_form():
    state = ParamState({"w": jnp.ones(2)}, name="w")
    form = state.to_state_ref()
    assert isinstance(form, TreefyState)
    doubled = jax.tree.map(lambda x: 2 * x, form)
    assert doubled.type is ParamState
    state.update_from_ref(doubled)
    np.testing.assert_array_equal(state.value["w"], [2, 2])
    assert form == form.copy()
    assert form != doubled
    assert hash(form) == hash(doubled)
    assert jax.tree.leaves(state) == [state]  # the State itself is a leaf
    assert "ParamState" in repr(form)


def test_new_states_are_caught():
    with catch_new_states("outer") as outer:
        a = State(1)
        with catch_new_states() as inner:
            b = State(2)
    c = State(3)
    assert outer == [a, b]
    assert inner == [b]
    assert (a.tag, b.tag, c.tag) == ("outer", "outer", None)
    with pytest.raises(TypeError, match="tag is 3"), catch_new_states(3):
        pass


def test_copies_and_pickles_are_states_of_their_own():
    state = ParamState(jnp.arange(3.0), name="w")
    for other in (copy.copy(state), copy.deepcopy(state)):
        assert other != state
        np.testing.assert_array_equal(other.value, state.value)
    loaded = pickle.loads(pickle.dumps(state))
    np.testing.assert_array_equal(loaded.value, state.value)
    assert loaded.name == "w"


def test_a_trace_notes_reads_writes_and_first_values():
    a, b, c = State(1), State(2), State(3)
    with StateTraceStack() as seen:
        a.value, b.value  # noqa: B018
        b.value = 20
        c.value = 30
        State(4).value = 5  # made inside: noted like any other
    assert seen.states[:3] == [a, b, c]
    assert seen.been_writen[:3] == [False, True, True]
    assert seen.get_read_states() == (a,)
    assert seen.get_write_states()[:2] == (b, c)
    assert seen.get_read_states(replace_writen=True)[:3] == (a, None, None)
    assert seen.get_write_state_values(replace_read=True)[:3] == (None, 20, 30)
    assert seen.original_state_values[:3] == (1, 2, 3)
    assert seen.get_state_values()[:3] == (1, 20, 30)
    written, read = seen.get_state_values(separate=True)
    assert (written[:2], read) == ((20, 30), (1,))
    seen.recovery_original_values()
    assert (b.value, c.value) == (2, 3)


def test_traces_merge():
    a, b = State(1), State(2)
    with StateTraceStack() as first:
        a.value  # noqa: B018
    with StateTraceStack() as second:
        a.value = 5
        b.value  # noqa: B018
    both = first + second
    assert both.states == [a, b]
    assert both.been_writen == [True, False]
    assert both.original_state_values == (1, 2)
    assert first.been_writen == [False]


def test_a_trace_can_give_states_other_values():
    a = State(1)
    with StateTraceStack(lambda state: state.poke(10)) as seen:
        assert a.value == 10
        a.value = 11
    seen.recovery_original_values()
    assert a.value == 1
