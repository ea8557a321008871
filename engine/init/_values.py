"""From what a user gives (number, array, function) to a value of known shape."""

from collections.abc import Callable
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from .._state import State
from ..typing import Size
from ._base import InitError, to_size


def _check_shape(where: str, shape: tuple[int, ...], size: tuple[int, ...]) -> None:
    """Refuse a shape that does not broadcast with `size`."""
    try:
        jnp.broadcast_shapes(shape, size)
    except ValueError:
        raise InitError(
            f"init.{where}: the value has shape {shape}, which does not broadcast to "
            f"{size}. Give a scalar, an array of shape {size}, or an initializer."
        ) from None


def _repeat(value: Any, size: tuple[int, ...], batch_size: int) -> Any:
    """Put a batch axis in front, unless the value has it already."""
    shape = u.math.shape(value)
    if len(shape) > len(size):
        if shape[0] != batch_size:
            raise InitError(
                f"init.param: the value has {shape[0]} batch elements, but batch_size "
                f"is {batch_size}. Give {batch_size}, or leave the batch axis out."
            )
        return value
    full = (*((1,) * (len(size) - len(shape))), *shape)
    bare, unit = u.split_mantissa_unit(value)
    bare = jnp.broadcast_to(jnp.reshape(bare, full), (batch_size, *full))
    return bare if unit.is_unitless else u.Quantity(bare, unit=unit)


def param(
    parameter: Any,
    sizes: Size,
    batch_size: int | None = None,
    allow_none: bool = True,
    allow_scalar: bool = True,
) -> Any:
    """Give the initial value of a parameter.

    Parameters
    ----------
    parameter : scalar, array, Quantity, State, callable or None
        A callable (e.g. an `Initializer`) is called with the shape; an array must
        broadcast with `sizes`; a scalar comes back as it is.
    sizes : int or tuple of int
        Shape, without batch axis.
    batch_size : int, optional
        Length of a batch axis put in front of arrays and shapes.
    allow_none, allow_scalar : bool
        Whether None and scalars are let through. Default True.

    Returns
    -------
    array, Quantity, State, scalar or None
        A State comes back as a State of its kind.

    Raises
    ------
    InitError
        If the value is missing, of another type, or of a shape that does not fit.
    """
    if parameter is None:
        if allow_none:
            return None
        raise InitError(
            "init.param: the value is None. Give a number, an array or an initializer."
        )
    size = to_size(sizes)
    if size is None:
        raise InitError("init.param: sizes is None. Give an int or a tuple of int.")
    if isinstance(parameter, State):
        value = param(parameter.value, size, batch_size, allow_none, allow_scalar)
        return parameter if batch_size is None else type(parameter)(value)
    if callable(parameter):
        return parameter(size if batch_size is None else (batch_size, *size))
    if not isinstance(
        parameter, bool | int | float | complex | np.generic | u.Quantity
    ) and not isinstance(parameter, np.ndarray | jax.Array | list | tuple):
        raise InitError(
            f"init.param: got a {type(parameter).__name__}. Give a number, an array, "
            "a Quantity or an initializer."
        )
    if isinstance(parameter, list | tuple):
        parameter = jnp.asarray(parameter)
    shape = u.math.shape(parameter)
    if not shape:
        if allow_scalar:
            return parameter
        raise InitError(
            f"init.param: got the scalar {parameter}. Give an array of shape {size}, "
            "or an initializer."
        )
    _check_shape("param", shape if batch_size is None else shape[-len(size) :], size)
    return parameter if batch_size is None else _repeat(parameter, size, batch_size)


def state(init: Any, sizes: Size | None = None, batch_size: int | None = None) -> State:
    """Make a State from an array, or from a callable and a shape.

    Parameters
    ----------
    init : array, Quantity or callable
        Value, or function from a shape to a value.
    sizes : int or tuple of int, optional
        Shape without batch axis; needed for a callable, checked for an array.
    batch_size : int, optional
        Length of a batch axis put in front.

    Raises
    ------
    InitError
        If a callable has no `sizes`, or an array another shape.
    """
    size = to_size(sizes)
    if callable(init):
        if size is None:
            raise InitError(
                "init.state: sizes is None. A callable needs the shape to fill."
            )
        return State(init(size if batch_size is None else (batch_size, *size)))
    shape = u.math.shape(init)
    if size is not None and shape != size:
        raise InitError(
            f"init.state: the value has shape {shape}, but sizes is {size}. Give an "
            "array of that shape, or a callable."
        )
    return State(init if batch_size is None else _repeat(init, shape, batch_size))


def noise(
    noises: Any, size: Size, num_vars: int = 1, noise_idx: int = 0
) -> Callable[..., Any] | None:
    """Give the noise function of one variable among several.

    Parameters
    ----------
    noises : array, callable or None
        Strength, a noise function ready made, or no noise.
    size : int or tuple of int
        Shape of the strength.
    num_vars : int
        Number of variables of the system. Default 1.
    noise_idx : int
        Which of them this noise drives. Default 0.

    Returns
    -------
    callable or None
        Takes anything; gives the strength, or for more than one variable a tuple with
        None for the others.
    """
    if noises is None or callable(noises):
        return noises
    strength = param(noises, size, allow_none=False)
    if num_vars > 1:
        strength = tuple(strength if i == noise_idx else None for i in range(num_vars))
    return lambda *args, **kwargs: strength
