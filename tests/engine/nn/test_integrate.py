"""Exponential Euler against solutions, and its units."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import compile, environ, nn, random
from engine.nn._integrate import derivative, exprel


@pytest.mark.parametrize(("precision", "error"), [(32, 5e-7), (64, 2e-15)])
def test_exprel_is_precise_everywhere(precision, error):
    with environ.context(precision=precision):
        x = np.concatenate([np.linspace(-2, 2, 401), [-1e4, -80, -1e-9, 1e-9, 30]])
        x = np.asarray(jnp.asarray(x, environ.dftype())).astype(np.float64)
        x[200] = 1.0  # 0 is tested below
        expected = np.expm1(x) / x
        found = np.asarray(exprel(jnp.asarray(x, environ.dftype())), np.float64)
        assert np.abs(found / expected - 1).max() < error
        assert float(exprel(0.0)) == 1.0


@pytest.mark.parametrize("x", [-1e6, -3.0, -0.25, 0.0, 1e-3, 0.25, 5.0])
def test_exprel_has_the_right_derivative(x):
    exact = 0.5 if x == 0 else (np.exp(x) * (x - 1) + 1) / x**2
    if x == 1e-3:
        exact = 0.5 + x / 3
    assert float(jax.grad(exprel)(x)) == pytest.approx(exact, rel=1e-5, abs=1e-7)


def test_linear_equation_is_exact_for_any_step():
    with environ.context(dt=7.0 * u.ms):
        V = nn.exp_euler_step(lambda V: (5.0 * u.mV - V) / (10.0 * u.ms), 1.0 * u.mV)
    assert V.to_decimal(u.mV) == pytest.approx(5.0 - 4.0 * np.exp(-0.7), rel=1e-6)


def test_nonlinear_equation_converges_with_the_second_order():
    def error(n):
        x = jnp.float32(0.1)
        with environ.context(dt=4.0 / n):
            for _ in range(n):
                x = nn.exp_euler_step(lambda x: x * (1 - x), x)
        exact = 0.1 * np.exp(4) / (1 + 0.1 * np.expm1(4))
        return abs(float(x) - exact)

    assert error(8) / error(16) == pytest.approx(4, rel=0.3)


def test_further_arguments_go_to_the_derivative():
    with environ.context(dt=1.0 * u.ms):
        x = nn.exp_euler_step(lambda x, tau, up: up * x / tau, 2.0, 4.0 * u.ms, up=-1)
    assert float(x) == pytest.approx(2.0 * np.exp(-0.25), rel=1e-6)


def test_step_without_unit_is_an_assertion_error():
    with environ.context(dt=0.1), pytest.raises(AssertionError, match="Set dt"):
        nn.exp_euler_step(lambda x: -x / (1.0 * u.ms), 1.0 * u.mV)


def test_derivative_carries_units():
    value, slope = derivative(lambda V: V * V / u.ms, np.array([3.0]) * u.mV)
    assert value.to_decimal(u.mV**2 / u.ms) == pytest.approx(9.0)
    assert slope.to_decimal(u.mV / u.ms) == pytest.approx(6.0)


def test_step_can_be_differentiated():
    def after(x):
        with environ.context(dt=0.5):
            return nn.exp_euler_step(lambda x: -(x**2), x)

    x, h = 1.3, 1e-2
    numeric = (after(x + h) - after(x - h)) / (2 * h)
    assert float(jax.grad(after)(x)) == pytest.approx(float(numeric), rel=1e-3)


def test_noise_gives_the_variance_of_an_ornstein_uhlenbeck_process():
    # dx = -x/tau dt + s dW from 0: mean 0, variance s^2 tau/2 (1 - exp(-2 t/tau))
    n, tau, s, dt = 20_000, 10.0, 2.0, 0.1
    drift = lambda x, k: -k * x / (tau * u.ms)
    diffusion = lambda x, k: k * s * u.mV / u.ms**0.5

    def step(x, _):
        return nn.exp_euler_step(drift, diffusion, x, 1.0), None

    with environ.context(dt=dt * u.ms), random.seed_context(0):
        x, _ = compile.scan(step, jnp.zeros(n) * u.mV, jnp.arange(150))
    x = np.asarray(x.to_decimal(u.mV))
    variance = s**2 * tau / 2 * (1 - np.exp(-2 * 15.0 / tau))
    assert abs(x.mean()) < 4 * np.sqrt(variance / n)
    # four standard errors, and the step's own error of dt/tau
    assert x.var() == pytest.approx(variance, rel=4 * np.sqrt(2 / n) + dt / tau)


def test_noise_needs_the_root_of_a_time_in_its_unit():
    with environ.context(dt=0.1 * u.ms):
        with pytest.raises(AssertionError, match=r"u\.mV / u\.ms\*\*0\.5"):
            nn.exp_euler_step(lambda x: -x / u.ms, lambda x: 1 * u.mV, 1.0 * u.mV)
        with pytest.raises(TypeError, match="no state is given"):
            nn.exp_euler_step(lambda x: -x, lambda x: x)
