"""Currents of synaptic outputs, and their slopes against finite differences."""

import brainunit as u
import numpy as np
import pytest

from engine import nn

OUTPUTS = {
    "COBA": lambda: nn.COBA(E=-10.0 * u.mV),
    "CUBA": lambda: nn.CUBA(scale=1),
    "CUBA in volt": lambda: nn.CUBA(),
    "MgBlock": lambda: nn.MgBlock(E=0.0 * u.mV),
    "MgBlock, shifted": lambda: nn.MgBlock(E=5.0 * u.mV, V_offset=10.0 * u.mV),
}


@pytest.mark.parametrize("make", OUTPUTS.values(), ids=OUTPUTS.keys())
def test_slope_is_the_derivative_of_the_current(make):
    out = make()
    V = np.linspace(-80.0, 30.0, 12).astype(np.float32)
    out.bind_cond(np.linspace(0.5, 2.0, 12, dtype=np.float32) * u.nS)
    step = 0.05
    up, down = (u.get_mantissa(out((V + side) * u.mV)) for side in (step, -step))
    slope = out.slope(V * u.mV)
    number = 0.0 if slope is None else slope.to_decimal(u.nS)
    if slope is None:
        assert np.array_equal(up, down)
    else:
        assert np.allclose(number, (up - down) / (2 * step), rtol=2e-2, atol=2e-3)


def test_coba_and_cuba_by_hand():
    assert nn.COBA(0.0 * u.mV).update(2.0 * u.nS, -50.0 * u.mV) == 100.0 * u.pA
    assert nn.CUBA(1).update(2.0 * u.pA) == 2.0 * u.pA
    assert nn.CUBA().update(2.0 * u.nS) == 2.0 * u.nA


def test_magnesium_blocks_half_where_jahr_and_stevens_say():
    out = nn.MgBlock(E=0.0 * u.mV, cc_Mg=1.0)
    V = np.log(1.0 / 3.57) / 0.062  # mV
    current = out.update(1.0 * u.nS, V * u.mV)
    assert current.to_decimal(u.pA) == pytest.approx(-V / 2, rel=1e-4)


def test_magnesium_takes_units():
    plain = nn.MgBlock(E=0.0 * u.mV)
    full = nn.MgBlock(
        E=0.0 * u.mV,
        cc_Mg=1.2 * u.mM,
        alpha=0.062 / u.mV,
        beta=3.57 * u.mM,
        V_offset=0.0 * u.mV,
    )
    V = np.array([-70.0, -20.0, 10.0]) * u.mV
    one, other = (out.update(1.0 * u.nS, V).to_decimal(u.pA) for out in (plain, full))
    assert np.allclose(one, other, rtol=1e-6)


def test_without_conductance_it_says_what_to_do():
    out = nn.COBA(0.0 * u.mV)
    with pytest.raises(ValueError, match="COBA: no conductance"):
        out(-50.0 * u.mV)
    out.bind_cond(1.0 * u.nS)
    out.unbind_cond()
    with pytest.raises(ValueError, match="COBA: no conductance"):
        out.slope(-50.0 * u.mV)
