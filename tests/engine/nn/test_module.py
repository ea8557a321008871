"""Modules: sizes, names, states, and sequences."""

import jax.numpy as jnp
import numpy as np
import pytest

import engine
from engine import nn


class Double(nn.Module):
    """Twice the input."""

    def __init__(self, in_size, out_size=None):
        super().__init__()
        self.in_size = in_size
        self.out_size = in_size if out_size is None else out_size

    def update(self, x):
        """Return it."""
        return 2 * x


class Plus(nn.ElementWiseBlock):
    def update(self, x):
        return x + 1


def test_sizes_become_tuples():
    module = Double(np.int64(3), [2, 4])
    assert module.in_size == (3,)
    assert module.out_size == (2, 4)
    assert nn.Module().in_size is None
    with pytest.raises(ValueError, match=r"Double\.in_size is 'x'"):
        module.in_size = "x"


def test_name_is_kept():
    module = nn.Module(name="first")
    assert module.name == "first"
    module.name = "second"
    assert module.name == "second"
    assert nn.Module().name is None


def test_update_has_to_be_written():
    with pytest.raises(NotImplementedError, match="Module has no update"):
        nn.Module()(1)


def test_states_and_nodes_by_depth_and_filter():
    class Inner(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = engine.ParamState(jnp.zeros(2))

    class Outer(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = Inner()
            self.v = engine.HiddenState(jnp.zeros(3))

    outer = Outer()
    assert set(outer.states()) == {("v",), ("inner", "w")}
    assert set(outer.states(engine.ParamState)) == {("inner", "w")}
    params, rest = outer.states(engine.ParamState, ...)
    assert set(params) | set(rest) == set(outer.states())
    assert set(outer.states(level=0)) == {("v",)}
    assert set(outer.nodes()) == {(), ("inner",)}
    assert set(outer.nodes(Inner)) == {("inner",)}
    tree = outer.state_trees()
    assert tree["inner"]["w"].value.shape == (2,)


def test_sequence_feeds_each_by_the_one_before():
    chain = nn.Sequential(Double(3), Plus(), jnp.cumsum, Double.desc())
    assert chain.in_size == (3,)
    assert chain.out_size == (3,)
    assert np.array_equal(chain(jnp.arange(3.0)), 2 * np.cumsum(2 * np.arange(3.0) + 1))
    assert len(chain) == 4
    assert isinstance(chain[0], Double)
    part = chain[1:3]
    assert np.array_equal(part(jnp.ones(2)), [2.0, 4.0])


def test_description_gets_the_size_of_the_layer_before():
    chain = nn.Sequential(Double(3, 5), Plus(), lambda x: x[..., :2], Double.desc())
    assert chain[3].in_size == (2,)


def test_description_after_an_unknown_size_is_refused():
    with pytest.raises(ValueError, match="layer 1 is a description"):
        nn.Sequential(Plus(), Double.desc())


def test_an_arrow_calls_a_module():
    x = jnp.arange(3.0)
    assert np.array_equal(x >> Double(3) >> Plus(), 2 * x + 1)
    found = engine.compile.jit(lambda x: x >> Double(3) >> Plus())(x)
    assert np.array_equal(found, 2 * x + 1)


def test_the_sparse_layer_is_that_of_event():
    # 0.1.0: an empty class of the same name
    assert nn.CSRLinear is engine.event.CSRLinear
