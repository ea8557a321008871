"""Continuous distributions that are shifted and stretched."""

from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr

from . import _formulas as formulas
from ._draw import Source, check_range, split_unit, with_unit
from ._key import SeedOrKey, Size


class LocationScale(Source):
    """Draws of real numbers by place and width."""

    def rand(self, *dn: int, key: SeedOrKey | None = None, dtype: Any = None) -> Any:
        """Draw uniformly from [0, 1); `dn` are the axes of the shape."""
        return self._floats(jr.uniform, dn, key, dtype)

    def random(
        self, size: Size | None = None, key: SeedOrKey | None = None, dtype: Any = None
    ) -> jax.Array:
        """Draw uniformly from [0, 1)."""
        return self._floats(jr.uniform, size, key, dtype)

    random_sample = ranf = sample = random

    def randn(self, *dn: int, key: SeedOrKey | None = None, dtype: Any = None) -> Any:
        """Draw from the standard normal distribution; `dn` are the axes."""
        return self._floats(jr.normal, dn, key, dtype)

    def standard_normal(
        self, size: Size | None = None, key: SeedOrKey | None = None, dtype: Any = None
    ) -> jax.Array:
        """Draw from the normal distribution of mean 0 and variance 1."""
        return self._floats(jr.normal, size, key, dtype)

    def standard_cauchy(
        self, size: Size | None = None, key: SeedOrKey | None = None, dtype: Any = None
    ) -> jax.Array:
        r"""Draw from the density :math:`1 / (\pi (1 + x^2))`."""
        return self._floats(jr.cauchy, size, key, dtype)

    def standard_exponential(
        self, size: Size | None = None, key: SeedOrKey | None = None, dtype: Any = None
    ) -> jax.Array:
        """Draw from the exponential distribution of mean 1."""
        return self._floats(jr.exponential, size, key, dtype)

    def maxwell(
        self, size: Size | None = None, key: SeedOrKey | None = None, dtype: Any = None
    ) -> jax.Array:
        """Draw the length of a standard normal vector in three dimensions."""
        return self._floats(jr.maxwell, size, key, dtype)

    def uniform(
        self,
        low: Any = 0.0,
        high: Any = 1.0,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> Any:
        """Draw uniformly from [low, high).

        Parameters
        ----------
        low, high : array, any shape, any unit (the same)
            Bounds. Default 0 and 1; a bare 0 takes the other's unit.
        """
        (low, high), unit = split_unit(low, high)
        return with_unit(
            self._floats(formulas.uniform, size, key, dtype, low, high),
            unit,
        )

    def normal(
        self,
        loc: Any = None,
        scale: Any = None,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> Any:
        """Draw from the normal distribution.

        Parameters
        ----------
        loc, scale : array, any shape, any unit (the same)
            Mean and standard deviation. Default 0 and 1.
        """
        return self._affine(jr.normal, loc, scale, size, key, dtype)

    def gumbel(
        self,
        loc: Any = None,
        scale: Any = None,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> Any:
        r"""Draw from the cumulative :math:`\exp(-e^{-(x - loc)/scale})`.

        Parameters
        ----------
        loc, scale : array, any shape, any unit (the same)
            Mode and width. Default 0 and 1.
        """
        return self._affine(jr.gumbel, loc, scale, size, key, dtype)

    def laplace(
        self,
        loc: Any = None,
        scale: Any = None,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> Any:
        r"""Draw from the density :math:`e^{-|x - loc|/scale} / (2\,scale)`.

        Parameters
        ----------
        loc, scale : array, any shape, any unit (the same)
            Mean and decay length. Default 0 and 1.
        """
        return self._affine(jr.laplace, loc, scale, size, key, dtype)

    def logistic(
        self,
        loc: Any = None,
        scale: Any = None,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> Any:
        r"""Draw from the cumulative :math:`1 / (1 + e^{-(x - loc)/scale})`.

        Parameters
        ----------
        loc, scale : array, any shape, any unit (the same)
            Mean and width. Default 0 and 1.
        """
        return self._affine(jr.logistic, loc, scale, size, key, dtype)

    def exponential(
        self,
        scale: Any = None,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> Any:
        """Draw from the exponential distribution.

        Parameters
        ----------
        scale : array, any shape, any unit
            Mean (not the rate). Default 1.
        """
        return self._affine(jr.exponential, None, scale, size, key, dtype)

    def rayleigh(
        self,
        scale: Any = 1.0,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> Any:
        r"""Draw from :math:`x e^{-x^2 / 2 scale^2} / scale^2`, :math:`x \ge 0`.

        Parameters
        ----------
        scale : array, any shape, any unit
            Mode. Default 1.
        """
        return self._affine(formulas.rayleigh, None, scale, size, key, dtype)

    def truncated_normal(
        self,
        lower: Any,
        upper: Any,
        size: Size | None = None,
        loc: Any = 0.0,
        scale: Any = 1.0,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> Any:
        """Draw from the normal distribution restricted to [lower, upper].

        Parameters
        ----------
        lower, upper : array, any shape, any unit (the same for all)
            Bounds of the draw itself, not of its standard score.
        loc, scale : array, any shape
            Mean and standard deviation before the restriction. Default 0 and 1.
        """
        params, unit = split_unit(lower, upper, loc, scale)
        check_range("truncated_normal", scale=params[3])
        draw = self._floats(formulas.truncated_normal, size, key, dtype, *params)
        return with_unit(draw, unit)

    def triangular(
        self,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        left: Any = -1.0,
        mode: Any = 0.0,
        right: Any = 1.0,
        dtype: Any = None,
    ) -> Any:
        """Draw from the triangle over [left, right] with its peak at `mode`.

        Parameters
        ----------
        left, mode, right : array, any shape, any unit (the same)
            Corners. Default -1, 0 and 1.
        """
        params, unit = split_unit(left, mode, right)
        draw = self._floats(formulas.triangular, size, key, dtype, *params)
        return with_unit(draw, unit)

    def lognormal(
        self,
        mean: Any = None,
        sigma: Any = None,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        """Draw the exponential of a normal number.

        Parameters
        ----------
        mean, sigma : array, any shape, unitless
            Mean and standard deviation of the logarithm. Default 0 and 1.
        """
        return jnp.exp(self._affine(jr.normal, mean, sigma, size, key, dtype))
