"""The rule behind every distribution: shape, dtype, unit and key of a draw."""

from collections.abc import Callable, Sequence
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from .. import environ
from .._errors import EngineError
from .._host import on_host
from .._tracing import is_traced
from ._host import standard
from ._key import KeySource, SeedOrKey, Size, make_key


class ShapeError(EngineError, ValueError):
    """Parameters that do not broadcast to the size asked for."""


class ParameterError(EngineError, ValueError):
    """A parameter outside of its distribution's range."""


class UnsizedError(EngineError, NotImplementedError):
    """An array parameter where only a size would say how many draws are meant."""


def shape_of(size: Size | None) -> tuple[int, ...]:
    """Give a shape from None, an int or a sequence of int."""
    if size is None:
        return ()
    return tuple(size) if isinstance(size, Sequence | np.ndarray) else (int(size),)


def broadcast(size: Size | None, params: Sequence[Any]) -> tuple[int, ...]:
    """Give the shape of a draw: `size`, or what the parameters broadcast to."""
    shapes = [jnp.shape(p) for p in params]
    try:
        natural = jnp.broadcast_shapes(*shapes)
        if size is None:
            return natural
        wanted = shape_of(size)
        if jnp.broadcast_shapes(natural, wanted) == wanted:
            return wanted
    except ValueError:
        wanted = size
    raise ShapeError(
        f"engine.random: parameters of shapes {shapes} do not broadcast to size "
        f"{wanted}. Give a size that ends in the parameters' common shape, or none."
    )


def to_array(value: Any, dtype: Any) -> jax.Array:
    """Turn a unitless parameter into an array of `dtype`."""
    if isinstance(value, u.Quantity):
        value = value.to_decimal()
    return jnp.asarray(value, dtype)


def split_unit(*values: Any) -> tuple[list[Any], u.Unit]:
    """Bring values to one unit and strip it; a bare zero fits every unit."""
    quantities = [v for v in values if isinstance(v, u.Quantity)]
    unit = next((q.unit for q in quantities if not q.is_unitless), u.UNITLESS)
    bare: list[Any] = []
    for value in values:
        if isinstance(value, u.Quantity):
            bare.append(value.to_decimal(unit))
        elif unit.is_unitless or value is None or _is_zero(value):
            bare.append(value)
        else:
            bare.append(u.Quantity(value).to_decimal(unit))  # raises with both units
    return bare, unit


def _is_zero(value: Any) -> bool:
    return isinstance(value, int | float) and value == 0


def with_unit(value: jax.Array, unit: u.Unit) -> Any:
    """Attach a unit, unless there is none."""
    return value if unit.is_unitless else u.Quantity(value, unit=unit)


def check_range(
    where: str, *, low: float = 0.0, high: float = np.inf, **params: Any
) -> None:
    """Refuse parameters outside [low, high], as far as they are known on the host."""
    for name, value in params.items():
        if isinstance(value, int | float | np.ndarray | np.generic | list | tuple):
            inside = (np.asarray(value) >= low) & (np.asarray(value) <= high)
            if not np.all(inside):
                raise ParameterError(
                    f"random.{where}: {name} = {value}, but it must lie between "
                    f"{low:g} and {high:g}."
                )


class Source(KeySource):
    """A key source that draws by the common rule."""

    def _key(self, key: SeedOrKey | None) -> jax.Array:
        """Give the key of a draw: the caller's, or a fresh one."""
        return self.split_key() if key is None else make_key(key)

    def _floats(
        self,
        sample: Callable[..., jax.Array],
        size: Size | None,
        key: SeedOrKey | None,
        dtype: Any,
        *params: Any,
    ) -> jax.Array:
        """Call ``sample(key, shape, dtype, *params)`` with parameters as floats."""
        dtype = environ.dftype() if dtype is None else dtype
        arrays = [to_array(p, dtype) for p in params]
        return sample(self._key(key), broadcast(size, arrays), dtype, *arrays)

    def _ints(
        self,
        sample: Callable[..., jax.Array],
        size: Size | None,
        key: SeedOrKey | None,
        dtype: Any,
        *params: Any,
    ) -> jax.Array:
        """Do likewise for a sampler of whole numbers, computing in floats."""
        dtype = environ.ditype() if dtype is None else dtype
        return self._floats(sample, size, key, None, *params).astype(dtype)

    def _affine(
        self,
        sample: Callable[..., jax.Array],
        loc: Any,
        scale: Any,
        size: Size | None,
        key: SeedOrKey | None,
        dtype: Any,
    ) -> Any:
        """Shift and stretch a standard sample; both parameters share a unit."""
        (loc, scale), unit = split_unit(loc, scale)
        loc, scale = 0.0 if loc is None else loc, 1.0 if scale is None else scale
        check_range(getattr(sample, "__name__", "scale"), scale=scale)

        def shifted(key: Any, shape: Any, dtype: Any, loc: Any, scale: Any) -> Any:
            if sample is jr.normal and not is_traced(loc, scale):
                found = standard(sample, key, shape, dtype)
                if found is not None:
                    return on_host(np.asarray(loc) + np.asarray(scale) * found)
            return loc + scale * sample(key, shape, dtype)

        draw = self._floats(shifted, size, key, dtype, loc, scale)
        return with_unit(draw, unit)
