"""States on a mesh of eight devices; run by test_sharding.py in a process of its own."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AxisType, NamedSharding, PartitionSpec as P

import engine
from engine import (
    ParamState,
    State,
    augment,
    checkpoint,
    compile,
    graph,
    nn,
    optim,
)

MESH = jax.make_mesh((8,), ("batch",), axis_types=(AxisType.Auto,))
ROWS, WHOLE = NamedSharding(MESH, P("batch")), NamedSharding(MESH, P())
X = np.linspace(-1, 1, 16, dtype=np.float32)


class Model:
    """A sharded and a replicated State; `sharding` None keeps both on one device."""

    def __init__(self, is_sharded):
        put = jax.device_put if is_sharded else (lambda x, _: jnp.asarray(x))
        self.w = ParamState(put(np.arange(16, dtype=np.float32), ROWS))
        self.b = ParamState(put(np.float32(0.5), WHOLE))
        self.x = put(X, ROWS)

    def __call__(self, x):
        self.w.value = self.w.value + self.b.value * x
        self.b.value = 0.9 * self.b.value
        return (self.w.value**2).mean()


def in_cond(m):
    return compile.cond(m.b.value > 0, m, lambda x: x.sum(), m.x)


def in_while(m):
    return compile.while_loop(lambda y: y < 80.0, lambda y: y + m(m.x), 0.0)


PROGRAMS = {
    "jit": lambda m: compile.jit(m)(m.x),
    "grad": lambda m: augment.grad(m, m.b)(m.x),
    "jit grad": lambda m: compile.jit(augment.grad(m, m.w))(m.x),
    "for_loop": lambda m: compile.for_loop(lambda k: m(k * m.x), jnp.arange(3.0)),
    "scan": lambda m: compile.scan(
        lambda c, k: (c + m(k * m.x), None), 0.0, jnp.arange(3.0)
    )[0],
    "jit for_loop": lambda m: compile.jit(
        lambda x: compile.for_loop(lambda k: m(k * x), jnp.arange(3.0))
    )(m.x),
    "grad for_loop": lambda m: augment.grad(
        lambda x: compile.for_loop(lambda k: m(k * x), jnp.arange(3.0)).sum()
    )(m.x),
    "checkpointed": lambda m: compile.checkpointed_for_loop(
        lambda k: m(k * m.x), jnp.arange(5.0), base=2
    ),
    "cond": in_cond,
    "while_loop": in_while,
    "checkpoint": lambda m: compile.checkpoint(m)(m.x),
    "jacfwd": lambda m: augment.jacfwd(m, m.b)(m.x),
    "vmap": lambda m: augment.vmap(lambda k: m.w.value * k)(m.x),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_values_are_those_of_one_device_and_states_stay_where_they_are(name):
    many, one = Model(is_sharded=True), Model(is_sharded=False)
    for _ in range(2):  # the second call meets what the first has left
        found, wanted = PROGRAMS[name](many), PROGRAMS[name](one)
        np.testing.assert_allclose(found, wanted, rtol=1e-5)
        np.testing.assert_allclose(many.w.value, one.w.value, rtol=1e-6)
        assert many.w.value.sharding == ROWS
        assert many.b.value.sharding.is_equivalent_to(WHOLE, 0)


@pytest.mark.parametrize("place", [ROWS, WHOLE], ids=["rows", "whole"])
def test_a_state_stays_where_it_is_put_whatever_the_arguments_are(place):
    m = Model(is_sharded=True)
    step = compile.jit(m)
    step(m.x)
    m.w.value = jax.device_put(m.w.value, place)
    step(m.x)
    assert m.w.value.sharding == place


def test_shardings_of_arguments_and_output_are_those_asked_for():
    m = Model(is_sharded=True)
    double = compile.jit(
        lambda x, k: (2 * x, k * m.w.value),
        in_shardings=(ROWS, WHOLE),
        out_shardings=(WHOLE, ROWS),
    )
    y, z = double(X, 3.0)
    assert (y.sharding, z.sharding) == (WHOLE, ROWS)
    np.testing.assert_allclose(y, 2 * X)
    np.testing.assert_allclose(z, 3 * np.arange(16.0))
    assert compile.jit(m, in_shardings=ROWS, out_shardings=WHOLE)(X).sharding == WHOLE
    assert m.w.value.sharding == ROWS


def test_units_and_structures_are_put_leaf_by_leaf():
    voltage = jax.device_put(np.zeros(16, np.float32), ROWS) * u.mV
    state = State({"V": voltage, "n": jnp.int32(0)})

    @compile.jit
    def step(x):
        old = state.value
        state.value = {"V": old["V"] + x * u.mV, "n": old["n"] + 1}

    step(jax.device_put(X, WHOLE))
    assert state.value["V"].mantissa.sharding == ROWS
    np.testing.assert_allclose(state.value["V"].to_decimal(u.mV), X)
    assert state.value["n"] == 1


def test_an_axis_in_the_type_traces_again_for_another_sharding():
    mesh = jax.make_mesh((8,), ("batch",), axis_types=(AxisType.Explicit,))
    rows, whole = NamedSharding(mesh, P("batch")), NamedSharding(mesh, P())
    n_traces, state = 0, State(jax.device_put(X, rows))

    @compile.jit
    def step(x):
        nonlocal n_traces
        n_traces += 1
        state.value = jnp.concatenate([state.value[8:], state.value[:8]]) * x
        return jnp.broadcast_to(state.value, (2, 16)).sum()

    with jax.set_mesh(mesh):
        step(2.0)
        assert state.value.sharding.spec == P("batch")
        state.value = jax.device_put(state.value, whole)
        step(2.0)
        assert state.value.sharding.spec == P(None)
    assert n_traces == 2
    np.testing.assert_allclose(state.value, 4 * X)


def test_a_step_of_training_is_that_of_one_device():
    def train(is_sharded):
        engine.random.seed(0)
        model = nn.Linear(4, 2)
        weights = model.states(ParamState)
        optimizer = optim.Momentum(0.1).register_trainable_weights(weights)
        x = np.random.default_rng(1).normal(size=(16, 4)).astype(np.float32)
        if is_sharded:
            x = jax.device_put(x, ROWS)
            for state in graph.states([model, optimizer]).values():
                state.value = jax.device_put(state.value, WHOLE)

        @compile.jit
        def step(x):
            grads = augment.grad(lambda: (model(x) ** 2).mean(), weights)()
            optimizer.update(grads)

        for _ in range(3):
            step(x)
        return graph.states([model, optimizer]).values()

    for many, one in zip(train(True), train(False), strict=True):
        leaves = [jax.tree.leaves(state.value) for state in (many, one)]
        for a, b in zip(*leaves, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5)
            assert a.sharding.is_equivalent_to(WHOLE, a.ndim)


@pytest.mark.parametrize("then", [ROWS, WHOLE, None], ids=["rows", "whole", "one"])
@pytest.mark.parametrize("first", [ROWS, WHOLE, None], ids=["rows", "whole", "one"])
def test_checkpoints_are_read_to_where_the_target_lies(first, then, tmp_path):
    def make(x, place):
        x = jnp.asarray(x) if place is None else jax.device_put(x, place)
        keys = jax.random.split(jax.random.key(int(x[0])), 8)
        if place is not None:
            keys = jax.device_put(keys, place)
        return {"V": State(x * u.mV), "n": State(x), "keys": State(keys)}

    saved, target = make(X + 2, first), make(0 * X, then)
    checkpoint.save(tmp_path / "c", saved)
    assert checkpoint.restore(tmp_path / "c", target).is_complete
    np.testing.assert_array_equal(target["n"].value, X + 2)
    np.testing.assert_array_equal(target["V"].value.mantissa, X + 2)
    data = [jax.random.key_data(s["keys"].value) for s in (saved, target)]
    np.testing.assert_array_equal(*data)
    for value in (target["n"].value, target["V"].value.mantissa, data[1]):
        if then is None:
            assert not value.committed
        else:
            assert value.sharding.is_equivalent_to(then, value.ndim)
