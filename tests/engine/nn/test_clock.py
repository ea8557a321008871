"""Durations in steps, exact where Python knows them."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import environ
from engine.nn._clock import current_step, in_steps, whole_steps


@pytest.mark.parametrize(
    ("duration", "dt", "steps"),
    [
        (5.0 * u.ms, 0.1 * u.ms, 50),
        (0.3 * u.ms, 0.1 * u.ms, 3),
        (1.0 * u.second, 100.0 * u.us, 10_000),
        (0.26 * u.ms, 0.1 * u.ms, 3),
        (2.0, 0.1, 20),
        (1e5 * u.second, 0.1 * u.ms, 10**9),
    ],
)
def test_duration_in_steps(duration, dt, steps):
    with environ.context(dt=dt):
        assert whole_steps(duration) == steps
        traced = jax.jit(lambda d: whole_steps(d))(jax.tree.map(jnp.asarray, duration))
        assert traced == steps
        assert traced.dtype == jnp.int32


def test_arrays_of_durations():
    with environ.context(dt=0.1 * u.ms):
        steps = whole_steps(np.array([0.1, 0.7, 2.0]) * u.ms)
        assert list(steps) == [1, 7, 20]
        assert in_steps(0.325 * u.ms) == pytest.approx(3.25)


def test_step_is_that_of_the_environment_or_of_the_time():
    with environ.context(dt=0.1 * u.ms):
        with environ.context(i=7, t=3.0 * u.ms):
            assert current_step() == 7
        with environ.context(t=3.0 * u.ms):
            assert current_step() == 30
        with pytest.raises(KeyError, match="step counter"):
            current_step()
