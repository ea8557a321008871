"""Lanes of a map in groups: one group after another, the lanes of a group at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp


def vmap_in_groups(
    function: Callable[..., Any],
    *,
    batch_size: int,
    axis_size: int | None = None,
    in_axes: Any,
    out_axes: Any,
) -> Callable[..., Any]:
    """Do as `jax.vmap` does, `batch_size` lanes at a time.

    Parameters
    ----------
    function : callable
        Of positional pytrees of arrays.
    batch_size : int
        Lanes of a group; the last group may be smaller.
    axis_size : int, optional
        Number of lanes, where no argument tells.
    in_axes, out_axes
        As in `jax.vmap`.
    """

    def run(*args: Any) -> Any:
        leaves, tree = jax.tree.flatten(args)
        axes = _spread(in_axes, args)
        rows = list(zip(leaves, axes, strict=True))
        mapped = [jnp.moveaxis(x, axis, 0) for x, axis in rows if axis is not None]
        n = axis_size if axis_size is not None else mapped[0].shape[0]
        mapped.append(jnp.arange(n))  # tells how many, should nothing else be mapped

        def group(lanes: list[Any]) -> Any:
            rest = iter(lanes)
            whole = [x if axis is None else next(rest) for x, axis in rows]
            in_front = [None if axis is None else 0 for axis in axes]
            return jax.vmap(
                lambda leaves, _: function(*tree.unflatten(leaves)),
                in_axes=(in_front, 0),
                out_axes=_in_front(out_axes),
            )(whole, lanes[-1])

        if batch_size >= n:
            out = group(mapped)
        else:
            out = _one_after_another(group, mapped, n, batch_size, out_axes)
        return _each(
            lambda x, axis: x if axis is None else jnp.moveaxis(x, 0, axis),
            out_axes,
            out,
        )

    return run


def _one_after_another(
    group: Callable[[list[Any]], Any], mapped: list[Any], n: int, size: int, axes: Any
) -> Any:
    count = n // size
    whole = [x[: count * size].reshape(count, size, *x.shape[1:]) for x in mapped]
    _, out = jax.lax.scan(lambda _, lanes: (None, group(lanes)), None, whole)

    def joined(x: Any, axis: int | None) -> Any:
        return x[0] if axis is None else x.reshape(count * size, *x.shape[2:])

    out = _each(joined, axes, out)
    if count * size == n:
        return out
    rest = group([x[count * size :] for x in mapped])
    return _each(
        lambda x, y, axis: x if axis is None else jnp.concatenate([x, y]),
        axes,
        out,
        rest,
    )


def _in_front(axes: Any) -> Any:
    return jax.tree.map(lambda _: 0, axes)


def _each(change: Callable[..., Any], axes: Any, *trees: Any) -> Any:
    """Apply ``change(leaf, ..., axis)``; `axes` is a prefix of the equal trees."""
    leaves = map(jax.tree.leaves, trees)
    found = map(change, *leaves, _spread(axes, trees[0]))
    return jax.tree.structure(trees[0]).unflatten(found)


def _spread(axes: Any, tree: Any) -> list[int | None]:
    """Return one axis for every leaf."""
    found: list[int | None] = []
    jax.tree.map(
        lambda axis, below: found.extend([axis] * len(jax.tree.leaves(below))),
        axes,
        tree,
        is_leaf=lambda x: x is None,
    )
    return found
