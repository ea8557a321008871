"""cond, switch and ifelse over branches that use States."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .._functional import Effects, lift, trace
from ._error_if import jit_error_if
from ._fit import BranchError, check_branches

_NONE_TRUE = (
    "ifelse: no condition is true and there is no branch beyond them. "
    "Make the last condition True for an `else`, or make sure that one holds."
)


def _branch(
    where: str, chosen: Any, branches: Sequence[Any], operands: tuple[Any, ...]
) -> Any:
    """Trace every branch, and run the chosen one over the union of their States."""
    traced = [
        trace(_as_function(b), *operands, where=f"{where}, branch {i}")
        for i, b in enumerate(branches)
    ]
    effects = Effects()
    for one in traced:
        effects = effects | one.effects
    check_branches(where, branches, traced, effects)
    calls = [one.over(effects) for one in traced]
    return lift(lambda values, *args: chosen(calls, values, *args), effects, *operands)


def _as_function(branch: Any) -> Callable[..., Any]:
    """Return the branch; one that is a value becomes a function that returns it."""
    return branch if callable(branch) else lambda *_: branch


def cond(pred: Any, true_fun: Any, false_fun: Any, *operands: Any) -> Any:
    """Run one of two functions.

    Parameters
    ----------
    pred : bool, shape ()
        Which one; traced or not.
    true_fun, false_fun : callable
        Of the operands; they return the same structure, shapes and types. A State
        that only one of them writes keeps its value in the other.
    *operands
        Arguments of both.

    Raises
    ------
    BranchOutputError
        If they return or leave values of different structure, shape, type or unit.

    Returns
    -------
    pytree
        What the chosen one returns.
    """
    pred = jnp.asarray(pred).astype(bool)
    return _branch(
        "cond",
        lambda calls, values, *args: lax.cond(pred, *calls, values, *args),
        (true_fun, false_fun),
        operands,
    )


def switch(index: Any, branches: Sequence[Any], *operands: Any) -> Any:
    """Run one of several functions.

    Parameters
    ----------
    index : int, shape ()
        Which one; clamped to the first and the last.
    branches : sequence of callable
        Of the operands; they return the same structure, shapes and types.
    *operands
        Arguments of all.

    Raises
    ------
    BranchError
        If there is no branch, or the index is no single integer.
    """
    if not branches:
        raise BranchError("switch: there is no branch. Give at least one.")
    index = jnp.asarray(index)
    if index.shape or not jnp.issubdtype(index.dtype, jnp.integer):
        raise BranchError(
            f"switch: the index is {index.dtype}{list(index.shape)}; "
            "it needs to be a single integer."
        )
    index = jnp.clip(index, 0, len(branches) - 1)
    return _branch(
        "switch",
        lambda calls, values, *args: lax.switch(index, calls, values, *args),
        tuple(branches),
        operands,
    )


def ifelse(
    conditions: Sequence[Any],
    branches: Sequence[Any],
    *operands: Any,
    check_cond: bool = True,
) -> Any:
    """Run the branch of the first condition that is true.

    Parameters
    ----------
    conditions : sequence of bool, shape ()
        Traced or not. One fewer than branches: the last branch is the `else`.
    branches : sequence of callable or constant
        One for each condition.
    *operands
        Arguments of all branches.
    check_cond : bool, default True
        Raise when no condition is true and there is no `else`.

    Raises
    ------
    BranchError
        If the numbers of conditions and branches do not fit.
    """
    n, needed = len(conditions), len(branches)
    if n not in (needed, needed - 1) or not branches:
        raise BranchError(
            f"ifelse: {n} conditions for {needed} branches. "
            "Give one for each branch, or leave out that of the last."
        )
    flags = jnp.stack([jnp.asarray(c).astype(bool).reshape(()) for c in conditions])
    if n < needed:
        flags = jnp.append(flags, True)
    elif check_cond:
        jit_error_if(jnp.logical_not(jnp.any(flags)), _NONE_TRUE)
    if needed == 1:
        return _branch(
            "ifelse",
            lambda calls, values, *args: calls[0](values, *args),
            branches,
            operands,
        )
    index = jnp.argmax(flags).astype(jnp.int32)
    return switch(jax.lax.stop_gradient(index), tuple(branches), *operands)
