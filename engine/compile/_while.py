"""while_loop over conditions and bodies that use States, plain and bounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .._functional import Effects, Traced, lift, trace
from .._where import state_text
from ._fit import LoopError, begin, check_step, like
from ._retrace import note_loop
from ._scan import checkpointed_scan

_COND_WRITES = (
    "{where}: the condition writes. {state} can only be read there; write it in the "
    "body."
)


def _traced(
    where: str, cond_fun: Callable[..., Any], body_fun: Callable[..., Any], init: Any
) -> tuple[Traced, Traced, Effects, Any]:
    """Return condition and body traced, their States, and the first value."""
    body = trace(body_fun, init, where=f"{where} body")
    begun = begin(init, body.out)
    if begun is not None:
        init = begun
        body = trace(body_fun, init, where=f"{where} body")
    test = trace(cond_fun, init, where=f"{where} condition")
    for state, is_written in zip(
        test.effects.states, test.effects.is_written, strict=True
    ):
        if is_written:
            text = state_text(state, cond_fun)
            raise LoopError(_COND_WRITES.format(where=where, state=text))
    check_step(where, body_fun, body, [(jax.tree.map(jax.typeof, init), body.out)])
    note_loop(where, body_fun, test.effects | body.effects, init)
    return test, body, test.effects | body.effects, init


def while_loop(
    cond_fun: Callable[..., Any], body_fun: Callable[..., Any], init_val: Any
) -> Any:
    """Run `val = body_fun(val)` while `cond_fun(val)` is true.

    Parameters
    ----------
    cond_fun : callable
        Returns a bool; it may read States, not write them.
    body_fun : callable
        Returns the next value, of the same structure; it may read and write States.
    init_val : pytree
        The first value; None if everything is in States.

    Returns
    -------
    pytree
        The last value.

    Raises
    ------
    LoopError
        If the condition writes a State.
    CarryError
        If the value or a State changes its structure, shape, type or unit.
    """
    init_val = jax.tree.map(jnp.asarray, init_val)
    test, body, effects, init_val = _traced("while_loop", cond_fun, body_fun, init_val)
    check, step = test.over(effects), body.over(effects)

    def run(values: Any, val: Any) -> Any:
        def go_on(carry: Any) -> Any:
            return jnp.asarray(check(*carry)[1]).astype(bool).reshape(())

        def turn(carry: Any) -> Any:
            new = step(*carry)
            return like(new[0], carry[0]), like(new[1], carry[1])

        return lax.while_loop(go_on, turn, (values, val))

    return lift(run, effects, init_val)


def bounded_while_loop(
    cond_fun: Callable[..., Any],
    body_fun: Callable[..., Any],
    init_val: Any,
    *,
    max_steps: int,
    base: int = 16,
) -> Any:
    """Run a while loop of at most `max_steps` turns that has a gradient.

    Parameters
    ----------
    cond_fun, body_fun, init_val
        As in `while_loop`.
    max_steps : int
        Turns at most.
    base : int, default 16
        Turns of a checkpointed loop; see `checkpointed_scan`.

    Raises
    ------
    LoopError
        If `max_steps` is negative or no integer, or the condition writes a State.
    """
    if not isinstance(max_steps, int) or max_steps < 0:
        raise LoopError(
            f"bounded_while_loop: max_steps is {max_steps!r}; it needs 0 or more."
        )
    init_val = jax.tree.map(jnp.asarray, init_val)
    if max_steps == 0:
        return init_val
    test, body, effects, init_val = _traced(
        "bounded_while_loop", cond_fun, body_fun, init_val
    )
    check, step = test.over(effects), body.over(effects)

    def run(values: Any, val: Any) -> Any:
        def turn(carry: Any, _: Any) -> Any:
            go_on = jnp.asarray(check(*carry)[1]).astype(bool).reshape(())

            def real(carry: Any) -> Any:
                new = step(*carry)
                return like(new[0], carry[0]), like(new[1], carry[1])

            return lax.cond(go_on, real, lambda c: c, carry), None

        (values, val), _ = checkpointed_scan(
            turn, (values, val), None, length=max_steps, base=base
        )
        return values, val

    return lift(run, effects, init_val)
