"""Random numbers from one splittable state, NumPy's names, JAX's keys.

Every function here is the method of the same name of `DEFAULT`, a `RandomState`; make
another `RandomState` for a stream of its own. Every draw takes

size : int or tuple of int, optional
    Shape of the draw; left out, what the parameters broadcast to.
key : int or key, optional
    Draw with this seed or key, and leave the state as it is.
dtype : dtype, optional
    Default `environ.dftype()` for real, `environ.ditype()` for whole numbers.

Parameters known on the host are checked against their range (`ParameterError`);
parameters with a unit give draws with that unit.
"""

import secrets
from contextlib import AbstractContextManager

import jax
import numpy as np

from ._arrays import Arrays
from ._draw import (
    ParameterError as ParameterError,
    ShapeError as ShapeError,
    UnsizedError as UnsizedError,
)
from ._key import (
    SeedError as SeedError,
    SeedOrKey as SeedOrKey,
    make_key as make_key,
    stream as stream,
    stream_seed as stream_seed,
)


class RandomState(Arrays):
    """A source of random numbers: a state that holds a key.

    Parameters
    ----------
    seed_or_key : int or key, optional
        Where to begin; from system entropy if None.

    States
    ------
    value : key
        Split at every draw that is not given a key of its own.
    """


# Raw words, not PRNGKey: importing must not start a JAX backend.
DEFAULT = RandomState(
    np.array([secrets.randbits(32), secrets.randbits(32)], dtype=np.uint32)
)


def default_rng(seed_or_key: SeedOrKey | RandomState | None = None) -> RandomState:
    """Give `DEFAULT` for None, a state itself, and a new state for a seed or key."""
    if seed_or_key is None:
        return DEFAULT
    if isinstance(seed_or_key, RandomState):
        return seed_or_key
    return RandomState(seed_or_key)


def set_key(seed_or_key: SeedOrKey) -> None:
    """Replace the key of `DEFAULT`; an int is taken as a seed."""
    DEFAULT.set_key(seed_or_key)


def get_key() -> jax.Array:
    """Give the key of `DEFAULT`, without advancing it."""
    return DEFAULT.value


def split_keys(n: int, backup: bool = False) -> jax.Array:
    """Give `n` fresh keys from `DEFAULT`."""
    return DEFAULT.split_key(n, backup)


def seed_context(seed_or_key: SeedOrKey | None) -> AbstractContextManager[None]:
    """Let `DEFAULT` draw from `seed_or_key` inside a ``with`` block only."""
    return DEFAULT.seeded(seed_or_key)


seed = DEFAULT.seed
split_key = DEFAULT.split_key
restore_key = DEFAULT.restore_key
self_assign_multi_keys = DEFAULT.self_assign_multi_keys
rand = DEFAULT.rand
randint = DEFAULT.randint
random_integers = DEFAULT.random_integers
randn = DEFAULT.randn
random = DEFAULT.random
random_sample = DEFAULT.random_sample
ranf = DEFAULT.ranf
sample = DEFAULT.sample
choice = DEFAULT.choice
permutation = DEFAULT.permutation
shuffle = DEFAULT.shuffle
beta = DEFAULT.beta
exponential = DEFAULT.exponential
gamma = DEFAULT.gamma
gumbel = DEFAULT.gumbel
laplace = DEFAULT.laplace
logistic = DEFAULT.logistic
normal = DEFAULT.normal
pareto = DEFAULT.pareto
poisson = DEFAULT.poisson
standard_cauchy = DEFAULT.standard_cauchy
standard_exponential = DEFAULT.standard_exponential
standard_gamma = DEFAULT.standard_gamma
standard_normal = DEFAULT.standard_normal
standard_t = DEFAULT.standard_t
uniform = DEFAULT.uniform
truncated_normal = DEFAULT.truncated_normal
bernoulli = DEFAULT.bernoulli
lognormal = DEFAULT.lognormal
binomial = DEFAULT.binomial
chisquare = DEFAULT.chisquare
dirichlet = DEFAULT.dirichlet
geometric = DEFAULT.geometric
f = DEFAULT.f
hypergeometric = DEFAULT.hypergeometric
logseries = DEFAULT.logseries
multinomial = DEFAULT.multinomial
multivariate_normal = DEFAULT.multivariate_normal
negative_binomial = DEFAULT.negative_binomial
noncentral_chisquare = DEFAULT.noncentral_chisquare
noncentral_f = DEFAULT.noncentral_f
power = DEFAULT.power
rayleigh = DEFAULT.rayleigh
triangular = DEFAULT.triangular
vonmises = DEFAULT.vonmises
wald = DEFAULT.wald
weibull = DEFAULT.weibull
weibull_min = DEFAULT.weibull_min
zipf = DEFAULT.zipf
maxwell = DEFAULT.maxwell
t = DEFAULT.t
orthogonal = DEFAULT.orthogonal
loggamma = DEFAULT.loggamma
categorical = DEFAULT.categorical
rand_like = DEFAULT.rand_like
randint_like = DEFAULT.randint_like
randn_like = DEFAULT.randn_like
