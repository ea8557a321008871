"""Descriptions are the same only if every number in them is."""

import brainunit as u
import jax.numpy as jnp
import numpy as np
import pytest

from engine import init, nn
from engine.nn._identity import fingerprint

LONG = np.linspace(0.0, 1.0, 5000)
OTHER = LONG.copy()
OTHER[2500] += 1e-9


def function(shape):
    return jnp.zeros(shape)


SAME = [
    (lambda: nn.Expon.desc(tau=5.0 * u.ms), "scalar quantity"),
    (lambda: nn.Expon.desc(3, tau=LONG.copy() * u.ms), "long array"),
    (lambda: nn.Expon.desc(g_initializer=init.ZeroInit(unit=u.nS)), "initializer"),
    (lambda: nn.Expon.desc(g_initializer=function), "function"),
    (lambda: [1, {"a": jnp.ones(2)}, None, "x"], "containers"),
]

DIFFERENT = [
    (nn.Expon.desc(tau=5.0 * u.ms), nn.Expon.desc(tau=6.0 * u.ms)),
    (nn.Expon.desc(tau=5.0 * u.ms), nn.Expon.desc(tau=5.0 * u.second)),
    (nn.Expon.desc(tau=5.0 * u.ms), nn.Alpha.desc(tau=5.0 * u.ms)),
    (nn.Expon.desc(tau=LONG), nn.Expon.desc(tau=OTHER)),
    (init.ZeroInit(unit=u.nS), init.ZeroInit(unit=u.mS)),
    (np.zeros(2, np.float32), np.zeros(2, np.float64)),
    (np.zeros((2, 1)), np.zeros((1, 2))),
    (1, True),
    (lambda shape: 0, lambda shape: 0),
]


@pytest.mark.parametrize("make", [m for m, _ in SAME], ids=[name for _, name in SAME])
def test_made_twice_is_the_same(make):
    assert fingerprint(make()) == fingerprint(make())
    hash(fingerprint(make()))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_one_difference_is_enough(one, other):
    assert fingerprint(one) != fingerprint(other)
