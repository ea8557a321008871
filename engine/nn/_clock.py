"""Time as an integer: the step counter, and durations in steps."""

from __future__ import annotations

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from .. import environ
from .._tracing import is_traced
from ._units import ratio, value_of

WHOLE = 1e-4  # steps; a duration this close to a whole number of steps is one


def current_step():
    """Return the integer step counter: `i` of the environment, else `t / dt`."""
    step = environ.get("i", None)
    if step is not None:
        return step
    t = environ.get("t", desc="the time, or give the step counter `i`")
    return _rounded(ratio(t, environ.get_dt(), "the time `t` of the environment"))


def in_steps(duration, where: str = "a duration"):
    """Return `duration / dt`, not rounded: numpy float64 unless traced."""
    dt = environ.get_dt()
    duration = value_of(duration)
    if is_traced((duration, dt)):
        return ratio(duration, dt, where)
    return ratio(_host(duration), _host(dt), where)


def whole_steps(duration, where: str = "a duration"):
    """Return `duration / dt` rounded to the nearest integer, int32 if an array."""
    return _rounded(in_steps(duration, where))


def _host(value):
    """Copy the numbers of a concrete quantity to numpy, in double precision."""
    return jax.tree.map(lambda x: np.asarray(x, np.float64), value)


def _rounded(steps):
    if isinstance(steps, (jax.Array, Tracer)):
        return jnp.round(steps).astype(jnp.int32)
    steps = np.rint(np.asarray(steps)).astype(np.int32)
    return int(steps) if steps.ndim == 0 else steps


def time_of(step):
    """Return the time at which `step` begins."""
    return step * environ.get_dt()


def dt_is_unitless() -> bool:
    """Tell whether the model runs without units."""
    return not isinstance(environ.get_dt(), u.Quantity)
