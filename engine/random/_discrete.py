"""Distributions over whole numbers."""

from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr

from .. import environ
from . import _formulas as formulas, _rejection as rejection
from ._draw import Source, broadcast, check_range, shape_of, to_array
from ._key import SeedOrKey, Size


class Discrete(Source):
    """Draws of whole numbers, and of vectors of them."""

    def randint(
        self,
        low: Any,
        high: Any = None,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        """Draw uniformly from low, ..., high - 1.

        Parameters
        ----------
        low, high : int array, any shape
            Bounds; with `high` left out they are 0 and `low`.
        """
        low, high = (0, low) if high is None else (low, high)
        dtype = environ.ditype() if dtype is None else dtype
        low, high = jnp.asarray(low), jnp.asarray(high)
        shape = broadcast(size, (low, high))
        return jr.randint(self._key(key), shape, low, high, dtype)

    def random_integers(
        self,
        low: Any,
        high: Any = None,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        """Draw uniformly from low, ..., high, both included.

        Parameters
        ----------
        low, high : int array, any shape
            Bounds; with `high` left out they are 1 and `low`.
        """
        low, high = (1, low) if high is None else (low, high)
        return self.randint(low, jnp.asarray(high) + 1, size, key, dtype)

    def bernoulli(
        self, p: Any = 0.5, size: Size | None = None, key: SeedOrKey | None = None
    ) -> jax.Array:
        """Draw True with probability `p`.

        Parameters
        ----------
        p : array, any shape, in [0, 1]
            Probability. Default 0.5.
        """
        check_range("bernoulli", high=1, p=p)
        return self._floats(
            lambda k, s, d, p: jr.bernoulli(k, p, s), size, key, None, p
        )

    def poisson(
        self,
        lam: Any = 1.0,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        r"""Draw from :math:`\lambda^k e^{-\lambda} / k!`.

        Parameters
        ----------
        lam : array, any shape, not negative, unitless
            Mean. Default 1.
        """
        check_range("poisson", lam=lam)
        return self._ints(
            lambda k, s, d, lam: jr.poisson(k, lam, s), size, key, dtype, lam
        )

    def binomial(
        self,
        n: Any,
        p: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        """Count successes among `n` trials of probability `p`.

        Parameters
        ----------
        n : int array, any shape, not negative
            Trials.
        p : array, any shape, in [0, 1]
            Probability of a success.
        """
        check_range("binomial", n=n)
        check_range("binomial", high=1, p=p)
        return self._ints(
            lambda k, s, d, n, p: jr.binomial(k, n, p, s, d), size, key, dtype, n, p
        )

    def geometric(
        self,
        p: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        """Count trials of probability `p` up to and with the first success."""
        check_range("geometric", high=1, p=p)
        return self._ints(lambda k, s, d, p: jr.geometric(k, p, s), size, key, dtype, p)

    def negative_binomial(
        self,
        n: Any,
        p: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        """Count failures before success number `n`.

        Parameters
        ----------
        n : array, any shape, positive
            Successes, whole or not.
        p : array, any shape, in [0, 1]
            Probability of a success.
        """
        check_range("negative_binomial", n=n)
        check_range("negative_binomial", high=1, p=p)
        return self._ints(formulas.negative_binomial, size, key, dtype, n, p)

    def hypergeometric(
        self,
        ngood: Any,
        nbad: Any,
        nsample: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        """Count the good balls among `nsample` taken from an urn, none put back.

        Parameters
        ----------
        ngood, nbad : int array, any shape, not negative
            Balls in the urn.
        nsample : int array, any shape, from 0 to ``ngood + nbad``
            Balls taken.
        """
        check_range("hypergeometric", ngood=ngood, nbad=nbad, nsample=nsample)
        return self._ints(
            rejection.hypergeometric, size, key, dtype, ngood, nbad, nsample
        )

    def logseries(
        self,
        p: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        r"""Draw from :math:`-p^k / (k \ln(1 - p))`, :math:`k \ge 1`."""
        check_range("logseries", high=1, p=p)
        return self._ints(formulas.log_series, size, key, dtype, p)

    def zipf(
        self,
        a: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        r"""Draw from :math:`k^{-a} / \zeta(a)`, :math:`k \ge 1`.

        Parameters
        ----------
        a : array, any shape, above 1
            Exponent. Draws that do not fit 32 bits are drawn again.
        """
        check_range("zipf", low=1, a=a)
        return self._ints(rejection.zipf, size, key, dtype, a)

    def multinomial(
        self,
        n: Any,
        pvals: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        """Throw `n` balls into boxes and count them.

        Parameters
        ----------
        n : int array, any shape
            Balls.
        pvals : array, shape (..., n_boxes)
            Probability of each box.

        Returns
        -------
        int array, shape (*size, n_boxes)
        """
        check_range("multinomial", n=n)
        check_range("multinomial", high=1, pvals=pvals)
        dtype = environ.ditype() if dtype is None else dtype
        n, p = to_array(n, environ.dftype()), to_array(pvals, environ.dftype())
        batch = broadcast(size, (n, p[..., 0]))
        # what `shape` of jr.multinomial means differs between versions of JAX
        p = jnp.broadcast_to(p, (*batch, p.shape[-1]))
        draw = jr.multinomial(self._key(key), jnp.broadcast_to(n, batch), p)
        return draw.astype(dtype)

    def categorical(
        self,
        logits: Any,
        axis: int = -1,
        size: Size | None = None,
        key: SeedOrKey | None = None,
    ) -> jax.Array:
        """Draw the index of a category.

        Parameters
        ----------
        logits : array, any shape
            Logarithms of the (unnormalised) probabilities along `axis`.
        axis : int
            Default -1.
        size : int or tuple of int, optional
            Shape of the draws; ends in that of `logits` without `axis`.
        """
        shape = None if size is None else shape_of(size)
        return jr.categorical(self._key(key), jnp.asarray(logits), axis, shape)
