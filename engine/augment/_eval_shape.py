"""Shapes of what a function returns, modules included, without computing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._functional import trace
from ..random import DEFAULT, RandomState
from ._random import restore_rngs


def eval_shape(
    fn: Callable[..., Any], *args: Any, rngs: RandomState | Any = DEFAULT, **kwargs: Any
) -> Any:
    """Return the shapes of what `fn` returns; nothing is computed.

    Parameters
    ----------
    fn : callable
        The function.
    *args, **kwargs
        Its arguments, or their shapes.
    rngs : RandomState or sequence of them, default DEFAULT
        Random states that are as before afterwards.

    Returns
    -------
    pytree of ShapeDtypeStruct
        The shapes.
    """
    return trace(restore_rngs(fn, rngs), *args, where="eval_shape", **kwargs).out
