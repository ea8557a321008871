"""Every initializer makes the values it is named for."""

import brainunit as u
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from engine import init

SHAPE = (100, 60)
ALL = {
    "ZeroInit": init.ZeroInit(),
    "Constant": init.Constant(2.0),
    "Identity": init.Identity(3.0),
    "Normal": init.Normal(1.0, 2.0, seed=1),
    "TruncatedNormal": init.TruncatedNormal(1.0, 2.0, lower=0.0, upper=4.0, seed=1),
    "Uniform": init.Uniform(-2.0, 5.0, seed=1),
    "VarianceScaling": init.VarianceScaling(2.0, "fan_out", "normal", seed=1),
    "KaimingUniform": init.KaimingUniform(seed=1),
    "KaimingNormal": init.KaimingNormal(seed=1),
    "XavierUniform": init.XavierUniform(seed=1),
    "XavierNormal": init.XavierNormal(seed=1),
    "LecunUniform": init.LecunUniform(seed=1),
    "LecunNormal": init.LecunNormal(seed=1),
    "Orthogonal": init.Orthogonal(2.0, seed=1),
}
LAWS = {
    "Normal": stats.norm(1, 2),
    "TruncatedNormal": stats.truncnorm(-0.5, 1.5, 1, 2),
    "Uniform": stats.uniform(-2, 7),
    "VarianceScaling": stats.norm(0, np.sqrt(2 / 60)),
    "KaimingUniform": stats.uniform(-np.sqrt(6 / 100), 2 * np.sqrt(6 / 100)),
    "XavierUniform": stats.uniform(-np.sqrt(3 / 80), 2 * np.sqrt(3 / 80)),
    "LecunUniform": stats.uniform(-np.sqrt(3 / 100), 2 * np.sqrt(3 / 100)),
}
VARIANCES = {"KaimingNormal": 2 / 100, "XavierNormal": 1 / 80, "LecunNormal": 1 / 100}


@pytest.mark.parametrize("name", ALL)
def test_shape_dtype_and_repr(name):
    values = ALL[name](SHAPE)
    assert values.shape == SHAPE
    assert values.dtype == jnp.float32
    assert ALL[name](SHAPE, jnp.float16).dtype == jnp.float16
    assert repr(ALL[name]).startswith(f"{name}(")


@pytest.mark.parametrize("name", LAWS)
def test_law(name):
    values = np.asarray(ALL[name](SHAPE), np.float64).ravel()
    assert stats.kstest(values, LAWS[name].cdf).pvalue > 1e-4


@pytest.mark.parametrize("name", VARIANCES)
def test_truncated_weights_have_the_variance_asked_for(name):
    values = np.asarray(ALL[name](SHAPE), np.float64)
    # the standard error of a variance of 6000 draws is 2 %
    assert values.var() == pytest.approx(VARIANCES[name], rel=0.08)
    assert abs(values).max() <= 2 * np.sqrt(VARIANCES[name]) / 0.879 * 1.001


def test_fans_count_the_receptive_field():
    kernel = init.VarianceScaling(1.0, "fan_in", "uniform", seed=1)((3, 3, 10, 40))
    bound = np.sqrt(3 / 90)
    assert 0.99 * bound < float(jnp.abs(kernel).max()) <= bound
    assert init.KaimingNormal()((5,)).shape == (5,)


@pytest.mark.parametrize("shape", [(20, 20), (7, 20), (20, 7), (4, 5, 6)])
@pytest.mark.parametrize("axis", [-1, 0])
def test_orthogonal(shape, axis):
    values = init.Orthogonal(2.0, axis, seed=3)(shape)
    assert values.shape == shape
    matrix = jnp.moveaxis(values, axis, -1).reshape(-1, shape[axis])
    if matrix.shape[0] < matrix.shape[1]:
        matrix = matrix.T
    np.testing.assert_allclose(
        matrix.T @ matrix, 4 * np.eye(matrix.shape[1]), atol=1e-5
    )


def test_delta_orthogonal_keeps_its_length_in_the_middle():
    kernel = init.DeltaOrthogonal(seed=1)((3, 3, 4, 6))
    centre = np.asarray(kernel[1, 1])
    np.testing.assert_allclose(centre @ centre.T, np.eye(4), atol=1e-5)
    assert np.count_nonzero(np.asarray(kernel).any((-1, -2))) == 1
    with pytest.raises(init.InitError, match="as many outputs"):
        init.DeltaOrthogonal()((3, 6, 4))


def test_constants():
    np.testing.assert_array_equal(init.Identity(2.0)(3), 2 * np.eye(3))
    np.testing.assert_array_equal(
        init.Constant(np.arange(3.0))((2, 3)), [[0, 1, 2], [0, 1, 2]]
    )
    assert not init.ZeroInit()(4).any()
    with pytest.raises(init.InitError, match="is no matrix"):
        init.Identity()((2, 2, 2))
    with pytest.raises(init.InitError, match="is no matrix"):
        init.Orthogonal()(3)


WITH_UNIT = [
    (init.ZeroInit(unit=u.mV), 0.0),
    (init.Constant(2.0 * u.mV), 2.0),
    (init.Identity(2.0 * u.mV), 2.0),
    (init.Identity(2.0, unit=u.mV), 2.0),
    (init.Normal(2.0 * u.mV, 0.0 * u.mV), 2.0),
    (init.Normal(2.0, 0.0, unit=u.mV), 2.0),
    (init.Uniform(2.0 * u.mV, 2.0 * u.mV), 2.0),
    (init.TruncatedNormal(2.0 * u.mV, 1e-6 * u.mV), 2.0),
]


@pytest.mark.parametrize(("make", "value"), WITH_UNIT)
def test_units(make, value):
    values = make(1)
    assert float(values.ravel()[0].to_decimal(u.mV)) == pytest.approx(value, abs=1e-4)


def test_random_units_scale():
    values = init.KaimingNormal(unit=u.nS, seed=1)((3, 4))
    np.testing.assert_array_equal(
        values.to_decimal(u.nS), init.KaimingNormal(seed=1)((3, 4))
    )


def test_seed_gives_a_stream_of_its_own():
    first, second = init.Normal(seed=10), init.Normal(seed=10)
    np.testing.assert_array_equal(first(5), second(5))
    assert (first(5) != init.Normal(seed=10)(5)).any()


@pytest.mark.parametrize(
    ("mode", "distribution", "text"),
    [("fan", "normal", "mode is 'fan'"), ("fan_in", "flat", "distribution is 'flat'")],
)
def test_unknown_choice_is_refused(mode, distribution, text):
    with pytest.raises(init.InitError, match=text):
        init.VarianceScaling(1.0, mode, distribution)
