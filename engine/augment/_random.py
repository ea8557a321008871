"""Run code with random numbers and put the random states back afterwards."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from ..random import DEFAULT, RandomState
from ..typing import Missing


def restore_rngs(
    fn: Any = Missing(),  # noqa: B008
    rngs: RandomState | Sequence[RandomState] = DEFAULT,
) -> Any:
    """Make `fn` leave random states as they were, also when it raises.

    Parameters
    ----------
    fn : callable, optional
        The function. Without it a decorator is returned.
    rngs : RandomState or sequence of them, default DEFAULT
        The random states.

    Returns
    -------
    callable
        Takes and returns what `fn` does.
    """
    kept = (rngs,) if isinstance(rngs, RandomState) else tuple(rngs)

    def make(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function, updated=())
        def call(*args: Any, **kwargs: Any) -> Any:
            before = [rng.value for rng in kept]
            try:
                return function(*args, **kwargs)
            finally:
                for rng, key in zip(kept, before, strict=True):
                    rng.value = key

        return call

    return make if isinstance(fn, Missing) else make(fn)
