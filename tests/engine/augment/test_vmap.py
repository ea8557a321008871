"""vmap over arguments, States of nodes, and random numbers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import engine
from engine import (
    HiddenState,
    ParamState,
    ShortTermState,
    State,
    StateTraceStack,
    augment,
    compile,
    graph,
    nn,
    random,
)


class Leaky(nn.Module):
    """A weight that all lanes share, and a variable that each has for itself."""

    def __init__(self, n):
        super().__init__()
        self.w = ParamState(jnp.float32(2.0))
        self.v = HiddenState(jnp.arange(float(n)))

    def update(self, x):
        self.v.value = 0.5 * self.v.value + self.w.value * x
        return self.v.value


AXES = augment.StateAxes({ParamState: None, HiddenState: 0})


def test_axes_of_arguments_and_outputs():
    x, y = jnp.ones((3, 4)), jnp.arange(8.0).reshape(4, 2)
    f = augment.vmap(
        lambda x, y, z: (x.sum() * y, z), in_axes=(1, 0, None), out_axes=(1, None)
    )
    out, z = f(x, y, 5.0)
    np.testing.assert_array_equal(out, 3 * y.T)
    assert z == 5.0
    tree = augment.vmap(lambda d: d["a"] + d["b"], in_axes=({"a": 0, "b": None},))
    np.testing.assert_array_equal(tree({"a": jnp.arange(3), "b": 1}), [1, 2, 3])


def test_states_around_a_function_have_lanes_where_they_are_named():
    model = Leaky(3)
    x = jnp.array([1.0, 2.0, 3.0])
    wanted = 0.5 * np.arange(3.0) + 2 * x
    out = augment.vmap(model, in_states=model.states(HiddenState))(x)
    np.testing.assert_allclose(out, wanted)
    np.testing.assert_allclose(model.v.value, wanted)
    assert model.w.value == 2.0
    # no argument tells how many lanes there are; jit sees what is written
    halve = augment.vmap(lambda: model(0.0), in_states=model.v)
    np.testing.assert_allclose(compile.jit(halve)(), 0.5 * wanted)
    np.testing.assert_allclose(model.v.value, 0.5 * wanted)


def test_states_around_get_lanes_by_the_map():
    a, b = State(jnp.arange(6.0).reshape(2, 3)), State(jnp.float32(0.0))
    shared = State(jnp.float32(10.0))

    def step(x):
        b.value = a.value.sum() + x + shared.value
        a.value = a.value + x

    x = jnp.arange(3.0)
    augment.vmap(step, in_states={1: [a]}, out_states=[b])(x)
    before = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(a.value, before + np.arange(3.0))
    np.testing.assert_allclose(b.value, before.sum(0) + np.arange(3.0) + 10)
    augment.vmap(step, in_states={1: {"a": a}, 0: {"b": b}}, batch_size=2)(x)
    np.testing.assert_allclose(a.value, before + 2 * np.arange(3.0))


def test_lanes_of_states_around_have_gradients_and_random_numbers():
    v, w = State(jnp.arange(3.0)), ParamState(jnp.float32(2.0))

    def step():
        v.value = v.value * w.value + random.rand()
        return v.value

    loss = lambda: augment.vmap(step, in_states=v)().sum()
    np.testing.assert_allclose(augment.grad(loss, w)(), 3.0)
    assert len(set(np.asarray(v.value - 2 * jnp.arange(3.0)).tolist())) == 3


@pytest.mark.parametrize(
    ("states", "text"),
    [
        ({"in_states": [1.0]}, "in_states holds float. Give States"),
        ({"out_states": "v"}, "out_states holds str"),
        ({"in_states": "split"}, r"lanes in axis 0 and in axis 1"),
        ({}, "is not mapped gets another value in every lane: .*out_states"),
        ({"in_states": "short"}, r"lengths \[2, 3\]"),
    ],
)
def test_wrong_states_around_are_refused(states, text):
    v, short = State(jnp.zeros((3, 3))), State(jnp.zeros(2))
    if states.get("in_states") == "split":
        states = {"in_states": v, "out_states": {1: [v]}}
    elif states.get("in_states") == "short":
        states = {"in_states": [short, v]}

    def step(x):
        v.value = v.value + x

    with pytest.raises(ValueError, match=text):
        augment.vmap(step, **states)(jnp.arange(3.0))


def test_states_of_a_node_are_mapped_as_told():
    model = Leaky(3)
    x = jnp.array([1.0, 2.0, 3.0])
    out = augment.vmap(lambda m, x: m(x), in_axes=(AXES, 0))(model, x)
    wanted = 0.5 * np.arange(3.0) + 2 * x
    np.testing.assert_allclose(out, wanted)
    np.testing.assert_allclose(model.v.value, wanted)
    assert model.w.value == 2.0
    with pytest.raises(ValueError, match=r"no filter fits .*'v'.*: None"):
        augment.vmap(
            lambda m: m.v.value, in_axes=augment.StateAxes({ParamState: None})
        )(model)


def test_inside_are_other_objects_that_share_what_was_shared():
    foo = Leaky(3)
    pair = graph.List([foo, foo])
    ids = []

    def f(pair):
        ids.append(id(pair[0]))
        assert pair[0] is pair[1]
        return pair

    back = augment.vmap(f, in_axes=AXES, out_axes=AXES, axis_size=3)(pair)
    assert ids[0] != id(foo)
    assert back is pair
    assert back[0] is foo


def test_a_written_node_is_seen_as_one_write():
    model = Leaky(3)
    with StateTraceStack() as seen:
        augment.vmap(lambda m, x: m(x), in_axes=(AXES, 0), rngs=())(model, jnp.ones(3))
    assert seen.get_write_states() == (model.v,)
    assert seen.get_read_states() == (model.w,)


def test_what_comes_from_outside_is_shared_and_not_to_differ():
    count, w = State(0, name="count"), State(2.0)

    def f(x):
        count.value += 1  # the same in all lanes
        return w.value * x

    np.testing.assert_array_equal(augment.vmap(f)(jnp.arange(3.0)), [0, 2, 4])
    assert count.value == 1

    def broken(x):
        count.value = x

    with pytest.raises(ValueError, match=r"not mapped.*every lane: State 'count'"):
        augment.vmap(broken)(jnp.arange(3.0))
    assert count.value == 1


def test_every_lane_draws_its_own_numbers():
    # 0.1.0: three equal numbers
    random.seed(1)
    drawn = augment.vmap(lambda x: random.rand())(jnp.arange(3))
    assert len(set(np.asarray(drawn).tolist())) == 3
    again = augment.vmap(lambda x: random.rand())(jnp.arange(3))
    assert not set(np.asarray(drawn).tolist()) & set(np.asarray(again).tolist())
    random.seed(1)
    np.testing.assert_array_equal(
        compile.jit(augment.vmap(lambda x: random.rand()))(jnp.arange(3)), drawn
    )
    assert not isinstance(random.DEFAULT.value, jax.core.Tracer)


def test_a_random_state_of_its_own_is_split_too():
    rng = random.RandomState(5)
    drawn = augment.vmap(lambda x: rng.rand())(jnp.arange(4))
    assert len(set(np.asarray(drawn).tolist())) == 4
    noise = augment.vmap(augment.vmap(lambda x: rng.rand()))(jnp.ones((3, 4)))
    assert len(set(np.asarray(noise).ravel().tolist())) == 12


def test_models_made_inside_come_out_with_batched_states():
    def make(x):
        model = nn.Linear(2, 3)
        model.extra = ShortTermState(x)
        return model

    model = augment.vmap(make)(jnp.arange(4.0))
    assert isinstance(model, nn.Linear)
    assert model.weight.value["weight"].shape == (4, 2, 3)
    np.testing.assert_array_equal(model.extra.value, np.arange(4))
    kernels = np.asarray(model.weight.value["weight"]).reshape(4, -1)
    assert len(np.unique(kernels, axis=0)) == 4
    y = augment.vmap(lambda m, x: m(x))(model, jnp.ones((4, 2)))
    assert y.shape == (4, 3)


def test_gradients_by_lane():
    model = Leaky(3)
    x = jnp.array([1.0, 2.0, 3.0])

    def slope(m, x):
        return augment.grad(lambda: m(x) ** 2, grad_states=m.v)()

    out = augment.vmap(slope, in_axes=(AXES, 0))(model, x)
    np.testing.assert_allclose(out, 0.5 * np.arange(3.0) + 2 * x)


def test_a_node_is_mapped_twice():
    model = Leaky(3)
    model.v.value = jnp.arange(12.0).reshape(3, 4)
    x = jnp.ones((3, 4))
    step = lambda m, x: m(x)
    both = augment.vmap(augment.vmap(step, in_axes=(AXES, 0)), in_axes=(AXES, 0))
    wanted = 0.5 * np.arange(12.0).reshape(3, 4) + 2
    np.testing.assert_allclose(both(model, x), wanted)
    np.testing.assert_allclose(model.v.value, wanted)


@pytest.mark.parametrize("batch_size", [1, 2, 3, 7, 8, 100])
def test_groups_of_lanes_give_what_all_lanes_give(batch_size):
    def run(**options):
        random.seed(2)
        model = Leaky(7)
        x = jnp.arange(14.0).reshape(2, 7)

        def f(m, x, y):
            return m(x.sum()), {"x": x * random.rand(), "y": y}, random.rand(3)

        mapped = augment.vmap(
            f, in_axes=(AXES, 1, None), out_axes=(0, {"x": -1, "y": None}, 1), **options
        )
        return mapped(model, x, 3.0), model.v.value, random.rand()

    found, wanted = run(batch_size=batch_size), run()
    jax.tree.map(np.testing.assert_array_equal, found, wanted)


def test_groups_under_jit_and_grad_and_without_an_argument():
    def loss(w):
        lanes = augment.vmap(lambda x: (w * x) ** 2, batch_size=2)(jnp.arange(5.0))
        return lanes.sum()

    gradient = compile.jit(augment.grad(loss, argnums=0))
    assert gradient(3.0) == 2 * 3.0 * 30.0
    random.seed(1)
    wanted = augment.vmap(lambda: random.rand(), axis_size=5)()
    random.seed(1)
    found = augment.vmap(lambda: random.rand(), axis_size=5, batch_size=3)()
    np.testing.assert_array_equal(found, wanted)
    same = augment.vmap(lambda: jnp.ones(2), axis_size=5, batch_size=3)()
    assert same.shape == (5, 2)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"batch_size": 0}, "a group needs 1 lane or more"),
        ({"batch_size": 2, "axis_name": "i"}, "with a named axis"),
    ],
)
def test_groups_that_cannot_be(options, text):
    with pytest.raises(augment.AxesError, match=text):
        augment.vmap(lambda x: x, **options)


def test_named_axes_and_sizes():
    mean = augment.vmap(lambda x: x - jax.lax.pmean(x, "batch"), axis_name="batch")
    np.testing.assert_allclose(mean(jnp.arange(3.0)), [-1, 0, 1])
    assert augment.vmap(lambda: 1.0, axis_size=4)().shape == (4,)
    with pytest.raises(ValueError, match=r"lengths \[2, 3\]"):
        augment.vmap(lambda x, y: x)(jnp.ones(2), jnp.ones(3))
    with pytest.raises(ValueError, match="nothing is mapped"):
        augment.vmap(lambda x: x, in_axes=None)(1.0)
    with pytest.raises(ValueError, match="no prefix"):
        augment.vmap(lambda x: x, in_axes=(0, 0))(jnp.ones(2))


def test_state_axes_compare_and_show():
    axes = augment.StateAxes([(ParamState, 0), (..., None)])
    assert axes == augment.StateAxes({ParamState: 0, ...: None})
    assert hash(axes) == hash(augment.StateAxes({ParamState: 0, ...: None}))
    assert axes != AXES
    assert (axes.filters, axes.axes) == ((ParamState, ...), (0, None))
    assert dict(axes.items()) == {ParamState: 0, ...: None}
    assert "ParamState" in repr(axes)


@pytest.mark.filterwarnings("ignore")  # jax.pmap itself is on its way out
def test_pmap_over_the_one_device():
    model = Leaky(1)
    out = augment.pmap(lambda m, x: m(x), in_axes=(AXES, 0))(model, jnp.ones(1))
    np.testing.assert_array_equal(out, [2.0])
    np.testing.assert_array_equal(model.v.value, [2.0])
    fixed = augment.pmap(lambda x, n: x * n, static_broadcasted_argnums=1)
    np.testing.assert_array_equal(fixed(jnp.ones(1), 3), [3.0])
    with pytest.raises(engine.EngineError, match="donate_argnums"):
        augment.pmap(lambda x: x, donate_argnums=(0,))
