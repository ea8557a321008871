"""Errors raised from inside of compiled code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jax.custom_batching import custom_vmap

from .._errors import EngineError

_SHOWN = 5  # indices named in a message
_Check = Callable[[int, Any, Sequence[Any]], None]


class JitError(EngineError, jax.errors.JaxRuntimeError):
    """A checked condition is true; what JAX raises from compiled code is its base."""


def jit_error_if(
    pred: Any,
    error: str | Callable[..., Any],
    *err_args: Any,
    **err_kwargs: Any,
) -> None:
    """Raise an error when a condition is true, also inside of compiled code.

    Inside of jit the error comes when the program runs, as a JaxRuntimeError that
    contains the message. Nothing is called while the condition is false.

    Parameters
    ----------
    pred : bool array
        The condition; any element, and under vmap any lane, raises. The message ends
        with the indices of those that do, lanes first.
    error : str or callable
        The message, with `str.format` fields for the arguments, or a function of the
        arguments that returns a message or raises.
    *err_args, **err_kwargs
        Arguments of the message; traced arrays arrive as numpy arrays, under vmap
        those of the first lane that raises.

    Raises
    ------
    JitError
        If the condition is true and nothing is traced.
    """
    flags = jnp.asarray(pred).astype(bool)
    leaves, tree = jax.tree.flatten((err_args, err_kwargs))
    moving = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Tracer)]

    def check(n_lane_axes: int, flags: Any, given: Sequence[Any]) -> None:
        bad = np.argwhere(flags)
        if not len(bad):
            return
        lane = tuple(bad[0][:n_lane_axes])
        all_leaves = list(leaves)
        for place, value in zip(moving, given, strict=True):
            all_leaves[place] = np.asarray(value)[lane]
        args, kwargs = tree.unflatten(all_leaves)
        raise JitError(_text(error, args, kwargs) + _places(bad))

    if isinstance(flags, Tracer):
        given = [jax.lax.stop_gradient(leaves[i]) for i in moving]
        _checked(check, 0)(jax.lax.stop_gradient(flags), given)
    else:
        check(0, np.asarray(flags), [leaves[i] for i in moving])


def _checked(check: _Check, n_lane_axes: int) -> Callable[[Any, list[Any]], Any]:
    """Return what checks at run time; under vmap all lanes are checked at once."""

    @custom_vmap
    def run(flags: Any, given: list[Any]) -> Any:
        jax.lax.cond(
            jnp.any(flags),
            lambda *x: jax.debug.callback(check, n_lane_axes, *x, ordered=False),
            lambda *_: None,
            flags,
            given,
        )
        return jnp.zeros(())

    @run.def_vmap
    def over_lanes(size: int, is_mapped: Any, flags: Any, given: list[Any]) -> Any:
        rows = list(zip(given, is_mapped[1], strict=True))
        if not is_mapped[0]:
            return run(flags, [x[0] if mapped else x for x, mapped in rows]), False
        given = [
            x if mapped else jnp.broadcast_to(x, (size, *x.shape)) for x, mapped in rows
        ]
        return _checked(check, n_lane_axes + 1)(flags, given), False

    return run


def _text(error: str | Callable[..., Any], args: Any, kwargs: Any) -> str:
    """Return the message; an error that making it raises is the message."""
    if not callable(error):
        return error.format(*args, **kwargs)
    try:
        return str(error(*args, **kwargs))
    except Exception as exception:
        raise JitError(f"{type(exception).__name__}: {exception}") from exception


def _places(bad: np.ndarray) -> str:
    if not bad.shape[1]:
        return ""
    places = bad[:_SHOWN].tolist()
    if bad.shape[1] == 1:
        places = [place for (place,) in places]
    more = ", ..." if len(bad) > _SHOWN else ""
    return f" (at {', '.join(map(str, places))}{more})"
