"""Samplers that draw again until they accept, for all elements at once."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr

Proposal = Callable[[jax.Array], tuple[jax.Array, jax.Array]]


def until_accepted(key: jax.Array, shape: Any, dtype: Any, propose: Proposal) -> Any:
    """Repeat ``propose(key) -> (value, accepted)`` until every element has a value."""

    def again(carry: tuple) -> jax.Array:
        return ~jnp.all(carry[2])

    def draw(carry: tuple) -> tuple:
        key, value, done = carry
        key, sub = jr.split(key)
        proposal, accepted = propose(sub)
        value = jnp.where(done, value, proposal)
        return key, value, done | accepted

    start = (key, jnp.zeros(shape, dtype), jnp.zeros(shape, bool))
    return jax.lax.while_loop(again, draw, start)[1]


def von_mises(key: Any, shape: Any, dtype: Any, mu: Any, kappa: Any) -> jax.Array:
    """Draw angles by Best and Fisher's wrapped Cauchy envelope.

    Differences of nearly equal numbers are rewritten (``excess`` is r - 1), so that
    small and large concentrations are exact in single precision too.
    """
    kappa = jnp.maximum(jnp.asarray(kappa, dtype), 1e-6)
    root = jnp.sqrt(1 + 4 * kappa**2)
    tau = 1 + root
    rho = 2 * kappa / (tau + jnp.sqrt(2 * tau))
    gap = ((root - 2 * kappa) + (1 + jnp.sqrt(2 * tau))) / (tau + jnp.sqrt(2 * tau))
    excess = gap**2 / (2 * rho)

    def propose(key: jax.Array) -> tuple[jax.Array, jax.Array]:
        k1, k2, k3 = jr.split(key, 3)
        half = jnp.sin(0.5 * jnp.pi * jr.uniform(k1, shape, dtype)) ** 2
        sum_ = excess + 2 * (1 - half)  # r + cos
        one_minus_f = 2 * excess * half / sum_
        c = kappa * (excess + one_minus_f)
        v = jr.uniform(k2, shape, dtype, minval=jnp.finfo(dtype).tiny)
        accepted = (c * (2 - c) > v) | (jnp.log(c / v) + 1 - c >= 0)
        angle = 2 * jnp.arcsin(jnp.sqrt(jnp.clip(0.5 * one_minus_f, 0, 1)))
        return angle * jr.rademacher(k3, shape, dtype), accepted

    angle = mu + until_accepted(key, shape, dtype, propose)
    return jnp.mod(angle + jnp.pi, 2 * jnp.pi) - jnp.pi


def zipf(key: Any, shape: Any, dtype: Any, a: Any) -> jax.Array:
    """Draw from k**-a by Devroye's method (Non-Uniform Random Variate, X.6.1).

    Draws that do not fit a 32-bit integer are rejected.
    """
    rest = a - 1
    b = 2**rest

    def propose(key: jax.Array) -> tuple[jax.Array, jax.Array]:
        k1, k2 = jr.split(key)
        u = jr.uniform(k1, shape, dtype, minval=jnp.finfo(dtype).tiny)
        x = jnp.floor(u ** (-1 / rest))
        grown = jnp.expm1(rest * jnp.log1p(1 / x))
        v = jr.uniform(k2, shape, dtype)
        fits = (x >= 1) & (x < 2.0**31)
        return x, fits & (v * x * grown * b <= (1 + grown) * (b - 1))

    return until_accepted(key, shape, dtype, propose)


def hypergeometric(
    key: Any, shape: Any, dtype: Any, good: Any, bad: Any, n_drawn: Any
) -> jax.Array:
    """Draw balls one after another, or those left over where they are fewer."""
    good, bad, n_drawn = (jnp.broadcast_to(x, shape) for x in (good, bad, n_drawn))
    left_over = good + bad - n_drawn
    n_turns = jnp.minimum(n_drawn, left_over)

    def turn(i: jax.Array, carry: tuple) -> tuple:
        good_left, total_left = carry
        u = jr.uniform(jr.fold_in(key, i), shape, dtype)
        active = i < n_turns
        hit = active & (u * total_left < good_left)
        return good_left - hit, total_left - active

    n_loops = jnp.max(n_turns, initial=0).astype(jnp.int32)
    good_left, _ = jax.lax.fori_loop(0, n_loops, turn, (good, good + bad))
    return jnp.where(n_drawn <= left_over, good - good_left, good_left)
