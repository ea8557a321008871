"""Loops over networks run as native code where there is some."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

PRODUCTS = "event_"  # names of the primitives of event products begin with it


def natively(
    jaxpr: Any, body: Callable[..., Any], carry: Any, xs: Any, length: int
) -> tuple[Any, Any] | None:
    """Run `lax.scan` as native code, or return None: see `engine.fuse.native_scan`.

    Parameters
    ----------
    jaxpr : Jaxpr
        The step. Without products of events XLA is as good, and the code generator
        is not imported.
    body, carry, xs, length
        As for `lax.scan`.
    """
    if not has_products(jaxpr):
        return None
    from ..fuse import native_scan  # it needs engine.nn, which needs this package

    return native_scan(body, carry, xs, length)


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
