"""Errors raised from inside of compiled code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from .._errors import EngineError


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
    contains the message.

    Parameters
    ----------
    pred : bool array
        The condition; under vmap any lane raises, and its indices are named.
    error : str or callable
        The message, with `str.format` fields for the arguments, or a function of the
        arguments that returns a message or raises.
    *err_args, **err_kwargs
        Arguments of the message; traced values arrive as numpy arrays.

    Raises
    ------
    JitError
        If the condition is true and nothing is traced.
    """
    flags = jnp.asarray(pred)

    def check(flags: Any, args: Any, kwargs: Any) -> None:
        if np.any(flags):
            _raise(np.asarray(flags), error, args, kwargs)

    if isinstance(flags, Tracer):
        any_flag = jnp.any(flags)
        jax.lax.cond(
            any_flag,
            lambda *x: jax.debug.callback(check, *x, ordered=False),
            lambda *x: None,
            flags,
            err_args,
            err_kwargs,
        )
    else:
        check(np.asarray(flags), err_args, err_kwargs)


def _raise(
    flags: np.ndarray, error: str | Callable[..., Any], args: Any, kwargs: Any
) -> None:
    text = error(*args, **kwargs) if callable(error) else error.format(*args, **kwargs)
    where = ""
    if flags.ndim:
        places = np.argwhere(flags)[:5].squeeze(-1 if flags.ndim == 1 else ()).tolist()
        where = f" (at indices {places})"
    raise JitError(f"{text}{where}")
