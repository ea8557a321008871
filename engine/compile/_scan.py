"""scan and for_loop over bodies that use States, plain and checkpointed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .._functional import Traced, lift, trace
from ._fit import LoopError, begin, check_step, like
from ._native import natively
from ._progress import ProgressBar, numbered
from ._retrace import note_loop


def _length(xs: Any, length: int | None, where: str) -> int:
    """Return the number of steps, from the leading axis of every leaf."""
    lengths = set()
    for leaf in jax.tree.leaves(xs):
        shape = jnp.shape(leaf)
        if not shape:
            raise LoopError(
                f"{where}: an argument is a scalar; every array needs a leading axis "
                "to loop over. Use functools.partial for what stays the same."
            )
        lengths.add(shape[0])
    if length is not None:
        lengths.add(int(length))
    if not lengths:
        raise LoopError(f"{where}: there is nothing to loop over. Give `length`.")
    if len(lengths) > 1:
        raise LoopError(
            f"{where}: the leading axes have the lengths {sorted(lengths)}; "
            "they need to be equal, and equal to `length` if it is given."
        )
    return lengths.pop()


def _first(xs: Any) -> Any:
    """Return the shapes of one step."""
    return jax.tree.map(
        lambda x: jax.ShapeDtypeStruct(jnp.shape(x)[1:], jnp.result_type(x)), xs
    )


def _step(
    where: str,
    f: Callable[..., Any],
    init: Any,
    xs: Any,
) -> tuple[Any, Any]:
    """Return the traced step, and its first carry."""
    init = jax.tree.map(jnp.asarray, init)
    traced = trace(f, init, _first(xs), where=where)
    carry, _ = _two(traced.out, where)
    begun = begin(init, carry)
    if begun is not None:
        init = begun
        traced = trace(f, init, _first(xs), where=where)
        carry, _ = _two(traced.out, where)
    check_step(where, f, traced, [(jax.tree.map(jax.typeof, init), carry)])
    note_loop(where, f, traced.effects, (init, xs))
    return traced, init


def _two(out: Any, where: str) -> Any:
    if not isinstance(out, (tuple, list)) or len(out) != 2:
        raise LoopError(
            f"{where}: the function returns {type(out).__name__}; "
            "it needs to return (carry, output)."
        )
    return out


def scan(
    f: Callable[..., Any],
    init: Any,
    xs: Any,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
    pbar: ProgressBar | None = None,
) -> tuple[Any, Any]:
    """Run `carry, y = f(carry, x)` for every x, States being part of the carry.

    Parameters
    ----------
    f : callable
        The step.
    init : pytree
        First carry.
    xs : pytree of arrays, shape (n_steps, ...)
        What is looped over, or None.
    length : int, optional
        Number of steps, if `xs` is None.
    reverse : bool, default False
        From the last to the first.
    unroll : int or bool, default 1
        Steps in one turn of the compiled loop.
    pbar : ProgressBar, optional
        Shows how far it is.

    Returns
    -------
    carry : pytree
        The last carry.
    ys : pytree of arrays, shape (n_steps, ...)
        The outputs.

    Raises
    ------
    LoopError
        If lengths differ or there is nothing to loop over.
    CarryError
        If the carry or a State changes its structure, shape, type or unit.
    """
    return _scan("scan", f, init, xs, length, reverse, unroll, pbar)


def _scan(
    where: str,
    f: Callable[..., Any],
    init: Any,
    xs: Any,
    length: int | None,
    reverse: bool,
    unroll: int | bool,
    pbar: ProgressBar | None,
) -> tuple[Any, Any]:
    n = _length(xs, length, where)
    traced, init = _step(where, f, init, xs)
    body = _with_values(traced)

    def run(values: Any, init: Any, xs: Any) -> Any:
        first, found = (list(values), init), None
        if not reverse:
            found = natively(traced.pure.jaxpr.jaxpr, body, first, xs, n, pbar)
        if found is None:
            whole = numbered(body, xs, n, pbar)
            found = lax.scan(
                whole[0], first, whole[1], length=n, reverse=reverse, unroll=unroll
            )
        (values, carry), ys = found
        return values, (carry, ys)

    return lift(run, traced.effects, init, xs)


def _with_values(traced: Traced) -> Callable[[Any, Any], Any]:
    """Return a step whose carry is the values of States, and the carry of the user."""

    def body(carry: Any, x: Any) -> Any:
        values, (new, y) = traced.call(carry[0], carry[1], x)
        return (like(values, carry[0]), like(new, carry[1])), y

    return body


def checkpointed_scan(
    f: Callable[..., Any],
    init: Any,
    xs: Any,
    length: int | None = None,
    base: int = 16,
    pbar: ProgressBar | None = None,
) -> tuple[Any, Any]:
    r"""Scan that keeps few values for the gradient and computes the others again.

    The steps are a tree of loops of `base` turns, each checkpointed: memory grows as
    :math:`base \log_{base} n`, time by one forward pass a level.

    Parameters
    ----------
    f, init, xs, length, pbar
        As in `scan`.
    base : int, default 16
        Turns of a loop of the tree.

    References
    ----------
    Griewank and Walther, Evaluating Derivatives (2008), chapter 12.
    """
    return _checkpointed("checkpointed_scan", f, init, xs, length, base, pbar)


def _checkpointed(
    where: str,
    f: Callable[..., Any],
    init: Any,
    xs: Any,
    length: int | None,
    base: int,
    pbar: ProgressBar | None,
) -> tuple[Any, Any]:
    if not isinstance(base, int) or base < 2:
        raise LoopError(f"{where}: base is {base!r}; it needs 2 or more.")
    n = _length(xs, length, where)
    traced, init = _step(where, f, init, xs)
    body, xs = numbered(_with_values(traced), xs, n, pbar)
    levels = max(1, math.ceil(math.log(max(n, 2), base) - 1e-9))
    padded = base**levels

    def step(carry: Any, item: Any) -> Any:
        is_real, x = item

        def real(carry: Any) -> Any:
            return body(carry, x)

        def skip(carry: Any) -> Any:
            blank = jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), traced.out[1])
            return carry, blank

        return lax.cond(is_real, real, skip, carry)

    def level(depth: int) -> Callable[..., Any]:
        if depth == 0:
            return step
        inner = level(depth - 1)
        return jax.checkpoint(lambda carry, xs: lax.scan(inner, carry, xs))

    def fold(x: Any) -> Any:
        x = jnp.concatenate([x, jnp.broadcast_to(x[-1:], (padded - n, *x.shape[1:]))])
        return x.reshape((base,) * levels + x.shape[1:])

    def run(values: Any, init: Any, xs: Any) -> Any:
        items = (
            jnp.arange(padded).reshape((base,) * levels) < n,
            jax.tree.map(fold, xs),
        )
        (values, carry), ys = level(levels)((list(values), init), items)
        ys = jax.tree.map(lambda y: y.reshape(padded, *y.shape[levels:])[:n], ys)
        return values, (carry, ys)

    return lift(run, traced.effects, init, xs)


def for_loop(
    f: Callable[..., Any],
    *xs: Any,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
    pbar: ProgressBar | None = None,
) -> Any:
    """Run `f(*x)` for every step and stack what it returns.

    Parameters
    ----------
    f : callable
        The step; what it keeps from one to the next is in States.
    *xs : pytrees of arrays, shape (n_steps, ...)
        What is looped over.
    length, reverse, unroll, pbar
        As in `scan`.

    Returns
    -------
    pytree of arrays, shape (n_steps, ...)
        The outputs.
    """
    step = _without_carry(f)
    _, ys = _scan("for_loop", step, None, xs, length, reverse, unroll, pbar)
    return ys


def checkpointed_for_loop(
    f: Callable[..., Any],
    *xs: Any,
    length: int | None = None,
    base: int = 16,
    pbar: ProgressBar | None = None,
) -> Any:
    """Run `for_loop` with the memory of `checkpointed_scan` under gradients.

    Parameters
    ----------
    f, *xs, length, pbar
        As in `for_loop`.
    base : int, default 16
        As in `checkpointed_scan`.
    """
    where, step = "checkpointed_for_loop", _without_carry(f)
    _, ys = _checkpointed(where, step, None, xs, length, base, pbar)
    return ys


def _without_carry(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda carry, x: (carry, f(*x))
