"""What is done to all modules of a tree, and in which order."""

import jax.numpy as jnp
import numpy as np
import pytest

import engine
from engine import nn


class Part(nn.Module):
    """Module that notes when it is initialised."""

    def __init__(self, log, *children):
        super().__init__()
        self.log = log.append
        self.children = list(children)

    def init_state(self, batch_size=1):
        self.v = engine.HiddenState(jnp.zeros(batch_size))
        self.log((type(self).__name__, batch_size))

    def reset_state(self, batch_size=1):
        self.v.value = jnp.zeros(batch_size)


class Late(Part):
    @nn.call_order(5)
    def init_state(self, batch_size=1):
        super().init_state(batch_size)


class Later(Part):
    @nn.call_order(9)
    def init_state(self, batch_size=1):
        super().init_state(batch_size)


def test_lower_levels_first_and_each_once():
    log = []
    shared = Late(log)
    root = Part(log, Later(log, shared), shared, Part(log))
    assert nn.init_all_states(root, 4) is root
    assert [name for name, _ in log] == ["Part", "Part", "Late", "Later"]
    assert {size for _, size in log} == {4}


def test_excluded_modules_are_left_alone():
    log = []
    nn.init_all_states(Part(log, Late(log)), exclude=Late)
    assert [name for name, _ in log] == ["Part"]


@pytest.mark.parametrize("level", [-1, nn.MAX_ORDER])
def test_level_has_bounds(level):
    with pytest.raises(ValueError, match=f"level is {level}"):
        nn.call_order(level)
    nn.call_order(level, check_order_boundary=False)


def tree():
    root = Part([], Part([]), Late([]))
    nn.init_all_states(root)
    return root


def values(root):
    return [float(state.value[0]) for state in root.states().values()]


def test_reset_sets_all_back():
    root = tree()
    for state in root.states().values():
        state.value = state.value + 7
    nn.reset_all_states(root)
    assert values(root) == [0.0] * 3


def test_what_was_saved_can_be_loaded():
    root, other = tree(), tree()
    for n, state in enumerate(root.states().values()):
        state.value = jnp.full(1, n + 1.0)
    assert nn.load_all_states(other, nn.save_all_states(root)) == ([], [])
    assert values(other) == values(root) == [1.0, 2.0, 3.0]


def test_modules_without_saving_of_their_own_are_saved_too():
    # 0.1.0: an AttributeError for Linear
    layer, other = nn.Linear(2, 3), nn.Linear(2, 3)
    assert nn.load_all_states(other, nn.save_all_states(layer)) == ([], [])
    for ours, theirs in zip(
        layer.weight.value.values(), other.weight.value.values(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_load_tells_what_did_not_fit():
    root = tree()
    saved = nn.save_all_states(root)
    name = next(path for path in saved if path)
    saved["nowhere"] = {"v": 0}
    del saved[name]
    assert nn.load_all_states(root, saved) == (["nowhere"], [name])


def test_modules_may_save_in_their_own_way():
    class Own(Part):
        def save_state(self):
            return "mine"

        def load_state(self, saved):
            self.loaded = saved

    root = Own([])
    nn.init_all_states(root)
    saved = nn.save_all_states(root)
    assert saved == {"": "mine"}
    nn.load_all_states(root, saved)
    assert root.loaded == "mine"


def test_values_are_assigned_by_path():
    root = tree()
    paths = list(root.states())
    given = {paths[0]: jnp.full(1, 5.0), ("no", "where"): 1.0}
    more = {paths[1]: engine.State(jnp.full(1, 6.0))}
    unexpected, missing = nn.assign_state_values(root, given, more)
    assert unexpected == [("no", "where")]
    assert missing == [paths[2]]
    assert np.allclose(values(root), [5.0, 6.0, 0.0])
