"""The rule that every surrogate follows: a step forward, a curve backward."""

import copy
import inspect
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp


class Surrogate:
    r"""Base of every surrogate: subclass it, and write one of two methods.

    Calling an instance gives :math:`\Theta(x)` (1 where :math:`x \ge 0`) with the
    derivative `surrogate_grad` under `jax.grad`, `jax.jvp`, `jax.vmap` and `jax.jit`.

    Notes
    -----
    `surrogate_fun` is the curve :math:`g`; `surrogate_grad` is its derivative, taken
    by `jax.grad` where it is not overridden. A subclass without fields hashes by
    identity; the frozen dataclasses below hash by their parameters.
    """

    def surrogate_fun(self, x: Any) -> jax.Array:
        """Give the curve :math:`g(x)` whose derivative stands in for the spike's."""
        raise TypeError(
            f"{type(self).__name__} has no curve. Write surrogate_fun(self, x), or "
            "surrogate_grad(self, x) where only the derivative is wanted."
        )

    def surrogate_grad(self, x: Any) -> jax.Array:
        """Give the derivative :math:`g'(x)`, elementwise."""
        x = jnp.asarray(x)
        return jax.grad(lambda v: jnp.sum(self.surrogate_fun(v)))(x)

    def __call__(self, x: Any) -> jax.Array:
        """Emit a spike wherever `x` is not negative.

        Parameters
        ----------
        x : array, any shape, unitless
            Distance to the threshold.

        Returns
        -------
        array, shape and floating dtype of `x`
            1 where ``x >= 0``, else 0.
        """
        x = jnp.asarray(_as_number(x))
        if not jnp.issubdtype(x.dtype, jnp.floating):
            x = x.astype(jnp.result_type(float))
        return _spike(self, x)

    @classmethod
    def as_function(cls) -> Callable[..., jax.Array]:
        """Make the function ``f(x, *parameters)`` of this class."""
        words = "".join(
            f"_{c}" if c.isupper() and i and not cls.__name__.isupper() else c
            for i, c in enumerate(cls.__name__)
        )
        fields = list(inspect.signature(cls).parameters.values())
        x = inspect.Parameter("x", inspect.Parameter.POSITIONAL_OR_KEYWORD)

        def function(x: Any, *args: Any, **kwargs: Any) -> jax.Array:
            return cls(*args, **kwargs)(x)

        function.__name__ = function.__qualname__ = words.lower()
        function.__doc__ = f"Emit a spike at `x` with the gradient of {cls.__name__}.\n"
        function.__doc__ += f"\nSee `{cls.__name__}` for the curve and its parameters."
        function.__signature__ = inspect.Signature([x, *fields])  # type: ignore[attr-defined]
        return function


def _as_number(x: Any) -> Any:
    """Strip a dimensionless quantity; refuse one with a unit."""
    if not hasattr(x, "to_decimal"):
        return x
    if not x.is_unitless:
        raise TypeError(
            f"A surrogate got values in {x.unit}; it needs a unitless distance to the "
            "threshold. Divide by a scale first, e.g. (V - V_th) / (V_th - V_reset)."
        )
    return x.to_decimal()


def _spike(surrogate: Surrogate, x: jax.Array) -> jax.Array:
    """Heaviside step forward, `surrogate.surrogate_grad` backward."""
    # parameters may be traced: the rule runs later, and may not hold on to them
    fields = {k: v for k, v in vars(surrogate).items() if isinstance(v, jax.Array)}

    @jax.custom_jvp
    def step(x: jax.Array, *_: jax.Array) -> jax.Array:
        return jnp.asarray(x >= 0, x.dtype)

    @step.defjvp
    def _(primals: tuple, tangents: tuple) -> tuple[jax.Array, jax.Array]:
        x, *values = primals
        curve = copy.copy(surrogate)
        vars(curve).update(zip(fields, values, strict=True))
        slope = jnp.asarray(curve.surrogate_grad(x), x.dtype)
        return step(*primals), slope * tangents[0]

    return step(x, *fields.values())
