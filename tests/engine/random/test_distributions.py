"""Every distribution follows its law, as scipy states it."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from engine import random

N = 20_000
# One wrong alarm in 10^4 for each of the fixed seeds; a wrong law gives p = 0.
LEVEL = 1e-4


def shifted(distribution, low, high, loc=0, scale=1):
    return distribution((low - loc) / scale, (high - loc) / scale, loc, scale)


CONTINUOUS = {
    "rand": ((N,), {}, stats.uniform()),
    "random": ((), {}, stats.uniform()),
    "randn": ((N,), {}, stats.norm()),
    "standard_normal": ((), {}, stats.norm()),
    "standard_cauchy": ((), {}, stats.cauchy()),
    "standard_exponential": ((), {}, stats.expon()),
    "maxwell": ((), {}, stats.maxwell()),
    "uniform": ((-2.0, 5.0), {}, stats.uniform(-2, 7)),
    "normal": ((-55.0, 5.0), {}, stats.norm(-55, 5)),
    "gumbel": ((1.0, 2.0), {}, stats.gumbel_r(1, 2)),
    "laplace": ((1.0, 2.0), {}, stats.laplace(1, 2)),
    "logistic": ((1.0, 2.0), {}, stats.logistic(1, 2)),
    "exponential": ((3.0,), {}, stats.expon(scale=3)),
    "rayleigh": ((2.0,), {}, stats.rayleigh(scale=2)),
    "truncated_normal": (
        (-1.0, 4.0),
        {"loc": 1.0, "scale": 2.0},
        shifted(stats.truncnorm, -1, 4, 1, 2),
    ),
    "triangular": ((), {"left": 1, "mode": 2, "right": 5}, stats.triang(0.25, 1, 4)),
    "lognormal": ((0.5, 0.7), {}, stats.lognorm(0.7, scale=np.exp(0.5))),
    "beta": ((2.0, 0.5), {}, stats.beta(2, 0.5)),
    "gamma": ((2.5, 3.0), {}, stats.gamma(2.5, scale=3)),
    "loggamma": ((2.0,), {}, stats.loggamma(2)),
    "chisquare": ((3.0,), {}, stats.chi2(3)),
    "noncentral_chisquare": ((3.0, 2.0), {}, stats.ncx2(3, 2)),
    "f": ((4.0, 8.0), {}, stats.f(4, 8)),
    "noncentral_f": ((4.0, 8.0, 3.0), {}, stats.ncf(4, 8, 3)),
    "standard_t": ((4.0,), {}, stats.t(4)),
    "pareto": ((3.0,), {}, stats.pareto(3)),
    "power": ((3.0,), {}, stats.powerlaw(3)),
    "vonmises": ((0.5, 2.0), {}, stats.vonmises(2, loc=0.5)),
    "wald": ((2.0, 3.0), {}, stats.invgauss(2 / 3, scale=3)),
    "weibull_min": ((1.5, 2.0), {}, stats.weibull_min(1.5, scale=2)),
}
DISCRETE = {
    "randint": ((-2, 7), {}, stats.randint(-2, 7)),
    "random_integers": ((1, 6), {}, stats.randint(1, 7)),
    "bernoulli": ((0.3,), {}, stats.bernoulli(0.3)),
    "poisson": ((3.5,), {}, stats.poisson(3.5)),
    "binomial": ((10, 0.3), {}, stats.binom(10, 0.3)),
    "geometric": ((0.3,), {}, stats.geom(0.3)),
    "negative_binomial": ((3, 0.4), {}, stats.nbinom(3, 0.4)),
    "hypergeometric": ((8, 10, 7), {}, stats.hypergeom(18, 8, 7)),
    "logseries": ((0.7,), {}, stats.logser(0.7)),
    "zipf": ((2.5,), {}, stats.zipf(2.5)),
}


def draw(name, args, kwargs):
    size = {} if name in ("rand", "randn") else {"size": (N // 4, 4)}
    sample = jax.jit(
        lambda key: getattr(random, name)(*args, **kwargs, **size, key=key)
    )
    return np.asarray(sample(jax.random.key(3))).ravel()


@pytest.mark.parametrize("name", CONTINUOUS)
def test_continuous_law(name):
    args, kwargs, law = CONTINUOUS[name]
    x = draw(name, args, kwargs)
    assert x.dtype == np.float32
    assert stats.kstest(x.astype(np.float64), law.cdf).pvalue > LEVEL


@pytest.mark.parametrize("name", DISCRETE)
def test_discrete_law(name):
    args, kwargs, law = DISCRETE[name]
    x = draw(name, args, kwargs)
    assert x.dtype in (np.int32, np.bool_)
    values = np.arange(law.ppf(1e-9), 1 + law.ppf(1 - 1e-6))
    expected = N * law.pmf(values)
    seen = np.array([np.count_nonzero(x == v) for v in values])
    rare = expected < 10
    expected = np.append(expected[~rare], N - expected[~rare].sum())
    seen = np.append(seen[~rare], N - seen[~rare].sum())
    if expected[-1] < 10:
        expected, seen = expected[:-1], seen[:-1]
        expected *= seen.sum() / expected.sum()
    assert stats.chisquare(seen, expected).pvalue > LEVEL


def test_vonmises_is_exact_when_flat_and_when_narrow():
    for kappa in (1e-3, 0.1, 50.0, 1e4):
        x = draw("vonmises", (0.0, kappa), {})
        assert stats.kstest(x, stats.vonmises(kappa).cdf).pvalue > LEVEL


def test_hypergeometric_of_whole_urn_is_certain():
    np.testing.assert_array_equal(random.hypergeometric(5, [2, 0], [7, 5]), [5, 5])


def test_multinomial_counts_all_balls():
    x = random.multinomial(100, (0.5, 0.2, 0.3), size=(500,), key=1)
    assert x.shape == (500, 3)
    np.testing.assert_array_equal(x.sum(-1), 100)
    # mean of 500 draws: standard error below 0.23
    np.testing.assert_allclose(x.mean(0), [50, 20, 30], atol=1.0)


def test_multinomial_broadcasts_balls_and_boxes():
    x = random.multinomial(np.array([[3], [100]]), np.full((5, 3), 1 / 3), key=1)
    assert x.shape == (2, 5, 3)
    np.testing.assert_array_equal(x.sum(-1), [[3] * 5, [100] * 5])


def test_dirichlet_and_categorical_means():
    alpha = np.array([4.0, 2.0, 2.0])
    x = random.dirichlet(alpha, 4000, key=1)
    np.testing.assert_allclose(x.mean(0), alpha / 8, atol=0.015)
    c = random.categorical(jnp.log(jnp.asarray(alpha)), size=4000, key=2)
    np.testing.assert_allclose(np.bincount(c) / 4000, alpha / 8, atol=0.04)


def test_multivariate_normal_has_its_covariance_and_unit():
    cov = np.array([[2.0, 0.8], [0.8, 1.0]])
    x = random.multivariate_normal(
        np.array([1.0, -1.0]) * u.mV, cov * u.mV**2, size=20_000, key=4
    )
    bare = np.asarray(x.to_decimal(u.mV))
    np.testing.assert_allclose(bare.mean(0), [1, -1], atol=0.05)
    np.testing.assert_allclose(np.cov(bare.T), cov, atol=0.08)


def test_orthogonal_is_orthogonal():
    q = random.orthogonal(4, size=3, key=1)
    np.testing.assert_allclose(
        q @ jnp.swapaxes(q, -1, -2), np.broadcast_to(np.eye(4), (3, 4, 4)), atol=1e-5
    )


def test_choice_and_permutation():
    x = random.choice(10, size=10, replace=False, key=1)
    assert sorted(x.tolist()) == list(range(10))
    some = random.choice(np.arange(3.0) * u.mV, 2000, p=[0.0, 0.25, 0.75], key=2)
    share = np.bincount(np.asarray(some.to_decimal(u.mV)).astype(int)) / 2000
    np.testing.assert_allclose(share, [0, 0.25, 0.75], atol=0.05)
    rows = random.permutation(np.arange(12).reshape(4, 3), axis=1, key=3)
    np.testing.assert_array_equal(np.diff(rows, axis=0), 3)
    assert sorted(random.shuffle(np.arange(5), key=1).tolist()) == list(range(5))


def test_likeness():
    x = np.zeros((3, 2)) + 7
    assert random.rand_like(x).shape == random.randn_like(x).shape == (3, 2)
    assert int(random.randint_like(x, 3, 5).min()) >= 3
    assert int(random.randint_like(x, key=1).max()) < 7


def test_aliases_and_special_cases():
    state = random.RandomState
    assert state.random_sample is state.ranf is state.sample is state.random
    assert state.t is state.standard_t
    for name, args, full, full_args in [
        ("standard_gamma", (2.0,), "gamma", (2.0, 1.0)),
        ("weibull", (1.5,), "weibull_min", (1.5, 1.0)),
    ]:
        np.testing.assert_array_equal(
            getattr(random, name)(*args, size=3, key=1),
            getattr(random, full)(*full_args, size=3, key=1),
        )


SCALED = [
    ("normal", (3.0, 0.5)),
    ("uniform", (0, 5.0)),
    ("exponential", (2.0,)),
    ("gumbel", (0, 2.0)),
    ("rayleigh", (2.0,)),
    ("truncated_normal", (-1.0, 1.0, 3, 0, 2.0)),
    ("wald", (1.0, 2.0)),
    ("weibull_min", (1.0, 2.0)),
    ("gamma", (1.0, 2.0)),
]


@pytest.mark.parametrize(("name", "args"), SCALED, ids=lambda x: str(x)[:10])
def test_units_scale_the_draw(name, args):
    bare_at = {"weibull_min": (0,), "gamma": (0,), "truncated_normal": (2,)}
    with_unit = [
        a if i in bare_at.get(name, ()) or a == 0 else a * u.nS
        for i, a in enumerate(args)
    ]
    got = getattr(random, name)(*with_unit, key=5)
    np.testing.assert_allclose(
        got.to_decimal(u.nS), getattr(random, name)(*args, key=5), rtol=1e-6
    )


def test_units_that_differ_are_converted_or_refused():
    x = random.normal(1.0 * u.volt, 0.0 * u.mV, key=1)
    assert float(x.to_decimal(u.volt)) == pytest.approx(1.0)
    with pytest.raises(u.UnitMismatchError):
        random.normal(1.0 * u.volt, 1.0 * u.ms)
    with pytest.raises(u.UnitMismatchError):
        random.uniform(1.0, 5.0 * u.nS)


WRONG = [
    ("normal", (0.0, -1.0), "scale = -1.0"),
    ("exponential", (-1.0,), "scale = -1.0"),
    ("bernoulli", (1.5,), "between 0 and 1"),
    ("poisson", (-1.0,), "lam = -1.0"),
    ("zipf", (0.5,), "a = 0.5"),
]


@pytest.mark.parametrize(("name", "args", "text"), WRONG, ids=lambda x: str(x)[:10])
def test_parameter_out_of_range_is_named(name, args, text):
    with pytest.raises(random.ParameterError, match=text):
        getattr(random, name)(*args)


def test_size_must_fit_the_parameters():
    assert random.normal([0.0, 1.0], [[1.0], [2.0]]).shape == (2, 2)
    assert random.normal([0.0, 1.0], 1.0, (3, 2)).shape == (3, 2)
    with pytest.raises(random.ShapeError, match="do not broadcast to size"):
        random.normal([0.0, 1.0], 1.0, 3)
    with pytest.raises(random.UnsizedError, match="size="):
        random.chisquare([1.0, 2.0])
    assert random.chisquare([1.0, 2.0], size=2).shape == (2,)


def test_dtype():
    assert random.normal(size=2, dtype=jnp.float16).dtype == jnp.float16
    assert random.randint(5, size=2, dtype=jnp.int8).dtype == jnp.int8
