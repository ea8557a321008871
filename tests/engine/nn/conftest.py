"""How the tests of this folder run models."""

import brainunit as u
import jax.numpy as jnp
import numpy as np
import pytest

import engine
from engine import environ, nn

DT = 0.1 * u.ms


@pytest.fixture
def run():
    """Return `run(step, n, start=0, dt=DT)`: stacked outputs of `step(i)` as numpy."""

    def run(step, n, *, start=0, dt=DT):
        def one(i):
            with environ.context(i=i, t=i * dt):
                return step(i)

        with environ.context(dt=dt):
            out = engine.compile.for_loop(one, jnp.arange(start, start + n))
        return jax_to_numpy(out)

    return run


def jax_to_numpy(out):
    """Copy to numpy, without units."""
    if isinstance(out, (tuple, list)):
        return tuple(jax_to_numpy(part) for part in out)
    if isinstance(out, dict):
        return {name: jax_to_numpy(part) for name, part in out.items()}
    return np.asarray(u.get_mantissa(out))


@pytest.fixture
def ready():
    """Return `ready(*modules)`: initialise the states with the `dt` of the tests."""

    def ready(*modules, dt=DT, batch_size=None):
        args = () if batch_size is None else (batch_size,)
        with environ.context(dt=dt):
            for module in modules:
                nn.init_all_states(module, *args)
        return modules[0] if len(modules) == 1 else modules

    return ready
