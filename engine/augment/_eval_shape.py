"""Shapes of what a function returns, modules included, without computing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import graph
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
        The shapes; modules among the output hold them as the values of their States.
    """
    restored = restore_rngs(fn, rngs)

    def as_tree(*args: Any, **kwargs: Any) -> Any:
        return graph.graph_to_tree(restored(*args, **kwargs))

    shapes = trace(as_tree, *args, where="eval_shape", **kwargs).out
    return graph.tree_to_graph(shapes)
