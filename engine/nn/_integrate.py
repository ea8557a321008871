"""Exponential Euler steps."""

from __future__ import annotations

import math
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp

from .. import environ, random
from ._errors import StepUnitError
from ._units import magnitude, with_unit

SMALL = 0.25  # from here on `exp(x) - 1` loses no more than two bits


@jax.jit
def exprel(x):
    """Return `(exp(x) - 1) / x`, which is 1 at 0, to the precision of `x`.

    Near 0 a polynomial stands in for `expm1`, which costs more than all the rest of
    a neuron's step. It is a call in the jaxpr, for native steps have a form of their
    own, known by this name.
    """
    x = jnp.asarray(x)
    degree = 12 if x.dtype == jnp.float64 else 5
    near = jnp.clip(x, -SMALL, SMALL)
    series = 1 / math.factorial(degree + 1)
    for k in range(degree, 0, -1):
        series = series * near + 1 / math.factorial(k)
    is_near = jnp.abs(x) < SMALL
    return jnp.where(is_near, series, (jnp.exp(x) - 1) / jnp.where(is_near, 1, x))


def derivative(fn, state):
    """Return `fn(state)` and its elementwise derivative, both with units."""
    state = jax.tree.map(jnp.asarray, state)
    ones = jax.tree.map(jnp.ones_like, state)
    value, tangent = jax.jvp(fn, (state,), (ones,))
    unit = u.get_unit(value) / u.get_unit(state)
    slope = u.get_mantissa(tangent)
    return value, with_unit(slope, unit)


def exp_euler_step(fn, *args, **kwargs):
    r"""Advance `dx = f(x, ...) dt + g(x, ...) dW` by one time step.

    .. math:: x_{n+1} = x_n + dt \, \varphi(dt \, f'(x_n)) \, f(x_n)
              + g(x_n) \sqrt{dt} \, \xi_n, \qquad \varphi(z) = (e^z - 1) / z

    Exact where there is no noise and `f` is linear in `x` with constant coefficients.
    The noise :math:`\xi_n`, of mean 0 and variance 1 for each number of the state, is
    that of an Euler-Maruyama step.

    Parameters
    ----------
    fn : callable
        Drift `f`; elementwise in its first argument.
    *args, **kwargs
        The state `x`, or diffusion `g`, a callable, and then the state; state and all
        that follows it go to both functions. The unit of `g` is that of the state
        divided by the root of a time.

    Returns
    -------
    array or Quantity
        The state one `dt` later, in the unit of `x`.

    Raises
    ------
    StepUnitError
        If `dt * f(x)` or `sqrt(dt) * g(x)` has another dimension than `x`.
    TypeError
        If no state is given.

    References
    ----------
    Hochbruck & Ostermann, Exponential integrators, Acta Numerica (2010), eq. 1.5;
    Kloeden & Platen, Numerical Solution of Stochastic Differential Equations (1992),
    eq. 10.2.4.
    """
    diffusion: Any = None
    if args and callable(args[0]):
        diffusion, *args = args
    if not args:
        raise TypeError(
            "exp_euler_step: no state is given. Call it as exp_euler_step(drift, x, ...) "
            "or exp_euler_step(drift, diffusion, x, ...)."
        )
    state, *rest = args
    dt = environ.get_dt()
    value, slope = derivative(lambda x: fn(x, *rest, **kwargs), state)
    unit = u.get_unit(state)
    change = dt * value
    if not u.get_unit(change).has_same_dim(unit):
        raise StepUnitError(
            f"exp_euler_step: dt is in {u.get_unit(dt)} and the derivative in "
            f"{u.get_unit(value)}, so a step is in {u.get_unit(change)}, but the state "
            f"is in {unit}. Set dt with a time unit, or run the model without units."
        )
    phi = exprel(magnitude(dt * slope, u.UNITLESS, "dt times the slope"))
    moved = u.get_mantissa(state) + magnitude(change, unit, "the step") * phi
    if diffusion is not None:
        spread = diffusion(*args, **kwargs) * u.math.sqrt(dt)
        if not u.get_unit(spread).has_same_dim(unit):
            raise StepUnitError(
                f"exp_euler_step: the diffusion times sqrt(dt) is in "
                f"{u.get_unit(spread)}, but the state is in {unit}. Give the diffusion "
                "in the unit of the state divided by the root of a time, such as "
                "`1.0 * u.mV / u.ms**0.5`."
            )
        noise = random.randn_like(moved)
        moved = moved + magnitude(spread, unit, "the diffusion") * noise
    return u.Quantity(moved, unit=unit) if isinstance(state, u.Quantity) else moved
