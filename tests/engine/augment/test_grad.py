"""Derivatives by States and arguments: the containers mirror what was asked for."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import engine
from engine import ParamState, State, augment, nn

X = jnp.array([0.5, -1.0])


@pytest.fixture
def weights():
    return ParamState(jnp.array([1.0, 2.0])), ParamState(jnp.float32(3.0))


def test_containers_of_the_result_mirror_the_question(weights):
    a, b = weights

    def loss(x, y=2.0):
        return (a.value * x).sum() * b.value * y

    of_a, of_b = 6 * X, 2 * (a.value * X).sum()
    of_x, of_y = 6 * a.value, 3 * (a.value * X).sum()
    cases = [
        (a, None, of_a),
        ([a, b], None, [of_a, of_b]),
        ({"a": a, "n": [b]}, None, {"a": of_a, "n": [of_b]}),
        (None, None, of_x),
        (None, 0, of_x),
        (None, -1, of_y),
        (None, [0], (of_x,)),
        (None, (1, 0), (of_y, of_x)),
        (a, 0, (of_a, of_x)),
        ([a], [0, 1], ([of_a], (of_x, of_y))),
    ]
    for states, argnums, wanted in cases:
        out = augment.grad(loss, states, argnums)(X, 2.0)
        assert jax.tree.structure(out) == jax.tree.structure(wanted)
        jax.tree.map(np.testing.assert_allclose, out, wanted)


def test_value_and_auxiliary_data_come_behind(weights):
    a, _ = weights

    def loss(x):
        y = (a.value * x).sum()
        return y, {"twice": 2 * y}

    make = lambda **kw: augment.grad(loss, a, has_aux=True, **kw)(X)
    slopes, aux = make()
    again, value, same = make(return_value=True)
    np.testing.assert_array_equal(slopes, X)
    np.testing.assert_array_equal(again, X)
    assert value == -1.5
    assert aux["twice"] == same["twice"] == -3.0
    with pytest.raises(TypeError, match=r"has_aux=True for \(loss, data\)"):
        augment.grad(loss, a)(X)
    with pytest.raises(TypeError, match=r"needs to return \(value, auxiliary data\)"):
        augment.grad(lambda x: x.sum(), has_aux=True)(X)


def test_writes_happen_once_and_are_values():
    n, w = State(0), ParamState(jnp.float32(2.0))

    def loss():
        n.value += 1
        return w.value**2

    assert augment.grad(loss, w)() == 4.0
    assert n.value == 1
    assert isinstance(n.value, jax.Array)


def test_a_written_state_gives_the_gradient_by_its_first_value():
    h = State(jnp.float32(2.0))

    def loss():
        h.value = h.value**3
        return 5 * h.value

    assert augment.grad(loss, h)() == 60.0
    assert h.value == 8.0


def test_an_unused_state_has_gradient_zero():
    w = ParamState(jnp.ones(2))
    np.testing.assert_array_equal(augment.grad(lambda: 1.0 * jnp.ones(()), w)(), 0)


def test_gradients_of_models_mirror_their_states():
    model = nn.Sequential(nn.Linear(2, 3), jnp.tanh, nn.Linear(3, 1))
    weights = model.states(ParamState)
    x = jnp.ones((5, 2))

    def pure(values, x):
        for layer in ("layers", 0), ("layers", 2):
            w = values[(*layer, "weight")]
            x = x @ w["weight"] + w["bias"]
            x = jnp.tanh(x) if layer[1] == 0 else x
        return (x**2).sum()

    ours = augment.grad(lambda: (model(x) ** 2).sum(), weights)()
    values = {path: state.value for path, state in weights.items()}
    wanted = jax.grad(pure)(values, x)
    assert ours.keys() == wanted.keys()
    for path in wanted:
        jax.tree.map(
            lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5),
            ours[path],
            wanted[path],
        )


def test_units_divide():
    w = ParamState(2.0 * u.mV)
    slope = augment.grad(lambda t: w.value**2 * t, grad_states=w, argnums=0)
    of_w, of_t = slope(3.0 * u.ms)
    assert u.math.allclose(of_w, 12.0 * u.mV * u.ms)
    assert u.math.allclose(of_t, 4.0 * u.mV**2)


def test_vector_grad_is_the_gradient_of_the_sum():
    a = ParamState(jnp.array([1.0, 2.0]))

    def f(x):
        return {"p": a.value**2 * x, "q": x}

    of_a, of_x = augment.vector_grad(f, a, 0)(X)
    np.testing.assert_allclose(of_a, 2 * a.value * X)
    np.testing.assert_allclose(of_x, a.value**2 + 1)
    slopes, value = augment.vector_grad(f, a, return_value=True)(X)
    np.testing.assert_allclose(value["p"], a.value**2 * X)
    assert slopes.shape == (2,)


@pytest.mark.parametrize("jacobian", [augment.jacrev, augment.jacfwd, augment.jacobian])
def test_jacobians_are_nested_output_first(jacobian):
    w = ParamState({"m": jnp.arange(6.0).reshape(2, 3), "s": jnp.float32(2.0)})

    def f(x):
        return {"y": w.value["s"] * (w.value["m"] @ x)}, x.sum()

    x = jnp.array([1.0, 2.0, 3.0])

    def pure(value, x):
        return {"y": value["s"] * (value["m"] @ x)}, x.sum()

    ours = jacobian(f, w, 0)(x)
    wanted = jax.jacrev(pure, (0, 1))(w.value, x)
    assert jax.tree.structure(ours) == jax.tree.structure(wanted)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-6), ours, wanted)

    def with_aux(x):
        y, aux = f(x)
        return y["y"], aux

    slopes, value, aux = jacobian(with_aux, w, has_aux=True, return_value=True)(x)
    assert (slopes["m"].shape, value.shape, aux) == ((2, 2, 3), (2,), 6.0)


def test_hessian_is_that_of_jax():
    w = ParamState(jnp.array([0.3, -0.7]))
    b = ParamState(jnp.float32(1.1))

    def pure(v):
        return jnp.sin(v["w"]).prod() * v["b"] ** 3 + (v["w"] ** 3).sum()

    ours = augment.hessian(
        lambda: pure({"w": w.value, "b": b.value}), {"w": w, "b": b}
    )()
    wanted = jax.hessian(pure)({"w": w.value, "b": b.value})
    assert jax.tree.structure(ours) == jax.tree.structure(wanted)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5), ours, wanted)


def test_decorators():
    w = ParamState(jnp.float32(2.0))

    @augment.grad(grad_states=w, return_value=True)
    def loss(x):
        """Return a loss."""
        return w.value * x

    assert loss(3.0) == (3.0, 6.0)
    assert loss.__name__ == "loss"


def test_what_has_no_gradient_is_refused():
    with pytest.raises(TypeError, match=r"float32\[2\].*single number"):
        augment.grad(lambda x: x)(X)
    with pytest.raises(TypeError, match=r"grad_states holds 3.0 of type float"):
        augment.grad(lambda x: x, grad_states=[3.0])
    with pytest.raises(TypeError, match="reduce_axes"):
        augment.grad(lambda x: x, reduce_axes=("i",))
    with pytest.raises(TypeError, match="int"):
        augment.grad(lambda x: 1.0 * x)(3)


def test_gradient_through_random_numbers_uses_one_draw():
    w = ParamState(jnp.float32(2.0))
    engine.random.seed(0)
    slope, value = augment.grad(
        lambda: w.value * engine.random.rand(), w, return_value=True
    )()
    assert np.isclose(2 * slope, value)
    engine.random.seed(0)
    assert np.isclose(slope, engine.random.rand())
