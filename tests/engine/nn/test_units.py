"""Numbers in a unit, and what is said about wrong dimensions."""

import brainunit as u
import jax
import jax.numpy as jnp
import pytest

import engine
from engine.nn._units import is_zero, magnitude, ratio, with_unit


def test_magnitude_converts_and_with_unit_is_its_inverse():
    assert magnitude(0.5 * u.volt, u.mV, "V") == pytest.approx(500.0)
    assert magnitude(3.0, u.UNITLESS, "x") == 3.0
    assert magnitude(engine.State(2.0 * u.mV), u.mV, "V") == 2.0
    assert with_unit(magnitude(2.0 * u.mV, u.mV, "V"), u.mV) == 2.0 * u.mV
    assert with_unit(2.0, u.UNITLESS) == 2.0


def test_same_unit_costs_nothing():
    make = jax.make_jaxpr(lambda V: magnitude(V, u.mV, "V"))
    assert not make(jnp.ones(3) * u.mV).eqns


def test_ratio_of_two_durations():
    assert ratio(1.0 * u.second, 10.0 * u.ms, "t") == pytest.approx(100.0)


@pytest.mark.parametrize("value", [1.0 * u.ms, 1.0])
def test_wrong_dimension_names_place_and_units(value):
    with pytest.raises(TypeError, match=r"LIF\.V is given in .*, but mV is needed"):
        magnitude(value, u.mV, "LIF.V")


def test_only_literals_are_known_to_be_zero():
    assert is_zero(0)
    assert is_zero(0.0 * u.mA)
    assert not is_zero(1.0 * u.mA)
    assert not is_zero(jnp.zeros(()))
