"""Where arrays lie: a State keeps the sharding of its value.

A compiler chooses where the results of a program lie unless it is told. So that States
do not wander over the devices of a mesh from call to call, their new values are put
where the old ones were: by the program itself under `jit`, after it elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
from jax.core import Tracer
from jax.sharding import AxisType, NamedSharding, Sharding

Placement = tuple[Sharding | None, ...]


def sharded_axes(aval: Any) -> tuple[Any, ...]:
    """Return how the type of an array says it is sharded; () where it does not.

    Parameters
    ----------
    aval : shaped array
        What `jax.typeof` returns. Only meshes with explicit axes are part of types.
    """
    sharding = getattr(aval, "sharding", None)
    if sharding is None or sharding.mesh.empty:
        return ()
    axes = tuple(sharding.spec)
    return axes if any(axis is not None for axis in axes) else ()


def _spread(leaf: Any) -> Sharding | None:
    """Return the sharding of an array on several devices, unless its type has it."""
    if not isinstance(leaf, jax.Array) or isinstance(leaf, Tracer):
        return None
    sharding = leaf.sharding
    if not isinstance(sharding, NamedSharding) or len(sharding.device_set) < 2:
        return None
    return None if AxisType.Explicit in sharding.mesh.axis_types else sharding


def placement(values: Sequence[Any]) -> Placement | None:
    """Return where the leaves of values lie; None unless one is on several devices.

    Parameters
    ----------
    values : sequence of pytree
        Values of States.
    """
    if jax.device_count() == 1:
        return None
    found = tuple(map(_spread, jax.tree.leaves(values)))
    return found if any(one is not None for one in found) else None


def same_places(
    old: Sequence[Any], new: Sequence[Any], where: Placement | None
) -> list[Any]:
    """Return the shardings of new values: those of the old, for each that fits.

    Parameters
    ----------
    old, new : sequence of pytree of shapes
        Values of the States before and after.
    where : tuple of Sharding or None
        What `placement` returns for the old ones.

    Returns
    -------
    list of pytree of Sharding or None
        A prefix of the new values; None where nothing is known.
    """
    places = iter(where or ())
    found: list[Any] = []
    for before, after in zip(old, new, strict=True):
        leaves, tree = jax.tree.flatten(before)
        mine = [next(places, None) for _ in leaves]
        rest, tree_after = jax.tree.flatten(after)
        if tree != tree_after or not any(one is not None for one in mine):
            found.append(None)
            continue
        rows = zip(mine, leaves, rest, strict=True)
        kept = [place if a.shape == b.shape else None for place, a, b in rows]
        found.append(tree.unflatten(kept))
    return found


def put_back(old: Sequence[Any], new: Sequence[Any]) -> Sequence[Any]:
    """Return the new values, put where the old ones lie.

    Parameters
    ----------
    old, new : sequence of pytree
        Values of the States before and after; traced ones stay as they are.
    """
    where = placement(old)
    if where is None:
        return new
    moved = []
    for value, places in zip(new, same_places(old, new, where), strict=True):
        leaves, tree = jax.tree.flatten(value)
        wanted = jax.tree.leaves(places, is_leaf=lambda x: x is None)
        if len(wanted) == len(leaves):
            leaves = [_put(x, place) for x, place in zip(leaves, wanted, strict=True)]
        moved.append(tree.unflatten(leaves))
    return moved


def _put(leaf: Any, place: Sharding | None) -> Any:
    if place is None or isinstance(leaf, Tracer):
        return leaf
    if leaf.sharding.is_equivalent_to(place, leaf.ndim):
        return leaf
    return jax.device_put(leaf, place)
