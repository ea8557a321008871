"""Samplers by a formula: ``sample(key, shape, dtype, *parameters)``."""

from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from .._tracing import is_traced
from ._host import standard


def uniform(key: Any, shape: Any, dtype: Any, low: Any, high: Any) -> jax.Array:
    """Draw from [low, high)."""
    found = None if is_traced(low, high) else standard(jr.uniform, key, shape, dtype)
    if found is not None:
        first, last = np.asarray(low), np.asarray(high)
        return jnp.asarray(np.maximum(first, found * (last - first) + first))
    return jr.uniform(key, shape, dtype, minval=low, maxval=high)


def rayleigh(key: Any, shape: Any, dtype: Any) -> jax.Array:
    """Draw the length of a standard normal vector in the plane."""
    return jnp.sqrt(2 * jr.exponential(key, shape, dtype))


def truncated_normal(
    key: Any, shape: Any, dtype: Any, lower: Any, upper: Any, loc: Any, scale: Any
) -> jax.Array:
    """Draw from [lower, upper]; the clip undoes rounding of the rescaling."""
    low, high = (lower - loc) / scale, (upper - loc) / scale
    draw = loc + scale * jr.truncated_normal(key, low, high, shape, dtype)
    return jnp.clip(draw, lower, upper)


def triangular(
    key: Any, shape: Any, dtype: Any, left: Any, mode: Any, right: Any
) -> jax.Array:
    """Invert the cumulative on the side of the mode where the draw falls."""
    left, mode, right = (jnp.broadcast_to(x, shape) for x in (left, mode, right))
    return jr.triangular(key, left, mode, right, shape, dtype)


def gamma(key: Any, shape: Any, dtype: Any, exponent: Any, scale: Any) -> jax.Array:
    """Draw a gamma number of the given scale."""
    return scale * jr.gamma(key, exponent, shape, dtype)


def chisquare(key: Any, shape: Any, dtype: Any, df: Any) -> jax.Array:
    """Draw twice a gamma number of half the degrees of freedom."""
    return 2 * jr.gamma(key, 0.5 * df, shape, dtype)


def noncentral_chisquare(
    key: Any, shape: Any, dtype: Any, df: Any, nonc: Any
) -> jax.Array:
    """Draw the degrees of freedom from a Poisson mixture."""
    k1, k2 = jr.split(key)
    extra = 2 * jr.poisson(k1, 0.5 * nonc, shape).astype(dtype)
    return chisquare(k2, shape, dtype, df + extra)


def noncentral_f(
    key: Any, shape: Any, dtype: Any, dfnum: Any, dfden: Any, nonc: Any
) -> jax.Array:
    """Divide two mean squares."""
    k1, k2 = jr.split(key)
    above = noncentral_chisquare(k1, shape, dtype, dfnum, nonc) / dfnum
    return above / (chisquare(k2, shape, dtype, dfden) / dfden)


def wald(key: Any, shape: Any, dtype: Any, mean: Any, scale: Any) -> jax.Array:
    """Pick one of the two roots; the larger is computed, the smaller divided out."""
    k1, k2 = jr.split(key)
    v = jnp.square(jr.normal(k1, shape, dtype))
    root = jnp.sqrt(4 * mean * scale * v + (mean * v) ** 2)
    larger = mean + 0.5 * mean / scale * (mean * v + root)
    smaller = mean**2 / larger
    u = jr.uniform(k2, shape, dtype)
    return jnp.where(u <= mean / (mean + smaller), smaller, larger)


def weibull(key: Any, shape: Any, dtype: Any, a: Any, scale: Any) -> jax.Array:
    """Invert the cumulative."""
    return scale * jr.exponential(key, shape, dtype) ** (1 / a)


def log_series(key: Any, shape: Any, dtype: Any, p: Any) -> jax.Array:
    """Draw from -p**k / (k ln(1 - p)) by Kemp's algorithm LK (1981)."""
    k1, k2 = jr.split(key)
    tiny = jnp.finfo(dtype).tiny
    v = jr.uniform(k1, shape, dtype, minval=tiny)
    q = -jnp.expm1(jnp.log1p(-p) * jr.uniform(k2, shape, dtype, minval=tiny))
    tail = jnp.maximum(jnp.floor(1 + jnp.log(v) / jnp.log(q)), 1)
    return jnp.where(v <= q * q, tail, jnp.where(v <= q, 2, 1))


def negative_binomial(key: Any, shape: Any, dtype: Any, n: Any, p: Any) -> jax.Array:
    """Draw from a Poisson distribution with a gamma distributed mean."""
    k1, k2 = jr.split(key)
    mean = gamma(k1, shape, dtype, n, (1 - p) / p)
    return jr.poisson(k2, mean, shape)
