"""checkpoint: compute values again for the gradient instead of keeping them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax

from .._functional import lift, trace
from ..typing import Missing
from ._jaxpr import StatefulFunction, check_callable


def checkpoint(
    fun: Any = Missing(),  # noqa: B008
    *,
    prevent_cse: bool = True,
    policy: Callable[..., bool] | None = None,
    static_argnums: int | Sequence[int] = (),
) -> Any:
    """Make the gradient of `fun` compute its inner values again.

    Parameters
    ----------
    fun : callable, optional
        A function or a Module. Without it a decorator is returned.
    prevent_cse : bool, default True
        Keep the compiler from merging the two computations.
    policy : callable, optional
        One of `jax.checkpoint_policies`: which values are kept after all.
    static_argnums : int or sequence of int, default ()
        Arguments that are not traced.

    Returns
    -------
    callable
        Takes and returns what `fun` does.
    """

    def make(function: Callable[..., Any]) -> Callable[..., Any]:
        check_callable("checkpoint", function)
        stateful = StatefulFunction(function, static_argnums)

        @functools.wraps(function, updated=())
        def call(*args: Any, **kwargs: Any) -> Any:
            dynamic, names, static = stateful.split_static(args, kwargs)
            traced = trace(
                stateful.bind_static(static), *dynamic, where="checkpoint", **names
            )
            again = jax.checkpoint(traced.call, prevent_cse=prevent_cse, policy=policy)
            return lift(again, traced.effects, *dynamic, **names)

        return call

    return make if isinstance(fun, Missing) else make(fun)


remat = checkpoint
