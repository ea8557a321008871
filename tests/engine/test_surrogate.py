"""Every surrogate spikes like the Heaviside step and slopes like its curve."""

import inspect
import re

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.differentiate import derivative

from engine import augment, surrogate

CURVES = sorted(surrogate.Surrogate.__subclasses__(), key=lambda curve: curve.__name__)
each_curve = pytest.mark.parametrize("cls", CURVES, ids=lambda c: c.__name__)
# Off every kink of every default curve (0, +-1), and far out.
POINTS = np.array([-30.0, -2.3, -0.7, -0.2, -0.01, 0.01, 0.2, 0.7, 2.3, 30.0])


def function_of(cls):
    name = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=^Q)(?=[A-Z])", "_", cls.__name__).lower()
    return getattr(surrogate, name)


def test_there_are_eighteen_curves():
    assert len(CURVES) == 18


@each_curve
def test_forward_is_the_heaviside_step(cls):
    x = jnp.array([-jnp.inf, -1.0, -1e-30, 0.0, 1e-30, 1.0, jnp.inf])
    np.testing.assert_array_equal(cls()(x), [0, 0, 0, 1, 1, 1, 1])
    assert cls()(x.astype(jnp.float16)).dtype == jnp.float16
    assert jnp.issubdtype(cls()(jnp.arange(-1, 2)).dtype, jnp.floating)


@each_curve
def test_gradient_is_the_derivative_of_the_curve(cls):
    curve = cls()
    with jax.enable_x64(True):
        fun = jax.jit(curve.surrogate_fun)

        def g(x):
            return np.asarray(fun(jnp.asarray(x, jnp.float64)))

        wanted = derivative(g, POINTS, initial_step=1e-3, order=6).df
        got = jax.jit(jax.vmap(jax.grad(curve)))(jnp.asarray(POINTS))
        np.testing.assert_allclose(got, wanted, rtol=2e-6, atol=1e-9)


@each_curve
def test_every_transformation_agrees(cls):
    spike, x = cls(), jnp.asarray(POINTS, jnp.float32)
    slope = spike.surrogate_grad(x)
    assert np.isfinite(slope).all()
    _, forward = jax.jvp(spike, (x,), (jnp.full_like(x, 2.0),))
    np.testing.assert_allclose(forward, 2.0 * slope, rtol=1e-6)
    backward = jax.jit(jax.vmap(jax.grad(spike)))(x)
    np.testing.assert_allclose(backward, slope, rtol=1e-5, atol=1e-30)
    assert np.isfinite(jax.grad(spike)(0.0))


@each_curve
def test_parameters_may_be_traced(cls):
    # a rule that held on to a traced parameter would run when its trace is over
    fields = vars(cls())
    names = [k for k, v in fields.items() if isinstance(v, float)]
    values = [fields[k] for k in names]
    x = jnp.asarray(POINTS, jnp.float32)
    wanted = cls().surrogate_grad(x)

    def f(x, *values):
        return function_of(cls)(x, **dict(zip(names, values, strict=True)))

    mapped = jax.vmap(jax.grad(f), in_axes=(0, *[None] * len(values)))
    for slope in (mapped, jax.jit(mapped), augment.vector_grad(f)):
        np.testing.assert_allclose(slope(x, *values), wanted, rtol=1e-5, atol=1e-30)


@each_curve
def test_function_is_the_class(cls):
    function, x = function_of(cls), jnp.asarray(POINTS, jnp.float32)
    assert list(inspect.signature(function).parameters)[1:] == list(
        inspect.signature(cls).parameters
    )
    first = next(iter(inspect.signature(cls).parameters))
    changed = {first: 3}
    np.testing.assert_array_equal(function(x, **changed), cls(**changed)(x))
    np.testing.assert_allclose(
        jax.grad(lambda v: function(v, **changed).sum())(x),
        cls(**changed).surrogate_grad(x),
    )


@each_curve
def test_equal_parameters_are_equal_and_hash_alike(cls):
    first = next(iter(inspect.signature(cls).parameters))
    assert cls() == cls()
    assert hash(cls()) == hash(cls())
    assert cls() != cls(**{first: 3})
    jitted = jax.jit(lambda spike, x: spike(x), static_argnums=0)
    assert jitted(cls(), 1.0) == 1.0


def test_slope_at_threshold_has_its_published_value():
    for spike, wanted in [
        (surrogate.Sigmoid(4.0), 1.0),
        (surrogate.PiecewiseQuadratic(2.0), 2.0),
        (surrogate.PiecewiseExp(3.0), 1.5),
        (surrogate.Arctan(2.0), 1.0),
        (surrogate.ERF(1.0), 1 / np.sqrt(np.pi)),
        (surrogate.ReluGrad(0.3, 2.0), 0.6),
        (surrogate.SlayerGrad(5.0), 1.0),
        (surrogate.InvSquareGrad(100.0), 1.0),
        (surrogate.GaussianGrad(0.5, 0.5), 1 / np.sqrt(2 * np.pi)),
    ]:
        assert jax.grad(spike)(0.0) == pytest.approx(wanted, rel=1e-6)


def test_own_surrogate_needs_only_a_derivative_and_may_trace_its_parameters():
    class Box(surrogate.Surrogate):
        def __init__(self, width):
            self.width = width

        def surrogate_grad(self, x):
            return jnp.asarray(jnp.abs(x) < self.width, x.dtype)

    @jax.jit
    def slope(width):
        return jax.grad(Box(width))(0.4)

    assert slope(0.5) == 1.0
    assert slope(0.3) == 0.0
    assert jax.grad(lambda alpha: surrogate.Sigmoid(alpha)(0.3))(4.0) == 0.0
    with pytest.raises(TypeError, match="Box has no curve"):
        Box(1.0).surrogate_fun(0.0)


def test_units_must_cancel():
    assert surrogate.Sigmoid()((2.0 * u.mV) / (1.0 * u.mV)) == 1.0
    with pytest.raises(TypeError, match="unitless distance"):
        surrogate.Sigmoid()(2.0 * u.mV)
