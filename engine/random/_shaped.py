"""Continuous distributions with shape parameters."""

from typing import Any

import jax
import jax.random as jr
import numpy as np

from . import _formulas as formulas
from ._draw import Source, UnsizedError, check_range, split_unit, with_unit
from ._key import SeedOrKey, Size
from ._rejection import von_mises


class Shaped(Source):
    """Draws of real numbers by exponents, degrees of freedom and the like."""

    def beta(
        self,
        a: Any,
        b: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        r"""Draw from the density :math:`\propto x^{a-1} (1-x)^{b-1}` on [0, 1].

        Parameters
        ----------
        a, b : array, any shape, positive
            Exponents.
        """
        check_range("beta", a=a, b=b)
        return self._floats(
            lambda k, s, d, a, b: jr.beta(k, a, b, s, d), size, key, dtype, a, b
        )

    def gamma(
        self,
        shape: Any,
        scale: Any = None,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> Any:
        r"""Draw from the density :math:`\propto x^{shape-1} e^{-x/scale}`.

        Parameters
        ----------
        shape : array, any shape, positive, unitless
            Exponent.
        scale : array, any shape, any unit
            Decay length. Default 1.
        """
        (scale,), unit = split_unit(1.0 if scale is None else scale)
        check_range("gamma", shape=shape, scale=scale)
        draw = self._floats(formulas.gamma, size, key, dtype, shape, scale)
        return with_unit(draw, unit)

    def standard_gamma(
        self,
        shape: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        """Draw from the gamma distribution of scale 1; see `gamma`."""
        return self.gamma(shape, None, size, key, dtype)

    def loggamma(
        self,
        a: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        """Draw the logarithm of a gamma number, accurate for small `a` too."""
        check_range("loggamma", a=a)
        return self._floats(
            lambda k, s, d, a: jr.loggamma(k, a, s, d), size, key, dtype, a
        )

    def chisquare(
        self,
        df: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        """Draw the squared length of a standard normal vector.

        Parameters
        ----------
        df : array, positive
            Degrees of freedom. An array needs `size`.

        Raises
        ------
        UnsizedError
            If `df` is an array and `size` is not given.
        """
        if size is None and np.ndim(df):
            raise UnsizedError(
                f"random.chisquare: df has shape {np.shape(df)} and no size is "
                f"given. Write size={np.shape(df)}."
            )
        check_range("chisquare", df=df)
        return self._floats(formulas.chisquare, size, key, dtype, df)

    def noncentral_chisquare(
        self,
        df: Any,
        nonc: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        """Draw the squared length of a normal vector off the origin.

        Parameters
        ----------
        df : array, any shape, positive
            Degrees of freedom.
        nonc : array, any shape, not negative
            Squared distance of the mean from the origin.
        """
        check_range("noncentral_chisquare", df=df, nonc=nonc)
        return self._floats(formulas.noncentral_chisquare, size, key, dtype, df, nonc)

    def f(
        self,
        dfnum: Any,
        dfden: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        """Draw from Fisher's F distribution.

        Parameters
        ----------
        dfnum, dfden : array, any shape, positive
            Degrees of freedom of the numerator and of the denominator.
        """
        return self.noncentral_f(dfnum, dfden, 0.0, size, key, dtype)

    def noncentral_f(
        self,
        dfnum: Any,
        dfden: Any,
        nonc: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        """Draw a ratio of mean squares whose numerator is off the origin by `nonc`.

        Parameters
        ----------
        dfnum, dfden : array, any shape, positive
            Degrees of freedom.
        nonc : array, any shape, not negative
            As in `noncentral_chisquare`.
        """
        check_range("noncentral_f", dfnum=dfnum, dfden=dfden, nonc=nonc)
        return self._floats(formulas.noncentral_f, size, key, dtype, dfnum, dfden, nonc)

    def standard_t(
        self,
        df: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        """Draw from Student's t distribution with `df` degrees of freedom."""
        check_range("standard_t", df=df)
        return self._floats(lambda k, s, d, v: jr.t(k, v, s, d), size, key, dtype, df)

    t = standard_t

    def pareto(
        self,
        a: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        r"""Draw from the density :math:`a / x^{a+1}`, :math:`x \ge 1`."""
        check_range("pareto", a=a)
        return self._floats(
            lambda k, s, d, a: jr.pareto(k, a, s, d), size, key, dtype, a
        )

    def power(
        self,
        a: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        r"""Draw from the density :math:`a x^{a-1}` on [0, 1]."""
        check_range("power", a=a)
        return self._floats(
            lambda k, s, d, a: jr.uniform(k, s, d) ** (1.0 / a), size, key, dtype, a
        )

    def vonmises(
        self,
        mu: Any,
        kappa: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        r"""Draw angles from :math:`\propto e^{\kappa \cos(x - \mu)}` on [-pi, pi].

        Parameters
        ----------
        mu : array, any shape, radian
            Mode.
        kappa : array, any shape, not negative
            Concentration; 0 is uniform.

        References
        ----------
        Best and Fisher, Applied Statistics 28 (1979).
        """
        check_range("vonmises", kappa=kappa)
        return self._floats(von_mises, size, key, dtype, mu, kappa)

    def wald(
        self,
        mean: Any,
        scale: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> Any:
        """Draw from the inverse Gaussian: first passage times of a drifting walk.

        Parameters
        ----------
        mean, scale : array, any shape, any unit (the same), positive
            Mean, and shape parameter (variance is ``mean**3 / scale``).

        References
        ----------
        Michael, Schucany and Haas, The American Statistician 30 (1976).
        """
        params, unit = split_unit(mean, scale)
        check_range("wald", mean=params[0], scale=params[1])
        return with_unit(self._floats(formulas.wald, size, key, dtype, *params), unit)

    def weibull(
        self,
        a: Any,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> jax.Array:
        r"""Draw from the cumulative :math:`1 - e^{-x^a}`."""
        return self.weibull_min(a, None, size, key, dtype)

    def weibull_min(
        self,
        a: Any,
        scale: Any = None,
        size: Size | None = None,
        key: SeedOrKey | None = None,
        dtype: Any = None,
    ) -> Any:
        r"""Draw from the cumulative :math:`1 - e^{-(x/scale)^a}`.

        Parameters
        ----------
        a : array, any shape, positive, unitless
            Exponent.
        scale : array, any shape, any unit
            Width. Default 1.
        """
        (scale,), unit = split_unit(1.0 if scale is None else scale)
        check_range("weibull_min", a=a, scale=scale)
        return with_unit(
            self._floats(formulas.weibull, size, key, dtype, a, scale), unit
        )
