"""Whether what a loop or a branch leaves behind fits what it began with.

JAX would say so too, but by position in a carry that the caller has never seen; here it
is told by State.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .._errors import EngineError
from .._functional import Effects, Traced
from .._where import kind_text, state_text

_CHANGES = (
    "{where}: {what} changes from {old} to {new} in one step; every step needs the "
    "same structure, shape, type and unit. {cure}"
)
_CURE_STATE = (
    "Write a value like the first, or give the State one like the last before the loop."
)
_CURE_CARRY = "Return a carry like the one given, or begin with one like that returned."
_BRANCHES = (
    "{where}: {state} is {one} after branch {i} and {other} after branch {j}. All "
    "branches have to leave the same structure, shape, type and unit."
)
_OUTPUTS = (
    "{where}: branch {i} returns {one} and branch {j} returns {other}. All branches "
    "have to return the same structure, shapes, types and units."
)


class LoopError(EngineError, ValueError):
    """The arguments of a loop do not fit together."""


class CarryError(LoopError, TypeError):
    """A State or the carry of a loop becomes something else in a step."""


class BranchError(EngineError, ValueError):
    """Branches or conditions do not fit together."""


class BranchOutputError(BranchError, TypeError):
    """Branches return or leave values of different kinds."""


def _fits(old: Any, new: Any) -> bool:
    """Tell whether a leaf may follow another in a loop: the cast loses nothing."""
    if old.shape != new.shape:
        return False
    if old.dtype == new.dtype:
        return True
    return jnp.promote_types(old.dtype, new.dtype) == old.dtype


def _is_weak(x: Any) -> bool:
    return bool(getattr(x, "weak_type", False))


def _same(old: Any, new: Any, fits: Callable[[Any, Any], bool]) -> bool:
    """Tell whether two pytrees have one structure (units too), and leaves that fit."""
    a, tree = jax.tree.flatten(old)
    b, other = jax.tree.flatten(new)
    return tree == other and all(map(fits, a, b))


def check_step(
    where: str, function: Any, traced: Traced, carries: Sequence[tuple[Any, Any]] = ()
) -> None:
    """Raise unless a step leaves States and carry as the next one needs them.

    Parameters
    ----------
    where : str
        The loop.
    function : callable
        The step, to find the paths of States.
    traced : Traced
        The same, traced.
    carries : sequence of (before, after)
        Shapes of the carry.

    Raises
    ------
    CarryError
        If something changes.
    """
    pairs = zip(traced.effects.states, traced.pure.state_avals(), strict=True)
    for state, (old, new) in pairs:
        if not _same(old, new, _fits):
            raise CarryError(
                _CHANGES.format(
                    where=where,
                    what=state_text(state, function),
                    old=kind_text(old),
                    new=kind_text(new),
                    cure=_CURE_STATE,
                )
            )
    for old, new in carries:
        if not _same(old, new, _fits):
            raise CarryError(
                _CHANGES.format(
                    where=where,
                    what="the carry",
                    old=kind_text(old),
                    new=kind_text(new),
                    cure=_CURE_CARRY,
                )
            )


def check_branches(
    where: str, functions: Sequence[Any], traced: Sequence[Traced], effects: Effects
) -> None:
    """Raise unless all branches leave and return values of one kind.

    Parameters
    ----------
    where : str
        The transformation.
    functions, traced : sequence
        The branches.
    effects : Effects
        The States of all of them.

    Raises
    ------
    BranchOutputError
        If two differ.
    """
    for state in effects.states:
        present = state.peek()  # a branch that does not touch it leaves it so
        kinds = [_after(one, state, present) for one in traced]
        for i, kind in enumerate(kinds[1:], 1):
            if not _same(kinds[0], kind, _fits_branch):
                raise BranchOutputError(
                    _BRANCHES.format(
                        where=where,
                        state=state_text(state, *functions),
                        one=kind_text(kinds[0]),
                        other=kind_text(kind),
                        i=0,
                        j=i,
                    )
                )
    for j, one in enumerate(traced[1:], 1):
        if not _same(traced[0].out, one.out, _fits_branch):
            raise BranchOutputError(
                _OUTPUTS.format(
                    where=where,
                    i=0,
                    j=j,
                    one=kind_text(traced[0].out),
                    other=kind_text(one.out),
                )
            )


def _after(traced: Traced, state: Any, present: Any) -> Any:
    if state in traced.effects.states:
        return traced.pure.state_avals()[traced.effects.states.index(state)][1]
    return jax.tree.map(jax.typeof, present)


def _fits_branch(a: Any, b: Any) -> bool:
    is_free = a.dtype == b.dtype or _is_weak(a) or _is_weak(b)
    return a.shape == b.shape and is_free


def like(new: Any, old: Any) -> Any:
    """Cast what a step returns to what it took, weak types included."""
    return jax.tree.map(
        lambda a, b: lax.convert_element_type(a, jnp.result_type(b)), new, old
    )


def begin(first: Any, after: Any) -> Any | None:
    """Return the first carry with Python numbers of the types that a step makes of them.

    Parameters
    ----------
    first : pytree of arrays
        The first carry.
    after : pytree of shapes
        The carry after one step.

    Returns
    -------
    pytree or None
        None if nothing changes, or nothing can: the step has to be traced again else.
    """
    if jax.tree.structure(first) != jax.tree.structure(after):
        return None
    is_changed = False

    def one(x: Any, aval: Any) -> Any:
        nonlocal is_changed
        mine = jax.typeof(x)
        is_free = _is_weak(mine) and mine.dtype != aval.dtype
        if is_free and jnp.promote_types(mine.dtype, aval.dtype) == aval.dtype:
            is_changed = True
            return lax.convert_element_type(x, aval.dtype)
        return x

    begun = jax.tree.map(one, first, after)
    return begun if is_changed else None
