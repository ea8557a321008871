"""Loops over networks run as native code where there is some."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from ._progress import ProgressBar

PRODUCTS = "event_"  # names of the primitives of event products begin with it


def natively(
    jaxpr: Any,
    body: Callable[..., Any],
    carry: Any,
    xs: Any,
    length: int,
    bar: ProgressBar | None = None,
) -> tuple[Any, Any] | None:
    """Run `lax.scan` as native code, or return None: see `engine.fuse.native_loop`.

    Parameters
    ----------
    jaxpr : Jaxpr
        The step. Without products of events XLA is as good, and the code generator
        is not imported.
    body, carry, xs, length
        As for `lax.scan`.
    bar : ProgressBar, optional
        Moves between pieces of the loop.
    """
    if not has_products(jaxpr):
        return None
    from ..fuse import native_loop  # it needs engine.nn, which needs this package

    each = length if bar is None else min(bar.every(length), length)
    loop = native_loop(body, carry, xs, each)
    if loop is None:
        return None
    if bar is None:
        return loop(carry, xs)
    n_pieces, rest = divmod(length, each)
    end = native_loop(body, carry, xs, rest) if rest else None
    show, done = bar.init(length), n_pieces * each

    def piece(carry: Any, item: Any) -> Any:
        number, x = item
        out = loop(carry, x)
        show(number)
        return out

    fold = lambda x: x[:done].reshape(n_pieces, each, *x.shape[1:])
    ends = jnp.arange(1, n_pieces + 1) * each - 1
    carry, ys = lax.scan(piece, carry, (ends, jax.tree.map(fold, xs)))
    ys = jax.tree.map(lambda y: y.reshape(done, *y.shape[2:]), ys)
    if end is not None:
        carry, more = end(carry, jax.tree.map(lambda x: x[done:], xs))
        ys = jax.tree.map(lambda *parts: jnp.concatenate(parts), ys, more)
        show(jnp.asarray(length - 1))
    return carry, ys


def has_products(jaxpr: Any) -> bool:
    """Tell whether there is a product of events in a jaxpr, or in one inside of it."""
    for eqn in jaxpr.eqns:
        if eqn.primitive.name.startswith(PRODUCTS):
            return True
        parts = jax.tree.leaves(
            list(eqn.params.values()), is_leaf=lambda x: hasattr(x, "eqns")
        )
        inner = (getattr(part, "jaxpr", part) for part in parts)
        if any(hasattr(one, "eqns") and has_products(one) for one in inner):
            return True
    return False
