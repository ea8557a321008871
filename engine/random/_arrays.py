"""Draws from arrays, of whole vectors and matrices, and in the likeness of arrays."""

from typing import Any, Literal

import brainunit as u
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from .. import environ
from ._discrete import Discrete
from ._draw import check_range, shape_of, split_unit, to_array, with_unit
from ._key import SeedOrKey, Size
from ._location_scale import LocationScale
from ._shaped import Shaped


def _bare(x: Any) -> tuple[Any, u.Unit]:
    """Split an array or a count into number and unit."""
    if isinstance(x, u.Quantity):
        return x.mantissa, x.unit
    return (x if isinstance(x, int) else jnp.asarray(x)), u.UNITLESS


class Arrays(LocationScale, Shaped, Discrete):
    """Choices, permutations, vectors and matrices."""

    def choice(
        self,
        a: Any,
        size: Size | None = None,
        replace: bool = True,
        p: Any = None,
        key: SeedOrKey | None = None,
    ) -> Any:
        """Pick elements.

        Parameters
        ----------
        a : int, or array of shape (n, ...), any unit
            What to pick from; an int stands for 0, ..., a - 1.
        replace : bool
            Whether an element may come twice. Default True.
        p : array, shape (n,), optional
            Probability of each. Default equal.
        """
        a, unit = _bare(a)
        p = None if p is None else to_array(p, environ.dftype())
        return with_unit(jr.choice(self._key(key), a, shape_of(size), replace, p), unit)

    def permutation(
        self,
        x: Any,
        axis: int = 0,
        independent: bool = False,
        key: SeedOrKey | None = None,
    ) -> Any:
        """Give `x` in a random order.

        Parameters
        ----------
        x : int, or array of any shape and unit
            An int stands for 0, ..., x - 1.
        axis : int
            Axis along which to reorder. Default 0.
        independent : bool
            Reorder each slice by itself. Default False.
        """
        x, unit = _bare(x)
        draw = jr.permutation(self._key(key), x, axis, independent=independent)
        return with_unit(draw, unit)

    def shuffle(self, x: Any, axis: int = 0, key: SeedOrKey | None = None) -> Any:
        """Give `x` in a random order along `axis`; `x` itself stays as it is."""
        return self.permutation(x, axis, key=key)

    def dirichlet(
        self,
        alpha: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        r"""Draw points of a simplex from :math:`\propto \prod_i x_i^{\alpha_i - 1}`.

        Parameters
        ----------
        alpha : array, shape (..., k), positive
            Exponents.

        Returns
        -------
        array, shape (*size, k)
        """
        check_range("dirichlet", alpha=alpha)
        dtype = environ.dftype() if dtype is None else dtype
        alpha = to_array(alpha, dtype)
        shape = None if size is None else shape_of(size)
        return jr.dirichlet(self._key(key), alpha, shape, dtype)

    def multivariate_normal(
        self,
        mean: Any,
        cov: Any,
        size: Size | None = None,
        method: Literal["cholesky", "eigh", "svd"] = "cholesky",
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> Any:
        """Draw normal vectors.

        Parameters
        ----------
        mean : array, shape (..., k), any unit
            Mean.
        cov : array, shape (..., k, k), that unit squared
            Covariance.
        method : {'cholesky', 'eigh', 'svd'}
            How its root is taken; the last two also take singular ones.

        Returns
        -------
        array, shape (*size, k)
        """
        dtype = environ.dftype() if dtype is None else dtype
        (mean,), unit = split_unit(mean)
        if isinstance(cov, u.Quantity):
            squared: Any = unit * unit
            cov = cov.to_decimal(squared)
        mean, cov = to_array(mean, dtype), to_array(cov, dtype)
        shape = None if size is None else shape_of(size)
        key = self._key(key)
        draw = jr.multivariate_normal(key, mean, cov, shape, dtype, method)
        return with_unit(draw, unit)

    def orthogonal(
        self,
        n: int,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        """Draw orthogonal matrices uniformly (Haar measure), shape (*size, n, n)."""
        dtype = environ.dftype() if dtype is None else dtype
        return jr.orthogonal(self._key(key), n, shape_of(size), dtype)

    def rand_like(
        self, input: Any, *, dtype: Any = None, key: SeedOrKey | None = None
    ) -> jax.Array:
        """Draw uniformly from [0, 1) in the shape of `input`."""
        return self.random(np.shape(input), key, dtype)

    def randn_like(
        self, input: Any, *, dtype: Any = None, key: SeedOrKey | None = None
    ) -> jax.Array:
        """Draw standard normal numbers in the shape of `input`."""
        return self.standard_normal(np.shape(input), key, dtype)

    def randint_like(
        self,
        input: Any,
        low: Any = 0,
        high: Any = None,
        *,
        dtype: Any = None,
        key: SeedOrKey | None = None,
    ) -> jax.Array:
        """Draw from low, ..., high - 1 in the shape of `input`.

        Parameters
        ----------
        input : array
            Gives the shape, and the default of `high`: its largest element.
        low, high : int
            Bounds. Default 0 and the largest element of `input`.
        """
        high = jnp.max(jnp.asarray(input)) if high is None else high
        return self.randint(low, high, np.shape(input), key, dtype)
